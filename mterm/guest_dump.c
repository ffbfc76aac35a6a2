// SPDX-License-Identifier: BSD-2-Clause
/*
 * `guest dump`: all that helps to find out what happened to a guest, at one moment: what its VCPUs
 * were doing, the memory that they point to, what there is. Only memory is read, never devices.
 */
#include <errno.h>

#include <corbel/arch.h>
#include <corbel/guest.h>
#include <mterm/collector.h>
#include <mterm/command.h>
#include <mterm/guest_parts.h>
#include <mterm/hex.h>
#include <mterm/lookup.h>

/* How much is shown before and from the row of an address on, bytes. */
#define CODE_BEFORE  16u
#define CODE_FROM    48u
#define STACK_BEFORE 0u
#define STACK_FROM   128u

/* Wide enough for the address, and the same for all of a window. */
static int digits_of(uint64_t address)
{
	return address >> 32 != 0 ? 16 : 8;
}

static void rows_print(const struct guest *guest, uint64_t address, gpa_t physical, uint64_t size,
		       struct printer *out)
{
	uint8_t bytes[HEX_ROW_BYTES];

	for (uint64_t done = 0; done < size; done += HEX_ROW_BYTES) {
		if (guest_memory_read(guest, gpa_add(physical, done), bytes, sizeof(bytes)) != 0) {
			print(out, "  no memory there\n");
			return;
		}
		hex_row_print(out, "  ", digits_of(address), address + done, bytes, sizeof(bytes));
	}
}

/* The bytes around a virtual address, as far as its page goes. */
static void window_print(const struct vcpu *vcpu, const char *what, uint64_t address,
			 uint64_t before, uint64_t from, struct printer *out)
{
	uint64_t page = ALIGN_DOWN(address, PAGE_SIZE), row = ALIGN_DOWN(address, HEX_ROW_BYTES);
	uint64_t begin = row - MIN(before, row - page);
	uint64_t size = row - begin + MIN(from, PAGE_SIZE - (row - page));
	gpa_t physical;

	print(out, "%s 0x%llx", what, (unsigned long long)address);
	if (!arch_vcpu_translate(vcpu, begin, &physical)) {
		print(out, ": no translation\n");
		return;
	}
	print(out, ", guest physical 0x%llx:\n",
	      (unsigned long long)(physical.raw + (address - begin)));
	rows_print(vcpu->guest, begin, physical, size, out);
}

static void vcpu_print(const struct vcpu *vcpu, struct printer *out)
{
	print(out, "\nVCPU %u: %s\n", vcpu->index, vcpu_state_name(vcpu));
	if (vcpu->crash_text[0] != '\0')
		print(out, "crashed: %s\n", vcpu->crash_text);
	arch_vcpu_cause_print(vcpu, out);
	arch_vcpu_registers_print(vcpu, out);
	window_print(vcpu, "code at", arch_vcpu_pointer_get(vcpu, VCPU_POINTER_PC), CODE_BEFORE,
		     CODE_FROM, out);
	window_print(vcpu, "stack at", arch_vcpu_pointer_get(vcpu, VCPU_POINTER_STACK),
		     STACK_BEFORE, STACK_FROM, out);
}

static void dump_visit(struct guest *guest, void *argument)
{
	struct printer *out = argument;
	struct guest_crashes crashes;

	guest_crashes_get(guest, &crashes);
	print(out, "guest %s: %s\n", guest->name, guest_state_name(guest->state));
	guest_crashes_print(&crashes, out);
	for (unsigned int i = 0; i < guest->vcpu_count; i++)
		vcpu_print(guest->vcpus[i], out);
	print(out, "\n");
	guest_regions_print(guest, out);
}

static int dump_run(struct terminal *terminal, struct printer *out, int argc, char **argv)
{
	struct guest *guest = guest_lookup(out, argv[0]);
	struct error error = { "" };
	struct collector collector;
	int result;

	(void)terminal;
	(void)argc;
	if (guest == NULL)
		return -ENOENT;
	collector_init(&collector);
	result = guest_inspect(guest, dump_visit, &collector.printer, &error);
	guest_release(guest);
	collector_print(&collector, out);
	collector_clear(&collector);
	return result == 0 ? 0 : command_error(out, result, &error);
}

static const struct command guest_dump = {
	.noun = "guest",
	.verb = "dump",
	.arguments = "NAME",
	.summary = "show what a guest's VCPUs were doing, and where",
	.help = "Of each VCPU: why it left the guest last and what exception it took last, its "
		"registers, the memory around\nits program counter and its stack pointer; then the "
		"guest's memory map. A guest that runs is held for\nthe moment.",
	.completion = COMPLETE_GUEST,
	.argument_min = 1,
	.argument_max = 1,
	.run = dump_run,
};
COMMAND_REGISTER(guest_dump);

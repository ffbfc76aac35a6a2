// SPDX-License-Identifier: BSD-2-Clause
/*
 * The RISC-V port's exits over a model of a hart: calls to the virtual firmware with any arguments,
 * accesses and faults as hardware may report them, guests' page tables. Before that the guest's
 * memory is mapped, and its second stage looked at entry by entry.
 *
 *	input	what the hart has, the guest's memory; then exits
 */
#include <errno.h>
#include <string.h>

#include <corbel/arch.h>

#include "../../arch/riscv/features.h"
#include "../../arch/riscv/gmem.h"
#include "../../arch/riscv/mmu.h"
#include "../../arch/riscv/sbi_numbers.h"
#include "../../arch/riscv/vcpu.h"
#include "../../arch/riscv/walk.h"
#include "../../core/guest_private.h"
#include "riscv_host.h"

#define VCPUS	      4u
#define EXIT_MAX      300u
#define RAM_BASE      UINT64_C(0x80000000)
#define ROOT_ENTRIES  2048u
#define TABLE_ENTRIES 512u

static struct guest guest;
static struct vcpu vcpus[VCPUS];
static struct cpu cpu;
static struct guest_plan plan;
static struct fuzz_input input;

/* ---- the second stage, read as the hart reads it ---- */

/* Where a guest physical address leads; false: nowhere. Priv 15.5. */
static bool stage_walk(uint64_t gpa, uint64_t *hpa, uint64_t *entry)
{
	uint64_t table = guest.arch.root.raw, entries = ROOT_ENTRIES;

	if (gpa >= arch_gmem_limit(&guest))
		return false;
	for (unsigned int level = guest.arch.levels; level-- > 0; entries = TABLE_ENTRIES) {
		uint64_t index = gpa / pte_span(level) % entries;

		*entry = *(uint64_t *)arch_hpa_to_pointer(HPA(table + 8 * index));
		if ((*entry & PTE_VALID) == 0)
			return false;
		table = pte_address(*entry).raw;
		if (!pte_is_leaf(*entry))
			continue;
		FUZZ_CHECK(table % pte_span(level) == 0);
		*hpa = table + gpa % pte_span(level);
		return true;
	}
	FUZZ_CHECK(!"the last level is a leaf");
	return false;
}

/* The tables say of each address what the regions say. */
static void stage_check(uint64_t gpa)
{
	const struct region *region = guest_region_find(&guest, GPA(gpa));
	uint64_t hpa = 0, entry = 0;
	bool there = stage_walk(gpa, &hpa, &entry);

	FUZZ_CHECK(there == (region != NULL && region->kind == REGION_RAM));
	if (!there)
		return;
	FUZZ_CHECK(hpa == region->host.raw + (gpa - region->base.raw));
	FUZZ_CHECK((entry & (PTE_USER | PTE_READ | PTE_WRITE | PTE_EXECUTE)) ==
		   (PTE_USER | PTE_READ | PTE_WRITE | PTE_EXECUTE));
	FUZZ_CHECK((entry & (PTE_ACCESSED | PTE_DIRTY)) == (PTE_ACCESSED | PTE_DIRTY));
}

/* ---- a guest ---- */

/* RAM in ranges of some pages each, next to each other or far apart. */
static void plan_make(void)
{
	unsigned int count = 1 + input_choose(&input, 4);
	uint64_t base = (uint64_t)input_take(&input, 2) << 12;

	memset(&plan, 0, sizeof(plan));
	for (unsigned int i = 0; i < count; i++) {
		uint64_t size = (input_take(&input, 2) % 700 + 1) * PAGE_SIZE;
		uint64_t gap = input_take(&input, 3);

		plan.ranges[i] = (struct guest_range){ .base = base,
						       .size = size,
						       .index = i,
						       .kind = REGION_RAM };
		plan.ram_bytes += size;
		base += size + (gap >> 8) * PAGE_SIZE * ((gap & 1) != 0 ? 1 : 4096);
	}
	plan.range_count = count;
}

static bool guest_make(void)
{
	struct error error = { "" };
	int result;

	memset(&guest, 0, sizeof(guest));
	memset(vcpus, 0, sizeof(vcpus));
	memset(&cpu, 0, sizeof(cpu));
	processor_cpu = &cpu;
	FUZZ_CHECK(gmem_init() == 0);
	plan_make();
	guest.tree_file = "fuzz";
	FUZZ_CHECK(arch_guest_init(&guest, &error) == 0);
	result = guest_regions_create(&guest, &plan, &error);
	guest.vcpu_count = VCPUS;
	for (unsigned int i = 0; i < VCPUS; i++) {
		vcpus[i].guest = &guest;
		vcpus[i].index = i;
		guest.vcpus[i] = &vcpus[i];
		FUZZ_CHECK(arch_vcpu_init(&vcpus[i], &error) == 0);
	}
	return result == 0;
}

static void guest_end(void)
{
	arch_guest_destroy(&guest);
	guest_regions_destroy(&guest);
	FUZZ_CHECK(host_pages_used() == 0);
}

/* An address in RAM, at its edges, or any. */
static uint64_t address_take(void)
{
	uint8_t choice = input_byte(&input);
	const struct region *region =
		guest.region_count > 0 ? &guest.regions[choice / 8u % guest.region_count] : NULL;

	if (region == NULL || choice % 8 < 2)
		return input_take(&input, 8);
	if (choice % 8 < 4)
		return region->base.raw + region->size - 8 + input_byte(&input) % 16;
	return region->base.raw + input_take(&input, 3) % region->size;
}

static uint64_t argument_take(void)
{
	uint8_t choice = input_byte(&input);

	if (choice < 64)
		return choice;
	if (choice < 128)
		return address_take();
	if (choice < 160)
		return UINT64_MAX - (choice - 128);
	return input_take(&input, 8);
}

/* ---- exits ---- */

static void vcpu_switch(struct vcpu *vcpu)
{
	if (cpu.arch.loaded == vcpu)
		return;
	if (cpu.arch.loaded != NULL)
		arch_vcpu_save(cpu.arch.loaded);
	arch_vcpu_load(vcpu);
}

static uint64_t extension_take(void)
{
	static const uint64_t ids[] = { SBI_EXT_BASE, SBI_EXT_TIME, SBI_EXT_IPI,  SBI_EXT_RFENCE,
					SBI_EXT_HSM,  SBI_EXT_SRST, SBI_EXT_DBCN, 0 };
	uint8_t choice = input_byte(&input);

	return choice < 250 ? ids[choice % ARRAY_SIZE(ids)] : input_take(&input, 8);
}

static void call_make(struct vcpu *vcpu)
{
	struct arch_vcpu *arch = &vcpu->arch;

	arch->x[17] = extension_take();
	arch->x[16] = input_byte(&input) < 240 ? input_byte(&input) % 8 : input_take(&input, 8);
	for (unsigned int i = 10; i < 16; i++)
		arch->x[i] = argument_take();
	csr_write(CSR_SCAUSE, CAUSE_ECALL_VS);
}

static void fault_make(struct vcpu *vcpu)
{
	static const uint64_t causes[] = { CAUSE_LOAD_GUEST_PAGE,     CAUSE_STORE_GUEST_PAGE,
					   CAUSE_FETCH_GUEST_PAGE,    CAUSE_VIRTUAL_INSTRUCTION,
					   CAUSE_ILLEGAL_INSTRUCTION, CAUSE_LOAD_MISALIGNED };

	csr_write(CSR_SCAUSE, causes[input_choose(&input, ARRAY_SIZE(causes))]);
	csr_write(CSR_STVAL, argument_take());
	csr_write(CSR_HTVAL, argument_take());
	csr_write(CSR_HTINST, input_byte(&input) < 64 ? 0 : input_take(&input, 4));
	csr_write(CSR_SSTATUS, (input_byte(&input) & 1) != 0 ? SSTATUS_SPP : 0);
	csr_write(CSR_VSATP, argument_take());
	vcpu->arch.x[1 + input_choose(&input, 31)] = argument_take();
}

/* What SBI may answer: section 3. */
static void answer_check(const struct arch_vcpu *arch)
{
	int64_t error = (int64_t)arch->x[10];

	FUZZ_CHECK(error <= 0 && error >= SBI_ERR_ALREADY_STOPPED);
}

static void kind_check(const struct vcpu *vcpu, const struct vcpu_exit *exit)
{
	FUZZ_CHECK(exit->kind <= VCPU_EXIT_CRASH);
	if (exit->kind == VCPU_EXIT_MMIO)
		FUZZ_CHECK(exit->size == 1 || exit->size == 2 || exit->size == 4 ||
			   exit->size == 8);
	if (exit->kind == VCPU_EXIT_CRASH)
		FUZZ_CHECK(host_calls.crashes > 0);
	if (vcpu->arch.suspend == SUSPEND_NON_RETENTIVE)
		FUZZ_CHECK(guest_memory_is_ram(&guest, GPA(vcpu->arch.resume_entry), 2));
}

/* What core does about it, as far as the port hears of that. */
static void exit_serve(struct vcpu *vcpu, struct vcpu_exit *exit)
{
	uint64_t pc = vcpu->arch.pc;

	if (exit->kind == VCPU_EXIT_OFF)
		vcpu->on = false;
	if (exit->kind != VCPU_EXIT_MMIO)
		return;
	exit->value = input_take(&input, exit->size);
	if (input_byte(&input) == 1) {
		arch_vcpu_mmio_fault(vcpu, exit);
	} else {
		arch_vcpu_mmio_complete(vcpu, exit);
		FUZZ_CHECK(vcpu->arch.pc == pc + 2 || vcpu->arch.pc == pc + 4);
	}
}

static void exit_make(void)
{
	struct vcpu *vcpu = &vcpus[input_choose(&input, VCPUS)];
	struct vcpu_exit exit = { .kind = VCPU_EXIT_NONE };
	bool call = (input_byte(&input) & 1) != 0;

	vcpu_switch(vcpu);
	csr_write(CSR_SEPC, (uint64_t)input_take(&input, 2) << 1);
	if (call)
		call_make(vcpu);
	else
		fault_make(vcpu);
	memset(&host_calls, 0, sizeof(host_calls));
	hart_fences = 0;
	if (exit_fast(vcpu) == NULL && exit_handle(vcpu, &exit)) {
		kind_check(vcpu, &exit);
		exit_serve(vcpu, &exit);
	}
	if (call)
		answer_check(&vcpu->arch);
	FUZZ_CHECK(vcpu->arch.x[0] == 0);
	/* No call lasts longer than so many pages take, and prints more than that. */
	FUZZ_CHECK(hart_fences <= 66 && host_calls.debug_bytes <= 128);
	vcpu->arch.suspend = SUSPEND_NONE;
}

/* ---- the guest's own tables ---- */

static void memory_write(void)
{
	uint64_t address = address_take() & ~UINT64_C(7);
	uint64_t value = argument_take() >> 2 | (input_take(&input, 1) & 0xff);

	(void)guest_memory_write(&guest, GPA(address), &value, sizeof(value));
}

static void walk_check(void)
{
	uint64_t satp = (uint64_t)(7 + input_choose(&input, 5)) << ATP_MODE_SHIFT |
			address_take() >> PAGE_SHIFT;
	gpa_t out;

	(void)guest_walk(&vcpus[0], satp, argument_take(), &out);
}

static void operate(void)
{
	switch (input_choose(&input, 8)) {
	case 0:
		memory_write();
		break;
	case 1:
		walk_check();
		break;
	case 2:
		stage_check(address_take());
		break;
	default:
		exit_make();
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	input = (struct fuzz_input){ data, size };
	host_begin(&input);
	cpu_features = (uint32_t)input_take(&input, 2);
	access_init();
	if (guest_make()) {
		for (unsigned int i = 0; i < EXIT_MAX && input.left > 0; i++)
			operate();
		for (unsigned int i = 0; i < guest.region_count; i++) {
			stage_check(guest.regions[i].base.raw);
			stage_check(guest.regions[i].base.raw - 1);
			stage_check(guest.regions[i].base.raw + guest.regions[i].size - 1);
			stage_check(guest.regions[i].base.raw + guest.regions[i].size);
		}
	}
	guest_end();
	return 0;
}

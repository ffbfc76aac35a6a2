// SPDX-License-Identifier: BSD-2-Clause
/*
 * `vcpu`: the guests' virtual processors and what is in their registers.
 */
#include <errno.h>

#include <corbel/arch.h>
#include <corbel/guest.h>
#include <corbel/thread.h>
#include <mterm/collector.h>
#include <mterm/command.h>
#include <mterm/lookup.h>
#include <mterm/table.h>
#include <mterm/text.h>

static const struct table_column list_columns[] = {
	{ "GUEST", false },    { "VCPU", true }, { "STATE", false },
	{ "THREAD", true },    { "PRIO", true }, { "CPU", true },
	{ "AFFINITY", false }, { "TIME", true }, { "EXITS", true },
};

static uint64_t exits_total(const struct vcpu *vcpu)
{
	uint64_t total = 0;

	for (unsigned int cause = 0; cause < VCPU_EXIT_CAUSE_MAX; cause++)
		total += READ_ONCE(vcpu->exit_counts[cause]);
	return total;
}

static void list_row(struct table *table, const struct vcpu *vcpu)
{
	const struct thread *thread = vcpu->thread;
	const struct cpu *cpu = READ_ONCE(thread->cpu);
	struct text text;

	table_cell(table, "%s", vcpu->guest->name);
	table_cell(table, "%u", vcpu->index);
	table_cell(table, "%s", vcpu_state_name(vcpu));
	table_cell(table, "%u", thread->id);
	table_cell(table, "%u", READ_ONCE(thread->priority));
	if (cpu == NULL)
		table_cell(table, "-");
	else
		table_cell(table, "%u", cpu->index);
	table_cell(table, "%s", text_cpus(&text, READ_ONCE(thread->affinity)));
	table_cell(table, "%s", text_duration(&text, thread_run_time(thread)));
	table_cell(table, "%llu", (unsigned long long)exits_total(vcpu));
}

static void guest_rows(struct guest *guest, void *argument)
{
	for (unsigned int i = 0; i < guest->vcpu_count; i++)
		list_row(argument, guest->vcpus[i]);
}

static int list_run(struct terminal *terminal, struct printer *out, int argc, char **argv)
{
	struct table table;
	int result;

	(void)terminal;
	table_init(&table, list_columns, ARRAY_SIZE(list_columns));
	result = guests_visit(out, argc > 0 ? argv[0] : NULL, guest_rows, &table);
	if (result == 0)
		table_print(&table, out);
	table_clear(&table);
	return result;
}

static const struct command vcpu_list = {
	.noun = "vcpu",
	.verb = "list",
	.arguments = "[GUEST]",
	.summary = "show VCPUs, where they run, their time and exits",
	.completion = COMPLETE_GUEST,
	.argument_max = 1,
	.run = list_run,
};
COMMAND_REGISTER(vcpu_list);

/* ---- regs ---- */

static void registers_print(const struct vcpu *vcpu, struct printer *out)
{
	print(out, "guest %s VCPU %u: %s\n", vcpu->guest->name, vcpu->index, vcpu_state_name(vcpu));
	if (vcpu->crash_text[0] != '\0')
		print(out, "crashed: %s\n", vcpu->crash_text);
	arch_vcpu_registers_print(vcpu, out);
}

struct registers_request {
	uint64_t index;
	struct printer *out;
};

static void registers_visit(struct guest *guest, void *argument)
{
	const struct registers_request *request = argument;

	registers_print(guest_vcpu(guest, request->index), request->out);
}

/* A VCPU that runs has its registers in the processor: its guest is held for the moment. */
static int registers_show(struct guest *guest, uint64_t index, struct printer *out)
{
	struct registers_request request = { .index = index };
	struct error error = { "" };
	struct collector collector;
	int result;

	if (guest_vcpu(guest, index) == NULL)
		return command_error_format(out, -EINVAL,
					    "guest %s has no VCPU %llu; it has %u, counted from 0",
					    guest->name, (unsigned long long)index,
					    guest->vcpu_count);
	collector_init(&collector);
	request.out = &collector.printer;
	result = guest_inspect(guest, registers_visit, &request, &error);
	collector_print(&collector, out);
	collector_clear(&collector);
	return result == 0 ? 0 : command_error(out, result, &error);
}

static int regs_run(struct terminal *terminal, struct printer *out, int argc, char **argv)
{
	struct guest *guest;
	uint64_t index;
	int result;

	(void)terminal;
	(void)argc;
	result = number_lookup(out, "INDEX", argv[1], &index);
	if (result < 0)
		return result;
	guest = guest_lookup(out, argv[0]);
	if (guest == NULL)
		return -ENOENT;
	result = registers_show(guest, index, out);
	guest_release(guest);
	return result;
}

static const struct command vcpu_regs = {
	.noun = "vcpu",
	.verb = "regs",
	.arguments = "GUEST INDEX",
	.summary = "show a VCPU's registers",
	.help = "A running guest is held while they are read.",
	.completion = COMPLETE_GUEST,
	.argument_min = 2,
	.argument_max = 2,
	.run = regs_run,
};
COMMAND_REGISTER(vcpu_regs);

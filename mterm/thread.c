// SPDX-License-Identifier: BSD-2-Clause
/*
 * `thread`: what the scheduler has to do.
 */
#include <corbel/cpu.h>
#include <corbel/thread.h>
#include <mterm/command.h>
#include <mterm/table.h>
#include <mterm/text.h>

static const struct table_column list_columns[] = {
	{ "ID", true },	 { "NAME", false },	{ "STATE", false }, { "PRIO", true },
	{ "CPU", true }, { "AFFINITY", false }, { "TIME", true },   { "SWITCHES", true },
};

static void list_row(struct thread *thread, void *argument)
{
	const struct cpu *cpu = READ_ONCE(thread->cpu);
	struct table *table = argument;
	struct text text;

	table_cell(table, "%u", thread->id);
	table_cell(table, "%s", thread->name);
	table_cell(table, "%s", thread_state_name(READ_ONCE(thread->state)));
	table_cell(table, "%u", READ_ONCE(thread->priority));
	if (cpu == NULL)
		table_cell(table, "-");
	else
		table_cell(table, "%u", cpu->index);
	table_cell(table, "%s", text_cpus(&text, READ_ONCE(thread->affinity)));
	table_cell(table, "%s", text_duration(&text, thread_run_time(thread)));
	table_cell(table, "%llu", (unsigned long long)READ_ONCE(thread->switch_count));
}

static int list_run(struct terminal *terminal, struct printer *out, int argc, char **argv)
{
	struct table table;

	(void)terminal;
	(void)argc;
	(void)argv;
	table_init(&table, list_columns, ARRAY_SIZE(list_columns));
	thread_for_each(list_row, &table);
	table_print(&table, out);
	table_clear(&table);
	return 0;
}

static const struct command thread_list = {
	.noun = "thread",
	.verb = "list",
	.arguments = "",
	.summary = "show all threads: VCPUs and Corbel's own",
	.help = "A higher PRIO runs first; CPU is where the thread runs or ran last; TIME is what it "
		"has used.",
	.run = list_run,
};
COMMAND_REGISTER(thread_list);

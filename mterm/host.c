// SPDX-License-Identifier: BSD-2-Clause
/*
 * `host`: the machine that Corbel runs on, and turning it off.
 */
#include <errno.h>
#include <string.h>

#include <corbel/arch.h>
#include <corbel/cpu.h>
#include <corbel/driver.h>
#include <corbel/guest.h>
#include <corbel/irq.h>
#include <corbel/object.h>
#include <corbel/page.h>
#include <corbel/thread.h>
#include <corbel/time.h>
#include <corbel/version.h>
#include <lib/bitops.h>
#include <mterm/command.h>
#include <mterm/table.h>
#include <mterm/text.h>

/* ---- info ---- */

static void guest_count(struct guest *guest, void *argument)
{
	unsigned int *count = argument;

	(void)guest;
	(*count)++;
}

static unsigned int cpus_online(void)
{
	return (unsigned int)bit_count(cpu_online_mask());
}

static int info_run(struct terminal *terminal, struct printer *out, int argc, char **argv)
{
	struct page_statistics pages;
	unsigned int guests = 0;
	struct text text;

	(void)terminal;
	(void)argc;
	(void)argv;
	page_statistics_get(&pages);
	guest_for_each(guest_count, &guests);
	print(out, "Corbel %s\n", corbel_version);
	print(out, "uptime     %s\n", text_duration(&text, time_now()));
	print(out, "CPUs       %u of %u online\n", cpus_online(), cpu_count());
	print(out, "memory     %llu MiB, %llu MiB free\n",
	      (unsigned long long)(pages.total_bytes / MIB(1)),
	      (unsigned long long)(pages.free_bytes / MIB(1)));
	print(out, "guests     %u\n", guests);
	arch_host_describe(out);
	return 0;
}

static const struct command host_info = {
	.noun = "host",
	.verb = "info",
	.arguments = "",
	.summary = "show Corbel's version, uptime, the processor and memory",
	.run = info_run,
};
COMMAND_REGISTER(host_info);

/* ---- cpus ---- */

static const struct table_column cpu_columns[] = {
	{ "CPU", true },  { "HARDWARE ID", true }, { "STATE", false }, { "RUNS", false },
	{ "IDLE", true }, { "INTERRUPTS", true },  { "IPIS", true },
};

struct runner {
	const struct thread *thread;
	char name[THREAD_NAME_SIZE];
};

/* Under the list's mutex no thread goes away, so its name can be read. */
static void runner_name(struct thread *thread, void *argument)
{
	struct runner *runner = argument;

	if (thread == runner->thread)
		memcpy(runner->name, thread->name, sizeof(runner->name));
}

static void cpu_row(struct table *table, const struct cpu *cpu)
{
	struct runner runner = { READ_ONCE(cpu->current), "-" };
	struct text text;

	thread_for_each(runner_name, &runner);
	table_cell(table, "%u", cpu->index);
	table_cell(table, "%llu", (unsigned long long)cpu->hardware_id);
	table_cell(table, "%s", READ_ONCE(cpu->online) ? "online" : "offline");
	table_cell(table, "%s", runner.name);
	table_cell(table, "%s",
		   cpu->idle == NULL ? "-" : text_duration(&text, thread_run_time(cpu->idle)));
	table_cell(table, "%llu", (unsigned long long)READ_ONCE(cpu->interrupt_count));
	table_cell(table, "%llu", (unsigned long long)READ_ONCE(cpu->ipi_count));
}

static int cpus_run(struct terminal *terminal, struct printer *out, int argc, char **argv)
{
	struct table table;

	(void)terminal;
	(void)argc;
	(void)argv;
	table_init(&table, cpu_columns, ARRAY_SIZE(cpu_columns));
	for (unsigned int index = 0; index < cpu_count(); index++)
		cpu_row(&table, cpu_get(index));
	table_print(&table, out);
	table_clear(&table);
	return 0;
}

static const struct command host_cpus = {
	.noun = "host",
	.verb = "cpus",
	.arguments = "",
	.summary = "show the host's processors and what each runs",
	.run = cpus_run,
};
COMMAND_REGISTER(host_cpus);

/* ---- mem ---- */

static const struct table_column memory_columns[] = { { "USE", false }, { "BYTES", true } };

static void memory_row(struct table *table, const char *use, uint64_t bytes)
{
	table_cell(table, "%s", use);
	table_cell(table, "%llu", (unsigned long long)bytes);
}

static void pages_print(const struct page_statistics *pages, struct printer *out)
{
	struct table table;

	table_init(&table, memory_columns, ARRAY_SIZE(memory_columns));
	for (unsigned int use = 0; use < PAGE_USE_COUNT; use++)
		memory_row(&table, page_use_name((enum page_use)use), pages->used_bytes[use]);
	memory_row(&table, "free", pages->free_bytes);
	memory_row(&table, "total", pages->total_bytes);
	table_print(&table, out);
	table_clear(&table);
}

static int mem_run(struct terminal *terminal, struct printer *out, int argc, char **argv)
{
	struct object_statistics objects;
	struct page_statistics pages;

	(void)terminal;
	if (argc > 0 && strcmp(argv[0], "-v") != 0)
		return command_error_format(out, -EINVAL, "\"%s\" means nothing here; -v would",
					    argv[0]);
	/* Both before the first table, which takes memory itself. */
	object_trim();
	page_statistics_get(&pages);
	object_statistics_get(&objects);
	pages_print(&pages, out);
	print(out, "%llu objects of %llu bytes in %llu bytes of pages\n",
	      (unsigned long long)objects.live_count, (unsigned long long)objects.live_bytes,
	      (unsigned long long)objects.page_bytes);
	if (argc > 0)
		object_print(out);
	return 0;
}

static const struct command host_mem = {
	.noun = "host",
	.verb = "mem",
	.arguments = "[-v]",
	.summary = "show what the host's memory is used for, in bytes",
	.help = "Empty slabs are given back first, so that the figures before and after a piece of "
		"work can be compared.\nWith -v a debug build also lists live objects by the function "
		"that allocated them.",
	.argument_max = 1,
	.run = mem_run,
};
COMMAND_REGISTER(host_mem);

/* ---- irq, dev ---- */

static int irq_run(struct terminal *terminal, struct printer *out, int argc, char **argv)
{
	(void)terminal;
	(void)argc;
	(void)argv;
	irq_print(out);
	return 0;
}

static const struct command host_irq = {
	.noun = "host",
	.verb = "irq",
	.arguments = "",
	.summary = "show the host's interrupt lines that are in use",
	.run = irq_run,
};
COMMAND_REGISTER(host_irq);

static int dev_run(struct terminal *terminal, struct printer *out, int argc, char **argv)
{
	(void)terminal;
	(void)argc;
	(void)argv;
	drivers_print(out);
	return 0;
}

static const struct command host_dev = {
	.noun = "host",
	.verb = "dev",
	.arguments = "",
	.summary = "show the host's devices and their drivers",
	.run = dev_run,
};
COMMAND_REGISTER(host_dev);

/* ---- poweroff, reboot ---- */

static int poweroff_run(struct terminal *terminal, struct printer *out, int argc, char **argv)
{
	(void)terminal;
	(void)argc;
	(void)argv;
	arch_host_poweroff();
	return command_error_format(out, -EIO, "the firmware does not turn the host off");
}

static const struct command host_poweroff = {
	.noun = "host",
	.verb = "poweroff",
	.arguments = "",
	.summary = "turn the host off, at once",
	.help = "Guests are not asked.",
	.run = poweroff_run,
};
COMMAND_REGISTER(host_poweroff);

static int reboot_run(struct terminal *terminal, struct printer *out, int argc, char **argv)
{
	(void)terminal;
	(void)argc;
	(void)argv;
	arch_host_reboot();
	return command_error_format(out, -EIO, "the firmware does not reboot the host");
}

static const struct command host_reboot = {
	.noun = "host",
	.verb = "reboot",
	.arguments = "",
	.summary = "reboot the host, at once",
	.help = "Guests are not asked.",
	.run = reboot_run,
};
COMMAND_REGISTER(host_reboot);

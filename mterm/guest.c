// SPDX-License-Identifier: BSD-2-Clause
/*
 * `guest`: making guests, their life cycle, and what they consist of. What the operations do is
 * core's affair; here are only the words.
 */
#include <errno.h>

#include <backend/console.h>
#include <corbel/guest.h>
#include <corbel/time.h>
#include <mterm/command.h>
#include <mterm/guest_parts.h>
#include <mterm/lookup.h>
#include <mterm/table.h>
#include <mterm/text.h>

/* ---- list ---- */

static const struct table_column list_columns[] = {
	{ "NAME", false },  { "STATE", false }, { "VCPUS", true },
	{ "MEMORY", true }, { "TREE", false },
};

static void list_row(struct guest *guest, void *argument)
{
	struct table *table = argument;
	struct text memory;

	table_cell(table, "%s", guest->name);
	table_cell(table, "%s", guest_state_name(guest->state));
	table_cell(table, "%u", guest->vcpu_count);
	table_cell(table, "%s", text_bytes(&memory, guest->ram_bytes));
	table_cell(table, "%s", guest->tree_file);
}

static int list_run(struct terminal *terminal, struct printer *out, int argc, char **argv)
{
	struct table table;

	(void)terminal;
	(void)argc;
	(void)argv;
	table_init(&table, list_columns, ARRAY_SIZE(list_columns));
	guest_for_each(list_row, &table);
	table_print(&table, out);
	table_clear(&table);
	return 0;
}

static const struct command guest_list = {
	.noun = "guest",
	.verb = "list",
	.arguments = "",
	.summary = "show the guests and their states",
	.help = "A guest is stopped until it is started, then running or paused; crashed, where it "
		"could not go on.",
	.run = list_run,
};
COMMAND_REGISTER(guest_list);

/* ---- create ---- */

static int create_run(struct terminal *terminal, struct printer *out, int argc, char **argv)
{
	struct error error = { "" };
	struct guest *guest;
	int result = guest_create(argv[0], &guest, &error);

	(void)terminal;
	(void)argc;
	if (result < 0)
		return command_error(out, result, &error);
	print(out, "guest %s: created\n", guest->name);
	guest_release(guest);
	return 0;
}

static const struct command guest_create_command = {
	.noun = "guest",
	.verb = "create",
	.arguments = "TREE",
	.summary = "make a guest from a device tree in the bundle",
	.help = "Its memory is taken and its devices and VCPUs are made; `guest start` loads its "
		"files and runs it.\nThe guest's name is what the tree says.",
	.completion = COMPLETE_BUNDLE_FILE,
	.argument_min = 1,
	.argument_max = 1,
	.run = create_run,
};
COMMAND_REGISTER(guest_create_command);

/* ---- life cycle: what they share ---- */

typedef int guest_operation_t(struct guest *guest, struct error *error);

/*
 * One line says what became of the guest: `done`, or where that is NULL its state. It comes once
 * the reference is gone: a guest that was destroyed has then given back all it had.
 */
static int guest_operate(struct printer *out, const char *name, guest_operation_t *operation,
			 const char *done)
{
	struct error error = { "" };
	struct guest *guest = guest_lookup(out, name);
	int result;

	if (guest == NULL)
		return -ENOENT;
	result = operation(guest, &error);
	if (done == NULL)
		done = guest_state_name(guest->state);
	guest_release(guest);
	if (result < 0)
		return command_error(out, result, &error);
	print(out, "guest %s: %s\n", name, done);
	return 0;
}

static int start_run(struct terminal *terminal, struct printer *out, int argc, char **argv)
{
	(void)terminal;
	(void)argc;
	return guest_operate(out, argv[0], guest_start, NULL);
}

static int pause_run(struct terminal *terminal, struct printer *out, int argc, char **argv)
{
	(void)terminal;
	(void)argc;
	return guest_operate(out, argv[0], guest_pause, NULL);
}

static int resume_run(struct terminal *terminal, struct printer *out, int argc, char **argv)
{
	(void)terminal;
	(void)argc;
	return guest_operate(out, argv[0], guest_resume, NULL);
}

static int reset_run(struct terminal *terminal, struct printer *out, int argc, char **argv)
{
	(void)terminal;
	(void)argc;
	return guest_operate(out, argv[0], guest_reset, NULL);
}

static int stop_run(struct terminal *terminal, struct printer *out, int argc, char **argv)
{
	(void)terminal;
	(void)argc;
	return guest_operate(out, argv[0], guest_stop, NULL);
}

static int destroy_run(struct terminal *terminal, struct printer *out, int argc, char **argv)
{
	(void)terminal;
	(void)argc;
	return guest_operate(out, argv[0], guest_destroy, "destroyed");
}

#define GUEST_COMMAND(identifier, verb_name, run_function, summary_text, help_text) \
	static const struct command identifier = {                                  \
		.noun = "guest",                                                    \
		.verb = verb_name,                                                  \
		.arguments = "NAME",                                                \
		.summary = summary_text,                                            \
		.help = help_text,                                                  \
		.completion = COMPLETE_GUEST,                                       \
		.argument_min = 1,                                                  \
		.argument_max = 1,                                                  \
		.run = run_function,                                                \
	};                                                                          \
	COMMAND_REGISTER(identifier)

GUEST_COMMAND(guest_start_command, "start", start_run, "load a guest's files and run it",
	      "The guest must be stopped or crashed.");
GUEST_COMMAND(guest_pause_command, "pause", pause_run, "hold a running guest",
	      "All its VCPUs stand still when the command is done; its time goes on.");
GUEST_COMMAND(guest_resume_command, "resume", resume_run, "let a paused guest go on", NULL);
GUEST_COMMAND(
	guest_reset_command, "reset", reset_run, "press a guest's reset button",
	"Its devices are reset, its files are loaded afresh, and it starts from the beginning.");
GUEST_COMMAND(guest_stop_command, "stop", stop_run, "cut a guest's power",
	      "The guest is not asked. Its memory is kept for the next start.");
GUEST_COMMAND(guest_destroy_command, "destroy", destroy_run, "stop a guest and free all it has",
	      NULL);

/* ---- console ---- */

static int console_run(struct terminal *terminal, struct printer *out, int argc, char **argv)
{
	struct error error = { "" };
	int result = console_attach(argv[0], argc > 1 ? argv[1] : NULL, &error);

	(void)terminal;
	return result < 0 ? command_error(out, result, &error) : 0;
}

static const struct command guest_console = {
	.noun = "guest",
	.verb = "console",
	.arguments = "NAME [LINE]",
	.summary = "go to a guest's serial line; Ctrl-] comes back",
	.help = "What the guest printed meanwhile, at most the last 64 KiB, is shown first. LINE is "
		"the name of the serial\ndevice's node, such as serial@10000000; without it the "
		"guest's first is taken.",
	.completion = COMPLETE_GUEST,
	.argument_min = 1,
	.argument_max = 2,
	.run = console_run,
};
COMMAND_REGISTER(guest_console);

/* ---- info ---- */

static void fact_name(struct table *table, const char *name)
{
	table_cell(table, "%s", name);
}

static void facts_print(const struct guest *guest, const struct guest_crashes *crashes,
			struct printer *out)
{
	const struct table_column columns[] = { { "GUEST", false }, { guest->name, false } };
	struct table table;
	struct text memory;

	table_init(&table, columns, ARRAY_SIZE(columns));
	fact_name(&table, "state");
	table_cell(&table, "%s", guest_state_name(guest->state));
	fact_name(&table, "tree");
	table_cell(&table, "%s", guest->tree_file);
	fact_name(&table, "memory");
	table_cell(&table, "%s", text_bytes(&memory, guest->ram_bytes));
	fact_name(&table, "VCPUs");
	table_cell(&table, "%u", guest->vcpu_count);
	fact_name(&table, "starts");
	table_cell(&table, "%llu", (unsigned long long)guest->start_count);
	fact_name(&table, "on crash");
	table_cell(&table, "%s", guest_crash_policy_name(guest->on_crash));
	fact_name(&table, "crashes");
	table_cell(&table, "%llu", (unsigned long long)crashes->count);
	table_print(&table, out);
	table_clear(&table);
}

static const char *region_kind_name(enum region_kind kind)
{
	switch (kind) {
	case REGION_RAM:
		return "RAM";
	case REGION_ROM:
		return "ROM";
	case REGION_DEVICE:
		return "device";
	case REGION_PASSTHROUGH:
		return "passthrough";
	}
	return "?";
}

static const struct table_column region_columns[] = {
	{ "BASE", false }, { "END", false }, { "SIZE", true }, { "KIND", false }, { "WHAT", false },
};

static void region_row(struct table *table, const struct region *region)
{
	struct text size;

	table_cell(table, "0x%012llx", (unsigned long long)region->base.raw);
	table_cell(table, "0x%012llx", (unsigned long long)(region->base.raw + region->size - 1));
	table_cell(table, "%s", text_bytes(&size, region->size));
	table_cell(table, "%s", region_kind_name(region->kind));
	if (region->kind == REGION_DEVICE)
		table_cell(table, "%s", region->vdev->name);
	else if (region->kind == REGION_PASSTHROUGH)
		table_cell(table, "%s: the host's at 0x%llx", region->vdev->name,
			   (unsigned long long)region->host.raw);
	else
		table_cell(table, "on host memory at 0x%llx", (unsigned long long)region->host.raw);
}

void guest_regions_print(const struct guest *guest, struct printer *out)
{
	struct table table;

	table_init(&table, region_columns, ARRAY_SIZE(region_columns));
	for (unsigned int i = 0; i < guest->region_count; i++)
		region_row(&table, &guest->regions[i]);
	table_print(&table, out);
	table_clear(&table);
}

void guest_crashes_print(const struct guest_crashes *crashes, struct printer *out)
{
	uint64_t now = time_now();
	struct text duration;

	if (crashes->count > 0)
		print(out, "last crash %s ago: %s\n",
		      text_duration(&duration, now - MIN(now, crashes->last_ns)), crashes->text);
	if (crashes->restart_ns != TIME_NEVER)
		print(out, "restarts in %s\n",
		      text_duration(&duration,
				    crashes->restart_ns - MIN(now, crashes->restart_ns)));
}

/* A crashed guest still has what each of its VCPUs says. */
static void vcpu_crashes_print(const struct guest *guest, struct printer *out)
{
	for (unsigned int i = 0; i < guest->vcpu_count; i++) {
		if (guest->state == GUEST_CRASHED && guest->vcpus[i]->crash_text[0] != '\0')
			print(out, "VCPU %u crashed: %s\n", i, guest->vcpus[i]->crash_text);
	}
}

static int info_run(struct terminal *terminal, struct printer *out, int argc, char **argv)
{
	struct guest *guest = guest_lookup(out, argv[0]);
	struct guest_crashes crashes;

	(void)terminal;
	(void)argc;
	if (guest == NULL)
		return -ENOENT;
	guest_crashes_get(guest, &crashes);
	facts_print(guest, &crashes, out);
	vcpu_crashes_print(guest, out);
	guest_crashes_print(&crashes, out);
	print(out, "\n");
	guest_regions_print(guest, out);
	guest_release(guest);
	return 0;
}

GUEST_COMMAND(guest_info, "info", info_run, "show what a guest consists of",
	      "`vcpu list` and `device list` say more about its VCPUs and devices.");

// SPDX-License-Identifier: BSD-2-Clause
/*
 * `help`: what commands there are and how each is used.
 */
#include <errno.h>
#include <string.h>

#include <mterm/command.h>
#include <mterm/table.h>

static const struct table_column command_columns[] = { { "COMMAND", false }, { "", false } };

static void command_row(struct table *table, const struct command *command)
{
	table_cell(table, "%s%s%s%s%s", command->noun, command->verb == NULL ? "" : " ",
		   command->verb == NULL ? "" : command->verb,
		   command->arguments[0] == '\0' ? "" : " ", command->arguments);
	table_cell(table, "%s", command->summary);
}

/* All commands, or all of a noun. */
static void commands_list(struct printer *out, const char *noun)
{
	const struct command *command;
	struct table table;

	table_init(&table, command_columns, ARRAY_SIZE(command_columns));
	for (command = command_next(NULL); command != NULL; command = command_next(command)) {
		if (noun == NULL || strcmp(command->noun, noun) == 0)
			command_row(&table, command);
	}
	table_print(&table, out);
	table_clear(&table);
}

static void command_describe(struct printer *out, const struct command *command)
{
	print(out, "usage: ");
	command_usage_print(out, command);
	print(out, "%s\n", command->summary);
	if (command->help != NULL)
		print(out, "%s\n", command->help);
}

static int help_command(struct terminal *terminal, struct printer *out, int argc, char **argv)
{
	const struct command *command;
	unsigned int used = 0;

	(void)terminal;
	if (argc == 0) {
		commands_list(out, NULL);
		print(out, "`help NOUN VERB` says more about a command; Ctrl-] leads here from a "
			   "guest's console\n");
		return 0;
	}
	command = command_find((unsigned int)argc, argv, &used);
	if (command != NULL && used == (unsigned int)argc) {
		command_describe(out, command);
		return 0;
	}
	if (argc == 1 && command_noun_exists(argv[0])) {
		commands_list(out, argv[0]);
		return 0;
	}
	command_unknown_print(out, (unsigned int)argc, argv);
	return -ENOENT;
}

static const struct command help = {
	.noun = "help",
	.arguments = "[NOUN [VERB]]",
	.summary = "list the commands, or explain one",
	.completion = COMPLETE_COMMAND,
	.argument_max = 2,
	.run = help_command,
};
COMMAND_REGISTER(help);

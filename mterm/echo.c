// SPDX-License-Identifier: BSD-2-Clause
/*
 * `echo`: lets a script say where it is.
 */
#include <mterm/command.h>

static int echo_run(struct terminal *terminal, struct printer *out, int argc, char **argv)
{
	(void)terminal;
	for (int i = 0; i < argc; i++)
		print(out, "%s%s", i > 0 ? " " : "", argv[i]);
	print(out, "\n");
	return 0;
}

static const struct command echo = {
	.noun = "echo",
	.arguments = "[TEXT]...",
	.summary = "print the text, for scripts",
	.argument_max = COMMAND_ARGUMENT_MAX,
	.run = echo_run,
};
COMMAND_REGISTER(echo);

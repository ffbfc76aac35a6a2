// SPDX-License-Identifier: BSD-2-Clause
/*
 * `log`: Corbel's own messages since boot, as many as are kept.
 */
#include <corbel/log.h>
#include <mterm/command.h>

static int log_run(struct terminal *terminal, struct printer *out, int argc, char **argv)
{
	(void)terminal;
	(void)argc;
	(void)argv;
	log_print(out);
	return 0;
}

static const struct command log_command = {
	.noun = "log",
	.arguments = "",
	.summary = "show Corbel's messages, the oldest first",
	.help = "Messages for debugging are kept here without having been shown on the console.",
	.run = log_run,
};
COMMAND_REGISTER(log_command);

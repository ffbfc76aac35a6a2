// SPDX-License-Identifier: BSD-2-Clause
/*
 * The management terminal as the rest of Corbel starts it.
 */
#ifndef MTERM_MTERM_H
#define MTERM_MTERM_H

#include <corbel/printer.h>

struct terminal;

/* Runs /boot.cmd of the bundle, if there is one, then serves the prompt for ever, in a thread. */
int mterm_init(void);

/*
 * Runs one line: words split at blanks, "..." keeps blanks together, # starts a comment.
 * 0, or the negative errno value of the command or of a line that is none (printed). Thread;
 * sleeps.
 */
int mterm_run_line(struct terminal *terminal, struct printer *out, const char *line);

#endif

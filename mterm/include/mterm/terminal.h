// SPDX-License-Identifier: BSD-2-Clause
/*
 * The terminal behind a prompt, as its commands see it: where the keys come from.
 */
#ifndef MTERM_TERMINAL_H
#define MTERM_TERMINAL_H

#include <corbel/printer.h>
#include <corbel/types.h>
#include <mterm/line_editor.h>

/* Large: not for a stack. */
struct terminal {
	struct printer *out;
	/*
	 * Waits for a byte that is typed, at most until the deadline; a negative errno value where
	 * none came: -ETIMEDOUT, or -EAGAIN where something else was printed meanwhile and the line
	 * should be drawn again. Context: thread; sleeps.
	 */
	int (*read_byte)(uint64_t deadline_ns);
	struct line_editor editor;
};

void terminal_init(struct terminal *terminal, struct printer *out,
		   int (*read_byte)(uint64_t deadline_ns));

/* Prompts, reads a line and runs it. Context: thread; sleeps. */
void terminal_serve_line(struct terminal *terminal);

/*
 * Runs the lines of a script one after the other; a line that fails is named and the rest goes on.
 * The value is how many failed. Context: thread; sleeps.
 */
unsigned int terminal_run_script(struct terminal *terminal, const char *name, const char *script,
				 size_t size);

/* Completion of commands and their arguments: a line_complete_t. Context: thread. */
size_t command_complete(const char *text, size_t length, completion_visit_t *visit, void *argument);

#endif

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Consoles: one host serial line shared by Corbel's own terminal and the guests' serial lines. One
 * console is in front; what the others print is kept (the last 64 KiB of each) and shown when they
 * come to the front.
 */
#ifndef BACKEND_CONSOLE_H
#define BACKEND_CONSOLE_H

#include <corbel/error.h>
#include <corbel/printer.h>
#include <corbel/types.h>

#define CONSOLE_HISTORY_SIZE ((size_t)65536)
/* Ctrl-] leads from a guest's console to Corbel's terminal. */
#define CONSOLE_ESCAPE	     0x1d

/*
 * Takes the host's serial port (or the firmware's console where there is none) into use and makes
 * Corbel's own console, in front. Boot, after drivers and threads. -ENOMEM.
 */
int console_init(void);

/* Corbel's own console, as a place to print to. Context: thread. Newlines become CR LF. */
struct printer *console_printer(void);

/*
 * Waits for a byte typed on Corbel's own console, at most until the deadline (TIME_NEVER: no
 * limit). -ETIMEDOUT; -EAGAIN: something else was printed over the line being edited, or the person
 * has just come back to this console: draw the line anew. Context: thread; sleeps.
 */
int console_read_byte(uint64_t deadline_ns);

/*
 * Brings a guest's console to the front and shows what it has kept; the caller's thread goes on at
 * once, but console_read_byte() gets nothing until the person comes back with CONSOLE_ESCAPE.
 * `line_name` NULL: the guest's first serial line. -ENOENT and a sentence. Context: thread.
 */
int console_attach(const char *guest_name, const char *line_name, struct error *error);
/* Corbel's own console to the front. Any context. */
void console_detach(void);
/* Whether Corbel's own console is in front. */
bool console_is_own(void);

/* Puts bytes into a guest's line as if typed. Context: thread. -ENOENT, -EAGAIN (its input is
 * full). */
int console_type(const char *guest_name, const uint8_t *bytes, size_t count, struct error *error);

#endif

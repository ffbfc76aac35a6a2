// SPDX-License-Identifier: BSD-2-Clause
/*
 * A place that text can be printed to: a terminal, the log, a buffer in a test.
 */
#ifndef CORBEL_PRINTER_H
#define CORBEL_PRINTER_H

#include <stdarg.h>

#include <corbel/types.h>

struct printer {
	/* Takes all of it. Context: what the printer's maker says. */
	void (*write)(struct printer *printer, const char *text, size_t length);
};

/* Formats onto the printer; a single call prints at most 511 characters, the rest is cut. */
void print(struct printer *printer, const char *format, ...) PRINTF_LIKE(2, 3);
void print_list(struct printer *printer, const char *format, va_list arguments) PRINTF_LIKE(2, 0);

#endif

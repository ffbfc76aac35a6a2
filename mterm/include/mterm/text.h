// SPDX-License-Identifier: BSD-2-Clause
/*
 * How figures and states are written in all commands' output, so that they look the same.
 */
#ifndef MTERM_TEXT_H
#define MTERM_TEXT_H

#include <stdarg.h>

#include <corbel/printer.h>
#include <corbel/types.h>

/* Longest of the texts below, terminated. */
#define TEXT_SIZE 72

/* A text on the stack of whoever asked for it. */
struct text {
	char text[TEXT_SIZE];
};

/*
 * Formats into a buffer; what does not fit is cut, the end is terminated, control characters become
 * question marks. The value is the length of what is there. Any context.
 */
size_t text_format(char *buffer, size_t size, const char *format, ...) PRINTF_LIKE(3, 4);
size_t text_format_list(char *buffer, size_t size, const char *format, va_list arguments)
	PRINTF_LIKE(3, 0);

void text_blanks_print(struct printer *out, size_t count);

/* "256 MiB": in the largest unit that leaves a whole number; `into` is returned's owner. */
const char *text_bytes(struct text *into, uint64_t bytes);
/* "12.345 s", "2:03:04.5": a span of time, in ns. */
const char *text_duration(struct text *into, uint64_t ns);
/* "0-3,5", "all", "none": a set of CPUs, of those that there are. */
const char *text_cpus(struct text *into, cpumask_t mask);

#endif

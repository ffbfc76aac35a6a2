// SPDX-License-Identifier: BSD-2-Clause
/*
 * How a failure reaches a person: one sentence, beside the negative errno value that reaches code.
 */
#ifndef CORBEL_ERROR_H
#define CORBEL_ERROR_H

#include <corbel/types.h>

#define ERROR_TEXT_SIZE 192

/*
 * Filled by the function that found the fault: what was wrong, where (file, node, property), what
 * would be right. The first sentence wins: later callers add nothing to it.
 */
struct error {
	char text[ERROR_TEXT_SIZE];
};

/*
 * Writes the sentence if `error` is not NULL and still empty, and returns `code`, so that a
 * function can end in `return error_set(error, -EINVAL, ...)`. `code` is a negative errno value.
 * Control characters, which what is wrong may hold, become question marks. Any context.
 */
int error_set(struct error *error, int code, const char *format, ...) PRINTF_LIKE(3, 4);

/* "invalid argument" for -EINVAL; "error" for a value it does not know. Any context. */
const char *error_name(int code);

#endif

// SPDX-License-Identifier: BSD-2-Clause
/*
 * The part of C's <stdio.h> that lib/ implements: formatting into memory, no files. Used when
 * building for a board; a build for the development machine takes the C library's own header.
 *
 * Understood: flags - 0 + space #, width and precision (also *), the lengths hh h l ll z j t, and
 * the conversions d i u x X o p s c %. No floating point. Any context.
 */
#ifndef LIBC_STDIO_H
#define LIBC_STDIO_H

#include <stdarg.h>
#include <stddef.h>

/* The value is the length that the whole text has, which may be more than was stored. */
__attribute__((__format__(printf, 3, 4))) int snprintf(char *restrict buffer, size_t size,
						       const char *restrict format, ...);
__attribute__((__format__(printf, 3, 0))) int
vsnprintf(char *restrict buffer, size_t size, const char *restrict format, va_list arguments);

#endif

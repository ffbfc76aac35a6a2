// SPDX-License-Identifier: BSD-2-Clause
/*
 * The part of C's <stdlib.h> that libfdt asks for: number parsing, no allocation. Used when
 * building for a board only.
 */
#ifndef LIBC_STDLIB_H
#define LIBC_STDLIB_H

unsigned long strtoul(const char *restrict string, char **restrict end, int base);

#endif

// SPDX-License-Identifier: BSD-2-Clause
/*
 * The part of C's <inttypes.h> that formats 64-bit values, which are `long` where that has 64 bits
 * and `long long` elsewhere. Used when building for a board only.
 */
#ifndef LIBC_INTTYPES_H
#define LIBC_INTTYPES_H

#include <stdint.h>

#if __SIZEOF_LONG__ == 8
#define LIBC_LENGTH_64 "l"
#else
#define LIBC_LENGTH_64 "ll"
#endif

#define PRId64 LIBC_LENGTH_64 "d"
#define PRIi64 LIBC_LENGTH_64 "i"
#define PRIu64 LIBC_LENGTH_64 "u"
#define PRIx64 LIBC_LENGTH_64 "x"
#define PRIX64 LIBC_LENGTH_64 "X"

#endif

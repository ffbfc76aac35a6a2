// SPDX-License-Identifier: BSD-2-Clause
/*
 * 64-bit arithmetic that compilers for 32-bit processors take for granted, by the names under which
 * they call it. Nobody calls these by hand. Dividing by zero is a trap.
 */
#ifndef LIB_ARITHMETIC_H
#define LIB_ARITHMETIC_H

#include <stdint.h>

uint64_t __udivdi3(uint64_t dividend, uint64_t divisor);
uint64_t __umoddi3(uint64_t dividend, uint64_t divisor);
int64_t __divdi3(int64_t dividend, int64_t divisor);
int64_t __moddi3(int64_t dividend, int64_t divisor);
/* 0, 1, 2: less, equal, greater. */
int __ucmpdi2(uint64_t left, uint64_t right);

#endif

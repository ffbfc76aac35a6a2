// SPDX-License-Identifier: BSD-2-Clause
/*
 * Stacks lie in memory that is not translated, so no page below them can be missing: their lowest
 * word holds a canary, checked at each switch, and the vector compares `sp` before it uses it.
 */
#ifndef MIPS_STACK_H
#define MIPS_STACK_H

#include <corbel/types.h>

#define STACK_CANARY 0xc0b1e57cu

static inline void stack_canary_set(void *stack)
{
	*(uint32_t *)stack = STACK_CANARY;
}

static inline bool stack_canary_is_whole(const void *stack)
{
	return *(const uint32_t *)stack == STACK_CANARY;
}

#endif

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Single bits of a word: which is the lowest, which the highest, how many. Written without the
 * compiler's builtins, which call its support library where the processor lacks the instruction;
 * that library is not linked.
 */
#ifndef LIB_BITOPS_H
#define LIB_BITOPS_H

#include <stdint.h>

/* The number of bits that are set. */
static inline unsigned int bit_count(uint64_t value)
{
	value -= (value >> 1) & UINT64_C(0x5555555555555555);
	value = (value & UINT64_C(0x3333333333333333)) +
		((value >> 2) & UINT64_C(0x3333333333333333));
	value = (value + (value >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
	return (unsigned int)((value * UINT64_C(0x0101010101010101)) >> 56);
}

/* The position of the lowest bit that is set, from 0; 64 where none is. */
static inline unsigned int bit_first(uint64_t value)
{
	return bit_count(~value & (value - 1));
}

/* The position of the highest bit that is set, from 0. `value` must not be 0. */
static inline unsigned int bit_last(uint64_t value)
{
	value |= value >> 1;
	value |= value >> 2;
	value |= value >> 4;
	value |= value >> 8;
	value |= value >> 16;
	value |= value >> 32;
	return bit_count(value) - 1;
}

/* For each bit of `mask` that is set, from the lowest: `position` is where it stands. */
#define bit_for_each(position, mask)                                                   \
	for (uint64_t position##_rest = (mask), position = bit_first(position##_rest); \
	     position##_rest != 0;                                                     \
	     position##_rest &= position##_rest - 1, position = bit_first(position##_rest))

#endif

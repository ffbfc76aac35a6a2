// SPDX-License-Identifier: BSD-2-Clause
/*
 * Numbers that look random but are the same in every run, so that a failure repeats.
 */
#ifndef SEQUENCE_H
#define SEQUENCE_H

#include <stdint.h>

/* Steps the sequence; its state must not be 0 at the start. */
static inline uint64_t sequence_next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* A number below `limit`. */
static inline uint64_t sequence_below(uint64_t *state, uint64_t limit)
{
	return (sequence_next(state) >> 11) % limit;
}

#endif

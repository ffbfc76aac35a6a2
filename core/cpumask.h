// SPDX-License-Identifier: BSD-2-Clause
/*
 * CPU masks: single CPUs in them, and masks that CPUs share. The latter are made of 32-bit words
 * because not every processor has wider atomic operations.
 */
#ifndef CORE_CPUMASK_H
#define CORE_CPUMASK_H

#include <corbel/types.h>
#include <lib/bitops.h>

static inline cpumask_t cpumask_of(unsigned int index)
{
	return (cpumask_t)1 << index;
}

/* The lowest CPU index in the mask, which is not 0. */
static inline unsigned int cpumask_first(cpumask_t mask)
{
	return bit_first(mask);
}

/* The next CPU index of the mask behind `index`, going round; `mask` is not 0. */
static inline unsigned int cpumask_next(cpumask_t mask, unsigned int index)
{
	cpumask_t behind = index + 1 < CPU_MAX ? mask & (CPUMASK_ALL << (index + 1)) : 0;

	return cpumask_first(behind != 0 ? behind : mask);
}

/* A mask that several CPUs change without a lock. */
struct shared_cpumask {
	uint32_t words[CPU_MAX / 32];
};

/* Both are full barriers: what was written before is seen by who sees the change. */
static inline void shared_cpumask_set(struct shared_cpumask *mask, unsigned int index)
{
	__atomic_fetch_or(&mask->words[index / 32], UINT32_C(1) << index % 32, __ATOMIC_SEQ_CST);
}

static inline void shared_cpumask_clear(struct shared_cpumask *mask, unsigned int index)
{
	__atomic_fetch_and(&mask->words[index / 32], ~(UINT32_C(1) << index % 32),
			   __ATOMIC_SEQ_CST);
}

/* Orders nothing. */
static inline bool shared_cpumask_has(const struct shared_cpumask *mask, unsigned int index)
{
	uint32_t word = __atomic_load_n(&mask->words[index / 32], __ATOMIC_RELAXED);

	return (word >> index % 32 & 1) != 0;
}

static inline cpumask_t shared_cpumask_get(const struct shared_cpumask *mask)
{
	return __atomic_load_n(&mask->words[0], __ATOMIC_SEQ_CST) |
	       (cpumask_t)__atomic_load_n(&mask->words[1], __ATOMIC_SEQ_CST) << 32;
}

_Static_assert(CPU_MAX == 64, "a cpumask_t has a bit for each CPU");

#endif

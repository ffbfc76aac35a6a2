// SPDX-License-Identifier: BSD-2-Clause
/*
 * Time of our own guests: the `time` counter, in ticks of the tree's timebase-frequency.
 */
#ifndef RUNTIME_TIME_H
#define RUNTIME_TIME_H

#include <runtime/csr.h>
#include <runtime/machine.h>

static inline uint64_t time_now(void)
{
	return csr_read(CSR_TIME);
}

static inline uint64_t time_ticks(uint64_t microseconds)
{
	return machine.timebase * microseconds / 1000000;
}

/* Seconds after which what was to happen never will: a slow host must not look like a failure. */
#define TIME_PATIENCE 60

/* Spins while the condition is false, at most `seconds`; its value is the condition's. */
#define time_wait_for(condition, seconds)                                        \
	({                                                                       \
		uint64_t wait_until = time_now() + machine.timebase * (seconds); \
		bool wait_result;                                                \
		while (!(wait_result = (condition)) && time_now() < wait_until)  \
			__asm__ volatile("" ::: "memory");                       \
		wait_result;                                                     \
	})

/* The next timer interrupt of this hart, by the SBI. */
void timer_set(uint64_t deadline);

#endif

// SPDX-License-Identifier: BSD-2-Clause
/*
 * The hart's clock and timer, in ticks of the timebase. Guests' timers are vtimer.h's affair.
 */
#ifndef RISCV_TIMER_H
#define RISCV_TIMER_H

#include <corbel/types.h>

#include "csr.h"

void timer_frequency_set(uint32_t hertz);
uint32_t timer_frequency(void);

/*
 * Absolute times: nanoseconds as of arch_time_now(), ticks as of the `time` CSR. Any value may be
 * given; what would be beyond 64 bits is UINT64_MAX, which as nanoseconds is TIME_NEVER.
 */
uint64_t ticks_to_ns(uint64_t ticks);
uint64_t ns_to_ticks_up(uint64_t ns);

static inline uint64_t ticks_now(void)
{
	return csr_read(CSR_TIME);
}

#endif

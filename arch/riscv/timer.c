// SPDX-License-Identifier: BSD-2-Clause
/*
 * The hart's clock and timer: the `time` CSR, and Sstc or the firmware's timer.
 */
#include <corbel/arch.h>

#include "features.h"
#include "sbi_host.h"
#include "timer.h"

/*
 * Nanoseconds are ticks * numerator >> 32, ticks nanoseconds * inverse >> 32, in 128 bits. Both
 * factors are rounded down, so a deadline is corrected upwards by one tick.
 */
static uint32_t frequency = 1;
static uint64_t ns_per_tick_scaled;
static uint64_t ticks_per_ns_scaled;

void timer_frequency_set(uint32_t hertz)
{
	frequency = hertz;
	ns_per_tick_scaled = (NS_PER_S << 32) / hertz;
	ticks_per_ns_scaled = ((uint64_t)hertz << 32) / NS_PER_S;
}

uint32_t timer_frequency(void)
{
	return frequency;
}

uint64_t ticks_to_ns(uint64_t ticks)
{
	return (uint64_t)(((unsigned __int128)ticks * ns_per_tick_scaled) >> 32);
}

uint64_t ns_to_ticks_up(uint64_t ns)
{
	uint64_t ticks = (uint64_t)(((unsigned __int128)ns * ticks_per_ns_scaled) >> 32);

	/* The estimate is low by the rounding of its factor, which grows with time: make it good.
	 */
	while (ticks_to_ns(ticks) < ns) {
		uint64_t missing = ns - ticks_to_ns(ticks);

		ticks += MAX((uint64_t)(((unsigned __int128)missing * ticks_per_ns_scaled) >> 32),
			     UINT64_C(1));
	}
	return ticks;
}

uint64_t arch_time_now(void)
{
	return ticks_to_ns(ticks_now());
}

void arch_timer_set(uint64_t deadline_ns)
{
	uint64_t ticks = deadline_ns == TIME_NEVER ? UINT64_MAX : ns_to_ticks_up(deadline_ns);

	if (cpu_has(FEATURE_SSTC))
		csr_write(CSR_STIMECMP, ticks);
	else
		sbi_host_timer_set(ticks);
}

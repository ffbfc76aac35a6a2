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

/* What does not fit is the end of time. */
static uint64_t product_scaled(uint64_t value, uint64_t factor)
{
	unsigned __int128 product = ((unsigned __int128)value * factor) >> 32;

	return product > UINT64_MAX ? UINT64_MAX : (uint64_t)product;
}

uint64_t ticks_to_ns(uint64_t ticks)
{
	return product_scaled(ticks, ns_per_tick_scaled);
}

uint64_t ns_to_ticks_up(uint64_t ns)
{
	uint64_t ticks = product_scaled(ns, ticks_per_ns_scaled);

	/*
	 * The estimate is low by the rounding of its factor, which grows with time: make it good.
	 * Guests choose deadlines up to the last ns, so this ends only because nothing wraps.
	 */
	while (ticks_to_ns(ticks) < ns) {
		uint64_t missing = ns - ticks_to_ns(ticks);
		uint64_t more = MAX(product_scaled(missing, ticks_per_ns_scaled), UINT64_C(1));

		if (__builtin_add_overflow(ticks, more, &ticks))
			return UINT64_MAX;
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

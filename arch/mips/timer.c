// SPDX-License-Identifier: BSD-2-Clause
/*
 * The host CPUs' clocks: Count has 32 bits and wraps within half a minute, so each CPU extends its
 * own to 64 bits whenever it reads it, and never sleeps longer than half a wrap.
 */
#include <corbel/arch.h>
#include <corbel/time.h>

#include "processor.h"
#include "timer.h"

#define TICKS_AHEAD_MAX 0x40000000u
#define TICKS_AHEAD_MIN 32u

/* Samples of another CPU's Count, until one takes less than this part of a second. */
#define ALIGN_SAMPLES	 16u
#define ALIGN_PER_SECOND 200000u

/* Both as 32.32 fixed point; the second rounded down, so a deadline is corrected upwards. */
static uint32_t frequency;
static uint64_t ns_per_tick_scaled;
static uint64_t ticks_per_ns_scaled;
static bool counts_agree = true;

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

/* value * factor >> 32; what does not fit is the end of time. */
static uint64_t product_scaled(uint64_t value, uint64_t factor)
{
	uint64_t value_low = (uint32_t)value, value_high = value >> 32;
	uint64_t factor_low = (uint32_t)factor, factor_high = factor >> 32;
	uint64_t top = value_high * factor_high, sum = value_low * factor_low >> 32;

	if (top >> 32 != 0)
		return UINT64_MAX;
	if (__builtin_add_overflow(sum, top << 32, &sum) ||
	    __builtin_add_overflow(sum, value_high * factor_low, &sum) ||
	    __builtin_add_overflow(sum, value_low * factor_high, &sum))
		return UINT64_MAX;
	return sum;
}

/* Count as 64 bits. Irq-off. */
static uint64_t ticks_now(struct cpu *cpu)
{
	uint32_t count = c0_read(C0_COUNT);

	cpu->arch.ticks += (uint32_t)(count - (uint32_t)cpu->arch.ticks);
	WRITE_ONCE(cpu->arch.ticks_low, count);
	return cpu->arch.ticks;
}

uint64_t timer_ticks_now(void)
{
	unsigned long flags = arch_irq_save();
	uint64_t ticks = ticks_now(cpu_self());

	arch_irq_restore(flags);
	return ticks;
}

bool timer_counts_agree(void)
{
	return counts_agree;
}

uint64_t arch_time_now(void)
{
	return product_scaled(timer_ticks_now(), ns_per_tick_scaled);
}

static uint64_t ns_to_ticks_up(uint64_t ns)
{
	uint64_t ticks = product_scaled(ns, ticks_per_ns_scaled);

	/* Low by the rounding of the factor, which grows with time: make it good. */
	while (product_scaled(ticks, ns_per_tick_scaled) < ns) {
		uint64_t missing = ns - product_scaled(ticks, ns_per_tick_scaled);
		uint64_t more = MAX(product_scaled(missing, ticks_per_ns_scaled), UINT64_C(1));

		if (__builtin_add_overflow(ticks, more, &ticks))
			return UINT64_MAX;
	}
	return ticks;
}

/*
 * Writing Compare takes the interrupt back; a moment that passes meanwhile would be a wrap away.
 * What tells is the interrupt's input and not Cause.TI: the emulator may set TI for the match
 * before while it takes the input back for this one.
 */
static void compare_arm(struct cpu *cpu)
{
	uint32_t pending = 1u << HOST_CAUSE_IP_SHIFT << timer_line();
	uint64_t now = ticks_now(cpu);
	uint32_t least = TICKS_AHEAD_MIN;
	uint64_t ahead = cpu->arch.timer_ticks > now ? cpu->arch.timer_ticks - now : 0;
	uint32_t compare = (uint32_t)now + (uint32_t)MIN(ahead, (uint64_t)TICKS_AHEAD_MAX);

	c0_write(C0_COMPARE, compare);
	c0_hazard_barrier();
	while ((int32_t)(compare - c0_read(C0_COUNT)) <= 0 && (c0_read(C0_CAUSE) & pending) == 0) {
		compare = c0_read(C0_COUNT) + least;
		c0_write(C0_COMPARE, compare);
		c0_hazard_barrier();
		least *= 2;
	}
}

void arch_timer_set(uint64_t deadline_ns)
{
	struct cpu *cpu = cpu_self();

	cpu->arch.timer_ticks =
		deadline_ns == TIME_NEVER ? UINT64_MAX : ns_to_ticks_up(deadline_ns);
	compare_arm(cpu);
}

void timer_line_handle(void)
{
	struct cpu *cpu = cpu_self();

	if (ticks_now(cpu) < cpu->arch.timer_ticks) {
		/* Only half a wrap has gone by. */
		compare_arm(cpu);
		return;
	}
	cpu->arch.timer_ticks = UINT64_MAX;
	compare_arm(cpu);
	timer_interrupt();
}

unsigned int timer_line(void)
{
	unsigned int line = c0_read(C0_INTCTL) >> 29;

	return line >= 2 ? line : 7;
}

void timer_cpu_align(struct cpu *cpu)
{
	cpu->arch.ticks = ticks_now(cpu_self());
}

/*
 * CPU 0's Count at some moment between two of this CPU's. CPU 0 reads it all the time while it
 * waits for this one, and stores what it read: the second new value that is seen was read after the
 * first was stored, and that after `*before`.
 */
static uint32_t count_sample(uint32_t *before, uint32_t *after)
{
	const uint32_t *stored = &cpu_get(0)->arch.ticks_low;
	uint32_t sample, last;

	*before = c0_read(C0_COUNT);
	sample = READ_ONCE(*stored);
	for (unsigned int i = 0; i < 2; i++) {
		last = sample;
		do {
			sample = READ_ONCE(*stored);
		} while (sample == last);
	}
	*after = c0_read(C0_COUNT);
	return sample;
}

/*
 * CPUs count at the same rate, but each from when it was reset, if the board does not start them
 * together. Of several samples the one that took the least time tells best.
 */
static void count_align(struct cpu *cpu)
{
	uint32_t least = UINT32_MAX, ahead = 0;

	for (unsigned int i = 0; i < ALIGN_SAMPLES && least > frequency / ALIGN_PER_SECOND; i++) {
		uint32_t before, after, sample = count_sample(&before, &after);

		if (after - before >= least)
			continue;
		least = after - before;
		/* Within the two it may be the same Count. */
		ahead = sample - before <= least ? 0 : before + least / 2 - sample;
	}
	if (ahead != 0) {
		counts_agree = false;
		c0_write(C0_COUNT, c0_read(C0_COUNT) - ahead);
		c0_hazard_barrier();
	}
	cpu->arch.ticks +=
		(uint64_t)(int64_t)(int32_t)(c0_read(C0_COUNT) - (uint32_t)cpu->arch.ticks);
}

void timer_cpu_start(void)
{
	struct cpu *cpu = cpu_self();

	if (cpu->index != 0)
		count_align(cpu);
	cpu->arch.timer_ticks = UINT64_MAX;
	compare_arm(cpu);
}

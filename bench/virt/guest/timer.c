// SPDX-License-Identifier: BSD-2-Clause
/*
 * How late a timer interrupt is: how many instructions after its time the first instruction of the
 * guest's vector runs. And how many instructions a guest that only sleeps costs.
 */
#include "bench.h"

#define LATENCY_ROUNDS 50

/* Instructions (ns) per tick of `time`. */
static uint64_t tick_length(void)
{
	return 1000000000ul / machine.timebase;
}

/* `cycle` less the time in ns. Found at the edge of a tick, to about three instructions. */
static uint64_t clock_offset(void)
{
	uint64_t tick = time_now();
	uint64_t best = 0;

	for (unsigned int i = 0; i < 200; i++) {
		uint64_t next = time_now();
		uint64_t now = csr_read(CSR_CYCLE);

		if (next == tick)
			continue;
		/* The sample that came soonest after its edge counts. */
		if (best == 0 || now - next * tick_length() < best)
			best = now - next * tick_length();
		tick = next;
	}
	return best;
}

/*
 * The time just after its edge: QEMU's timers are late by as much of a tick as had passed when they
 * were set, which would make chance a part of the figure.
 */
static uint64_t tick_edge(void)
{
	uint64_t tick = time_now();
	uint64_t now;

	do
		now = time_now();
	while (now == tick);
	return now;
}

static uint64_t lateness(bool sleep)
{
	bool sstc = machine_has_extension("sstc");
	uint64_t total = 0;

	for (unsigned int i = 0; i < LATENCY_ROUNDS; i++) {
		uint64_t offset = clock_offset();
		uint64_t taken = latency_taken;
		uint64_t deadline = tick_edge() + time_ticks(500);
		uint64_t late;

		if (sstc)
			csr_write(CSR_STIMECMP, deadline);
		else
			timer_set(deadline);
		latency_begin(INTERRUPT_TIMER);
		while (latency_taken == taken) {
			if (sleep)
				__asm__ volatile("wfi");
		}
		late = latency_cycle - (deadline * tick_length() + offset);
		total += (int64_t)late > 0 ? late : 0;
		latency_end();
	}
	return total / LATENCY_ROUNDS;
}

BENCH(timer_spinning, "timer-lateness-spinning")
{
	return lateness(false);
}

BENCH(timer_waiting, "timer-lateness-wfi")
{
	return lateness(true);
}

/* Setting the timer, sleeping, waking up, taking the interrupt. */
BENCH(idle_sleep, "idle-per-sleep")
{
	uint64_t total = 0;

	for (unsigned int i = 0; i < LATENCY_ROUNDS; i++) {
		uint64_t taken = latency_taken;
		uint64_t start = instret();

		timer_set(time_now() + time_ticks(500));
		latency_begin(INTERRUPT_TIMER);
		while (latency_taken == taken)
			__asm__ volatile("wfi");
		total += latency_instret - start;
		latency_end();
	}
	return total / LATENCY_ROUNDS;
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * A whole fake machine: several CPUs that really run Corbel's threads, each on a stack of its own,
 * with a clock, timers and interrupts. Two ways to run it:
 *
 * - in turn: all CPUs share one thread of the development machine. A CPU runs until it idles, spins
 *   or spends time in fake_work(); then it is the next one's turn. When each had its turn the clock
 *   goes on by FAKE_TICK_NS, or, where all idle, to the next timer. Every run is the same.
 * - in parallel: each CPU is a thread of the development machine, the clock is real. For finding
 *   what only a race shows.
 *
 * Interrupts are taken where they are enabled, in fake_work() and while spinning.
 */
#ifndef FAKE_MACHINE_H
#define FAKE_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#define FAKE_TICK_NS UINT64_C(100000)

/* What arch_time_now() says, without a machine or in turn. Tests may set it forward. */
extern uint64_t fake_time_ns;

/* CPUs that arch_cpu_start() does not start: with an error, and without saying so. In turn only. */
extern uint64_t fake_cpus_refused, fake_cpus_silent;

/*
 * Memory and one to sixteen CPUs that run in turn, once for each program; a later call must ask for
 * the same. Where there is no need for more, fake_machine_setup() gives one CPU and fits cmocka.
 */
void fake_machine_start(unsigned int cpu_count);
void fake_machine_start_parallel(unsigned int cpu_count);
int fake_machine_setup(void **state);

/*
 * Runs the function as a thread of priority THREAD_PRIORITY_SERVICE until it has returned and all
 * CPUs are idle. Fails the test where that takes more than an hour of fake or 200 s of real
 * time. Called by the test itself, not by a thread.
 */
void fake_machine_run(void (*body)(void *argument), void *argument);

/* The same on the CPUs that the mask names, with that priority. */
void fake_machine_run_as(void (*body)(void *argument), void *argument, unsigned int priority,
			 uint64_t affinity);

/* Uses the CPU for so long, as a guest does that computes. Context: a thread. */
void fake_work(uint64_t duration_ns);

/* How often arch_timer_set() was called on the CPU, and what it was last told. */
uint64_t fake_timer_set_count(unsigned int cpu_index);
uint64_t fake_timer_deadline(unsigned int cpu_index);

#endif

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Time and timers. Time is nanoseconds since boot, the same on every CPU, never going back.
 * There is no tick: the hardware timer is set for the next thing due.
 */
#ifndef CORBEL_TIME_H
#define CORBEL_TIME_H

#include <corbel/types.h>
#include <lib/rbtree.h>

struct cpu;
struct timer;

/* In interrupt context on the CPU that armed it, interrupts off, no lock held; must not sleep. */
typedef void timer_function_t(struct timer *timer);

/* Owned by its user, who zeroes nothing: timer_init() does all. */
struct timer {
	struct rbtree_node node;
	uint64_t deadline_ns;
	timer_function_t *function;
	struct cpu *cpu; /* whose queue it is on; NULL when not armed */
	cpumask_t used;	 /* CPUs on which its function may be running */
};

/* Nanoseconds since boot. Any context. */
uint64_t time_now(void);

void timer_init(struct timer *timer, timer_function_t *function);

/*
 * Arms the timer on this CPU for `deadline_ns`, replacing an earlier deadline; one that has
 * passed fires at once, still from an interrupt. Any context. Calls on the same timer must not
 * run concurrently with each other; with the function they may.
 */
void timer_set(struct timer *timer, uint64_t deadline_ns);

/* Disarms it, wherever it is armed; when this returns the function neither runs nor will. */
/* Context: any but the timer's own function; waits for a function that runs on another CPU. */
void timer_cancel(struct timer *timer);

/* The port calls it when the hardware timer fires; interrupts off. */
void timer_interrupt(void);

/* Prepares this CPU's queue. -ENOMEM. */
int timer_cpu_init(struct cpu *cpu);

#endif

// SPDX-License-Identifier: BSD-2-Clause
/*
 * What the scheduler needs of the timers beyond time.h: the end of the running thread's slice,
 * which is not worth a timer because it changes at every switch.
 */
#ifndef CORE_TIMER_INTERNAL_H
#define CORE_TIMER_INTERNAL_H

#include <corbel/cpu.h>
#include <corbel/spinlock.h>
#include <corbel/time.h>

struct timer_queue {
	struct spinlock lock; /* `tree` and the `cpu` of the timers on it */
	struct rbtree tree;
	struct timer *running; /* whose function is being called; written by its CPU, atomic */
	/* Of its own CPU only, interrupts off: */
	uint64_t round_ns;	/* the clock when due functions were last run */
	uint64_t slice_end_ns;	/* or TIME_NEVER */
	uint64_t programmed_ns; /* what the hardware timer is set to */
};

/*
 * Has cpu->reschedule set at `deadline_ns` on this CPU (TIME_NEVER: not). The hardware timer is
 * touched only to bring it forward: one interrupt too many now and then is cheaper than setting it
 * at each switch. Context: interrupts off.
 */
static inline void timer_slice_set(struct cpu *cpu, uint64_t deadline_ns)
{
	struct timer_queue *queue = cpu->timers;

	queue->slice_end_ns = deadline_ns;
	if (deadline_ns < queue->programmed_ns) {
		queue->programmed_ns = deadline_ns;
		arch_timer_set(deadline_ns);
	}
}

#endif

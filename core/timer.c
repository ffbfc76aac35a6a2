// SPDX-License-Identifier: BSD-2-Clause
/*
 * Timers: on each CPU a tree of those that are armed there, sorted by deadline, and one hardware
 * timer that is set for the first of them or for the end of the running thread's slice.
 *
 * Functions are called without the queue's lock. `running` tells timer_cancel() on other CPUs that
 * one is under way; the timer itself is not touched after its function was called, because that
 * may be what lets its owner free it.
 */
#include <errno.h>

#include <corbel/object.h>
#include <corbel/panic.h>
#include <corbel/time.h>

#include "cpumask.h"
#include "timer_internal.h"

static bool timer_is_before(const struct rbtree_node *a, const struct rbtree_node *b)
{
	return container_of(a, struct timer, node)->deadline_ns <
	       container_of(b, struct timer, node)->deadline_ns;
}

static struct timer *first_timer(const struct timer_queue *queue)
{
	struct rbtree_node *node = rbtree_first(&queue->tree);

	return node != NULL ? container_of(node, struct timer, node) : NULL;
}

int timer_cpu_init(struct cpu *cpu)
{
	struct timer_queue *queue = object_alloc(sizeof(*queue));

	ASSERT(cpu->timers == NULL);
	if (queue == NULL)
		return -ENOMEM;
	spin_init(&queue->lock);
	rbtree_init(&queue->tree, timer_is_before);
	queue->slice_end_ns = TIME_NEVER;
	queue->programmed_ns = TIME_NEVER;
	cpu->timers = queue;
	arch_timer_set(TIME_NEVER);
	return 0;
}

void timer_init(struct timer *timer, timer_function_t *function)
{
	*timer = (struct timer){ .deadline_ns = TIME_NEVER, .function = function };
}

/* Takes the timer off the queue that it is on. Context: interrupts off. */
static void timer_remove(struct timer *timer)
{
	struct cpu *cpu;

	while ((cpu = __atomic_load_n(&timer->cpu, __ATOMIC_ACQUIRE)) != NULL) {
		struct timer_queue *queue = cpu->timers;

		spin_lock(&queue->lock);
		if (timer->cpu == cpu) {
			rbtree_remove(&queue->tree, &timer->node);
			__atomic_store_n(&timer->cpu, NULL, __ATOMIC_RELEASE);
		}
		spin_unlock(&queue->lock);
	}
}

void timer_set(struct timer *timer, uint64_t deadline_ns)
{
	unsigned long flags = arch_irq_save();
	struct cpu *cpu = cpu_self();
	struct timer_queue *queue = cpu->timers;

	ASSERT(timer->function != NULL);
	timer_remove(timer);
	timer->used |= cpumask_of(cpu->index);
	/* A function that arms its timer for the past again must not keep its round going. */
	timer->deadline_ns = MAX(deadline_ns, queue->round_ns + 1);
	spin_lock(&queue->lock);
	rbtree_insert(&queue->tree, &timer->node);
	__atomic_store_n(&timer->cpu, cpu, __ATOMIC_RELEASE);
	spin_unlock(&queue->lock);
	if (timer->deadline_ns < queue->programmed_ns) {
		queue->programmed_ns = timer->deadline_ns;
		arch_timer_set(queue->programmed_ns);
	}
	arch_irq_restore(flags);
}

/* Waits until the timer's function runs on none of the CPUs that it was ever armed on. */
static void timer_wait_function(const struct timer *timer)
{
	for (cpumask_t rest = timer->used; rest != 0; rest &= rest - 1) {
		const struct timer_queue *queue = cpu_get(cpumask_first(rest))->timers;

		while (__atomic_load_n(&queue->running, __ATOMIC_ACQUIRE) == timer)
			arch_cpu_relax();
	}
}

void timer_cancel(struct timer *timer)
{
	unsigned long flags = arch_irq_save();

	ASSERT(cpu_self()->timers->running != timer);
	/* The function, while we wait for it, may arm its timer anew. */
	do {
		timer_remove(timer);
		timer_wait_function(timer);
	} while (__atomic_load_n(&timer->cpu, __ATOMIC_ACQUIRE) != NULL);
	timer->used = 0;
	arch_irq_restore(flags);
}

/* Takes the first timer that is due off the queue, as the one that runs; NULL when none is. */
static struct timer *timer_take_due(struct timer_queue *queue)
{
	struct timer *timer;

	spin_lock(&queue->lock);
	timer = first_timer(queue);
	if (timer != NULL && timer->deadline_ns <= queue->round_ns) {
		rbtree_remove(&queue->tree, &timer->node);
		__atomic_store_n(&queue->running, timer, __ATOMIC_RELAXED);
		__atomic_store_n(&timer->cpu, NULL, __ATOMIC_RELEASE);
	} else {
		timer = NULL;
	}
	spin_unlock(&queue->lock);
	return timer;
}

/* Sets the hardware timer for what is due next. Always, for that also ends its interrupt. */
static void timer_program(struct timer_queue *queue)
{
	const struct timer *timer;
	uint64_t deadline_ns = queue->slice_end_ns;

	spin_lock(&queue->lock);
	timer = first_timer(queue);
	if (timer != NULL)
		deadline_ns = MIN(deadline_ns, timer->deadline_ns);
	spin_unlock(&queue->lock);
	queue->programmed_ns = deadline_ns;
	arch_timer_set(deadline_ns);
}

void timer_interrupt(void)
{
	struct cpu *cpu = cpu_self();
	struct timer_queue *queue = cpu->timers;
	struct timer *timer;

	ASSERT(!arch_irq_enabled());
	cpu->in_interrupt = true;
	cpu->interrupt_count++;
	queue->round_ns = time_now();
	if (queue->slice_end_ns <= queue->round_ns) {
		queue->slice_end_ns = TIME_NEVER;
		WRITE_ONCE(cpu->reschedule, true);
	}
	while ((timer = timer_take_due(queue)) != NULL) {
		timer->function(timer);
		ASSERT(!arch_irq_enabled());
		__atomic_store_n(&queue->running, NULL, __ATOMIC_RELEASE);
	}
	timer_program(queue);
	cpu->in_interrupt = false;
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * The run queue of a CPU as a data structure: which threads are READY, by priority. Who runs where
 * and when is decided in sched.c and sched_place.c.
 */
#ifndef CORE_RUN_QUEUE_H
#define CORE_RUN_QUEUE_H

#include "cpumask.h"
#include "sched_internal.h"

static inline bool thread_may_run_on(const struct thread *thread, const struct cpu *cpu)
{
	return (thread->affinity & cpumask_of(cpu->index)) != 0;
}

static inline bool thread_is_idle(const struct thread *thread)
{
	return thread == thread->cpu->idle;
}

/* The priority of the best READY thread, RUN_QUEUE_IDLE where there is none. */
static inline int run_queue_best(const struct run_queue *queue)
{
	return queue->levels_used != 0 ? (int)bit_last(queue->levels_used) : RUN_QUEUE_IDLE;
}

static inline bool run_queue_has(const struct run_queue *queue, unsigned int priority)
{
	return (queue->levels_used >> priority & 1) != 0;
}

/* Adds a READY thread before or behind the others of its priority. */
static inline void run_queue_add(struct run_queue *queue, struct thread *thread, bool first)
{
	struct list *level = &queue->levels[thread->priority];

	ASSERT(spin_is_held(&queue->lock));
	ASSERT(thread->state == THREAD_READY && thread->cpu == queue->cpu);
	if (first)
		list_add_first(level, &thread->run_node);
	else
		list_add_last(level, &thread->run_node);
	queue->levels_used |= UINT32_C(1) << thread->priority;
	WRITE_ONCE(queue->ready_count, queue->ready_count + 1);
}

/* Adds a READY thread that is to go to another CPU. */
static inline void run_queue_add_outgoing(struct run_queue *queue, struct thread *thread)
{
	ASSERT(spin_is_held(&queue->lock));
	ASSERT(thread->state == THREAD_READY && thread->cpu == queue->cpu);
	list_add_last(&queue->outgoing, &thread->run_node);
	WRITE_ONCE(queue->ready_count, queue->ready_count + 1);
}

/* Takes a READY thread off, wherever on the queue it is. */
static inline void run_queue_remove(struct run_queue *queue, struct thread *thread)
{
	ASSERT(spin_is_held(&queue->lock));
	ASSERT(thread->state == THREAD_READY && thread->cpu == queue->cpu);
	ASSERT(queue->ready_count > 0);
	list_remove(&thread->run_node);
	if (list_is_empty(&queue->levels[thread->priority]))
		queue->levels_used &= ~(UINT32_C(1) << thread->priority);
	WRITE_ONCE(queue->ready_count, queue->ready_count - 1);
}

/* Takes the best READY thread off; NULL where there is none. */
static inline struct thread *run_queue_take(struct run_queue *queue)
{
	struct thread *thread;

	if (queue->levels_used == 0)
		return NULL;
	thread = list_entry(list_first(&queue->levels[bit_last(queue->levels_used)]), struct thread,
			    run_node);
	run_queue_remove(queue, thread);
	return thread;
}

/* ---- sched_place.c: which CPU a thread runs on ---- */

/*
 * Who must look at the queues now that the thread has been added to this one: the queue's CPU if
 * it should switch, an idle CPU if the thread would have to wait. Context: the queue's lock.
 */
cpumask_t sched_place_notify(struct run_queue *queue, const struct thread *thread);

/*
 * Where a thread whose slice is used up should rather wait; NULL where it is well here. Context:
 * the queue's lock.
 */
struct run_queue *sched_place_balance(struct run_queue *queue, const struct thread *thread);

/* Finds another CPU for each outgoing thread of this CPU. Context: interrupts off, no lock. */
void sched_place_outgoing(struct run_queue *queue);

/*
 * Notes that this CPU is idle and fetches a thread that waits on another one; false where none may
 * come. Context: as above, the idle thread.
 */
bool sched_place_pull(struct run_queue *queue);

/*
 * An idle CPU other than this queue's that the mask allows, as a mask, to be kicked; 0 where there
 * is none.
 */
cpumask_t sched_place_idle(const struct run_queue *queue, cpumask_t allowed);

/* Told by the switch. */
void sched_place_idle_set(const struct cpu *cpu, bool idle);

#endif

// SPDX-License-Identifier: BSD-2-Clause
/*
 * The run queue of a CPU as a data structure: which threads are READY, by priority. Who runs where
 * and when is decided in sched.c and sched_place.c.
 */
#ifndef CORE_RUN_QUEUE_H
#define CORE_RUN_QUEUE_H

#include "cpumask.h"
#include "sched_internal.h"

/* Notes that a thread waits on the CPU. Context: its run queue's lock. */
void sched_place_waiting_set(const struct cpu *cpu);

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

/* How many READY threads there are of this priority or a higher one. A snapshot without the lock.
 */
static inline unsigned int run_queue_waiting(const struct run_queue *queue, unsigned int priority)
{
	unsigned int count = 0;

	for (; priority < THREAD_PRIORITY_COUNT; priority++)
		count += READ_ONCE(queue->level_counts[priority]);
	return count;
}

static inline void run_queue_count(struct run_queue *queue, const struct thread *thread)
{
	ASSERT(spin_is_held(&queue->lock));
	ASSERT(thread->state == THREAD_READY && thread->cpu == queue->cpu);
	queue->level_counts[thread->priority]++;
	WRITE_ONCE(queue->ready_count, queue->ready_count + 1);
	sched_place_waiting_set(queue->cpu);
}

/* Adds a READY thread before or behind the others of its priority. */
static inline void run_queue_add(struct run_queue *queue, struct thread *thread, bool first)
{
	struct list *level = &queue->levels[thread->priority];

	if (first)
		list_add_first(level, &thread->run_node);
	else
		list_add_last(level, &thread->run_node);
	queue->levels_used |= UINT32_C(1) << thread->priority;
	run_queue_count(queue, thread);
}

/* Adds a READY thread that is to go to another CPU. */
static inline void run_queue_add_outgoing(struct run_queue *queue, struct thread *thread)
{
	list_add_last(&queue->outgoing, &thread->run_node);
	run_queue_count(queue, thread);
}

/* Takes a READY thread off, wherever on the queue it is. */
static inline void run_queue_remove(struct run_queue *queue, struct thread *thread)
{
	ASSERT(spin_is_held(&queue->lock));
	ASSERT(thread->state == THREAD_READY && thread->cpu == queue->cpu);
	ASSERT(queue->ready_count > 0 && queue->level_counts[thread->priority] > 0);
	list_remove(&thread->run_node);
	if (list_is_empty(&queue->levels[thread->priority]))
		queue->levels_used &= ~(UINT32_C(1) << thread->priority);
	queue->level_counts[thread->priority]--;
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
 * Fetches a thread that waits on another CPU and is better than the priority `above`; false where
 * there is none. Context: as above.
 */
bool sched_place_pull(struct run_queue *queue, int above);

/*
 * An idle CPU other than this queue's that the mask allows, as a mask, to be kicked; 0 where there
 * is none.
 */
cpumask_t sched_place_idle(const struct run_queue *queue, cpumask_t allowed);

/* Told by the switch. */
void sched_place_idle_set(const struct cpu *cpu, bool idle);

#endif

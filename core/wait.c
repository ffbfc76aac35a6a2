// SPDX-License-Identifier: BSD-2-Clause
/*
 * Wait queues, and waiting with a deadline. Mutex and completion, which build on them, have files
 * of their own.
 *
 * A waiter lives on its thread's stack. Whoever wakes it does so with the queue locked, and the
 * waiter takes that lock once more before it goes on (wait_queue_finish()): so neither it nor its
 * thread is gone while it is being woken.
 */
#include <corbel/panic.h>
#include <corbel/time.h>
#include <corbel/wait.h>

#include "sched_internal.h"
#include "wait_internal.h"

void wait_queue_init(struct wait_queue *queue)
{
	spin_init(&queue->lock);
	list_init(&queue->waiters);
}

void wait_queue_add(struct wait_queue *queue, struct waiter *waiter)
{
	ASSERT(spin_is_held(&queue->lock) && !waiter->queued);
	waiter->thread = thread_current();
	waiter->queued = true;
	list_add_last(&queue->waiters, &waiter->node);
}

struct thread *wait_queue_take(struct wait_queue *queue)
{
	struct list_node *node = list_first(&queue->waiters);
	struct waiter *waiter;

	ASSERT(spin_is_held(&queue->lock));
	if (node == NULL)
		return NULL;
	waiter = list_entry(node, struct waiter, node);
	list_remove(node);
	waiter->queued = false;
	return waiter->thread;
}

void wait_queue_wake_one(struct wait_queue *queue)
{
	bool enabled = sched_irq_save();
	struct thread *thread;
	cpumask_t kick = 0;

	spin_lock(&queue->lock);
	thread = wait_queue_take(queue);
	if (thread != NULL)
		kick = sched_wake(thread);
	spin_unlock(&queue->lock);
	sched_kick_and_restore(kick, enabled);
}

cpumask_t wait_queue_wake_locked(struct wait_queue *queue)
{
	struct thread *thread;
	cpumask_t kick = 0;

	while ((thread = wait_queue_take(queue)) != NULL)
		kick |= sched_wake(thread);
	return kick;
}

void wait_queue_wake_all(struct wait_queue *queue)
{
	bool enabled = sched_irq_save();
	cpumask_t kick;

	spin_lock(&queue->lock);
	kick = wait_queue_wake_locked(queue);
	spin_unlock(&queue->lock);
	sched_kick_and_restore(kick, enabled);
}

void wait_queue_prepare(struct wait_queue *queue, struct waiter *waiter)
{
	bool enabled;

	thread_block_prepare();
	enabled = sched_irq_save();
	spin_lock(&queue->lock);
	if (!waiter->queued)
		wait_queue_add(queue, waiter);
	spin_unlock(&queue->lock);
	sched_kick_and_restore(0, enabled);
}

void wait_queue_finish(struct wait_queue *queue, struct waiter *waiter)
{
	bool enabled = sched_irq_save();

	/* What the condition announces is read after the condition. */
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	spin_lock(&queue->lock);
	if (waiter->queued) {
		list_remove(&waiter->node);
		waiter->queued = false;
	}
	spin_unlock(&queue->lock);
	sched_kick_and_restore(0, enabled);
	thread_block_cancel();
}

struct wait_timer {
	struct timer timer;
	struct thread *thread;
	bool fired;
};

static void wait_timer_fire(struct timer *timer)
{
	struct wait_timer *wait = container_of(timer, struct wait_timer, timer);

	WRITE_ONCE(wait->fired, true);
	thread_wake(wait->thread);
}

bool wait_block_until(uint64_t deadline_ns)
{
	struct wait_timer wait = { .thread = thread_current(), .fired = false };

	if (deadline_ns == TIME_NEVER) {
		thread_block();
		return true;
	}
	if (time_now() >= deadline_ns) {
		thread_block_cancel();
		return false;
	}
	timer_init(&wait.timer, wait_timer_fire);
	timer_set(&wait.timer, deadline_ns);
	thread_block();
	timer_cancel(&wait.timer);
	return !wait.fired;
}

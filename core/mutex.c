// SPDX-License-Identifier: BSD-2-Clause
/*
 * Mutexes. An unlock hands the mutex over to who has waited longest, so nobody starves and nobody
 * barges in.
 */
#include <corbel/panic.h>
#include <corbel/wait.h>

#include "sched_internal.h"
#include "wait_internal.h"

void mutex_init(struct mutex *mutex)
{
	wait_queue_init(&mutex->queue);
	mutex->owner = NULL;
}

bool mutex_is_held(const struct mutex *mutex)
{
	return READ_ONCE(mutex->owner) == thread_current();
}

/* Takes a free mutex; else queues the waiter, unless that is NULL, and returns false. */
static bool mutex_take(struct mutex *mutex, struct waiter *waiter)
{
	bool enabled = sched_irq_save();
	bool taken;

	spin_lock(&mutex->queue.lock);
	ASSERT(mutex->owner != thread_current());
	taken = mutex->owner == NULL;
	if (taken)
		WRITE_ONCE(mutex->owner, thread_current());
	else if (waiter != NULL)
		wait_queue_add(&mutex->queue, waiter);
	spin_unlock(&mutex->queue.lock);
	sched_kick_and_restore(0, enabled);
	return taken;
}

void mutex_lock(struct mutex *mutex)
{
	struct waiter waiter = { .queued = false };

	if (mutex_take(mutex, &waiter))
		return;
	for (;;) {
		thread_block_prepare();
		if (mutex_is_held(mutex))
			break;
		thread_block();
	}
	wait_queue_finish(&mutex->queue, &waiter);
}

bool mutex_trylock(struct mutex *mutex)
{
	return mutex_take(mutex, NULL);
}

void mutex_unlock(struct mutex *mutex)
{
	bool enabled = sched_irq_save();
	struct thread *next;
	cpumask_t kick = 0;

	spin_lock(&mutex->queue.lock);
	ASSERT(mutex->owner == thread_current());
	next = wait_queue_take(&mutex->queue);
	WRITE_ONCE(mutex->owner, next);
	if (next != NULL)
		kick = sched_wake(next);
	spin_unlock(&mutex->queue.lock);
	sched_kick_and_restore(kick, enabled);
}

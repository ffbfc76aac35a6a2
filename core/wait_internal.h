// SPDX-License-Identifier: BSD-2-Clause
/*
 * Wait queues for those that guard a state of their own by the queue's lock: mutex, completion.
 */
#ifndef CORE_WAIT_INTERNAL_H
#define CORE_WAIT_INTERNAL_H

#include <corbel/wait.h>

/* Adds the calling thread as the last. Context: the queue's lock. */
void wait_queue_add(struct wait_queue *queue, struct waiter *waiter);
/* Takes the first off; NULL where none waits. Context: the queue's lock. */
struct thread *wait_queue_take(struct wait_queue *queue);
/* Takes all off and wakes them; the result is for sched_kick_and_restore(). The queue's lock. */
cpumask_t wait_queue_wake_locked(struct wait_queue *queue);

#endif

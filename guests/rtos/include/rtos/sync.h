// SPDX-License-Identifier: BSD-2-Clause
/*
 * Mutexes with priority inheritance, semaphores, message queues.
 */
#ifndef RTOS_SYNC_H
#define RTOS_SYNC_H

#include <rtos/thread.h>

struct mutex {
	struct thread *owner;
	struct wait_queue waiters;
	struct list_node node; /* in owner->held */
};

void mutex_init(struct mutex *mutex);
/* False: the caller holds it already, or time is up. */
bool mutex_lock(struct mutex *mutex, uint32_t ticks);
/* False: it is not the caller's. */
bool mutex_unlock(struct mutex *mutex);

struct semaphore {
	uint32_t count;
	struct wait_queue waiters;
};

void semaphore_init(struct semaphore *semaphore, uint32_t count);
/* False: time is up. 0 ticks: does not wait. */
bool semaphore_take(struct semaphore *semaphore, uint32_t ticks);
/* From interrupts, too. */
void semaphore_give(struct semaphore *semaphore);

/* Words, in order, at most `capacity`. */
struct queue {
	uint32_t *words;
	uint32_t capacity, count, first;
	struct wait_queue senders, receivers;
};

void queue_init(struct queue *queue, uint32_t *words, uint32_t capacity);
/* False: time is up. */
bool queue_send(struct queue *queue, uint32_t word, uint32_t ticks);
bool queue_receive(struct queue *queue, uint32_t *word, uint32_t ticks);

#endif

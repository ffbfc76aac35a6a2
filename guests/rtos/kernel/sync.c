// SPDX-License-Identifier: BSD-2-Clause
/*
 * What threads wait for. Each function turns interrupts off for its work; a thread that is woken
 * and more urgent runs before the one that woke it goes on.
 */
#include <stddef.h>

#include <rtos/cp0.h>
#include <rtos/sync.h>

/* ---- mutexes ---- */

void mutex_init(struct mutex *mutex)
{
	mutex->owner = NULL;
	wait_queue_init(&mutex->waiters);
}

/* The owner runs as urgently as whoever waits, and so on along the chain of mutexes. */
static void priority_lend(struct mutex *mutex, unsigned int priority)
{
	while (mutex != NULL && mutex->owner->priority < priority) {
		struct thread *owner = mutex->owner;

		thread_priority_set(owner, priority);
		mutex = owner->wanted;
	}
}

/* Its own priority, or that of the most urgent that waits for a mutex it still holds. */
static void priority_give_back(struct thread *thread)
{
	unsigned int priority = thread->base_priority;

	list_for_each(&thread->held, node) {
		struct mutex *mutex = list_entry(node, struct mutex, node);
		struct list_node *first = list_first(&mutex->waiters.threads);
		struct thread *waiter = list_entry(first, struct thread, node);

		if (first != NULL && waiter->priority > priority)
			priority = waiter->priority;
	}
	if (priority != thread->priority)
		thread_priority_set(thread, priority);
}

static void mutex_take(struct mutex *mutex, struct thread *thread)
{
	mutex->owner = thread;
	list_add_last(&thread->held, &mutex->node);
}

bool mutex_lock(struct mutex *mutex, uint32_t ticks)
{
	uint32_t flags = irq_save();
	bool taken = true;

	if (mutex->owner == NULL) {
		mutex_take(mutex, thread_running);
	} else if (mutex->owner == thread_running || ticks == 0) {
		taken = false;
	} else {
		priority_lend(mutex, thread_running->priority);
		thread_running->wanted = mutex;
		taken = wait_queue_wait(&mutex->waiters, ticks);
		thread_running->wanted = NULL;
		if (!taken && mutex->owner != NULL)
			priority_give_back(mutex->owner);
	}
	irq_restore(flags);
	return taken;
}

bool mutex_unlock(struct mutex *mutex)
{
	uint32_t flags = irq_save();
	bool owned = mutex->owner == thread_running;
	struct thread *next;

	if (owned) {
		list_remove(&mutex->node);
		mutex->owner = NULL;
		next = wait_queue_wake(&mutex->waiters);
		if (next != NULL)
			mutex_take(mutex, next);
		priority_give_back(thread_running);
		thread_reschedule();
	}
	irq_restore(flags);
	return owned;
}

/* ---- semaphores ---- */

void semaphore_init(struct semaphore *semaphore, uint32_t count)
{
	semaphore->count = count;
	wait_queue_init(&semaphore->waiters);
}

bool semaphore_take(struct semaphore *semaphore, uint32_t ticks)
{
	uint32_t flags = irq_save();
	bool taken = true;

	if (semaphore->count > 0)
		semaphore->count--;
	else
		taken = wait_queue_wait(&semaphore->waiters, ticks);
	irq_restore(flags);
	return taken;
}

/* What is given goes to who waits, and only else is counted. */
void semaphore_give(struct semaphore *semaphore)
{
	uint32_t flags = irq_save();

	if (wait_queue_wake(&semaphore->waiters) == NULL)
		semaphore->count++;
	/* In an interrupt its end looks for who is to run. */
	if ((flags & STATUS_IE) != 0)
		thread_reschedule();
	irq_restore(flags);
}

/* ---- queues ---- */

void queue_init(struct queue *queue, uint32_t *words, uint32_t capacity)
{
	queue->words = words;
	queue->capacity = capacity;
	queue->count = 0;
	queue->first = 0;
	wait_queue_init(&queue->senders);
	wait_queue_init(&queue->receivers);
}

bool queue_send(struct queue *queue, uint32_t word, uint32_t ticks)
{
	uint32_t flags = irq_save();
	bool room = true;

	while (room && queue->count == queue->capacity)
		room = wait_queue_wait(&queue->senders, ticks);
	if (room) {
		queue->words[(queue->first + queue->count++) % queue->capacity] = word;
		wait_queue_wake(&queue->receivers);
		thread_reschedule();
	}
	irq_restore(flags);
	return room;
}

bool queue_receive(struct queue *queue, uint32_t *word, uint32_t ticks)
{
	uint32_t flags = irq_save();
	bool some = true;

	while (some && queue->count == 0)
		some = wait_queue_wait(&queue->receivers, ticks);
	if (some) {
		*word = queue->words[queue->first];
		queue->first = (queue->first + 1) % queue->capacity;
		queue->count--;
		wait_queue_wake(&queue->senders);
		thread_reschedule();
	}
	irq_restore(flags);
	return some;
}

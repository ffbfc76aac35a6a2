// SPDX-License-Identifier: BSD-2-Clause
/*
 * Ways for threads to wait for each other: wait queue, mutex, completion. All sleep; none may be
 * used with a spinlock held or from an interrupt, except the functions that say otherwise.
 */
#ifndef CORBEL_WAIT_H
#define CORBEL_WAIT_H

#include <corbel/spinlock.h>
#include <corbel/thread.h>
#include <lib/list.h>

struct wait_queue {
	struct spinlock lock;
	struct list waiters;
};

struct waiter {
	struct list_node node;
	struct thread *thread;
	bool queued;
};

void wait_queue_init(struct wait_queue *queue);
/* Any context. */
void wait_queue_wake_one(struct wait_queue *queue);
void wait_queue_wake_all(struct wait_queue *queue);

/* The parts of wait_event(); use that. */
void wait_queue_prepare(struct wait_queue *queue, struct waiter *waiter);
void wait_queue_finish(struct wait_queue *queue, struct waiter *waiter);
/* thread_block() that also ends at the deadline; false if it did. */
bool wait_block_until(uint64_t deadline_ns);

/*
 * Sleeps until the condition holds or the clock reaches `deadline_ns` (TIME_NEVER: no limit); its
 * value says whether the condition held. The condition is evaluated several times, without a lock.
 */
#define wait_event_until(queue, condition, deadline_ns)           \
	({                                                        \
		struct waiter waiter_ = { .queued = false };      \
		bool held_ = false, in_time_ = true;              \
		for (;;) {                                        \
			wait_queue_prepare(queue, &waiter_);      \
			held_ = (condition);                      \
			if (held_ || !in_time_)                   \
				break;                            \
			in_time_ = wait_block_until(deadline_ns); \
		}                                                 \
		wait_queue_finish(queue, &waiter_);               \
		held_;                                            \
	})
#define wait_event(queue, condition) ((void)wait_event_until(queue, condition, TIME_NEVER))

/* Not recursive. Its holder may sleep and be preempted. */
struct mutex {
	struct wait_queue queue;
	struct thread *owner;
};

void mutex_init(struct mutex *mutex);
void mutex_lock(struct mutex *mutex);
bool mutex_trylock(struct mutex *mutex);
void mutex_unlock(struct mutex *mutex);
bool mutex_is_held(const struct mutex *mutex);

#define MUTEX_INIT(name)                                                                    \
	{                                                                                   \
		.queue = {.lock = SPINLOCK_INIT, .waiters = LIST_INIT(name.queue.waiters) } \
	}

/* Something that happens once. */
struct completion {
	struct wait_queue queue;
	bool done;
};

void completion_init(struct completion *completion);
/* Any context. */
void completion_signal(struct completion *completion);
void completion_wait(struct completion *completion);

#endif

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Threads: preemptive, by priority, in turns among equals. One processor; a lock is "interrupts
 * off".
 */
#ifndef RTOS_THREAD_H
#define RTOS_THREAD_H

#include <stdbool.h>
#include <stdint.h>

#include <lib/list.h>
#include <rtos/map.h>

#define PRIORITY_IDLE  0u
#define PRIORITY_LOW   1u
#define PRIORITY_MAIN  4u
#define PRIORITY_HIGH  7u
#define PRIORITY_COUNT 8u

#define TICK_FOREVER	UINT32_MAX
/* Ticks that a thread runs before its equals may. */
#define TICKS_PER_SLICE 2u

enum thread_state {
	THREAD_READY, /* or running */
	THREAD_BLOCKED,
	THREAD_ENDED,
};

struct wait_queue {
	struct list threads; /* by priority, then by time of arrival */
};

struct mutex;
struct user;

struct thread {
	uint32_t sp;	    /* while not running; first: see frame.h */
	uint32_t kernel_sp; /* where an exception in user mode begins its stack */
	struct user *user;  /* in user mode on behalf of it; see exception.h */
	uint32_t asid;
	const char *name;
	enum thread_state state;
	unsigned int priority;	      /* as it counts now: its own, or of one that waits for it */
	unsigned int base_priority;   /* its own */
	unsigned int slice;	      /* ticks left */
	struct list_node node;	      /* in a queue of ready ones, or of those that wait */
	struct wait_queue *waits_for; /* NULL: for time only */
	struct mutex *wanted;	      /* the mutex that it waits for */
	struct list held;	      /* mutexes that it holds */
	struct list_node sleep_node;
	uint32_t wake_tick;
	bool sleeps; /* on the list of those that time wakes */
	bool timed_out;
	struct wait_queue joiners;
	void (*function)(void *argument);
	void *argument;
	uint32_t switches; /* how often it was switched to */
};

extern struct thread *thread_running;

/* Makes the caller the first thread and interrupts possible. */
void thread_init(void);

/* Starts a thread; its stack is `size` bytes from `stack`. */
void thread_start(struct thread *thread, const char *name, unsigned int priority,
		  void (*function)(void *argument), void *argument, void *stack, uint32_t size);
void thread_yield(void);
void thread_sleep(uint32_t ticks);
/* Waits for its end. */
void thread_join(struct thread *thread);
__attribute__((noreturn)) void thread_exit(void);

/* ---- for what is built on it; all with interrupts off ---- */

void wait_queue_init(struct wait_queue *queue);
/* Blocks the caller until woken, or for that many ticks. False: time is up. */
bool wait_queue_wait(struct wait_queue *queue, uint32_t ticks);
/* Wakes the first, and returns it; NULL: nobody waits. */
struct thread *wait_queue_wake(struct wait_queue *queue);
/* Lets a thread that is more urgent run; from interrupts at their end. */
void thread_reschedule(void);
/* The priority that counts now. */
void thread_priority_set(struct thread *thread, unsigned int priority);
/* From the tick. */
void thread_tick(uint32_t now);

/* ---- assembly ---- */

void thread_switch(uint32_t *save_sp, uint32_t load_sp);
void thread_begin(void);

#endif

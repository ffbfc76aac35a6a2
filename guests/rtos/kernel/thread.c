// SPDX-License-Identifier: BSD-2-Clause
/*
 * The scheduler: one queue for each priority, the highest that is not empty runs.
 */
#include <stddef.h>

#include <rtos/console.h>
#include <rtos/cp0.h>
#include <rtos/paging.h>
#include <rtos/sync.h>
#include <rtos/thread.h>

struct thread *thread_running;

static struct thread main_thread, idle_thread;
static uint8_t idle_stack[MAP_STACK_SIZE] __attribute__((aligned(16)));
static struct list ready[PRIORITY_COUNT];
static struct list sleepers = LIST_INIT(sleepers);
static bool reschedule_wanted;
static uint32_t now;

/* ---- queues ---- */

static void ready_add(struct thread *thread)
{
	thread->state = THREAD_READY;
	thread->slice = TICKS_PER_SLICE;
	list_add_last(&ready[thread->priority], &thread->node);
	if (thread->priority > thread_running->priority)
		reschedule_wanted = true;
}

static struct thread *ready_first(void)
{
	for (unsigned int priority = PRIORITY_COUNT; priority-- > 0;)
		if (!list_is_empty(&ready[priority]))
			return list_entry(list_first(&ready[priority]), struct thread, node);
	console_panic("no thread is ready, not even the idle one");
}

void wait_queue_init(struct wait_queue *queue)
{
	list_init(&queue->threads);
}

/* Behind all of the same priority. */
static void wait_queue_add(struct wait_queue *queue, struct thread *thread)
{
	struct list_node *behind = &queue->threads.head;

	thread->waits_for = queue;
	list_for_each(&queue->threads, node) {
		if (list_entry(node, struct thread, node)->priority < thread->priority) {
			behind = node;
			break;
		}
	}
	list_insert_between(&thread->node, behind->previous, behind);
}

/* ---- switching ---- */

/* Interrupts off. Returns when the caller runs again. */
static void switch_to_first(void)
{
	struct thread *previous = thread_running, *next = ready_first();

	reschedule_wanted = false;
	if (next == previous)
		return;
	if (next->asid != previous->asid)
		cp0_write(CP0_ENTRYHI, next->asid);
	next->switches++;
	thread_running = next;
	thread_switch(&previous->sp, next->sp);
}

void thread_reschedule(void)
{
	if (reschedule_wanted)
		switch_to_first();
}

void thread_yield(void)
{
	uint32_t flags = irq_save();

	list_remove(&thread_running->node);
	list_add_last(&ready[thread_running->priority], &thread_running->node);
	switch_to_first();
	irq_restore(flags);
}

static void wake(struct thread *thread, bool timed_out)
{
	if (thread->waits_for != NULL)
		list_remove(&thread->node);
	if (thread->sleeps)
		list_remove(&thread->sleep_node);
	thread->waits_for = NULL;
	thread->sleeps = false;
	thread->timed_out = timed_out;
	ready_add(thread);
}

/* In the order in which they wake. */
static void sleepers_add(struct thread *thread)
{
	struct list_node *behind = sleepers.head.next;

	while (behind != &sleepers.head &&
	       (int32_t)(list_entry(behind, struct thread, sleep_node)->wake_tick -
			 thread->wake_tick) <= 0)
		behind = behind->next;
	list_insert_between(&thread->sleep_node, behind->previous, behind);
}

/* On `queue`, or for time only. */
static bool block(struct wait_queue *queue, uint32_t ticks)
{
	struct thread *thread = thread_running;

	list_remove(&thread->node);
	thread->state = THREAD_BLOCKED;
	thread->timed_out = false;
	if (queue != NULL)
		wait_queue_add(queue, thread);
	if (ticks != TICK_FOREVER) {
		thread->wake_tick = now + ticks;
		thread->sleeps = true;
		sleepers_add(thread);
	}
	switch_to_first();
	return !thread->timed_out;
}

bool wait_queue_wait(struct wait_queue *queue, uint32_t ticks)
{
	return ticks != 0 && block(queue, ticks);
}

struct thread *wait_queue_wake(struct wait_queue *queue)
{
	struct list_node *first = list_first(&queue->threads);
	struct thread *thread;

	if (first == NULL)
		return NULL;
	thread = list_entry(first, struct thread, node);
	wake(thread, false);
	return thread;
}

void thread_priority_set(struct thread *thread, unsigned int priority)
{
	struct wait_queue *queue = thread->waits_for;

	thread->priority = priority;
	if (thread->state == THREAD_READY) {
		list_remove(&thread->node);
		list_add_last(&ready[priority], &thread->node);
	} else if (queue != NULL) {
		list_remove(&thread->node);
		wait_queue_add(queue, thread);
	}
	reschedule_wanted = true;
}

void thread_tick(uint32_t tick)
{
	now = tick;
	while (!list_is_empty(&sleepers)) {
		struct thread *thread =
			list_entry(list_first(&sleepers), struct thread, sleep_node);

		if ((int32_t)(tick - thread->wake_tick) < 0)
			break;
		wake(thread, true);
	}
	if (--thread_running->slice == 0) {
		thread_running->slice = TICKS_PER_SLICE;
		list_remove(&thread_running->node);
		list_add_last(&ready[thread_running->priority], &thread_running->node);
		reschedule_wanted = true;
	}
}

/* ---- life ---- */

static void thread_prepare(struct thread *thread, const char *name, unsigned int priority)
{
	*thread = (struct thread){ .name = name, .priority = priority, .base_priority = priority };
	wait_queue_init(&thread->joiners);
	list_init(&thread->held);
}

void thread_start(struct thread *thread, const char *name, unsigned int priority,
		  void (*function)(void *argument), void *argument, void *stack, uint32_t size)
{
	uint32_t *frame = (uint32_t *)((uintptr_t)stack + size - 64);
	uint32_t flags = irq_save();

	thread_prepare(thread, name, priority);
	thread->asid = thread_running->asid;
	/* As thread_switch() leaves it: s0, s1, ..., ra. */
	frame[4] = (uint32_t)(uintptr_t)function;
	frame[5] = (uint32_t)(uintptr_t)argument;
	frame[12] = 0;
	frame[13] = (uint32_t)(uintptr_t)thread_begin;
	thread->sp = (uint32_t)(uintptr_t)frame;
	ready_add(thread);
	thread_reschedule();
	irq_restore(flags);
}

void thread_exit(void)
{
	irq_save();
	list_remove(&thread_running->node);
	thread_running->state = THREAD_ENDED;
	while (wait_queue_wake(&thread_running->joiners) != NULL)
		;
	switch_to_first();
	console_panic("%s: a thread went on behind its end", thread_running->name);
}

void thread_join(struct thread *thread)
{
	uint32_t flags = irq_save();

	while (thread->state != THREAD_ENDED)
		wait_queue_wait(&thread->joiners, TICK_FOREVER);
	irq_restore(flags);
}

void thread_sleep(uint32_t ticks)
{
	uint32_t flags = irq_save();

	if (ticks != 0)
		block(NULL, ticks);
	irq_restore(flags);
}

static void idle(void *argument)
{
	(void)argument;
	for (;;)
		__asm__ volatile("wait");
}

void thread_init(void)
{
	for (unsigned int i = 0; i < PRIORITY_COUNT; i++)
		list_init(&ready[i]);
	thread_prepare(&main_thread, "main", PRIORITY_MAIN);
	thread_running = &main_thread;
	ready_add(&main_thread);
	reschedule_wanted = false;
	thread_start(&idle_thread, "idle", PRIORITY_IDLE, idle, NULL, idle_stack,
		     sizeof(idle_stack));
}

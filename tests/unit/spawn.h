// SPDX-License-Identifier: BSD-2-Clause
/*
 * What the tests of threads have in common: making them, and a trace of who did what in which
 * order. Needs <cmocka.h> and what that needs before it.
 */
#ifndef SPAWN_H
#define SPAWN_H

#include <string.h>

#include <corbel/thread.h>

static inline struct thread *spawn_new(void (*entry)(void *argument), void *argument,
				       unsigned int priority, cpumask_t affinity)
{
	const struct thread_parameters parameters = {
		.name = "worker",
		.entry = entry,
		.argument = argument,
		.priority = priority,
		.affinity = affinity,
	};
	struct thread *thread;

	assert_int_equal(thread_create(&parameters, &thread), 0);
	return thread;
}

static inline struct thread *spawn(void (*entry)(void *argument), void *argument,
				   unsigned int priority, cpumask_t affinity)
{
	struct thread *thread = spawn_new(entry, argument, priority, affinity);

	thread_start(thread);
	return thread;
}

static inline void join_all(struct thread **threads, size_t count)
{
	for (size_t i = 0; i < count; i++)
		thread_join(threads[i]);
}

/* A trace of letters. Only for machines whose CPUs run in turn. */
static char trace_text[256];

static inline void trace_reset(void)
{
	trace_text[0] = '\0';
}

static inline void trace(char letter)
{
	size_t length = strlen(trace_text);

	assert_true(length + 1 < sizeof(trace_text));
	trace_text[length] = letter;
	trace_text[length + 1] = '\0';
}

#endif

// SPDX-License-Identifier: BSD-2-Clause
/*
 * The life of threads: start, end, join, pause, sleep, the list of all.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <corbel/object.h>
#include <corbel/page.h>
#include <corbel/thread.h>
#include <corbel/time.h>
#include <corbel/wait.h>
#include <fake.h>
#include <fake_machine.h>

#define CPU_COUNT 2

static int setup(void **state)
{
	(void)state;
	fake_machine_start(CPU_COUNT);
	return 0;
}

static struct thread *spawn(void (*entry)(void *argument), void *argument)
{
	const struct thread_parameters parameters = {
		.name = "a thread with a name that is too long",
		.entry = entry,
		.argument = argument,
		.priority = THREAD_PRIORITY_GUEST,
	};
	struct thread *thread;

	assert_int_equal(thread_create(&parameters, &thread), 0);
	return thread;
}

static void set_flag(void *argument)
{
	*(bool *)argument = true;
}

static void start_and_join(void *argument)
{
	bool ran = false;
	struct thread *thread = spawn(set_flag, &ran);

	(void)argument;
	assert_int_equal(thread->state, THREAD_NEW);
	assert_false(ran);
	thread_start(thread);
	thread_join(thread);
	assert_true(ran);
}

static void test_start_and_join(void **state)
{
	(void)state;
	fake_machine_run(start_and_join, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_start_and_join),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}

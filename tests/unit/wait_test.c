// SPDX-License-Identifier: BSD-2-Clause
/*
 * Blocking and waking, wait queues with deadlines, mutexes, completions. On two CPUs in turn.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <corbel/cpu.h>
#include <corbel/thread.h>
#include <corbel/time.h>
#include <corbel/wait.h>
#include <fake.h>
#include <fake_machine.h>
#include <spawn.h>

#define CPU_COUNT 2
#define PRIORITY  THREAD_PRIORITY_GUEST

static int setup(void **state)
{
	(void)state;
	fake_machine_start(CPU_COUNT);
	return 0;
}

static void run(void (*body)(void *argument))
{
	fake_machine_run_as(body, NULL, THREAD_PRIORITY_SERVICE, 1);
}

static void sleep_ns(uint64_t duration_ns)
{
	thread_sleep_until(time_now() + duration_ns);
}

/* ---- block and wake ---- */

static void wake_before_block(void *argument)
{
	(void)argument;
	thread_block_prepare();
	thread_wake(thread_current());
	/* Would sleep for ever. */
	thread_block();
	/* A wake-up that came before prepare does not count. */
	thread_wake(thread_current());
	thread_block_prepare();
	assert_false(wait_block_until(time_now() + NS_PER_MS));
}

static void test_wake_between_prepare_and_block(void **state)
{
	(void)state;
	run(wake_before_block);
}

struct blocker {
	unsigned int rounds;
	bool preempted; /* spends time between prepare and block */
};

static void block_rounds(void *argument)
{
	struct blocker *blocker = argument;

	for (unsigned int i = 0; i < 3; i++) {
		thread_block_prepare();
		if (blocker->preempted)
			fake_work(5 * NS_PER_MS);
		thread_block();
		blocker->rounds++;
	}
}

static void wake_rounds(void *argument)
{
	struct blocker blocker = { .preempted = argument != NULL };
	struct thread *thread = spawn(block_rounds, &blocker, PRIORITY, 0);

	for (unsigned int i = 0; i < 3; i++) {
		/* The thread is blocked, or in the midst of its work before that. */
		sleep_ns(2 * NS_PER_MS);
		assert_int_equal(blocker.rounds, i);
		assert_int_equal(thread->state,
				 blocker.preempted ? THREAD_RUNNING : THREAD_BLOCKED);
		thread_wake(thread);
		/* A second one has nothing to wake. */
		thread_wake(thread);
		while (blocker.rounds == i)
			sleep_ns(FAKE_TICK_NS);
	}
	thread_join(thread);
}

static void test_wake(void **state)
{
	bool yes = true;

	(void)state;
	run(wake_rounds);
	fake_machine_run_as(wake_rounds, &yes, THREAD_PRIORITY_SERVICE, 1);
}

/* ---- wait queues ---- */

struct door {
	struct wait_queue queue;
	unsigned int tickets;
	unsigned int passed;
};

static void pass_door(void *argument)
{
	struct door *door = argument;

	wait_event(&door->queue, door->tickets > 0);
	door->tickets--;
	door->passed++;
}

static void open_door(void *argument)
{
	struct door door = { 0 };
	struct thread *threads[4];

	(void)argument;
	wait_queue_init(&door.queue);
	for (unsigned int i = 0; i < ARRAY_SIZE(threads); i++)
		threads[i] = spawn(pass_door, &door, PRIORITY, 0);
	sleep_ns(NS_PER_MS);
	/* Woken for nothing: they wait again. */
	wait_queue_wake_all(&door.queue);
	sleep_ns(NS_PER_MS);
	assert_int_equal(door.passed, 0);
	door.tickets = 1;
	wait_queue_wake_one(&door.queue);
	sleep_ns(NS_PER_MS);
	assert_int_equal(door.passed, 1);
	door.tickets = 3;
	wait_queue_wake_one(&door.queue);
	sleep_ns(NS_PER_MS);
	assert_int_equal(door.passed, 2);
	wait_queue_wake_all(&door.queue);
	join_all(threads, ARRAY_SIZE(threads));
	assert_int_equal(door.passed, 4);
	assert_true(list_is_empty(&door.queue.waiters));
	/* Nobody waits: that is no error. */
	wait_queue_wake_one(&door.queue);
	wait_queue_wake_all(&door.queue);
	/* What holds already needs no waking. */
	door.tickets = 1;
	pass_door(&door);
}

static void test_wait_queue(void **state)
{
	(void)state;
	run(open_door);
}

static void trace_turn(void *argument)
{
	struct door *door = argument;
	char letter = (char)('a' + door->passed++);

	wait_event(&door->queue, door->tickets > 0);
	door->tickets--;
	trace(letter);
}

static void first_come(void *argument)
{
	struct door door = { 0 };
	struct thread *threads[4];

	(void)argument;
	trace_reset();
	wait_queue_init(&door.queue);
	for (unsigned int i = 0; i < ARRAY_SIZE(threads); i++)
		threads[i] = spawn(trace_turn, &door, PRIORITY, 2);
	for (unsigned int i = 0; i < ARRAY_SIZE(threads); i++) {
		sleep_ns(NS_PER_MS);
		door.tickets++;
		wait_queue_wake_one(&door.queue);
	}
	join_all(threads, ARRAY_SIZE(threads));
	assert_string_equal(trace_text, "abcd");
}

static void test_first_come_first_served(void **state)
{
	(void)state;
	run(first_come);
}

static void deadlines(void *argument)
{
	struct door door = { 0 };
	uint64_t start_ns = time_now();

	(void)argument;
	wait_queue_init(&door.queue);
	assert_false(wait_event_until(&door.queue, door.tickets > 0, start_ns + 5 * NS_PER_MS));
	assert_in_range(time_now(), start_ns + 5 * NS_PER_MS, start_ns + 6 * NS_PER_MS);
	assert_true(list_is_empty(&door.queue.waiters));
	/* A deadline that has passed: the condition counts all the same. */
	assert_false(wait_event_until(&door.queue, door.tickets > 0, start_ns));
	door.tickets = 1;
	assert_true(wait_event_until(&door.queue, door.tickets > 0, start_ns));
	assert_true(list_is_empty(&door.queue.waiters));
}

static void test_wait_with_deadline(void **state)
{
	(void)state;
	run(deadlines);
}

static void give_ticket_later(void *argument)
{
	struct door *door = argument;

	sleep_ns(3 * NS_PER_MS);
	door->tickets = 1;
	wait_queue_wake_all(&door->queue);
}

static void woken_in_time(void *argument)
{
	struct door door = { 0 };
	uint64_t start_ns = time_now();
	struct thread *thread;

	(void)argument;
	wait_queue_init(&door.queue);
	thread = spawn(give_ticket_later, &door, PRIORITY, 0);
	assert_true(wait_event_until(&door.queue, door.tickets > 0, start_ns + NS_PER_S));
	assert_in_range(time_now(), start_ns + 3 * NS_PER_MS, start_ns + 4 * NS_PER_MS);
	thread_join(thread);
	/* The timer is gone with the stack that it lay on. */
	sleep_ns(2 * NS_PER_S);
}

static void test_woken_before_the_deadline(void **state)
{
	(void)state;
	run(woken_in_time);
}

/* ---- mutexes ---- */

struct shared {
	struct mutex mutex;
	unsigned int inside;
	unsigned int total;
};

static void enter_often(void *argument)
{
	struct shared *shared = argument;

	for (unsigned int i = 0; i < 20; i++) {
		mutex_lock(&shared->mutex);
		assert_true(mutex_is_held(&shared->mutex));
		assert_int_equal(shared->inside, 0);
		shared->inside = 1;
		if (i % 3 == 0)
			sleep_ns(NS_PER_MS);
		else
			fake_work(3 * FAKE_TICK_NS);
		shared->inside = 0;
		shared->total++;
		mutex_unlock(&shared->mutex);
		assert_false(mutex_is_held(&shared->mutex));
		if (i % 4 == 0)
			fake_work(FAKE_TICK_NS);
	}
}

static void contention(void *argument)
{
	struct shared shared = { 0 };
	struct thread *threads[5];

	(void)argument;
	mutex_init(&shared.mutex);
	for (unsigned int i = 0; i < ARRAY_SIZE(threads); i++)
		threads[i] = spawn(enter_often, &shared, PRIORITY + i % 2, 0);
	join_all(threads, ARRAY_SIZE(threads));
	assert_int_equal(shared.total, 20 * ARRAY_SIZE(threads));
	assert_null(shared.mutex.owner);
}

static void test_mutex_contention(void **state)
{
	(void)state;
	run(contention);
}

static void lock_and_trace(void *argument)
{
	struct shared *shared = argument;
	char letter = (char)('a' + shared->inside++);

	mutex_lock(&shared->mutex);
	trace(letter);
	mutex_unlock(&shared->mutex);
}

/* Whoever asks again must queue behind those that wait. */
static void mutex_order(void *argument)
{
	static struct mutex mutex_at_rest = MUTEX_INIT(mutex_at_rest);
	struct shared shared = { 0 };
	struct thread *threads[3];

	(void)argument;
	trace_reset();
	mutex_init(&shared.mutex);
	mutex_lock(&shared.mutex);
	for (unsigned int i = 0; i < ARRAY_SIZE(threads); i++)
		threads[i] = spawn(lock_and_trace, &shared, PRIORITY, 2);
	sleep_ns(NS_PER_MS);
	mutex_unlock(&shared.mutex);
	assert_false(mutex_trylock(&shared.mutex));
	mutex_lock(&shared.mutex);
	trace('x');
	mutex_unlock(&shared.mutex);
	join_all(threads, ARRAY_SIZE(threads));
	assert_string_equal(trace_text, "abcx");
	assert_true(mutex_trylock(&mutex_at_rest));
	assert_true(mutex_is_held(&mutex_at_rest));
	mutex_unlock(&mutex_at_rest);
}

static void test_mutex_order(void **state)
{
	(void)state;
	run(mutex_order);
}

static void lock_twice(void *argument)
{
	struct mutex mutex;

	(void)argument;
	mutex_init(&mutex);
	mutex_lock(&mutex);
	mutex_lock(&mutex);
}

static void unlock_unowned(void *argument)
{
	struct mutex mutex;

	(void)argument;
	mutex_init(&mutex);
	mutex_unlock(&mutex);
}

static void run_in_machine(void *argument)
{
	run((void (*)(void *))argument);
}

static void test_mutex_mistakes(void **state)
{
	(void)state;
	assert_panics(run_in_machine, lock_twice, "owner != thread_current()");
	assert_panics(run_in_machine, unlock_unowned, "owner == thread_current()");
}

/* ---- completions ---- */

static void signal_later(void *argument)
{
	sleep_ns(NS_PER_MS);
	completion_signal(argument);
}

static void wait_completion(void *argument)
{
	completion_wait(argument);
}

static void completions(void *argument)
{
	struct completion completion;
	struct thread *threads[3], *signaller;

	(void)argument;
	completion_init(&completion);
	for (unsigned int i = 0; i < ARRAY_SIZE(threads); i++)
		threads[i] = spawn(wait_completion, &completion, PRIORITY, 0);
	signaller = spawn(signal_later, &completion, PRIORITY, 0);
	completion_wait(&completion);
	assert_true(completion.done);
	join_all(threads, ARRAY_SIZE(threads));
	thread_join(signaller);
	/* It stays so. */
	completion_wait(&completion);
	completion_signal(&completion);
}

static void test_completion(void **state)
{
	(void)state;
	run(completions);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wake_between_prepare_and_block),
		cmocka_unit_test(test_wake),
		cmocka_unit_test(test_wait_queue),
		cmocka_unit_test(test_first_come_first_served),
		cmocka_unit_test(test_wait_with_deadline),
		cmocka_unit_test(test_woken_before_the_deadline),
		cmocka_unit_test(test_mutex_contention),
		cmocka_unit_test(test_mutex_order),
		cmocka_unit_test(test_mutex_mistakes),
		cmocka_unit_test(test_completion),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}

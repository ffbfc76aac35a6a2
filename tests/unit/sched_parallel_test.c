// SPDX-License-Identifier: BSD-2-Clause
/*
 * Threads on four CPUs that run at the same time, for what only a race shows: a lost wake-up hangs
 * the test, a broken invariant ends it. Checks inside of threads are ASSERT()s, since they may fail
 * on any of the machine's threads.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <corbel/cpu.h>
#include <corbel/panic.h>
#include <corbel/thread.h>
#include <corbel/time.h>
#include <corbel/wait.h>
#include <fake.h>
#include <fake_machine.h>
#include <spawn.h>

#define CPU_COUNT 4
#define PRIORITY  THREAD_PRIORITY_GUEST

static int setup(void **state)
{
	(void)state;
	fake_machine_start_parallel(CPU_COUNT);
	return 0;
}

/* Any thread may use it with a seed of its own. */
static unsigned int random_below(unsigned int *seed, unsigned int limit)
{
	*seed = *seed * 1103515245 + 12345;
	return (*seed >> 16) % limit;
}

static void nap(unsigned int *seed)
{
	thread_sleep_until(time_now() + random_below(seed, 200) * NS_PER_US);
}

/* ---- two threads that wake each other ---- */

struct ping_pong {
	struct wait_queue queue;
	unsigned int turn;
	unsigned int rounds;
};

static void take_turns(struct ping_pong *game, unsigned int me)
{
	for (unsigned int i = 0; i < game->rounds; i++) {
		wait_event(&game->queue, READ_ONCE(game->turn) % 2 == me);
		WRITE_ONCE(game->turn, game->turn + 1);
		wait_queue_wake_all(&game->queue);
	}
}

static void ping(void *argument)
{
	take_turns(argument, 0);
}

static void pong(void *argument)
{
	take_turns(argument, 1);
}

static void play(void *argument)
{
	struct ping_pong games[4];
	struct thread *threads[2 * ARRAY_SIZE(games)];

	(void)argument;
	for (unsigned int i = 0; i < ARRAY_SIZE(games); i++) {
		games[i] = (struct ping_pong){ .rounds = 1500 };
		wait_queue_init(&games[i].queue);
		threads[2 * i] = spawn(ping, &games[i], PRIORITY, 0);
		threads[2 * i + 1] = spawn(pong, &games[i], PRIORITY + i % 2, 0);
	}
	join_all(threads, ARRAY_SIZE(threads));
	for (unsigned int i = 0; i < ARRAY_SIZE(games); i++)
		ASSERT(games[i].turn == 2 * games[i].rounds);
}

static void test_no_wake_up_is_lost(void **state)
{
	(void)state;
	fake_machine_run(play, NULL);
}

/* ---- a mutex ---- */

struct account {
	struct mutex mutex;
	uint64_t total;
};

static void deposit(void *argument)
{
	struct account *account = argument;
	unsigned int seed = thread_current()->id;

	for (unsigned int i = 0; i < 2000; i++) {
		uint64_t before;

		mutex_lock(&account->mutex);
		before = account->total;
		if (random_below(&seed, 50) == 0)
			nap(&seed);
		account->total = before + 1;
		mutex_unlock(&account->mutex);
	}
}

static void deposits(void *argument)
{
	struct account account = { 0 };
	struct thread *threads[6];

	(void)argument;
	mutex_init(&account.mutex);
	for (unsigned int i = 0; i < ARRAY_SIZE(threads); i++)
		threads[i] = spawn(deposit, &account, PRIORITY + i % 3, 0);
	join_all(threads, ARRAY_SIZE(threads));
	ASSERT(account.total == 2000 * ARRAY_SIZE(threads));
}

static void test_mutex_excludes(void **state)
{
	(void)state;
	fake_machine_run(deposits, NULL);
}

/* ---- threads that are pushed about ---- */

struct victim {
	struct thread *thread;
	unsigned int rounds;
	bool stop;
};

/* A bit of everything that a thread does. */
static void suffer(void *argument)
{
	struct victim *victim = argument;
	unsigned int seed = thread_current()->id;

	while (!READ_ONCE(victim->stop)) {
		switch (random_below(&seed, 4)) {
		case 0:
			nap(&seed);
			break;
		case 1:
			fake_work(random_below(&seed, 300) * NS_PER_US);
			break;
		case 2:
			thread_yield();
			break;
		default:
			thread_block_prepare();
			wait_block_until(time_now() + 50 * NS_PER_US);
			break;
		}
		ASSERT(thread_current() == victim->thread);
		ASSERT(thread_current()->state == THREAD_RUNNING);
		WRITE_ONCE(victim->rounds, victim->rounds + 1);
	}
}

static void push_about(struct victim *victim, unsigned int *seed)
{
	struct thread *thread = victim->thread;

	switch (random_below(seed, 6)) {
	case 0:
		ASSERT(thread_affinity_set(thread, 1 + random_below(seed, 15)) == 0);
		break;
	case 1:
		ASSERT(thread_priority_set(thread, 1 + random_below(seed, 12)) == 0);
		break;
	case 2:
		thread_pause(thread);
		if (random_below(seed, 2) != 0)
			nap(seed);
		thread_resume(thread);
		break;
	case 3:
		thread_wake(thread);
		break;
	case 4:
		thread_run_time(thread);
		break;
	default:
		nap(seed);
		break;
	}
}

/* Afterwards each can still run on each CPU. */
static void mistreat(void *argument)
{
	struct victim victims[8] = { 0 };
	uint64_t end_ns = time_now() + 3 * NS_PER_S;
	unsigned int seed = 7;

	(void)argument;
	for (unsigned int i = 0; i < ARRAY_SIZE(victims); i++) {
		victims[i].thread = spawn_new(suffer, &victims[i], PRIORITY, 0);
		thread_start(victims[i].thread);
	}
	while (time_now() < end_ns)
		push_about(&victims[random_below(&seed, ARRAY_SIZE(victims))], &seed);
	for (unsigned int i = 0; i < ARRAY_SIZE(victims); i++) {
		unsigned int before = READ_ONCE(victims[i].rounds);

		ASSERT(thread_priority_set(victims[i].thread, THREAD_PRIORITY_HIGHEST) == 0);
		ASSERT(thread_affinity_set(victims[i].thread, UINT64_C(1) << i % CPU_COUNT) == 0);
		while (READ_ONCE(victims[i].rounds) < before + 10)
			nap(&seed);
		ASSERT(victims[i].thread->cpu->index == i % CPU_COUNT);
		WRITE_ONCE(victims[i].stop, true);
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(victims); i++)
		thread_join(victims[i].thread);
}

static void test_changes_at_any_time(void **state)
{
	(void)state;
	fake_machine_run_as(mistreat, NULL, THREAD_PRIORITY_SERVICE, 0);
}

/* ---- short lives ---- */

static void live_shortly(void *argument)
{
	__atomic_fetch_add((unsigned int *)argument, 1, __ATOMIC_RELAXED);
}

static void breed(void *argument)
{
	struct thread *threads[4];

	for (unsigned int round = 0; round < 200; round++) {
		for (unsigned int i = 0; i < ARRAY_SIZE(threads); i++)
			threads[i] = spawn(live_shortly, argument, PRIORITY + i, 0);
		join_all(threads, ARRAY_SIZE(threads));
	}
}

static void breed_everywhere(void *argument)
{
	struct thread *threads[CPU_COUNT];
	unsigned int lives = 0;

	(void)argument;
	for (unsigned int i = 0; i < ARRAY_SIZE(threads); i++)
		threads[i] = spawn(breed, &lives, PRIORITY, UINT64_C(1) << i);
	join_all(threads, ARRAY_SIZE(threads));
	ASSERT(lives == CPU_COUNT * 200 * 4);
}

static void test_many_short_lives(void **state)
{
	(void)state;
	fake_machine_run(breed_everywhere, NULL);
}

/* ---- timers and calls ---- */

struct bell {
	struct timer timer;
	unsigned int rung;
};

static void ring(struct timer *timer)
{
	struct bell *bell = container_of(timer, struct bell, timer);

	__atomic_fetch_add(&bell->rung, 1, __ATOMIC_RELAXED);
	if (bell->rung % 2 != 0)
		timer_set(timer, time_now() + 20 * NS_PER_US);
}

/* After a cancel the function neither runs nor will: the memory is another's. */
static void set_and_cancel(void *argument)
{
	unsigned int seed = thread_current()->id;

	(void)argument;
	for (unsigned int i = 0; i < 1000; i++) {
		struct bell bell = { .rung = 0 };
		unsigned int rung;

		timer_init(&bell.timer, ring);
		timer_set(&bell.timer, time_now() + random_below(&seed, 60) * NS_PER_US);
		if (random_below(&seed, 4) == 0)
			nap(&seed);
		timer_cancel(&bell.timer);
		rung = READ_ONCE(bell.rung);
		ASSERT(bell.timer.cpu == NULL);
		fake_work(random_below(&seed, 20) * NS_PER_US);
		ASSERT(bell.rung == rung);
		memset(&bell, 0xff, sizeof(bell));
	}
}

static void note_call(void *argument)
{
	__atomic_fetch_add((unsigned int *)argument, 1, __ATOMIC_RELAXED);
}

static void call_often(void *argument)
{
	(void)argument;
	for (unsigned int i = 0; i < 200; i++) {
		unsigned int calls = 0;

		cpu_call(CPUMASK_ALL, note_call, &calls);
		ASSERT(calls == CPU_COUNT);
	}
}

static void timers_and_calls(void *argument)
{
	struct thread *threads[8];

	(void)argument;
	for (unsigned int i = 0; i < ARRAY_SIZE(threads); i++)
		threads[i] = spawn(i % 2 == 0 ? set_and_cancel : call_often, NULL, PRIORITY, 0);
	join_all(threads, ARRAY_SIZE(threads));
}

static void test_timers_and_calls(void **state)
{
	(void)state;
	fake_machine_run(timers_and_calls, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_wake_up_is_lost),  cmocka_unit_test(test_mutex_excludes),
		cmocka_unit_test(test_changes_at_any_time), cmocka_unit_test(test_many_short_lives),
		cmocka_unit_test(test_timers_and_calls),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}

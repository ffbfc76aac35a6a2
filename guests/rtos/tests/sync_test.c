// SPDX-License-Identifier: BSD-2-Clause
/*
 * Mutexes, semaphores, queues and timers between threads.
 */
#include <stddef.h>
#include <string.h>

#include <rtos/clock.h>
#include <rtos/cp0.h>
#include <rtos/sync.h>
#include <rtos/test.h>

#define COUNT 3u

static struct thread threads[COUNT];
static uint8_t stacks[COUNT][MAP_STACK_SIZE] __attribute__((aligned(16)));

static void start(unsigned int index, unsigned int priority, void (*function)(void *argument))
{
	thread_start(&threads[index], "sync", priority, function, (void *)(uintptr_t)index,
		     stacks[index], sizeof(stacks[index]));
}

static void join_all(unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		thread_join(&threads[i]);
}

/* ---- mutexes ---- */

static struct mutex mutex, outer;
static volatile uint32_t shared, inside, collisions;

static void pause(unsigned int rounds)
{
	for (volatile unsigned int i = 0; i < rounds; i++)
		;
}

static void add_locked(void *argument)
{
	(void)argument;
	for (unsigned int i = 0; i < 100; i++) {
		uint32_t value;

		mutex_lock(&mutex, TICK_FOREVER);
		collisions += inside++ != 0;
		value = shared;
		pause(300);
		shared = value + 1;
		inside--;
		mutex_unlock(&mutex);
	}
}

TEST(mutex_excludes)
{
	mutex_init(&mutex);
	shared = inside = collisions = 0;
	for (unsigned int i = 0; i < COUNT; i++)
		start(i, PRIORITY_LOW, add_locked);
	join_all(COUNT);
	CHECK_EQUAL(shared, COUNT * 100);
	CHECK_EQUAL(collisions, 0);
}

TEST(mutex_rules)
{
	mutex_init(&mutex);
	CHECK(mutex_lock(&mutex, 0));
	CHECK(!mutex_lock(&mutex, 0));
	CHECK(mutex_unlock(&mutex));
	CHECK(!mutex_unlock(&mutex));
}

static void lock_forever(void *argument)
{
	(void)argument;
	mutex_lock(&outer, TICK_FOREVER);
	mutex_lock(&mutex, TICK_FOREVER);
	mutex_unlock(&mutex);
	mutex_unlock(&outer);
}

static void lock_outer(void *argument)
{
	(void)argument;
	mutex_lock(&outer, TICK_FOREVER);
	mutex_unlock(&outer);
}

/* Who holds what a more urgent thread waits for is as urgent, also over two mutexes. */
TEST(mutex_inherits_priority)
{
	mutex_init(&mutex);
	mutex_init(&outer);
	mutex_lock(&mutex, TICK_FOREVER);
	start(0, PRIORITY_MAIN + 1, lock_forever);
	CHECK_EQUAL(thread_running->priority, PRIORITY_MAIN + 1);
	start(1, PRIORITY_HIGH, lock_outer);
	CHECK_EQUAL(threads[0].priority, PRIORITY_HIGH);
	CHECK_EQUAL(thread_running->priority, PRIORITY_HIGH);
	mutex_unlock(&mutex);
	CHECK_EQUAL(thread_running->priority, PRIORITY_MAIN);
	CHECK_EQUAL(threads[0].priority, PRIORITY_MAIN + 1);
	join_all(2);
}

static void hold_for_long(void *argument)
{
	(void)argument;
	mutex_lock(&mutex, TICK_FOREVER);
	thread_sleep(20);
	mutex_unlock(&mutex);
}

TEST(mutex_times_out)
{
	uint32_t begin;

	mutex_init(&mutex);
	start(0, PRIORITY_HIGH, hold_for_long);
	begin = clock_ticks();
	CHECK(!mutex_lock(&mutex, 5));
	CHECK(clock_ticks() - begin >= 5);
	CHECK(mutex_lock(&mutex, 100));
	CHECK(clock_ticks() - begin >= 15);
	mutex_unlock(&mutex);
	join_all(1);
	CHECK_EQUAL(thread_running->priority, PRIORITY_MAIN);
}

/* ---- semaphores ---- */

static struct semaphore ping, pong;

static void answer(void *argument)
{
	(void)argument;
	for (unsigned int i = 0; i < 500; i++) {
		semaphore_take(&ping, TICK_FOREVER);
		semaphore_give(&pong);
	}
}

TEST(semaphore_ping_pong)
{
	unsigned int answers = 0;

	semaphore_init(&ping, 0);
	semaphore_init(&pong, 0);
	start(0, PRIORITY_MAIN, answer);
	for (unsigned int i = 0; i < 500; i++) {
		semaphore_give(&ping);
		answers += semaphore_take(&pong, 1000);
	}
	CHECK_EQUAL(answers, 500);
	join_all(1);
}

TEST(semaphore_counts)
{
	semaphore_init(&ping, 2);
	CHECK(semaphore_take(&ping, 0));
	CHECK(semaphore_take(&ping, 0));
	CHECK(!semaphore_take(&ping, 0));
	CHECK(!semaphore_take(&ping, 3));
	semaphore_give(&ping);
	CHECK(semaphore_take(&ping, 0));
}

/* ---- queues ---- */

static uint32_t words[8];
static struct queue queue;
static volatile uint32_t received_sum;

static void receive(void *argument)
{
	uint32_t word, last = 0;

	(void)argument;
	for (unsigned int i = 0; i < 400; i++) {
		if (!queue_receive(&queue, &word, 1000))
			return;
		if (word > last)
			received_sum += word;
		last = word;
	}
}

/* In order, whoever waits for whom. */
static void queue_try(unsigned int priority)
{
	queue_init(&queue, words, 8);
	received_sum = 0;
	start(0, priority, receive);
	for (uint32_t i = 1; i <= 400; i++)
		CHECK(queue_send(&queue, i, 1000));
	join_all(1);
	CHECK_EQUAL(received_sum, 400 * 401 / 2);
}

TEST(queue_keeps_order)
{
	queue_try(PRIORITY_HIGH);
	queue_try(PRIORITY_LOW);
	queue_try(PRIORITY_MAIN);
}

TEST(queue_times_out)
{
	uint32_t word;

	queue_init(&queue, words, 2);
	CHECK(!queue_receive(&queue, &word, 3));
	CHECK(queue_send(&queue, 1, 0));
	CHECK(queue_send(&queue, 2, 0));
	CHECK(!queue_send(&queue, 3, 0));
	CHECK(!queue_send(&queue, 3, 3));
	CHECK(queue_receive(&queue, &word, 0) && word == 1);
	CHECK(queue_receive(&queue, &word, 0) && word == 2);
	CHECK(!queue_receive(&queue, &word, 0));
}

/* ---- timers ---- */

static volatile uint32_t fired;
static uint32_t fired_at;

static void fire(struct timer *timer)
{
	fired++;
	fired_at = clock_ticks();
	if (timer->argument != NULL)
		semaphore_give(timer->argument);
}

TEST(timer_once)
{
	static struct timer timer;
	uint32_t begin = clock_ticks();

	fired = 0;
	semaphore_init(&ping, 0);
	timer_start(&timer, 5, 0, fire, &ping);
	CHECK(semaphore_take(&ping, 100));
	CHECK_EQUAL(fired, 1);
	CHECK(fired_at - begin >= 5);
	thread_sleep(10);
	CHECK_EQUAL(fired, 1);
}

TEST(timer_again_and_again)
{
	static struct timer timer;
	unsigned int taken = 0;

	fired = 0;
	semaphore_init(&ping, 0);
	timer_start(&timer, 3, 3, fire, &ping);
	for (unsigned int i = 0; i < 5; i++)
		taken += semaphore_take(&ping, 100);
	timer_stop(&timer);
	CHECK_EQUAL(taken, 5);
	taken = fired;
	thread_sleep(10);
	CHECK_EQUAL(fired, taken);
}

TEST(timer_is_stopped)
{
	static struct timer timer;

	fired = 0;
	timer_start(&timer, 5, 0, fire, NULL);
	timer_stop(&timer);
	thread_sleep(10);
	CHECK_EQUAL(fired, 0);
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Threads: preemption, priorities, sleeping, ending.
 */
#include <stddef.h>
#include <string.h>

#include <rtos/clock.h>
#include <rtos/cp0.h>
#include <rtos/test.h>
#include <rtos/thread.h>

#define COUNT 4u

static struct worker {
	struct thread thread;
	uint8_t stack[MAP_STACK_SIZE] __attribute__((aligned(16)));
	volatile uint32_t rounds;
	uint32_t value;
} workers[COUNT];
static volatile bool stop;
static volatile uint32_t order[16];
static volatile uint32_t order_count;

static void worker_start(unsigned int index, unsigned int priority,
			 void (*function)(void *argument))
{
	struct worker *worker = &workers[index];

	worker->rounds = 0;
	thread_start(&worker->thread, "worker", priority, function, worker, worker->stack,
		     sizeof(worker->stack));
}

static void order_add(uint32_t value)
{
	if (order_count < 16)
		order[order_count++] = value;
}

static void spin(void *argument)
{
	struct worker *worker = argument;

	while (!stop)
		worker->rounds++;
}

static bool all_took_turns(void)
{
	for (unsigned int i = 0; i < COUNT; i++)
		if (workers[i].rounds == 0 || workers[i].thread.switches < 2)
			return false;
	return true;
}

/* Equals that never give way all get on. Where the host is busy it takes a little longer. */
TEST(threads_take_turns)
{
	stop = false;
	for (unsigned int i = 0; i < COUNT; i++)
		worker_start(i, PRIORITY_LOW, spin);
	for (unsigned int i = 0; i < 500 && !all_took_turns(); i++)
		thread_sleep(10);
	stop = true;
	for (unsigned int i = 0; i < COUNT; i++) {
		thread_join(&workers[i].thread);
		CHECK(workers[i].rounds > 0);
		CHECK(workers[i].thread.switches >= 2);
	}
}

static void note(void *argument)
{
	order_add((uint32_t)((struct worker *)argument - workers));
}

/* Whoever is more urgent runs at once; others when nobody else is left. */
TEST(priorities)
{
	order_count = 0;
	worker_start(0, PRIORITY_LOW, note);
	worker_start(1, PRIORITY_HIGH, note);
	CHECK_EQUAL(order_count, 1);
	CHECK_EQUAL(order[0], 1);
	worker_start(2, PRIORITY_LOW + 1, note);
	CHECK_EQUAL(order_count, 1);
	for (unsigned int i = 0; i < 3; i++)
		thread_join(&workers[i].thread);
	CHECK_EQUAL(order_count, 3);
	CHECK_EQUAL(order[1], 2);
	CHECK_EQUAL(order[2], 0);
}

static void sleep_and_note(void *argument)
{
	struct worker *worker = argument;

	thread_sleep(worker->value - clock_ticks());
	note(argument);
}

TEST(sleepers_wake_in_order)
{
	static const uint32_t ticks[COUNT] = { 20, 5, 15, 10 };
	/* Until then all of them have begun, busy host or not. */
	uint32_t start = clock_ticks() + 50;

	order_count = 0;
	for (unsigned int i = 0; i < COUNT; i++) {
		workers[i].value = start + ticks[i];
		worker_start(i, PRIORITY_HIGH, sleep_and_note);
	}
	for (unsigned int i = 0; i < COUNT; i++)
		thread_join(&workers[i].thread);
	CHECK((int32_t)(clock_ticks() - start) >= 20);
	CHECK_EQUAL(order[0], 1);
	CHECK_EQUAL(order[1], 3);
	CHECK_EQUAL(order[2], 2);
	CHECK_EQUAL(order[3], 0);
}

/* Callee-saved registers and HI and LO, over yields and over preemption. */
static void keep_registers(void *argument)
{
	struct worker *worker = argument;
	uint32_t seed = worker->value, wrong = 0;

	for (uint32_t i = 0; i < 300; i++) {
		uint64_t product = (uint64_t)(seed + i) * 0x10001u;
		uint32_t high, low;

		__asm__ volatile("multu %2, %3\n\t"
				 "li $8, 2000\n"
				 "1:\taddiu $8, $8, -1\n\t"
				 "bnez $8, 1b\n\t"
				 "mfhi %0\n\t"
				 "mflo %1"
				 : "=&r"(high), "=&r"(low)
				 : "r"(seed + i), "r"(0x10001)
				 : "$8", "hi", "lo");
		wrong += high != (uint32_t)(product >> 32) || low != (uint32_t)product;
		if (i % 16 == 0)
			thread_yield();
	}
	worker->rounds = wrong;
}

TEST(threads_keep_registers)
{
	for (unsigned int i = 0; i < COUNT; i++) {
		workers[i].value = 0x1000000 * (i + 1);
		worker_start(i, PRIORITY_LOW, keep_registers);
	}
	for (unsigned int i = 0; i < COUNT; i++) {
		thread_join(&workers[i].thread);
		CHECK_EQUAL(workers[i].rounds, 0);
	}
}

static void nothing(void *argument)
{
	(void)argument;
}

TEST(many_short_lives)
{
	for (unsigned int i = 0; i < 200; i++) {
		worker_start(i % COUNT, PRIORITY_HIGH, nothing);
		thread_join(&workers[i % COUNT].thread);
		CHECK_EQUAL(workers[i % COUNT].thread.state, THREAD_ENDED);
	}
}

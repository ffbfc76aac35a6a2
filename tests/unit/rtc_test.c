// SPDX-License-Identifier: BSD-2-Clause
/*
 * Tests of the time of day and of the virtual Goldfish clock: time, setting it, alarms.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <corbel/thread.h>
#include <corbel/time.h>
#include <corbel/wall_clock.h>
#include <fake.h>
#include <fake_board.h>
#include <fake_machine.h>

#define NODE  "rtc@101000"
#define OTHER "rtc@102000"
#define INPUT 11u

enum {
	TIME_LOW = 0x00,
	TIME_HIGH = 0x04,
	ALARM_LOW = 0x08,
	ALARM_HIGH = 0x0c,
	IRQ_ENABLED = 0x10,
	CLEAR_ALARM = 0x14,
	ALARM_STATUS = 0x18,
	CLEAR_INTERRUPT = 0x1c,
};

/* 2024-02-29 12:34:56 UTC */
#define SOME_DAY (UINT64_C(1709210096) * NS_PER_S)

static struct fake_board *board;
static struct vdev *rtc;

static void board_make(void)
{
	const uint32_t input = INPUT;

	board = fake_board_begin();
	fake_board_node_add(board, NODE, "google,goldfish-rtc");
	fake_board_node_add(board, OTHER, "google,goldfish-rtc");
	fake_board_cells_set(board, NODE, "interrupts", &input, 1);
	assert_int_equal(fake_board_device_make(board, NODE, &rtc, NULL), 0);
	wall_clock_set(SOME_DAY);
}

/* A test runs as a thread of a fake machine, so that timers fire. */
static void run_body(void *body)
{
	board_make();
	((void (*)(void))body)();
	fake_board_end(board);
}

static void machine_test(void **state)
{
	fake_machine_run(run_body, *state);
}

static uint32_t get(uint64_t offset)
{
	return (uint32_t)fake_device_read(rtc, offset, 4);
}

static void put(uint64_t offset, uint32_t value)
{
	fake_device_write(rtc, offset, 4, value);
}

static uint64_t time_get(struct vdev *vdev)
{
	uint64_t low = fake_device_read(vdev, TIME_LOW, 4);

	return fake_device_read(vdev, TIME_HIGH, 4) << 32 | low;
}

static void time_set(uint64_t now)
{
	put(TIME_HIGH, (uint32_t)(now >> 32));
	put(TIME_LOW, (uint32_t)now);
}

static void alarm_set(uint64_t at)
{
	put(ALARM_HIGH, (uint32_t)(at >> 32));
	put(ALARM_LOW, (uint32_t)at);
}

static bool irq(void)
{
	return board->levels[INPUT];
}

/* Fake time may go on between two readings, but not far. */
static void assert_near(uint64_t actual, uint64_t expected)
{
	assert_in_range(actual, expected, expected + NS_PER_MS);
}

/* ---- time ---- */

static void wall_clock_goes_on(void)
{
	assert_near(wall_clock_now(), SOME_DAY);
	thread_sleep_until(time_now() + NS_PER_S);
	assert_near(wall_clock_now(), SOME_DAY + NS_PER_S);
}

static void guest_sees_the_time_of_day(void)
{
	assert_near(time_get(rtc), SOME_DAY);
	thread_sleep_until(time_now() + 3 * NS_PER_S);
	assert_near(time_get(rtc), SOME_DAY + 3 * NS_PER_S);
}

static void low_word_latches_the_high_one(void)
{
	uint32_t high;

	(void)get(TIME_LOW);
	high = get(TIME_HIGH);
	thread_sleep_until(time_now() + 10 * NS_PER_S);
	assert_int_equal(get(TIME_HIGH), high);
	(void)get(TIME_LOW);
	assert_int_equal(get(TIME_HIGH), (SOME_DAY + 10 * NS_PER_S) >> 32);
	assert_int_not_equal(get(TIME_HIGH), high);
}

static void setting_it_is_private(void)
{
	struct vdev *other;

	assert_int_equal(fake_board_device_make(board, OTHER, &other, NULL), 0);
	time_set(42 * NS_PER_S);
	assert_near(time_get(rtc), 42 * NS_PER_S);
	assert_near(time_get(other), SOME_DAY);
	assert_near(wall_clock_now(), SOME_DAY);
}

static void reset_keeps_the_time(void)
{
	time_set(42 * NS_PER_S);
	put(IRQ_ENABLED, 1);
	rtc->ops->reset(rtc);
	assert_near(time_get(rtc), 42 * NS_PER_S);
	assert_int_equal(get(IRQ_ENABLED), 0);
}

/* ---- alarms ---- */

static void alarm_goes_off(void)
{
	uint64_t at = time_get(rtc) + 2 * NS_PER_S;

	put(IRQ_ENABLED, 1);
	alarm_set(at);
	assert_int_equal(get(ALARM_STATUS), 1);
	assert_int_equal(get(ALARM_LOW), (uint32_t)at);
	assert_int_equal(get(ALARM_HIGH), (uint32_t)(at >> 32));
	thread_sleep_until(time_now() + NS_PER_S);
	assert_false(irq());
	thread_sleep_until(time_now() + NS_PER_S + NS_PER_MS);
	assert_true(irq());
	assert_int_equal(get(ALARM_STATUS), 0);
	put(CLEAR_INTERRUPT, 1);
	assert_false(irq());
}

static void alarm_in_the_past_goes_off_at_once(void)
{
	put(IRQ_ENABLED, 1);
	alarm_set(time_get(rtc) - 1);
	assert_true(irq());
	assert_int_equal(get(ALARM_STATUS), 0);
}

static void alarm_that_never_comes(void)
{
	put(IRQ_ENABLED, 1);
	alarm_set(UINT64_MAX);
	assert_int_equal(get(ALARM_STATUS), 1);
	thread_sleep_until(time_now() + NS_PER_S);
	assert_false(irq());
}

static void cleared_alarm_stays_silent(void)
{
	put(IRQ_ENABLED, 1);
	alarm_set(time_get(rtc) + NS_PER_S);
	put(CLEAR_ALARM, 1);
	assert_int_equal(get(ALARM_STATUS), 0);
	thread_sleep_until(time_now() + 2 * NS_PER_S);
	assert_false(irq());
}

static void later_alarm_replaces_the_earlier(void)
{
	put(IRQ_ENABLED, 1);
	alarm_set(time_get(rtc) + NS_PER_S);
	alarm_set(time_get(rtc) + 3 * NS_PER_S);
	thread_sleep_until(time_now() + 2 * NS_PER_S);
	assert_false(irq());
	thread_sleep_until(time_now() + 2 * NS_PER_S);
	assert_true(irq());
}

static void alarm_is_remembered_until_enabled(void)
{
	alarm_set(time_get(rtc));
	assert_false(irq());
	put(IRQ_ENABLED, 1);
	assert_true(irq());
	put(IRQ_ENABLED, 0);
	assert_false(irq());
}

static void setting_the_time_moves_the_alarm(void)
{
	put(IRQ_ENABLED, 1);
	alarm_set(SOME_DAY + 100 * NS_PER_S);
	time_set(SOME_DAY + 99 * NS_PER_S);
	assert_false(irq());
	thread_sleep_until(time_now() + 2 * NS_PER_S);
	assert_true(irq());
}

static void nothing_after_reset(void)
{
	put(IRQ_ENABLED, 1);
	alarm_set(time_get(rtc) + NS_PER_S);
	rtc->ops->reset(rtc);
	put(IRQ_ENABLED, 1);
	thread_sleep_until(time_now() + 2 * NS_PER_S);
	assert_false(irq());
}

/* The sanitizers see to it that a timer does not outlive its device. */
static void destroyed_with_a_pending_alarm(void)
{
	put(IRQ_ENABLED, 1);
	alarm_set(time_get(rtc) + NS_PER_S);
	fake_board_end(board);
	thread_sleep_until(time_now() + 2 * NS_PER_S);
	board_make();
}

/* ---- accesses ---- */

static void only_aligned_words(void)
{
	static const struct {
		uint64_t offset;
		unsigned int size;
	} wrong[] = { { 0, 1 }, { 0, 2 }, { 0, 8 }, { 2, 4 }, { 0x11, 4 } };
	uint64_t value;

	for (unsigned int i = 0; i < ARRAY_SIZE(wrong); i++) {
		assert_int_equal(fake_device_read_try(rtc, wrong[i].offset, wrong[i].size, &value),
				 -ENXIO);
		assert_int_equal(fake_device_write_try(rtc, wrong[i].offset, wrong[i].size, 1),
				 -ENXIO);
	}
	put(0x20, 0xffffffff);
	assert_int_equal(get(0x20), 0);
	assert_int_equal(get(0xffc), 0);
}

static void random_accesses(void)
{
	uint32_t seed = 0xfeedbeef;

	for (unsigned int i = 0; i < 20000; i++) {
		uint32_t random = fake_random(&seed);
		uint64_t offset = random >> 8 & 0x3f;
		unsigned int size = (random & 0x30) != 0 ? 4 : 1u << (random >> 6 & 3);
		uint64_t value;

		if ((random & 0x30) != 0)
			offset &= 0x3c;
		if ((random & 1) != 0)
			(void)fake_device_read_try(rtc, offset, size, &value);
		else
			(void)fake_device_write_try(rtc, offset, size, fake_random(&seed));
		if ((random & 0xfff000) == 0)
			thread_sleep_until(time_now() + NS_PER_MS);
		/* A high line has been enabled, and clearing the cause always lowers it. */
		if (irq())
			assert_int_equal(get(IRQ_ENABLED), 1);
	}
	put(CLEAR_INTERRUPT, 1);
	assert_false(irq());
}

#define IN_MACHINE(body)                                                                   \
	{                                                                                  \
		.name = #body, .test_func = machine_test, .initial_state = (void *)(body), \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_MACHINE(wall_clock_goes_on),
		IN_MACHINE(guest_sees_the_time_of_day),
		IN_MACHINE(low_word_latches_the_high_one),
		IN_MACHINE(setting_it_is_private),
		IN_MACHINE(reset_keeps_the_time),
		IN_MACHINE(alarm_goes_off),
		IN_MACHINE(alarm_in_the_past_goes_off_at_once),
		IN_MACHINE(alarm_that_never_comes),
		IN_MACHINE(cleared_alarm_stays_silent),
		IN_MACHINE(later_alarm_replaces_the_earlier),
		IN_MACHINE(alarm_is_remembered_until_enabled),
		IN_MACHINE(setting_the_time_moves_the_alarm),
		IN_MACHINE(nothing_after_reset),
		IN_MACHINE(destroyed_with_a_pending_alarm),
		IN_MACHINE(only_aligned_words),
		IN_MACHINE(random_accesses),
	};

	return cmocka_run_group_tests_name("rtc", tests, fake_machine_setup, NULL);
}

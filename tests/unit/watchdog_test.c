// SPDX-License-Identifier: BSD-2-Clause
/*
 * Tests of the virtual watchdog: when it bites, what keeps it from doing so, what it does then. Not
 * what follows a crash: that is guest_crash_test.c.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <corbel/thread.h>
#include <corbel/time.h>
#include <fake.h>
#include <fake_board.h>
#include <fake_machine.h>

#define NODE  "watchdog@102000"
#define INPUT 12u
#define SLACK (10 * NS_PER_MS)

enum {
	IRQ_ENABLE = 0x00,
	IRQ_STATUS = 0x04,
	SOFT_RESET = 0x08,
	CONTROL = 0x10,
	CONFIG = 0x14,
	MODE = 0x18,
};

#define KEY	     0x16aa0000u
#define RELOAD	     0x14afu
#define ENABLE	     1u
#define INTERVAL(n)  ((n) << 4)
#define TO_SYSTEM    1u
#define TO_INTERRUPT 2u

static struct fake_board *board;
static struct vdev *watchdog;

static void board_make(void)
{
	const uint32_t input = INPUT;

	board = fake_board_begin();
	board->guest.vcpu_count = 0; /* a crash would stop them, and these have no threads */
	fake_board_node_add(board, NODE, "allwinner,sun20i-d1-wdt");
	fake_board_cells_set(board, NODE, "interrupts", &input, 1);
	assert_int_equal(fake_board_device_make(board, NODE, &watchdog, NULL), 0);
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
	return (uint32_t)fake_device_read(watchdog, offset, 4);
}

static void put(uint64_t offset, uint32_t value)
{
	fake_device_write(watchdog, offset, 4, value);
}

static void sleep_ms(uint64_t ms)
{
	thread_sleep_until(time_now() + ms * NS_PER_MS);
}

static bool crashed(void)
{
	return board->guest.requests == GUEST_REQUEST_CRASH;
}

/* As drivers start it. */
static void start(uint32_t interval, uint32_t action)
{
	put(MODE, KEY | INTERVAL(interval));
	put(CONTROL, RELOAD);
	put(CONFIG, KEY | action);
	put(MODE, KEY | INTERVAL(interval) | ENABLE);
}

/* It bites so long after now, not before. */
static void assert_bites_after(uint64_t ms)
{
	sleep_ms(ms - SLACK / NS_PER_MS);
	assert_int_equal(board->guest.requests, 0);
	sleep_ms(2 * SLACK / NS_PER_MS);
	assert_true(crashed());
}

/* ---- */

static void it_sleeps_until_started(void)
{
	assert_int_equal(get(MODE), 0);
	put(CONTROL, RELOAD);
	put(MODE, KEY | INTERVAL(1));
	sleep_ms(60000);
	assert_int_equal(board->guest.requests, 0);
}

static void each_interval_is_as_long_as_it_says(void)
{
	static const unsigned int ms[] = { 500,	  1000,	 2000,	3000,  4000,  5000,  6000,  8000,
					   10000, 12000, 14000, 16000, 16000, 16000, 16000, 16000 };

	for (uint32_t interval = 0; interval < ARRAY_SIZE(ms); interval++) {
		board->guest.requests = 0;
		watchdog->ops->reset(watchdog);
		start(interval, TO_SYSTEM);
		assert_bites_after(ms[interval]);
	}
}

static void it_says_why(void)
{
	start(0, TO_SYSTEM);
	assert_bites_after(500);
	assert_string_equal(board->guest.crash_reason, "its watchdog was not reloaded for 0.5 s");
	/* And once. */
	board->guest.requests = 0;
	sleep_ms(60000);
	assert_int_equal(board->guest.requests, 0);
}

static void reloaded_it_does_not_bite(void)
{
	start(4, TO_SYSTEM);
	for (unsigned int i = 0; i < 20; i++) {
		sleep_ms(3900);
		put(CONTROL, RELOAD);
	}
	assert_int_equal(board->guest.requests, 0);
	assert_bites_after(4000);
}

static void without_the_keys_nothing_happens(void)
{
	put(MODE, INTERVAL(1) | ENABLE);
	put(MODE, 0x16ab0000 | INTERVAL(1) | ENABLE);
	put(CONFIG, TO_INTERRUPT);
	assert_int_equal(get(MODE), 0);
	assert_int_equal(get(CONFIG), TO_SYSTEM);
	start(1, TO_SYSTEM);
	sleep_ms(900);
	put(CONTROL, 1);
	put(CONTROL, RELOAD & ~1u);
	put(CONTROL, 0x14adu);
	put(MODE, 0);
	put(SOFT_RESET, 1);
	assert_int_equal(board->guest.requests, 0);
	assert_bites_after(100);
}

static void stopped_it_does_not_bite(void)
{
	start(1, TO_SYSTEM);
	sleep_ms(500);
	put(MODE, KEY);
	sleep_ms(60000);
	assert_int_equal(board->guest.requests, 0);
	start(1, TO_SYSTEM);
	assert_bites_after(1000);
}

static void a_new_interval_holds_from_the_next_reload(void)
{
	start(2, TO_SYSTEM);
	sleep_ms(1500);
	put(MODE, KEY | INTERVAL(11) | ENABLE);
	assert_int_equal(get(MODE), INTERVAL(11) | ENABLE);
	assert_bites_after(500);
	board->guest.requests = 0;
	put(CONTROL, RELOAD);
	assert_bites_after(16000);
}

static void as_an_interrupt_it_crashes_nobody(void)
{
	start(1, TO_INTERRUPT);
	sleep_ms(1050);
	assert_int_equal(get(IRQ_STATUS), 1);
	assert_false(board->levels[INPUT]);
	put(IRQ_ENABLE, 1);
	assert_true(board->levels[INPUT]);
	put(IRQ_STATUS, 0);
	assert_true(board->levels[INPUT]);
	put(IRQ_STATUS, 1);
	assert_false(board->levels[INPUT]);
	sleep_ms(1000);
	assert_true(board->levels[INPUT]);
	put(IRQ_ENABLE, 0);
	assert_false(board->levels[INPUT]);
	assert_int_equal(board->guest.requests, 0);
}

static void soft_reset_reboots(void)
{
	put(SOFT_RESET, KEY);
	assert_int_equal(board->guest.requests, 0);
	put(SOFT_RESET, KEY | 1);
	assert_int_equal(board->guest.requests, GUEST_REQUEST_REBOOT);
}

/* A guest that people hold cannot reload it. */
static void while_paused_it_does_not_count(void)
{
	watchdog->ops->pause(watchdog, true);
	watchdog->ops->pause(watchdog, false);
	sleep_ms(60000);
	assert_int_equal(board->guest.requests, 0);
	start(4, TO_SYSTEM);
	sleep_ms(3000);
	for (unsigned int i = 0; i < 3; i++) {
		watchdog->ops->pause(watchdog, true);
		sleep_ms(60000);
		assert_int_equal(board->guest.requests, 0);
		watchdog->ops->pause(watchdog, false);
		sleep_ms(300);
	}
	assert_bites_after(100);
}

static void reset_ends_a_pause(void)
{
	start(1, TO_SYSTEM);
	watchdog->ops->pause(watchdog, true);
	watchdog->ops->reset(watchdog);
	start(1, TO_SYSTEM);
	assert_bites_after(1000);
}

static void nothing_after_reset(void)
{
	start(1, TO_INTERRUPT);
	put(IRQ_ENABLE, 1);
	sleep_ms(1050);
	watchdog->ops->reset(watchdog);
	assert_false(board->levels[INPUT]);
	for (uint64_t offset = 0; offset < 0x20; offset += 4)
		assert_int_equal(get(offset), offset == CONFIG ? TO_SYSTEM : 0);
	start(1, TO_SYSTEM);
	watchdog->ops->reset(watchdog);
	sleep_ms(60000);
	assert_int_equal(board->guest.requests, 0);
}

static void destroyed_while_it_counts(void)
{
	start(1, TO_SYSTEM);
	fake_board_end(board);
	sleep_ms(2000);
	board_make();
}

static void only_aligned_words(void)
{
	uint64_t value;

	for (unsigned int size = 1; size <= 8; size *= 2)
		for (uint64_t offset = 0; offset + size <= 0x20; offset++) {
			int expected = size == 4 && offset % 4 == 0 ? 0 : -ENXIO;

			assert_int_equal(fake_device_read_try(watchdog, offset, size, &value),
					 expected);
			assert_int_equal(fake_device_write_try(watchdog, offset, size, 0),
					 expected);
		}
}

static void random_accesses(void)
{
	uint32_t seed = 0xfeedbeef;

	for (unsigned int i = 0; i < 20000; i++) {
		uint32_t random = fake_random(&seed), value = fake_random(&seed);
		uint64_t offset = random >> 8 & 0x1c;

		if ((random & 1) != 0)
			(void)get(offset);
		else
			put(offset, (random & 6) != 0 ? (value & 0xffff) | KEY : value);
		if ((random & 0xff0000) == 0)
			watchdog->ops->pause(watchdog, (random & 8) != 0);
		if ((random & 0xf0000) == 0)
			sleep_ms(random >> 24);
		assert_int_equal(get(MODE) & ~0xf1u, 0);
		assert_int_equal(get(CONFIG) & ~0x103u, 0);
		assert_int_equal(board->levels[INPUT], get(IRQ_ENABLE) && get(IRQ_STATUS));
	}
}

#define IN_MACHINE(body)                                                                   \
	{                                                                                  \
		.name = #body, .test_func = machine_test, .initial_state = (void *)(body), \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_MACHINE(it_sleeps_until_started),
		IN_MACHINE(each_interval_is_as_long_as_it_says),
		IN_MACHINE(it_says_why),
		IN_MACHINE(reloaded_it_does_not_bite),
		IN_MACHINE(without_the_keys_nothing_happens),
		IN_MACHINE(stopped_it_does_not_bite),
		IN_MACHINE(a_new_interval_holds_from_the_next_reload),
		IN_MACHINE(as_an_interrupt_it_crashes_nobody),
		IN_MACHINE(soft_reset_reboots),
		IN_MACHINE(while_paused_it_does_not_count),
		IN_MACHINE(reset_ends_a_pause),
		IN_MACHINE(nothing_after_reset),
		IN_MACHINE(destroyed_while_it_counts),
		IN_MACHINE(only_aligned_words),
		IN_MACHINE(random_accesses),
	};

	return cmocka_run_group_tests_name("watchdog", tests, fake_machine_setup, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Tests of the virtual MC146818: the calendar day by day, setting it in all formats, the
 * update-in-progress bit, flags and interrupts; alarms beside a model that looks at every second.
 */
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

#define NODE  "rtc@70"
#define INPUT 8u

enum {
	SECONDS = 0,
	SECONDS_ALARM = 1,
	MINUTES = 2,
	MINUTES_ALARM = 3,
	HOURS = 4,
	HOURS_ALARM = 5,
	WEEKDAY = 6,
	DAY = 7,
	MONTH = 8,
	YEAR = 9,
	A = 10,
	B = 11,
	C = 12,
	D = 13,
};

#define UIP 0x80
#define SET 0x80
#define PF  0x40
#define AF  0x20
#define UF  0x10
#define BIN 0x04
#define H24 0x02

/* 2024-02-29 12:34:56 UTC, a Thursday */
#define SOME_DAY UINT64_C(1709210096)

static struct fake_board *board;
static struct vdev *rtc;

static void board_make(void)
{
	const uint32_t input = INPUT;

	board = fake_board_begin();
	fake_board_node_add(board, NODE, "motorola,mc146818");
	fake_board_cells_set(board, NODE, "interrupts", &input, 1);
	wall_clock_set(SOME_DAY * NS_PER_S);
	assert_int_equal(fake_board_device_make(board, NODE, &rtc, NULL), 0);
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

static uint8_t get(unsigned int number)
{
	fake_device_write(rtc, 0, 1, number);
	return (uint8_t)fake_device_read(rtc, 1, 1);
}

static void put(unsigned int number, uint8_t value)
{
	fake_device_write(rtc, 0, 1, number);
	fake_device_write(rtc, 1, 1, value);
}

static bool irq(void)
{
	return board->levels[INPUT];
}

/* The host's time of day moves; nothing else does in a test that does not sleep. */
static void pass(uint64_t ns)
{
	wall_clock_set(wall_clock_now() + ns);
}

static void sleep_ns(uint64_t ns)
{
	thread_sleep_until(time_now() + ns);
}

/* The guest's clock begins a second. */
static void second_begin(void)
{
	uint64_t phase = wall_clock_now() % NS_PER_S;

	pass(NS_PER_S - phase);
}

static void fields_put(const uint8_t fields[7])
{
	static const unsigned int numbers[] = {
		SECONDS, MINUTES, HOURS, WEEKDAY, DAY, MONTH, YEAR
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(numbers); i++)
		put(numbers[i], fields[i]);
}

static void assert_fields(const uint8_t expected[7])
{
	static const unsigned int numbers[] = {
		SECONDS, MINUTES, HOURS, WEEKDAY, DAY, MONTH, YEAR
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(numbers); i++)
		assert_int_equal(get(numbers[i]), expected[i]);
}

#define FIELDS(...) ((const uint8_t[7]){ __VA_ARGS__ })

/* ---- time ---- */

static void host_time_in_each_format(void)
{
	assert_int_equal(get(B), H24);
	assert_int_equal(get(D), 0x80);
	assert_fields(FIELDS(0x56, 0x34, 0x12, 5, 0x29, 0x02, 0x24));
	put(B, H24 | BIN);
	assert_fields(FIELDS(56, 34, 12, 5, 29, 2, 24));
	put(B, 0);
	assert_fields(FIELDS(0x56, 0x34, 0x92, 5, 0x29, 0x02, 0x24));
	put(B, BIN);
	assert_fields(FIELDS(56, 34, 12 | 0x80, 5, 29, 2, 24));
}

static void hours_of_a_day_by_halves(void)
{
	static const uint8_t expected[] = { 0x12, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07,
					    0x08, 0x09, 0x10, 0x11, 0x92, 0x81, 0x82, 0x83,
					    0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x90, 0x91 };

	for (unsigned int hour = 0; hour < 24; hour++) {
		put(B, H24 | BIN);
		put(HOURS, (uint8_t)hour);
		put(B, 0);
		assert_int_equal(get(HOURS), expected[hour]);
		put(B, H24);
		put(HOURS, 0x05);
		put(B, 0);
		put(HOURS, expected[hour]);
		put(B, H24 | BIN);
		assert_int_equal(get(HOURS), hour);
	}
}

static unsigned int days_in_month(unsigned int year, unsigned int month)
{
	static const unsigned int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (leap && month == 2);
}

static void every_day_of_a_century(void)
{
	unsigned int year = 1970, month = 1, day = 1, weekday = 5;

	put(B, H24 | BIN);
	for (uint64_t days = 0; year < 2070; days++) {
		wall_clock_set(days * 86400 * NS_PER_S + 86399 * NS_PER_S);
		assert_fields(FIELDS(59, 59, 23, (uint8_t)weekday, (uint8_t)day, (uint8_t)month,
				     (uint8_t)(year % 100)));
		weekday = weekday % 7 + 1;
		if (++day > days_in_month(year, month)) {
			day = 1;
			if (++month > 12) {
				month = 1;
				year++;
			}
		}
	}
}

static void every_day_can_be_set(void)
{
	put(B, H24 | BIN | SET);
	for (unsigned int year = 0; year < 100; year++)
		for (unsigned int month = 1; month <= 12; month++)
			for (unsigned int day = 1; day <= 28; day += 9) {
				const uint8_t *fields = FIELDS(58, 59, 23, 1, (uint8_t)day,
							       (uint8_t)month, (uint8_t)year);

				put(B, H24 | BIN | SET);
				fields_put(fields);
				put(B, H24 | BIN);
				assert_int_equal(get(DAY), day);
				assert_int_equal(get(MONTH), month);
				assert_int_equal(get(YEAR), year);
				pass(2 * NS_PER_S);
				assert_int_equal(get(SECONDS), 0);
				assert_int_equal(get(HOURS), 0);
				assert_int_equal(
					get(DAY),
					day + 1 > 28 && month == 2 && year % 4 != 0 ? 1 : day + 1);
			}
}

static void it_stands_still_while_set(void)
{
	second_begin();
	pass(NS_PER_S / 4);
	put(B, H24 | SET);
	pass(10 * NS_PER_S);
	assert_int_equal(get(SECONDS), 0x57);
	fields_put(FIELDS(0x00, 0x00, 0x08, 1, 0x31, 0x12, 0x99));
	pass(10 * NS_PER_S);
	assert_fields(FIELDS(0x00, 0x00, 0x08, 1, 0x31, 0x12, 0x99));
	put(B, H24);
	pass(NS_PER_S / 2);
	assert_fields(FIELDS(0x00, 0x00, 0x08, 6, 0x31, 0x12, 0x99));
	pass(NS_PER_S / 4);
	assert_int_equal(get(SECONDS), 0x01); /* the divider kept its phase */
}

/* As Linux sets it: the first second begins half a second after the divider is let go. */
static void setting_with_the_divider_reset(void)
{
	pass(123456789);
	put(B, H24 | SET);
	put(A, 0x76);
	fields_put(FIELDS(0x59, 0x59, 0x23, 1, 0x31, 0x12, 0x23));
	pass(5 * NS_PER_S);
	put(B, H24);
	pass(5 * NS_PER_S);
	assert_int_equal(get(SECONDS), 0x59);
	assert_int_equal(get(A), 0x76);
	put(A, 0x26);
	pass(NS_PER_S / 2 - 1);
	assert_fields(FIELDS(0x59, 0x59, 0x23, 1, 0x31, 0x12, 0x23));
	pass(1);
	assert_fields(FIELDS(0x00, 0x00, 0x00, 2, 0x01, 0x01, 0x24));
	put(B, H24 | SET); /* the other way round */
	put(A, 0x60);
	put(SECONDS, 0x30);
	put(A, 0x26);
	pass(NS_PER_S / 4);
	put(B, H24);
	pass(NS_PER_S / 4 - 1);
	assert_int_equal(get(SECONDS), 0x30);
	pass(1);
	assert_int_equal(get(SECONDS), 0x31);
}

/* As U-Boot resets it: formats change while it is set and afterwards. */
static void formats_may_change_meanwhile(void)
{
	pass(4 * 3600 * NS_PER_S);
	put(B, 0x82);
	put(A, 0x20);
	put(B, 0x00);
	put(B, 0x00);
	put(B, 0x02);
	assert_fields(FIELDS(0x56, 0x34, 0x16, 5, 0x29, 0x02, 0x24));
}

static void single_fields_while_it_runs(void)
{
	second_begin();
	put(MINUTES, 0x59);
	put(SECONDS, 0x59);
	put(HOURS, 0x23);
	put(MONTH, 0x12);
	put(DAY, 0x31);
	put(YEAR, 0x99);
	assert_fields(FIELDS(0x59, 0x59, 0x23, 6, 0x31, 0x12, 0x99));
	pass(NS_PER_S);
	assert_fields(FIELDS(0x00, 0x00, 0x00, 7, 0x01, 0x01, 0x00));
}

static void fields_out_of_range(void)
{
	put(B, H24 | SET);
	fields_put(FIELDS(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff));
	put(B, H24);
	assert_fields(FIELDS(0x59, 0x59, 0x23, 6, 0x31, 0x12, 0x99));
	put(B, H24 | SET);
	fields_put(FIELDS(0, 0, 0, 0, 0, 0, 0));
	put(B, H24);
	assert_fields(FIELDS(0x00, 0x00, 0x00, 7, 0x01, 0x01, 0x00));
	put(DAY, 0x31);
	put(MONTH, 0x02); /* 2000-02-31 */
	assert_int_equal(get(MONTH), 0x03);
	assert_int_equal(get(DAY), 0x02);
}

static void setting_it_is_private(void)
{
	put(YEAR, 0x70);
	assert_in_range(wall_clock_now() / NS_PER_S, SOME_DAY, SOME_DAY + 1);
}

/* ---- registers ---- */

static void update_in_progress(void)
{
	second_begin();
	for (unsigned int second = 0; second < 5; second++) {
		uint64_t phases[] = { 0, NS_PER_S / 2, NS_PER_S - 2228 * NS_PER_US - 1,
				      NS_PER_S - 2228 * NS_PER_US, NS_PER_S - 1 };
		uint64_t done = 0;

		for (unsigned int i = 0; i < ARRAY_SIZE(phases); i++) {
			pass(phases[i] - done);
			done = phases[i];
			assert_int_equal(get(A), i >= 3 ? 0x26 | UIP : 0x26);
		}
		pass(1 + (uint64_t)second * NS_PER_S); /* leave out some seconds */
	}
	put(B, H24 | SET);
	pass(NS_PER_S - 1);
	assert_int_equal(get(A), 0x26);
	put(B, H24);
	assert_int_equal(get(A), 0x26 | UIP);
	put(A, 0x70);
	assert_int_equal(get(A), 0x70);
}

static void memory_and_control_bits(void)
{
	for (unsigned int number = 14; number < 128; number++)
		put(number, (uint8_t)(number ^ 0x5a));
	for (unsigned int number = 0; number < 128; number++) {
		fake_device_write(rtc, 2, 1, number);
		fake_device_write(rtc, 3, 1, number);
	}
	for (unsigned int number = 14; number < 128; number++)
		assert_int_equal(get(number | 0x80),
				 number ^ 0x5a); /* that bit is not the index's */
	for (unsigned int number = 0; number < 128; number++) {
		fake_device_write(rtc, 2, 1, number);
		assert_int_equal(fake_device_read(rtc, 3, 1), number);
	}
	put(A, 0xff);
	assert_int_equal(get(A), 0x7f);
	put(B, 0xff);
	assert_int_equal(get(B), 0xef); /* SET takes the update's interrupt away */
	put(D, 0);
	assert_int_equal(get(D), 0x80);
	put(C, 0xff);
	assert_int_equal(get(C), 0);
	for (unsigned int number = 1; number < 6; number += 2) {
		put(number, 0xa5);
		assert_int_equal(get(number), 0xa5);
	}
	assert_int_equal(fake_device_read(rtc, 0, 1), 0xff);
	fake_device_write(rtc, 0, 2, 0x3300 | 20);
	assert_int_equal(fake_device_read(rtc, 0, 2), 0x33ff);
	assert_int_equal(fake_device_read(rtc, 4, 1), 0xff);
}

/* ---- flags ---- */

static void flags_without_interrupts(void)
{
	second_begin();
	put(A, 0x20);
	(void)get(C);
	pass(NS_PER_S - 1);
	assert_int_equal(get(C), 0);
	pass(1);
	assert_int_equal(get(C), UF);
	assert_int_equal(get(C), 0);
	put(A, 0x2f); /* twice a second */
	pass(NS_PER_S / 2 - 1);
	assert_int_equal(get(C), 0);
	pass(1);
	assert_int_equal(get(C), PF);
	pass(NS_PER_S / 2);
	assert_int_equal(get(C), PF | UF);
	put(B, H24 | SET);
	pass(NS_PER_S);
	assert_int_equal(get(C), PF);
	put(A, 0x7f);
	pass(10 * NS_PER_S);
	assert_int_equal(get(C), 0);
	assert_false(irq());
}

static void update_interrupts(void)
{
	second_begin();
	(void)get(C);
	put(B, H24 | UF);
	for (unsigned int i = 0; i < 3; i++) {
		sleep_ns(NS_PER_S - 10 * NS_PER_MS);
		assert_false(irq());
		sleep_ns(20 * NS_PER_MS);
		assert_true(irq());
		assert_int_equal(get(C) & ~PF, 0x80 | UF);
		assert_false(irq());
		sleep_ns(NS_PER_S - 10 * NS_PER_MS); /* one of which nobody is told */
		assert_true(irq());
		assert_int_equal(get(C) & ~PF, 0x80 | UF);
		sleep_ns(0);
	}
	put(B, H24);
	sleep_ns(3 * NS_PER_S);
	assert_false(irq());
	put(B, H24 | UF); /* the flag has been waiting for it */
	assert_true(irq());
	put(B, H24);
	assert_false(irq());
}

static void periodic_interrupts(void)
{
	static const struct {
		uint8_t rate;
		unsigned int per_second;
	} rates[] = { { 15, 2 }, { 14, 4 }, { 13, 8 }, { 10, 64 }, { 1, 256 }, { 2, 128 } };

	for (unsigned int i = 0; i < ARRAY_SIZE(rates); i++) {
		uint64_t end;
		unsigned int count = 0;

		put(B, H24);
		put(A, 0x20 | rates[i].rate);
		(void)get(C);
		put(B, H24 | PF);
		for (end = time_now() + NS_PER_S; time_now() < end; sleep_ns(FAKE_TICK_NS))
			if (irq()) {
				assert_int_equal(get(C) & ~UF, 0x80 | PF);
				count++;
			}
		assert_in_range(count, rates[i].per_second - 1, rates[i].per_second + 1);
	}
	put(A, 0x20); /* no rate at all */
	(void)get(C);
	sleep_ns(NS_PER_S);
	assert_false(irq());
}

/* While nobody reads C there is nothing to wait for. */
static void one_interrupt_until_it_is_served(void)
{
	unsigned int before;

	put(A, 0x23);
	put(B, H24 | PF | UF);
	sleep_ns(NS_PER_S);
	assert_true(irq());
	before = board->changes[INPUT];
	sleep_ns(10 * NS_PER_S);
	assert_int_equal(board->changes[INPUT], before);
}

static void alarm_interrupts(void)
{
	put(A, 0x20);
	put(SECONDS_ALARM, 0x58);
	put(MINUTES_ALARM, 0x34);
	put(HOURS_ALARM, 0x12);
	put(B, H24 | AF);
	sleep_ns(NS_PER_S);
	assert_false(irq());
	sleep_ns(NS_PER_S + NS_PER_MS);
	assert_true(irq());
	assert_int_equal(get(C), 0x80 | AF | UF);
	put(SECONDS_ALARM, 0x00);
	put(MINUTES_ALARM, 0xff);
	put(HOURS_ALARM, 0xff);
	sleep_ns(121 * NS_PER_S);
	assert_true(irq());
	put(HOURS_ALARM, 0x99); /* never */
	(void)get(C);
	sleep_ns(121 * NS_PER_S);
	assert_false(irq());
	put(HOURS_ALARM, 0xc0);
	put(B, H24 | AF | SET);
	sleep_ns(121 * NS_PER_S);
	assert_false(irq());
}

static void setting_the_time_moves_the_alarm(void)
{
	put(SECONDS_ALARM, 0x00);
	put(MINUTES_ALARM, 0x00);
	put(HOURS_ALARM, 0x00);
	put(B, H24 | AF);
	put(HOURS, 0x23);
	put(MINUTES, 0x59);
	put(SECONDS, 0x58);
	sleep_ns(3 * NS_PER_S);
	assert_true(irq());
}

/* ---- alarms beside the model ---- */

static bool model_matches(uint8_t alarm, unsigned int value)
{
	return alarm >= 0xc0 || alarm == value;
}

static bool model_alarm(const uint8_t alarm[3], uint32_t second)
{
	return model_matches(alarm[0], second % 60) && model_matches(alarm[1], second / 60 % 60) &&
	       model_matches(alarm[2], second / 3600 % 24);
}

static uint8_t random_alarm(uint32_t random, unsigned int value, unsigned int limit)
{
	switch (random & 7) {
	case 0:
	case 1:
		return 0xff;
	case 2:
		return (uint8_t)(random >> 8 & 0xff);
	case 3:
		return (uint8_t)(value % limit);
	default:
		return (uint8_t)((value + (random >> 8) % 3) % limit);
	}
}

static void alarms_beside_the_model(void)
{
	uint32_t seed = 0x146818;
	unsigned int rings = 0;

	put(B, H24 | BIN);
	for (unsigned int i = 0; i < 3000; i++) {
		uint32_t start = fake_random(&seed) % 86400, length = fake_random(&seed) % 90;
		uint8_t alarm[3];
		bool expected = false;

		alarm[0] = random_alarm(fake_random(&seed), start % 60, 60);
		alarm[1] = random_alarm(fake_random(&seed), start / 60 % 60, 60);
		alarm[2] = random_alarm(fake_random(&seed), start / 3600, 24);
		wall_clock_set((SOME_DAY / 86400 * 86400 + start) * NS_PER_S);
		for (unsigned int field = 0; field < 3; field++)
			put(2 * field + 1, alarm[field]);
		(void)get(C);
		wall_clock_set((SOME_DAY / 86400 * 86400 + start + length) * NS_PER_S);
		for (uint32_t second = start + 1; second <= start + length; second++)
			expected = expected || model_alarm(alarm, second);
		assert_int_equal((get(C) & AF) != 0, expected);
		rings += expected;
	}
	assert_in_range(rings, 500, 2500);
}

/* ---- life ---- */

static void reset_keeps_the_time(void)
{
	put(YEAR, 0x77);
	put(100, 0x42);
	put(A, 0x23);
	put(SECONDS_ALARM, 0x11);
	put(B, H24 | BIN | PF | UF | AF);
	sleep_ns(NS_PER_S);
	assert_true(irq());
	rtc->ops->reset(rtc);
	assert_false(irq());
	assert_int_equal(get(B), H24 | BIN);
	assert_int_equal(get(YEAR), 77);
	assert_int_equal(get(100), 0x42);
	assert_int_equal(get(A) & 0x7f, 0x23);
	assert_int_equal(get(SECONDS_ALARM), 0x11);
	sleep_ns(2 * NS_PER_S);
	assert_false(irq());
}

/* The sanitizers see to it that a timer does not outlive its device. */
static void destroyed_while_a_flag_is_waited_for(void)
{
	put(B, H24 | UF);
	(void)get(C);
	fake_board_end(board);
	sleep_ns(2 * NS_PER_S);
	board_make();
}

static void random_accesses(void)
{
	uint32_t seed = 0xfeedbeef;

	for (unsigned int i = 0; i < 100000; i++) {
		uint32_t random = fake_random(&seed);
		uint64_t offset = (random & 0x100) != 0 ? 1 : random >> 4 & 3;
		unsigned int size = (random & 0x600) != 0 ? 1 : 1u << (random >> 11 & 3);
		uint64_t value;

		if ((random & 0x2000) != 0)
			fake_device_write(rtc, 0, 1, random >> 16 & 15);
		if ((random & 0x4000) != 0)
			(void)fake_device_read_try(rtc, offset, size, &value);
		else
			(void)fake_device_write_try(rtc, offset, size, fake_random(&seed));
		if ((random & 0x38000) == 0)
			pass(fake_random(&seed) >> (random >> 20 & 31));
		if ((random & 0x3f8000) == 0)
			sleep_ns(NS_PER_MS);
	}
	put(B, H24);
	assert_false(irq());
	(void)get(C);
	put(B, H24 | PF | AF | UF);
	assert_false(irq());
}

#define IN_MACHINE(body)                                                                   \
	{                                                                                  \
		.name = #body, .test_func = machine_test, .initial_state = (void *)(body), \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_MACHINE(host_time_in_each_format),
		IN_MACHINE(hours_of_a_day_by_halves),
		IN_MACHINE(every_day_of_a_century),
		IN_MACHINE(every_day_can_be_set),
		IN_MACHINE(it_stands_still_while_set),
		IN_MACHINE(setting_with_the_divider_reset),
		IN_MACHINE(formats_may_change_meanwhile),
		IN_MACHINE(single_fields_while_it_runs),
		IN_MACHINE(fields_out_of_range),
		IN_MACHINE(setting_it_is_private),
		IN_MACHINE(update_in_progress),
		IN_MACHINE(memory_and_control_bits),
		IN_MACHINE(flags_without_interrupts),
		IN_MACHINE(update_interrupts),
		IN_MACHINE(periodic_interrupts),
		IN_MACHINE(one_interrupt_until_it_is_served),
		IN_MACHINE(alarm_interrupts),
		IN_MACHINE(setting_the_time_moves_the_alarm),
		IN_MACHINE(alarms_beside_the_model),
		IN_MACHINE(reset_keeps_the_time),
		IN_MACHINE(destroyed_while_a_flag_is_waited_for),
		IN_MACHINE(random_accesses),
	};

	return cmocka_run_group_tests_name("mc146818", tests, fake_machine_setup, NULL);
}

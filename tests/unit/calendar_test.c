// SPDX-License-Identifier: BSD-2-Clause
/*
 * Tests of the calendar, day by day beside one that only counts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <lib/calendar.h>

static uint32_t days_in_month(uint32_t year, uint32_t month)
{
	static const uint32_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (leap && month == 2);
}

static void test_every_day_of_six_centuries(void **state)
{
	struct calendar expected = { .second = 58,
				     .minute = 59,
				     .hour = 23,
				     .weekday = 5,
				     .day = 1,
				     .month = 1,
				     .year = 1970 };
	struct calendar actual;

	(void)state;
	for (uint64_t days = 0; expected.year < 2600; days++) {
		uint64_t seconds = days * 86400 + 86398;

		calendar_from_seconds(seconds, &actual);
		assert_memory_equal(&actual, &expected, sizeof(actual));
		assert_int_equal(calendar_to_seconds(&actual), seconds);
		expected.weekday = expected.weekday % 7 + 1;
		if (++expected.day <= days_in_month(expected.year, expected.month))
			continue;
		expected.day = 1;
		if (++expected.month <= 12)
			continue;
		expected.month = 1;
		expected.year++;
	}
}

static void test_every_second_of_a_day(void **state)
{
	struct calendar actual;

	(void)state;
	for (uint32_t second = 0; second < 86400; second++) {
		calendar_from_seconds(1709164800 + second, &actual);
		assert_int_equal(actual.hour * 3600 + actual.minute * 60 + actual.second, second);
		assert_true(actual.minute < 60 && actual.second < 60);
		assert_int_equal(actual.day, 29);
		assert_int_equal(actual.month, 2);
		assert_int_equal(actual.year, 2024);
	}
}

static void test_days_that_do_not_exist(void **state)
{
	struct calendar february = { .day = 31, .month = 2, .year = 2000 };
	struct calendar march = { .day = 2, .month = 3, .year = 2000 };

	(void)state;
	assert_int_equal(calendar_to_seconds(&february), calendar_to_seconds(&march));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_day_of_six_centuries),
		cmocka_unit_test(test_every_second_of_a_day),
		cmocka_unit_test(test_days_that_do_not_exist),
	};

	return cmocka_run_group_tests_name("calendar", tests, NULL, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Division and comparison of 64-bit numbers by lib/, against the development machine's own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <lib/arithmetic.h>
#include <sequence.h>

static void check_unsigned(uint64_t dividend, uint64_t divisor)
{
	int order = dividend < divisor ? 0 : dividend == divisor ? 1 : 2;

	assert_true(__udivdi3(dividend, divisor) == dividend / divisor);
	assert_true(__umoddi3(dividend, divisor) == dividend % divisor);
	assert_int_equal(__ucmpdi2(dividend, divisor), order);
}

static void check_signed(int64_t dividend, int64_t divisor)
{
	if (dividend == INT64_MIN && divisor == -1)
		return;
	assert_true(__divdi3(dividend, divisor) == dividend / divisor);
	assert_true(__moddi3(dividend, divisor) == dividend % divisor);
}

/* Where the ways of dividing meet, and the ends. */
static void test_edges(void **state)
{
	static const uint64_t values[] = { 0,
					   1,
					   2,
					   10,
					   0xffff,
					   0x10000,
					   0x10001,
					   0xffffffff,
					   0x100000000,
					   0x100000001,
					   1000000000,
					   INT64_MAX,
					   (uint64_t)INT64_MIN,
					   UINT64_MAX - 1,
					   UINT64_MAX };

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		for (size_t j = 1; j < sizeof(values) / sizeof(values[0]); j++) {
			check_unsigned(values[i], values[j]);
			check_signed((int64_t)values[i], (int64_t)values[j]);
		}
	}
}

static void test_many(void **state)
{
	uint64_t seed = 4711;

	(void)state;
	for (int i = 0; i < 200000; i++) {
		uint64_t dividend = sequence_next(&seed) >> (sequence_next(&seed) % 64);
		uint64_t divisor = sequence_next(&seed) >> (sequence_next(&seed) % 64);

		if (divisor == 0)
			continue;
		check_unsigned(dividend, divisor);
		check_signed((int64_t)dividend, (int64_t)divisor);
		check_signed(-(int64_t)(dividend >> 1), (int64_t)divisor);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

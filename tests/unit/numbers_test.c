// SPDX-License-Identifier: BSD-2-Clause
/*
 * Bits of words, and strtoul() of lib/.
 */
#include <libc_rename.h>

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <lib/bitops.h>
#include <sequence.h>

static void test_single_bits(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 64; i++) {
		uint64_t bit = UINT64_C(1) << i;

		assert_int_equal(bit_first(bit), i);
		assert_int_equal(bit_last(bit), i);
		assert_int_equal(bit_count(bit), 1);
		assert_int_equal(bit_first(bit | UINT64_C(1) << 63), i);
		assert_int_equal(bit_last(bit | 1), i);
		assert_int_equal(bit_count(bit - 1), i);
	}
	assert_int_equal(bit_first(0), 64);
	assert_int_equal(bit_count(UINT64_MAX), 64);
}

static void test_bit_for_each(void **state)
{
	uint64_t seed = 99, rebuilt;

	(void)state;
	for (unsigned int i = 0; i < 100; i++) {
		uint64_t mask = sequence_next(&seed) & sequence_next(&seed);
		unsigned int previous = 0, count = 0;

		rebuilt = 0;
		bit_for_each(position, mask) {
			assert_true(count == 0 || position > previous);
			rebuilt |= UINT64_C(1) << position;
			previous = (unsigned int)position;
			count++;
		}
		assert_int_equal(rebuilt, mask);
		assert_int_equal(count, bit_count(mask));
	}
	bit_for_each(position, UINT64_C(0)) {
		fail_msg("bit %u of nothing", (unsigned int)position);
	}
}

static void expect_number(const char *text, int base, unsigned long expected, size_t length)
{
	char *end;

	assert_true(strtoul(text, &end, base) == expected);
	assert_int_equal(end - text, length);
	assert_true(strtoul(text, NULL, base) == expected);
}

static void test_strtoul(void **state)
{
	(void)state;
	expect_number("0", 10, 0, 1);
	expect_number("123abc", 10, 123, 3);
	expect_number("  \t42", 0, 42, 5);
	expect_number("0x1F", 0, 31, 4);
	expect_number("0x1F", 16, 31, 4);
	expect_number("1f", 16, 31, 2);
	expect_number("017", 0, 15, 3);
	expect_number("0x", 0, 0, 1);
	expect_number("0xg", 16, 0, 1);
	expect_number("0x1F", 10, 0, 1);
	expect_number("+7", 10, 7, 2);
	expect_number("-1", 10, -1ul, 2);
	expect_number("", 10, 0, 0);
	expect_number("  x", 10, 0, 0);
	expect_number("-", 10, 0, 0);
	expect_number("z", 36, 35, 1);
	expect_number("18446744073709551615", 10, ULONG_MAX, 20);
	expect_number("18446744073709551616", 10, ULONG_MAX, 20);
	expect_number("99999999999999999999999", 10, ULONG_MAX, 23);
	expect_number("ffffffffffffffff", 16, ULONG_MAX, 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_single_bits),
		cmocka_unit_test(test_bit_for_each),
		cmocka_unit_test(test_strtoul),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

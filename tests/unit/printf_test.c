// SPDX-License-Identifier: BSD-2-Clause
/*
 * snprintf() of lib/: each conversion with its flags, widths and precisions, and cut output.
 */
#include <libc_rename.h>

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#pragma GCC diagnostic ignored "-Wformat"

static char text[256];

#define expect(expected, ...)                                            \
	do {                                                             \
		int length_ = snprintf(text, sizeof(text), __VA_ARGS__); \
		assert_string_equal(text, expected);                     \
		assert_int_equal(length_, sizeof(expected) - 1);         \
	} while (0)

static void test_plain(void **state)
{
	(void)state;
	expect("", "%s", "");
	expect("text", "text");
	expect("100%", "%d%%", 100);
	expect("a b c", "a %s c", "b");
}

static void test_decimal(void **state)
{
	(void)state;
	expect("0 1 -1", "%d %i %d", 0, 1, -1);
	expect("2147483647 -2147483648", "%d %d", INT_MAX, INT_MIN);
	expect("4294967295", "%u", UINT_MAX);
	expect("-9223372036854775808", "%ld", LONG_MIN);
	expect("-9223372036854775808", "%lld", LLONG_MIN);
	expect("18446744073709551615", "%lu", ULONG_MAX);
	expect("18446744073709551615", "%llu", ULLONG_MAX);
	expect("18446744073709551615", "%zu", SIZE_MAX);
	expect("-5 7", "%td %jd", (ptrdiff_t)-5, (intmax_t)7);
	expect("-1 255 -1 65535", "%hhd %hhu %hd %hu", 0x1ff, 0x1ff, 0x1ffff, 0x1ffff);
}

static void test_hexadecimal(void **state)
{
	(void)state;
	expect("0 ff FF", "%x %x %X", 0, 255, 255);
	expect("deadbeefcafe", "%lx", 0xdeadbeefcafeul);
	expect("ffffffffffffffff", "%llx", ULLONG_MAX);
	expect("0xff 0XFF 0", "%#x %#X %#x", 255, 255, 0);
	expect("0x000000ff", "%#010x", 255);
	expect("17 0", "%o %o", 15, 0);
	expect("1777777777777777777777", "%lo", ULONG_MAX);
	expect("0x80001000", "%p", (void *)0x80001000);
	expect("0x0", "%p", NULL);
}

static void test_width(void **state)
{
	(void)state;
	expect("[   42]", "[%5d]", 42);
	expect("[42   ]", "[%-5d]", 42);
	expect("[00042]", "[%05d]", 42);
	expect("[-0042]", "[%05d]", -42);
	expect("[42   ]", "[%-05d]", 42);
	expect("[  -42]", "[%5d]", -42);
	expect("[123456]", "[%5d]", 123456);
	expect("[+1][ 1][-1]", "[%+d][% d][%+d]", 1, 1, -1);
	expect("[   42][42   ]", "[%*d][%*d]", 5, 42, -5, 42);
	expect("[0000000000000000000000000042]", "[%028d]", 42);
}

static void test_precision(void **state)
{
	(void)state;
	expect("[00042]", "[%.5d]", 42);
	expect("[  00042]", "[%7.5d]", 42);
	expect("[  042]", "[%05.3d]", 42);
	expect("[]", "[%.0d]", 0);
	expect("[0042][42]", "[%.*d][%.*d]", 4, 42, -1, 42);
	expect("[0x00ff]", "[%#.4x]", 255);
}

static void test_strings(void **state)
{
	const char *volatile nothing = NULL;
	static const char unterminated[3] = { 'a', 'b', 'c' };

	(void)state;
	expect("[  abc][abc  ]", "[%5s][%-5s]", "abc", "abc");
	expect("[ab]", "[%.2s]", "abc");
	expect("[   ab]", "[%5.2s]", "abc");
	expect("[abc]", "[%.*s]", 3, unterminated);
	expect("[]", "[%.0s]", "abc");
	expect("(null)", "%s", nothing);
	expect("[x][  x][x  ]", "[%c][%3c][%-3c]", 'x', 'x', 'x');
}

static void test_unknown(void **state)
{
	(void)state;
	/* Nothing is taken from the arguments for what is no conversion. */
	expect("%y 1", "%y %d", 1);
	expect("%", "%");
	expect("50%", "50%");
	expect("%5", "%5");
}

static void test_cut(void **state)
{
	char small[4] = "###";

	(void)state;
	assert_int_equal(snprintf(small, sizeof(small), "%d", 123456), 6);
	assert_string_equal(small, "123");
	assert_int_equal(snprintf(small, 1, "abc"), 3);
	assert_string_equal(small, "");
	memcpy(small, "xyz", 4);
	assert_int_equal(snprintf(small, 0, "abc"), 3);
	assert_string_equal(small, "xyz");
	assert_int_equal(snprintf(NULL, 0, "%s", "twelve bytes"), 12);
	assert_int_equal(snprintf(small, sizeof(small), "%s", "abc"), 3);
	assert_string_equal(small, "abc");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),	    cmocka_unit_test(test_decimal),
		cmocka_unit_test(test_hexadecimal), cmocka_unit_test(test_width),
		cmocka_unit_test(test_precision),   cmocka_unit_test(test_strings),
		cmocka_unit_test(test_unknown),	    cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

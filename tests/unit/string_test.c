// SPDX-License-Identifier: BSD-2-Clause
/*
 * The memory and string functions of lib/, against byte-by-byte models, at all alignments.
 */
#include <libc_rename.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <sequence.h>

#define AREA 512u

static uint8_t area[AREA], model[AREA];

static void areas_fill(uint64_t seed)
{
	for (size_t i = 0; i < AREA; i++)
		area[i] = model[i] = (uint8_t)sequence_next(&seed);
}

static void expect_same(void)
{
	for (size_t i = 0; i < AREA; i++) {
		if (area[i] != model[i])
			fail_msg("byte %zu is 0x%02x, not 0x%02x", i, area[i], model[i]);
	}
}

/* Moves in the area by the function under test, in the model through a copy. */
static void check_move(size_t to, size_t from, size_t size)
{
	uint8_t copy[AREA];

	areas_fill(to * 1000003 + from * 1009 + size + 1);
	for (size_t i = 0; i < size; i++)
		copy[i] = model[from + i];
	for (size_t i = 0; i < size; i++)
		model[to + i] = copy[i];
	assert_ptr_equal(memmove(area + to, area + from, size), area + to);
	expect_same();
}

static void test_memmove(void **state)
{
	(void)state;
	for (size_t size = 0; size < 150; size += 1 + size / 20) {
		for (size_t from = 64; from < 73; from++) {
			for (size_t distance = 0; distance < 20; distance++) {
				check_move(from + distance, from, size);
				check_move(from - distance, from, size);
			}
			check_move(from + 160, from, size);
			check_move(from, from + 160, size);
		}
	}
}

static void test_memcpy(void **state)
{
	static uint8_t source[AREA];
	uint64_t seed = 7;

	(void)state;
	for (size_t i = 0; i < AREA; i++)
		source[i] = (uint8_t)sequence_next(&seed);
	for (size_t size = 0; size < 200; size += 1 + size / 24) {
		for (size_t to = 8; to < 17; to++) {
			for (size_t from = 8; from < 17; from++) {
				areas_fill(size + 1);
				for (size_t i = 0; i < size; i++)
					model[to + i] = source[from + i];
				assert_ptr_equal(memcpy(area + to, source + from, size), area + to);
				expect_same();
			}
		}
	}
}

static void test_memset(void **state)
{
	(void)state;
	for (size_t size = 0; size < 200; size++) {
		for (size_t to = 8; to < 17; to++) {
			areas_fill(size + 1);
			for (size_t i = 0; i < size; i++)
				model[to + i] = 0xc7;
			/* Only the lowest byte of the value counts. */
			assert_ptr_equal(memset(area + to, 0x1c7, size), area + to);
			expect_same();
		}
	}
}

static void test_memcmp_memchr(void **state)
{
	(void)state;
	assert_int_equal(memcmp("abc", "abd", 2), 0);
	assert_true(memcmp("abc", "abd", 3) < 0);
	assert_true(memcmp("\x80", "\x7f", 1) > 0);
	assert_int_equal(memcmp("a", "b", 0), 0);
	for (size_t i = 0; i < AREA; i++)
		area[i] = (uint8_t)(i % 251 + 1);
	assert_ptr_equal(memchr(area, 200, AREA), area + 199);
	assert_ptr_equal(memchr(area, 0x100 + 200, AREA), area + 199);
	assert_null(memchr(area, 200, 199));
	assert_null(memchr(area, 0, AREA));
}

static void test_lengths(void **state)
{
	(void)state;
	assert_int_equal(strlen(""), 0);
	assert_int_equal(strlen("corbel"), 6);
	assert_int_equal(strnlen("corbel", 3), 3);
	assert_int_equal(strnlen("corbel", 6), 6);
	assert_int_equal(strnlen("corbel", 100), 6);
}

static void test_compare(void **state)
{
	(void)state;
	assert_int_equal(strcmp("same", "same"), 0);
	assert_true(strcmp("a", "b") < 0);
	assert_true(strcmp("ab", "a") > 0);
	assert_true(strcmp("a", "ab") < 0);
	assert_true(strcmp("\xff", "a") > 0);
	assert_int_equal(strncmp("abc", "abd", 2), 0);
	assert_true(strncmp("abc", "abd", 3) < 0);
	assert_int_equal(strncmp("ab", "ab", 10), 0);
	assert_int_equal(strncmp("x", "y", 0), 0);
	assert_true(strncmp("a", "ab", 2) < 0);
}

static void test_search(void **state)
{
	static const char text[] = "a-b-c";

	(void)state;
	assert_ptr_equal(strchr(text, '-'), text + 1);
	assert_ptr_equal(strrchr(text, '-'), text + 3);
	assert_null(strchr(text, 'x'));
	assert_null(strrchr(text, 'x'));
	assert_ptr_equal(strchr(text, '\0'), text + 5);
	assert_ptr_equal(strrchr(text, '\0'), text + 5);
	assert_ptr_equal(strstr(text, "b-c"), text + 2);
	assert_ptr_equal(strstr(text, ""), text);
	assert_null(strstr(text, "b-d"));
	assert_null(strstr(text, "c-"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memmove), cmocka_unit_test(test_memcpy),
		cmocka_unit_test(test_memset),	cmocka_unit_test(test_memcmp_memchr),
		cmocka_unit_test(test_lengths), cmocka_unit_test(test_compare),
		cmocka_unit_test(test_search),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Lines into words, words into numbers, and guesses at what a mistyped word was meant to be.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <mterm/words.h>

#define WORDS_MAX 4

/* Splits the text and compares with `expected`, words separated by |. */
static void expect_words(const char *text, const char *expected)
{
	char *line = strdup(text), *words[WORDS_MAX], joined[256] = "";
	int count = words_split(line, words, WORDS_MAX);

	assert_in_range(count, 0, WORDS_MAX);
	for (int i = 0; i < count; i++) {
		strcat(joined, words[i]);
		strcat(joined, "|");
	}
	assert_string_equal(joined, expected);
	free(line);
}

static int split_result(const char *text)
{
	char *line = strdup(text), *words[WORDS_MAX];
	int result = words_split(line, words, WORDS_MAX);

	free(line);
	return result;
}

static void lines_split_at_blanks(void **state)
{
	(void)state;
	expect_words("", "");
	expect_words("   \t ", "");
	expect_words("top", "top|");
	expect_words("  guest\tstart  linux1 \r", "guest|start|linux1|");
	expect_words("a b c d", "a|b|c|d|");
}

static void quotes_keep_blanks_together(void **state)
{
	(void)state;
	expect_words("echo \"a  b\" c", "echo|a  b|c|");
	expect_words("a\" \"b \"\"", "a b||");
	expect_words("\"#no comment\"", "#no comment|");
	assert_int_equal(split_result("echo \"a b"), -EINVAL);
	assert_int_equal(split_result("\""), -EINVAL);
}

static void a_hash_starts_a_comment(void **state)
{
	(void)state;
	expect_words("# all of it", "");
	expect_words("guest list # \"the rest", "guest|list|");
	expect_words("a#b", "a#b|");
}

static void more_words_than_room_are_refused(void **state)
{
	(void)state;
	assert_int_equal(split_result("a b c d e"), -E2BIG);
	assert_int_equal(split_result("a b c d # e"), 4);
}

static void expect_number(const char *text, uint64_t expected)
{
	uint64_t number = ~expected;

	assert_int_equal(number_parse(text, &number), 0);
	assert_int_equal(number, expected);
}

static void numbers(void **state)
{
	(void)state;
	expect_number("0", 0);
	expect_number("007", 7);
	expect_number("4096", 4096);
	expect_number("0x80200000", 0x80200000);
	expect_number("0XaBcDeF", 0xabcdef);
	expect_number("18446744073709551615", UINT64_MAX);
	expect_number("0xffffffffffffffff", UINT64_MAX);
	expect_number("4K", 4096);
	expect_number("2m", MIB(2));
	expect_number("0x10G", GIB(16));
}

static void what_is_no_number_is_refused(void **state)
{
	static const char *const texts[] = { "",    "x",   "0x", "12z", "-1",  "1 ",  " 1",
					     "0xg", "1KK", "K",	 "+1",	"1.5", "0x-1" };
	uint64_t number = 42;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_int_equal(number_parse(texts[i], &number), -EINVAL);
	assert_int_equal(number_parse("18446744073709551616", &number), -ERANGE);
	assert_int_equal(number_parse("99999999999999999999999", &number), -ERANGE);
	assert_int_equal(number_parse("0x10000000000000000", &number), -ERANGE);
	assert_int_equal(number_parse("17179869184G", &number), -ERANGE);
	assert_int_equal(number, 42);
}

static void distances(void **state)
{
	static const char long_word[] = "a-word-that-is-much-longer-than-any-command";

	(void)state;
	assert_int_equal(word_distance("", ""), 0);
	assert_int_equal(word_distance("guest", "guest"), 0);
	assert_int_equal(word_distance("gest", "guest"), 1);
	assert_int_equal(word_distance("guests", "guest"), 1);
	assert_int_equal(word_distance("gvest", "guest"), 1);
	assert_int_equal(word_distance("geust", "guest"), 1);
	assert_int_equal(word_distance("", "guest"), 5);
	assert_int_equal(word_distance("kitten", "sitting"), 3);
	assert_int_equal(word_distance(long_word, "guest"), strlen(long_word));
	assert_int_equal(word_distance("guest", long_word), strlen(long_word));
}

static void resemblance(void **state)
{
	(void)state;
	assert_true(word_resembles("gest", "guest"));
	assert_true(word_resembles("strat", "start"));
	assert_true(word_resembles("dest", "destroy"));
	assert_true(word_resembles("tpo", "top"));
	assert_false(word_resembles("xyz", "top"));
	assert_false(word_resembles("banana", "guest"));
	assert_false(word_resembles("d", "destroy"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_split_at_blanks),
		cmocka_unit_test(quotes_keep_blanks_together),
		cmocka_unit_test(a_hash_starts_a_comment),
		cmocka_unit_test(more_words_than_room_are_refused),
		cmocka_unit_test(numbers),
		cmocka_unit_test(what_is_no_number_is_refused),
		cmocka_unit_test(distances),
		cmocka_unit_test(resemblance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

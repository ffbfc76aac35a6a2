// SPDX-License-Identifier: BSD-2-Clause
/*
 * Tables, pages for the screen, and how figures are written: compared to the letter, for other
 * tests read them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <corbel/object.h>
#include <fake.h>
#include <mterm/screen.h>
#include <mterm/table.h>
#include <mterm/text.h>

/* A printer that keeps what is printed. */
static struct {
	struct printer printer;
	char text[2 * TABLE_SIZE_MAX];
	size_t length;
} paper;

static void paper_write(struct printer *printer, const char *text, size_t length)
{
	(void)printer;
	assert_in_range(length, 0, sizeof(paper.text) - 1 - paper.length);
	memcpy(paper.text + paper.length, text, length);
	paper.length += length;
	paper.text[paper.length] = '\0';
}

static int setup(void **state)
{
	(void)state;
	paper.printer.write = paper_write;
	paper.length = 0;
	paper.text[0] = '\0';
	return 0;
}

static const struct table_column columns[] = {
	{ "NAME", false },
	{ "SIZE", true },
	{ "WHAT", false },
};

static void table_expect(const struct table *table, const char *expected)
{
	setup(NULL);
	table_print(table, &paper.printer);
	assert_string_equal(paper.text, expected);
}

static void an_empty_table_is_its_titles(void **state)
{
	struct table table;

	(void)state;
	table_init(&table, columns, ARRAY_SIZE(columns));
	table_expect(&table, "NAME  SIZE  WHAT\n");
	table_clear(&table);
}

static void a_cell_gives_the_terminal_no_orders(void **state)
{
	struct table table;

	(void)state;
	table_init(&table, columns, ARRAY_SIZE(columns));
	table_cell(&table, "%s", "a\x1b[2Jb");
	table_cell(&table, "1");
	table_cell(&table, "\n");
	table_expect(&table, "NAME    SIZE  WHAT\n"
			     "a?[2Jb     1  ?\n");
	table_clear(&table);
}

static void columns_are_aligned(void **state)
{
	struct table table;

	(void)state;
	table_init(&table, columns, ARRAY_SIZE(columns));
	table_cell(&table, "linux%d", 1);
	table_cell(&table, "%u", 256);
	table_cell(&table, "first");
	table_cell(&table, "a");
	table_cell(&table, "65536");
	table_cell(&table, "%s", "");
	table_expect(&table, "NAME     SIZE  WHAT\n"
			     "linux1    256  first\n"
			     "a       65536\n");
	table_clear(&table);
	table_expect(&table, "NAME  SIZE  WHAT\n");
}

static void a_cell_is_cut(void **state)
{
	char text[TABLE_CELL_SIZE + 10];
	struct table table;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	table_init(&table, &columns[2], 1);
	table_cell(&table, "%s", text);
	text[TABLE_CELL_SIZE - 1] = '\n';
	text[TABLE_CELL_SIZE] = '\0';
	setup(NULL);
	table_print(&table, &paper.printer);
	assert_string_equal(paper.text + strlen("WHAT\n"), text);
	table_clear(&table);
}

static void a_table_takes_many_rows_but_not_all(void **state)
{
	struct object_statistics before, after;
	struct table table;
	unsigned int rows = 0;
	const char *at;

	(void)state;
	object_statistics_get(&before);
	table_init(&table, columns, ARRAY_SIZE(columns));
	for (unsigned int i = 0; i < 100000; i++) {
		table_cell(&table, "name%u", i);
		table_cell(&table, "%u", i);
		table_cell(&table, "what");
	}
	table_print(&table, &paper.printer);
	for (at = paper.text; (at = strchr(at, '\n')) != NULL; at++)
		rows++;
	assert_in_range(rows, 1000, 6000);
	assert_non_null(strstr(paper.text, "\nname1500  1500  what\n"));
	assert_non_null(strstr(paper.text, "\n(more rows than fit)\n"));
	table_clear(&table);
	object_statistics_get(&after);
	assert_int_equal(after.live_count, before.live_count);
	assert_int_equal(after.live_bytes, before.live_bytes);
}

static void sizes(void **state)
{
	struct text text;

	(void)state;
	assert_string_equal(text_bytes(&text, 0), "0 B");
	assert_string_equal(text_bytes(&text, 1023), "1023 B");
	assert_string_equal(text_bytes(&text, 4096), "4 KiB");
	assert_string_equal(text_bytes(&text, 4097), "4097 B");
	assert_string_equal(text_bytes(&text, MIB(256)), "256 MiB");
	assert_string_equal(text_bytes(&text, GIB(2)), "2 GiB");
	assert_string_equal(text_bytes(&text, GIB(2048)), "2048 GiB");
	assert_string_equal(text_bytes(&text, UINT64_MAX), "18446744073709551615 B");
}

static void spans_of_time(void **state)
{
	struct text text;

	(void)state;
	assert_string_equal(text_duration(&text, 0), "0.000 s");
	assert_string_equal(text_duration(&text, 1234567890), "1.234 s");
	assert_string_equal(text_duration(&text, 59999 * NS_PER_MS), "59.999 s");
	assert_string_equal(text_duration(&text, 60 * NS_PER_S), "0:01:00");
	assert_string_equal(text_duration(&text, 7384 * NS_PER_S), "2:03:04");
}

static void a_page_replaces_the_one_before(void **state)
{
	struct screen screen;

	(void)state;
	screen_begin(&screen, &paper.printer);
	print(&screen.printer, "one\ntw");
	print(&screen.printer, "o\n\n");
	screen_end(&screen);
	assert_string_equal(paper.text, "\x1b[Hone\x1b[K\ntwo\x1b[K\n\x1b[K\n\x1b[J");
}

static void a_page_never_scrolls(void **state)
{
	char line[200];
	struct screen screen;
	unsigned int lines = 0;

	(void)state;
	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	screen_begin(&screen, &paper.printer);
	for (unsigned int i = 0; i < 100; i++)
		print(&screen.printer, "%s\n", line);
	screen_end(&screen);
	for (const char *at = paper.text; (at = strchr(at, '\n')) != NULL; at++)
		lines++;
	assert_int_equal(lines, SCREEN_LINES - 1);
	assert_int_equal(strcspn(paper.text + 3, "\x1b"), SCREEN_COLUMNS - 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, setup)
	const struct CMUnitTest tests[] = {
		TEST(an_empty_table_is_its_titles),
		TEST(a_cell_gives_the_terminal_no_orders),
		TEST(columns_are_aligned),
		TEST(a_cell_is_cut),
		TEST(a_table_takes_many_rows_but_not_all),
		TEST(sizes),
		TEST(spans_of_time),
		TEST(a_page_replaces_the_one_before),
		TEST(a_page_never_scrolls),
	};

	return cmocka_run_group_tests(tests, fake_memory_setup, NULL);
}

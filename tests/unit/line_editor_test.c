// SPDX-License-Identifier: BSD-2-Clause
/*
 * The line editor: bytes as a terminal sends them go in; what is checked is the line, and what a
 * person sees on a small model of the terminal's screen.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <mterm/line_editor.h>

#define UP    "\x1b[A"
#define DOWN  "\x1b[B"
#define RIGHT "\x1b[C"
#define LEFT  "\x1b[D"

/* ---- a screen of one row that counts how often it went to the next ---- */

struct screen_model {
	struct printer printer;
	char row[LINE_COLUMNS + 1];
	size_t column;
	unsigned int newlines;
	char last_row[LINE_COLUMNS + 1]; /* as it was when the last newline came */
	char escape[16];		 /* a sequence that is not complete */
	size_t escape_length;
};

static void row_clear(struct screen_model *screen, size_t from)
{
	memset(screen->row + from, ' ', LINE_COLUMNS - from);
}

/* The row without the blanks at its end. */
static const char *row_text(const char *row)
{
	static char text[LINE_COLUMNS + 1];
	size_t length = LINE_COLUMNS;

	while (length > 0 && row[length - 1] == ' ')
		length--;
	memcpy(text, row, length);
	text[length] = '\0';
	return text;
}

static void escape_done(struct screen_model *screen)
{
	size_t number = (size_t)strtoul(screen->escape + 2, NULL, 10);

	switch (screen->escape[screen->escape_length - 1]) {
	case 'D':
		assert_in_range(number, 1, screen->column);
		screen->column -= number;
		break;
	case 'K':
		row_clear(screen, screen->column);
		break;
	case 'H':
		screen->column = 0;
		break;
	case 'J':
		row_clear(screen, 0);
		break;
	default:
		fail_msg("unexpected escape sequence");
	}
	screen->escape_length = 0;
}

static void screen_put(struct screen_model *screen, char c)
{
	if (screen->escape_length > 0 || c == '\x1b') {
		assert_in_range(screen->escape_length, 0, sizeof(screen->escape) - 2);
		screen->escape[screen->escape_length++] = c;
		screen->escape[screen->escape_length] = '\0';
		if (screen->escape_length > 2 && c >= '@')
			escape_done(screen);
	} else if (c == '\r') {
		screen->column = 0;
	} else if (c == '\n') {
		memcpy(screen->last_row, screen->row, sizeof(screen->row));
		row_clear(screen, 0);
		screen->column = 0;
		screen->newlines++;
	} else {
		assert_in_range(c, ' ', '~');
		assert_in_range(screen->column, 0, LINE_COLUMNS - 2);
		screen->row[screen->column++] = c;
	}
}

static void screen_write(struct printer *printer, const char *text, size_t length)
{
	while (length-- > 0)
		screen_put((struct screen_model *)printer, *text++);
}

/* ---- the editor on it ---- */

static struct screen_model screen;
static struct line_editor editor;

static const char *const candidates[] = { "guest", "guests", "guard", "help", NULL };

/* Completes the last word by `candidates`. */
static size_t complete(const char *text, size_t length, completion_visit_t *visit, void *argument)
{
	size_t begin = length;

	while (begin > 0 && text[begin - 1] != ' ')
		begin--;
	for (size_t i = 0; candidates[i] != NULL; i++) {
		if (strncmp(candidates[i], text + begin, length - begin) == 0)
			visit(candidates[i], argument);
	}
	return length - begin;
}

static int setup(void **state)
{
	(void)state;
	memset(&screen, 0, sizeof(screen));
	screen.printer.write = screen_write;
	row_clear(&screen, 0);
	line_editor_init(&editor, &screen.printer, "> ", complete);
	line_editor_begin(&editor);
	return 0;
}

/* The event of the last byte; all before it leave the line open. */
static enum line_event feed_bytes(const char *bytes, size_t count)
{
	for (size_t i = 0; i + 1 < count; i++)
		assert_int_equal(line_editor_feed(&editor, (uint8_t)bytes[i]), LINE_OPEN);
	return line_editor_feed(&editor, (uint8_t)bytes[count - 1]);
}

static enum line_event feed(const char *text)
{
	return feed_bytes(text, strlen(text));
}

/* The line is `text`, the screen shows it behind the prompt, the cursor stands at `cursor`. */
static void expect(const char *text, size_t cursor)
{
	char row[LINE_SIZE + 2] = "> ";

	assert_string_equal(line_editor_text(&editor), text);
	strcat(row, text);
	while (row[strlen(row) - 1] == ' ')
		row[strlen(row) - 1] = '\0';
	assert_string_equal(row_text(screen.row), row);
	assert_int_equal(screen.column, cursor + 2);
}

/* Enters a line and begins the next. */
static void enter(const char *text)
{
	feed(text);
	assert_int_equal(feed("\r"), LINE_ENTERED);
	assert_string_equal(line_editor_text(&editor), text);
	line_editor_begin(&editor);
}

static void typed_text_is_the_line(void **state)
{
	(void)state;
	expect("", 0);
	feed("guest list");
	expect("guest list", 10);
	assert_int_equal(feed("\r"), LINE_ENTERED);
	assert_string_equal(line_editor_text(&editor), "guest list");
	assert_string_equal(row_text(screen.last_row), "> guest list");
	assert_int_equal(screen.newlines, 1);
}

static void text_goes_in_at_the_cursor(void **state)
{
	(void)state;
	feed("ac" LEFT "b");
	expect("abc", 2);
	feed("\x01"
	     "0");
	expect("0abc", 1);
	feed("\x05"
	     "d");
	expect("0abcd", 5);
}

static void enter_in_the_middle_takes_the_whole_line(void **state)
{
	(void)state;
	feed("abcd" LEFT LEFT);
	assert_int_equal(feed("\r"), LINE_ENTERED);
	assert_string_equal(line_editor_text(&editor), "abcd");
	assert_string_equal(row_text(screen.last_row), "> abcd");
}

static void backspace_and_delete(void **state)
{
	(void)state;
	feed("\x7f\x08\x1b[3~\x04"); /* nothing there */
	expect("", 0);
	feed("abcdef\x7f");
	expect("abcde", 5);
	feed("\x08");
	expect("abcd", 4);
	feed(LEFT LEFT "\x7f");
	expect("acd", 1);
	feed("\x1b[3~");
	expect("ad", 1);
	feed("\x04");
	expect("a", 1);
	feed("\x04");
	expect("a", 1);
}

static void cursor_keys_stop_at_the_ends(void **state)
{
	(void)state;
	feed("ab" RIGHT);
	expect("ab", 2);
	feed(LEFT LEFT LEFT);
	expect("ab", 0);
	feed("\x06");
	expect("ab", 1);
	feed("\x02\x02");
	expect("ab", 0);
}

static void home_and_end_in_all_spellings(void **state)
{
	static const char *const homes[] = { "\x1b[H", "\x1bOH", "\x1b[1~", "\x1b[7~", "\x01" };
	static const char *const ends[] = { "\x1b[F", "\x1bOF", "\x1b[4~", "\x1b[8~", "\x05" };

	(void)state;
	feed("abc");
	for (size_t i = 0; i < ARRAY_SIZE(homes); i++) {
		feed(homes[i]);
		expect("abc", 0);
		feed(ends[i]);
		expect("abc", 3);
	}
}

static void words_are_jumped_over(void **state)
{
	(void)state;
	feed("guest start  linux1");
	feed("\x1b"
	     "b");
	expect("guest start  linux1", 13);
	feed("\x1b[1;5D");
	expect("guest start  linux1", 6);
	feed("\x1b"
	     "f");
	expect("guest start  linux1", 11);
	feed("\x1b[1;5C");
	expect("guest start  linux1", 19);
	feed("\x1b[1;5C");
	expect("guest start  linux1", 19);
}

static void killed_text_comes_back(void **state)
{
	(void)state;
	feed("one two three\x17");
	expect("one two ", 8);
	feed("\x17");
	expect("one ", 4);
	feed("\x19\x19");
	expect("one two two ", 12);
	feed("\x01"
	     "\x1b"
	     "d");
	expect(" two two ", 0);
	feed(RIGHT "\x0b");
	expect(" ", 1);
	feed("\x19");
	expect(" two two ", 9);
	feed("\x15");
	expect("", 0);
	feed("\x15\x0b\x17"); /* nothing to kill: what was killed stays */
	feed("\x19");
	expect(" two two ", 9);
}

static void control_c_throws_the_line_away(void **state)
{
	(void)state;
	feed("guest destroy linux1");
	assert_int_equal(feed("\x03"), LINE_CANCELLED);
	assert_string_equal(row_text(screen.last_row), "> guest destroy linux1^C");
	line_editor_begin(&editor);
	expect("", 0);
	feed(UP); /* and not into the history */
	expect("", 0);
}

static void control_l_clears_the_screen(void **state)
{
	(void)state;
	feed("abc" LEFT "\x0c");
	expect("abc", 2);
}

static void redraw_restores_the_line(void **state)
{
	(void)state;
	feed("abc" LEFT);
	row_clear(&screen, 0);
	screen.column = 0;
	line_editor_redraw(&editor);
	expect("abc", 2);
}

static void carriage_return_and_newline_are_one_end(void **state)
{
	(void)state;
	enter("first");
	assert_int_equal(feed("\n"), LINE_OPEN);
	feed("second");
	assert_int_equal(feed("\n"), LINE_ENTERED);
	line_editor_begin(&editor);
	assert_int_equal(feed("\n"), LINE_ENTERED);
	assert_string_equal(line_editor_text(&editor), "");
}

static void unknown_bytes_are_ignored(void **state)
{
	static const char bytes[] = { 'a',    '\0',   '\x80', '\xff', '\x1c', '\x1f', '\x07',
				      '\xc3', '\xa4', '\x0f', '\x14', '\x11', 'b' };

	(void)state;
	feed_bytes(bytes, sizeof(bytes));
	expect("ab", 2);
}

static void unknown_escape_sequences_are_ignored(void **state)
{
	(void)state;
	feed("a\x1b[15~\x1b[200~\x1b[1;2P\x1bOP\x1b[?25h\x1b[6~\x1bz\x1b[Z\x1b[99999999999~b");
	expect("ab", 2);
}

static void broken_escape_sequences_end(void **state)
{
	(void)state;
	feed("ab\x1b\x1b[D\x1b[\x01"
	     "c"); /* ESC begins anew; a control character ends it and counts */
	expect("cab", 1);
	feed("\x1b[;;;;;;;;;;;;;;;;;;;;;;d"); /* longer than any: what follows is text again */
	assert_non_null(strchr(line_editor_text(&editor), 'd'));
	assert_int_equal(feed("\x1b[\r"), LINE_ENTERED);
}

static void a_line_has_a_longest_length(void **state)
{
	char text[LINE_SIZE + 40];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	feed(text);
	assert_int_equal(strlen(line_editor_text(&editor)), LINE_SIZE - 1);
	feed("\x15\x19\x19\x19"); /* nor does it grow by what was killed */
	assert_int_equal(strlen(line_editor_text(&editor)), LINE_SIZE - 1);
	feed("\x01y");
	assert_int_equal(line_editor_text(&editor)[0], 'x');
	assert_int_equal(feed("\r"), LINE_ENTERED);
}

static void long_lines_scroll_sideways(void **state)
{
	(void)state;
	for (char letter = 'a'; letter <= 'z'; letter++)
		feed((char[]){ letter, letter, letter, letter, '\0' });
	assert_string_equal(row_text(screen.row) + LINE_COLUMNS - 5, "zzzz");
	assert_int_equal(screen.column, LINE_COLUMNS - 1);
	feed("\x01");
	assert_memory_equal(screen.row, "> aaaabbbb", 10);
	assert_int_equal(screen.column, 2);
	feed("\x05\x7f");
	assert_string_equal(row_text(screen.row) + LINE_COLUMNS - 5, "zzz");
	assert_int_equal(screen.column, LINE_COLUMNS - 2);
	feed("\x15");
	expect("", 0);
}

static void history_goes_up_and_down(void **state)
{
	(void)state;
	feed(UP DOWN);
	expect("", 0);
	enter("one");
	enter("two");
	feed("draft" UP);
	expect("two", 3);
	feed("\x10");
	expect("one", 3);
	feed(UP);
	expect("one", 3);
	feed(DOWN);
	expect("two", 3);
	feed("\x0e");
	expect("draft", 5);
	feed(DOWN);
	expect("draft", 5);
}

static void a_line_of_the_history_can_be_changed_and_entered(void **state)
{
	(void)state;
	enter("guest start a");
	feed(UP "\x7f"
		"b");
	assert_int_equal(feed("\r"), LINE_ENTERED);
	assert_string_equal(line_editor_text(&editor), "guest start b");
	line_editor_begin(&editor);
	feed(UP UP);
	expect("guest start a", 13);
}

static void history_keeps_no_repetition_and_no_empty_line(void **state)
{
	(void)state;
	enter("one");
	enter("two");
	enter("two");
	feed("\r");
	line_editor_begin(&editor);
	feed(UP UP);
	expect("one", 3);
}

static void history_keeps_the_newest_lines(void **state)
{
	char line[3] = "";

	(void)state;
	for (unsigned int i = 0; i < LINE_HISTORY + 5; i++) {
		line[0] = (char)('A' + i / 10);
		line[1] = (char)('0' + i % 10);
		enter(line);
	}
	for (unsigned int i = 0; i < LINE_HISTORY + 5; i++)
		feed(UP);
	expect("A5", 2);
	assert_null(line_history_get(&editor.history, LINE_HISTORY + 1));
	assert_string_equal(line_history_get(&editor.history, 1), "D6");
}

static void tab_completes_what_is_sure(void **state)
{
	(void)state;
	feed("h\t");
	expect("help ", 5);
	feed("gu\t");
	expect("help gu", 7);
	assert_int_equal(screen.newlines, 0);
	feed("e\t");
	expect("help guest", 10);
	feed("x\t\t"); /* nothing begins so */
	expect("help guestx", 11);
	assert_int_equal(screen.newlines, 0);
}

static void the_second_tab_lists_the_choice(void **state)
{
	(void)state;
	feed("gu\t\t");
	assert_int_equal(screen.newlines, 2);
	assert_string_equal(row_text(screen.last_row), "guest  guests  guard");
	expect("gu", 2);
	feed("\x08\t"); /* a key between them makes the next tab the first again */
	expect("gu", 2);
	assert_int_equal(screen.newlines, 2);
}

static void tab_completes_in_the_middle_of_a_line(void **state)
{
	(void)state;
	feed("he linux1\x01\x06\x06\t");
	expect("help  linux1", 5);
}

static void tab_without_completion_does_nothing(void **state)
{
	(void)state;
	line_editor_init(&editor, &screen.printer, "> ", NULL);
	screen.column = 0;
	line_editor_begin(&editor);
	feed("he\t\t");
	expect("he", 2);
}

/* Whatever comes, the line and the cursor stay inside their bounds and the screen's model agrees.
 */
static void any_bytes_are_survived(void **state)
{
	uint32_t random = 12345;

	(void)state;
	for (unsigned int i = 0; i < 200000; i++) {
		static const char likely[] = "\x1b\x1b[[;15ABCDOHF~3\x7f\t\x17\x19\x0b gue";
		uint8_t byte;

		random = random * 1664525 + 1013904223;
		byte = (uint8_t)(random >> 24);
		if (random & 0x10000)
			byte = (uint8_t)likely[(random >> 20) % (sizeof(likely) - 1)];
		if (byte == 3) /* may print ^C over the end of the row, which the model refuses */
			continue;
		if (line_editor_feed(&editor, byte) != LINE_OPEN)
			line_editor_begin(&editor);
		assert_in_range(editor.length, 0, LINE_SIZE - 1);
		assert_in_range(editor.cursor, 0, editor.length);
		assert_int_equal(strlen(editor.text), editor.length);
		assert_int_equal(screen.column, 2 + editor.cursor - editor.view);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, setup)
	const struct CMUnitTest tests[] = {
		TEST(typed_text_is_the_line),
		TEST(text_goes_in_at_the_cursor),
		TEST(enter_in_the_middle_takes_the_whole_line),
		TEST(backspace_and_delete),
		TEST(cursor_keys_stop_at_the_ends),
		TEST(home_and_end_in_all_spellings),
		TEST(words_are_jumped_over),
		TEST(killed_text_comes_back),
		TEST(control_c_throws_the_line_away),
		TEST(control_l_clears_the_screen),
		TEST(redraw_restores_the_line),
		TEST(carriage_return_and_newline_are_one_end),
		TEST(unknown_bytes_are_ignored),
		TEST(unknown_escape_sequences_are_ignored),
		TEST(broken_escape_sequences_end),
		TEST(a_line_has_a_longest_length),
		TEST(long_lines_scroll_sideways),
		TEST(history_goes_up_and_down),
		TEST(a_line_of_the_history_can_be_changed_and_entered),
		TEST(history_keeps_no_repetition_and_no_empty_line),
		TEST(history_keeps_the_newest_lines),
		TEST(tab_completes_what_is_sure),
		TEST(the_second_tab_lists_the_choice),
		TEST(tab_completes_in_the_middle_of_a_line),
		TEST(tab_without_completion_does_nothing),
		TEST(any_bytes_are_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * The line editor: a state machine over the bytes of a VT100-like terminal. Drawing assumes a
 * screen of 80 columns; a line that is too long for it is shown in part, around the cursor.
 * Completion is asked for through a function, so nothing here knows of commands.
 */
#include <string.h>

#include <corbel/panic.h>
#include <mterm/line_editor.h>

#define CONTROL(letter)	  ((uint8_t)((letter) - '@'))
#define KEY_ESCAPE	  0x1b
#define KEY_DELETE	  0x7f
/* An escape sequence of more bytes than this is none that any key sends. */
#define ESCAPE_LENGTH_MAX 16u
#define ESCAPE_NUMBER_MAX 1000u

typedef void line_action_t(struct line_editor *editor);

/* ---- drawing ---- */

static void draw(struct line_editor *editor, const char *text, size_t length)
{
	editor->out->write(editor->out, text, length);
}

/* How many characters of the line fit beside the prompt; the screen's last column stays free. */
static size_t line_room(const struct line_editor *editor)
{
	return LINE_COLUMNS - 1 - strlen(editor->prompt);
}

/* Scrolls sideways as little as brings the cursor into view. */
static void view_adjust(struct line_editor *editor)
{
	size_t room = line_room(editor);

	if (editor->length <= room)
		editor->view = 0;
	else if (editor->cursor < editor->view)
		editor->view = editor->cursor;
	else if (editor->cursor > editor->view + room)
		editor->view = editor->cursor - room;
}

void line_editor_redraw(struct line_editor *editor)
{
	size_t shown;

	view_adjust(editor);
	shown = MIN(editor->length - editor->view, line_room(editor));
	draw(editor, "\r", 1);
	draw(editor, editor->prompt, strlen(editor->prompt));
	draw(editor, editor->text + editor->view, shown);
	draw(editor, "\x1b[K", 3);
	if (editor->view + shown > editor->cursor)
		print(editor->out, "\x1b[%uD",
		      (unsigned int)(editor->view + shown - editor->cursor));
}

/* Draws what came after a change at the end of the line at little cost, else the whole line. */
static void line_draw_appended(struct line_editor *editor, size_t count)
{
	if (editor->cursor == editor->length && editor->length <= line_room(editor))
		draw(editor, editor->text + editor->length - count, count);
	else
		line_editor_redraw(editor);
}

/* ---- changing the line ---- */

/* Drops what would not fit. */
static void line_insert(struct line_editor *editor, const char *text, size_t length)
{
	length = MIN(length, LINE_SIZE - 1 - editor->length);
	if (length == 0)
		return;
	memmove(editor->text + editor->cursor + length, editor->text + editor->cursor,
		editor->length - editor->cursor);
	memcpy(editor->text + editor->cursor, text, length);
	editor->length += length;
	editor->cursor += length;
	editor->text[editor->length] = '\0';
	line_draw_appended(editor, length);
}

/* Takes out [from, to); the cursor ends up there. */
static void line_cut(struct line_editor *editor, size_t from, size_t to)
{
	ASSERT(from <= to && to <= editor->length);
	memmove(editor->text + from, editor->text + to, editor->length - to);
	editor->length -= to - from;
	editor->text[editor->length] = '\0';
	editor->cursor = from;
	line_editor_redraw(editor);
}

/* The same, and keeps it for Ctrl-Y. */
static void line_kill(struct line_editor *editor, size_t from, size_t to)
{
	if (from == to)
		return;
	memcpy(editor->killed, editor->text + from, to - from);
	editor->killed[to - from] = '\0';
	line_cut(editor, from, to);
}

static void line_replace(struct line_editor *editor, const char *text)
{
	editor->length = strnlen(text, LINE_SIZE - 1);
	memmove(editor->text, text, editor->length);
	editor->text[editor->length] = '\0';
	editor->cursor = editor->length;
	line_editor_redraw(editor);
}

static void cursor_move(struct line_editor *editor, size_t to)
{
	if (to == editor->cursor)
		return;
	editor->cursor = to;
	line_editor_redraw(editor);
}

/* Where the word before the cursor begins, and where the one behind it ends. */
static size_t word_begin(const struct line_editor *editor)
{
	size_t at = editor->cursor;

	while (at > 0 && editor->text[at - 1] == ' ')
		at--;
	while (at > 0 && editor->text[at - 1] != ' ')
		at--;
	return at;
}

static size_t word_end(const struct line_editor *editor)
{
	size_t at = editor->cursor;

	while (at < editor->length && editor->text[at] == ' ')
		at++;
	while (at < editor->length && editor->text[at] != ' ')
		at++;
	return at;
}

/* ---- keys ---- */

static void key_left(struct line_editor *editor)
{
	if (editor->cursor > 0)
		cursor_move(editor, editor->cursor - 1);
}

static void key_right(struct line_editor *editor)
{
	if (editor->cursor < editor->length)
		cursor_move(editor, editor->cursor + 1);
}

static void key_home(struct line_editor *editor)
{
	cursor_move(editor, 0);
}

static void key_end(struct line_editor *editor)
{
	cursor_move(editor, editor->length);
}

static void key_word_left(struct line_editor *editor)
{
	cursor_move(editor, word_begin(editor));
}

static void key_word_right(struct line_editor *editor)
{
	cursor_move(editor, word_end(editor));
}

static void key_backspace(struct line_editor *editor)
{
	if (editor->cursor > 0)
		line_cut(editor, editor->cursor - 1, editor->cursor);
}

static void key_delete(struct line_editor *editor)
{
	if (editor->cursor < editor->length)
		line_cut(editor, editor->cursor, editor->cursor + 1);
}

static void key_kill_to_end(struct line_editor *editor)
{
	line_kill(editor, editor->cursor, editor->length);
}

static void key_kill_to_begin(struct line_editor *editor)
{
	line_kill(editor, 0, editor->cursor);
}

static void key_kill_word(struct line_editor *editor)
{
	line_kill(editor, word_begin(editor), editor->cursor);
}

static void key_kill_word_right(struct line_editor *editor)
{
	line_kill(editor, editor->cursor, word_end(editor));
}

static void key_yank(struct line_editor *editor)
{
	line_insert(editor, editor->killed, strlen(editor->killed));
}

static void key_clear_screen(struct line_editor *editor)
{
	draw(editor, "\x1b[H\x1b[2J", 7);
	line_editor_redraw(editor);
}

static void history_show(struct line_editor *editor, unsigned int position)
{
	const char *line = line_history_get(&editor->history, position);

	if (position > 0 && line == NULL)
		return;
	if (editor->history_position == 0)
		memcpy(editor->draft, editor->text, LINE_SIZE);
	editor->history_position = position;
	line_replace(editor, position == 0 ? editor->draft : line);
}

static void key_older(struct line_editor *editor)
{
	history_show(editor, editor->history_position + 1);
}

static void key_newer(struct line_editor *editor)
{
	if (editor->history_position > 0)
		history_show(editor, editor->history_position - 1);
}

/* ---- completion ---- */

struct completion {
	char common[LINE_SIZE]; /* what all candidates begin with */
	unsigned int count;
	struct printer *out;
	size_t column; /* of the list that is being printed */
};

static void completion_narrow(const char *candidate, void *argument)
{
	struct completion *completion = argument;
	size_t length = 0;

	if (completion->count++ == 0) {
		length = strnlen(candidate, LINE_SIZE - 1);
		memcpy(completion->common, candidate, length);
	} else {
		while (completion->common[length] != '\0' &&
		       completion->common[length] == candidate[length])
			length++;
	}
	completion->common[length] = '\0';
}

static void completion_print(const char *candidate, void *argument)
{
	struct completion *completion = argument;
	size_t length = strlen(candidate);

	if (completion->column > 0 && completion->column + 2 + length >= LINE_COLUMNS) {
		completion->out->write(completion->out, "\n", 1);
		completion->column = 0;
	}
	if (completion->column > 0) {
		completion->out->write(completion->out, "  ", 2);
		completion->column += 2;
	}
	completion->out->write(completion->out, candidate, length);
	completion->column += length;
}

static void completions_list(struct line_editor *editor)
{
	struct completion completion = { .out = editor->out };

	draw(editor, "\n", 1);
	editor->complete(editor->text, editor->cursor, completion_print, &completion);
	draw(editor, "\n", 1);
	line_editor_redraw(editor);
}

/* The first tab adds what is sure, a second one lists the choice. */
static void key_tab(struct line_editor *editor)
{
	struct completion completion = { .count = 0 };
	bool again = editor->after_tab;
	size_t typed, common;

	editor->after_tab = false;
	if (editor->complete == NULL)
		return;
	typed = editor->complete(editor->text, editor->cursor, completion_narrow, &completion);
	if (completion.count == 0)
		return;
	common = strlen(completion.common);
	ASSERT(common >= typed);
	if (completion.count == 1) {
		line_insert(editor, completion.common + typed, common - typed);
		line_insert(editor, " ", 1);
	} else if (common > typed) {
		line_insert(editor, completion.common + typed, common - typed);
	} else {
		if (again)
			completions_list(editor);
		editor->after_tab = true;
	}
}

/* ---- bytes ---- */

static const struct {
	uint8_t byte;
	line_action_t *action;
} control_keys[] = {
	{ CONTROL('A'), key_home },	    { CONTROL('B'), key_left },
	{ CONTROL('D'), key_delete },	    { CONTROL('E'), key_end },
	{ CONTROL('F'), key_right },	    { CONTROL('H'), key_backspace },
	{ CONTROL('I'), key_tab },	    { CONTROL('K'), key_kill_to_end },
	{ CONTROL('L'), key_clear_screen }, { CONTROL('N'), key_newer },
	{ CONTROL('P'), key_older },	    { CONTROL('U'), key_kill_to_begin },
	{ CONTROL('W'), key_kill_word },    { CONTROL('Y'), key_yank },
	{ KEY_DELETE, key_backspace },
};

static enum line_event line_enter(struct line_editor *editor)
{
	key_end(editor);
	draw(editor, "\n", 1);
	line_history_add(&editor->history, editor->text);
	return LINE_ENTERED;
}

static enum line_event line_cancel(struct line_editor *editor)
{
	draw(editor, "^C\n", 3);
	editor->length = 0;
	editor->cursor = 0;
	editor->text[0] = '\0';
	return LINE_CANCELLED;
}

static enum line_event feed_control(struct line_editor *editor, uint8_t byte)
{
	if (byte == '\r' || byte == '\n') {
		editor->after_return = byte == '\r';
		return line_enter(editor);
	}
	if (byte == CONTROL('C'))
		return line_cancel(editor);
	for (size_t i = 0; i < ARRAY_SIZE(control_keys); i++) {
		if (control_keys[i].byte == byte)
			control_keys[i].action(editor);
	}
	return LINE_OPEN;
}

static enum line_event feed_plain(struct line_editor *editor, uint8_t byte)
{
	char letter = (char)byte;

	if (byte == KEY_ESCAPE) {
		editor->escape = ESCAPE_BEGUN;
		return LINE_OPEN;
	}
	if (byte < ' ' || byte == KEY_DELETE)
		return feed_control(editor, byte);
	/* What is not ASCII has no place in commands, and no known width on the screen. */
	if (byte < KEY_DELETE)
		line_insert(editor, &letter, 1);
	return LINE_OPEN;
}

/* ---- escape sequences ---- */

/* Keys that end in a letter of their own: ESC [ A or ESC O A. With Ctrl or Alt: ESC [ 1 ; 5 C. */
static line_action_t *action_of_letter(uint8_t letter, bool modified)
{
	switch (letter) {
	case 'A':
		return key_older;
	case 'B':
		return key_newer;
	case 'C':
		return modified ? key_word_right : key_right;
	case 'D':
		return modified ? key_word_left : key_left;
	case 'F':
		return key_end;
	case 'H':
		return key_home;
	default:
		return NULL;
	}
}

/* Keys that have a number: ESC [ 3 ~. */
static line_action_t *action_of_number(unsigned int number)
{
	switch (number) {
	case 1:
	case 7:
		return key_home;
	case 3:
		return key_delete;
	case 4:
	case 8:
		return key_end;
	default:
		return NULL;
	}
}

/* Keys typed with Alt. */
static line_action_t *action_of_alt(uint8_t byte)
{
	switch (byte) {
	case 'b':
		return key_word_left;
	case 'f':
		return key_word_right;
	case 'd':
		return key_kill_word_right;
	case CONTROL('H'):
	case KEY_DELETE:
		return key_kill_word;
	default:
		return NULL;
	}
}

static void action_run(struct line_editor *editor, line_action_t *action)
{
	if (action != NULL)
		action(editor);
}

static void feed_escape_begun(struct line_editor *editor, uint8_t byte)
{
	editor->escape_length = 0;
	editor->escape_number_index = 0;
	memset(editor->escape_numbers, 0, sizeof(editor->escape_numbers));
	if (byte == '[') {
		editor->escape = ESCAPE_CONTROL;
	} else if (byte == 'O') {
		editor->escape = ESCAPE_SHIFT;
	} else {
		editor->escape = ESCAPE_NONE;
		action_run(editor, action_of_alt(byte));
	}
}

static void feed_escape_number(struct line_editor *editor, uint8_t byte)
{
	unsigned int *number;

	if (byte == ';')
		editor->escape_number_index++;
	if (byte < '0' || byte > '9' ||
	    editor->escape_number_index >= ARRAY_SIZE(editor->escape_numbers))
		return;
	number = &editor->escape_numbers[editor->escape_number_index];
	*number = MIN(*number * 10 + (byte - '0'), ESCAPE_NUMBER_MAX);
}

static void feed_escape_control(struct line_editor *editor, uint8_t byte)
{
	bool modified = editor->escape_numbers[1] > 1 || editor->escape_numbers[0] == 5;

	if (++editor->escape_length > ESCAPE_LENGTH_MAX) {
		editor->escape = ESCAPE_NONE;
	} else if (byte < '@') {
		feed_escape_number(editor, byte);
	} else {
		editor->escape = ESCAPE_NONE;
		if (byte == '~')
			action_run(editor, action_of_number(editor->escape_numbers[0]));
		else
			action_run(editor, action_of_letter(byte, modified));
	}
}

static enum line_event feed_escape(struct line_editor *editor, uint8_t byte)
{
	/* A control character ends a sequence that was not complete and means what it means. */
	if (byte < ' ' && !(editor->escape == ESCAPE_BEGUN && byte == CONTROL('H'))) {
		editor->escape = ESCAPE_NONE;
		return feed_plain(editor, byte);
	}
	if (editor->escape == ESCAPE_BEGUN) {
		feed_escape_begun(editor, byte);
	} else if (editor->escape == ESCAPE_CONTROL) {
		feed_escape_control(editor, byte);
	} else {
		editor->escape = ESCAPE_NONE;
		action_run(editor, action_of_letter(byte, false));
	}
	return LINE_OPEN;
}

enum line_event line_editor_feed(struct line_editor *editor, uint8_t byte)
{
	bool newline_of_return = editor->after_return && byte == '\n';

	editor->after_return = false;
	if (byte != CONTROL('I'))
		editor->after_tab = false;
	if (newline_of_return)
		return LINE_OPEN;
	if (editor->escape != ESCAPE_NONE)
		return feed_escape(editor, byte);
	return feed_plain(editor, byte);
}

/* ---- life ---- */

void line_editor_init(struct line_editor *editor, struct printer *out, const char *prompt,
		      line_complete_t *complete)
{
	ASSERT(strlen(prompt) < LINE_COLUMNS / 2);
	memset(editor, 0, sizeof(*editor));
	editor->out = out;
	editor->prompt = prompt;
	editor->complete = complete;
}

void line_editor_begin(struct line_editor *editor)
{
	editor->length = 0;
	editor->cursor = 0;
	editor->view = 0;
	editor->text[0] = '\0';
	editor->history_position = 0;
	editor->escape = ESCAPE_NONE;
	draw(editor, editor->prompt, strlen(editor->prompt));
}

const char *line_editor_text(const struct line_editor *editor)
{
	return editor->text;
}

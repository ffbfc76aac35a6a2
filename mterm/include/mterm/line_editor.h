// SPDX-License-Identifier: BSD-2-Clause
/*
 * The editor of one typed line: fed with the bytes that a terminal sends, it keeps the line and
 * draws it. No input of its own, no locking, no allocation; what it prints goes to a printer.
 */
#ifndef MTERM_LINE_EDITOR_H
#define MTERM_LINE_EDITOR_H

#include <corbel/printer.h>
#include <corbel/types.h>

/* A line, terminated: at most 255 characters. */
#define LINE_SIZE    256u
#define LINE_HISTORY 32u
/* Longer lines than the screen is wide scroll sideways. */
#define LINE_COLUMNS 80u

typedef void completion_visit_t(const char *candidate, void *argument);

/*
 * Calls `visit` for each word that may stand where `text` ends and that begins as the word there
 * does; the value is how long that beginning is.
 */
typedef size_t line_complete_t(const char *text, size_t length, completion_visit_t *visit,
			       void *argument);

/* What a byte led to. */
enum line_event {
	LINE_OPEN,	/* the line is still being edited */
	LINE_ENTERED,	/* it is in line_editor_text(); line_editor_begin() goes on */
	LINE_CANCELLED, /* Ctrl-C: the line was thrown away; line_editor_begin() goes on */
};

struct line_history {
	char lines[LINE_HISTORY][LINE_SIZE];
	unsigned int count;  /* of lines kept */
	unsigned int newest; /* where the newest is, if any are kept */
};

enum line_escape {
	ESCAPE_NONE,
	ESCAPE_BEGUN,	/* after ESC */
	ESCAPE_CONTROL, /* after ESC [ */
	ESCAPE_SHIFT,	/* after ESC O */
};

/* Made by line_editor_init(); its fields are the editor's own. Large: not for a stack. */
struct line_editor {
	struct printer *out;
	const char *prompt;
	line_complete_t *complete; /* NULL: none */
	char text[LINE_SIZE];
	size_t length, cursor;
	size_t view; /* the first character that is shown */
	char killed[LINE_SIZE];
	struct line_history history;
	unsigned int history_position; /* 0: the line itself, 1: the newest, ... */
	char draft[LINE_SIZE];	       /* the line itself, while an older one is shown */
	enum line_escape escape;
	unsigned int escape_length;
	unsigned int escape_numbers[2];
	unsigned int escape_number_index;
	bool after_return; /* the last byte was CR: a LF that follows belongs to it */
	bool after_tab;	   /* the last byte was a tab that could add nothing */
};

void line_editor_init(struct line_editor *editor, struct printer *out, const char *prompt,
		      line_complete_t *complete);
/* Shows the prompt with an empty line. */
void line_editor_begin(struct line_editor *editor);
enum line_event line_editor_feed(struct line_editor *editor, uint8_t byte);
/* The line, terminated. */
const char *line_editor_text(const struct line_editor *editor);
/* Draws prompt and line again, on the screen's present line. */
void line_editor_redraw(struct line_editor *editor);

void line_history_add(struct line_history *history, const char *line);
/* The line that was added as the last but `age` - 1, `age` from 1; NULL: not so many are kept. */
const char *line_history_get(const struct line_history *history, unsigned int age);

#endif

// SPDX-License-Identifier: BSD-2-Clause
/*
 * The lines that were typed, for the line editor: the newest 32.
 */
#include <string.h>

#include <mterm/line_editor.h>

const char *line_history_get(const struct line_history *history, unsigned int age)
{
	if (age == 0 || age > history->count)
		return NULL;
	return history->lines[(history->newest + LINE_HISTORY + 1 - age) % LINE_HISTORY];
}

/* Empty lines and repetitions of the newest are not kept. */
void line_history_add(struct line_history *history, const char *line)
{
	const char *newest = line_history_get(history, 1);
	size_t length = strnlen(line, LINE_SIZE - 1);

	if (length == 0 || (newest != NULL && strcmp(line, newest) == 0))
		return;
	if (history->count > 0)
		history->newest = (history->newest + 1) % LINE_HISTORY;
	if (history->count < LINE_HISTORY)
		history->count++;
	memcpy(history->lines[history->newest], line, length);
	history->lines[history->newest][length] = '\0';
}

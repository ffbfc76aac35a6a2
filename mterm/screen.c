// SPDX-License-Identifier: BSD-2-Clause
/*
 * Full-screen pages: each line overwrites the old one and clears what is left of it. What does not
 * fit on the screen is dropped, lest it scrolls.
 */
#include <string.h>

#include <mterm/screen.h>

static void line_end(struct screen *screen)
{
	screen->out->write(screen->out, "\x1b[K\n", 4);
	screen->line++;
	screen->column = 0;
}

static void screen_write(struct printer *printer, const char *text, size_t length)
{
	struct screen *screen = container_of(printer, struct screen, printer);

	while (length > 0 && screen->line < SCREEN_LINES - 1) {
		const char *end = memchr(text, '\n', length);
		size_t count = end == NULL ? length : (size_t)(end - text);
		size_t shown = MIN(count, SCREEN_COLUMNS - 1 - screen->column);

		screen->out->write(screen->out, text, shown);
		screen->column += (unsigned int)shown;
		text += count;
		length -= count;
		if (end != NULL) {
			line_end(screen);
			text++;
			length--;
		}
	}
}

void screen_begin(struct screen *screen, struct printer *out)
{
	*screen = (struct screen){ .printer = { screen_write }, .out = out };
	out->write(out, "\x1b[H", 3);
}

void screen_end(struct screen *screen)
{
	screen->out->write(screen->out, "\x1b[J", 3);
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * A full-screen page over a printer: what is printed replaces the page before without flicker.
 */
#ifndef MTERM_SCREEN_H
#define MTERM_SCREEN_H

#include <corbel/printer.h>
#include <corbel/types.h>

/* What a VT100 shows; the last line stays free. */
#define SCREEN_LINES   24u
#define SCREEN_COLUMNS 80u

/* Print to `printer` between screen_begin() and screen_end(); the rest is its own. */
struct screen {
	struct printer printer;
	struct printer *out;
	unsigned int line, column;
};

void screen_begin(struct screen *screen, struct printer *out);
/* Clears what the page before had more. */
void screen_end(struct screen *screen);

#endif

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Text that may be shown to a person: a terminal obeys control characters, and what comes out of
 * trees, archives and guests must not give it orders.
 */
#ifndef LIB_PRINTABLE_H
#define LIB_PRINTABLE_H

#include <stdbool.h>
#include <stddef.h>

/* ASCII from the blank on. */
static inline bool is_printable(char character)
{
	return character >= ' ' && character <= '~';
}

/* Puts a question mark in the place of each character that is not. */
static inline void text_make_printable(char *text)
{
	for (; *text != '\0'; text++)
		if (!is_printable(*text))
			*text = '?';
}

/* Whether the text is one word: printable, without blanks. Of nothing at all it is not. */
static inline bool text_is_word(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!is_printable(text[i]) || text[i] == ' ')
			return false;
	return length > 0;
}

#endif

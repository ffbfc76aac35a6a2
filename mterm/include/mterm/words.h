// SPDX-License-Identifier: BSD-2-Clause
/*
 * Taking a typed line apart: words, numbers, and which known word an unknown one resembles. Knows
 * nothing of commands.
 */
#ifndef MTERM_WORDS_H
#define MTERM_WORDS_H

#include <corbel/types.h>

/*
 * Splits the line in place at blanks. "..." keeps blanks together and may stand inside a word; a
 * word that begins with # starts a comment. The value is how many words there are; -EINVAL: a
 * quotation mark is not closed; -E2BIG: more words than `capacity`. Any context.
 */
int words_split(char *line, char **words, unsigned int capacity);

/*
 * A decimal number, or a hexadecimal one with 0x, and after it perhaps K, M or G for KiB, MiB or
 * GiB. -EINVAL: not such a number; -ERANGE: over 64 bits. Any context.
 */
int number_parse(const char *text, uint64_t *out);

/*
 * How many letters must be inserted, dropped, changed or swapped with their neighbour to turn one
 * word into the other; words over 24 letters are taken for different all over. Any context.
 */
unsigned int word_distance(const char *left, const char *right);

/* Whether somebody who typed `typed` may well have meant `known`. Any context. */
bool word_resembles(const char *typed, const char *known);

#endif

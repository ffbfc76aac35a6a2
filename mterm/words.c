// SPDX-License-Identifier: BSD-2-Clause
/*
 * Taking a typed line apart into words and numbers, and guessing what a mistyped word was meant to
 * be. Pure functions over text; what the words mean is command.c's affair.
 */
#include <errno.h>
#include <string.h>

#include <mterm/words.h>

#define DISTANCE_LETTERS_MAX 24u

static bool is_blank(char letter)
{
	return letter == ' ' || letter == '\t' || letter == '\r' || letter == '\n';
}

/*
 * Closes up the word at `*line` over its quotation marks, terminates it, and moves `*line` behind
 * it. The word never grows, so it is written over itself.
 */
static int word_take(char **line)
{
	char *from = *line, *to = *line;
	bool quoted = false;

	while (*from != '\0' && (quoted || !is_blank(*from))) {
		if (*from == '"')
			quoted = !quoted;
		else
			*to++ = *from;
		from++;
	}
	if (quoted)
		return -EINVAL;
	/* Look before the terminator is written: it may land on the very byte that ended the word.
	 */
	*line = *from == '\0' ? from : from + 1;
	*to = '\0';
	return 0;
}

int words_split(char *line, char **words, unsigned int capacity)
{
	unsigned int count = 0;

	for (;;) {
		while (is_blank(*line))
			line++;
		if (*line == '\0' || *line == '#')
			return (int)count;
		if (count == capacity)
			return -E2BIG;
		words[count++] = line;
		if (word_take(&line) < 0)
			return -EINVAL;
	}
}

/* The value of a digit, or 16 for what is none. */
static unsigned int digit_value(char letter)
{
	if (letter >= '0' && letter <= '9')
		return (unsigned int)(letter - '0');
	if (letter >= 'a' && letter <= 'f')
		return (unsigned int)(letter - 'a') + 10;
	if (letter >= 'A' && letter <= 'F')
		return (unsigned int)(letter - 'A') + 10;
	return 16;
}

static unsigned int suffix_shift(char letter)
{
	switch (letter) {
	case 'K':
	case 'k':
		return 10;
	case 'M':
	case 'm':
		return 20;
	case 'G':
	case 'g':
		return 30;
	default:
		return 0;
	}
}

int number_parse(const char *text, uint64_t *out)
{
	unsigned int base = 10, shift;
	uint64_t value = 0;

	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
		base = 16;
		text += 2;
	}
	if (digit_value(*text) >= base)
		return -EINVAL;
	for (; digit_value(*text) < base; text++) {
		if (__builtin_mul_overflow(value, base, &value) ||
		    __builtin_add_overflow(value, digit_value(*text), &value))
			return -ERANGE;
	}
	shift = suffix_shift(*text);
	if (shift != 0)
		text++;
	if (*text != '\0')
		return -EINVAL;
	if (value > UINT64_MAX >> shift)
		return -ERANGE;
	*out = value << shift;
	return 0;
}

/* One row of the table of distances, and the two above it that it is made from. */
struct distance_rows {
	unsigned int row[3][DISTANCE_LETTERS_MAX + 1];
};

static void distance_row_fill(struct distance_rows *rows, const char *left, const char *right,
			      size_t i, size_t right_length)
{
	unsigned int *now = rows->row[i % 3];
	const unsigned int *above = rows->row[(i + 2) % 3];
	const unsigned int *two_above = rows->row[(i + 1) % 3];

	now[0] = (unsigned int)i;
	for (size_t j = 1; j <= right_length; j++) {
		unsigned int changed = above[j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1);
		unsigned int best = MIN(changed, MIN(above[j], now[j - 1]) + 1);

		if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
			best = MIN(best, two_above[j - 2] + 1);
		now[j] = best;
	}
}

unsigned int word_distance(const char *left, const char *right)
{
	size_t left_length = strlen(left), right_length = strlen(right);
	struct distance_rows rows;

	if (left_length > DISTANCE_LETTERS_MAX || right_length > DISTANCE_LETTERS_MAX)
		return (unsigned int)MAX(left_length, right_length);
	for (size_t j = 0; j <= right_length; j++)
		rows.row[0][j] = (unsigned int)j;
	for (size_t i = 1; i <= left_length; i++)
		distance_row_fill(&rows, left, right, i, right_length);
	return rows.row[left_length % 3][right_length];
}

bool word_resembles(const char *typed, const char *known)
{
	size_t length = strlen(typed);

	/* "sta" for "start": a beginning says enough. */
	if (length >= 2 && strncmp(typed, known, length) == 0)
		return true;
	return word_distance(typed, known) <= (strlen(known) > 4 ? 2u : 1u);
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Numbers from text. A value that does not fit is ULONG_MAX; there is no errno.
 */
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The value of a digit in the largest base, or one that is in no base. */
static unsigned int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned int)(c - '0');
	if (c >= 'a' && c <= 'z')
		return (unsigned int)(c - 'a') + 10;
	if (c >= 'A' && c <= 'Z')
		return (unsigned int)(c - 'A') + 10;
	return UINT_MAX;
}

/* Steps over "0x" if a hexadecimal digit follows it, and settles the base where that is 0. */
static const char *skip_prefix(const char *text, unsigned int *base)
{
	bool zero = text[0] == '0';
	bool hexadecimal = zero && (text[1] == 'x' || text[1] == 'X') && digit_value(text[2]) < 16;

	if (hexadecimal && (*base == 0 || *base == 16)) {
		*base = 16;
		return text + 2;
	}
	if (*base == 0)
		*base = zero ? 8 : 10;
	return text;
}

static const char *read_digits(const char *text, unsigned int base, unsigned long *out)
{
	unsigned long value = 0;
	bool overflow = false;

	for (; digit_value(*text) < base; text++) {
		unsigned int digit = digit_value(*text);

		overflow = overflow || value > (ULONG_MAX - digit) / base;
		value = value * base + digit;
	}
	*out = overflow ? ULONG_MAX : value;
	return text;
}

unsigned long strtoul(const char *restrict string, char **restrict end, int base)
{
	const char *text = string, *digits, *after;
	unsigned int radix = (unsigned int)base;
	unsigned long value;
	bool negative;

	while (is_blank(*text))
		text++;
	negative = *text == '-';
	if (*text == '-' || *text == '+')
		text++;
	digits = skip_prefix(text, &radix);
	after = read_digits(digits, radix, &value);
	if (end != NULL)
		*end = (char *)(after == digits ? string : after);
	return negative && value != ULONG_MAX ? -value : value;
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * snprintf() and vsnprintf(). What they understand is listed in <stdio.h>; a conversion that they
 * do not know is printed as it stands.
 */
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Where text goes; `length` counts on behind the end of the buffer. */
struct output {
	char *buffer;
	size_t size;
	size_t length;
};

enum length_modifier {
	LENGTH_INT,
	LENGTH_CHAR,
	LENGTH_SHORT,
	LENGTH_LONG,
	LENGTH_LONG_LONG,
};

/* One conversion, between its % and its letter. */
struct conversion {
	bool left, zero, plus, space, alternate;
	unsigned int width;
	int precision; /* -1: none */
	enum length_modifier length;
	char letter;
};

/* The longest number is one of 64 bits in octal. */
#define DIGITS_MAX 22

static void put(struct output *out, char c)
{
	if (out->length + 1 < out->size)
		out->buffer[out->length] = c;
	out->length++;
}

static void put_text(struct output *out, const char *text, size_t length)
{
	while (length-- > 0)
		put(out, *text++);
}

static void put_repeated(struct output *out, char c, size_t count)
{
	while (count-- > 0)
		put(out, c);
}

/* Text of known length with blanks up to the width. */
static void put_padded(struct output *out, const struct conversion *conversion, const char *text,
		       size_t length)
{
	size_t padding = conversion->width > length ? conversion->width - length : 0;

	if (!conversion->left)
		put_repeated(out, ' ', padding);
	put_text(out, text, length);
	if (conversion->left)
		put_repeated(out, ' ', padding);
}

/* Fills `buffer` from its end and returns where the digits begin; none for 0. */
static char *write_digits(char buffer[DIGITS_MAX], uint64_t value, unsigned int base,
			  bool upper_case)
{
	const char *digits = upper_case ? "0123456789ABCDEF" : "0123456789abcdef";
	char *first = buffer + DIGITS_MAX;

	for (; value != 0; value /= base)
		*--first = digits[value % base];
	return first;
}

/* A number: blanks, prefix, zeros, digits, blanks. */
static void put_number(struct output *out, const struct conversion *conversion, const char *prefix,
		       uint64_t value, unsigned int base)
{
	char buffer[DIGITS_MAX];
	const char *digits = write_digits(buffer, value, base, conversion->letter == 'X');
	size_t count = (size_t)(buffer + DIGITS_MAX - digits);
	size_t least = conversion->precision < 0 ? 1 : (size_t)conversion->precision;
	size_t zeros = least > count ? least - count : 0;
	size_t length = strlen(prefix) + zeros + count;
	size_t padding = conversion->width > length ? conversion->width - length : 0;

	if (conversion->zero && !conversion->left && conversion->precision < 0) {
		zeros += padding;
		padding = 0;
	}
	if (!conversion->left)
		put_repeated(out, ' ', padding);
	put_text(out, prefix, strlen(prefix));
	put_repeated(out, '0', zeros);
	put_text(out, digits, count);
	if (conversion->left)
		put_repeated(out, ' ', padding);
}

static int64_t take_signed(enum length_modifier length, va_list *arguments)
{
	switch (length) {
	case LENGTH_CHAR:
		return (signed char)va_arg(*arguments, int);
	case LENGTH_SHORT:
		return (short)va_arg(*arguments, int);
	case LENGTH_LONG:
		return va_arg(*arguments, long);
	case LENGTH_LONG_LONG:
		return va_arg(*arguments, long long);
	default:
		return va_arg(*arguments, int);
	}
}

static uint64_t take_unsigned(enum length_modifier length, va_list *arguments)
{
	switch (length) {
	case LENGTH_CHAR:
		return (unsigned char)va_arg(*arguments, unsigned int);
	case LENGTH_SHORT:
		return (unsigned short)va_arg(*arguments, unsigned int);
	case LENGTH_LONG:
		return va_arg(*arguments, unsigned long);
	case LENGTH_LONG_LONG:
		return va_arg(*arguments, unsigned long long);
	default:
		return va_arg(*arguments, unsigned int);
	}
}

static void put_signed(struct output *out, const struct conversion *conversion, va_list *arguments)
{
	int64_t value = take_signed(conversion->length, arguments);
	const char *sign = conversion->plus ? "+" : conversion->space ? " " : "";

	if (value < 0)
		put_number(out, conversion, "-", -(uint64_t)value, 10);
	else
		put_number(out, conversion, sign, (uint64_t)value, 10);
}

static void put_unsigned(struct output *out, const struct conversion *conversion,
			 va_list *arguments)
{
	uint64_t value = take_unsigned(conversion->length, arguments);
	bool prefixed = conversion->alternate && value != 0;

	switch (conversion->letter) {
	case 'x':
		put_number(out, conversion, prefixed ? "0x" : "", value, 16);
		break;
	case 'X':
		put_number(out, conversion, prefixed ? "0X" : "", value, 16);
		break;
	case 'o':
		put_number(out, conversion, prefixed ? "0" : "", value, 8);
		break;
	default:
		put_number(out, conversion, "", value, 10);
		break;
	}
}

static void put_string(struct output *out, const struct conversion *conversion, const char *string)
{
	size_t limit = conversion->precision < 0 ? SIZE_MAX : (size_t)conversion->precision;

	if (string == NULL)
		string = "(null)";
	put_padded(out, conversion, string, strnlen(string, limit));
}

static const char *parse_flags(struct conversion *conversion, const char *format)
{
	for (;; format++) {
		switch (*format) {
		case '-':
			conversion->left = true;
			break;
		case '0':
			conversion->zero = true;
			break;
		case '+':
			conversion->plus = true;
			break;
		case ' ':
			conversion->space = true;
			break;
		case '#':
			conversion->alternate = true;
			break;
		default:
			return format;
		}
	}
}

static const char *parse_number(const char *format, int *out)
{
	int value = 0;

	for (; *format >= '0' && *format <= '9'; format++) {
		if (value < 100000)
			value = value * 10 + (*format - '0');
	}
	*out = value;
	return format;
}

static const char *parse_number_or_star(const char *format, int *out, va_list *arguments)
{
	if (*format != '*')
		return parse_number(format, out);
	*out = va_arg(*arguments, int);
	return format + 1;
}

static const char *parse_width(struct conversion *conversion, const char *format,
			       va_list *arguments)
{
	int width, precision;

	format = parse_number_or_star(format, &width, arguments);
	if (width < 0)
		conversion->left = true;
	conversion->width = width < 0 ? -(unsigned int)width : (unsigned int)width;
	if (*format == '.') {
		format = parse_number_or_star(format + 1, &precision, arguments);
		conversion->precision = precision < 0 ? -1 : precision;
	}
	return format;
}

static const char *parse_length(struct conversion *conversion, const char *format)
{
	bool doubled = *format != '\0' && format[1] == *format;

	switch (*format) {
	case 'h':
		conversion->length = doubled ? LENGTH_CHAR : LENGTH_SHORT;
		return format + (doubled ? 2 : 1);
	case 'l':
		conversion->length = doubled ? LENGTH_LONG_LONG : LENGTH_LONG;
		return format + (doubled ? 2 : 1);
	case 'j':
		conversion->length = LENGTH_LONG_LONG;
		return format + 1;
	case 'z':
	case 't':
		conversion->length = LENGTH_LONG;
		return format + 1;
	default:
		return format;
	}
}

/* False for a letter that is no conversion. */
static bool put_conversion(struct output *out, const struct conversion *conversion,
			   va_list *arguments)
{
	char c;

	switch (conversion->letter) {
	case 'd':
	case 'i':
		put_signed(out, conversion, arguments);
		return true;
	case 'u':
	case 'x':
	case 'X':
	case 'o':
		put_unsigned(out, conversion, arguments);
		return true;
	case 'p':
		put_number(out, conversion, "0x", (uintptr_t)va_arg(*arguments, void *), 16);
		return true;
	case 's':
		put_string(out, conversion, va_arg(*arguments, const char *));
		return true;
	case 'c':
		c = (char)va_arg(*arguments, int);
		put_padded(out, conversion, &c, 1);
		return true;
	case '%':
		put(out, '%');
		return true;
	default:
		return false;
	}
}

/* Prints what the conversion behind the % at `format` says; returns what follows it. */
static const char *format_conversion(struct output *out, const char *format, va_list *arguments)
{
	struct conversion conversion = { .precision = -1 };
	const char *rest = parse_flags(&conversion, format + 1);

	rest = parse_width(&conversion, rest, arguments);
	rest = parse_length(&conversion, rest);
	conversion.letter = *rest;
	if (put_conversion(out, &conversion, arguments))
		return rest + 1;
	put(out, '%');
	return format + 1;
}

int vsnprintf(char *restrict buffer, size_t size, const char *restrict format, va_list arguments)
{
	struct output out = { .buffer = buffer, .size = size };
	va_list copy;

	va_copy(copy, arguments);
	while (*format != '\0') {
		if (*format == '%')
			format = format_conversion(&out, format, &copy);
		else
			put(&out, *format++);
	}
	va_end(copy);
	if (size > 0)
		buffer[out.length < size ? out.length : size - 1] = '\0';
	return out.length > INT_MAX ? INT_MAX : (int)out.length;
}

int snprintf(char *restrict buffer, size_t size, const char *restrict format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(buffer, size, format, arguments);
	va_end(arguments);
	return length;
}

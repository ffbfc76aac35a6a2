// SPDX-License-Identifier: BSD-2-Clause
/*
 * Formatted printing onto anything that takes text.
 */
#include <corbel/printer.h>

#include <stdio.h>

#define PRINT_SIZE 512

void print_list(struct printer *printer, const char *format, va_list arguments)
{
	char text[PRINT_SIZE];
	int length = vsnprintf(text, sizeof(text), format, arguments);

	printer->write(printer, text, MIN((size_t)length, sizeof(text) - 1));
}

void print(struct printer *printer, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	print_list(printer, format, arguments);
	va_end(arguments);
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Printing of our own guests. The UART is polled; where the tree has none, the SBI's console takes
 * it.
 */
#include <stdarg.h>
#include <stdio.h>

#include <runtime/console.h>
#include <runtime/device.h>
#include <runtime/sbi.h>

/* Longer lines are cut. */
#define CONSOLE_LINE_SIZE 1024

static int console_lock;

static void character_write(char character)
{
	if (machine.uart == 0) {
		sbi_call(SBI_EXTENSION_DBCN, SBI_DBCN_WRITE_BYTE, (unsigned char)character);
		return;
	}
	while ((uart_read(UART_LSR) & UART_LSR_THRE) == 0)
		;
	uart_write(UART_THR, (uint8_t)character);
}

void console_print(const char *format, ...)
{
	char text[CONSOLE_LINE_SIZE];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	while (__atomic_exchange_n(&console_lock, 1, __ATOMIC_ACQUIRE) != 0)
		;
	for (const char *character = text; *character != '\0'; character++) {
		if (*character == '\n')
			character_write('\r');
		character_write(*character);
	}
	__atomic_store_n(&console_lock, 0, __ATOMIC_RELEASE);
}

void console_flush(void)
{
	while (machine.uart != 0 && (uart_read(UART_LSR) & UART_LSR_TEMT) == 0)
		;
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Polled output. Lines are whole: interrupts are off while one is written.
 */
#include <stdarg.h>
#include <stdio.h>

#include <rtos/console.h>
#include <rtos/cp0.h>
#include <rtos/map.h>

#define UART_DATA	  0
#define UART_LINE_STATUS  5
#define LINE_STATUS_EMPTY 0x20

static volatile uint8_t *uart(void)
{
	return (volatile uint8_t *)(MAP_KSEG1 + MAP_UART_PHYSICAL);
}

static void byte_write(char byte)
{
	while ((uart()[UART_LINE_STATUS] & LINE_STATUS_EMPTY) == 0)
		;
	uart()[UART_DATA] = (uint8_t)byte;
}

static void print(const char *format, va_list arguments)
{
	char text[256];

	vsnprintf(text, sizeof(text), format, arguments);
	for (const char *at = text; *at != '\0'; at++) {
		if (*at == '\n')
			byte_write('\r');
		byte_write(*at);
	}
}

void console_print(const char *format, ...)
{
	uint32_t flags = irq_save();
	va_list arguments;

	va_start(arguments, format);
	print(format, arguments);
	va_end(arguments);
	irq_restore(flags);
}

void console_panic(const char *format, ...)
{
	va_list arguments;

	irq_save();
	console_print("rtos: panic: ");
	va_start(arguments, format);
	print(format, arguments);
	va_end(arguments);
	console_print("\nrtos: stopped\n");
	for (;;)
		__asm__ volatile("wait");
}

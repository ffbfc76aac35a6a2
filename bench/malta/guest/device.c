// SPDX-License-Identifier: BSD-2-Clause
/*
 * What registers of an emulated device cost.
 */
#include <rtos/map.h>

#include "bench.h"

#define UART_SCRATCH	 7u
#define UART_LINE_STATUS 5u

static volatile uint8_t *uart(void)
{
	return (volatile uint8_t *)(MAP_KSEG1 + MAP_UART_PHYSICAL);
}

BENCH(uart_read, "uart-read")
{
	volatile uint8_t *status = uart() + UART_LINE_STATUS;

	return bench_loop((void)*status);
}

BENCH(uart_write, "uart-write")
{
	volatile uint8_t *scratch = uart() + UART_SCRATCH;

	return bench_loop(*scratch = 0);
}

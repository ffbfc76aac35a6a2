// SPDX-License-Identifier: BSD-2-Clause
/*
 * Where our own guests print: the 16550 of the tree, else the SBI's debug console.
 */
#ifndef RUNTIME_CONSOLE_H
#define RUNTIME_CONSOLE_H

#include <corbel/types.h>

/* One call's text is not interrupted by another hart's. */
void console_print(const char *format, ...) PRINTF_LIKE(1, 2);

/* Waits until everything has left the UART, so that a test may use it. */
void console_flush(void);

#endif

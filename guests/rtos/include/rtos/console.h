// SPDX-License-Identifier: BSD-2-Clause
/*
 * The 16550 at the Malta's first serial port, polled.
 */
#ifndef RTOS_CONSOLE_H
#define RTOS_CONSOLE_H

__attribute__((format(printf, 1, 2))) void console_print(const char *format, ...);
/* Writes and stands still. */
__attribute__((noreturn, format(printf, 1, 2))) void console_panic(const char *format, ...);

#endif

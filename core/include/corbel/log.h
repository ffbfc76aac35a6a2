// SPDX-License-Identifier: BSD-2-Clause
/*
 * Corbel's own messages: kept in a ring for the `log` command and sent to the console.
 * Not for what guests print.
 */
#ifndef CORBEL_LOG_H
#define CORBEL_LOG_H

#include <corbel/printer.h>

enum log_level {
	LOG_ERROR,
	LOG_WARNING,
	LOG_INFO,
	LOG_DEBUG, /* kept in the ring, not shown on the console */
};

/*
 * One line without its newline; at most 255 characters are kept. Each is stamped with the time
 * since boot. Any context, from the first instruction of C code on; never sleeps.
 */
void log_message(enum log_level level, const char *format, ...) PRINTF_LIKE(2, 3);

#define log_error(...)	 log_message(LOG_ERROR, __VA_ARGS__)
#define log_warning(...) log_message(LOG_WARNING, __VA_ARGS__)
#define log_info(...)	 log_message(LOG_INFO, __VA_ARGS__)
#define log_debug(...)	 log_message(LOG_DEBUG, __VA_ARGS__)

/*
 * Where messages go besides the ring. Until this is first called, and after it was called with
 * NULL, they go to arch_early_console_write(). The sink is called in any context with interrupts
 * off and must not sleep or log.
 */
void log_sink_set(void (*sink)(const char *text, size_t length));

/* Prints the ring, oldest first, to the printer. Context: thread. */
void log_print(struct printer *printer);

#endif

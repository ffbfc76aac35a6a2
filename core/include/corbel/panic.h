// SPDX-License-Identifier: BSD-2-Clause
/*
 * Assertions and the end of the machine. For Corbel's own invariants only: nothing that a guest,
 * a tree, a bundle or a user supplies may ever reach panic() or fail an ASSERT().
 */
#ifndef CORBEL_PANIC_H
#define CORBEL_PANIC_H

#include <corbel/types.h>

/*
 * Prints the message, the CPU and thread, the decoded cause where there is one, and a symbolised
 * backtrace; stops the other CPUs; never returns. Any context. Takes no lock that could be held.
 */
__attribute__((noreturn, cold)) void panic(const char *format, ...) PRINTF_LIKE(1, 2);

__attribute__((noreturn, cold)) void assert_failed(const char *condition, const char *file,
						   int line);

/* Checked in debug builds; in release builds the condition is compiled but not evaluated. */
#ifdef CORBEL_DEBUG
#define ASSERT(condition) \
	(likely(condition) ? (void)0 : assert_failed(#condition, __FILE__, __LINE__))
#else
#define ASSERT(condition) ((void)sizeof(!(condition)))
#endif

/* True once panic() has begun on any CPU: consoles then write without locks. */
bool panic_in_progress(void);

#endif

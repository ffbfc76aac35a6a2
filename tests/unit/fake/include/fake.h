// SPDX-License-Identifier: BSD-2-Clause
/*
 * The fake port as unit tests see it. Threads, time and guests have headers of their own.
 */
#ifndef FAKE_H
#define FAKE_H

#include <corbel/cpu.h>
#include <corbel/thread.h>
#include <corbel/types.h>

extern struct cpu fake_boot_cpu;
extern struct thread fake_boot_thread;

/*
 * Gives the page allocator memory, once for each program: all that most tests need. It fits
 * cmocka's group and test set-up functions; `state` is not used. FAKE_MEMORY_SIZE bytes.
 */
#define FAKE_MEMORY_SIZE ((size_t)MIB(256))
int fake_memory_setup(void **state);

/* What went to the early console since the last reset, terminated; the newest part of it. */
const char *fake_console_text(void);
void fake_console_reset(void);

/*
 * Runs the function in a process of its own and returns what that printed on the early console
 * until Corbel stopped its CPU, as panic() does; or NULL if it did not stop. The text stays until
 * the next call. For checking that an ASSERT() fails.
 */
const char *fake_run_until_stop(void (*function)(void *argument), void *argument);

/* The same as a check: the function must panic, with `part` in what it says. */
#define assert_panics(function, argument, part)                              \
	do {                                                                 \
		const char *text_ = fake_run_until_stop(function, argument); \
		if (text_ == NULL || strstr(text_, part) == NULL)            \
			fail_msg("no panic with \"%s\" but: %s", part,       \
				 text_ == NULL ? "(nothing)" : text_);       \
	} while (0)

#endif

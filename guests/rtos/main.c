// SPDX-License-Identifier: BSD-2-Clause
/*
 * A small real-time operating system that tests itself, and with that the processor below it. The
 * last line is the verdict: "rtos: N passed, N failed, N skipped".
 */
#include <stddef.h>

#include <rtos/clock.h>
#include <rtos/console.h>
#include <rtos/cp0.h>
#include <rtos/exception.h>
#include <rtos/paging.h>
#include <rtos/test.h>
#include <rtos/thread.h>

__attribute__((noreturn)) void rtos_main(void);

extern const struct test *const __start_rtos_tests[], *const __stop_rtos_tests[];

struct boot_arguments boot_arguments;
static bool failed;
static const char *skipped;

void test_failed(const char *file, int line, const char *what, uint32_t got, uint32_t wanted)
{
	failed = true;
	console_print("  %s:%d: not so: %s; got 0x%08x, wanted 0x%08x\n", file, line, what,
		      (unsigned int)got, (unsigned int)wanted);
}

void test_skipped(const char *reason)
{
	skipped = reason;
}

static void processor_print(void)
{
	console_print("rtos: map %s, processor 0x%08x, config 0x%08x 0x%08x 0x%08x 0x%08x, %u TLB "
		      "entries\n",
		      MAP_NAME, (unsigned int)cp0_read(CP0_PRID),
		      (unsigned int)cp0_read(CP0_CONFIG), (unsigned int)cp0_read(CP0_CONFIG1),
		      (unsigned int)cp0_read(CP0_CONFIG2), (unsigned int)cp0_read(CP0_CONFIG3),
		      tlb_size());
	console_print("rtos: started with 0x%08x 0x%08x 0x%08x 0x%08x\n",
		      (unsigned int)boot_arguments.a0, (unsigned int)boot_arguments.a1,
		      (unsigned int)boot_arguments.a2, (unsigned int)boot_arguments.a3);
}

static void tests_run(void)
{
	unsigned int passed_count = 0, failed_count = 0, skipped_count = 0;

	for (const struct test *const *test = __start_rtos_tests; test < __stop_rtos_tests;
	     test++) {
		failed = false;
		skipped = NULL;
		(*test)->run();
		if (failed)
			failed_count++;
		else if (skipped != NULL)
			skipped_count++;
		else
			passed_count++;
		console_print("%s %s%s%s\n", failed ? "not ok" : "ok", (*test)->name,
			      skipped != NULL ? " # SKIP " : "", skipped != NULL ? skipped : "");
	}
	console_print("rtos: %u passed, %u failed, %u skipped\n", passed_count, failed_count,
		      skipped_count);
}

void rtos_main(void)
{
	exception_init();
	paging_init();
	processor_print();
	thread_init();
	clock_init();
	tests_run();
	for (;;)
		thread_sleep(1000);
}

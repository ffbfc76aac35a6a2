// SPDX-License-Identifier: BSD-2-Clause
/*
 * Measures every registered operation and prints a line `bench NAME NUMBER` for each, all of them
 * at the end, so that printing disturbs no figure. Stands on the kernel of guests/rtos, without its
 * threads. bench/run makes the table.
 */
#include <rtos/console.h>
#include <rtos/exception.h>
#include <rtos/map.h>
#include <rtos/paging.h>
#include <rtos/test.h>
#include <rtos/thread.h>

#include "bench.h"

#define BENCH_MAX 48

__attribute__((noreturn)) void rtos_main(void);

extern const struct bench *const __start_guest_benches[], *const __stop_guest_benches[];

/* start.S leaves them here. */
struct boot_arguments boot_arguments;

uint32_t bench_empty_loop(void)
{
	static uint32_t empty;

	if (empty == 0) {
		uint32_t start = count_now();

		for (uint32_t round = BENCH_ROUNDS; round != 0; round--)
			__asm__ volatile("" : "+r"(round));
		empty = count_now() - start;
	}
	return empty;
}

uint32_t bench_instructions(uint32_t ticks, uint32_t rounds)
{
	return rounds == 0 ? 0 : (ticks * QUARTERS_PER_TICK + 2 * rounds) / (4 * rounds);
}

void rtos_main(void)
{
	uint32_t results[BENCH_MAX];
	uint32_t count = (uint32_t)(__stop_guest_benches - __start_guest_benches);

	exception_init();
	paging_init();
	thread_init();
	irq_save();
	bench_empty_loop();
	for (uint32_t i = 0; i < count && i < BENCH_MAX; i++)
		results[i] = __start_guest_benches[i]->run();
	for (uint32_t i = 0; i < count && i < BENCH_MAX; i++)
		console_print("bench %s %u\n", __start_guest_benches[i]->name,
			      (unsigned int)results[i]);
	console_print("bench: done\n");
	for (;;)
		__asm__ volatile("wait");
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Measures every registered operation and prints a line `bench NAME NUMBER` for each, all of them
 * at the end, so that printing disturbs no figure. bench/run makes the table.
 */
#include <runtime/console.h>

#include "bench.h"

#define BENCH_MAX 32

void trap_vector(void);

uint64_t bench_empty_loop(void)
{
	static uint64_t empty;

	if (empty == 0) {
		uint64_t start = instret();

		for (unsigned long round = BENCH_ROUNDS; round != 0; round--)
			__asm__ volatile("" : "+r"(round));
		empty = instret() - start;
	}
	return empty;
}

void latency_begin(unsigned int interrupt)
{
	csr_write(CSR_STVEC, latency_vector);
	csr_write(CSR_SIE, 1ul << interrupt);
	csr_set(CSR_SSTATUS, SSTATUS_SIE);
}

void latency_end(void)
{
	hart_quiet();
	csr_write(CSR_STVEC, trap_vector);
}

void guest_main(void)
{
	uint64_t results[BENCH_MAX];
	unsigned int count = 0;

	bench_empty_loop();
	for_each_registered(bench, guest_benches, struct bench) {
		if (count == BENCH_MAX)
			break;
		results[count++] = (*bench)->run();
		hart_quiet();
	}
	for (unsigned int i = 0; i < count; i++) {
		const struct bench *bench = __start_guest_benches[i];

		if (results[i] == BENCH_ABSENT)
			console_print("bench %s -\n", bench->name);
		else
			console_print("bench %s %lu\n", bench->name, results[i]);
	}
	console_print("bench: done\n");
	console_flush();
}

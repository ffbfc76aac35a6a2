// SPDX-License-Identifier: BSD-2-Clause
/*
 * How an operation is measured. QEMU under -icount shift=0 makes every instruction of any privilege
 * last 1 ns, and `instret` counts these; so a difference of two readings is what an operation
 * costs, the hypervisor's and the firmware's work included.
 */
#ifndef BENCH_H
#define BENCH_H

#include <runtime/csr.h>
#include <runtime/hart.h>
#include <runtime/machine.h>
#include <runtime/time.h>

struct bench {
	const char *name; /* a word for the reference file */
	uint64_t (*run)(
		void); /* instructions per operation; BENCH_ABSENT where it cannot be done */
};

#define BENCH_ABSENT UINT64_MAX

DECLARE_REGISTRY(guest_benches, struct bench);

#define BENCH(function, name)                                              \
	static uint64_t function(void);                                    \
	static const struct bench function##_bench = { (name), function }; \
	REGISTER_IN(guest_benches, struct bench, function##_bench);        \
	static uint64_t function(void)

/* How often a cheap operation is repeated. */
#define BENCH_ROUNDS 1000

static inline uint64_t instret(void)
{
	return csr_read(CSR_INSTRET);
}

/* What the loop around an operation costs in itself. */
uint64_t bench_empty_loop(void);

/* Instructions per round of the statement, to the nearest. */
#define bench_loop(statement)                                                                  \
	({                                                                                     \
		uint64_t loop_start = instret();                                               \
		for (unsigned long round = BENCH_ROUNDS; round != 0; round--) {                \
			__asm__ volatile("" : "+r"(round));                                    \
			statement;                                                             \
		}                                                                              \
		uint64_t loop_total = instret() - loop_start;                                  \
		loop_total =                                                                   \
			loop_total > bench_empty_loop() ? loop_total - bench_empty_loop() : 0; \
		(loop_total + BENCH_ROUNDS / 2) / BENCH_ROUNDS;                                \
	})

/*
 * A trap vector that does nothing but note when it was reached, to two instructions, and mask the
 * interrupt, so that latencies are not those of the runtime's. latency_taken counts.
 */
void latency_vector(void);
extern volatile uint64_t latency_taken, latency_instret, latency_cycle;

/* Interrupts of that number, and no others, go to latency_vector() from now on; and back. */
void latency_begin(unsigned int interrupt);
void latency_end(void);

#endif

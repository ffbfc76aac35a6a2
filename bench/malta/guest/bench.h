// SPDX-License-Identifier: BSD-2-Clause
/*
 * How an operation is measured on MIPS. QEMU under -icount shift=0 makes every instruction of any
 * mode last 1 ns, and Count on the Malta board has 160 MHz: a tick is 6.25 instructions, the
 * hypervisor's included. So an operation is repeated until that is far below one instruction each.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdint.h>

#include <rtos/cp0.h>

struct bench {
	const char *name;      /* a word for the reference file */
	uint32_t (*run)(void); /* instructions per operation */
};

#define BENCH(function, name)                                                        \
	static uint32_t function(void);                                              \
	static const struct bench function##_bench = { (name), function };           \
	static const struct bench *const function##_registered                       \
		__attribute__((used, section("guest_benches"))) = &function##_bench; \
	static uint32_t function(void)

/* How often an operation is repeated. */
#define BENCH_ROUNDS 2000u

/* Quarters of an instruction in a tick of Count. */
#define QUARTERS_PER_TICK 25u

static inline uint32_t count_now(void)
{
	return cp0_read(CP0_COUNT);
}

/* What the loop around an operation costs in itself, in ticks. */
uint32_t bench_empty_loop(void);

/* Instructions per round, to the nearest, of all rounds' ticks. */
uint32_t bench_instructions(uint32_t ticks, uint32_t rounds);

/* Ticks of BENCH_ROUNDS rounds of the statement, the loop not counted; one more goes before. */
#define bench_ticks(statement)                                                         \
	({                                                                             \
		uint32_t loop_start;                                                   \
		statement;                                                             \
		loop_start = count_now();                                              \
		for (uint32_t round = BENCH_ROUNDS; round != 0; round--) {             \
			__asm__ volatile("" : "+r"(round));                            \
			statement;                                                     \
		}                                                                      \
		loop_start = count_now() - loop_start;                                 \
		loop_start > bench_empty_loop() ? loop_start - bench_empty_loop() : 0; \
	})

#define bench_loop(statement) bench_instructions(bench_ticks(statement), BENCH_ROUNDS)

/* ---- vectors.S ---- */

/*
 * Vectors that do the least: the general one goes on at the address in k0, by ERET; if k1 is not 0,
 * back into the kernel. The refill vector loads what Context points to, or, where Context is 0,
 * does the same as the general one.
 */
extern char bench_vectors[], bench_vectors_quick[];

/* Position-independent code for user mode, one page of it: `rounds` in a0, an address in a1. */
extern char user_page[], user_empty[], user_empty_next[], user_syscall[], user_syscall_next[],
	user_touch[], user_touch_next[], user_walk[], user_walk_next[], user_rdhwr[],
	user_rdhwr_next[];

/* Runs user code at `pc` until it ends; the ticks from entry to end. `next` is for k0. */
uint32_t user_call(uint32_t pc, uint32_t next, uint32_t rounds, uint32_t address);

#endif

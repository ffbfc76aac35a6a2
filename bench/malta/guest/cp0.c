// SPDX-License-Identifier: BSD-2-Clause
/*
 * What instructions of coprocessor 0 cost in kernel mode, and operations on caches.
 */
#include <rtos/map.h>
#include <rtos/paging.h>

#include "bench.h"

#define ASID_OTHER 0x55u

/* Without the hazard barrier of cp0_write(), which is an instruction more. */
#define mtc0(reg, value) __asm__ volatile("mtc0 %0, " reg : : "r"(value) : "memory")

BENCH(mfc0_status, "mfc0-status")
{
	return bench_loop(cp0_read(CP0_STATUS));
}

BENCH(mfc0_epc, "mfc0-epc")
{
	return bench_loop(cp0_read(CP0_EPC));
}

BENCH(mfc0_count, "mfc0-count")
{
	return bench_loop(cp0_read(CP0_COUNT));
}

BENCH(mtc0_status, "mtc0-status")
{
	uint32_t status = cp0_read(CP0_STATUS);

	return bench_loop(mtc0(CP0_STATUS, status));
}

/* Stock kernels set it at each exception and clear it when they return. */
BENCH(mtc0_status_cu0, "mtc0-status-cu0")
{
	uint32_t status = cp0_read(CP0_STATUS) & ~STATUS_CU0;
	uint32_t ticks = bench_ticks({
		mtc0(CP0_STATUS, status | STATUS_CU0);
		mtc0(CP0_STATUS, status);
	});

	return bench_instructions(ticks, 2 * BENCH_ROUNDS);
}

BENCH(mtc0_epc, "mtc0-epc")
{
	return bench_loop(mtc0(CP0_EPC, 0));
}

BENCH(mtc0_entryhi, "mtc0-entryhi")
{
	uint32_t entryhi = cp0_read(CP0_ENTRYHI);

	return bench_loop(mtc0(CP0_ENTRYHI, entryhi));
}

/* Two writes a round, for the ASID must be another each time. */
BENCH(mtc0_asid, "mtc0-entryhi-asid")
{
	uint32_t ticks = bench_ticks({
		mtc0(CP0_ENTRYHI, ASID_OTHER);
		mtc0(CP0_ENTRYHI, 0);
	});

	return bench_instructions(ticks, 2 * BENCH_ROUNDS);
}

BENCH(mtc0_compare, "mtc0-compare")
{
	uint32_t far = count_now() + 0x40000000;

	return bench_loop(mtc0(CP0_COMPARE, far));
}

BENCH(di, "di")
{
	return bench_loop(__asm__ volatile("di" : : : "memory"));
}

/* In a delay slot, where compilers put it; the branch is measured too. */
BENCH(di_delayed, "di-delayed")
{
	return bench_loop(__asm__ volatile(".set noreorder\n\t"
					   "beqz $zero, 1f\n\t"
					   " di\n\t"
					   "1:\n\t"
					   ".set reorder"
					   :
					   :
					   : "memory"));
}

/* Nothing is pending: no interrupt is unmasked. */
BENCH(ei, "ei")
{
	uint32_t cost = bench_loop(__asm__ volatile("ei" : : : "memory"));

	irq_save();
	return cost;
}

BENCH(tlbp, "tlbp")
{
	return bench_loop(__asm__ volatile("tlbp" : : : "memory"));
}

BENCH(tlbwi, "tlbwi")
{
	cp0_write(CP0_INDEX, tlb_size() - 1);
	cp0_write(CP0_ENTRYHI, MAP_UNUSED);
	return bench_loop(__asm__ volatile("tlbwi" : : : "memory"));
}

/* What sets EXL for it is measured too and taken off again. */
BENCH(eret, "eret")
{
	uint32_t status = cp0_read(CP0_STATUS);
	uint32_t exl = status | STATUS_EXL, pc;
	uint32_t with, without;

	with = bench_ticks(
		__asm__ volatile("la %0, 1f\n\tmtc0 %0, $14\n\tmtc0 %1, $12\n\tehb\n\teret\n1:"
				 : "=&r"(pc)
				 : "r"(exl)
				 : "memory"));
	without =
		bench_ticks(__asm__ volatile("la %0, 1f\n\tmtc0 %0, $14\n\tmtc0 %1, $12\n\tehb\n1:"
					     : "=&r"(pc)
					     : "r"(exl)
					     : "memory"));
	cp0_write(CP0_STATUS, status);
	return bench_instructions(with - without, BENCH_ROUNDS);
}

/* Of a line of its own. */
BENCH(cache_hit, "cache-hit-writeback")
{
	static uint32_t line[64] __attribute__((aligned(256)));

	return bench_loop(__asm__ volatile("cache 0x15, 0(%0)" : : "r"(line) : "memory"));
}

BENCH(cache_index, "cache-index-code")
{
	return bench_loop(__asm__ volatile("cache 0x00, 0(%0)" : : "r"(MAP_KSEG0) : "memory"));
}

BENCH(synci, "synci")
{
	static uint32_t line[64] __attribute__((aligned(256)));

	return bench_loop(__asm__ volatile("synci 0(%0)" : : "r"(line) : "memory"));
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * What exceptions cost: system calls, refills and page faults, and translations that the guest has
 * ready but the processor below it has lost.
 */
#include <rtos/exception.h>
#include <rtos/map.h>
#include <rtos/paging.h>

#include "bench.h"

/* The refill vector's table, 16 bytes for each pair of pages, where the RAM holds nothing else. */
#define TABLE_OFFSET 0x00800000u
#define WALK_PAIRS   512u
#define WALK_BASE    (MAP_USER + 0x00400000u)

/* Ticks by which an access that is answered from afar differs from one that is not. */
#define MISS_TICKS_MIN 3u

#define FLAGS (ENTRYLO_CACHED | ENTRYLO_D | ENTRYLO_V | ENTRYLO_G)

static uint32_t page[PAGE_SIZE / 4] __attribute__((aligned(2 * PAGE_SIZE)));

static void vectors_set(void *vectors)
{
	cp0_write(CP0_EBASE, (uint32_t)(uintptr_t)vectors);
}

/* User code at MAP_USER by entry 0, which stays, and nothing else. */
static void tlb_prepare(void)
{
	cp0_write(CP0_WIRED, 0);
	tlb_invalidate_all();
	tlb_write(0, (struct tlb_entry){ MAP_USER, 0, page_entrylo(user_page, FLAGS), ENTRYLO_G });
	cp0_write(CP0_WIRED, 1);
}

static uint32_t user_address(const char *label)
{
	return MAP_USER + (uint32_t)(label - user_page);
}

/* Instructions of one round of user code, less those of a loop with nothing in it. */
static uint32_t user_measure(const char *code, const char *next, uint32_t address)
{
	uint32_t empty, ticks;

	/* Each once for what is only done once. */
	user_call(user_address(user_empty), user_address(user_empty_next), 1, 0);
	user_call(user_address(code), user_address(next), 1, address);
	empty = user_call(user_address(user_empty), user_address(user_empty_next), BENCH_ROUNDS, 0);
	ticks = user_call(user_address(code), user_address(next), BENCH_ROUNDS, address);
	return bench_instructions(ticks - empty, BENCH_ROUNDS);
}

BENCH(system_call, "syscall-and-return")
{
	uint32_t cost;

	tlb_prepare();
	vectors_set(bench_vectors_quick);
	cost = user_measure(user_syscall, user_syscall_next, 0);
	vectors_set(exception_vectors);
	return cost;
}

/* No entry: to the refill vector. */
BENCH(refill_reflected, "refill-and-return")
{
	uint32_t cost;

	tlb_prepare();
	vectors_set(bench_vectors_quick);
	cost = user_measure(user_touch, user_touch_next, WALK_BASE);
	vectors_set(exception_vectors);
	return cost;
}

/* An entry that is not valid: to the general vector, as a page that the kernel must find first. */
BENCH(page_fault, "page-fault-and-return")
{
	uint32_t cost;

	tlb_prepare();
	tlb_write(1, (struct tlb_entry){ WALK_BASE, 0, ENTRYLO_G, ENTRYLO_G });
	vectors_set(bench_vectors_quick);
	cost = user_measure(user_touch, user_touch_next, WALK_BASE);
	vectors_set(exception_vectors);
	return cost;
}

/* The vector loads the entry and the access is made again. Each page was forgotten meanwhile. */
BENCH(refill, "refill-by-guest")
{
	volatile uint32_t *table = (volatile uint32_t *)(MAP_KSEG0 + TABLE_OFFSET);
	uint32_t cost;

	tlb_prepare();
	for (uint32_t i = 0; i < WALK_PAIRS; i++) {
		volatile uint32_t *entry = table + ((WALK_BASE >> 13) + i) * 4;

		entry[0] = page_entrylo(page, FLAGS);
		entry[2] = page_entrylo(page, FLAGS);
	}
	cp0_write(CP0_CONTEXT, MAP_KSEG0 + TABLE_OFFSET);
	vectors_set(bench_vectors);
	cost = user_measure(user_walk, user_walk_next, WALK_BASE);
	vectors_set(exception_vectors);
	return cost;
}

/* User code reads Count: an exit where it may not, or where it is not the processor's. */
BENCH(rdhwr_count, "rdhwr-count")
{
	uint32_t cost;

	tlb_prepare();
	cp0_write(CP0_HWRENA, 4);
	vectors_set(bench_vectors_quick);
	cost = user_measure(user_rdhwr, user_rdhwr_next, 0);
	vectors_set(exception_vectors);
	return cost;
}

/* All of the TLB in use, one page of each pair. */
static void tlb_fill(void)
{
	cp0_write(CP0_WIRED, 0);
	for (unsigned int i = 0; i < tlb_size(); i++)
		tlb_write(i, (struct tlb_entry){ MAP_KERNEL + i * 2 * PAGE_SIZE, 0,
						 page_entrylo(page, FLAGS),
						 page_entrylo(page, FLAGS) });
}

/*
 * The guest's TLB has all that is touched, and the guest itself needs one translation more of the
 * processor: so some of them are lost all the time, whichever are chosen. Those accesses that took
 * longer than the same access directly afterwards count.
 */
BENCH(refill_present, "refill-present")
{
	uint32_t total = 0, misses = 0;

	tlb_fill();
	for (uint32_t i = 0; i < BENCH_ROUNDS; i++) {
		volatile uint32_t *at =
			(volatile uint32_t *)(MAP_KERNEL + i % tlb_size() * 2 * PAGE_SIZE);
		uint32_t start = count_now(), miss, hit;

		(void)*at;
		miss = count_now();
		(void)*at;
		hit = count_now() - miss;
		miss -= start;
		if (i < tlb_size() || miss < hit + MISS_TICKS_MIN)
			continue;
		total += miss - hit;
		misses++;
	}
	tlb_invalidate_all();
	/* None is missed on a processor of the same size. */
	return bench_instructions(total, misses) + 1;
}

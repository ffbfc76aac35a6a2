// SPDX-License-Identifier: BSD-2-Clause
/*
 * SBI: fences on other harts, by their errors and by what they do. (SBI specification, ch. 8.)
 */
#include <runtime/sbi.h>

#include "paging.h"
#include "selftest.h"

#define ROUNDS 50
#define FENCES 100

static long rfence(unsigned long function, unsigned long mask, unsigned long base,
		   unsigned long start, unsigned long size)
{
	return sbi_call(SBI_EXTENSION_RFENCE, function, mask, base, start, size).error;
}

TEST(rfence_self, "rfence: each fence to the caller itself succeeds")
{
	uint64_t id = hart_self()->id;

	EXPECT_EQUAL(rfence(SBI_RFENCE_FENCE_I, 1, id, 0, 0), SBI_SUCCESS);
	EXPECT_EQUAL(rfence(SBI_RFENCE_SFENCE_VMA, 1, id, 0, 0), SBI_SUCCESS);
	EXPECT_EQUAL(rfence(SBI_RFENCE_SFENCE_VMA, 1, id, 0, -1ul), SBI_SUCCESS);
	EXPECT_EQUAL(rfence(SBI_RFENCE_SFENCE_VMA, 1, id, WINDOW_BASE, 4096), SBI_SUCCESS);
	EXPECT_EQUAL(rfence(SBI_RFENCE_SFENCE_VMA, 1, id, WINDOW_BASE, 1ul << 30), SBI_SUCCESS);
	EXPECT_EQUAL(rfence(SBI_RFENCE_SFENCE_VMA_ASID, 1, id, WINDOW_BASE, 4096), SBI_SUCCESS);
}

TEST(rfence_all, "rfence: mask base -1 means every hart")
{
	EXPECT_EQUAL(rfence(SBI_RFENCE_FENCE_I, 0, -1ul, 0, 0), SBI_SUCCESS);
	EXPECT_EQUAL(rfence(SBI_RFENCE_SFENCE_VMA, 0, -1ul, 0, -1ul), SBI_SUCCESS);
}

TEST(rfence_huge, "rfence: the largest range is done in bounded time")
{
	uint64_t start = time_now();

	for (unsigned int i = 0; i < 100; i++)
		EXPECT_EQUAL(rfence(SBI_RFENCE_SFENCE_VMA, 0, -1ul, 0, 1ul << 47), SBI_SUCCESS);
	EXPECT(time_now() - start < 2 * machine.timebase);
}

TEST(rfence_bad_mask, "rfence: a mask or base beyond the harts is an invalid parameter")
{
	EXPECT_EQUAL(rfence(SBI_RFENCE_FENCE_I, 1, 1000, 0, 0), SBI_INVALID_PARAM);
	EXPECT_EQUAL(rfence(SBI_RFENCE_FENCE_I, 1, -2ul, 0, 0), SBI_INVALID_PARAM);
	EXPECT_EQUAL(rfence(SBI_RFENCE_SFENCE_VMA_ASID, 1, 1000, 0, -1ul), SBI_INVALID_PARAM);
	/* OpenSBI passes over absent harts of a mask. */
	if (machine.bare)
		return;
	EXPECT_EQUAL(rfence(SBI_RFENCE_SFENCE_VMA, 1ul << 63, 0, 0, -1ul), SBI_INVALID_PARAM);
}

TEST(rfence_hypervisor, "rfence: fences for guests of the guest are not supported")
{
	for (unsigned long function = SBI_RFENCE_HFENCE_GVMA_VMID;
	     function <= SBI_RFENCE_HFENCE_VVMA; function++)
		EXPECT_EQUAL(rfence(function, 1, hart_self()->id, 0, 0), SBI_NOT_SUPPORTED);
}

/* Another hart that reads the window's page 0 over and over, with paging on. */
static struct reader {
	volatile bool ready, stop;
	volatile uint64_t value;
	volatile uint64_t rounds;
} reader;

static void read_window(void *argument)
{
	(void)argument;
	paging_on();
	while (!reader.stop) {
		reader.value = *(volatile uint64_t *)WINDOW(0);
		__asm__ volatile("fence rw, rw" : : : "memory");
		reader.rounds++;
		reader.ready = true;
	}
	paging_off();
}

static bool reader_start(unsigned int index)
{
	*(volatile uint64_t *)scratch[0] = 100;
	*(volatile uint64_t *)scratch[1] = 101;
	paging_prepare();
	window_set(0, pte_make((uintptr_t)scratch[0], PTE_RW));
	reader = (struct reader){ .ready = false };
	if (!EXPECT_EQUAL(hart_run(index, read_window, NULL), SBI_SUCCESS))
		return false;
	return EXPECT(time_wait_for(reader.ready, TIME_PATIENCE));
}

/* Remaps the page under the reader and fences; whatever it reads from then on is of the new page.
 */
static bool remap_is_seen(unsigned int index, unsigned int round, unsigned long start,
			  unsigned long size)
{
	uint64_t rounds;

	window_set(0, pte_make((uintptr_t)scratch[round & 1], PTE_RW));
	if (!EXPECT_EQUAL(rfence(SBI_RFENCE_SFENCE_VMA, 1, harts[index].id, start, size),
			  SBI_SUCCESS))
		return false;
	rounds = reader.rounds;
	if (!EXPECT(time_wait_for(reader.rounds >= rounds + 2, TIME_PATIENCE)))
		return false;
	return EXPECT_EQUAL(reader.value, 100 + (round & 1));
}

TEST(rfence_remap, "rfence: a page remapped under another hart is seen after the fence")
{
	SKIP_UNLESS(hart_count > 1, "one hart only");
	for (unsigned int index = 1; index < hart_count; index++) {
		REQUIRE(reader_start(index));
		for (unsigned int round = 0; round < ROUNDS; round++) {
			if (!remap_is_seen(index, round, WINDOW(0), 4096))
				break;
			if (!remap_is_seen(index, round + 1, 0, -1ul))
				break;
		}
		reader.stop = true;
		REQUIRE(hart_join(index));
	}
}

TEST(rfence_remap_self, "rfence: a page remapped under the caller is seen after the fence")
{
	volatile uint64_t *page = (volatile uint64_t *)WINDOW(0);
	uint64_t seen[2];

	*(volatile uint64_t *)scratch[0] = 100;
	*(volatile uint64_t *)scratch[1] = 101;
	paging_prepare();
	window_set(0, pte_make((uintptr_t)scratch[0], PTE_RW));
	paging_on();
	seen[0] = *page;
	window_set(0, pte_make((uintptr_t)scratch[1], PTE_RW));
	rfence(SBI_RFENCE_SFENCE_VMA, 1, hart_self()->id, WINDOW(0), 4096);
	seen[1] = *page;
	paging_off();
	EXPECT_EQUAL(seen[0], 100);
	EXPECT_EQUAL(seen[1], 101);
}

/* Code that another hart calls when it is asked: li a0, NUMBER; ret. */
static struct patched {
	uint32_t code[2] __attribute__((aligned(8)));
	volatile uint64_t asked, answered;
	volatile uint64_t value;
	volatile bool stop;
} patched;

static void patch(uint32_t number)
{
	*(volatile uint32_t *)&patched.code[0] = 0x00000513u | number << 20;
	*(volatile uint32_t *)&patched.code[1] = 0x00008067u;
}

static void call_patched(void *argument)
{
	uint64_t (*function)(void) = (uint64_t(*)(void))(uintptr_t)patched.code;

	(void)argument;
	while (!patched.stop) {
		if (patched.answered == patched.asked)
			continue;
		patched.value = function();
		__asm__ volatile("fence rw, rw" : : : "memory");
		patched.answered++;
	}
}

TEST(rfence_code, "rfence: code changed under another hart is run after the fence")
{
	SKIP_UNLESS(hart_count > 1, "one hart only");
	patched = (struct patched){ .stop = false };
	EXPECT_EQUAL(hart_run(1, call_patched, NULL), SBI_SUCCESS);
	for (uint32_t number = 1; number <= ROUNDS; number++) {
		patch(number);
		EXPECT_EQUAL(rfence(SBI_RFENCE_FENCE_I, 1, harts[1].id, 0, 0), SBI_SUCCESS);
		patched.asked++;
		if (!EXPECT(time_wait_for(patched.answered == number, TIME_PATIENCE)))
			break;
		EXPECT_EQUAL(patched.value, number);
	}
	patched.stop = true;
	EXPECT(hart_join(1));
}

/*
 * Harts that fence each other at the same time must not wait for each other for ever. None stops
 * before all are done: OpenSBI may lose a fence that is under way to a hart that stops.
 */
static volatile uint64_t fences_begun, fences_done;

static void fence_others(void *argument)
{
	(void)argument;
	__atomic_fetch_add(&fences_begun, 1, __ATOMIC_SEQ_CST);
	if (!time_wait_for(fences_begun == hart_count, TIME_PATIENCE))
		return;
	for (unsigned int i = 0; i < FENCES; i++)
		rfence(SBI_RFENCE_SFENCE_VMA, 0, -1ul, 0, -1ul);
	__atomic_fetch_add(&fences_done, 1, __ATOMIC_SEQ_CST);
	time_wait_for(fences_done == hart_count, TIME_PATIENCE);
}

TEST(rfence_mutual, "rfence: harts that fence each other all the time come to an end")
{
	SKIP_UNLESS(hart_count > 1, "one hart only");
	fences_begun = fences_done = 0;
	for (unsigned int index = 1; index < hart_count; index++)
		EXPECT_EQUAL(hart_run(index, fence_others, NULL), SBI_SUCCESS);
	fence_others(NULL);
	EXPECT_EQUAL(fences_done, hart_count);
	for (unsigned int index = 1; index < hart_count; index++)
		EXPECT(hart_join(index));
}

static void sleep_off(void *argument)
{
	(void)argument;
	reader.ready = true;
	while (!reader.stop) {
		csr_set(CSR_SIE, 1ul << INTERRUPT_SOFTWARE);
		__asm__ volatile("wfi");
	}
}

TEST(rfence_sleeping, "rfence: a fence to a hart that waits in WFI, or is stopped, returns")
{
	SKIP_UNLESS(hart_count > 1, "one hart only");
	EXPECT(hart_join(1));
	EXPECT_EQUAL(rfence(SBI_RFENCE_SFENCE_VMA, 0, -1ul, 0, -1ul), SBI_SUCCESS);
	reader = (struct reader){ .ready = false };
	EXPECT_EQUAL(hart_run(1, sleep_off, NULL), SBI_SUCCESS);
	EXPECT(time_wait_for(reader.ready, TIME_PATIENCE));
	for (unsigned int i = 0; i < 100; i++)
		EXPECT_EQUAL(rfence(SBI_RFENCE_SFENCE_VMA, 1, harts[1].id, 0, -1ul), SBI_SUCCESS);
	reader.stop = true;
	sbi_call(SBI_EXTENSION_IPI, 0, 1, harts[1].id);
	EXPECT(hart_join(1));
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * The page allocator over awkward ranges: holes, reservations, ends that are not aligned. Each
 * test gives back all that it took; the set of free pages must then be what it was.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <corbel/arch.h>
#include <corbel/page.h>
#include <corbel/panic.h>
#include <fake.h>
#include <sequence.h>

/*
 * 64 MiB with reservations inside; 3 MiB and a bit, one page beyond a 4 MiB boundary; 16 MiB of
 * which one page is left, too little to describe the range; 130 MiB across a large boundary.
 */
#define RANGE_0	     (FAKE_RAM_BASE)
#define RANGE_0_SIZE MIB(64)
#define RANGE_1	     (FAKE_RAM_BASE + MIB(68) + 4096 - 100)
#define RANGE_1_SIZE (MIB(3) + 4096 * 5 + 50)
#define RANGE_2	     (FAKE_RAM_BASE + MIB(80))
#define RANGE_2_SIZE MIB(16)
#define RANGE_3	     (FAKE_RAM_BASE + GIB(1) - MIB(2))
#define RANGE_3_SIZE MIB(130)

#define PAGE_BYTES ((uint64_t)PAGE_SIZE)

static const struct {
	uint64_t base, size;
} reserved[] = {
	{ RANGE_0, KIB(512) },		    /* firmware, at the very start */
	{ RANGE_0 + MIB(2), MIB(3) + 1 },   /* the image: one byte makes a page */
	{ RANGE_0 + MIB(5) + 1, 4095 },	    /* inside what is reserved already */
	{ RANGE_0 + MIB(40), MIB(2) },	    /* the bundle */
	{ RANGE_0 + MIB(41), MIB(2) },	    /* overlaps it */
	{ RANGE_0 + MIB(64) - 4096, 8192 }, /* over the end */
	{ RANGE_2 - 4096, RANGE_2_SIZE },   /* leaves one page */
	{ 0x1000, 0x1000 },		    /* no memory at all */
	{ RANGE_0 + MIB(20), 0 },	    /* nothing */
	{ UINT64_MAX - 4096, UINT64_MAX },  /* wraps */
};

struct block {
	hpa_t base;
	unsigned int order;
	enum page_use use;
};

static struct page_statistics before;

static int setup(void **state)
{
	(void)state;
	assert_int_equal(page_range_add(HPA(RANGE_0), RANGE_0_SIZE), 0);
	assert_int_equal(page_range_add(HPA(RANGE_1), RANGE_1_SIZE), 0);
	assert_int_equal(page_range_add(HPA(RANGE_2), RANGE_2_SIZE), 0);
	assert_int_equal(page_range_add(HPA(RANGE_3), RANGE_3_SIZE), 0);
	assert_int_equal(page_range_add(HPA(RANGE_0 + MIB(63)), MIB(2)), -EINVAL);
	assert_int_equal(page_range_add(HPA(FAKE_RAM_BASE + MIB(79)), 4096), -ENOMEM);
	assert_int_equal(page_range_add(HPA(FAKE_RAM_BASE + MIB(79) + 1), 8190), -ENOMEM);
	assert_int_equal(page_range_add(HPA(FAKE_RAM_BASE + MIB(79)), 0), -ENOMEM);
	for (size_t i = 0; i < ARRAY_SIZE(reserved); i++)
		page_range_reserve(HPA(reserved[i].base), reserved[i].size);
	page_statistics_get(&before);
	return 0;
}

/* Largest blocks first, as many as there are: the same list before and after means no change. */
static size_t take_all(struct block **blocks, size_t capacity)
{
	size_t count = 0;
	int order;

	*blocks = calloc(capacity, sizeof(**blocks));
	while ((order = page_order_available()) >= 0) {
		struct block *block = &(*blocks)[count++];

		assert_true(count <= capacity);
		block->order = (unsigned int)order;
		block->use = PAGE_USE_OTHER;
		assert_int_equal(page_alloc(block->order, block->use, &block->base), 0);
	}
	return count;
}

static void give_back(struct block *blocks, size_t count)
{
	for (size_t i = 0; i < count; i++)
		page_free(blocks[i].base, blocks[i].order, blocks[i].use);
}

static uint64_t statistics_sum(const struct page_statistics *statistics)
{
	uint64_t sum = statistics->free_bytes;

	for (unsigned int use = 0; use < PAGE_USE_COUNT; use++)
		sum += statistics->used_bytes[use];
	return sum;
}

static void expect_as_before(void)
{
	struct page_statistics now;

	page_statistics_get(&now);
	assert_memory_equal(&now, &before, sizeof(now));
	assert_int_equal(statistics_sum(&now), now.total_bytes);
}

static int blocks_compare(const void *a, const void *b)
{
	const struct block *left = a, *right = b;

	return left->base.raw < right->base.raw ? -1 : left->base.raw > right->base.raw;
}

static bool is_known(uint64_t start, uint64_t end)
{
	return (start >= RANGE_0 && end <= RANGE_0 + RANGE_0_SIZE) ||
	       (start >= RANGE_1 && end <= RANGE_1 + RANGE_1_SIZE) ||
	       (start >= RANGE_2 && end <= RANGE_2 + RANGE_2_SIZE) ||
	       (start >= RANGE_3 && end <= RANGE_3 + RANGE_3_SIZE);
}

/* Blocks are aligned, inside the ranges, outside what is reserved, and apart from each other. */
static void check_blocks(struct block *blocks, size_t count)
{
	qsort(blocks, count, sizeof(*blocks), blocks_compare);
	for (size_t i = 0; i < count; i++) {
		uint64_t start = blocks[i].base.raw, size = PAGE_BYTES << blocks[i].order;

		assert_true(IS_ALIGNED(start, size));
		assert_true(is_known(start, start + size));
		assert_true(i == 0 ||
			    blocks[i - 1].base.raw + (PAGE_BYTES << blocks[i - 1].order) <= start);
		for (size_t j = 0; j < ARRAY_SIZE(reserved); j++) {
			uint64_t end = reserved[j].base + reserved[j].size;

			if (end > reserved[j].base)
				assert_true(end <= start || reserved[j].base >= start + size);
		}
	}
}

static void test_layout(void **state)
{
	struct page_statistics now;
	struct block *blocks;
	size_t count;

	(void)state;
	assert_non_null(strstr(fake_console_text(), "memory from 0x85000000 on is not used"));
	/* Whole pages of the ranges less those that are touched by a reservation. */
	assert_int_equal(before.total_bytes, RANGE_0_SIZE - KIB(512) - (MIB(3) + 4096) - MIB(3) -
						     4096 + (MIB(3) + 4096 * 4) + RANGE_3_SIZE);
	assert_int_equal(page_order_available(), 15);
	count = take_all(&blocks, 512);
	page_statistics_get(&now);
	assert_int_equal(now.free_bytes, 0);
	assert_int_equal(statistics_sum(&now), now.total_bytes);
	check_blocks(blocks, count);
	give_back(blocks, count);
	free(blocks);
	expect_as_before();
}

/* From the largest blocks to single pages and back. */
static void test_split_and_merge(void **state)
{
	struct block *all, *again;
	size_t count, page_count = 5000;
	struct block *pages = calloc(page_count, sizeof(*pages));

	(void)state;
	count = take_all(&all, 512);
	give_back(all, count);
	for (size_t i = 0; i < page_count; i++) {
		pages[i].use = PAGE_USE_OTHER;
		assert_int_equal(page_alloc(0, PAGE_USE_OTHER, &pages[i].base), 0);
	}
	check_blocks(pages, page_count);
	/* Every other one first, so that nothing merges until the rest comes. */
	for (size_t i = 0; i < page_count; i += 2)
		page_free(pages[i].base, 0, PAGE_USE_OTHER);
	for (size_t i = 1; i < page_count; i += 2)
		page_free(pages[i].base, 0, PAGE_USE_OTHER);
	assert_int_equal(take_all(&again, 512), count);
	qsort(all, count, sizeof(*all), blocks_compare);
	qsort(again, count, sizeof(*again), blocks_compare);
	assert_memory_equal(all, again, count * sizeof(*all));
	give_back(again, count);
	free(all);
	free(again);
	free(pages);
	expect_as_before();
}

static void test_exhaustion(void **state)
{
	struct block *blocks;
	size_t count;
	hpa_t page = HPA(1);

	(void)state;
	assert_int_equal(page_alloc(PAGE_ORDER_MAX + 1, PAGE_USE_OTHER, &page), -ENOMEM);
	count = take_all(&blocks, 512);
	assert_int_equal(page_alloc(0, PAGE_USE_OTHER, &page), -ENOMEM);
	assert_int_equal(page_order_available(), -ENOMEM);
	assert_int_equal(page.raw, 1);
	give_back(blocks, count);
	free(blocks);
	expect_as_before();
}

static void block_mark(const struct block *block)
{
	uint64_t *words = arch_hpa_to_pointer(block->base);

	words[0] = block->base.raw;
	words[(PAGE_SIZE << block->order) / sizeof(*words) - 1] = ~block->base.raw;
}

static void block_check_mark(const struct block *block)
{
	const uint64_t *words = arch_hpa_to_pointer(block->base);

	assert_int_equal(words[0], block->base.raw);
	assert_int_equal(words[(PAGE_SIZE << block->order) / sizeof(*words) - 1], ~block->base.raw);
}

/* A random mix; each block carries a mark that nobody else may touch. */
static void test_churn(void **state)
{
	static struct block blocks[600];
	uint64_t seed = 42;

	(void)state;
	for (unsigned int step = 0; step < 60000; step++) {
		struct block *block = &blocks[sequence_below(&seed, ARRAY_SIZE(blocks))];

		if (block->base.raw != 0) {
			block_check_mark(block);
			page_free(block->base, block->order, block->use);
			block->base.raw = 0;
			continue;
		}
		block->order = (unsigned int)sequence_below(&seed, 1 + sequence_below(&seed, 10));
		block->use = (enum page_use)sequence_below(&seed, PAGE_USE_COUNT);
		assert_int_equal(page_alloc(block->order, block->use, &block->base), 0);
		block_mark(block);
	}
	for (size_t i = 0; i < ARRAY_SIZE(blocks); i++) {
		if (blocks[i].base.raw != 0)
			page_free(blocks[i].base, blocks[i].order, blocks[i].use);
	}
	expect_as_before();
}

static void test_zeroed(void **state)
{
	hpa_t page;

	(void)state;
	for (unsigned int i = 0; i < 2; i++) {
		uint8_t *bytes;

		assert_int_equal(page_alloc_zeroed(3, PAGE_USE_TABLE, &page), 0);
		bytes = arch_hpa_to_pointer(page);
		for (size_t j = 0; j < PAGE_SIZE << 3; j++)
			assert_int_equal(bytes[j], 0);
		memset(bytes, 0xff, PAGE_SIZE << 3);
		page_free(page, 3, PAGE_USE_TABLE);
	}
	expect_as_before();
}

static void test_accounting(void **state)
{
	struct page_statistics now;
	hpa_t page;

	(void)state;
	for (unsigned int use = 0; use < PAGE_USE_COUNT; use++) {
		assert_int_equal(page_alloc(2, use, &page), 0);
		page_statistics_get(&now);
		assert_int_equal(now.used_bytes[use], before.used_bytes[use] + KIB(16));
		assert_int_equal(now.free_bytes, before.free_bytes - KIB(16));
		assert_true(strlen(page_use_name(use)) > 0);
		page_free(page, 2, use);
	}
	expect_as_before();
}

/* ---- mistakes that must not pass ---- */

static hpa_t victim;

static void free_twice(void *argument)
{
	(void)argument;
	page_free(victim, 1, PAGE_USE_OTHER);
	page_free(victim, 1, PAGE_USE_OTHER);
}

static void free_wrong_order(void *argument)
{
	(void)argument;
	page_free(victim, 0, PAGE_USE_OTHER);
}

static void free_wrong_use(void *argument)
{
	(void)argument;
	page_free(victim, 1, PAGE_USE_STACK);
}

static void free_inside(void *argument)
{
	(void)argument;
	page_free(hpa_add(victim, PAGE_SIZE), 0, PAGE_USE_OTHER);
}

static void free_unaligned(void *argument)
{
	(void)argument;
	page_free(hpa_add(victim, 8), 1, PAGE_USE_OTHER);
}

static void free_unknown(void *argument)
{
	(void)argument;
	page_free(HPA(0x1000), 0, PAGE_USE_OTHER);
}

/* Writes `argument` bytes into the block after it was freed, then takes it again. */
__attribute__((no_sanitize("address"))) static void write_after_free(void *argument)
{
	volatile uint8_t *bytes = arch_hpa_to_pointer(victim);
	struct block *blocks;

	page_free(victim, 1, PAGE_USE_OTHER);
	bytes[*(const size_t *)argument] ^= 1;
	take_all(&blocks, 4096);
}

static void test_mistakes(void **state)
{
	static const size_t offsets[] = { 0, 8, 31, 256, 4096, 4096 + 16, 8192 - 256 };

	(void)state;
	assert_int_equal(page_alloc(1, PAGE_USE_OTHER, &victim), 0);
	assert_panics(free_twice, NULL, "PAGE_USED");
	assert_panics(free_wrong_order, NULL, "order == order");
	assert_panics(free_wrong_use, NULL, "use == use");
	assert_panics(free_inside, NULL, "PAGE_USED");
	assert_panics(free_unaligned, NULL, "IS_ALIGNED");
	assert_panics(free_unknown, NULL, "range != NULL");
	for (size_t i = 0; i < ARRAY_SIZE(offsets); i++)
		assert_panics(write_after_free, (void *)&offsets[i], "written to after");
	page_free(victim, 1, PAGE_USE_OTHER);
	expect_as_before();
}

/* More reservations than there is room for: all of them are still kept out. */
static void reserve_many(void *argument)
{
	const uint64_t first = RANGE_0 + MIB(6), step = KIB(32), steps = 200;
	struct block *blocks;
	size_t count;

	(void)argument;
	assert_int_equal(page_range_add(HPA(RANGE_0), RANGE_0_SIZE), 0);
	for (uint64_t i = 0; i < steps; i++)
		page_range_reserve(HPA(first + i * 7919 % steps * step), 4096);
	count = take_all(&blocks, 4096);
	for (size_t i = 0; i < count; i++) {
		uint64_t start = blocks[i].base.raw, end = start + (PAGE_BYTES << blocks[i].order);

		for (uint64_t page = first; page < first + steps * step; page += step) {
			if (page >= start && page < end)
				panic("page at 0x%llx is not reserved", (unsigned long long)page);
		}
	}
	panic("took %zu blocks, all reserved pages kept out", count);
}

/* The largest block there is, and nothing larger by merging two of them. */
static void take_largest(void *argument)
{
	hpa_t first, second, page;

	(void)argument;
	assert_int_equal(page_range_add(HPA(FAKE_RAM_BASE), FAKE_RAM_SIZE), 0);
	page_range_reserve(HPA(FAKE_RAM_BASE), MIB(1));
	assert_int_equal(page_order_available(), PAGE_ORDER_MAX);
	assert_int_equal(page_alloc(PAGE_ORDER_MAX, PAGE_USE_GUEST, &first), 0);
	assert_int_equal(first.raw, FAKE_RAM_BASE + GIB(1));
	assert_int_equal(page_alloc(PAGE_ORDER_MAX, PAGE_USE_GUEST, &second), -ENOMEM);
	assert_int_equal(page_order_available(), PAGE_ORDER_MAX - 1);
	assert_int_equal(page_alloc(0, PAGE_USE_OTHER, &page), 0);
	assert_true(page.raw < first.raw);
	panic("largest block taken");
}

/* In processes of their own, before the set-up of the others makes the lists. */
static int setup_first_of_all(void **state)
{
	assert_panics(take_largest, NULL, "largest block taken");
	assert_panics(reserve_many, NULL, "all reserved pages kept out");
	return setup(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layout),	   cmocka_unit_test(test_split_and_merge),
		cmocka_unit_test(test_exhaustion), cmocka_unit_test(test_churn),
		cmocka_unit_test(test_zeroed),	   cmocka_unit_test(test_accounting),
		cmocka_unit_test(test_mistakes),
	};

	return cmocka_run_group_tests(tests, setup_first_of_all, NULL);
}

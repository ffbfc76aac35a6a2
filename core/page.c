// SPDX-License-Identifier: BSD-2-Clause
/*
 * The page allocator: a buddy system in each range of RAM. A block of 2^n pages is aligned to its
 * size; its buddy is the block with which it forms one of the next order, and two free buddies are
 * merged at once. Every step costs O(order).
 *
 * Boot only collects ranges and reservations. The first use makes the free lists from what is left
 * (memory_begin()), so that the descriptions of pages are not laid over the image or the bundle.
 *
 * Descriptions of pages, 12 bytes each, lie in the range that they describe. Only that of a block's
 * first page says anything, but for the mark that a page holds poison: each page has its own, since
 * blocks of different histories merge.
 */
#include <corbel/arch.h>
#include <corbel/log.h>
#include <corbel/page.h>
#include <corbel/panic.h>
#include <corbel/spinlock.h>
#include <lib/bitops.h>
#include <lib/sanitizer.h>

#include <errno.h>
#include <string.h>

#define RANGE_MAX    32u
#define RESERVED_MAX 64u
#define ORDER_COUNT  (PAGE_ORDER_MAX + 1)
#define NO_PAGE	     UINT32_MAX

#define POISON	      UINT64_C(0xdeadfeeddeadfeed)
#define POISON_STRIDE 256u /* of the words that are poisoned: the rest is left, to be quick */

#ifdef CORBEL_DEBUG
static const bool debug = true;
#else
static const bool debug = false;
#endif

enum page_state {
	PAGE_INSIDE, /* of a block, or never given to the allocator; what zeroed memory says */
	PAGE_FREE,
	PAGE_USED,
};

/* Indices count pages from the start of the range. */
struct page {
	uint32_t next, previous; /* on the free list; NO_PAGE at its ends */
	uint8_t state;		 /* enum page_state */
	uint8_t order;		 /* of the block that begins here */
	uint8_t use;		 /* enum page_use, while used */
	bool poisoned;		 /* it was freed at least once, so holds poison while free */
};

/* Page numbers: addresses without PAGE_SHIFT bits. */
struct span {
	uint64_t start, end;
};

struct page_range {
	struct span span;
	struct page *pages;
	uint32_t free_lists[ORDER_COUNT]; /* first of each, or NO_PAGE */
	uint32_t free_orders;		  /* a bit for each list that is not empty */
};

/* All of it: the lock, once CPUs are more than one. */
static struct {
	struct spinlock lock;
	bool ready;
	struct page_range ranges[RANGE_MAX];
	unsigned int range_count;
	struct span reserved[RESERVED_MAX]; /* sorted, disjoint */
	unsigned int reserved_count;
	struct page_statistics statistics;
} memory = { .lock = SPINLOCK_INIT };

static hpa_t page_address(const struct page_range *range, uint32_t index)
{
	return HPA((range->span.start + index) << PAGE_SHIFT);
}

/* ---- free lists ---- */

static void list_push(struct page_range *range, uint32_t index, unsigned int order)
{
	struct page *page = &range->pages[index];

	page->state = PAGE_FREE;
	page->order = (uint8_t)order;
	page->previous = NO_PAGE;
	page->next = range->free_lists[order];
	if (page->next != NO_PAGE)
		range->pages[page->next].previous = index;
	range->free_lists[order] = index;
	range->free_orders |= 1u << order;
}

static void list_remove_page(struct page_range *range, uint32_t index)
{
	struct page *page = &range->pages[index];
	unsigned int order = page->order;

	ASSERT(page->state == PAGE_FREE);
	page->state = PAGE_INSIDE;
	if (page->next != NO_PAGE)
		range->pages[page->next].previous = page->previous;
	if (page->previous != NO_PAGE)
		range->pages[page->previous].next = page->next;
	else
		range->free_lists[order] = page->next;
	if (range->free_lists[order] == NO_PAGE)
		range->free_orders &= ~(1u << order);
}

/* The index of the block's buddy, or NO_PAGE where that does not lie inside the range. */
static uint32_t buddy_of(const struct page_range *range, uint32_t index, unsigned int order)
{
	uint64_t buddy = (range->span.start + index) ^ (UINT64_C(1) << order);

	if (buddy < range->span.start || buddy + (UINT64_C(1) << order) > range->span.end)
		return NO_PAGE;
	return (uint32_t)(buddy - range->span.start);
}

/* Puts a block on its list, merged with free buddies as far as that goes. */
static void block_insert(struct page_range *range, uint32_t index, unsigned int order)
{
	for (; order < PAGE_ORDER_MAX; order++) {
		uint32_t buddy = buddy_of(range, index, order);

		if (buddy == NO_PAGE || range->pages[buddy].state != PAGE_FREE ||
		    range->pages[buddy].order != order)
			break;
		list_remove_page(range, buddy);
		range->pages[index].state = PAGE_INSIDE;
		index = MIN(index, buddy);
	}
	list_push(range, index, order);
}

/* Takes a block of exactly `order` from the list of `from`; what is too much goes back. */
static uint32_t block_take(struct page_range *range, unsigned int from, unsigned int order)
{
	uint32_t index = range->free_lists[from];

	list_remove_page(range, index);
	while (from > order) {
		from--;
		list_push(range, index + (UINT32_C(1) << from), from);
	}
	return index;
}

/* ---- poison: free pages hold a pattern that must still be there when they are used again ---- */

static void page_poison(struct page *page, uint64_t *words)
{
	/* What a stale pointer writes to lies mostly near the start of a structure. */
	words[1] = POISON;
	words[2] = POISON;
	words[3] = POISON;
	for (size_t i = 0; i < PAGE_SIZE / sizeof(*words); i += POISON_STRIDE / sizeof(*words))
		words[i] = POISON;
	page->poisoned = true;
}

static void page_poison_check(const struct page *page, const uint64_t *words)
{
	bool intact;

	if (!page->poisoned)
		return;
	intact = words[1] == POISON && words[2] == POISON && words[3] == POISON;
	for (size_t i = 0; i < PAGE_SIZE / sizeof(*words); i += POISON_STRIDE / sizeof(*words))
		intact = intact && words[i] == POISON;
	if (!intact)
		panic("page %p was written to after it had been freed", (const void *)words);
}

/* Both for a block that nobody else can reach, so without the lock. */
static void block_poison(struct page_range *range, uint32_t index, unsigned int order)
{
	for (uint32_t i = index; i < index + (UINT32_C(1) << order); i++)
		page_poison(&range->pages[i], arch_hpa_to_pointer(page_address(range, i)));
}

static void block_poison_check(struct page_range *range, uint32_t index, unsigned int order)
{
	for (uint32_t i = index; i < index + (UINT32_C(1) << order); i++)
		page_poison_check(&range->pages[i], arch_hpa_to_pointer(page_address(range, i)));
}

/* ---- boot ---- */

static bool spans_overlap(struct span a, struct span b)
{
	return a.start < b.end && b.start < a.end;
}

static uint64_t description_pages(struct span span)
{
	uint64_t bytes = (span.end - span.start) * sizeof(struct page);

	return ALIGN_UP(bytes, (uint64_t)PAGE_SIZE) >> PAGE_SHIFT;
}

int page_range_add(hpa_t base, uint64_t size)
{
	uint64_t last = base.raw + size < base.raw ? UINT64_MAX : base.raw + size;
	struct span span = {
		.start = (base.raw >> PAGE_SHIFT) + !IS_ALIGNED(base.raw, PAGE_SIZE),
		.end = last >> PAGE_SHIFT,
	};

	ASSERT(!memory.ready);
	if (span.end <= span.start || span.end - span.start >= NO_PAGE ||
	    description_pages(span) >= span.end - span.start || memory.range_count == RANGE_MAX)
		return -ENOMEM;
	for (unsigned int i = 0; i < memory.range_count; i++) {
		if (spans_overlap(span, memory.ranges[i].span))
			return -EINVAL;
	}
	memory.ranges[memory.range_count++].span = span;
	return 0;
}

/* Where the table is full, two neighbours become one with the gap between them: never too little.
 */
static void reserved_make_room(void)
{
	unsigned int last = memory.reserved_count - 1;

	if (memory.reserved_count < RESERVED_MAX)
		return;
	memory.reserved[last - 1].end = memory.reserved[last].end;
	memory.reserved_count--;
}

/* Takes what touches the span off the table and makes the span cover it. */
static void reserved_absorb(struct span *span)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < memory.reserved_count; i++) {
		struct span other = memory.reserved[i];

		if (other.start <= span->end && span->start <= other.end) {
			span->start = MIN(span->start, other.start);
			span->end = MAX(span->end, other.end);
		} else {
			memory.reserved[kept++] = other;
		}
	}
	memory.reserved_count = kept;
}

void page_range_reserve(hpa_t base, uint64_t size)
{
	uint64_t last = size == 0 ? base.raw : base.raw + (size - 1);
	struct span span = {
		.start = base.raw >> PAGE_SHIFT,
		.end = (last < base.raw ? UINT64_MAX : last) / PAGE_SIZE + 1,
	};
	unsigned int position;

	ASSERT(!memory.ready);
	if (size == 0)
		return;
	reserved_absorb(&span);
	reserved_make_room();
	reserved_absorb(&span);
	position = memory.reserved_count++;
	for (; position > 0 && memory.reserved[position - 1].start > span.start; position--)
		memory.reserved[position] = memory.reserved[position - 1];
	memory.reserved[position] = span;
}

/*
 * Finds the next part of the range from `*cursor` on that is not reserved, and moves the cursor
 * behind it; false where nothing is left.
 */
static bool hole_next(const struct page_range *range, uint64_t *cursor, struct span *out)
{
	*out = (struct span){ .start = *cursor, .end = range->span.end };
	for (unsigned int i = 0; i < memory.reserved_count; i++) {
		struct span reserved = memory.reserved[i];

		if (reserved.end <= out->start)
			continue;
		if (reserved.start > out->start) {
			out->end = MIN(out->end, reserved.start);
			break;
		}
		out->start = reserved.end;
	}
	*cursor = out->end;
	return out->start < out->end;
}

/* Gives the pages of a hole to the free lists, in the largest blocks that fit. */
static void hole_insert(struct page_range *range, struct span hole)
{
	while (hole.start < hole.end) {
		unsigned int order = MIN(bit_first(hole.start), PAGE_ORDER_MAX);

		order = MIN(order, bit_last(hole.end - hole.start));
		list_push(range, (uint32_t)(hole.start - range->span.start), order);
		hole.start += UINT64_C(1) << order;
	}
}

/* Lays the descriptions into the first hole that has room for them; false: none has. */
static bool descriptions_place(struct page_range *range, struct span *out)
{
	uint64_t cursor = range->span.start, needed = description_pages(range->span);
	struct span hole;

	while (hole_next(range, &cursor, &hole)) {
		if (hole.end - hole.start < needed)
			continue;
		*out = (struct span){ .start = hole.start, .end = hole.start + needed };
		range->pages = arch_hpa_to_pointer(HPA(hole.start << PAGE_SHIFT));
		arch_memory_zero(range->pages, needed << PAGE_SHIFT);
		return true;
	}
	return false;
}

static void range_begin(struct page_range *range)
{
	uint64_t cursor = range->span.start;
	struct span descriptions, hole;
	struct page_statistics *statistics = &memory.statistics;

	for (unsigned int order = 0; order < ORDER_COUNT; order++)
		range->free_lists[order] = NO_PAGE;
	if (!descriptions_place(range, &descriptions)) {
		log_warning(
			"memory from 0x%llx on is not used: what is reserved there leaves no room",
			(unsigned long long)range->span.start << PAGE_SHIFT);
		range->span.end = range->span.start;
		return;
	}
	while (hole_next(range, &cursor, &hole)) {
		statistics->total_bytes += (hole.end - hole.start) << PAGE_SHIFT;
		if (hole.start == descriptions.start)
			hole.start = descriptions.end;
		statistics->free_bytes += (hole.end - hole.start) << PAGE_SHIFT;
		hole_insert(range, hole);
	}
	statistics->used_bytes[PAGE_USE_OTHER] += (descriptions.end - descriptions.start)
						  << PAGE_SHIFT;
}

/* Makes the free lists, once; the boot CPU does so before there are others. */
static void memory_begin(void)
{
	if (likely(memory.ready))
		return;
	for (unsigned int i = 0; i < memory.range_count; i++)
		range_begin(&memory.ranges[i]);
	memory.ready = true;
}

/* ---- use ---- */

/* The range with the smallest free block that will do; NULL: none has any. */
static struct page_range *range_choose(unsigned int order, unsigned int *from)
{
	struct page_range *best = NULL;

	for (unsigned int i = 0; i < memory.range_count; i++) {
		uint32_t fitting = memory.ranges[i].free_orders & ~((1u << order) - 1);

		if (fitting != 0 && (best == NULL || bit_first(fitting) < *from)) {
			best = &memory.ranges[i];
			*from = bit_first(fitting);
		}
	}
	return best;
}

static struct page_range *range_find(uint64_t page_number)
{
	for (unsigned int i = 0; i < memory.range_count; i++) {
		struct page_range *range = &memory.ranges[i];

		if (page_number >= range->span.start && page_number < range->span.end)
			return range;
	}
	return NULL;
}

int page_alloc(unsigned int order, enum page_use use, hpa_t *out)
{
	struct page_range *range;
	unsigned int from = 0;
	unsigned long flags;
	uint32_t index;

	ASSERT(use < PAGE_USE_COUNT);
	if (order > PAGE_ORDER_MAX)
		return -ENOMEM;
	memory_begin();
	flags = spin_lock_irqsave(&memory.lock);
	range = range_choose(order, &from);
	if (range == NULL) {
		spin_unlock_irqrestore(&memory.lock, flags);
		return -ENOMEM;
	}
	index = block_take(range, from, order);
	range->pages[index].state = PAGE_USED;
	range->pages[index].order = (uint8_t)order;
	range->pages[index].use = (uint8_t)use;
	memory.statistics.free_bytes -= PAGE_SIZE << order;
	memory.statistics.used_bytes[use] += PAGE_SIZE << order;
	spin_unlock_irqrestore(&memory.lock, flags);
	*out = page_address(range, index);
	memory_allow(arch_hpa_to_pointer(*out), PAGE_SIZE << order);
	if (debug)
		block_poison_check(range, index, order);
	return 0;
}

int page_alloc_zeroed(unsigned int order, enum page_use use, hpa_t *out)
{
	int code = page_alloc(order, use, out);

	if (code == 0)
		arch_memory_zero(arch_hpa_to_pointer(*out), PAGE_SIZE << order);
	return code;
}

/* That the block is one that was allocated so and not freed since. */
static void block_check(const struct page_range *range, uint32_t index, unsigned int order,
			enum page_use use)
{
	ASSERT(range->pages[index].state == PAGE_USED);
	ASSERT(range->pages[index].order == order);
	ASSERT(range->pages[index].use == use);
}

void page_free(hpa_t base, unsigned int order, enum page_use use)
{
	struct page_range *range = range_find(base.raw >> PAGE_SHIFT);
	unsigned long flags;
	uint32_t index;

	ASSERT(range != NULL);
	ASSERT(order <= PAGE_ORDER_MAX && IS_ALIGNED(base.raw, (uint64_t)PAGE_SIZE << order));
	index = (uint32_t)((base.raw >> PAGE_SHIFT) - range->span.start);
	/* Before the poison, lest a wrong call destroys somebody's data before it is told of. */
	block_check(range, index, order, use);
	if (debug)
		block_poison(range, index, order);
	memory_forbid(arch_hpa_to_pointer(base), PAGE_SIZE << order);
	flags = spin_lock_irqsave(&memory.lock);
	block_check(range, index, order, use);
	block_insert(range, index, order);
	memory.statistics.free_bytes += PAGE_SIZE << order;
	memory.statistics.used_bytes[use] -= PAGE_SIZE << order;
	spin_unlock_irqrestore(&memory.lock, flags);
}

int page_order_available(void)
{
	uint32_t orders = 0;
	unsigned long flags;

	memory_begin();
	flags = spin_lock_irqsave(&memory.lock);
	for (unsigned int i = 0; i < memory.range_count; i++)
		orders |= memory.ranges[i].free_orders;
	spin_unlock_irqrestore(&memory.lock, flags);
	return orders == 0 ? -ENOMEM : (int)bit_last(orders);
}

void page_statistics_get(struct page_statistics *out)
{
	unsigned long flags;

	memory_begin();
	flags = spin_lock_irqsave(&memory.lock);
	*out = memory.statistics;
	spin_unlock_irqrestore(&memory.lock, flags);
}

const char *page_use_name(enum page_use use)
{
	static const char *const names[PAGE_USE_COUNT] = {
		[PAGE_USE_OBJECT] = "objects",	  [PAGE_USE_STACK] = "stacks",
		[PAGE_USE_TABLE] = "page tables", [PAGE_USE_GUEST] = "guest RAM",
		[PAGE_USE_OTHER] = "other",
	};

	ASSERT(use < PAGE_USE_COUNT);
	return names[use];
}

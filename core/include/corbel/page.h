// SPDX-License-Identifier: BSD-2-Clause
/*
 * Physical pages: a buddy allocator over the host's RAM. Not for small objects (see object.h).
 * Debug builds poison what is free, check the poison on allocation, and count pages by use.
 */
#ifndef CORBEL_PAGE_H
#define CORBEL_PAGE_H

#include <corbel/printer.h>
#include <corbel/types.h>

/* A block of order n is 2^n pages, aligned to its size. The largest is 1 GiB. */
#define PAGE_ORDER_MAX 18u

/* What a block is for: accounting only. */
enum page_use {
	PAGE_USE_OBJECT, /* object allocator */
	PAGE_USE_STACK,
	PAGE_USE_TABLE, /* page tables, Corbel's and the guests' second stage */
	PAGE_USE_GUEST, /* guest RAM */
	PAGE_USE_OTHER,
	PAGE_USE_COUNT,
};

/*
 * Boot: makes a range of RAM known, less what does not fill a page. The first allocation takes
 * `struct page` storage from it, clear of what is reserved, so it must be mapped then. -ENOMEM
 * where the range is too small to describe itself or there are too many; -EINVAL where it overlaps
 * another.
 */
int page_range_add(hpa_t base, uint64_t size);
/*
 * Boot: takes a range out again (the image, the bundle, the tree); may cover unknown memory. Both
 * must come before the first of the functions below is called.
 */
void page_range_reserve(hpa_t base, uint64_t size);

/* Contents are undefined. -ENOMEM. Any context. */
int page_alloc(unsigned int order, enum page_use use, hpa_t *out);
/* The same, filled with zeros. */
int page_alloc_zeroed(unsigned int order, enum page_use use, hpa_t *out);
/* The order and use must be those of the allocation. Any context. */
void page_free(hpa_t base, unsigned int order, enum page_use use);

/* The largest order for which a block is free now; -ENOMEM when nothing is. Any context. */
int page_order_available(void);

struct page_statistics {
	uint64_t total_bytes; /* given by page_range_add() less what was reserved */
	uint64_t free_bytes;
	uint64_t used_bytes[PAGE_USE_COUNT];
};

void page_statistics_get(struct page_statistics *out);
const char *page_use_name(enum page_use use);

#endif

// SPDX-License-Identifier: BSD-2-Clause
/*
 * The host's caches. PRA, "CACHE" and "SYNCI"; sizes by Config1.
 */
#include "cache.h"
#include "processor.h"

#define CACHE_INDEX_INVALIDATE_I 0x00
#define CACHE_INDEX_WRITEBACK_D	 0x01

struct cache_shape {
	uint32_t line; /* bytes; 0: there is no such cache */
	uint32_t size;
};

/* `shift` is where the cache's three fields stand in Config1: associativity, line, sets. */
static struct cache_shape cache_shape_get(unsigned int shift)
{
	uint32_t fields = c0_read(C0_CONFIG1) >> shift;
	uint32_t ways = (fields & 7) + 1, line_code = fields >> 3 & 7, sets_code = fields >> 6 & 7;
	uint32_t sets = sets_code == 7 ? 32 : 64u << sets_code;
	struct cache_shape shape = { 0, 0 };

	if (line_code != 0) {
		shape.line = 2u << line_code;
		shape.size = shape.line * ways * sets;
	}
	return shape;
}

void cache_code_written(const void *address, size_t size)
{
	uint32_t step = 0;
	uintptr_t end = (uintptr_t)address + size;

	__asm__ volatile("rdhwr %0, $1" : "=r"(step));
	if (step == 0)
		return;
	for (uintptr_t line = (uintptr_t)address & ~(uintptr_t)(step - 1); line < end; line += step)
		__asm__ volatile("synci 0(%0)" : : "r"(line) : "memory");
	__asm__ volatile("sync" : : : "memory");
}

void cache_forget_all(void)
{
	struct cache_shape data = cache_shape_get(7), code = cache_shape_get(16);

	for (uint32_t i = 0; data.line != 0 && i < data.size; i += data.line)
		__asm__ volatile("cache %0, 0(%1)"
				 :
				 : "i"(CACHE_INDEX_WRITEBACK_D), "r"(0x80000000u + i)
				 : "memory");
	__asm__ volatile("sync" : : : "memory");
	for (uint32_t i = 0; code.line != 0 && i < code.size; i += code.line)
		__asm__ volatile("cache %0, 0(%1)"
				 :
				 : "i"(CACHE_INDEX_INVALIDATE_I), "r"(0x80000000u + i)
				 : "memory");
	c0_hazard_barrier();
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * The host's caches. PRA, "CACHE" and "SYNCI"; sizes by Config1.
 */
#include <corbel/arch.h>

#include "cache.h"
#include "cp0.h"
#include "gmem.h"
#include "processor.h"

/* The `op` field of CACHE. */
#define CACHE_INDEX_INVALIDATE_I     0x00
#define CACHE_INDEX_WRITEBACK_D	     0x01
#define CACHE_HIT_INVALIDATE_I	     0x10
#define CACHE_HIT_WRITEBACK_FORGET_D 0x15
#define CACHE_HIT_WRITEBACK_D	     0x19

#define CACHE_DO(operation, address) \
	__asm__ volatile("cache %0, 0(%1)" : : "i"(operation), "r"(address) : "memory")

/* Where Config1 describes the caches. */
#define CONFIG1_DATA 7u
#define CONFIG1_CODE 16u

struct cache_shape {
	uint32_t line; /* bytes; 0: there is no such cache */
	uint32_t way;
	uint32_t size;
};

/* `shift` is where the cache's three fields stand in Config1: associativity, line, sets. */
static struct cache_shape cache_shape_get(uint32_t config1, unsigned int shift)
{
	uint32_t fields = config1 >> shift;
	uint32_t ways = (fields & 7) + 1, line_code = fields >> 3 & 7, sets_code = fields >> 6 & 7;
	uint32_t sets = sets_code == 7 ? 32 : 64u << sets_code;
	struct cache_shape shape = { 0, 0, 0 };

	if (line_code != 0) {
		shape.line = 2u << line_code;
		shape.way = shape.line * sets;
		shape.size = shape.way * ways;
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

/* Lines of a cache by index, each `step` bytes. */
static void data_lines_forget(const struct cache_shape *data, uint32_t first, uint32_t step)
{
	for (uint32_t i = first; data->line != 0 && i < data->size; i += step)
		CACHE_DO(CACHE_INDEX_WRITEBACK_D, MEMORY_KSEG0_BASE + i);
	__asm__ volatile("sync" : : : "memory");
}

static void code_lines_forget(const struct cache_shape *code, uint32_t first, uint32_t step)
{
	for (uint32_t i = first; code->line != 0 && i < code->size; i += step)
		CACHE_DO(CACHE_INDEX_INVALIDATE_I, MEMORY_KSEG0_BASE + i);
	c0_hazard_barrier();
}

void cache_forget_all(void)
{
	uint32_t config1 = c0_read(C0_CONFIG1);
	struct cache_shape data = cache_shape_get(config1, CONFIG1_DATA);
	struct cache_shape code = cache_shape_get(config1, CONFIG1_CODE);

	data_lines_forget(&data, 0, data.line);
	code_lines_forget(&code, 0, code.line);
}

/*
 * The guest names a line of the small cache that it is shown: every line here that could hold what
 * that one does. Indexes of a way of the guest's recur in the host's cache.
 */
static void index_operate(const struct arch_vcpu *arch, bool is_code)
{
	unsigned int shift = is_code ? CONFIG1_CODE : CONFIG1_DATA;
	struct cache_shape guest = cache_shape_get(arch->cp0[CP0_CONFIG1], shift);
	struct cache_shape host = cache_shape_get(c0_read(C0_CONFIG1), shift);
	uint32_t first;

	if (guest.line == 0 || host.line == 0)
		return;
	first = (arch->cache.va & (guest.way - 1)) & ~(host.line - 1);
	if (is_code)
		code_lines_forget(&host, first, MIN(guest.way, host.way));
	else
		data_lines_forget(&host, first, MIN(guest.way, host.way));
}

void cache_guest_operate(struct vcpu *vcpu)
{
	const struct arch_vcpu *arch = &vcpu->arch;
	const struct gmem_piece *piece;
	uintptr_t line;

	if (arch->cache.action == GUEST_CACHE_CODE_INDEX ||
	    arch->cache.action == GUEST_CACHE_DATA_INDEX) {
		index_operate(arch, arch->cache.action == GUEST_CACHE_CODE_INDEX);
		return;
	}
	piece = gmem_find(vcpu->guest, arch->cache.gpa);
	if (piece == NULL || (piece->flags & GMEM_DEVICE) != 0)
		return;
	line = (uintptr_t)arch_hpa_to_pointer(gmem_hpa(piece, arch->cache.gpa));
	switch (arch->cache.action) {
	case GUEST_CACHE_CODE:
		CACHE_DO(CACHE_HIT_INVALIDATE_I, line);
		break;
	case GUEST_CACHE_DATA_DISCARD:
		CACHE_DO(CACHE_HIT_WRITEBACK_FORGET_D, line);
		break;
	case GUEST_CACHE_DATA_WRITEBACK:
		CACHE_DO(CACHE_HIT_WRITEBACK_D, line);
		break;
	default:
		cache_code_written((const void *)line, 1);
		break;
	}
	__asm__ volatile("sync" : : : "memory");
}

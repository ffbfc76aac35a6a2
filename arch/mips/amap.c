// SPDX-License-Identifier: BSD-2-Clause
/*
 * The address maps there are, as tables. What is in no row is an address error.
 */
#include <string.h>

#include "amap.h"

#define KERNEL (GUEST_MODE_KERNEL | GUEST_MODE_ERROR)
#define ALL    (KERNEL | GUEST_MODE_USER)

static const struct address_map maps[] = {
	/*
	 * For kernels linked low: virtual kernel mode has its three segments where user mode has its
	 * pages, so a guest runs wholly below 0x80000000.
	 */
	{
		.name = "useg",
		.reset_vector = 0x3fc00000,
		.bev_base = 0x3fc00200,
		.ebase_fixed = 0x00000000,
		.ebase_writable = 0x1ffff000,
		.segments = {
			{ 0x00000000, 0x7fffffff, 0, SEGMENT_MAPPED, GUEST_MODE_USER },
			{ 0x00000000, 0x1fffffff, 0, SEGMENT_CACHED, KERNEL },
			{ 0x20000000, 0x3fffffff, 0, SEGMENT_UNCACHED, KERNEL },
			{ 0x40000000, 0x7fffffff, 0, SEGMENT_MAPPED, KERNEL },
		},
	},
	/*
	 * The layout that Linux has as a trap-and-emulate guest of KVM. Devices are reached through
	 * the classic segments, where every access traps; nothing can be executed there.
	 */
	{
		.name = "kvm-te",
		.reset_vector = 0x5fc00000,
		.bev_base = 0x5fc00200,
		.ebase_fixed = 0x40000000,
		.ebase_writable = 0x1ffff000,
		.segments = {
			{ 0x00000000, 0x3fffffff, 0, SEGMENT_UNCACHED, GUEST_MODE_ERROR },
			{ 0x00000000, 0x3fffffff, 0, SEGMENT_MAPPED, ALL },
			{ 0x40000000, 0x5fffffff, 0, SEGMENT_CACHED, KERNEL },
			{ 0x60000000, 0x7fffffff, 0, SEGMENT_MAPPED, KERNEL },
			{ 0x80000000, 0x9fffffff, 0, SEGMENT_CACHED, KERNEL },
			{ 0xa0000000, 0xbfffffff, 0, SEGMENT_UNCACHED, KERNEL },
		},
	},
	/* The processor's own. PRA "Virtual Memory"; kuseg with ERL: "Address Translation ... ERL". */
	{
		.name = "segctl",
		.reset_vector = 0xbfc00000,
		.bev_base = 0xbfc00200,
		.ebase_fixed = 0x80000000,
		.ebase_writable = 0x3ffff000,
		.needs_segmentation = true,
		.segments = {
			{ 0x00000000, 0x7fffffff, 0, SEGMENT_UNCACHED, GUEST_MODE_ERROR },
			{ 0x00000000, 0x7fffffff, 0, SEGMENT_MAPPED, ALL },
			{ 0x80000000, 0x9fffffff, 0, SEGMENT_CACHED, KERNEL },
			{ 0xa0000000, 0xbfffffff, 0, SEGMENT_UNCACHED, KERNEL },
			{ 0xc0000000, 0xffffffff, 0, SEGMENT_MAPPED, KERNEL },
		},
	},
};

const struct address_map *address_map_get(unsigned int index)
{
	return index < ARRAY_SIZE(maps) ? &maps[index] : NULL;
}

const struct address_map *address_map_find(const char *name)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(maps); i++)
		if (strcmp(maps[i].name, name) == 0)
			return &maps[i];
	return NULL;
}

const struct segment *segment_find(const struct address_map *map, enum guest_mode mode, uint32_t va)
{
	for (unsigned int i = 0; i < ADDRESS_MAP_SEGMENTS; i++) {
		const struct segment *segment = &map->segments[i];

		if (va >= segment->first && va <= segment->last && (segment->modes & mode) != 0)
			return segment;
	}
	return NULL;
}

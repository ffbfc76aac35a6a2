// SPDX-License-Identifier: BSD-2-Clause
/*
 * A guest's address map: what its virtual addresses are in each mode, as data. Not the TLB, which
 * decides about mapped segments (tlb.h). Pictures are in docs/architecture.md.
 */
#ifndef MIPS_AMAP_H
#define MIPS_AMAP_H

#include <arch/types.h>

/* Modes that an address can be used in; the ones of a segment are a set of these bits. */
enum guest_mode {
	GUEST_MODE_KERNEL = 1u << 0, /* Status.KSU 0 or EXL, ERL clear */
	GUEST_MODE_ERROR = 1u << 1,  /* ERL set */
	GUEST_MODE_USER = 1u << 2,
};

enum segment_kind {
	SEGMENT_NONE,	  /* address error */
	SEGMENT_MAPPED,	  /* through the guest's TLB */
	SEGMENT_CACHED,	  /* unmapped */
	SEGMENT_UNCACHED, /* unmapped */
};

struct segment {
	uint32_t first, last; /* virtual addresses, inclusive */
	uint32_t physical;    /* unmapped: of `first` */
	uint8_t kind;	      /* enum segment_kind */
	uint8_t modes;	      /* enum guest_mode bits */
};

#define ADDRESS_MAP_SEGMENTS 8u

struct address_map {
	const char *name; /* value of corbel,address-map */
	uint32_t reset_vector;
	uint32_t bev_base; /* exception vectors while Status.BEV is set, less 0x200 */
	uint32_t ebase_fixed, ebase_writable; /* bits of EBase */
	bool needs_segmentation;	      /* only where user mode reaches 0x80000000 and up */
	struct segment segments[ADDRESS_MAP_SEGMENTS]; /* the first that fits counts */
};

/* The map of that name; NULL: there is none. */
const struct address_map *address_map_find(const char *name);

/* The map at `index` from 0 on; NULL: no more. */
const struct address_map *address_map_get(unsigned int index);

/* The segment that the address lies in in that mode; NULL: an address error. */
const struct segment *segment_find(const struct address_map *map, enum guest_mode mode,
				   uint32_t va);

#endif

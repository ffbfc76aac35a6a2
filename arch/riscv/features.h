// SPDX-License-Identifier: BSD-2-Clause
/*
 * What the host's harts can do, by the ISA extensions that the host's tree names for all of them.
 * What guests are told is isa.c.
 */
#ifndef RISCV_FEATURES_H
#define RISCV_FEATURES_H

#include <corbel/types.h>

enum feature {
	FEATURE_H,
	FEATURE_D,
	FEATURE_V,
	FEATURE_SSTC,
	FEATURE_SVADU,
	FEATURE_SVPBMT,
	FEATURE_ZICBOM,
	FEATURE_ZICBOZ,
	FEATURE_SSSTATEEN,
	FEATURE_COUNT,
};

/* Reads the host's tree. Boot. */
void features_init(void);

extern uint32_t cpu_features;

static inline bool cpu_has(enum feature feature)
{
	return (cpu_features >> feature & 1) != 0;
}

/* Whether a cpu node of a tree names the extension (lower case, as in riscv,isa-extensions). */
bool isa_node_has(const void *fdt, int node, const char *extension);

/* The first enabled cpu node at or behind `node`'s siblings; start with -1. Negative: no more. */
int cpu_node_next(const void *fdt, int previous);

/* The timebase in Hz, from /cpus or a cpu node; 0: none. */
uint32_t timebase_frequency_get(const void *fdt);

/* Bytes that CBO.ZERO clears, where there is FEATURE_ZICBOZ. */
uint32_t zicboz_block_size(void);

const char *feature_name(enum feature feature);

#endif

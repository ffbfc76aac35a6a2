// SPDX-License-Identifier: BSD-2-Clause
/*
 * Corbel's own view of memory: segments that are not translated. Translations of guests are
 * shadow.c.
 */
#ifndef MIPS_MMU_H
#define MIPS_MMU_H

#include <corbel/types.h>

/* Sets up this CPU's segments; memory.h's pointers are valid from then on. Each CPU, first thing.
 */
void mmu_segments_init(void);

/* How much of the flat view of RAM the window shows; 0 where the processor can have none. */
uint32_t mmu_window_size(void);

#endif

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Where Corbel sees physical memory. The map is drawn in docs/architecture.md and set up in
 * arch/riscv/mmu.c.
 */
#ifndef ARCH_MEMORY_H
#define ARCH_MEMORY_H

#include <corbel/types.h>

/* The image is linked here; physical memory begins at memory_direct_base, by the paging mode. */
#define MEMORY_IMAGE_BASE 0xffffffff80000000ul

extern uint64_t memory_direct_base;  /* virtual address of HPA 0 */
extern uint64_t memory_image_offset; /* virtual less physical address of the image */

static inline void *arch_hpa_to_pointer(hpa_t address)
{
	return (void *)(uintptr_t)(memory_direct_base + address.raw);
}

static inline hpa_t arch_pointer_to_hpa(const void *pointer)
{
	uint64_t address = (uintptr_t)pointer;

	if (address >= MEMORY_IMAGE_BASE)
		return HPA(address - memory_image_offset);
	return HPA(address - memory_direct_base);
}

#endif

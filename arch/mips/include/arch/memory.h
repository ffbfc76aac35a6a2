// SPDX-License-Identifier: BSD-2-Clause
/*
 * Where Corbel sees physical memory: in kseg0, cached and not translated, and where the processor
 * can give a window onto RAM above that, there. The map is drawn in docs/architecture.md.
 */
#ifndef ARCH_MEMORY_H
#define ARCH_MEMORY_H

#include <corbel/types.h>

#define MEMORY_KSEG0_BASE  0x80000000u
#define MEMORY_KSEG0_SIZE  0x20000000u
#define MEMORY_KSEG1_BASE  0xa0000000u
#define MEMORY_WINDOW_BASE 0xc0000000u /* unmapped by segment control; see mmu.c */
#define MEMORY_WINDOW_HPA  0x80000000u

static inline void *arch_hpa_to_pointer(hpa_t address)
{
	uint32_t low = (uint32_t)address.raw;

	if (low < MEMORY_KSEG0_SIZE)
		return (void *)(uintptr_t)(MEMORY_KSEG0_BASE + low);
	return (void *)(uintptr_t)(MEMORY_WINDOW_BASE + (low - MEMORY_WINDOW_HPA));
}

static inline hpa_t arch_pointer_to_hpa(const void *pointer)
{
	uint32_t address = (uint32_t)(uintptr_t)pointer;

	if (address >= MEMORY_WINDOW_BASE)
		return HPA(address - MEMORY_WINDOW_BASE + MEMORY_WINDOW_HPA);
	return HPA(address - MEMORY_KSEG0_BASE);
}

#endif

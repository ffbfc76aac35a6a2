// SPDX-License-Identifier: BSD-2-Clause
/*
 * Paging for tests: Sv39 with the lowest 4 GiB mapped one to one, for the program itself, and a
 * window of single pages that a test maps as it likes. (Privileged specification, section "Sv39".)
 */
#ifndef SELFTEST_PAGING_H
#define SELFTEST_PAGING_H

#include <corbel/types.h>

#define PTE_V (1ul << 0)
#define PTE_R (1ul << 1)
#define PTE_W (1ul << 2)
#define PTE_X (1ul << 3)
#define PTE_U (1ul << 4)
#define PTE_G (1ul << 5)
#define PTE_A (1ul << 6)
#define PTE_D (1ul << 7)

#define PTE_RW	(PTE_V | PTE_R | PTE_W | PTE_A | PTE_D)
#define PTE_RWX (PTE_RW | PTE_X)

#define SATP_MODE_SV39 (8ul << 60)
#define SATP_MODE_SV48 (9ul << 60)
#define SATP_MODE_SV57 (10ul << 60)
#define SATP_MODE      (15ul << 60)
#define SATP_ASID      (0xfffful << 44)

/* The window: virtual address of its pages 0 to 511. */
#define WINDOW_BASE  0x2000000000ul
#define WINDOW(page) (WINDOW_BASE + (uint64_t)(page)*4096)

/* A leaf or pointer to the physical address. */
static inline uint64_t pte_make(uint64_t physical, uint64_t bits)
{
	return (physical >> 12) << 10 | bits;
}

/* Makes the tables afresh, with nothing in the window. Call it on one hart, first. */
void paging_prepare(void);

/* Turns paging on and off on this hart. Every test that turns it on turns it off. */
void paging_on(void);
void paging_off(void);

/* Turns on a mode with one or two levels more, then off; the mode that satp showed meanwhile. */
uint64_t paging_try(uint64_t mode);

/* Changes a page of the window; the caller fences. */
void window_set(unsigned int page, uint64_t pte);
uint64_t window_get(unsigned int page);

/* Changes the entry of the root that the window's pages hang from. */
void window_set_root(uint64_t pte);

static inline void fence_all(void)
{
	__asm__ volatile("sfence.vma" : : : "memory");
}

#endif

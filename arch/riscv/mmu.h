// SPDX-License-Identifier: BSD-2-Clause
/*
 * Corbel's own address space: Sv39, Sv48 or Sv57, high half. Guests' second stage is gmem.c.
 */
#ifndef RISCV_MMU_H
#define RISCV_MMU_H

#include <corbel/error.h>
#include <corbel/types.h>

/* Page-table entry bits. Priv 10.4.1; the same in G-stage tables. */
#define PTE_VALID     0x01ul
#define PTE_READ      0x02ul
#define PTE_WRITE     0x04ul
#define PTE_EXECUTE   0x08ul
#define PTE_USER      0x10ul
#define PTE_GLOBAL    0x20ul
#define PTE_ACCESSED  0x40ul
#define PTE_DIRTY     0x80ul
#define PTE_PBMT_IO   (2ul << 61)
#define PTE_LEAF_MASK (PTE_READ | PTE_WRITE | PTE_EXECUTE)

#define PTE_PPN_SHIFT	 10
#define PTE_ADDRESS_MASK 0x3ffffffffffc00ul

static inline uint64_t pte_make(hpa_t address, uint64_t flags)
{
	return (address.raw >> PAGE_SHIFT << PTE_PPN_SHIFT) | flags;
}

static inline hpa_t pte_address(uint64_t entry)
{
	return HPA((entry & PTE_ADDRESS_MASK) >> PTE_PPN_SHIFT << PAGE_SHIFT);
}

static inline bool pte_is_leaf(uint64_t entry)
{
	return (entry & PTE_LEAF_MASK) != 0;
}

/* How many bytes an entry of the level maps; level 0 is 4 KiB. */
static inline uint64_t pte_span(unsigned int level)
{
	return UINT64_C(1) << (PAGE_SHIFT + 9 * level);
}

/* Called by the boot code with translation off: fills the first tables, returns satp. */
uint64_t mmu_boot_tables(uint64_t image_address);

/*
 * Chooses the paging mode: what the boot arguments say (corbel.paging=sv39|sv48|sv57), else the
 * smallest that reaches all memory. Moves memory_direct_base, so pointers to physical memory made
 * before are stale. Boot, before anything else maps.
 */
int mmu_mode_select(uint64_t memory_end, struct error *error);

/* What satp holds on every hart. */
uint64_t mmu_satp(void);
const char *mmu_mode_name(void);

#endif

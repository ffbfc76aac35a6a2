// SPDX-License-Identifier: BSD-2-Clause
/*
 * The host's TLB. PRA, "TLB Organization"; the instructions are in "MIPS32 Architecture Volume
 * II-A". Two entries that match the same address are a machine check, even where neither is valid.
 */
#include <corbel/types.h>

#include "cp0.h"
#include "host_tlb.h"
#include "probe.h"
#include "processor.h"

#define PAGE_4K		0x1000u
#define PAGE_MASK_MAX	0x1fffe000u
#define PAGE_MASK_LEAST 0x1fffu

static uint32_t page_largest;

unsigned int host_tlb_size(void)
{
	return MIN(processor_tlb_size(), HOST_TLB_MAX);
}

uint32_t host_tlb_page_largest(void)
{
	return page_largest;
}

void host_tlb_write(unsigned int slot, uint32_t entryhi, uint32_t page, uint32_t entrylo0,
		    uint32_t entrylo1)
{
	c0_write(C0_INDEX, slot);
	c0_write(C0_ENTRYHI, entryhi);
	c0_write(C0_PAGEMASK, (2 * page - 1) & ~PAGE_MASK_LEAST);
	c0_write(C0_ENTRYLO0, entrylo0);
	c0_write(C0_ENTRYLO1, entrylo1);
	c0_hazard_barrier();
	__asm__ volatile("tlbwi" : : : "memory");
}

/* An address for each slot that nothing asks for. */
void host_tlb_invalidate(unsigned int slot)
{
	uint32_t entryhi = processor_has(PROCESSOR_EHINV) ? ENTRYHI_EHINV : 0x80000000u;

	host_tlb_write(slot, entryhi | slot << 13, PAGE_4K, 0, 0);
}

int host_tlb_find(uint32_t entryhi)
{
	uint32_t found;

	c0_write(C0_ENTRYHI, entryhi);
	c0_hazard_barrier();
	__asm__ volatile("tlbp" : : : "memory");
	c0_hazard_barrier();
	found = c0_read(C0_INDEX);
	return (found & INDEX_P) == 0 ? (int)found : -1;
}

void host_asid_enter(uint32_t asid)
{
	c0_write(C0_ENTRYHI, asid);
}

void host_tlb_init(void)
{
	c0_write(C0_WIRED, 0);
	/* Bits of sizes that there are not read 0. */
	c0_write(C0_PAGEMASK, PAGE_MASK_MAX);
	c0_hazard_barrier();
	page_largest = ((c0_read(C0_PAGEMASK) | PAGE_MASK_LEAST) + 1) / 2;
	for (unsigned int slot = 0; slot < processor_tlb_size(); slot++)
		host_tlb_invalidate(slot);
}

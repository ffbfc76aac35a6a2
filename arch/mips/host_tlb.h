// SPDX-License-Identifier: BSD-2-Clause
/*
 * The TLB of the host's processor: the instructions, and nothing of what its entries mean, which is
 * shadow.c's. A test puts a model in its place. Context of all: interrupts off.
 */
#ifndef MIPS_HOST_TLB_H
#define MIPS_HOST_TLB_H

#include <stdint.h>

/* Makes all entries of this CPU's TLB match nothing. CPU start, before the others. */
void host_tlb_init(void);

/* Entries that may be written, from 0 on; at most HOST_TLB_MAX. */
unsigned int host_tlb_size(void);
/* Bytes of the largest page that the processor knows; an entry holds two. */
uint32_t host_tlb_page_largest(void);

/* Writes an entry: pages of `page` bytes at the address in `entryhi`, under the ASID in it. */
void host_tlb_write(unsigned int slot, uint32_t entryhi, uint32_t page, uint32_t entrylo0,
		    uint32_t entrylo1);
/* Makes an entry match nothing. */
void host_tlb_invalidate(unsigned int slot);
/* The entry that matches the address and ASID in `entryhi`; -1: none does. */
int host_tlb_find(uint32_t entryhi);

/*
 * The ASID that accesses are translated with from now on: to be called before a guest is entered,
 * for each of the above changes it.
 */
void host_asid_enter(uint32_t asid);

#endif

// SPDX-License-Identifier: BSD-2-Clause
/*
 * The guest's own TLB: its entries, the instructions on them, the lookup. What the host's TLB holds
 * because of it is the shadow (mmu.c), which is told of each entry that goes.
 */
#ifndef MIPS_TLB_H
#define MIPS_TLB_H

#include <arch/types.h>

/*
 * The port's part, or a test's: forget what the host's TLB may hold because of this entry, which is
 * about to be overwritten or invalidated. For a global entry that is under any ASID.
 */
void shadow_entry_drop(struct arch_vcpu *vcpu, unsigned int index,
		       const struct guest_tlb_entry *entry);

/* All entries unusable. The shadow is not told: a reset forgets everything anyway. */
void guest_tlb_reset(struct arch_vcpu *vcpu);

/* The entry that matches under `asid`, whether valid or not; -1: none. */
int guest_tlb_find(const struct arch_vcpu *vcpu, uint32_t va, uint32_t asid);

/* Bytes of one page of the entry's pair. */
static inline uint32_t guest_tlb_page_size(const struct guest_tlb_entry *entry)
{
	return ((entry->mask | 0x1fff) + 1) >> 1;
}

/* The instructions. PRA "TLB instructions". */
void guest_tlbp(struct arch_vcpu *vcpu);
void guest_tlbr(struct arch_vcpu *vcpu);
void guest_tlbwi(struct arch_vcpu *vcpu);
void guest_tlbwr(struct arch_vcpu *vcpu);
void guest_tlbinv(struct arch_vcpu *vcpu);
void guest_tlbinvf(struct arch_vcpu *vcpu);

/* MFC0 Random; TLBWR takes the same. From tlb_size - 1 down to Wired. */
uint32_t guest_random_next(struct arch_vcpu *vcpu);

#endif

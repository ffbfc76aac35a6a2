// SPDX-License-Identifier: BSD-2-Clause
/*
 * The guest's TLB. PRA "TLB Organization" and the TLB instructions of Volume II-A. Several entries
 * may match one address; then the lowest counts, as nothing else is promised.
 */
#include <string.h>

#include <corbel/panic.h>

#include "cp0.h"
#include "tlb.h"

#define ENTRYLO_PAGE (ENTRYLO_PFN | ENTRYLO_CCA | ENTRYLO_D | ENTRYLO_V)

/*
 * Usable entries are found by chains: of the smallest pages one for each low part of the page
 * number, of all larger ones, which are few, another. A link is an index + 1; 0 ends a chain.
 */
static uint8_t *chain_of(struct arch_vcpu *vcpu, const struct guest_tlb_entry *entry)
{
	return &vcpu->tlb_chains[entry->mask == 0 ? entry->vpn2 >> 13 & (TLB_CHAINS - 1) :
						    TLB_CHAINS];
}

static void entry_link(struct arch_vcpu *vcpu, unsigned int index)
{
	uint8_t *first = chain_of(vcpu, &vcpu->tlb[index]);

	vcpu->tlb_links[index] = *first;
	*first = (uint8_t)(index + 1);
}

static void entry_unlink(struct arch_vcpu *vcpu, unsigned int index)
{
	uint8_t *link = chain_of(vcpu, &vcpu->tlb[index]);

	while (*link != index + 1) {
		ASSERT(*link != 0);
		link = &vcpu->tlb_links[*link - 1];
	}
	*link = vcpu->tlb_links[index];
}

void guest_tlb_reset(struct arch_vcpu *vcpu)
{
	memset(vcpu->tlb, 0, sizeof(vcpu->tlb));
	memset(vcpu->tlb_chains, 0, sizeof(vcpu->tlb_chains));
}

static bool entry_matches(const struct guest_tlb_entry *entry, uint32_t va, uint32_t asid)
{
	return ((entry->vpn2 ^ va) & ~(entry->mask | 0x1fff)) == 0 &&
	       (entry->global || entry->asid == asid);
}

/* The lower of `found`, unless it is -1, and the first of the chain that matches. */
static int chain_find(const struct arch_vcpu *vcpu, unsigned int link, uint32_t va, uint32_t asid,
		      int found)
{
	for (; link != 0; link = vcpu->tlb_links[link - 1])
		if (entry_matches(&vcpu->tlb[link - 1], va, asid) &&
		    (found < 0 || (int)link - 1 < found))
			found = (int)link - 1;
	return found;
}

int guest_tlb_find(const struct arch_vcpu *vcpu, uint32_t va, uint32_t asid)
{
	int found = chain_find(vcpu, vcpu->tlb_chains[va >> 13 & (TLB_CHAINS - 1)], va, asid, -1);

	return chain_find(vcpu, vcpu->tlb_chains[TLB_CHAINS], va, asid, found);
}

/* Index can hold no more than there are entries, but a mask is cheap and its absence would not be.
 */
static unsigned int indexed(const struct arch_vcpu *vcpu)
{
	return vcpu->cp0[CP0_INDEX] & (vcpu->tlb_size - 1);
}

static void entry_drop(struct arch_vcpu *vcpu, unsigned int index)
{
	ASSERT(index < vcpu->tlb_size);
	if (!vcpu->tlb[index].usable)
		return;
	shadow_entry_drop(vcpu, index, &vcpu->tlb[index]);
	entry_unlink(vcpu, index);
	vcpu->tlb[index].usable = false;
}

static void entry_write(struct arch_vcpu *vcpu, unsigned int index)
{
	const uint32_t *cp0 = vcpu->cp0;
	struct guest_tlb_entry *entry = &vcpu->tlb[index];

	entry_drop(vcpu, index);
	entry->mask = cp0[CP0_PAGEMASK];
	entry->vpn2 = cp0[CP0_ENTRYHI] & ENTRYHI_VPN2 & ~entry->mask;
	entry->asid = (uint8_t)(cp0[CP0_ENTRYHI] & ENTRYHI_ASID);
	entry->entrylo[0] = cp0[CP0_ENTRYLO0] & ENTRYLO_PAGE;
	entry->entrylo[1] = cp0[CP0_ENTRYLO1] & ENTRYLO_PAGE;
	entry->global = (cp0[CP0_ENTRYLO0] & cp0[CP0_ENTRYLO1] & ENTRYLO_G) != 0;
	entry->usable = (cp0[CP0_ENTRYHI] & ENTRYHI_EHINV) == 0;
	if (entry->usable)
		entry_link(vcpu, index);
}

void guest_tlbp(struct arch_vcpu *vcpu)
{
	int found = guest_tlb_find(vcpu, vcpu->cp0[CP0_ENTRYHI] & ENTRYHI_VPN2, guest_asid(vcpu));

	vcpu->cp0[CP0_INDEX] = found >= 0 ? (uint32_t)found : INDEX_P;
}

/* An entry that was invalidated reads as EHINV and nothing else, its ASID too. */
void guest_tlbr(struct arch_vcpu *vcpu)
{
	const struct guest_tlb_entry *entry = &vcpu->tlb[indexed(vcpu)];
	uint32_t global = entry->global ? ENTRYLO_G : 0;
	uint32_t *cp0 = vcpu->cp0;
	uint32_t old = guest_asid(vcpu);

	if (entry->usable) {
		cp0[CP0_ENTRYHI] = entry->vpn2 | entry->asid;
		cp0[CP0_PAGEMASK] = entry->mask;
		cp0[CP0_ENTRYLO0] = entry->entrylo[0] | global;
		cp0[CP0_ENTRYLO1] = entry->entrylo[1] | global;
	} else {
		cp0[CP0_ENTRYHI] = (cp0[CP0_CONFIG4] & CONFIG4_IE) != 0 ? ENTRYHI_EHINV : 0;
		cp0[CP0_PAGEMASK] = 0;
		cp0[CP0_ENTRYLO0] = 0;
		cp0[CP0_ENTRYLO1] = 0;
	}
	if (guest_asid(vcpu) != old)
		vcpu->changes |= GUEST_CHANGE_ASID;
}

void guest_tlbwi(struct arch_vcpu *vcpu)
{
	entry_write(vcpu, indexed(vcpu));
}

void guest_tlbwr(struct arch_vcpu *vcpu)
{
	entry_write(vcpu, guest_random_next(vcpu));
}

/* Those of the ASID in EntryHi, but for global ones. The whole TLB is one set. */
void guest_tlbinv(struct arch_vcpu *vcpu)
{
	for (unsigned int i = 0; i < vcpu->tlb_size; i++)
		if (!vcpu->tlb[i].global && vcpu->tlb[i].asid == guest_asid(vcpu))
			entry_drop(vcpu, i);
}

void guest_tlbinvf(struct arch_vcpu *vcpu)
{
	for (unsigned int i = 0; i < vcpu->tlb_size; i++)
		entry_drop(vcpu, i);
}

uint32_t guest_random_next(struct arch_vcpu *vcpu)
{
	uint32_t wired = vcpu->cp0[CP0_WIRED], now = vcpu->random;

	if (now < wired || now >= vcpu->tlb_size)
		now = vcpu->tlb_size - 1;
	vcpu->random = now > wired ? now - 1 : vcpu->tlb_size - 1;
	return now;
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Where a guest's virtual address leads: the map's segments, then the guest's TLB. Not the shadow
 * in the host's TLB, which is made of this.
 */
#include "emulate.h"

/* Cacheability attributes that go past the caches. */
#define CCA_UNCACHED		 2u
#define CCA_UNCACHED_ACCELERATED 7u

static bool cca_is_cached(uint32_t cca)
{
	return cca != CCA_UNCACHED && cca != CCA_UNCACHED_ACCELERATED;
}

static void unmapped_translate(const struct arch_vcpu *vcpu, const struct segment *segment,
			       uint32_t va, struct guest_translation *out)
{
	*out = (struct guest_translation){
		.gpa = GPA(segment->physical + (va - segment->first)),
		.va_base = segment->first,
		.gpa_base = GPA(segment->physical),
		.size = segment->last - segment->first + 1,
		.writable = true,
		.cached = segment->kind == SEGMENT_CACHED &&
			  cca_is_cached(vcpu->cp0[CP0_CONFIG] & CONFIG_K0),
		.global = true,
		.tlb_index = -1,
	};
}

static enum translation_fault entry_fault(uint32_t entrylo, enum guest_access access)
{
	if ((entrylo & ENTRYLO_V) == 0)
		return TRANSLATION_INVALID;
	if (access == GUEST_ACCESS_STORE && (entrylo & ENTRYLO_D) == 0)
		return TRANSLATION_MODIFIED;
	return TRANSLATION_FINE;
}

static void mapped_translate(const struct arch_vcpu *vcpu, uint32_t va, enum guest_access access,
			     struct guest_translation *out)
{
	int index = guest_tlb_find(vcpu, va, guest_asid(vcpu));
	const struct guest_tlb_entry *entry = &vcpu->tlb[MAX(index, 0)];
	uint32_t size = guest_tlb_page_size(entry);
	uint32_t entrylo = entry->entrylo[(va & size) != 0];
	uint64_t base = (uint64_t)(entrylo & ENTRYLO_PFN) << 6 & ~((uint64_t)size - 1);

	*out = (struct guest_translation){
		.fault = index < 0 ? TRANSLATION_REFILL : entry_fault(entrylo, access),
		.gpa = GPA(base + (va & (size - 1))),
		.va_base = va & ~(size - 1),
		.gpa_base = GPA(base),
		.size = size,
		.mapped = true,
		.writable = (entrylo & ENTRYLO_D) != 0,
		.cached = cca_is_cached((entrylo & ENTRYLO_CCA) >> 3),
		.global = entry->global,
		.tlb_index = index,
	};
}

bool guest_translate_as(const struct arch_vcpu *vcpu, enum guest_mode mode, uint32_t va,
			enum guest_access access, struct guest_translation *out)
{
	const struct segment *segment = segment_find(vcpu->map, mode, va);

	if (segment == NULL)
		*out = (struct guest_translation){ .fault = TRANSLATION_ADDRESS_ERROR,
						   .tlb_index = -1 };
	else if (segment->kind == SEGMENT_MAPPED)
		mapped_translate(vcpu, va, access, out);
	else
		unmapped_translate(vcpu, segment, va, out);
	return out->fault == TRANSLATION_FINE;
}

bool guest_translate(const struct arch_vcpu *vcpu, uint32_t va, enum guest_access access,
		     struct guest_translation *out)
{
	return guest_translate_as(vcpu, guest_mode(vcpu), va, access, out);
}

void guest_translation_fault(struct arch_vcpu *vcpu, uint32_t va, enum guest_access access,
			     const struct guest_translation *failed)
{
	bool store = access == GUEST_ACCESS_STORE;

	switch (failed->fault) {
	case TRANSLATION_FINE:
		return;
	case TRANSLATION_ADDRESS_ERROR:
		guest_exception_address(
			vcpu, store ? EXCEPTION_ADDRESS_STORE : EXCEPTION_ADDRESS_LOAD, va);
		return;
	case TRANSLATION_MODIFIED:
		guest_exception_tlb(vcpu, EXCEPTION_MODIFIED, false, va);
		return;
	case TRANSLATION_REFILL:
	case TRANSLATION_INVALID:
		guest_exception_tlb(vcpu, store ? EXCEPTION_TLB_STORE : EXCEPTION_TLB_LOAD,
				    failed->fault == TRANSLATION_REFILL, va);
		return;
	}
}

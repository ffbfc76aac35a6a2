// SPDX-License-Identifier: BSD-2-Clause
/*
 * The shadow: entries of the host's TLB made out of a guest's segments, its TLB and its memory. It
 * is made when the guest touches something, and taken away when the guest's own entry goes.
 *
 * All of a guest runs in the host's user mode, so the host's ASIDs tell its modes apart. A space is
 * user mode under one of the guest's ASIDs, kernel mode under one, or ERL; each gets a host ASID
 * when it is first entered. When a CPU has no more of them, its TLB is emptied and all begin anew:
 * that is a generation.
 */
#include <string.h>

#include <corbel/arch.h>
#include <corbel/guest.h>
#include <corbel/panic.h>

#include "host_tlb.h"
#include "shadow.h"

#define ASID_COUNT	 256u
#define GENERATION_SHIFT 8
#define GENERATION_MAX	 0xffffffu

#define CCA_UNCACHED 2u
#define CCA_CACHED   3u

#define PAGE_4K 0x1000u

/* fast.S */
extern const uint32_t fast_table_kernel[], fast_table_user[], fast_table_none[];

static uint32_t last_tag; /* atomic */

/* ---- the host's TLB ---- */

static void slot_forget(struct arch_cpu *cpu, unsigned int slot)
{
	host_tlb_invalidate(slot);
	cpu->tlb[slot] = (struct host_tlb_slot){ 0 };
}

static void tlb_empty(struct arch_cpu *cpu)
{
	for (unsigned int slot = 0; slot < host_tlb_size(); slot++)
		slot_forget(cpu, slot);
}

void shadow_cpu_init(void)
{
	struct arch_cpu *cpu = &cpu_self()->arch;

	host_tlb_init();
	memset(cpu->tlb, 0, sizeof(cpu->tlb));
	cpu->tlb_next = 0;
	cpu->asid_era = 1;
	cpu->asid_generation = 1;
	cpu->asid_next = 1;
}

/* ---- spaces ---- */

static unsigned int space_now(const struct arch_vcpu *vcpu)
{
	switch (guest_mode(vcpu)) {
	case GUEST_MODE_USER:
		return guest_asid(vcpu);
	case GUEST_MODE_KERNEL:
		return ASID_COUNT + guest_asid(vcpu);
	case GUEST_MODE_ERROR:
		break;
	}
	return 2 * ASID_COUNT + guest_asid(vcpu);
}

static uint32_t asid_take(struct arch_cpu *cpu)
{
	if (cpu->asid_next == ASID_COUNT) {
		tlb_empty(cpu);
		cpu->asid_generation++;
		cpu->asid_next = 1;
	}
	if (cpu->asid_generation > GENERATION_MAX) {
		/* What was given out long ago must not be taken for new. */
		cpu->asid_era++;
		cpu->asid_generation = 1;
	}
	return cpu->asid_generation << GENERATION_SHIFT | cpu->asid_next++;
}

static void asids_forget(struct arch_vcpu *vcpu)
{
	/* ASIDs of generation 0 are nothing's. */
	memset(vcpu->shadow_asids, 0, sizeof(vcpu->shadow_asids));
}

/* The host's ASID of the space that the guest is in. */
static uint32_t asid_now(struct arch_vcpu *vcpu)
{
	struct arch_cpu *cpu = &cpu_self()->arch;
	uint32_t *asid = &vcpu->shadow_asids[space_now(vcpu)];
	uint32_t taken;

	if (*asid >> GENERATION_SHIFT == cpu->asid_generation)
		return *asid & (ASID_COUNT - 1);
	taken = asid_take(cpu);
	if (vcpu->shadow_era != cpu->asid_era) {
		asids_forget(vcpu);
		vcpu->shadow_era = cpu->asid_era;
	}
	*asid = taken;
	return taken & (ASID_COUNT - 1);
}

/* The host's ASID of a space that has one already, else 0. */
static uint32_t asid_known(const struct arch_vcpu *vcpu, unsigned int space)
{
	uint32_t asid = vcpu->shadow_asids[space] ^ vcpu->shadow_generation;

	return asid < ASID_COUNT ? asid : 0;
}

void shadow_space_enter(struct vcpu *vcpu)
{
	struct arch_vcpu *arch = &vcpu->arch;
	uint32_t asid = asid_now(arch);

	arch->shadow_generation = cpu_self()->arch.asid_generation << GENERATION_SHIFT;
	/* What fast.S may enter by itself. */
	arch->entryhi_user = asid_known(arch, guest_asid(arch));
	arch->entryhi_kernel = asid_known(arch, ASID_COUNT + guest_asid(arch));
	switch (guest_mode(arch)) {
	case GUEST_MODE_USER:
		arch->fast_table = fast_table_user;
		break;
	case GUEST_MODE_KERNEL:
		arch->fast_table = fast_table_kernel;
		break;
	case GUEST_MODE_ERROR:
		arch->fast_table = fast_table_none;
		break;
	}
	host_asid_enter(asid);
}

void shadow_forget(struct vcpu *vcpu)
{
	struct arch_vcpu *arch = &vcpu->arch;

	/* Entries with an old tag are nobody's. */
	arch->shadow_tag = __atomic_add_fetch(&last_tag, 1, __ATOMIC_RELAXED);
	memset(arch->shadow_slots, 0, sizeof(arch->shadow_slots));
	asids_forget(arch);
	arch->changes |= GUEST_CHANGE_ASID;
}

bool shadow_load(struct vcpu *vcpu)
{
	struct arch_vcpu *arch = &vcpu->arch;
	struct cpu *cpu = cpu_self();
	bool moved = arch->shadow_cpu != cpu || arch->shadow_era != cpu->arch.asid_era;

	if (moved) {
		shadow_forget(vcpu);
		arch->shadow_cpu = cpu;
		arch->shadow_era = cpu->arch.asid_era;
	}
	arch->changes |= GUEST_CHANGE_ASID;
	return moved;
}

/* ---- entries ---- */

void shadow_entry_drop(struct arch_vcpu *vcpu, unsigned int index,
		       const struct guest_tlb_entry *entry)
{
	struct arch_cpu *cpu = &cpu_self()->arch;
	uint64_t slots = vcpu->shadow_slots[index];

	(void)entry;
	if (slots == 0)
		return;
	vcpu->shadow_slots[index] = 0;
	for (unsigned int slot = 0; slots != 0; slot++, slots >>= 1) {
		if ((slots & 1) == 0 || cpu->tlb[slot].tag != vcpu->shadow_tag ||
		    cpu->tlb[slot].index != index)
			continue;
		slot_forget(cpu, slot);
	}
	/* EntryHi was needed for something else. */
	vcpu->changes |= GUEST_CHANGE_ASID;
}

/* RAM is cached whatever the guest thinks, so that nobody sees two versions of it. */
static uint32_t entrylo_make(const struct gmem_piece *piece, gpa_t gpa, bool writable)
{
	uint32_t entrylo = (uint32_t)(gmem_hpa(piece, gpa).raw >> PAGE_SHIFT) << 6 | ENTRYLO_V;

	entrylo |= ((piece->flags & GMEM_DEVICE) != 0 ? CCA_UNCACHED : CCA_CACHED) << 3;
	if (writable && (piece->flags & GMEM_WRITE) != 0)
		entrylo |= ENTRYLO_D;
	return entrylo;
}

/* Whether one entry with pages of this size around `va` would hold nothing but this. */
static bool page_fits(uint32_t va, uint32_t page, const struct guest_translation *translation,
		      const struct gmem_piece *piece)
{
	uint64_t size = translation->size != 0 ? translation->size : GIB(4);
	uint32_t first = va & ~(2 * page - 1);
	uint64_t offset = (uint64_t)first - translation->va_base;
	uint64_t gpa = translation->gpa_base.raw + offset;

	if (first < translation->va_base || offset + 2 * page > size)
		return false;
	if (gpa < piece->gpa || gpa + 2 * page > piece->gpa + piece->size)
		return false;
	return IS_ALIGNED(gmem_hpa(piece, GPA(gpa)).raw, page);
}

/*
 * The largest size that fits: the same for each address of the pair, so that no two entries of the
 * shadow overlap. 0: none does, the two pages of a small pair lead to different places.
 */
static uint32_t page_choose(uint32_t va, const struct guest_translation *translation,
			    const struct gmem_piece *piece)
{
	uint32_t page = host_tlb_page_largest();

	/* Most are of the guest's smallest pages. */
	if (translation->size == PAGE_4K)
		return 0;
	while (page >= PAGE_4K && !page_fits(va, page, translation, piece))
		page /= 4;
	return page >= PAGE_4K ? page : 0;
}

/* The same for half of a guest's entry with the smallest pages. */
static uint32_t half_entrylo(const struct vcpu *vcpu, uint32_t entrylo)
{
	gpa_t gpa = GPA((uint64_t)(entrylo & ENTRYLO_PFN) << 6);
	const struct gmem_piece *piece;

	if ((entrylo & ENTRYLO_V) == 0)
		return 0;
	piece = gmem_find(vcpu->guest, gpa);
	return piece != NULL ? entrylo_make(piece, gpa, (entrylo & ENTRYLO_D) != 0) : 0;
}

/* EntryLo for a small page on its own; 0 where the guest has nothing there, or a device. */
static uint32_t page_entrylo(const struct vcpu *vcpu, uint32_t va)
{
	struct guest_translation translation;
	const struct gmem_piece *piece;

	if (!guest_translate(&vcpu->arch, va, GUEST_ACCESS_LOAD, &translation))
		return 0;
	piece = gmem_find(vcpu->guest, translation.gpa);
	return piece != NULL ? entrylo_make(piece, translation.gpa, translation.writable) : 0;
}

/* Forgets what else is in the 2 * `page` bytes from `first` on, under that ASID. */
static void overlaps_forget(struct arch_cpu *cpu, uint32_t first, uint32_t page, uint32_t asid)
{
	uint32_t last = first + 2 * page - 1;

	for (unsigned int i = 0; i < host_tlb_size(); i++) {
		const struct host_tlb_slot *slot = &cpu->tlb[i];

		if (slot->page != 0 && slot->asid == asid && slot->first <= last &&
		    first <= slot->first + 2 * slot->page - 1)
			slot_forget(cpu, i);
	}
}

/*
 * Where the pair goes: over an entry that matches already, else over the oldest. A small pair can
 * overlap with no more than one; what else a large one would cover is there only if the guest's own
 * entries overlap, or have.
 */
static unsigned int slot_choose(struct arch_cpu *cpu, uint32_t first, uint32_t page, uint32_t asid)
{
	int found = -1;
	unsigned int slot = cpu->tlb_next;

	if (page == PAGE_4K)
		found = host_tlb_find(first | asid);
	else
		overlaps_forget(cpu, first, page, asid);
	if (found >= 0 && (unsigned int)found < host_tlb_size())
		return (unsigned int)found;
	cpu->tlb_next = slot + 1 == host_tlb_size() ? 0 : slot + 1;
	return slot;
}

void shadow_fill(struct vcpu *vcpu, uint32_t va, const struct guest_translation *translation,
		 const struct gmem_piece *piece)
{
	struct arch_cpu *cpu = &cpu_self()->arch;
	uint32_t page = page_choose(va, translation, piece);
	uint32_t asid = asid_now(&vcpu->arch);
	uint32_t first, entrylo0, entrylo1;
	unsigned int slot;

	if (translation->mapped && translation->size == PAGE_4K) {
		const struct guest_tlb_entry *entry = &vcpu->arch.tlb[translation->tlb_index];

		page = PAGE_4K;
		first = va & ~(2 * page - 1);
		entrylo0 = half_entrylo(vcpu, entry->entrylo[0]);
		entrylo1 = half_entrylo(vcpu, entry->entrylo[1]);
	} else if (page != 0) {
		first = va & ~(2 * page - 1);
		entrylo0 = entrylo_make(
			piece, GPA(translation->gpa_base.raw + (first - translation->va_base)),
			translation->writable);
		entrylo1 = entrylo0 + (page >> PAGE_SHIFT << 6);
	} else {
		page = PAGE_4K;
		first = va & ~(2 * page - 1);
		entrylo0 = page_entrylo(vcpu, first);
		entrylo1 = page_entrylo(vcpu, first + page);
	}
	slot = slot_choose(cpu, first, page, asid);
	host_tlb_write(slot, first | asid, page, entrylo0, entrylo1);
	cpu->tlb[slot] = (struct host_tlb_slot){
		.first = first,
		.page = page,
		.tag = vcpu->arch.shadow_tag,
		.asid = (uint8_t)asid,
		.index = translation->tlb_index >= 0 ? (uint8_t)translation->tlb_index :
						       SHADOW_UNMAPPED,
	};
	if (translation->tlb_index >= 0)
		vcpu->arch.shadow_slots[translation->tlb_index] |= UINT64_C(1) << slot;
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Reads a guest's own page tables. Priv 10.3.2, without rights, accessed and dirty bits: those have
 * been checked by the hardware when this is asked. At most five levels.
 */
#include <corbel/guest.h>

#include "csr.h"
#include "mmu.h"
#include "walk.h"

#define SATP_PPN_MASK ((UINT64_C(1) << 44) - 1)
#define ENTRIES	      512u
/* Svnapot: a leaf of level 0 stands for 64 KiB, told by a pattern in its lowest bits. */
#define PTE_NAPOT     (UINT64_C(1) << 63)
#define NAPOT_SIZE    KIB(64)

static unsigned int levels_of(uint64_t satp)
{
	uint64_t mode = satp >> ATP_MODE_SHIFT;

	return mode >= SATP_MODE_SV39 && mode <= SATP_MODE_SV57 ? (unsigned int)mode - 5 : 0;
}

static gpa_t leaf_address(uint64_t entry, uint64_t address, unsigned int level)
{
	uint64_t span = level == 0 && (entry & PTE_NAPOT) != 0 ? NAPOT_SIZE : pte_span(level);
	uint64_t page = (entry & PTE_ADDRESS_MASK) >> PTE_PPN_SHIFT << PAGE_SHIFT;

	return GPA(ALIGN_DOWN(page, span) | (address & (span - 1)));
}

/* Priv 10.3.2, 10.4, 10.5: the bits above those that are translated repeat the highest of them. */
static bool is_canonical(uint64_t address, unsigned int levels)
{
	unsigned int unused = 64 - PAGE_SHIFT - 9 * levels;

	return (uint64_t)((int64_t)(address << unused) >> unused) == address;
}

bool guest_walk(const struct vcpu *vcpu, uint64_t satp, uint64_t address, gpa_t *out)
{
	gpa_t table = GPA((satp & SATP_PPN_MASK) << PAGE_SHIFT);
	unsigned int level = levels_of(satp);

	*out = GPA(address);
	if (level == 0)
		return true;
	if (!is_canonical(address, level))
		return false;
	while (level-- > 0) {
		uint64_t index = (address >> (PAGE_SHIFT + 9 * level)) % ENTRIES;
		uint64_t entry;

		if (guest_memory_read(vcpu->guest, gpa_add(table, 8 * index), &entry,
				      sizeof(entry)) != 0 ||
		    (entry & PTE_VALID) == 0)
			return false;
		if (pte_is_leaf(entry)) {
			*out = leaf_address(entry, address, level);
			return true;
		}
		table = GPA(pte_address(entry).raw);
	}
	return false;
}

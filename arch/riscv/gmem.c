// SPDX-License-Identifier: BSD-2-Clause
/*
 * Guests' second stage: Sv39x4, Sv48x4 or Sv57x4 tables and VMIDs. Corbel's own tables are mmu.c.
 * Priv 15.5: the root is four times as large as an Sv39 root, entries are as in the first stage and
 * carry the U bit. Accessed and dirty are set beforehand, for harts that would fault (Svade).
 */
#include <errno.h>
#include <string.h>

#include <libfdt.h>

#include <corbel/arch.h>
#include <corbel/bootargs.h>
#include <corbel/guest.h>
#include <corbel/log.h>
#include <corbel/page.h>
#include <corbel/panic.h>
#include <corbel/spinlock.h>
#include <corbel/tree.h>

#include "csr.h"
#include "features.h"
#include "gmem.h"
#include "mmu.h"
#include "sbi_host.h"

#define ROOT_ORDER    2u
#define ROOT_ENTRIES  2048u
#define TABLE_ENTRIES 512u
#define VMID_MAX      1024u /* as many guests as there may be at once */

struct stage_mode {
	const char *name;
	const char *bootarg; /* asks for it */
	uint64_t hgatp_mode;
	unsigned int levels;
};

static const struct stage_mode stage_modes[] = {
	{ "sv39x4", "corbel.gstage=sv39x4", SATP_MODE_SV39, 3 },
	{ "sv48x4", "corbel.gstage=sv48x4", SATP_MODE_SV48, 4 },
	{ "sv57x4", "corbel.gstage=sv57x4", SATP_MODE_SV57, 5 },
};

static const struct stage_mode *mode;
static unsigned int vmid_bits;
static uint64_t vmids_used[VMID_MAX / 64];
static struct spinlock vmid_lock = SPINLOCK_INIT;

/* Writing a mode that the hart lacks reads back as another. Priv 15.2.10. */
static bool mode_exists(const struct stage_mode *candidate)
{
	uint64_t value = candidate->hgatp_mode << ATP_MODE_SHIFT;
	bool exists;

	csr_write(CSR_HGATP, value);
	exists = csr_read(CSR_HGATP) >> ATP_MODE_SHIFT == candidate->hgatp_mode;
	csr_write(CSR_HGATP, 0);
	return exists;
}

/* The first mode that the hart has; `asked`: only one that the boot arguments name. */
static const struct stage_mode *mode_choose(bool asked)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(stage_modes); i++)
		if ((!asked || bootargs_has(stage_modes[i].bootarg)) &&
		    mode_exists(&stage_modes[i]))
			return &stage_modes[i];
	return NULL;
}

/* Bits of the VMID that are not there read back as zero. Priv 15.2.10. */
static unsigned int vmid_bits_count(void)
{
	unsigned int bits = 0;

	csr_write(CSR_HGATP,
		  (mode->hgatp_mode << ATP_MODE_SHIFT) | (HGATP_VMID_MASK << HGATP_VMID_SHIFT));
	for (uint64_t vmid = csr_read(CSR_HGATP) >> HGATP_VMID_SHIFT & HGATP_VMID_MASK; vmid != 0;
	     vmid >>= 1)
		bits++;
	csr_write(CSR_HGATP, 0);
	return bits;
}

int gmem_init(void)
{
	mode = mode_choose(true);
	if (mode == NULL)
		mode = mode_choose(false);
	if (mode == NULL)
		return -ENODEV;
	vmid_bits = vmid_bits_count();
	hfence_gvma_all();
	return 0;
}

const char *gmem_mode_name(void)
{
	return mode->name;
}

unsigned int gmem_vmid_bits(void)
{
	return vmid_bits;
}

bool gmem_vmid_is_shared(void)
{
	return vmid_bits == 0;
}

/* VMID 0 is kept for "no guest", but where it is the only one. */
static int vmid_take(unsigned int *out)
{
	unsigned int count = MIN(1u << vmid_bits, VMID_MAX);
	unsigned long flags;
	int result = -ENOSPC;

	*out = 0;
	if (gmem_vmid_is_shared())
		return 0;
	flags = spin_lock_irqsave(&vmid_lock);
	for (unsigned int vmid = 1; vmid < count; vmid++) {
		if ((vmids_used[vmid / 64] >> (vmid % 64) & 1) != 0)
			continue;
		vmids_used[vmid / 64] |= UINT64_C(1) << (vmid % 64);
		*out = vmid;
		result = 0;
		break;
	}
	spin_unlock_irqrestore(&vmid_lock, flags);
	return result;
}

/* Only once no hart remembers anything under it. */
static void vmid_release(unsigned int vmid)
{
	unsigned long flags;

	sbi_host_remote_hfence_gvma(vmid);
	flags = spin_lock_irqsave(&vmid_lock);
	vmids_used[vmid / 64] &= ~(UINT64_C(1) << (vmid % 64));
	spin_unlock_irqrestore(&vmid_lock, flags);
}

int arch_guest_init(struct guest *guest, struct error *error)
{
	struct arch_guest *arch = &guest->arch;

	if (vmid_take(&arch->vmid) != 0)
		return error_set(error, -ENOSPC, "every VMID of this processor is taken");
	if (page_alloc_zeroed(ROOT_ORDER, PAGE_USE_TABLE, &arch->root) != 0) {
		vmid_release(arch->vmid);
		return error_set(error, -ENOMEM, "no memory for the guest's page tables");
	}
	arch->levels = mode->levels;
	arch->hgatp = (mode->hgatp_mode << ATP_MODE_SHIFT) |
		      ((uint64_t)arch->vmid << HGATP_VMID_SHIFT) | (arch->root.raw >> PAGE_SHIFT);
	return 0;
}

/* Frees the tables below one; at most four levels deep. */
static void tables_free(uint64_t *table, unsigned int entries)
{
	for (unsigned int i = 0; i < entries; i++) {
		hpa_t below = pte_address(table[i]);

		if ((table[i] & PTE_VALID) == 0 || pte_is_leaf(table[i]))
			continue;
		tables_free(arch_hpa_to_pointer(below), TABLE_ENTRIES);
		page_free(below, 0, PAGE_USE_TABLE);
	}
}

void arch_guest_destroy(struct guest *guest)
{
	struct arch_guest *arch = &guest->arch;

	vmid_release(arch->vmid);
	tables_free(arch_hpa_to_pointer(arch->root), ROOT_ENTRIES);
	page_free(arch->root, ROOT_ORDER, PAGE_USE_TABLE);
}

uint64_t arch_gmem_limit(const struct guest *guest)
{
	/* Two bits more than the first stage of as many levels. */
	return UINT64_C(1) << (PAGE_SHIFT + 9 * guest->arch.levels + 2);
}

/*
 * The entry for an address at the lowest level that is there already, or at `want`; the level found
 * goes to `*level`. With `make`, missing tables are made; NULL: no memory.
 */
static uint64_t *entry_find(const struct guest *guest, uint64_t address, unsigned int want,
			    bool make, unsigned int *level)
{
	uint64_t *table = arch_hpa_to_pointer(guest->arch.root);
	unsigned int entries = ROOT_ENTRIES;

	for (*level = guest->arch.levels - 1;; --*level) {
		uint64_t *entry = &table[(address >> (PAGE_SHIFT + 9 * *level)) % entries];
		hpa_t below;

		if (*level == want || pte_is_leaf(*entry))
			return entry;
		if ((*entry & PTE_VALID) == 0) {
			if (!make)
				return entry;
			if (page_alloc_zeroed(0, PAGE_USE_TABLE, &below) != 0)
				return NULL;
			*entry = pte_make(below, PTE_VALID);
		}
		table = arch_hpa_to_pointer(pte_address(*entry));
		entries = TABLE_ENTRIES;
	}
}

/* The largest page that alignment and size allow here. */
static unsigned int level_fitting(const struct guest *guest, uint64_t address, uint64_t target,
				  uint64_t size)
{
	unsigned int level = 0;

	while (level + 1 < guest->arch.levels && level < 2 && size >= pte_span(level + 1) &&
	       IS_ALIGNED(address | target, pte_span(level + 1)))
		level++;
	return level;
}

static uint64_t leaf_flags(unsigned int flags)
{
	uint64_t bits = PTE_VALID | PTE_USER | PTE_ACCESSED | PTE_DIRTY;

	bits |= (flags & GMEM_READ) != 0 ? PTE_READ : 0;
	bits |= (flags & GMEM_WRITE) != 0 ? PTE_WRITE : 0;
	bits |= (flags & GMEM_EXECUTE) != 0 ? PTE_EXECUTE : 0;
	if ((flags & GMEM_DEVICE) != 0 && cpu_has(FEATURE_SVPBMT))
		bits |= PTE_PBMT_IO;
	return bits;
}

int arch_gmem_map(struct guest *guest, gpa_t gpa, hpa_t hpa, uint64_t size, unsigned int flags)
{
	uint64_t limit = arch_gmem_limit(guest);
	uint64_t done = 0;
	int result = 0;

	ASSERT(IS_ALIGNED(gpa.raw | hpa.raw | size, PAGE_SIZE));
	if (size > limit || gpa.raw > limit - size)
		return -ERANGE;
	while (done < size) {
		unsigned int found;
		unsigned int level =
			level_fitting(guest, gpa.raw + done, hpa.raw + done, size - done);
		uint64_t *entry = entry_find(guest, gpa.raw + done, level, true, &found);

		if (entry == NULL || *entry != 0) {
			result = entry == NULL ? -ENOMEM : -EEXIST;
			break;
		}
		*entry = pte_make(hpa_add(hpa, done), leaf_flags(flags));
		done += pte_span(level);
	}
	if (result != 0)
		arch_gmem_unmap(guest, gpa, done);
	return result;
}

void arch_gmem_unmap(struct guest *guest, gpa_t gpa, uint64_t size)
{
	uint64_t done = 0;

	while (done < size) {
		unsigned int level;
		uint64_t *entry = entry_find(guest, gpa.raw + done, 0, false, &level);

		if (pte_is_leaf(*entry)) {
			ASSERT(IS_ALIGNED(gpa.raw + done, pte_span(level)));
			ASSERT(size - done >= pte_span(level));
			*entry = 0;
		}
		done += pte_span(level) - (gpa.raw + done) % pte_span(level);
	}
	if (size > 0)
		sbi_host_remote_hfence_gvma(guest->arch.vmid);
}

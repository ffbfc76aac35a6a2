// SPDX-License-Identifier: BSD-2-Clause
/*
 * Corbel's own page tables. Not the guests' second stage (gmem.c).
 *
 *	0xffffffff80000000	the image, each section with its own rights
 *	0xfffffff000000000	stacks (with guards) and device registers, 4 KiB pages
 *	memory_direct_base	all physical memory, never executable:
 *				0xffffffc000000000 with Sv39 (192 GiB), 0xffff800000000000 with
 *Sv48, 0xff00000000000000 with Sv57
 *
 * The last entry of an Sv57 root leads to an Sv48 root whose last leads to an Sv39 root, so image
 * and mappings stand at the same addresses in each mode.
 */
#include <errno.h>
#include <string.h>

#include <corbel/arch.h>
#include <corbel/bootargs.h>
#include <corbel/host_memory.h>
#include <corbel/page.h>
#include <corbel/panic.h>
#include <corbel/spinlock.h>

#include "csr.h"
#include "features.h"
#include "mmu.h"
#include "offsets.h"
#include "sbi_host.h"

#define TABLE_ENTRIES 512u
#define DYNAMIC_BASE  0xfffffff000000000ul
#define DYNAMIC_SIZE  GIB(32)
#define STACK_SLOT    (2ul << STACK_SHIFT)

#define RIGHTS_READ    (PTE_VALID | PTE_GLOBAL | PTE_ACCESSED | PTE_DIRTY | PTE_READ)
#define RIGHTS_WRITE   (RIGHTS_READ | PTE_WRITE)
#define RIGHTS_EXECUTE (RIGHTS_READ | PTE_EXECUTE)

struct page_table {
	uint64_t entries[TABLE_ENTRIES];
} __attribute__((aligned(4096)));

struct paging_mode {
	const char *name;
	const char *bootarg; /* asks for it */
	uint64_t satp_mode;
	unsigned int levels;
	uint64_t direct_base;
	uint64_t direct_limit; /* bytes of physical memory that the direct map can hold */
};

static const struct paging_mode paging_modes[] = {
	{ "sv39", "corbel.paging=sv39", SATP_MODE_SV39, 3, 0xffffffc000000000ul, GIB(192) },
	{ "sv48", "corbel.paging=sv48", SATP_MODE_SV48, 4, 0xffff800000000000ul, GIB(512) * 255 },
	{ "sv57", "corbel.paging=sv57", SATP_MODE_SV57, 5, 0xff00000000000000ul,
	  GIB(512) * 512 * 255 },
};

uint64_t memory_direct_base = 0xffffffc000000000ul;
uint64_t memory_image_offset;

static const struct paging_mode *mode = &paging_modes[0];
/* While booting: roots[n] is the root of the mode with n + 3 levels; its last entry is roots[n-1].
 */
static struct page_table roots[3];
static struct page_table image_table; /* 2 MiB pages, only while booting */
static uint64_t *root_table;	      /* the final one */
static uint64_t satp_value;

static struct spinlock dynamic_lock = SPINLOCK_INIT;
#define STACK_SLOTS 4096u
static uint64_t stack_slots_used[STACK_SLOTS / 64]; /* one bit a slot */
static uint64_t io_next = DYNAMIC_BASE + STACK_SLOTS * STACK_SLOT;

extern char __image_start[], __text_end[], __rodata_end[], __image_end[], __boot_stack_guard[];
extern char __boot_stack[];

/* Runs at the physical address: whatever it touches must be relative to the program counter. */
uint64_t mmu_boot_tables(uint64_t image_address)
{
	uint64_t flags = RIGHTS_WRITE | PTE_EXECUTE;
	uint64_t *root = roots[0].entries;

	for (unsigned int i = 0; i < 16; i++)
		image_table.entries[i] = pte_make(HPA(image_address + i * MIB(2)), flags);
	root[510] = pte_make(HPA((uint64_t)&image_table), PTE_VALID);
	for (uint64_t i = 0; i < 192; i++)
		root[256 + i] = pte_make(HPA(i * GIB(1)), RIGHTS_WRITE);
	memory_image_offset = MEMORY_IMAGE_BASE - image_address;
	return (SATP_MODE_SV39 << ATP_MODE_SHIFT) | ((uint64_t)root >> PAGE_SHIFT);
}

static uint64_t satp_make(const struct paging_mode *wanted)
{
	hpa_t root = arch_pointer_to_hpa(&roots[wanted->levels - 3]);

	return (wanted->satp_mode << ATP_MODE_SHIFT) | (root.raw >> PAGE_SHIFT);
}

/* Gives the roots above Sv39 their way down and a direct map of their largest pages. */
static void upper_roots_fill(void)
{
	for (unsigned int i = 1; i < ARRAY_SIZE(roots); i++) {
		uint64_t span = pte_span(i + 2);

		roots[i].entries[511] = pte_make(arch_pointer_to_hpa(&roots[i - 1]), PTE_VALID);
		for (uint64_t entry = 0; entry < 255; entry++)
			roots[i].entries[256 + entry] = pte_make(HPA(entry * span), RIGHTS_WRITE);
	}
}

/* A satp write with a mode that the processor lacks changes nothing. Priv 10.1.11. */
static bool mode_try(const struct paging_mode *wanted)
{
	uint64_t satp = satp_make(wanted);

	csr_write(CSR_SATP, satp);
	sfence_vma_all();
	if (csr_read(CSR_SATP) != satp)
		return false;
	mode = wanted;
	memory_direct_base = wanted->direct_base;
	satp_value = satp;
	return true;
}

int mmu_mode_select(uint64_t memory_end, struct error *error)
{
	upper_roots_fill();
	for (unsigned int i = 0; i < ARRAY_SIZE(paging_modes); i++)
		if (bootargs_has(paging_modes[i].bootarg) &&
		    paging_modes[i].direct_limit >= memory_end && mode_try(&paging_modes[i]))
			return 0;
	for (unsigned int i = 0; i < ARRAY_SIZE(paging_modes); i++)
		if (paging_modes[i].direct_limit >= memory_end && mode_try(&paging_modes[i]))
			return 0;
	return error_set(error, -ENODEV,
			 "memory ends at 0x%lx, beyond what this processor's paging modes reach",
			 memory_end);
}

uint64_t mmu_satp(void)
{
	return satp_value;
}

const char *mmu_mode_name(void)
{
	return mode->name;
}

/* Makes every hart forget its translations of a range of Corbel's own. */
static void mmu_flush(uint64_t address, uint64_t size)
{
	sfence_vma_all();
	sbi_host_remote_sfence(address, size);
}

/* The table below an entry, made if there is none. NULL: no memory. */
static uint64_t *table_below(uint64_t *entry)
{
	hpa_t table;

	if ((*entry & PTE_VALID) == 0) {
		if (page_alloc_zeroed(0, PAGE_USE_TABLE, &table) != 0)
			return NULL;
		*entry = pte_make(table, PTE_VALID);
	}
	ASSERT(!pte_is_leaf(*entry));
	return arch_hpa_to_pointer(pte_address(*entry));
}

/*
 * Maps with the largest pages that fit; `top` is the level of `root`. Nothing may be mapped there.
 */
static int range_map(uint64_t *root, unsigned int top, uint64_t address, hpa_t target,
		     uint64_t size, uint64_t flags)
{
	while (size > 0) {
		uint64_t *table = root;
		unsigned int level = top;
		uint64_t *entry;

		for (;; level--) {
			uint64_t span = pte_span(level);

			entry = &table[(address >> (PAGE_SHIFT + 9 * level)) % TABLE_ENTRIES];
			if (level == 0 || (IS_ALIGNED(address | target.raw, span) && size >= span))
				break;
			table = table_below(entry);
			if (table == NULL)
				return -ENOMEM;
		}
		ASSERT(*entry == 0);
		*entry = pte_make(target, flags);
		address += pte_span(level);
		target.raw += pte_span(level);
		size -= MIN(size, pte_span(level));
	}
	return 0;
}

/* The image's sections at their linked address, or their read-only shadow in the direct map. */
static int image_map(uint64_t *root, unsigned int top, bool direct)
{
	const struct {
		const char *start, *end;
		uint64_t rights, rights_direct;
	} sections[] = {
		{ __image_start, __text_end, RIGHTS_EXECUTE, RIGHTS_READ },
		{ __text_end, __rodata_end, RIGHTS_READ, RIGHTS_READ },
		{ __rodata_end, __boot_stack_guard, RIGHTS_WRITE, RIGHTS_WRITE },
		{ __boot_stack, __image_end, RIGHTS_WRITE, RIGHTS_WRITE },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(sections); i++) {
		hpa_t target = arch_pointer_to_hpa(sections[i].start);
		uint64_t address =
			direct ? memory_direct_base + target.raw : (uint64_t)sections[i].start;
		int result = range_map(root, top, address, target,
				       (uint64_t)(sections[i].end - sections[i].start),
				       direct ? sections[i].rights_direct : sections[i].rights);

		if (result != 0)
			return result;
	}
	return 0;
}

static int direct_map(uint64_t *root, unsigned int top)
{
	uint64_t image_base = arch_pointer_to_hpa(__image_start).raw;
	uint64_t image_end = image_base + (uint64_t)(__image_end - __image_start);
	uint64_t base, size;

	for (unsigned int i = 0; host_memory_get(i, &base, &size) == 0; i++) {
		uint64_t end = base + size;
		int result;

		/* The image lies in one range of memory; what is before and behind it. */
		if (image_base >= base && image_base < end) {
			result = range_map(root, top, memory_direct_base + base, HPA(base),
					   image_base - base, RIGHTS_WRITE);
			if (result != 0)
				return result;
			base = image_end;
		}
		result = range_map(root, top, memory_direct_base + base, HPA(base), end - base,
				   RIGHTS_WRITE);
		if (result != 0)
			return result;
	}
	return image_map(root, top, true);
}

int arch_memory_init(struct error *error)
{
	unsigned int top = mode->levels - 1;
	hpa_t root;
	int result;

	/* Fresh tables, made whole before they are used: those of the boot stay valid meanwhile. */
	result = page_alloc_zeroed(0, PAGE_USE_TABLE, &root);
	if (result == 0)
		result = direct_map(arch_hpa_to_pointer(root), top);
	if (result == 0)
		result = image_map(arch_hpa_to_pointer(root), top, false);
	if (result != 0)
		return error_set(error, result, "no memory for Corbel's page tables");
	root_table = arch_hpa_to_pointer(root);
	satp_value = (mode->satp_mode << ATP_MODE_SHIFT) | (root.raw >> PAGE_SHIFT);
	csr_write(CSR_SATP, satp_value);
	sfence_vma_all();
	return 0;
}

/* Maps one page of the dynamic range. Context: dynamic_lock held. */
static int dynamic_page_map(uint64_t address, hpa_t target, uint64_t flags)
{
	ASSERT(spin_is_held(&dynamic_lock));
	return range_map(root_table, mode->levels - 1, address, target, PAGE_SIZE, flags);
}

/* The entry of a page that is mapped in the dynamic range. */
static uint64_t *dynamic_entry(uint64_t address)
{
	uint64_t *table = root_table;

	for (unsigned int level = mode->levels - 1; level > 0; level--) {
		uint64_t entry = table[(address >> (PAGE_SHIFT + 9 * level)) % TABLE_ENTRIES];

		ASSERT((entry & PTE_VALID) != 0 && !pte_is_leaf(entry));
		table = arch_hpa_to_pointer(pte_address(entry));
	}
	return &table[(address >> PAGE_SHIFT) % TABLE_ENTRIES];
}

static void stack_unmap(uint64_t stack, size_t size)
{
	for (uint64_t page = stack; page < stack + size; page += PAGE_SIZE) {
		uint64_t *entry = dynamic_entry(page);

		if ((*entry & PTE_VALID) != 0)
			page_free(pte_address(*entry), 0, PAGE_USE_STACK);
		*entry = 0;
	}
}

/* Context: dynamic_lock held. -ENOMEM leaves what was mapped to stack_unmap(). */
static int stack_map(uint64_t stack, size_t size)
{
	for (uint64_t page = stack; page < stack + size; page += PAGE_SIZE) {
		hpa_t target;

		if (page_alloc(0, PAGE_USE_STACK, &target) != 0)
			return -ENOMEM;
		if (dynamic_page_map(page, target, RIGHTS_WRITE) != 0) {
			page_free(target, 0, PAGE_USE_STACK);
			return -ENOMEM;
		}
	}
	return 0;
}

/* -ENOMEM where all are in use. */
static int stack_slot_take(void)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(stack_slots_used); i++) {
		if (stack_slots_used[i] == UINT64_MAX)
			continue;
		for (unsigned int bit = 0; bit < 64; bit++) {
			if ((stack_slots_used[i] >> bit & 1) != 0)
				continue;
			stack_slots_used[i] |= UINT64_C(1) << bit;
			return (int)(i * 64 + bit);
		}
	}
	return -ENOMEM;
}

static void stack_slot_release(unsigned int slot)
{
	ASSERT((stack_slots_used[slot / 64] >> (slot % 64) & 1) != 0);
	stack_slots_used[slot / 64] &= ~(UINT64_C(1) << (slot % 64));
}

void *arch_stack_alloc(size_t size)
{
	unsigned long flags = spin_lock_irqsave(&dynamic_lock);
	uint64_t stack = 0;
	int slot = stack_slot_take();

	ASSERT(size == (size_t)1 << STACK_SHIFT);
	if (slot >= 0) {
		stack = DYNAMIC_BASE + (uint64_t)slot * STACK_SLOT + STACK_SLOT / 2;
		if (stack_map(stack, size) != 0) {
			stack_unmap(stack, size);
			stack_slot_release((unsigned int)slot);
			stack = 0;
		}
	}
	spin_unlock_irqrestore(&dynamic_lock, flags);
	if (stack != 0)
		mmu_flush(stack, size);
	return (void *)stack;
}

void arch_stack_free(void *stack, size_t size)
{
	uint64_t address = (uint64_t)stack;
	unsigned long flags = spin_lock_irqsave(&dynamic_lock);

	ASSERT(address >= DYNAMIC_BASE && address < DYNAMIC_BASE + STACK_SLOTS * STACK_SLOT);
	stack_unmap(address, size);
	/* Before anybody may get the slot again, every hart must have forgotten it. */
	mmu_flush(address, size);
	stack_slot_release((unsigned int)((address - DYNAMIC_BASE) / STACK_SLOT));
	spin_unlock_irqrestore(&dynamic_lock, flags);
}

volatile void *arch_io_map(hpa_t base, size_t size)
{
	uint64_t offset = base.raw % PAGE_SIZE;
	uint64_t length = ALIGN_UP(offset + size, PAGE_SIZE);
	uint64_t flags = RIGHTS_WRITE | (cpu_has(FEATURE_SVPBMT) ? PTE_PBMT_IO : 0);
	unsigned long irq_flags = spin_lock_irqsave(&dynamic_lock);
	uint64_t address = io_next;
	int result = 0;

	if (length > DYNAMIC_BASE + DYNAMIC_SIZE - io_next)
		result = -ENOMEM;
	for (uint64_t done = 0; result == 0 && done < length; done += PAGE_SIZE)
		result = dynamic_page_map(address + done, HPA(base.raw - offset + done), flags);
	/* What a failure has mapped stays, unused: this happens at boot only. */
	io_next += result == 0 ? length : 0;
	spin_unlock_irqrestore(&dynamic_lock, irq_flags);
	if (result != 0)
		return NULL;
	mmu_flush(address, length);
	return (volatile void *)(address + offset);
}

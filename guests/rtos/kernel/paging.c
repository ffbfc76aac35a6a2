// SPDX-License-Identifier: BSD-2-Clause
/*
 * The TLB. The refill vector reads a linear page table at MAP_TABLE, 16 bytes for each pair of
 * pages, by Context; two parts of the table have memory and are wired: the user window's and the
 * kernel window's, 4 MiB each.
 */
#include <stddef.h>

#include <rtos/cp0.h>
#include <rtos/exception.h>
#include <rtos/paging.h>
#include <rtos/thread.h>

#define TABLE_ENTRY_WORDS 4u /* EntryLo0, -, EntryLo1, - */
#define PAIRS_PER_WINDOW  512u
#define WINDOW_SIZE	  (PAIRS_PER_WINDOW * 2 * PAGE_SIZE)

#define FLAGS_KERNEL (ENTRYLO_CACHED | ENTRYLO_D | ENTRYLO_V | ENTRYLO_G)

static uint32_t tables[2][PAIRS_PER_WINDOW][TABLE_ENTRY_WORDS]
	__attribute__((aligned(2 * PAGE_SIZE)));
static const uint32_t window_bases[2] = { MAP_USER, MAP_KERNEL };

/* ---- entries ---- */

unsigned int tlb_size(void)
{
	return (cp0_read(CP0_CONFIG1) >> 25 & 63) + 1;
}

unsigned int tlb_wired(void)
{
	return cp0_read(CP0_WIRED);
}

/* EntryHi holds the ASID that we run in: it comes back whatever happens to it. */
void tlb_write(unsigned int index, struct tlb_entry entry)
{
	uint32_t flags = irq_save(), asid = cp0_read(CP0_ENTRYHI);

	cp0_write(CP0_INDEX, index);
	cp0_write(CP0_ENTRYHI, entry.entryhi);
	cp0_write(CP0_PAGEMASK, entry.mask);
	cp0_write(CP0_ENTRYLO0, entry.entrylo0);
	cp0_write(CP0_ENTRYLO1, entry.entrylo1);
	tlb_instruction("tlbwi");
	cp0_write(CP0_PAGEMASK, 0);
	cp0_write(CP0_ENTRYHI, asid);
	irq_restore(flags);
}

struct tlb_entry tlb_read(unsigned int index)
{
	uint32_t flags = irq_save(), asid = cp0_read(CP0_ENTRYHI);
	struct tlb_entry entry;

	cp0_write(CP0_INDEX, index);
	tlb_instruction("tlbr");
	entry.entryhi = cp0_read(CP0_ENTRYHI);
	entry.mask = cp0_read(CP0_PAGEMASK);
	entry.entrylo0 = cp0_read(CP0_ENTRYLO0);
	entry.entrylo1 = cp0_read(CP0_ENTRYLO1);
	cp0_write(CP0_PAGEMASK, 0);
	cp0_write(CP0_ENTRYHI, asid);
	irq_restore(flags);
	return entry;
}

int tlb_probe(uint32_t entryhi)
{
	uint32_t flags = irq_save(), asid = cp0_read(CP0_ENTRYHI), index;

	cp0_write(CP0_ENTRYHI, entryhi);
	tlb_instruction("tlbp");
	index = cp0_read(CP0_INDEX);
	cp0_write(CP0_ENTRYHI, asid);
	irq_restore(flags);
	return (index & INDEX_P) != 0 ? -1 : (int)index;
}

/* An address that nobody uses, another for each entry. */
void tlb_invalidate(unsigned int index)
{
	tlb_write(index, (struct tlb_entry){ .entryhi = MAP_UNUSED + index * 2 * PAGE_SIZE });
}

void tlb_invalidate_all(void)
{
	for (unsigned int i = tlb_wired(); i < tlb_size(); i++)
		tlb_invalidate(i);
}

/* ---- addresses ---- */

uint32_t page_physical(const void *pointer)
{
	return (uint32_t)(uintptr_t)pointer - MAP_KSEG0;
}

void *page_pointer(uint32_t physical)
{
	return (void *)(uintptr_t)(MAP_KSEG0 + physical);
}

uint32_t page_entrylo(const void *page, uint32_t flags)
{
	return page_physical(page) >> 6 | flags;
}

volatile void *page_uncached(const void *pointer)
{
	return (volatile void *)(uintptr_t)(MAP_KSEG1 + page_physical(pointer));
}

/* ---- the table ---- */

void page_table_set(uint32_t va, uint32_t entrylo)
{
	uint32_t flags = irq_save(), asid = asid_get();
	int index;

	for (unsigned int i = 0; i < 2; i++) {
		uint32_t offset = va - window_bases[i];

		if (offset < WINDOW_SIZE)
			tables[i][offset >> 13][(offset >> 12 & 1) * 2] = entrylo;
	}
	index = tlb_probe((va & ~0x1fffu) | asid);
	if (index >= 0)
		tlb_invalidate((unsigned int)index);
	irq_restore(flags);
}

void asid_set(uint32_t asid)
{
	uint32_t flags = irq_save();

	thread_running->asid = asid;
	cp0_write(CP0_ENTRYHI, asid);
	irq_restore(flags);
}

uint32_t asid_get(void)
{
	return cp0_read(CP0_ENTRYHI) & 0xff;
}

void paging_init(void)
{
	cp0_write(CP0_WIRED, 0);
	cp0_write(CP0_PAGEMASK, 0);
	tlb_invalidate_all();
	for (unsigned int i = 0; i < 2; i++) {
		uint32_t part = MAP_TABLE + (window_bases[i] >> 13) * 16;

		tlb_write(i, (struct tlb_entry){ part, 0, page_entrylo(tables[i], FLAGS_KERNEL),
						 page_entrylo((uint8_t *)tables[i] + PAGE_SIZE,
							      FLAGS_KERNEL) });
	}
	cp0_write(CP0_WIRED, 2);
	cp0_write(CP0_CONTEXT, MAP_TABLE);
}

/* ---- code ---- */

void code_synchronize(const void *code, uint32_t size)
{
	uint32_t step;

	/* Kernel mode may always read it. */
	__asm__ volatile("rdhwr %0, $1" : "=r"(step));
	for (uint32_t offset = 0; step != 0 && offset < size; offset += step)
		__asm__ volatile("synci 0(%0)" : : "r"((const uint8_t *)code + offset) : "memory");
	__asm__ volatile("sync\n\tehb" : : : "memory");
}

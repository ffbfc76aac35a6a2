// SPDX-License-Identifier: BSD-2-Clause
/*
 * The TLB: its instructions, sizes of pages, matching, and the exceptions that it gives.
 */
#include <stddef.h>

#include <rtos/cp0.h>
#include <rtos/exception.h>
#include <rtos/paging.h>
#include <rtos/test.h>

#define FLAGS (ENTRYLO_CACHED | ENTRYLO_V)

static uint8_t pages[4][PAGE_SIZE] __attribute__((aligned(4 * PAGE_SIZE)));

static volatile uint32_t *word_at(uint32_t va)
{
	return (volatile uint32_t *)(uintptr_t)va;
}

static void word_set(unsigned int page, uint32_t value)
{
	*(volatile uint32_t *)(void *)pages[page] = value;
}

static void load(uint32_t va)
{
	(void)*word_at(va);
}

static void store(uint32_t va)
{
	*word_at(va) = 0x600d600d;
}

TEST(tlb_entries_read_back)
{
	for (unsigned int i = tlb_wired(); i < tlb_size(); i++) {
		struct tlb_entry written = { MAP_UNUSED + 0x02000000 + i * 0x8000 + i,
					     i % 2 == 0 ? 0 : 0x6000, i << 14 | FLAGS,
					     (i << 14 | 0x2000) | FLAGS | ENTRYLO_D };
		struct tlb_entry read;

		tlb_write(i, written);
		read = tlb_read(i);
		CHECK_EQUAL(read.entryhi, written.entryhi);
		CHECK_EQUAL(read.mask, written.mask);
		CHECK_EQUAL(read.entrylo0, written.entrylo0);
		CHECK_EQUAL(read.entrylo1, written.entrylo1);
		CHECK_EQUAL((uint32_t)tlb_probe(written.entryhi), i);
	}
	tlb_invalidate_all();
}

/* G is one for the pair: both halves must have it. */
TEST(tlb_global_bit)
{
	unsigned int index = tlb_wired();

	tlb_write(index, (struct tlb_entry){ MAP_UNUSED + 0x42, 0, FLAGS | ENTRYLO_G, FLAGS });
	CHECK_EQUAL(tlb_read(index).entrylo0 & ENTRYLO_G, 0);
	CHECK_EQUAL((uint32_t)tlb_probe(MAP_UNUSED + 0x42), index);
	CHECK_EQUAL((uint32_t)tlb_probe(MAP_UNUSED + 0x43), UINT32_MAX);
	tlb_write(index,
		  (struct tlb_entry){ MAP_UNUSED + 0x42, 0, FLAGS | ENTRYLO_G, FLAGS | ENTRYLO_G });
	CHECK_EQUAL(tlb_read(index).entrylo1 & ENTRYLO_G, 1);
	CHECK_EQUAL((uint32_t)tlb_probe(MAP_UNUSED + 0x43), index);
	tlb_invalidate(index);
	CHECK_EQUAL((uint32_t)tlb_probe(MAP_UNUSED + 0x43), UINT32_MAX);
}

TEST(tlb_pages_of_4k)
{
	unsigned int index = tlb_wired();

	word_set(0, 0x11111111);
	word_set(1, 0x22222222);
	tlb_write(index, (struct tlb_entry){ MAP_KERNEL + 0x10000, 0,
					     page_entrylo(pages[1], FLAGS | ENTRYLO_D),
					     page_entrylo(pages[0], FLAGS) });
	CHECK_EQUAL(*word_at(MAP_KERNEL + 0x10000), 0x22222222);
	CHECK_EQUAL(*word_at(MAP_KERNEL + 0x11000), 0x11111111);
	*word_at(MAP_KERNEL + 0x10000) = 0x33333333;
	CHECK_EQUAL(*(volatile uint32_t *)(void *)pages[1], 0x33333333);
	/* The same address leads elsewhere once the entry says so. */
	tlb_write(index,
		  (struct tlb_entry){ MAP_KERNEL + 0x10000, 0, page_entrylo(pages[0], FLAGS), 0 });
	CHECK_EQUAL(*word_at(MAP_KERNEL + 0x10000), 0x11111111);
	CHECK_EQUAL(fault_catch(load, MAP_KERNEL + 0x11000).code, CODE_TLB_LOAD);
	tlb_invalidate(index);
	CHECK_EQUAL(fault_catch(load, MAP_KERNEL + 0x10000).code, CODE_TLB_LOAD);
	/* Also what the refill has put there just now. */
	tlb_invalidate_all();
}

/* Through pages of each size, as many as fit below our image's end, the image is seen. */
TEST(tlb_page_sizes)
{
	unsigned int index = tlb_wired();

	word_set(2, 0xfeedbeef);
	for (uint32_t mask = 0; mask <= 0x007fe000; mask = mask << 2 | 0x6000) {
		uint32_t size = ((mask | 0x1fff) + 1) / 2;
		uint32_t physical = page_physical(pages[2]);
		uint32_t even = physical & ~(2 * size - 1);
		uint32_t va = MAP_UNUSED + 0x08000000;

		tlb_write(index, (struct tlb_entry){ va, mask, even >> 6 | FLAGS | ENTRYLO_G,
						     (even + size) >> 6 | FLAGS | ENTRYLO_G });
		CHECK_EQUAL(*word_at(va + (physical - even)), 0xfeedbeef);
		CHECK_EQUAL((uint32_t)tlb_probe(va + size), index);
		CHECK_EQUAL((uint32_t)tlb_probe(va + 2 * size), UINT32_MAX);
	}
	tlb_invalidate(index);
}

static bool has_mask(uint32_t mask)
{
	uint32_t flags = irq_save(), read;

	cp0_write(CP0_PAGEMASK, mask);
	read = cp0_read(CP0_PAGEMASK);
	cp0_write(CP0_PAGEMASK, 0);
	irq_restore(flags);
	return read == mask;
}

/* The largest there are, around the same word. Parts of them lead to where there is no memory. */
TEST(tlb_large_pages)
{
	unsigned int index = tlb_wired();
	uint32_t physical = page_physical(pages[2]);

	word_set(2, 0xfeedface);
	for (uint32_t mask = 0x01ffe000; mask <= 0x1fffe000; mask = mask << 2 | 0x6000) {
		uint32_t size = ((mask | 0x1fff) + 1) / 2;
		/* A pair of the largest needs half of the segment to itself. */
		uint32_t va = size <= 0x04000000 ? (uint32_t)MAP_KSEG2 + 0x08000000 :
						   (uint32_t)MAP_KSEG2 + 0x20000000;

		if (!has_mask(mask) || va + (2 * size - 1) < va ||
		    va + 2 * size - 1 > MAP_KSEG2_LAST)
			continue;
		tlb_write(index, (struct tlb_entry){ va, mask, FLAGS | ENTRYLO_D | ENTRYLO_G,
						     FLAGS | ENTRYLO_D | ENTRYLO_G });
		CHECK_EQUAL(*word_at(va + physical), 0xfeedface);
		CHECK_EQUAL(*word_at(va + size + physical), 0xfeedface);
		*word_at(va + size + physical + 4) = mask;
		CHECK_EQUAL(*word_at(va + physical + 4), mask);
		CHECK_EQUAL((uint32_t)tlb_probe(va + 2 * size - PAGE_SIZE * 2), index);
		tlb_invalidate(index);
	}
}

TEST(tlb_exceptions)
{
	const uint32_t va = MAP_KERNEL + 0x20000;
	unsigned int index = tlb_wired();
	struct fault fault;

	tlb_write(index, (struct tlb_entry){ va, 0, page_entrylo(pages[0], FLAGS), 0 });
	CHECK(!fault_catch(load, va).taken);
	fault = fault_catch(store, va + 8);
	CHECK_EQUAL(fault.code, CODE_MODIFIED);
	CHECK_EQUAL(fault.badvaddr, va + 8);
	CHECK_EQUAL(fault.entryhi & ~0x1fffu, va);
	CHECK_EQUAL(fault.context & 0x007ffff0, va >> 9 & 0x007ffff0);
	CHECK_EQUAL(fault.vector, 0x180);
	fault = fault_catch(load, va + 0x1004);
	CHECK_EQUAL(fault.code, CODE_TLB_LOAD);
	CHECK_EQUAL(fault.badvaddr, va + 0x1004);
	CHECK_EQUAL(fault_catch(store, va + 0x1004).code, CODE_TLB_STORE);
	tlb_write(index, (struct tlb_entry){ va, 0, page_entrylo(pages[0], FLAGS | ENTRYLO_D), 0 });
	CHECK(!fault_catch(store, va).taken);
	CHECK_EQUAL(*(volatile uint32_t *)(void *)pages[0], 0x600d600d);
	tlb_invalidate(index);
}

/* ---- the refill vector and its page table ---- */

TEST(refill_from_page_table)
{
	for (unsigned int i = 0; i < 4; i++) {
		word_set(i, 0xab000000 + i);
		page_table_set(MAP_KERNEL + i * PAGE_SIZE,
			       page_entrylo(pages[i], FLAGS | ENTRYLO_G));
	}
	for (unsigned int round = 0; round < 3; round++) {
		for (unsigned int i = 0; i < 4; i++)
			CHECK_EQUAL(*word_at(MAP_KERNEL + i * PAGE_SIZE), 0xab000000 + i);
		tlb_invalidate_all();
	}
	/* A page that the table does not have is there, but not valid. */
	CHECK_EQUAL(fault_catch(load, MAP_KERNEL + 4 * PAGE_SIZE).code, CODE_TLB_LOAD);
	/* It gets one, and is read without another word. */
	page_table_set(MAP_KERNEL + 4 * PAGE_SIZE, page_entrylo(pages[1], FLAGS | ENTRYLO_G));
	CHECK_EQUAL(*word_at(MAP_KERNEL + 4 * PAGE_SIZE), 0xab000001);
	for (unsigned int i = 0; i < 5; i++)
		page_table_set(MAP_KERNEL + i * PAGE_SIZE, 0);
}

/* Many more pages than there are entries. */
TEST(refill_under_pressure)
{
	const unsigned int count = 256;

	for (unsigned int i = 0; i < 4; i++)
		word_set(i, 0xcd000000 + i);
	for (unsigned int i = 0; i < count; i++)
		page_table_set(MAP_KERNEL + i * PAGE_SIZE,
			       page_entrylo(pages[i * 7 % 4], FLAGS | ENTRYLO_G));
	for (unsigned int round = 0; round < 4; round++)
		for (unsigned int i = 0; i < count; i++)
			CHECK_EQUAL(*word_at(MAP_KERNEL + i * PAGE_SIZE), 0xcd000000 + i * 7 % 4);
	for (unsigned int i = 0; i < count; i++)
		page_table_set(MAP_KERNEL + i * PAGE_SIZE, 0);
	tlb_invalidate_all();
}

/* The table itself is not mapped there: the refill misses in turn, at the general vector. */
TEST(refill_misses_itself)
{
	struct fault fault = fault_catch(load, MAP_UNUSED + 0x0e000000);

	CHECK_EQUAL(fault.code, CODE_TLB_LOAD);
	CHECK_EQUAL(fault.vector, 0x180);
	CHECK_EQUAL(fault.badvaddr, MAP_TABLE + ((MAP_UNUSED + 0x0e000000) >> 13) * 16);
	/* EPC is that of the first miss, not of the refill handler. */
	CHECK(fault.epc < (uint32_t)(uintptr_t)exception_vectors ||
	      fault.epc >= (uint32_t)(uintptr_t)exception_vectors + 0x100);
}

/* Random never takes what is wired. */
TEST(wired_entries_stay)
{
	struct tlb_entry before[2] = { tlb_read(0), tlb_read(1) };

	CHECK_EQUAL(tlb_wired(), 2);
	for (unsigned int i = 0; i < 200; i++) {
		uint32_t flags = irq_save();

		cp0_write(CP0_ENTRYHI, MAP_UNUSED + i * 0x2000 + asid_get());
		cp0_write(CP0_ENTRYLO0, 0);
		cp0_write(CP0_ENTRYLO1, 0);
		tlb_instruction("tlbwr");
		cp0_write(CP0_ENTRYHI, asid_get());
		irq_restore(flags);
	}
	for (unsigned int i = 0; i < 2; i++) {
		CHECK_EQUAL(tlb_read(i).entryhi & ~0xffu, before[i].entryhi & ~0xffu);
		CHECK_EQUAL(tlb_read(i).entrylo0, before[i].entrylo0);
	}
	tlb_invalidate_all();
}

/* ---- address spaces ---- */

TEST(tlb_matches_asid)
{
	const uint32_t va = MAP_KERNEL + 0x30000;
	unsigned int index = tlb_wired();

	word_set(0, 0xa0000001);
	word_set(1, 0xa0000002);
	tlb_write(index, (struct tlb_entry){ va | 1, 0, page_entrylo(pages[0], FLAGS), 0 });
	tlb_write(index + 1, (struct tlb_entry){ va | 2, 0, page_entrylo(pages[1], FLAGS), 0 });
	for (unsigned int round = 0; round < 3; round++) {
		asid_set(1);
		CHECK_EQUAL(*word_at(va), 0xa0000001);
		asid_set(2);
		CHECK_EQUAL(*word_at(va), 0xa0000002);
	}
	asid_set(3);
	CHECK_EQUAL(fault_catch(load, va).code, CODE_TLB_LOAD);
	asid_set(0);
	tlb_invalidate_all();
}

/* All there are, over and over: whoever has fewer of his own must take some back. */
TEST(tlb_every_asid)
{
	const uint32_t va = MAP_KERNEL + 0x30000;
	unsigned int first = tlb_wired(), count = tlb_size() - first;

	for (unsigned int i = 0; i < 4; i++)
		word_set(i, 0xa5000000 + i);
	for (uint32_t i = 0; i < 600; i++) {
		uint32_t asid = i % 256, before = (i + 255) % 256;

		tlb_write(first + i % count,
			  (struct tlb_entry){ va | asid, 0, page_entrylo(pages[i % 4], FLAGS), 0 });
		asid_set(asid);
		CHECK_EQUAL(*word_at(va), 0xa5000000 + i % 4);
		/* The one before is still there. */
		asid_set(before);
		if (i > 0)
			CHECK_EQUAL(*word_at(va), 0xa5000000 + (i - 1) % 4);
	}
	asid_set(0);
	tlb_invalidate_all();
}

/* The same entry moves from one ASID to another, and global ones are seen under all. */
TEST(tlb_entry_changes_asid)
{
	const uint32_t va = MAP_KERNEL + 0x30000;
	unsigned int index = tlb_wired();

	word_set(0, 0x0a0a0a0a);
	word_set(1, 0x0b0b0b0b);
	for (uint32_t asid = 1; asid < 4; asid++) {
		tlb_write(index,
			  (struct tlb_entry){ va | asid, 0, page_entrylo(pages[0], FLAGS), 0 });
		asid_set(asid);
		CHECK_EQUAL(*word_at(va), 0x0a0a0a0a);
		asid_set(asid - 1);
		CHECK(fault_catch(load, va).taken);
		tlb_invalidate_all();
	}
	tlb_write(index, (struct tlb_entry){ va | 7, 0, page_entrylo(pages[1], FLAGS) | ENTRYLO_G,
					     ENTRYLO_G });
	for (uint32_t asid = 0; asid < 256; asid += 15) {
		asid_set(asid);
		CHECK_EQUAL(*word_at(va), 0x0b0b0b0b);
	}
	/* No longer for all: those that have seen it must not any more. */
	tlb_write(index, (struct tlb_entry){ va | 7, 0, page_entrylo(pages[1], FLAGS), 0 });
	asid_set(15);
	CHECK(fault_catch(load, va).taken);
	tlb_invalidate_all();
	asid_set(0);
}

/* ---- invalidation ---- */

static bool has_invalidation(void)
{
	if ((cp0_read(CP0_CONFIG1) & CONFIG_MORE) == 0 ||
	    (cp0_read(CP0_CONFIG2) & CONFIG_MORE) == 0 ||
	    (cp0_read(CP0_CONFIG3) & CONFIG_MORE) == 0)
		return false;
	return (cp0_read(CP0_CONFIG4) & CONFIG4_IE) >= 0x40000000;
}

TEST(tlb_invalidate_bit)
{
	const uint32_t va = MAP_KERNEL + 0x40000;
	unsigned int index = tlb_wired();

	if (!has_invalidation()) {
		test_skipped("no EHINV");
		return;
	}
	tlb_write(index, (struct tlb_entry){ va, 0, page_entrylo(pages[0], FLAGS), 0 });
	CHECK_EQUAL((uint32_t)tlb_probe(va), index);
	tlb_write(index,
		  (struct tlb_entry){ va | ENTRYHI_EHINV, 0, page_entrylo(pages[0], FLAGS), 0 });
	CHECK_EQUAL((uint32_t)tlb_probe(va), UINT32_MAX);
	CHECK_EQUAL(tlb_read(index).entryhi & ENTRYHI_EHINV, ENTRYHI_EHINV);
	CHECK(fault_catch(load, va).taken);
	tlb_invalidate_all();
}

TEST(tlb_invalidate_by_asid)
{
	const uint32_t va = MAP_UNUSED + 0x04000000;
	unsigned int index = tlb_wired();
	uint32_t flags;

	if (!has_invalidation()) {
		test_skipped("no TLBINV");
		return;
	}
	tlb_write(index, (struct tlb_entry){ va | 5, 0, FLAGS, FLAGS });
	tlb_write(index + 1, (struct tlb_entry){ va | 6, 0, FLAGS, FLAGS });
	flags = irq_save();
	asid_set(5);
	cp0_write(CP0_INDEX, 0);
	tlb_instruction(".word 0x42000003");
	asid_set(0);
	irq_restore(flags);
	CHECK_EQUAL((uint32_t)tlb_probe(va | 5), UINT32_MAX);
	CHECK_EQUAL((uint32_t)tlb_probe(va | 6), index + 1);
	/* Global ones stay: the page table's. */
	CHECK_EQUAL((uint32_t)tlb_probe(MAP_TABLE + (MAP_USER >> 13) * 16), 0);
	tlb_invalidate_all();
}

/* All of it, global or wired. */
TEST(tlb_invalidate_everything)
{
	const uint32_t va = MAP_KERNEL + 0x40000;
	unsigned int index = tlb_wired();
	uint32_t flags;

	if (!has_invalidation()) {
		test_skipped("no TLBINVF");
		return;
	}
	flags = irq_save();
	word_set(0, 0x1dea1dea);
	tlb_write(index, (struct tlb_entry){ va, 0, page_entrylo(pages[0], FLAGS) | ENTRYLO_G,
					     ENTRYLO_G });
	CHECK_EQUAL(*word_at(va), 0x1dea1dea);
	cp0_write(CP0_INDEX, 0);
	tlb_instruction(".word 0x42000004");
	CHECK_EQUAL((uint32_t)tlb_probe(va), UINT32_MAX);
	CHECK_EQUAL((uint32_t)tlb_probe(MAP_TABLE + (MAP_USER >> 13) * 16), UINT32_MAX);
	CHECK(fault_catch(load, va).taken);
	paging_init();
	irq_restore(flags);
}

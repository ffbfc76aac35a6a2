// SPDX-License-Identifier: BSD-2-Clause
/*
 * This guest's TLB: entries written by hand, and a linear page table that the refill vector reads.
 */
#ifndef RTOS_PAGING_H
#define RTOS_PAGING_H

#include <stdbool.h>
#include <stdint.h>

#include <rtos/map.h>

#define PAGE_SIZE 4096u

struct tlb_entry {
	uint32_t entryhi, mask, entrylo0, entrylo1;
};

/* Empties the TLB and wires the two parts of the page table. */
void paging_init(void);

unsigned int tlb_size(void);
void tlb_write(unsigned int index, struct tlb_entry entry);
struct tlb_entry tlb_read(unsigned int index);
/* The entry's index, or -1. EntryHi keeps the ASID that it had. */
int tlb_probe(uint32_t entryhi);
/* Makes an entry match nothing. */
void tlb_invalidate(unsigned int index);
void tlb_invalidate_all(void);
/* The first entry that nobody has wired. */
unsigned int tlb_wired(void);

/* EntryLo of a page of our own memory. */
uint32_t page_entrylo(const void *page, uint32_t flags);
/* Physical address of our own memory, and back. */
uint32_t page_physical(const void *pointer);
void *page_pointer(uint32_t physical);
/* The same memory uncached. */
volatile void *page_uncached(const void *pointer);

/*
 * Sets the page table's entry of a page in [MAP_USER, + 4 MiB) or [MAP_KERNEL, + 4 MiB); what the
 * TLB has of it is dropped.
 */
void page_table_set(uint32_t va, uint32_t entrylo);

/* EntryHi.ASID of the running thread. */
void asid_set(uint32_t asid);
uint32_t asid_get(void);

/* Makes written code executable. */
void code_synchronize(const void *code, uint32_t size);

#endif

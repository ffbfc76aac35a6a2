// SPDX-License-Identifier: BSD-2-Clause
/*
 * The page tables behind paging.h.
 */
#include "paging.h"
#include "selftest.h"

#define TABLE_ENTRIES 512
#define GIGAPAGES     4

static volatile uint64_t tables[3][TABLE_ENTRIES] __attribute__((aligned(4096)));

static volatile uint64_t upper_tables[2][TABLE_ENTRIES] __attribute__((aligned(4096)));

static unsigned int window_root_index(void)
{
	return (WINDOW_BASE >> 30) % TABLE_ENTRIES;
}

void paging_prepare(void)
{
	for (unsigned int i = 0; i < TABLE_ENTRIES; i++)
		tables[0][i] = tables[1][i] = tables[2][i] = 0;
	for (uint64_t i = 0; i < GIGAPAGES; i++)
		tables[0][i] = pte_make(i << 30, PTE_RWX);
	tables[0][window_root_index()] = pte_make((uintptr_t)tables[1], PTE_V);
	tables[1][0] = pte_make((uintptr_t)tables[2], PTE_V);
}

void paging_on(void)
{
	fence_all();
	csr_write(CSR_SATP, SATP_MODE_SV39 | (uintptr_t)tables[0] >> 12);
	fence_all();
}

void paging_off(void)
{
	csr_write(CSR_SATP, 0);
	fence_all();
}

void window_set(unsigned int page, uint64_t pte)
{
	tables[2][page] = pte;
}

uint64_t window_get(unsigned int page)
{
	return tables[2][page];
}

void window_set_root(uint64_t pte)
{
	tables[0][window_root_index()] = pte;
}

uint64_t paging_try(uint64_t mode)
{
	unsigned int above = mode == SATP_MODE_SV57 ? 2 : mode == SATP_MODE_SV48 ? 1 : 0;
	uint64_t root = (uintptr_t)tables[0];
	uint64_t seen;

	paging_prepare();
	for (unsigned int i = 0; i < above; i++) {
		for (unsigned int entry = 0; entry < TABLE_ENTRIES; entry++)
			upper_tables[i][entry] = 0;
		upper_tables[i][0] = pte_make(root, PTE_V);
		root = (uintptr_t)upper_tables[i];
	}
	fence_all();
	csr_write(CSR_SATP, mode | root >> 12);
	fence_all();
	seen = csr_read(CSR_SATP) & SATP_MODE;
	paging_off();
	return seen;
}

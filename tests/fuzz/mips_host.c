// SPDX-License-Identifier: BSD-2-Clause
/*
 * The model of the MIPS host's TLB, see mips_host.h.
 */
#include <string.h>

#include <corbel/guest.h>

#include "../../arch/mips/cp0.h"
#include "../../arch/mips/gmem.h"
#include "../../arch/mips/host_tlb.h"
#include "../../arch/mips/shadow.h"
#include "input.h"
#include "mips_host.h"

#define ENTRYHI_LOW 0x1fffu

struct host {
	struct cpu cpu;
	struct host_entry tlb[HOST_TLB_MAX];
	uint32_t asid;
};

static struct host hosts[HOST_CPUS];
static unsigned int tlb_size;
static uint32_t page_largest;
static struct vcpu *running;
struct cpu *processor_cpu;

const uint32_t fast_table_kernel[1], fast_table_user[1], fast_table_none[1];

static struct host *host_now(void)
{
	return container_of(processor_cpu, struct host, cpu);
}

void host_begin(unsigned int entries, uint32_t page)
{
	memset(hosts, 0, sizeof(hosts));
	tlb_size = entries;
	page_largest = page;
	for (unsigned int i = HOST_CPUS; i > 0; i--) {
		processor_cpu = &hosts[i - 1].cpu;
		shadow_cpu_init();
	}
}

void host_switch(unsigned int cpu, struct vcpu *vcpu)
{
	processor_cpu = &hosts[cpu].cpu;
	running = vcpu;
}

/* ---- what the port asks of the processor ---- */

unsigned int host_tlb_size(void)
{
	return tlb_size;
}

uint32_t host_tlb_page_largest(void)
{
	return page_largest;
}

void host_tlb_init(void)
{
	memset(host_now()->tlb, 0, sizeof(host_now()->tlb));
}

void host_asid_enter(uint32_t asid)
{
	FUZZ_CHECK(asid >= 1 && asid <= 255);
	host_now()->asid = asid;
}

void host_tlb_invalidate(unsigned int slot)
{
	FUZZ_CHECK(slot < tlb_size);
	host_now()->tlb[slot].used = false;
	host_now()->asid = 0;
}

static bool entry_covers(const struct host_entry *entry, uint32_t va, uint32_t asid)
{
	return entry->used && entry->asid == asid && (va & ~(2 * entry->page - 1)) == entry->first;
}

int host_tlb_find(uint32_t entryhi)
{
	host_now()->asid = entryhi & 0xff;
	for (unsigned int i = 0; i < tlb_size; i++)
		if (entry_covers(&host_now()->tlb[i], entryhi & ~ENTRYHI_LOW, entryhi & 0xff))
			return (int)i;
	return -1;
}

/* Whether all of the page is of that piece, writable and cached as that allows. */
static bool page_is_of(uint32_t entrylo, uint32_t page, const struct gmem_piece *piece)
{
	uint64_t hpa = (uint64_t)(entrylo & ENTRYLO_PFN) << 6;
	uint32_t cca = (piece->flags & GMEM_DEVICE) != 0 ? 2 : 3;

	return hpa >= piece->hpa && hpa + page <= piece->hpa + piece->size &&
	       ((entrylo & ENTRYLO_D) == 0 || (piece->flags & GMEM_WRITE) != 0) &&
	       (entrylo & ENTRYLO_CCA) >> 3 == cca;
}

/* Nothing but memory of the guest that runs. */
static void page_check(uint32_t entrylo, uint32_t page)
{
	const struct arch_guest *guest = &running->guest->arch;
	bool found = (entrylo & ENTRYLO_V) == 0;

	FUZZ_CHECK(found || (entrylo & ENTRYLO_G) == 0);
	FUZZ_CHECK(found || ((uint64_t)(entrylo & ENTRYLO_PFN) << 6) % page == 0);
	for (uint32_t i = 0; i < guest->piece_count && !found; i++)
		found = page_is_of(entrylo, page, &guest->pieces[i]);
	FUZZ_CHECK(found);
}

void host_tlb_write(unsigned int slot, uint32_t entryhi, uint32_t page, uint32_t entrylo0,
		    uint32_t entrylo1)
{
	struct host_entry *entries = host_now()->tlb;
	struct host_entry entry = { .used = true,
				    .first = entryhi & ~ENTRYHI_LOW,
				    .page = page,
				    .asid = entryhi & 0xff,
				    .entrylo = { entrylo0, entrylo1 } };

	FUZZ_CHECK(slot < tlb_size);
	FUZZ_CHECK(page >= 0x1000 && page <= page_largest && __builtin_ctz(page) % 2 == 0);
	FUZZ_CHECK(entry.first % (2 * page) == 0 && entry.asid != 0);
	page_check(entrylo0, page);
	page_check(entrylo1, page);
	for (unsigned int i = 0; i < tlb_size; i++)
		FUZZ_CHECK(i == slot || !entries[i].used || entries[i].asid != entry.asid ||
			   entries[i].first + (2 * entries[i].page - 1) < entry.first ||
			   entry.first + (2 * page - 1) < entries[i].first);
	entries[slot] = entry;
	host_now()->asid = entry.asid;
}

/* ---- what the guest does ---- */

const struct host_entry *host_lookup(uint32_t va)
{
	FUZZ_CHECK(host_now()->asid != 0);
	for (unsigned int i = 0; i < tlb_size; i++)
		if (entry_covers(&host_now()->tlb[i], va, host_now()->asid))
			return &host_now()->tlb[i];
	return NULL;
}

bool host_entry_address(const struct host_entry *entry, uint32_t va, bool store, uint64_t *out)
{
	uint32_t entrylo = entry->entrylo[(va & entry->page) != 0];

	*out = ((uint64_t)(entrylo & ENTRYLO_PFN) << 6) + (va & (entry->page - 1));
	return (entrylo & ENTRYLO_V) != 0 && (!store || (entrylo & ENTRYLO_D) != 0);
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * The shadow over a model of the host's TLB: whatever guests do to their TLBs, modes and ASIDs, the
 * host translates as the guest that runs would, leads to no memory but that guest's, and never
 * holds two entries for one address, which is a machine check.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../../arch/mips/host_tlb.h"
#include "../../arch/mips/shadow.h"
#include "mips/processor.h"

#define GUESTS	    3u
#define PIECES	    3u
#define CPUS	    2u
#define ADDRESSES   8u
#define ROUNDS	    60000u
#define ENTRYHI_LOW 0x1fffu

/* ---- the host ---- */

struct entry {
	bool used;
	uint32_t first, page, asid;
	uint32_t entrylo[2];
};

struct host {
	struct cpu cpu;
	struct entry tlb[HOST_TLB_MAX];
	uint32_t asid;
};

static struct host hosts[CPUS];
static unsigned int tlb_size;
static uint32_t page_largest;
struct cpu *processor_cpu;

const uint32_t fast_table_kernel[1], fast_table_user[1], fast_table_none[1];

/* ---- the guests ---- */

static struct guest guests[GUESTS];
static struct gmem_piece pieces[GUESTS][PIECES];
static struct vcpu vcpus[GUESTS];
static struct vcpu *running;

/* The guests' entries never overlap, so that there is one right answer. */
static bool is_clean;

static uint32_t pick(uint32_t count)
{
	return (uint32_t)((uint64_t)processor_random() * count >> 32);
}

const struct gmem_piece *gmem_find(const struct guest *guest, gpa_t address)
{
	for (uint32_t i = 0; i < guest->arch.piece_count; i++) {
		const struct gmem_piece *piece = &guest->arch.pieces[i];

		if (address.raw >= piece->gpa && address.raw - piece->gpa < piece->size)
			return piece;
	}
	return NULL;
}

/* ---- the model of the TLB ---- */

static struct host *host_now(void)
{
	return container_of(processor_cpu, struct host, cpu);
}

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
	assert_in_range(asid, 1, 255);
	host_now()->asid = asid;
}

void host_tlb_invalidate(unsigned int slot)
{
	assert_true(slot < tlb_size);
	host_now()->tlb[slot].used = false;
	/* EntryHi was needed for it. */
	host_now()->asid = 0;
}

static bool entry_covers(const struct entry *entry, uint32_t va, uint32_t asid)
{
	return entry->used && entry->asid == asid && (va & ~(2 * entry->page - 1)) == entry->first;
}

int host_tlb_find(uint32_t entryhi)
{
	int found = -1;

	host_now()->asid = entryhi & 0xff;
	for (unsigned int i = 0; i < tlb_size; i++) {
		if (!entry_covers(&host_now()->tlb[i], entryhi & ~ENTRYHI_LOW, entryhi & 0xff))
			continue;
		assert_int_equal(found, -1);
		found = (int)i;
	}
	return found;
}

/* A page leads to memory that is all of the guest that runs, and is writable only if that is. */
static void half_check(uint32_t entrylo, uint32_t page)
{
	const struct arch_guest *guest = &running->guest->arch;
	uint64_t hpa = (uint64_t)(entrylo & ENTRYLO_PFN) << 6;

	if ((entrylo & ENTRYLO_V) == 0)
		return;
	assert_int_equal(entrylo & ENTRYLO_G, 0);
	assert_int_equal(hpa & (page - 1), 0);
	for (uint32_t i = 0; i < guest->piece_count; i++) {
		const struct gmem_piece *piece = &guest->pieces[i];

		if (hpa < piece->hpa || hpa + page > piece->hpa + piece->size)
			continue;
		assert_true((entrylo & ENTRYLO_D) == 0 || (piece->flags & GMEM_WRITE) != 0);
		return;
	}
	fail_msg("an entry leads to 0x%llx, which is not the guest's", (unsigned long long)hpa);
}

void host_tlb_write(unsigned int slot, uint32_t entryhi, uint32_t page, uint32_t entrylo0,
		    uint32_t entrylo1)
{
	struct entry *entries = host_now()->tlb;
	struct entry entry = { .used = true,
			       .first = entryhi & ~ENTRYHI_LOW,
			       .page = page,
			       .asid = entryhi & 0xff,
			       .entrylo = { entrylo0, entrylo1 } };

	assert_true(slot < tlb_size);
	assert_true(page >= 0x1000 && page <= page_largest && __builtin_ctz(page) % 2 == 0);
	assert_int_equal(entry.first & (2 * page - 1), 0);
	assert_in_range(entry.asid, 1, 255);
	half_check(entrylo0, page);
	half_check(entrylo1, page);
	for (unsigned int i = 0; i < tlb_size; i++)
		assert_true(i == slot || !entries[i].used || entries[i].asid != entry.asid ||
			    entries[i].first + (2 * entries[i].page - 1) < entry.first ||
			    entry.first + (2 * page - 1) < entries[i].first);
	entries[slot] = entry;
	host_now()->asid = entry.asid;
}

static const struct entry *host_lookup(uint32_t va)
{
	struct host *host = host_now();

	assert_int_not_equal(host->asid, 0);
	for (unsigned int i = 0; i < tlb_size; i++)
		if (entry_covers(&host->tlb[i], va, host->asid))
			return &host->tlb[i];
	return NULL;
}

/* ---- what the run loop does ---- */

static void changes_apply(void)
{
	if ((running->arch.changes & (GUEST_CHANGE_MODE | GUEST_CHANGE_ASID)) != 0)
		shadow_space_enter(running);
	running->arch.changes = 0;
}

static void run(unsigned int cpu, unsigned int vcpu)
{
	processor_cpu = &hosts[cpu].cpu;
	running = &vcpus[vcpu];
	shadow_load(running);
	changes_apply();
}

/* A mode is entered by fast.S, which asks nobody. */
static void mode_enter_fast(bool user)
{
	struct arch_vcpu *arch = &running->arch;
	uint32_t asid = user ? arch->entryhi_user : arch->entryhi_kernel;

	if (guest_mode(arch) == GUEST_MODE_ERROR || asid == 0)
		return;
	arch->cp0[CP0_STATUS] = user ? STATUS_UM : STATUS_UM | STATUS_EXL;
	arch->fast_table = user ? fast_table_user : fast_table_kernel;
	host_asid_enter(asid);
}

static bool leads_there(const struct guest_translation *translation, uint64_t hpa)
{
	const struct gmem_piece *piece = gmem_find(running->guest, translation->gpa);

	return piece != NULL && gmem_hpa(piece, translation->gpa).raw == hpa;
}

/* What the host gives is what the guest's own translation says. */
static void hit_check(const struct entry *entry, uint32_t va, bool store)
{
	uint32_t entrylo = entry->entrylo[(va & entry->page) != 0];
	uint64_t hpa = ((uint64_t)(entrylo & ENTRYLO_PFN) << 6) + (va & (entry->page - 1));
	struct guest_translation translation;

	if (!is_clean)
		return;
	assert_true(guest_translate(&running->arch, va,
				    store ? GUEST_ACCESS_STORE : GUEST_ACCESS_LOAD, &translation));
	assert_true(leads_there(&translation, hpa));
}

static bool host_permits(const struct entry *entry, uint32_t va, bool store)
{
	uint32_t entrylo = entry->entrylo[(va & entry->page) != 0];

	return (entrylo & ENTRYLO_V) != 0 && (!store || (entrylo & ENTRYLO_D) != 0);
}

/* As exits.c does. False: there is nothing to translate to, or the guest takes an exception. */
static bool miss_serve(uint32_t va, bool store)
{
	struct guest_translation translation;
	const struct gmem_piece *piece;

	if (!guest_translate(&running->arch, va, store ? GUEST_ACCESS_STORE : GUEST_ACCESS_LOAD,
			     &translation))
		return false;
	piece = gmem_find(running->guest, translation.gpa);
	if (piece == NULL || (store && (piece->flags & GMEM_WRITE) == 0))
		return false;
	shadow_fill(running, va, &translation, piece);
	return true;
}

static void access_do(uint32_t va, bool store)
{
	for (unsigned int i = 0; i < 2; i++) {
		const struct entry *entry = host_lookup(va);

		if (entry != NULL && host_permits(entry, va, store)) {
			hit_check(entry, va, store);
			return;
		}
		if (!miss_serve(va, store))
			return;
		changes_apply();
	}
	fail_msg("the guest gets no further at 0x%08x", (unsigned int)va);
}

/* ---- what guests do ---- */

/* Some that are likely to be hit, at which pages of all sizes meet, or any. */
static uint32_t address(void)
{
	static const uint32_t bases[] = { 0x00000000, 0x00400000, 0x00404000, 0x10000000,
					  0x40000000, 0x60000000, 0x80000000, 0xa0000000,
					  0xc0000000, 0xdfffe000, 0xe0000000, 0x7fffe000,
					  0x1fc00000, 0x5fc00000, 0x9fc00000 };

	switch (pick(4)) {
	case 0:
		return processor_random();
	case 1:
		return bases[pick(ARRAY_SIZE(bases))] + pick(0x2000000);
	default:
		return bases[pick(ARRAY_SIZE(bases))] + pick(0x20000);
	}
}

static uint32_t mask(void)
{
	return pick(2) == 0 ? 0 : (1u << (13 + 2 * pick(9))) - 0x2000;
}

/* Mostly where the guest has memory. */
static uint32_t entrylo(void)
{
	uint64_t gpa = pieces[running->guest - guests][pick(PIECES)].gpa + pick(0x1800000);

	if (pick(8) == 0)
		gpa = processor_random();
	return (uint32_t)(gpa >> 6 & ENTRYLO_PFN) | 3u << 3 | (pick(4) != 0 ? ENTRYLO_V : 0) |
	       (pick(2) != 0 ? ENTRYLO_D : 0) | (pick(4) == 0 ? ENTRYLO_G : 0);
}

/* Whether an entry would answer where another does. */
static bool entry_overlaps(unsigned int index)
{
	const struct arch_vcpu *arch = &running->arch;
	uint32_t new_mask = arch->cp0[CP0_PAGEMASK] | 0x1fff;
	uint32_t first = arch->cp0[CP0_ENTRYHI] & ENTRYHI_VPN2 & ~new_mask;
	bool global = (arch->cp0[CP0_ENTRYLO0] & arch->cp0[CP0_ENTRYLO1] & ENTRYLO_G) != 0;

	for (unsigned int i = 0; i < arch->tlb_size; i++) {
		const struct guest_tlb_entry *other = &arch->tlb[i];

		if (i != index && other->usable &&
		    ((first ^ other->vpn2) & ~(new_mask | other->mask | 0x1fff)) == 0 &&
		    (global || other->global || other->asid == guest_asid(arch)))
			return true;
	}
	return false;
}

static void entry_write(void)
{
	struct arch_vcpu *arch = &running->arch;
	uint32_t asid = guest_asid(arch);

	cp0_write(arch, CP0_INDEX, pick(arch->tlb_size));
	cp0_write(arch, CP0_PAGEMASK, mask());
	cp0_write(arch, CP0_ENTRYHI,
		  (address() & ENTRYHI_VPN2) | asid | (pick(16) == 0 ? ENTRYHI_EHINV : 0));
	cp0_write(arch, CP0_ENTRYLO0, entrylo());
	cp0_write(arch, CP0_ENTRYLO1, entrylo());
	if (!is_clean || !entry_overlaps(arch->cp0[CP0_INDEX]))
		guest_tlbwi(arch);
}

static void tlb_change(void)
{
	struct arch_vcpu *arch = &running->arch;

	switch (pick(32)) {
	case 0:
		guest_tlbinv(arch);
		break;
	case 1:
		if (pick(8) == 0)
			guest_tlbinvf(arch);
		break;
	case 2:
		cp0_write(arch, CP0_INDEX, pick(arch->tlb_size));
		guest_tlbr(arch);
		break;
	case 3:
		cp0_write(arch, CP0_WIRED, pick(arch->tlb_size));
		break;
	case 4:
		if (!is_clean)
			guest_tlbwr(arch);
		break;
	default:
		entry_write();
		break;
	}
}

static void mode_change(void)
{
	static const uint32_t modes[] = { 0,	      STATUS_UM,  STATUS_UM | STATUS_EXL,
					  STATUS_EXL, STATUS_ERL, STATUS_ERL | STATUS_UM };

	if (pick(2) == 0)
		mode_enter_fast(pick(2) != 0);
	else
		cp0_write(&running->arch, CP0_STATUS, modes[pick(ARRAY_SIZE(modes))]);
}

/* Few ASIDs at a time, many in the end. */
static void asid_change(uint32_t round)
{
	struct arch_vcpu *arch = &running->arch;

	cp0_write(arch, CP0_ENTRYHI, pick(4) == 0 ? pick(256) : round / 1000 + pick(3));
}

static void step(uint32_t round)
{
	switch (pick(16)) {
	case 0:
		run(pick(CPUS), pick(GUESTS));
		break;
	case 1:
	case 2:
		mode_change();
		break;
	case 3:
		asid_change(round);
		break;
	case 4:
		if (pick(64) == 0)
			shadow_forget(running);
		break;
	default:
		tlb_change();
		break;
	}
	changes_apply();
	for (unsigned int i = 0; i < ADDRESSES; i++)
		access_do(address(), pick(3) == 0);
}

/* ---- the tests ---- */

/* RAM that lies at odd places, a read-only piece behind a gap, and a device of the host's. */
static void guest_make(unsigned int number, const char *map)
{
	struct guest *guest = &guests[number];
	struct vcpu *vcpu = &vcpus[number];

	memset(guest, 0, sizeof(*guest));
	memset(vcpu, 0, sizeof(*vcpu));
	pieces[number][0] = (struct gmem_piece){ 0, 0x100000000 / 8 * (number + 1) + 0x3000,
						 0x1801000, GMEM_READ | GMEM_WRITE };
	pieces[number][1] =
		(struct gmem_piece){ 0x1fc00000, 0x100000000 / 8 * (number + 1) + 0x2000000,
				     0x100000, GMEM_READ | GMEM_EXECUTE };
	pieces[number][2] = (struct gmem_piece){ 0x18000000, 0x18000000 + number * 0x10000, 0x1000,
						 GMEM_READ | GMEM_WRITE | GMEM_DEVICE };
	guest->arch = (struct arch_guest){ .map = address_map_find(map),
					   .model = processor_model_get(number % 2),
					   .count_hz = TEST_COUNT_HZ,
					   .pieces = pieces[number],
					   .piece_count = PIECES };
	vcpu->guest = guest;
	guest_processor_reset(&vcpu->arch, &guest->arch, 0);
	shadow_forget(vcpu);
}

static void all_make(unsigned int host_tlb, uint32_t largest)
{
	tlb_size = host_tlb;
	page_largest = largest;
	guest_make(0, "segctl");
	guest_make(1, "useg");
	guest_make(2, "kvm-te");
	for (unsigned int i = 0; i < CPUS; i++) {
		memset(&hosts[i], 0, sizeof(hosts[i]));
		processor_cpu = &hosts[i].cpu;
		shadow_cpu_init();
	}
	run(0, 0);
}

static void rounds_do(void)
{
	for (uint32_t i = 0; i < ROUNDS; i++)
		step(i);
}

static void test_clean_guests(void **state)
{
	(void)state;
	is_clean = true;
	processor_random_seed(17);
	all_make(64, MIB(256));
	rounds_do();
	all_make(16, MIB(16));
	rounds_do();
}

static void test_guests_whose_entries_overlap(void **state)
{
	(void)state;
	is_clean = false;
	processor_random_seed(18);
	all_make(64, MIB(256));
	rounds_do();
	all_make(16, MIB(16));
	rounds_do();
}

/* All ASIDs of all generations have been given out: what was one then is none now. */
static void test_generations_come_again(void **state)
{
	(void)state;
	is_clean = true;
	processor_random_seed(19);
	all_make(64, MIB(256));
	for (unsigned int i = 0; i < CPUS; i++)
		hosts[i].cpu.arch.asid_generation = 0xfffffe;
	for (unsigned int i = 0; i < 4; i++) {
		rounds_do();
		for (unsigned int cpu = 0; cpu < CPUS; cpu++)
			hosts[cpu].cpu.arch.asid_generation = 0xffffff;
	}
	assert_true(hosts[0].cpu.arch.asid_era > 2);
}

/* Enters kernel mode under ASIDs from `first` on, touching nothing. */
static void asids_take(uint32_t first, uint32_t count)
{
	cp0_write(&running->arch, CP0_STATUS, 0);
	for (uint32_t asid = first; asid < first + count; asid++) {
		cp0_write(&running->arch, CP0_ENTRYHI, asid);
		changes_apply();
	}
}

/* What is still in the TLB under an ASID is nothing of whom has the ASID next. */
static void test_asid_of_another(void **state)
{
	(void)state;
	is_clean = true;
	all_make(64, MIB(256));
	asids_take(0, 1);
	access_do(0x80000000, true);
	asids_take(1, 253);
	run(0, 2);
	for (uint32_t asid = 0; asid < 16; asid++) {
		asids_take(asid, 1);
		access_do(0x80000000, true);
	}
}

static void test_own_asid_of_long_ago(void **state)
{
	uint32_t asid;

	(void)state;
	is_clean = true;
	all_make(64, MIB(256));
	asids_take(7, 1);
	hosts[0].cpu.arch.asid_generation = 0xffffff;
	asids_take(8, 240);
	cp0_write(&running->arch, CP0_STATUS, STATUS_UM);
	for (asid = 0; asid < 256 && hosts[0].cpu.arch.asid_era == 1; asid++) {
		cp0_write(&running->arch, CP0_ENTRYHI, asid);
		changes_apply();
	}
	assert_int_equal(hosts[0].cpu.arch.asid_era, 2);
	asids_take(200, 8);
	asid = host_now()->asid;
	asids_take(7, 1);
	assert_int_equal(host_now()->asid, asid + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clean_guests),
		cmocka_unit_test(test_guests_whose_entries_overlap),
		cmocka_unit_test(test_generations_come_again),
		cmocka_unit_test(test_asid_of_another),
		cmocka_unit_test(test_own_asid_of_long_ago),
	};

	return cmocka_run_group_tests_name("mips_shadow", tests, NULL, NULL);
}

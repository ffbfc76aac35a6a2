// SPDX-License-Identifier: BSD-2-Clause
/*
 * The MIPS port's virtual TLB and address maps: the instructions, matching, and where virtual
 * addresses lead in each map and mode.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "mips/processor.h"

#define KERNEL GUEST_MODE_KERNEL
#define ERROR  GUEST_MODE_ERROR
#define USER   GUEST_MODE_USER

/* Frame number `pfn`, cacheable; valid, dirty, global as named. */
#define LO(pfn, flags) ((uint32_t)(pfn) << 6 | 3 << 3 | (flags))
#define V	       ENTRYLO_V
#define D	       ENTRYLO_D
#define G	       ENTRYLO_G

static const struct guest_translation *translate(const struct arch_vcpu *vcpu, uint32_t va,
						 enum guest_access access)
{
	static struct guest_translation out;
	bool fine;

	memset(&out, 0x5a, sizeof(out));
	fine = guest_translate(vcpu, va, access, &out);
	assert_int_equal(fine, out.fault == TRANSLATION_FINE);
	return &out;
}

/* ---- the instructions ---- */

static void test_write_and_read(void **state)
{
	struct arch_vcpu *vcpu = processor_make(0);

	(void)state;
	processor_page_set(vcpu, (struct processor_page){ 5, 0xc0017042, 0x6000,
							  LO(0x12344, V | D | G), LO(0x12348, V) });
	cp0_write(vcpu, CP0_ENTRYHI, 0x11);
	cp0_write(vcpu, CP0_PAGEMASK, 0);
	cp0_write(vcpu, CP0_ENTRYLO0, 0);
	cp0_write(vcpu, CP0_ENTRYLO1, 0);
	vcpu->changes = 0;
	guest_tlbr(vcpu);
	/* Address bits below the page are dropped; G holds only where both have it. */
	assert_int_equal(cp0_read(vcpu, CP0_ENTRYHI), 0xc0010042);
	assert_int_equal(cp0_read(vcpu, CP0_PAGEMASK), 0x6000);
	assert_int_equal(cp0_read(vcpu, CP0_ENTRYLO0), LO(0x12344, V | D));
	assert_int_equal(cp0_read(vcpu, CP0_ENTRYLO1), LO(0x12348, V));
	assert_int_equal(vcpu->changes, GUEST_CHANGE_ASID);
	/* An entry nobody wrote. */
	cp0_write(vcpu, CP0_INDEX, 6);
	guest_tlbr(vcpu);
	assert_int_equal(cp0_read(vcpu, CP0_ENTRYHI), ENTRYHI_EHINV);
	assert_int_equal(cp0_read(vcpu, CP0_ENTRYLO0), 0);
}

static void test_probe(void **state)
{
	struct arch_vcpu *vcpu = processor_make(0);

	(void)state;
	processor_page_set(vcpu, (struct processor_page){ 9, 0x00400001, 0, LO(1, V), LO(2, V) });
	processor_page_set(vcpu, (struct processor_page){ 63, 0xc0000001, 0, LO(1, G), LO(2, G) });
	cp0_write(vcpu, CP0_ENTRYHI, 0x00400001);
	guest_tlbp(vcpu);
	assert_int_equal(cp0_read(vcpu, CP0_INDEX), 9);
	cp0_write(vcpu, CP0_ENTRYHI, 0x00400002);
	guest_tlbp(vcpu);
	assert_int_equal(cp0_read(vcpu, CP0_INDEX), INDEX_P);
	/* P cannot be written. */
	cp0_write(vcpu, CP0_INDEX, 5);
	assert_int_equal(cp0_read(vcpu, CP0_INDEX), INDEX_P | 5);
	cp0_write(vcpu, CP0_ENTRYHI, 0xc0000077);
	guest_tlbp(vcpu);
	assert_int_equal(cp0_read(vcpu, CP0_INDEX), 63);
}

static void test_write_random(void **state)
{
	struct arch_vcpu *vcpu = processor_make(0);
	uint32_t seen = 0;

	(void)state;
	cp0_write(vcpu, CP0_WIRED, 60);
	for (uint32_t i = 0; i < 8; i++) {
		cp0_write(vcpu, CP0_ENTRYHI, i << 13);
		guest_tlbwr(vcpu);
		guest_tlbp(vcpu);
		assert_in_range(cp0_read(vcpu, CP0_INDEX), 60, 63);
		seen |= 1u << (cp0_read(vcpu, CP0_INDEX) - 60);
	}
	assert_int_equal(seen, 0xf);
	assert_int_equal(shadow_drops, 4);
}

static void test_shadow_is_told(void **state)
{
	struct arch_vcpu *vcpu = processor_make(0);

	(void)state;
	processor_page_set(vcpu, (struct processor_page){ 3, 0x00400001, 0, LO(1, V), LO(2, V) });
	assert_int_equal(shadow_drops, 0);
	processor_page_set(vcpu, (struct processor_page){ 3, 0x00600002, 0, LO(3, V), LO(4, V) });
	assert_int_equal(shadow_drops, 1);
	assert_int_equal(shadow_dropped.vpn2, 0x00400000);
	assert_int_equal(shadow_dropped.asid, 1);
	assert_int_equal(shadow_dropped.entrylo[0], LO(1, V));
}

static void test_invalidate(void **state)
{
	struct arch_vcpu *vcpu = processor_make(0);

	(void)state;
	processor_page_set(vcpu, (struct processor_page){ 0, 0x00400001, 0, LO(1, V), LO(2, V) });
	processor_page_set(vcpu, (struct processor_page){ 1, 0x00400002, 0, LO(1, V), LO(2, V) });
	processor_page_set(vcpu,
			   (struct processor_page){ 2, 0xc0000001, 0, LO(1, V | G), LO(2, V | G) });
	cp0_write(vcpu, CP0_ENTRYHI, 1);
	guest_tlbinv(vcpu);
	assert_int_equal(shadow_drops, 1);
	assert_int_equal(guest_tlb_find(vcpu, 0x00400000, 1), -1);
	assert_int_equal(guest_tlb_find(vcpu, 0x00400000, 2), 1);
	assert_int_equal(guest_tlb_find(vcpu, 0xc0000000, 7), 2);
	guest_tlbinvf(vcpu);
	assert_int_equal(shadow_drops, 3);
	assert_int_equal(guest_tlb_find(vcpu, 0xc0000000, 7), -1);
	/* Through EntryHi.EHINV, which nothing matches, not even the zeros that are left. */
	processor_page_set(vcpu,
			   (struct processor_page){ 1, ENTRYHI_EHINV, 0, LO(1, V), LO(2, V) });
	assert_int_equal(guest_tlb_find(vcpu, 0, 0), -1);
	assert_int_equal(shadow_drops, 3);
}

/* ---- matching ---- */

static void test_page_sizes(void **state)
{
	(void)state;
	for (uint32_t mask = 0; mask <= 0x1fffe000; mask = mask << 2 | 0x6000) {
		struct arch_vcpu *vcpu = processor_make(0);
		uint32_t size = ((mask | 0x1fff) + 1) / 2;
		const uint32_t even = 0xe0000000, odd = even + size;
		const struct guest_translation *out;

		/* Bits of the frame number below the page size are ignored. */
		processor_page_set(vcpu, (struct processor_page){ 0, even, mask, LO(0x5ffff, V | D),
								  LO(0xaffff, V) });
		out = translate(vcpu, even + size - 1, GUEST_ACCESS_STORE);
		assert_int_equal(out->fault, TRANSLATION_FINE);
		assert_int_equal(out->size, size);
		assert_int_equal(out->va_base, even);
		assert_int_equal(out->gpa_base.raw, 0x5ffff000 & ~(uint64_t)(size - 1));
		assert_int_equal(out->gpa.raw, out->gpa_base.raw + size - 1);
		assert_true(out->mapped && out->cached && out->writable);
		assert_int_equal(out->tlb_index, 0);
		out = translate(vcpu, odd, GUEST_ACCESS_LOAD);
		assert_int_equal(out->va_base, odd);
		assert_int_equal(out->gpa.raw, 0xaffff000 & ~(uint64_t)(size - 1));
		assert_false(out->writable);
		assert_int_equal(translate(vcpu, odd, GUEST_ACCESS_STORE)->fault,
				 TRANSLATION_MODIFIED);
		if (mask < 0x1fffe000)
			assert_int_equal(translate(vcpu, even + 2 * size, GUEST_ACCESS_LOAD)->fault,
					 TRANSLATION_REFILL);
		assert_int_equal(translate(vcpu, even - 1, GUEST_ACCESS_LOAD)->fault,
				 TRANSLATION_REFILL);
	}
}

static void test_faults(void **state)
{
	static const struct {
		uint32_t entrylo;
		enum translation_fault load, store;
	} rows[] = {
		{ LO(1, 0), TRANSLATION_INVALID, TRANSLATION_INVALID },
		{ LO(1, D), TRANSLATION_INVALID, TRANSLATION_INVALID },
		{ LO(1, V), TRANSLATION_FINE, TRANSLATION_MODIFIED },
		{ LO(1, V | D), TRANSLATION_FINE, TRANSLATION_FINE },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct arch_vcpu *vcpu = processor_make_user(0);

		processor_page_set(vcpu,
				   (struct processor_page){ 0, 0x00400000, 0, rows[i].entrylo, 0 });
		assert_int_equal(translate(vcpu, 0x00400123, GUEST_ACCESS_LOAD)->fault,
				 rows[i].load);
		assert_int_equal(translate(vcpu, 0x00400123, GUEST_ACCESS_FETCH)->fault,
				 rows[i].load);
		assert_int_equal(translate(vcpu, 0x00400123, GUEST_ACCESS_STORE)->fault,
				 rows[i].store);
	}
}

static void test_fault_becomes_exception(void **state)
{
	static const struct {
		enum translation_fault fault;
		enum guest_access access;
		uint32_t code, vector;
	} rows[] = {
		{ TRANSLATION_ADDRESS_ERROR, GUEST_ACCESS_LOAD, 4, 0x180 },
		{ TRANSLATION_ADDRESS_ERROR, GUEST_ACCESS_FETCH, 4, 0x180 },
		{ TRANSLATION_ADDRESS_ERROR, GUEST_ACCESS_STORE, 5, 0x180 },
		{ TRANSLATION_REFILL, GUEST_ACCESS_LOAD, 2, 0x000 },
		{ TRANSLATION_REFILL, GUEST_ACCESS_FETCH, 2, 0x000 },
		{ TRANSLATION_REFILL, GUEST_ACCESS_STORE, 3, 0x000 },
		{ TRANSLATION_INVALID, GUEST_ACCESS_LOAD, 2, 0x180 },
		{ TRANSLATION_INVALID, GUEST_ACCESS_STORE, 3, 0x180 },
		{ TRANSLATION_MODIFIED, GUEST_ACCESS_STORE, 1, 0x180 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct arch_vcpu *vcpu = processor_make_user(0);
		struct guest_translation failed = { .fault = rows[i].fault };

		guest_translation_fault(vcpu, 0x00003004, rows[i].access, &failed);
		assert_int_equal(vcpu->cp0[CP0_CAUSE], rows[i].code << 2);
		assert_int_equal(vcpu->pc, 0x80000000 + rows[i].vector);
		assert_int_equal(vcpu->cp0[CP0_BADVADDR], 0x00003004);
	}
}

static void test_cacheability(void **state)
{
	(void)state;
	for (uint32_t cca = 0; cca < 8; cca++) {
		struct arch_vcpu *vcpu = processor_make(0);

		processor_page_set(vcpu, (struct processor_page){ 0, 0xc0000000, 0,
								  1 << 6 | cca << 3 | V, 0 });
		assert_int_equal(translate(vcpu, 0xc0000000, GUEST_ACCESS_LOAD)->cached,
				 cca != 2 && cca != 7);
		cp0_write(vcpu, CP0_CONFIG, cca);
		assert_int_equal(translate(vcpu, 0x80000000, GUEST_ACCESS_LOAD)->cached,
				 cca != 2 && cca != 7);
		assert_false(translate(vcpu, 0xa0000000, GUEST_ACCESS_LOAD)->cached);
	}
}

static void test_global(void **state)
{
	struct arch_vcpu *vcpu = processor_make(0);

	(void)state;
	processor_page_set(vcpu,
			   (struct processor_page){ 0, 0xc0000001, 0, LO(1, V | G), LO(2, V | G) });
	cp0_write(vcpu, CP0_ENTRYHI, 0x99);
	assert_true(translate(vcpu, 0xc0000000, GUEST_ACCESS_LOAD)->global);
	processor_page_set(vcpu,
			   (struct processor_page){ 0, 0xc0000001, 0, LO(1, V | G), LO(2, V) });
	assert_false(translate(vcpu, 0xc0000000, GUEST_ACCESS_LOAD)->global);
	cp0_write(vcpu, CP0_ENTRYHI, 0x99);
	assert_int_equal(translate(vcpu, 0xc0000000, GUEST_ACCESS_LOAD)->fault, TRANSLATION_REFILL);
}

/* ---- maps ---- */

#define MAPPED UINT64_MAX
#define NONE   (UINT64_MAX - 1)

static const struct {
	const char *map;
	enum guest_mode mode;
	uint32_t va;
	uint64_t gpa; /* or MAPPED or NONE */
	bool cached;
} addresses[] = {
	{ "useg", KERNEL, 0x00000000, 0x00000000, true },
	{ "useg", KERNEL, 0x1fffffff, 0x1fffffff, true },
	{ "useg", KERNEL, 0x20000000, 0x00000000, false },
	{ "useg", KERNEL, 0x3fc00000, 0x1fc00000, false },
	{ "useg", KERNEL, 0x3fffffff, 0x1fffffff, false },
	{ "useg", KERNEL, 0x40000000, MAPPED, false },
	{ "useg", KERNEL, 0x7fffffff, MAPPED, false },
	{ "useg", KERNEL, 0x80000000, NONE, false },
	{ "useg", KERNEL, 0xffffffff, NONE, false },
	{ "useg", ERROR, 0x00000000, 0x00000000, true },
	{ "useg", ERROR, 0x3fc00000, 0x1fc00000, false },
	{ "useg", ERROR, 0x40000000, MAPPED, false },
	{ "useg", USER, 0x00000000, MAPPED, false },
	{ "useg", USER, 0x7fffffff, MAPPED, false },
	{ "useg", USER, 0x80000000, NONE, false },
	{ "kvm-te", KERNEL, 0x00000000, MAPPED, false },
	{ "kvm-te", KERNEL, 0x3fffffff, MAPPED, false },
	{ "kvm-te", KERNEL, 0x40000000, 0x00000000, true },
	{ "kvm-te", KERNEL, 0x5fffffff, 0x1fffffff, true },
	{ "kvm-te", KERNEL, 0x60000000, MAPPED, false },
	{ "kvm-te", KERNEL, 0x7fffffff, MAPPED, false },
	{ "kvm-te", KERNEL, 0xb80003f8, 0x180003f8, false },
	{ "kvm-te", KERNEL, 0xc0000000, NONE, false },
	{ "kvm-te", ERROR, 0x00001000, 0x00001000, false },
	{ "kvm-te", USER, 0x3fffffff, MAPPED, false },
	{ "kvm-te", USER, 0x40000000, NONE, false },
	{ "kvm-te", USER, 0xa0000000, NONE, false },
	{ "segctl", KERNEL, 0x00000000, MAPPED, false },
	{ "segctl", KERNEL, 0x7fffffff, MAPPED, false },
	{ "segctl", KERNEL, 0x80000000, 0x00000000, true },
	{ "segctl", KERNEL, 0x9fffffff, 0x1fffffff, true },
	{ "segctl", KERNEL, 0xa0000000, 0x00000000, false },
	{ "segctl", KERNEL, 0xbfc00000, 0x1fc00000, false },
	{ "segctl", KERNEL, 0xc0000000, MAPPED, false },
	{ "segctl", KERNEL, 0xffffffff, MAPPED, false },
	{ "segctl", ERROR, 0x00001000, 0x00001000, false },
	{ "segctl", ERROR, 0x7fffffff, 0x7fffffff, false },
	{ "segctl", ERROR, 0x80000000, 0x00000000, true },
	{ "segctl", ERROR, 0xc0000000, MAPPED, false },
	{ "segctl", USER, 0x00000000, MAPPED, false },
	{ "segctl", USER, 0x7fffffff, MAPPED, false },
	{ "segctl", USER, 0x80000000, NONE, false },
	{ "segctl", USER, 0xc0000000, NONE, false },
	{ "segctl", USER, 0xffffffff, NONE, false },
};

static void test_maps(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(addresses); i++) {
		struct arch_vcpu *vcpu = processor_make_in(addresses[i].map, 0);
		struct guest_translation out;
		uint64_t wanted = addresses[i].gpa;

		/* After reset the cached segments are not. */
		cp0_write(vcpu, CP0_CONFIG, 3);
		guest_translate_as(vcpu, addresses[i].mode, addresses[i].va, GUEST_ACCESS_STORE,
				   &out);
		if (wanted == NONE) {
			assert_int_equal(out.fault, TRANSLATION_ADDRESS_ERROR);
		} else if (wanted == MAPPED) {
			assert_int_equal(out.fault, TRANSLATION_REFILL);
		} else {
			assert_int_equal(out.fault, TRANSLATION_FINE);
			assert_int_equal(out.gpa.raw, wanted);
			assert_int_equal(out.cached, addresses[i].cached);
			assert_true(out.writable && out.global && !out.mapped);
			assert_int_equal(out.gpa.raw - out.gpa_base.raw,
					 addresses[i].va - out.va_base);
			assert_true(addresses[i].va - out.va_base < out.size);
		}
	}
}

/* Where a user's access fails a kernel's of the same map need not, and the vectors are reachable.
 */
static void test_map_consistency(void **state)
{
	const struct address_map *map;

	(void)state;
	for (unsigned int i = 0; (map = address_map_get(i)) != NULL; i++) {
		const struct segment *segment;

		assert_ptr_equal(address_map_find(map->name), map);
		segment = segment_find(map, ERROR, map->reset_vector);
		assert_non_null(segment);
		assert_int_not_equal(segment->kind, SEGMENT_MAPPED);
		assert_non_null(segment_find(map, KERNEL, map->bev_base + 0x180));
		segment = segment_find(map, KERNEL, map->ebase_fixed);
		assert_int_equal(segment->kind, SEGMENT_CACHED);
		assert_int_equal(segment->physical + (map->ebase_fixed - segment->first), 0);
		assert_int_equal(map->ebase_fixed & map->ebase_writable, 0);
		if (!map->needs_segmentation)
			assert_true(map->bev_base < 0x80000000);
	}
	assert_null(address_map_find("classic"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_write_and_read),
		cmocka_unit_test(test_probe),
		cmocka_unit_test(test_write_random),
		cmocka_unit_test(test_shadow_is_told),
		cmocka_unit_test(test_invalidate),
		cmocka_unit_test(test_page_sizes),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_fault_becomes_exception),
		cmocka_unit_test(test_cacheability),
		cmocka_unit_test(test_global),
		cmocka_unit_test(test_maps),
		cmocka_unit_test(test_map_consistency),
	};

	return cmocka_run_group_tests_name("mips_tlb", tests, NULL, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * The MIPS port's virtual coprocessor 0: for each of its 256 registers what it reads after reset
 * and which bits are written; then what is more than that.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "mips/processor.h"

struct row {
	const char *name;
	unsigned int index;
	uint32_t reset, writable;
};

/* Of a 24Kc in the classic map with all features; what is in no row reads as 0 and stays so. */
static const struct row rows[] = {
	{ "Index", CP0_INDEX, 0, 0x0000003f },
	{ "EntryLo0", CP0_ENTRYLO0, 0, 0x03ffffff },
	{ "EntryLo1", CP0_ENTRYLO1, 0, 0x03ffffff },
	{ "Context", CP0_CONTEXT, 0, 0xff800000 },
	{ "UserLocal", CP0_USERLOCAL, 0, 0xffffffff },
	{ "PageMask", CP0_PAGEMASK, 0, 0x1fffe000 },
	{ "Wired", CP0_WIRED, 0, 0x0000003f },
	{ "HWREna", CP0_HWRENA, 0, 0x2000000f },
	{ "EntryHi", CP0_ENTRYHI, 0, 0xffffe4ff },
	{ "Compare", CP0_COMPARE, 0, 0xffffffff },
	{ "Status", CP0_STATUS, 0x00400004, 0x3c40ff17 },
	{ "IntCtl", CP0_INTCTL, 0xe0000000, 0x000003e0 },
	{ "Cause", CP0_CAUSE, 0, 0x08800300 },
	{ "EPC", CP0_EPC, 0, 0xffffffff },
	{ "PRId", CP0_PRID, 0x00019300, 0 },
	{ "EBase", CP0_EBASE, 0x80000000, 0x3ffff000 },
	{ "Config", CP0_CONFIG, 0x80008482, 0x00000007 },
	{ "Config1", CP0_CONFIG1, 0xfe231181, 0 },
	{ "Config2", CP0_CONFIG2, 0x80000000, 0 },
	{ "Config3", CP0_CONFIG3, 0x80002020, 0 },
	{ "Config4", CP0_CONFIG4, 0x40000000, 0 },
	{ "TagLo", CP0_TAGLO, 0, 0xffffffff },
	{ "DTagLo", CP0_DTAGLO, 0, 0xffffffff },
	{ "TagHi", CP0_TAGHI, 0, 0xffffffff },
	{ "DTagHi", CP0_DTAGHI, 0, 0xffffffff },
	{ "ErrorEPC", CP0_ERROREPC, 0, 0xffffffff },
};

#define ALL_FEATURES (GUEST_FEATURE_FPU | GUEST_FEATURE_VECTORED | GUEST_FEATURE_BIG_ENDIAN)

static struct row row_of(unsigned int index)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].index == index)
			return rows[i];
	return (struct row){ "no register", index, 0, 0 };
}

static void check_register(unsigned int index, uint32_t value)
{
	struct row row = row_of(index);
	struct arch_vcpu *vcpu = processor_make_in("segctl", ALL_FEATURES);
	uint32_t got = cp0_read(vcpu, index);
	uint32_t wanted;

	/* Away from what is written to Compare, so that there is no match. */
	processor_clock_ns = 1000;
	if (got != row.reset)
		fail_msg("%s (%u, %u): 0x%08x after reset", row.name, index / 8, index % 8, got);
	cp0_write(vcpu, index, value);
	wanted = (row.reset & ~row.writable) | (value & row.writable);
	got = cp0_read(vcpu, index);
	if (got != wanted)
		fail_msg("%s (%u, %u): 0x%08x and not 0x%08x after 0x%08x", row.name, index / 8,
			 index % 8, got, wanted, value);
	/* Nobody else has changed. */
	for (unsigned int other = 0; other < CP0_REGISTERS; other++)
		if (other != index && other != CP0_RANDOM && other != CP0_COUNT &&
		    cp0_read(vcpu, other) != row_of(other).reset)
			fail_msg("writing %u, %u changed %s", index / 8, index % 8,
				 row_of(other).name);
}

static void test_all_registers(void **state)
{
	(void)state;
	for (unsigned int index = 0; index < CP0_REGISTERS; index++) {
		if (index == CP0_RANDOM || index == CP0_COUNT)
			continue;
		check_register(index, 0xffffffff);
		check_register(index, 0);
		/* PageMask takes no arbitrary bits, see below. */
		if (index != CP0_PAGEMASK) {
			check_register(index, 0xa5a5a5a5);
			check_register(index, 0x5a5a5a5a);
		}
	}
}

static void test_without_features(void **state)
{
	struct arch_vcpu *vcpu = processor_make_in("segctl", 0);

	(void)state;
	assert_int_equal(cp0_read(vcpu, CP0_CONFIG), 0x80000482);
	assert_int_equal(cp0_read(vcpu, CP0_CONFIG1), 0xfe231180);
	assert_int_equal(cp0_read(vcpu, CP0_CONFIG3), 0x80002000);
	cp0_write(vcpu, CP0_STATUS, 0xffffffff);
	assert_int_equal(cp0_read(vcpu, CP0_STATUS), 0x1840ff17);
	cp0_write(vcpu, CP0_INTCTL, 0xffffffff);
	assert_int_equal(cp0_read(vcpu, CP0_INTCTL), 0xe0000000);
}

static void test_models(void **state)
{
	struct arch_guest guest = {
		.map = address_map_find("useg"),
		.model = processor_model_find("mips,mips4KEc"),
		.count_hz = TEST_COUNT_HZ,
	};
	struct arch_vcpu *vcpu = processor_make(0);

	(void)state;
	assert_non_null(guest.model);
	assert_null(processor_model_find("mips,r4000"));
	assert_ptr_equal(processor_model_find("mips,mips24Kc"), processor_model_get(0));
	assert_null(processor_model_get(100));
	guest_processor_reset(vcpu, &guest, 3);
	assert_int_equal(cp0_read(vcpu, CP0_PRID), 0x00019000);
	assert_int_equal(cp0_read(vcpu, CP0_CONFIG1) >> 25 & 63, 15);
	assert_int_equal(cp0_read(vcpu, CP0_EBASE), 3);
	cp0_write(vcpu, CP0_WIRED, 0xffffffff);
	assert_int_equal(cp0_read(vcpu, CP0_WIRED), 15);
	cp0_write(vcpu, CP0_INDEX, 0xffffffff);
	assert_int_equal(cp0_read(vcpu, CP0_INDEX), 15);
	/* No Config4: no EHINV, and no UserLocal either. */
	cp0_write(vcpu, CP0_ENTRYHI, 0xffffffff);
	assert_int_equal(cp0_read(vcpu, CP0_ENTRYHI), 0xffffe0ff);
	cp0_write(vcpu, CP0_USERLOCAL, 1);
	assert_int_equal(cp0_read(vcpu, CP0_USERLOCAL), 0);
	cp0_write(vcpu, CP0_HWRENA, 0xffffffff);
	assert_int_equal(cp0_read(vcpu, CP0_HWRENA), 0xf);
}

/* EBase stays in the map's unmapped cached segment. */
static void test_ebase_by_map(void **state)
{
	struct arch_vcpu *vcpu = processor_make_in("useg", 0);

	(void)state;
	cp0_write(vcpu, CP0_EBASE, 0xffffffff);
	assert_int_equal(cp0_read(vcpu, CP0_EBASE), 0x1ffff000);
	vcpu = processor_make_in("kvm-te", 0);
	cp0_write(vcpu, CP0_EBASE, 0xffffffff);
	assert_int_equal(cp0_read(vcpu, CP0_EBASE), 0x5ffff000);
}

static void test_reset(void **state)
{
	struct arch_vcpu *vcpu = processor_make_in("useg", 0);

	(void)state;
	assert_int_equal(vcpu->pc, 0x3fc00000);
	assert_int_equal(vcpu->delay_slot, 0);
	assert_int_equal(guest_mode(vcpu), GUEST_MODE_ERROR);
	assert_true(guest_in_kernel(vcpu));
	for (unsigned int i = 0; i < 32; i++)
		assert_int_equal(vcpu->gpr[i], 0);
	assert_int_equal(processor_make_in("segctl", 0)->pc, 0xbfc00000);
	assert_int_equal(processor_make_in("kvm-te", 0)->pc, 0x5fc00000);
}

static void test_page_mask(void **state)
{
	static const struct {
		uint32_t written, read;
	} masks[] = {
		{ 0x00000000, 0x00000000 },	 { 0x00006000, 0x00006000 },
		{ 0x0001e000, 0x0001e000 },	 { 0x0007e000, 0x0007e000 },
		{ 0x001fe000, 0x001fe000 },	 { 0x007fe000, 0x007fe000 },
		{ 0x01ffe000, 0x01ffe000 },	 { 0x07ffe000, 0x07ffe000 },
		{ 0x1fffe000, 0x1fffe000 },	 { 0xffffffff, 0x1fffe000 },
		{ 0x00002000, 0x00000000 },	 { 0x00004000, 0x00000000 },
		{ 0x0000e000, 0x00006000 },	 { 0x00018000, 0x00000000 },
		{ 0x0001e000 ^ 0x8000, 0x6000 }, { 0x00001fff, 0x00000000 },
	};
	struct arch_vcpu *vcpu = processor_make(0);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(masks); i++) {
		cp0_write(vcpu, CP0_PAGEMASK, masks[i].written);
		assert_int_equal(cp0_read(vcpu, CP0_PAGEMASK), masks[i].read);
	}
}

static void test_random_and_wired(void **state)
{
	struct arch_vcpu *vcpu = processor_make(0);

	(void)state;
	assert_int_equal(cp0_read(vcpu, CP0_RANDOM), 63);
	assert_int_equal(cp0_read(vcpu, CP0_RANDOM), 62);
	cp0_write(vcpu, CP0_RANDOM, 7);
	assert_int_equal(cp0_read(vcpu, CP0_RANDOM), 61);
	cp0_write(vcpu, CP0_WIRED, 61);
	assert_int_equal(cp0_read(vcpu, CP0_RANDOM), 63);
	assert_int_equal(cp0_read(vcpu, CP0_RANDOM), 62);
	assert_int_equal(cp0_read(vcpu, CP0_RANDOM), 61);
	assert_int_equal(cp0_read(vcpu, CP0_RANDOM), 63);
	cp0_write(vcpu, CP0_WIRED, 63);
	for (int i = 0; i < 3; i++)
		assert_int_equal(cp0_read(vcpu, CP0_RANDOM), 63);
}

static void test_changes(void **state)
{
	static const struct {
		unsigned int index;
		uint32_t value, changes;
	} rows_of_changes[] = {
		{ CP0_STATUS, 0, 0 },
		{ CP0_STATUS, STATUS_IE | STATUS_IM, 0 },
		{ CP0_STATUS, STATUS_UM, GUEST_CHANGE_MODE },
		{ CP0_STATUS, STATUS_UM | STATUS_EXL, 0 },
		{ CP0_STATUS, STATUS_ERL, GUEST_CHANGE_MODE },
		{ CP0_STATUS, STATUS_CU1, GUEST_CHANGE_USER },
		{ CP0_STATUS, STATUS_CU0, GUEST_CHANGE_USER },
		{ CP0_ENTRYHI, 0x80002000, 0 },
		{ CP0_ENTRYHI, 1, GUEST_CHANGE_ASID },
		{ CP0_COMPARE, 100, GUEST_CHANGE_TIMER },
		{ CP0_COUNT, 100, GUEST_CHANGE_TIMER },
		{ CP0_CAUSE, CAUSE_DC, GUEST_CHANGE_TIMER },
		{ CP0_CAUSE, CAUSE_IV, 0 },
		{ CP0_USERLOCAL, 1, GUEST_CHANGE_USER },
		{ CP0_HWRENA, 1, GUEST_CHANGE_USER },
		{ CP0_EPC, 1, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows_of_changes); i++) {
		struct arch_vcpu *vcpu = processor_make(GUEST_FEATURE_FPU);

		cp0_write(vcpu, rows_of_changes[i].index, rows_of_changes[i].value);
		assert_int_equal(vcpu->changes, rows_of_changes[i].changes);
	}
}

static void test_mode(void **state)
{
	struct arch_vcpu *vcpu = processor_make(0);

	(void)state;
	for (uint32_t bits = 0; bits < 0x20; bits++) {
		enum guest_mode wanted = GUEST_MODE_KERNEL;

		if ((bits & STATUS_ERL) != 0)
			wanted = GUEST_MODE_ERROR;
		else if ((bits & STATUS_EXL) == 0 && (bits & STATUS_UM) != 0)
			wanted = GUEST_MODE_USER;
		cp0_write(vcpu, CP0_STATUS, bits);
		assert_int_equal(guest_mode(vcpu), wanted);
	}
}

/* What a fast path may read by itself is what the long way gives. */
static void test_plain_reads(void **state)
{
	struct arch_vcpu *vcpu = processor_make(0);

	(void)state;
	guest_irq_level_set(vcpu, 2, true);
	processor_clock_ns = 12345;
	for (unsigned int index = 0; index < CP0_REGISTERS; index++)
		if (cp0_read_is_plain(index))
			assert_int_equal(vcpu->cp0[index], cp0_read(vcpu, index));
	assert_false(cp0_read_is_plain(CP0_CAUSE));
	assert_false(cp0_read_is_plain(CP0_COUNT));
	assert_false(cp0_read_is_plain(CP0_RANDOM));
	assert_int_equal(cp0_read(vcpu, CP0_CAUSE), 1u << 10);
	assert_int_equal(cp0_read(vcpu, CP0_COUNT), 1234);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_registers),
		cmocka_unit_test(test_without_features),
		cmocka_unit_test(test_models),
		cmocka_unit_test(test_ebase_by_map),
		cmocka_unit_test(test_reset),
		cmocka_unit_test(test_page_mask),
		cmocka_unit_test(test_random_and_wired),
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_mode),
		cmocka_unit_test(test_plain_reads),
	};

	return cmocka_run_group_tests_name("mips_cp0", tests, NULL, NULL);
}

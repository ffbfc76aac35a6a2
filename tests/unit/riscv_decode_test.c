// SPDX-License-Identifier: BSD-2-Clause
/*
 * The RISC-V port's decoder of loads and stores: every encoding against a table written from the
 * specification's instruction listings, and the transformed forms that hardware reports.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../../arch/riscv/decode.c"

struct row {
	const char *text;
	uint32_t instruction;
	struct arch_access access; /* size 0: not a load or store that a device answers */
};

/* register, length, size, write, sign, floating */
#define ACCESS(...)         \
	{                   \
		__VA_ARGS__ \
	}
#define NOTHING   \
	{         \
		0 \
	}

static const struct row rows[] = {
	{ "lb a0, 0(a1)", 0x00058503, ACCESS(10, 4, 1, false, true, false) },
	{ "lh s3, 2(t0)", 0x00229983, ACCESS(19, 4, 2, false, true, false) },
	{ "lw x0, 0(a1)", 0x0005a003, ACCESS(0, 4, 4, false, true, false) },
	{ "ld t6, 8(sp)", 0x00813f83, ACCESS(31, 4, 8, false, true, false) },
	{ "lbu a0, 0(a1)", 0x0005c503, ACCESS(10, 4, 1, false, false, false) },
	{ "lhu a0, 0(a1)", 0x0005d503, ACCESS(10, 4, 2, false, false, false) },
	{ "lwu a0, 0(a1)", 0x0005e503, ACCESS(10, 4, 4, false, false, false) },
	{ "load, funct3 7", 0x0005f503, NOTHING },
	{ "sb s7, 0(a5)", 0x01778023, ACCESS(23, 4, 1, true, false, false) },
	{ "sh s7, 0(a5)", 0x01779023, ACCESS(23, 4, 2, true, false, false) },
	{ "sw s7, 0(a5)", 0x0177a023, ACCESS(23, 4, 4, true, false, false) },
	{ "sd ra, 0(a5)", 0x0017b023, ACCESS(1, 4, 8, true, false, false) },
	{ "store, funct3 4", 0x0177c023, NOTHING },
	{ "flw fa0, 0(a1)", 0x0005a507, ACCESS(10, 4, 4, false, false, true) },
	{ "fld ft11, 0(a1)", 0x0005bf87, ACCESS(31, 4, 8, false, false, true) },
	{ "fsw fa0, 0(a1)", 0x00a5a027, ACCESS(10, 4, 4, true, false, true) },
	{ "fsd fs0, 0(a1)", 0x0085b027, ACCESS(8, 4, 8, true, false, true) },
	{ "vle8.v v0, (a0)", 0x02050007, NOTHING },
	{ "vse64.v v8, (a0)", 0x02057427, NOTHING },
	{ "amoadd.w a0, a1, (a2)", 0x00b6252f, NOTHING },
	{ "lr.d a0, (a1)", 0x1005b52f, NOTHING },
	{ "cbo.zero (a0)", 0x0045200f, NOTHING },
	{ "addi a0, a0, 1", 0x00150513, NOTHING },
	{ "c.lw a0, 0(a1)", 0x4188, ACCESS(10, 2, 4, false, true, false) },
	{ "c.ld s0, 8(a5)", 0x6780, ACCESS(8, 2, 8, false, true, false) },
	{ "c.sw a0, 0(a1)", 0xc188, ACCESS(10, 2, 4, true, false, false) },
	{ "c.sd s1, 0(a0)", 0xe104, ACCESS(9, 2, 8, true, false, false) },
	{ "c.fld fa0, 0(a1)", 0x2188, ACCESS(10, 2, 8, false, false, true) },
	{ "c.fsd fa0, 0(a1)", 0xa188, ACCESS(10, 2, 8, true, false, true) },
	{ "c.lwsp a0, 0(sp)", 0x4502, ACCESS(10, 2, 4, false, true, false) },
	{ "c.ldsp ra, 0(sp)", 0x6082, ACCESS(1, 2, 8, false, true, false) },
	{ "c.fldsp fs11, 0(sp)", 0x2d82, ACCESS(27, 2, 8, false, false, true) },
	{ "c.swsp t6, 0(sp)", 0xc07e, ACCESS(31, 2, 4, true, false, false) },
	{ "c.sdsp s2, 0(sp)", 0xe04a, ACCESS(18, 2, 8, true, false, false) },
	{ "c.fsdsp fs11, 0(sp)", 0xa06e, ACCESS(27, 2, 8, true, false, true) },
	{ "c.lbu a0, 0(a1)", 0x8188, ACCESS(10, 2, 1, false, false, false) },
	{ "c.lhu a0, 0(a1)", 0x8588, ACCESS(10, 2, 2, false, false, false) },
	{ "c.lh a0, 0(a1)", 0x85c8, ACCESS(10, 2, 2, false, true, false) },
	{ "c.sb a0, 0(a1)", 0x8988, ACCESS(10, 2, 1, true, false, false) },
	{ "c.sh a0, 0(a1)", 0x8d88, ACCESS(10, 2, 2, true, false, false) },
	{ "c.sh with bit 6", 0x8dc8, NOTHING },
	{ "c.addi4spn", 0x0048, NOTHING },
	{ "c.mv a0, a1", 0x852e, NOTHING },
	{ "c.nop", 0x0001, NOTHING },
};

static void assert_access(const char *text, const struct arch_access *got,
			  const struct arch_access *wanted)
{
	if (memcmp(got, wanted, sizeof(*got)) != 0)
		fail_msg("%s: register %u length %u size %u write %d sign %d floating %d", text,
			 got->data_register, got->instruction_length, got->size, got->write,
			 got->sign_extend, got->floating);
}

static void test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arch_access access = { 0 };
		bool found = access_decode(rows[i].instruction, &access);

		if (found != (rows[i].access.size != 0))
			fail_msg("%s: %s", rows[i].text, found ? "decoded" : "not decoded");
		if (found)
			assert_access(rows[i].text, &access, &rows[i].access);
	}
}

/* Hardware clears what it has used (rs1, offset) and, for a compressed original, bit 1. */
static void test_transformed(void **state)
{
	const uint32_t cleared_load = 0x00007f7f | 0x00000f80, cleared_store = 0x01f0707f;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint32_t mask = rows[i].access.write ? cleared_store : cleared_load;
		struct arch_access access = { 0 }, wanted = rows[i].access;

		if (rows[i].access.size == 0 || rows[i].access.instruction_length == 2)
			continue;
		assert_true(access_decode_transformed(rows[i].instruction & mask, &access));
		assert_access(rows[i].text, &access, &wanted);
		wanted.instruction_length = 2;
		assert_true(access_decode_transformed((rows[i].instruction & mask) & ~2u, &access));
		assert_access(rows[i].text, &access, &wanted);
	}
}

static void test_no_transformed_instruction(void **state)
{
	static const uint64_t values[] = { 0, 0x3000, 0x3020, 0x2000, 0x2020, 0x0000202f | 1 };
	struct arch_access access;

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		assert_false(access_decode_transformed(values[i], &access));
}

/* Whatever is decoded is an access that can be served. */
static void test_all_compressed(void **state)
{
	(void)state;
	for (uint32_t instruction = 0; instruction < 0x10000; instruction++) {
		struct arch_access access = { 0 };

		if ((instruction & 3) == 3 || !access_decode(instruction, &access))
			continue;
		assert_int_equal(access.instruction_length, 2);
		assert_true(access.size == 1 || access.size == 2 || access.size == 4 ||
			    access.size == 8);
		assert_in_range(access.data_register, 0, 31);
		assert_false(access.write && access.sign_extend);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_transformed),
		cmocka_unit_test(test_no_transformed_instruction),
		cmocka_unit_test(test_all_compressed),
	};

	return cmocka_run_group_tests_name("riscv_decode", tests, NULL, NULL);
}

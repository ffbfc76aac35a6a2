// SPDX-License-Identifier: BSD-2-Clause
/*
 * The MIPS port's decoder: every encoding of the privileged space against a table written from the
 * instruction listings, and the loads and stores that a device can answer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "mips/processor.h"

struct row {
	uint32_t mask, match;
	enum operation operation;
};

/* What is in no row is reserved. */
static const struct row privileged[] = {
	{ 0xffe007f8, 0x40000000, OPERATION_MFC0 },   { 0xffe007f8, 0x40800000, OPERATION_MTC0 },
	{ 0xffe007ff, 0x41400000, OPERATION_RDPGPR }, { 0xffe007ff, 0x41c00000, OPERATION_WRPGPR },
	{ 0xffe0ffff, 0x41606000, OPERATION_DI },     { 0xffe0ffff, 0x41606020, OPERATION_EI },
	{ 0xffffffff, 0x42000001, OPERATION_TLBR },   { 0xffffffff, 0x42000002, OPERATION_TLBWI },
	{ 0xffffffff, 0x42000003, OPERATION_TLBINV }, { 0xffffffff, 0x42000004, OPERATION_TLBINVF },
	{ 0xffffffff, 0x42000006, OPERATION_TLBWR },  { 0xffffffff, 0x42000008, OPERATION_TLBP },
	{ 0xffffffff, 0x42000018, OPERATION_ERET },   { 0xffffffff, 0x42000058, OPERATION_ERETNC },
	{ 0xfe00003f, 0x42000020, OPERATION_WAIT },
};

static enum operation wanted(uint32_t instruction)
{
	for (size_t i = 0; i < ARRAY_SIZE(privileged); i++)
		if ((instruction & privileged[i].mask) == privileged[i].match)
			return privileged[i].operation;
	return OPERATION_RESERVED;
}

static void check(uint32_t instruction)
{
	if (operation_decode(instruction) != wanted(instruction))
		fail_msg("0x%08x: operation %d, not %d", instruction, operation_decode(instruction),
			 wanted(instruction));
	assert_true(operation_is_privileged(instruction));
}

/* All of the opcode's 2^26 words but for most values of the two register fields. */
static void test_coprocessor0(void **state)
{
	static const uint32_t registers[] = { 0x000, 0x001, 0x155, 0x18c, 0x2aa, 0x20f, 0x3ff };

	(void)state;
	for (uint32_t format = 0; format < 32; format++)
		for (size_t i = 0; i < ARRAY_SIZE(registers); i++)
			for (uint32_t low = 0; low < 0x800; low++)
				check(0x40000000 | format << 21 | registers[i] << 11 | low);
	/* Register 12 and its neighbours, where DI and EI are. */
	for (uint32_t format = 0; format < 32; format++)
		for (uint32_t low = 0; low < 0x10000; low++)
			check(0x40000000 | format << 21 | (low % 31) << 16 | low);
}

static void test_cache_and_synci(void **state)
{
	(void)state;
	for (uint32_t low = 0; low < 1u << 26; low += 0x3ff) {
		assert_int_equal(operation_decode(0xbc000000 | low), OPERATION_CACHE);
		assert_true(operation_is_privileged(0xbc000000 | low));
	}
	for (uint32_t rt = 0; rt < 32; rt++)
		assert_int_equal(operation_decode(0x04600000 | rt << 16),
				 rt == 31 ? OPERATION_SYNCI : OPERATION_OTHER);
	assert_false(operation_is_privileged(ENCODE_SYNCI(3, 0)));
}

static void test_rdhwr(void **state)
{
	(void)state;
	for (uint32_t number = 0; number < 32; number++)
		assert_int_equal(operation_decode(ENCODE_RDHWR(3, number)), OPERATION_RDHWR);
	/* A select field, or another register, is of later processors. */
	assert_int_equal(operation_decode(ENCODE_RDHWR(3, 4) | 0x40), OPERATION_RESERVED);
	assert_int_equal(operation_decode(ENCODE_RDHWR(3, 4) | 1u << 21), OPERATION_RESERVED);
	assert_int_equal(operation_decode(0x7c03e820), OPERATION_OTHER); /* bshfl */
}

/* By opcode: what needs a unit, what is an access. */
static void test_opcodes(void **state)
{
	static const uint8_t operations[64] = {
		[0x10] = OPERATION_MFC0,	 [0x11] = OPERATION_COPROCESSOR1,
		[0x12] = OPERATION_COPROCESSOR2, [0x13] = OPERATION_COPROCESSOR1,
		[0x20] = OPERATION_ACCESS,	 [0x21] = OPERATION_ACCESS,
		[0x22] = OPERATION_ACCESS,	 [0x23] = OPERATION_ACCESS,
		[0x24] = OPERATION_ACCESS,	 [0x25] = OPERATION_ACCESS,
		[0x26] = OPERATION_ACCESS,	 [0x28] = OPERATION_ACCESS,
		[0x29] = OPERATION_ACCESS,	 [0x2a] = OPERATION_ACCESS,
		[0x2b] = OPERATION_ACCESS,	 [0x2e] = OPERATION_ACCESS,
		[0x2f] = OPERATION_CACHE,	 [0x30] = OPERATION_ACCESS,
		[0x31] = OPERATION_COPROCESSOR1, [0x32] = OPERATION_COPROCESSOR2,
		[0x35] = OPERATION_COPROCESSOR1, [0x36] = OPERATION_COPROCESSOR2,
		[0x38] = OPERATION_ACCESS,	 [0x39] = OPERATION_COPROCESSOR1,
		[0x3a] = OPERATION_COPROCESSOR2, [0x3d] = OPERATION_COPROCESSOR1,
		[0x3e] = OPERATION_COPROCESSOR2,
	};

	(void)state;
	for (uint32_t opcode = 0; opcode < 64; opcode++) {
		enum operation operation = operations[opcode];

		if (operation == OPERATION_RESERVED)
			operation = OPERATION_OTHER;
		assert_int_equal(operation_decode(opcode << 26), operation);
	}
	assert_int_equal(operation_decode(0x00010001), OPERATION_COPROCESSOR1); /* movci */
}

struct access_row {
	const char *text;
	uint32_t instruction;
	struct arch_access access;
};

static const struct access_row accesses[] = {
	{ "lb v0, -4(a0)", 0x8082fffc, { 0, 2, 4, 1, false, true, -4 } },
	{ "lh t9, 2(sp)", 0x87b90002, { 0, 25, 29, 2, false, true, 2 } },
	{ "lwl t0, 3(t1)", 0x89280003, { ACCESS_LEFT, 8, 9, 4, false, false, 3 } },
	{ "lw zero, 0(ra)", 0x8fe00000, { 0, 0, 31, 4, false, false, 0 } },
	{ "lbu v0, 0x7fff(a0)", 0x90827fff, { 0, 2, 4, 1, false, false, 0x7fff } },
	{ "lhu v0, -0x8000(a0)", 0x94828000, { 0, 2, 4, 2, false, false, -0x8000 } },
	{ "lwr t0, 0(t1)", 0x99280000, { ACCESS_RIGHT, 8, 9, 4, false, false, 0 } },
	{ "ll v0, 8(a0)", 0xc0820008, { ACCESS_LINKED, 2, 4, 4, false, false, 8 } },
	{ "sb v0, 1(a0)", 0xa0820001, { 0, 2, 4, 1, true, false, 1 } },
	{ "sh v0, 2(a0)", 0xa4820002, { 0, 2, 4, 2, true, false, 2 } },
	{ "swl v0, 3(a0)", 0xa8820003, { ACCESS_LEFT, 2, 4, 4, true, false, 3 } },
	{ "sw v0, 4(a0)", 0xac820004, { 0, 2, 4, 4, true, false, 4 } },
	{ "swr v0, 0(a0)", 0xb8820000, { ACCESS_RIGHT, 2, 4, 4, true, false, 0 } },
	{ "sc v0, 8(a0)", 0xe0820008, { ACCESS_CONDITIONAL, 2, 4, 4, true, false, 8 } },
	{ "sdl", 0xb0820000, { 0 } },
	{ "sdr", 0xb4820000, { 0 } },
	{ "lwu", 0x9c820000, { 0 } },
	{ "lwc1", 0xc4820000, { 0 } },
	{ "sdc1", 0xf4820000, { 0 } },
	{ "pref", 0xcc820000, { 0 } },
	{ "cache", 0xbc820000, { 0 } },
	{ "addiu", 0x24820000, { 0 } },
};

static void test_accesses(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(accesses); i++) {
		const struct access_row *row = &accesses[i];
		struct arch_access access = { 0 };
		bool found = access_decode(row->instruction, &access);

		if (found != (row->access.size != 0))
			fail_msg("%s: %s", row->text, found ? "decoded" : "not decoded");
		if (found && memcmp(&access, &row->access, sizeof(access)) != 0)
			fail_msg("%s: kind %u register %u base %u size %u write %d sign %d "
				 "offset %d",
				 row->text, access.kind, access.data_register, access.base_register,
				 access.size, access.write, access.sign_extend, access.offset);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_coprocessor0), cmocka_unit_test(test_cache_and_synci),
		cmocka_unit_test(test_rdhwr),	     cmocka_unit_test(test_opcodes),
		cmocka_unit_test(test_accesses),
	};

	return cmocka_run_group_tests_name("mips_decode", tests, NULL, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * The MIPS port's branch evaluation: every branch and jump of MIPS32r2 to r5, taken and not, with
 * its link; everything else is none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "mips/processor.h"

#define PC     0x80001000u
#define BEHIND (PC + 8)
#define TARGET (PC + 4 + 0x40 * 4)
#define LINK   (PC + 8)

/* s0 (16) and s1 (17) are compared; s0 also is where register jumps go. */
#define S0 16u
#define S1 17u

struct row {
	const char *text;
	uint32_t instruction; /* its offset is 0x40 */
	uint32_t s0, s1, fcsr;
	enum branch_result result;
	uint32_t target;
	unsigned int link; /* register; 0: none */
};

#define I_TYPE(opcode, rs, rt) ((uint32_t)(opcode) << 26 | (rs) << 21 | (uint32_t)(rt) << 16 | 0x40)
#define REGIMM(kind)	       I_TYPE(1, S0, kind)
#define BC1(code, likely, wanted) \
	(0x45000000u | (code) << 18 | (likely) << 17 | (wanted) << 16 | 0x40)

#define TAKEN	  BRANCH_GOES, TARGET
#define NOT_TAKEN BRANCH_GOES, BEHIND
#define NULLIFIED BRANCH_NULLIFIES, BEHIND
#define NONE	  BRANCH_NONE, 0

static const struct row rows[] = {
	{ "beq", I_TYPE(4, S0, S1), 5, 5, 0, TAKEN, 0 },
	{ "beq, not", I_TYPE(4, S0, S1), 5, 6, 0, NOT_TAKEN, 0 },
	{ "bne", I_TYPE(5, S0, S1), 5, 6, 0, TAKEN, 0 },
	{ "bne, not", I_TYPE(5, S0, S1), 5, 5, 0, NOT_TAKEN, 0 },
	{ "blez, negative", I_TYPE(6, S0, 0), 0x80000000, 0, 0, TAKEN, 0 },
	{ "blez, zero", I_TYPE(6, S0, 0), 0, 0, 0, TAKEN, 0 },
	{ "blez, positive", I_TYPE(6, S0, 0), 1, 0, 0, NOT_TAKEN, 0 },
	{ "bgtz, negative", I_TYPE(7, S0, 0), 0xffffffff, 0, 0, NOT_TAKEN, 0 },
	{ "bgtz, zero", I_TYPE(7, S0, 0), 0, 0, 0, NOT_TAKEN, 0 },
	{ "bgtz, positive", I_TYPE(7, S0, 0), 0x7fffffff, 0, 0, TAKEN, 0 },
	{ "blezalc and kin", I_TYPE(6, S0, S1), 0, 0, 0, NONE, 0 },
	{ "bgtzalc and kin", I_TYPE(7, S0, S1), 1, 0, 0, NONE, 0 },
	{ "beql", I_TYPE(0x14, S0, S1), 5, 5, 0, TAKEN, 0 },
	{ "beql, not", I_TYPE(0x14, S0, S1), 5, 6, 0, NULLIFIED, 0 },
	{ "bnel", I_TYPE(0x15, S0, S1), 5, 6, 0, TAKEN, 0 },
	{ "bnel, not", I_TYPE(0x15, S0, S1), 5, 5, 0, NULLIFIED, 0 },
	{ "blezl", I_TYPE(0x16, S0, 0), 0, 0, 0, TAKEN, 0 },
	{ "blezl, not", I_TYPE(0x16, S0, 0), 1, 0, 0, NULLIFIED, 0 },
	{ "bgtzl", I_TYPE(0x17, S0, 0), 1, 0, 0, TAKEN, 0 },
	{ "bgtzl, not", I_TYPE(0x17, S0, 0), 0, 0, 0, NULLIFIED, 0 },
	{ "blezc and kin", I_TYPE(0x16, S0, S1), 0, 0, 0, NONE, 0 },
	{ "bltz", REGIMM(0), 0x80000000, 0, 0, TAKEN, 0 },
	{ "bltz, not", REGIMM(0), 0, 0, 0, NOT_TAKEN, 0 },
	{ "bgez", REGIMM(1), 0, 0, 0, TAKEN, 0 },
	{ "bgez, not", REGIMM(1), 0xffffffff, 0, 0, NOT_TAKEN, 0 },
	{ "bltzl", REGIMM(2), 0x80000000, 0, 0, TAKEN, 0 },
	{ "bltzl, not", REGIMM(2), 0, 0, 0, NULLIFIED, 0 },
	{ "bgezl", REGIMM(3), 0, 0, 0, TAKEN, 0 },
	{ "bgezl, not", REGIMM(3), 0x80000000, 0, 0, NULLIFIED, 0 },
	{ "bltzal", REGIMM(0x10), 0x80000000, 0, 0, TAKEN, 31 },
	{ "bltzal, not", REGIMM(0x10), 0, 0, 0, NOT_TAKEN, 31 },
	{ "bgezal", REGIMM(0x11), 0, 0, 0, TAKEN, 31 },
	{ "bgezal, not", REGIMM(0x11), 0x80000000, 0, 0, NOT_TAKEN, 31 },
	{ "bltzall", REGIMM(0x12), 0x80000000, 0, 0, TAKEN, 31 },
	{ "bltzall, not", REGIMM(0x12), 0, 0, 0, NULLIFIED, 31 },
	{ "bgezall", REGIMM(0x13), 0, 0, 0, TAKEN, 31 },
	{ "bgezall, not", REGIMM(0x13), 0x80000000, 0, 0, NULLIFIED, 31 },
	{ "j", 0x08000000 | 0x0ffffff, 0, 0, 0, BRANCH_GOES, 0x83fffffc, 0 },
	{ "jal", 0x0c000000 | 0x400, 0, 0, 0, BRANCH_GOES, 0x80001000, 31 },
	{ "jalx", 0x74000400, 0, 0, 0, NONE, 0 },
	{ "jr", S0 << 21 | 8, 0xbfc00000, 0, 0, BRANCH_GOES, 0xbfc00000, 0 },
	{ "jr.hb", S0 << 21 | 0x400 | 8, 0x1234, 0, 0, BRANCH_GOES, 0x1234, 0 },
	{ "jalr", S0 << 21 | 31 << 11 | 9, 0x1234, 0, 0, BRANCH_GOES, 0x1234, 31 },
	{ "jalr to v0", S0 << 21 | 2 << 11 | 9, 0x1234, 0, 0, BRANCH_GOES, 0x1234, 2 },
	{ "jalr without link", S0 << 21 | 9, 0x1234, 0, 0, BRANCH_GOES, 0x1234, 0 },
	{ "bc1t 0", BC1(0, 0, 1), 0, 0, 1u << 23, TAKEN, 0 },
	{ "bc1t 0, not", BC1(0, 0, 1), 0, 0, ~(1u << 23), NOT_TAKEN, 0 },
	{ "bc1f 0", BC1(0, 0, 0), 0, 0, ~(1u << 23), TAKEN, 0 },
	{ "bc1f 7", BC1(7, 0, 0), 0, 0, 1u << 31, NOT_TAKEN, 0 },
	{ "bc1t 1", BC1(1, 0, 1), 0, 0, 1u << 25, TAKEN, 0 },
	{ "bc1t 7", BC1(7, 0, 1), 0, 0, 1u << 31, TAKEN, 0 },
	{ "bc1tl 3", BC1(3, 1, 1), 0, 0, 1u << 27, TAKEN, 0 },
	{ "bc1tl 3, not", BC1(3, 1, 1), 0, 0, 0, NULLIFIED, 0 },
	{ "bc1fl 0, not", BC1(0, 1, 0), 0, 0, 1u << 23, NULLIFIED, 0 },
	{ "mfc1", 0x44020000, 0, 0, 0, NONE, 0 },
	{ "bc1eqz", 0x45200040, 0, 0, 0, NONE, 0 },
	{ "bc2t", 0x49010040, 0, 0, 0, NONE, 0 },
	{ "bposge32", REGIMM(0x1c), 0, 0, 0, NONE, 0 },
	{ "synci", REGIMM(0x1f), 0, 0, 0, NONE, 0 },
	{ "teqi", REGIMM(0x0c), 0, 0, 0, NONE, 0 },
	{ "nop", 0, 0, 0, 0, NONE, 0 },
	{ "syscall", 0x0000000c, 0, 0, 0, NONE, 0 },
	{ "bc, of release 6", 0xc8000040, 0, 0, 0, NONE, 0 },
	{ "balc, of release 6", 0xe8000040, 0, 0, 0, NONE, 0 },
	{ "beqzc, of release 6", 0xda000040, 0, 0, 0, NONE, 0 },
	{ "bovc, of release 6", 0x22110040, 0, 0, 0, NONE, 0 },
};

static void check(const struct row *row)
{
	struct arch_vcpu *vcpu = processor_make(0);
	uint32_t target = 0xdead, before[32];

	vcpu->pc = PC;
	vcpu->gpr[S0] = row->s0;
	vcpu->gpr[S1] = row->s1;
	vcpu->fcsr = row->fcsr;
	memcpy(before, vcpu->gpr, sizeof(before));
	if (branch_evaluate(vcpu, row->instruction, &target) != row->result)
		fail_msg("%s: not what it does", row->text);
	if (row->result != BRANCH_NONE && target != row->target)
		fail_msg("%s: leads to 0x%08x", row->text, target);
	if (row->link != 0)
		before[row->link] = LINK;
	if (memcmp(before, vcpu->gpr, sizeof(before)) != 0)
		fail_msg("%s: registers", row->text);
}

static void test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check(&rows[i]);
}

static void test_backwards_and_around(void **state)
{
	struct arch_vcpu *vcpu = processor_make(0);
	uint32_t target;

	(void)state;
	vcpu->pc = 0x80001000;
	assert_int_equal(branch_evaluate(vcpu, 0x1000ffff, &target), BRANCH_GOES);
	assert_int_equal(target, 0x80001000);
	vcpu->pc = 0xfffffff8;
	assert_int_equal(branch_evaluate(vcpu, 0x10000001, &target), BRANCH_GOES);
	assert_int_equal(target, 0);
	/* A jump stays in the 256 MiB of its delay slot. */
	vcpu->pc = 0x8ffffffc;
	assert_int_equal(branch_evaluate(vcpu, 0x08000004, &target), BRANCH_GOES);
	assert_int_equal(target, 0x90000010);
}

/* The jump reads its register before the link is written. */
static void test_link_register_is_target(void **state)
{
	struct arch_vcpu *vcpu = processor_make(0);
	uint32_t target;

	(void)state;
	vcpu->pc = PC;
	vcpu->gpr[31] = 0x1000;
	assert_int_equal(branch_evaluate(vcpu, 31u << 21 | 31 << 11 | 9, &target), BRANCH_GOES);
	assert_int_equal(target, 0x1000);
	assert_int_equal(vcpu->gpr[31], LINK);
}

/* Nothing but what the table has rows for is a branch. */
static void test_all_opcodes(void **state)
{
	static const uint64_t branches = 0xf00002 | 0xfc | 1u << 17 | 1;
	struct arch_vcpu *vcpu = processor_make(0);
	uint32_t target;

	(void)state;
	for (uint32_t opcode = 0; opcode < 64; opcode++) {
		bool any = false;

		for (uint32_t fields = 0; fields < 0x400; fields++)
			for (uint32_t function = 0; function < 64; function++)
				any |= branch_evaluate(vcpu, opcode << 26 | fields << 16 | function,
						       &target) != BRANCH_NONE;
		assert_int_equal(any, branches >> opcode & 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_backwards_and_around),
		cmocka_unit_test(test_link_register_is_target),
		cmocka_unit_test(test_all_opcodes),
	};

	return cmocka_run_group_tests_name("mips_branch", tests, NULL, NULL);
}

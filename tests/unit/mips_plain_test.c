// SPDX-License-Identifier: BSD-2-Clause
/*
 * Integer arithmetic as the MIPS port does it where it follows a guest's code: each instruction
 * with values at its edges, and that nothing else is done.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../../arch/mips/plain.h"
#include "mips/processor.h"

#define S0 16u
#define S1 17u
#define S2 18u

/* s2 = s0 OP s1, or with constants. */
#define R(function)	    (S0 << 21 | S1 << 16 | S2 << 11 | (function))
#define SHIFT(function, sa) (S1 << 16 | S2 << 11 | (sa) << 6 | (function))
#define I(opcode, value)    ((opcode) << 26 | S0 << 21 | S2 << 16 | ((value)&0xffff))
#define R2(function)	    (0x70000000u | R(function))
#define FIELD(function, last, position) \
	(0x7c000000u | S0 << 21 | S2 << 16 | (last) << 11 | (position) << 6 | (function))
#define SHUFFLE(kind) (0x7c000020u | S1 << 16 | S2 << 11 | (kind) << 6)

#define OLD 0x0badcafeu

static const struct {
	uint32_t instruction, s0, s1, s2;
} cases[] = {
	{ SHIFT(0x00, 4), 0, 0x90000001, 0x00000010 }, /* sll */
	{ SHIFT(0x00, 0), 0, 0x90000001, 0x90000001 },
	{ SHIFT(0x02, 4), 0, 0x90000001, 0x09000000 },		 /* srl */
	{ SHIFT(0x02, 4) | 1 << 21, 0, 0x90000001, 0x19000000 }, /* rotr */
	{ SHIFT(0x02, 0) | 1 << 21, 0, 0x90000001, 0x90000001 },
	{ SHIFT(0x03, 4), 0, 0x90000001, 0xf9000000 }, /* sra */
	{ SHIFT(0x03, 4), 0, 0x70000001, 0x07000000 },
	{ SHIFT(0x03, 31), 0, 0x80000000, 0xffffffff },
	{ R(0x04), 36, 0x90000001, 0x00000010 },	  /* sllv */
	{ R(0x06), 36, 0x90000001, 0x09000000 },	  /* srlv */
	{ R(0x06) | 1 << 6, 36, 0x90000001, 0x19000000 }, /* rotrv */
	{ R(0x06) | 1 << 6, 32, 0x90000001, 0x90000001 },
	{ R(0x07), 36, 0x90000001, 0xf9000000 }, /* srav */
	{ R(0x07), 0, 0x90000001, 0x90000001 },
	{ R(0x0a), 7, 0, 7 }, /* movz */
	{ R(0x0a), 7, 1, OLD },
	{ R(0x0b), 7, 0, OLD }, /* movn */
	{ R(0x0b), 7, 1, 7 },
	{ R(0x20), 0x7ffffffe, 1, 0x7fffffff },		 /* add */
	{ R(0x21), 0x7fffffff, 1, 0x80000000 },		 /* addu */
	{ R(0x22), 0x80000001, 1, 0x80000000 },		 /* sub */
	{ R(0x23), 0x80000000, 1, 0x7fffffff },		 /* subu */
	{ R(0x24), 0xff00ff00, 0xf0f0f0f0, 0xf000f000 }, /* and */
	{ R(0x25), 0xff00ff00, 0xf0f0f0f0, 0xfff0fff0 }, /* or */
	{ R(0x26), 0xff00ff00, 0xf0f0f0f0, 0x0ff00ff0 }, /* xor */
	{ R(0x27), 0xff00ff00, 0xf0f0f0f0, 0x000f000f }, /* nor */
	{ R(0x2a), 0x80000000, 0x7fffffff, 1 },		 /* slt */
	{ R(0x2a), 0x7fffffff, 0x80000000, 0 },
	{ R(0x2b), 0x80000000, 0x7fffffff, 0 }, /* sltu */
	{ R(0x2b), 0x7fffffff, 0x80000000, 1 },
	{ I(0x08u, -2), 1, 0, 0xffffffff },		 /* addi */
	{ I(0x09u, 0x7fff), 0x7fffffff, 0, 0x80007ffe }, /* addiu */
	{ I(0x0au, -1), 0xfffffffe, 0, 1 },		 /* slti */
	{ I(0x0au, 5), 5, 0, 0 },
	{ I(0x0bu, -1), 0xfffffffe, 0, 1 }, /* sltiu */
	{ I(0x0bu, 1), 0xfffffffe, 0, 0 },
	{ I(0x0cu, 0xff00), 0xffffffff, 0, 0xff00 },	       /* andi */
	{ I(0x0du, 0xff00), 0x12345678, 0, 0x1234ff78 },       /* ori */
	{ I(0x0eu, 0xff00), 0x12345678, 0, 0x1234a978 },       /* xori */
	{ I(0x0fu, 0x8001) & ~(31u << 21), 0, 0, 0x80010000 }, /* lui */
	{ R2(0x02), 0x10001, 0x10001, 0x00020001 },	       /* mul */
	{ R2(0x20), 0x00010000, 0, 15 },		       /* clz */
	{ R2(0x20), 0, 0, 32 },
	{ R2(0x21), 0xfffe0000, 0, 15 }, /* clo */
	{ R2(0x21), 0xffffffff, 0, 32 },
	{ FIELD(0x00, 7u, 8u), 0x12345678, 0, 0x56 }, /* ext */
	{ FIELD(0x00, 31u, 0u), 0x12345678, 0, 0x12345678 },
	{ FIELD(0x04, 15u, 8u), 0x12345678, 0, 0x0bad78fe }, /* ins */
	{ FIELD(0x04, 31u, 0u), 0x12345678, 0, 0x12345678 },
	{ FIELD(0x04, 31u, 31u), 1, 0, 0x8badcafe },
	{ SHUFFLE(0x02u), 0, 0x12345678, 0x34127856 }, /* wsbh */
	{ SHUFFLE(0x10u), 0, 0x12345688, 0xffffff88 }, /* seb */
	{ SHUFFLE(0x18u), 0, 0x12348678, 0xffff8678 }, /* seh */
	{ 0x0000000f, 0, 0, OLD },		       /* sync */
	{ 0x000000c0, 0, 0, OLD },		       /* ehb */
	{ 0xce000000, 0, 0, OLD },		       /* pref */
};

static struct arch_vcpu *make(uint32_t s0, uint32_t s1)
{
	struct arch_vcpu *vcpu = processor_make(0);

	vcpu->gpr[S0] = s0;
	vcpu->gpr[S1] = s1;
	vcpu->gpr[S2] = OLD;
	return vcpu;
}

static void test_results(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arch_vcpu *vcpu = make(cases[i].s0, cases[i].s1);

		if (!plain_execute(vcpu, cases[i].instruction))
			fail_msg("0x%08x was not done", cases[i].instruction);
		if (vcpu->gpr[S2] != cases[i].s2)
			fail_msg("0x%08x gave 0x%08x and not 0x%08x", cases[i].instruction,
				 vcpu->gpr[S2], cases[i].s2);
		assert_int_equal(vcpu->gpr[S0], cases[i].s0);
		assert_int_equal(vcpu->gpr[S1], cases[i].s1);
		assert_int_equal(vcpu->pc, 0x80100000);
	}
}

/* The zero register takes no result. */
static void test_zero_register(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arch_vcpu *vcpu = make(cases[i].s0, cases[i].s1);
		uint32_t instruction = cases[i].instruction;
		bool is_immediate = instruction >> 29 == 1 ||
				    (instruction >> 26 == 0x1f && (instruction & 63) < 0x20);

		instruction &= is_immediate ? ~(31u << 16) : ~(31u << 11);
		assert_true(plain_execute(vcpu, instruction));
		assert_int_equal(vcpu->gpr[0], 0);
	}
}

static void test_high_and_low(void **state)
{
	struct arch_vcpu *vcpu = make(0xfffffffe, 3);

	(void)state;
	assert_true(plain_execute(vcpu, R(0x18))); /* mult */
	assert_int_equal(vcpu->hi, 0xffffffff);
	assert_int_equal(vcpu->lo, 0xfffffffa);
	assert_true(plain_execute(vcpu, R(0x19))); /* multu */
	assert_int_equal(vcpu->hi, 2);
	assert_int_equal(vcpu->lo, 0xfffffffa);
	assert_true(plain_execute(vcpu, S2 << 11 | 0x10)); /* mfhi */
	assert_int_equal(vcpu->gpr[S2], 2);
	assert_true(plain_execute(vcpu, S2 << 11 | 0x12)); /* mflo */
	assert_int_equal(vcpu->gpr[S2], 0xfffffffa);
	assert_true(plain_execute(vcpu, S1 << 21 | 0x11)); /* mthi */
	assert_true(plain_execute(vcpu, S0 << 21 | 0x13)); /* mtlo */
	assert_int_equal(vcpu->hi, 3);
	assert_int_equal(vcpu->lo, 0xfffffffe);
}

/* What would take an exception, and what is no arithmetic: nothing has changed. */
static void test_declined(void **state)
{
	static const uint32_t declined[] = {
		R(0x20),	      /* add, which overflows */
		R(0x22) ^ 0x02 << 16, /* sub s0 - s3 */
		I(0x08u, 1),	      /* addi */
		0x0000000c,	      /* syscall */
		0x0000000d,	      /* break */
		0x00000034,	      /* teq */
		R(0x1a),	      /* div */
		SHIFT(0x00, 4) | 2u << 21,
		SHIFT(0x02, 4) | 2u << 21,
		FIELD(0x00, 31u, 1u),
		FIELD(0x04, 3u, 4u),
		SHUFFLE(0x00u),
		0x7000003f, /* sdbbp */
		0x8e120000, /* lw */
		0x12110001, /* beq */
		0x03e00008, /* jr */
		0x40126000, /* mfc0 */
		0x46000000, /* floating */
	};

	(void)state;
	for (unsigned int i = 0; i < sizeof(declined) / sizeof(declined[0]); i++) {
		struct arch_vcpu *vcpu = make(0x7fffffff, 1), before;

		vcpu->gpr[19] = 0xffffffff;
		before = *vcpu;
		if (plain_execute(vcpu, declined[i]))
			fail_msg("0x%08x was done", declined[i]);
		assert_memory_equal(vcpu, &before, sizeof(before));
	}
}

/* Whatever word it is, no more than one register, HI and LO change. */
static void test_random_words(void **state)
{
	struct arch_vcpu *vcpu = make(1, 2), before;

	(void)state;
	processor_random_seed(7);
	for (unsigned int i = 0; i < 200000; i++) {
		unsigned int changed = 0;

		before = *vcpu;
		plain_execute(vcpu, processor_random());
		for (unsigned int number = 0; number < 32; number++)
			changed += vcpu->gpr[number] != before.gpr[number];
		assert_true(changed <= 1);
		assert_int_equal(vcpu->gpr[0], 0);
		assert_memory_equal(&vcpu->fcsr, &before.fcsr,
				    sizeof(before) - offsetof(struct arch_vcpu, fcsr));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_results),	     cmocka_unit_test(test_zero_register),
		cmocka_unit_test(test_high_and_low), cmocka_unit_test(test_declined),
		cmocka_unit_test(test_random_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

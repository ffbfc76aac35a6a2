// SPDX-License-Identifier: BSD-2-Clause
/*
 * Every encoding of the privileged space, in each mode, in and out of delay slots: COP0 with all
 * formats, registers, selects and functions, and CACHE. Not what each instruction does, which other
 * tests know, but what holds for all of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "mips/processor.h"

#define PC	0x80100000u
#define USER_PC 0x00400000u
/* beq zero, zero, +0x100 */
#define BRANCH	0x10000040u

/* Some of rt's numbers, all of all else. */
static const unsigned int targets[] = { 0, 2, 31 };

static struct arch_vcpu *vcpu;

static void words_try(uint32_t opcode, void (*attempt)(uint32_t word))
{
	for (unsigned int rs = 0; rs < 32; rs++)
		for (unsigned int i = 0; i < ARRAY_SIZE(targets); i++)
			for (uint32_t low = 0; low < 0x10000; low++)
				attempt(opcode << 26 | rs << 21 | targets[i] << 16 | low);
}

static void state_set(uint32_t status, uint32_t pc, uint32_t delay_slot)
{
	vcpu->cp0[CP0_STATUS] = status;
	vcpu->pc = pc;
	vcpu->delay_slot = delay_slot;
}

static void expect_vector(void)
{
	assert_int_equal(vcpu->pc, 0x80000180);
	assert_int_equal(vcpu->delay_slot, 0);
	assert_int_not_equal(vcpu->cp0[CP0_STATUS] & STATUS_EXL, 0);
}

/* All of it is the coprocessor's that user mode may not use, whatever else is wrong with it. */
static void user_attempt(uint32_t word)
{
	uint32_t delay_slot = word >> 1 & 1;

	state_set(STATUS_UM, USER_PC, delay_slot);
	assert_int_equal(emulate_instruction(vcpu, word, BRANCH), EMULATE_EXCEPTION);
	expect_vector();
	assert_int_equal(vcpu->cp0[CP0_STATUS], STATUS_UM | STATUS_EXL);
	assert_int_equal(vcpu->cp0[CP0_EPC], USER_PC);
	assert_int_equal(vcpu->cp0[CP0_CAUSE],
			 EXCEPTION_COPROCESSOR << CAUSE_CODE_SHIFT | delay_slot << 31);
}

static void test_user_mode(void **state)
{
	(void)state;
	vcpu = processor_make_user(0);
	words_try(0x10, user_attempt);
	words_try(0x2f, user_attempt);
	/* Nothing of all that has changed anything. */
	assert_int_equal(vcpu->cp0[CP0_ENTRYHI] | vcpu->cp0[CP0_WIRED] | vcpu->cp0[CP0_HWRENA], 0);
	for (unsigned int i = 1; i < 32; i++)
		assert_int_equal(vcpu->gpr[i], 0);
}

/* Executed or reserved; where it goes on, and that kernel mode stays unless it says otherwise. */
static void kernel_attempt(uint32_t word)
{
	uint32_t delay_slot = word >> 1 & 1;
	uint32_t next = delay_slot != 0 ? PC + 4 + 0x100 : PC + 4;

	state_set(0, PC, delay_slot);
	vcpu->cp0[CP0_EBASE] = 0x80000000;
	vcpu->gpr[2] = word;
	switch (emulate_instruction(vcpu, word, BRANCH)) {
	case EMULATE_DONE:
	case EMULATE_WAIT:
	case EMULATE_CACHE:
		assert_int_equal(vcpu->pc, next);
		assert_int_equal(vcpu->delay_slot, 0);
		break;
	case EMULATE_RETURN:
		assert_int_equal(word, ENCODE_ERET);
		break;
	case EMULATE_EXCEPTION:
		assert_int_not_equal(vcpu->cp0[CP0_STATUS] & STATUS_EXL, 0);
		assert_int_equal(vcpu->cp0[CP0_EPC], PC);
		assert_int_equal(vcpu->cp0[CP0_CAUSE] >> 31, delay_slot);
		break;
	default:
		fail_msg("0x%08x is neither executed nor reserved", (unsigned int)word);
	}
	assert_int_equal(vcpu->gpr[0], 0);
}

static void test_kernel_mode(void **state)
{
	(void)state;
	vcpu = processor_make(0);
	words_try(0x10, kernel_attempt);
	words_try(0x2f, kernel_attempt);
}

/* Where the select field ends there is nothing more: reserved, and no register is touched. */
static void test_moves_with_bits_that_must_be_zero(void **state)
{
	(void)state;
	vcpu = processor_make(0);
	for (uint32_t low = 8; low < 0x800; low += 8)
		for (unsigned int number = 0; number < 32; number++) {
			state_set(0, PC, 0);
			vcpu->gpr[2] = 0xffffffff;
			vcpu->cp0[CP0_EPC] = 0;
			assert_int_equal(emulate_instruction(vcpu, ENCODE_MTC0(2, number, 0) | low,
							     0),
					 EMULATE_EXCEPTION);
			assert_int_equal(vcpu->cp0[CP0_EPC], PC);
			assert_int_equal(vcpu->cp0[CP0_CAUSE],
					 EXCEPTION_RESERVED << CAUSE_CODE_SHIFT);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_user_mode),
		cmocka_unit_test(test_kernel_mode),
		cmocka_unit_test(test_moves_with_bits_that_must_be_zero),
	};

	return cmocka_run_group_tests_name("mips_privileged", tests, NULL, NULL);
}

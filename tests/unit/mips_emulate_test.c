// SPDX-License-Identifier: BSD-2-Clause
/*
 * Instructions that trapped, on the MIPS port's virtual processor: in kernel and user mode, in and
 * out of delay slots.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "mips/processor.h"

#define PC	0x80100000u
#define USER_PC 0x00400000u

#define T0 8u
#define S0 16u
#define RA 31u

#define BEQ_S0_ZERO  0x12000010u /* to PC + 0x44 */
#define BEQL_S0_ZERO 0x52000010u
#define JAL	     0x0c040400u /* to 0x80101000 */

static uint32_t code_of(const struct arch_vcpu *vcpu)
{
	return (vcpu->cp0[CP0_CAUSE] & CAUSE_CODE) >> CAUSE_CODE_SHIFT;
}

static void expect_exception(struct arch_vcpu *vcpu, uint32_t instruction, uint32_t code)
{
	uint32_t pc = vcpu->pc;

	assert_int_equal(emulate_instruction(vcpu, instruction, ENCODE_NOP), EMULATE_EXCEPTION);
	assert_int_equal(code_of(vcpu), code);
	assert_int_equal(vcpu->cp0[CP0_EPC], pc);
}

static void test_moves(void **state)
{
	struct arch_vcpu *vcpu = processor_make(0);

	(void)state;
	vcpu->gpr[T0] = 0x12345678;
	assert_int_equal(emulate_instruction(vcpu, ENCODE_MTC0(T0, 14, 0), 0), EMULATE_DONE);
	assert_int_equal(vcpu->cp0[CP0_EPC], 0x12345678);
	assert_int_equal(vcpu->pc, PC + 4);
	assert_int_equal(emulate_instruction(vcpu, ENCODE_MFC0(S0, 14, 0), 0), EMULATE_DONE);
	assert_int_equal(vcpu->gpr[S0], 0x12345678);
	assert_int_equal(vcpu->pc, PC + 8);
	/* The zero register stays that, as source and as destination. */
	assert_int_equal(emulate_instruction(vcpu, ENCODE_MFC0(0, 14, 0), 0), EMULATE_DONE);
	assert_int_equal(vcpu->gpr[0], 0);
	assert_int_equal(emulate_instruction(vcpu, ENCODE_MTC0(0, 14, 0), 0), EMULATE_DONE);
	assert_int_equal(vcpu->cp0[CP0_EPC], 0);
	/* The select field. */
	assert_int_equal(emulate_instruction(vcpu, ENCODE_MFC0(S0, 16, 1), 0), EMULATE_DONE);
	assert_int_equal(vcpu->gpr[S0], 0xfe231180);
}

static void test_shadow_registers(void **state)
{
	struct arch_vcpu *vcpu = processor_make(0);

	(void)state;
	vcpu->gpr[T0] = 77;
	assert_int_equal(emulate_instruction(vcpu, 0x41400000 | T0 << 16 | S0 << 11, 0),
			 EMULATE_DONE);
	assert_int_equal(vcpu->gpr[S0], 77);
	vcpu->gpr[T0] = 78;
	assert_int_equal(emulate_instruction(vcpu, 0x41c00000 | T0 << 16 | S0 << 11, 0),
			 EMULATE_DONE);
	assert_int_equal(vcpu->gpr[S0], 78);
}

static void test_interrupt_enable(void **state)
{
	struct arch_vcpu *vcpu = processor_make(0);

	(void)state;
	cp0_write(vcpu, CP0_STATUS, STATUS_IM);
	assert_int_equal(emulate_instruction(vcpu, ENCODE_EI(T0), 0), EMULATE_DONE);
	assert_int_equal(vcpu->gpr[T0], STATUS_IM);
	assert_int_equal(cp0_read(vcpu, CP0_STATUS), STATUS_IM | STATUS_IE);
	assert_int_equal(emulate_instruction(vcpu, ENCODE_DI(T0), 0), EMULATE_DONE);
	assert_int_equal(vcpu->gpr[T0], STATUS_IM | STATUS_IE);
	assert_int_equal(cp0_read(vcpu, CP0_STATUS), STATUS_IM);
	assert_int_equal(emulate_instruction(vcpu, ENCODE_EI(0), 0), EMULATE_DONE);
	assert_int_equal(vcpu->gpr[0], 0);
}

static void test_wait(void **state)
{
	struct arch_vcpu *vcpu = processor_make(0);

	(void)state;
	assert_int_equal(emulate_instruction(vcpu, ENCODE_WAIT, 0), EMULATE_WAIT);
	assert_int_equal(vcpu->pc, PC + 4);
	vcpu->delay_slot = 1;
	assert_int_equal(emulate_instruction(vcpu, ENCODE_WAIT | 0x1234 << 6, JAL), EMULATE_WAIT);
	assert_int_equal(vcpu->pc, 0x80101000);
}

static void test_tlb_instructions(void **state)
{
	struct arch_vcpu *vcpu = processor_make(0);

	(void)state;
	cp0_write(vcpu, CP0_INDEX, 7);
	cp0_write(vcpu, CP0_ENTRYHI, 0xc0000000);
	assert_int_equal(emulate_instruction(vcpu, ENCODE_TLBWI, 0), EMULATE_DONE);
	cp0_write(vcpu, CP0_INDEX, 0);
	assert_int_equal(emulate_instruction(vcpu, ENCODE_TLBP, 0), EMULATE_DONE);
	assert_int_equal(cp0_read(vcpu, CP0_INDEX), 7);
	cp0_write(vcpu, CP0_ENTRYHI, 0xc0002000);
	assert_int_equal(emulate_instruction(vcpu, ENCODE_TLBWR, 0), EMULATE_DONE);
	assert_int_equal(emulate_instruction(vcpu, ENCODE_TLBP, 0), EMULATE_DONE);
	assert_int_equal(cp0_read(vcpu, CP0_INDEX), 63);
	cp0_write(vcpu, CP0_INDEX, 7);
	assert_int_equal(emulate_instruction(vcpu, ENCODE_TLBR, 0), EMULATE_DONE);
	assert_int_equal(cp0_read(vcpu, CP0_ENTRYHI), 0xc0000000);
	assert_int_equal(emulate_instruction(vcpu, ENCODE_TLBINV, 0), EMULATE_DONE);
	assert_int_equal(guest_tlb_find(vcpu, 0xc0000000, 0), -1);
	assert_int_equal(emulate_instruction(vcpu, ENCODE_TLBINVF, 0), EMULATE_DONE);
	assert_int_equal(vcpu->pc, PC + 7 * 4);
}

/* What the presented processor does not have. */
static void test_reserved(void **state)
{
	static const uint32_t words[] = {
		ENCODE_ERETNC,
		0x4200001f,		    /* deret */
		0x4200000c,		    /* tlbgp */
		0x42000028,		    /* hypcall */
		0x41600bc1,		    /* dmt */
		0x41600021,		    /* evpe */
		0x41000000,		    /* mftr */
		0x40400000,		    /* mfhc0 */
		0x40600000,		    /* mfgc0 */
		ENCODE_MFC0(T0, 12, 0) | 8, /* bits that must be zero */
		0x42000002 | 1 << 6,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		expect_exception(processor_make(0), words[i], EXCEPTION_RESERVED);
		/* Coprocessor 0 itself comes first. */
		expect_exception(processor_make_user(0), words[i], EXCEPTION_COPROCESSOR);
	}
}

static void test_tlbinv_of_older_processor(void **state)
{
	struct arch_vcpu *vcpu = processor_make(0);

	(void)state;
	vcpu->cp0[CP0_CONFIG4] = 0;
	expect_exception(vcpu, ENCODE_TLBINV, EXCEPTION_RESERVED);
	vcpu = processor_make(0);
	vcpu->cp0[CP0_CONFIG4] = 0;
	expect_exception(vcpu, ENCODE_TLBINVF, EXCEPTION_RESERVED);
	/* And of a newer one that has ERETNC. */
	vcpu = processor_make(0);
	vcpu->cp0[CP0_CONFIG5] = CONFIG5_LLB;
	cp0_write(vcpu, CP0_STATUS, STATUS_EXL);
	cp0_write(vcpu, CP0_EPC, 0x80002000);
	assert_int_equal(emulate_instruction(vcpu, ENCODE_ERETNC, 0), EMULATE_DONE);
	assert_int_equal(vcpu->pc, 0x80002000);
	assert_int_equal(vcpu->changes & GUEST_CHANGE_LINKED, 0);
}

static void test_user_mode(void **state)
{
	static const uint32_t words[] = {
		ENCODE_MFC0(T0, 12, 0),
		ENCODE_MTC0(T0, 12, 0),
		ENCODE_DI(T0),
		ENCODE_EI(T0),
		ENCODE_TLBR,
		ENCODE_TLBWI,
		ENCODE_TLBWR,
		ENCODE_TLBP,
		ENCODE_TLBINV,
		ENCODE_ERET,
		ENCODE_WAIT,
		ENCODE_CACHE(0x15, T0, 0),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		struct arch_vcpu *vcpu = processor_make_user(0);

		expect_exception(vcpu, words[i], EXCEPTION_COPROCESSOR);
		assert_int_equal(vcpu->cp0[CP0_CAUSE] & CAUSE_CE, 0);
		/* The kernel may let user code have coprocessor 0. */
		vcpu = processor_make_user(0);
		cp0_write(vcpu, CP0_STATUS, STATUS_UM | STATUS_CU0);
		if (words[i] != ENCODE_CACHE(0x15, T0, 0))
			assert_int_not_equal(emulate_instruction(vcpu, words[i], 0),
					     EMULATE_EXCEPTION);
		else
			expect_exception(vcpu, words[i], EXCEPTION_TLB_LOAD);
	}
}

static void test_units(void **state)
{
	static const uint32_t floating = 0x46000000, cop2 = 0x48000000, lwc1 = 0xc4000000;
	struct arch_vcpu *vcpu = processor_make(0);

	(void)state;
	expect_exception(vcpu, floating, EXCEPTION_COPROCESSOR);
	assert_int_equal(vcpu->cp0[CP0_CAUSE] & CAUSE_CE, 1u << 28);
	expect_exception(processor_make_user(0), lwc1, EXCEPTION_COPROCESSOR);
	vcpu = processor_make(0);
	expect_exception(vcpu, cop2, EXCEPTION_COPROCESSOR);
	assert_int_equal(vcpu->cp0[CP0_CAUSE] & CAUSE_CE, 2u << 28);
	vcpu = processor_make(GUEST_FEATURE_FPU);
	cp0_write(vcpu, CP0_STATUS, STATUS_CU1);
	assert_int_equal(emulate_instruction(vcpu, floating, 0), EMULATE_NATIVE);
	assert_int_equal(vcpu->pc, PC);
}

static void test_native(void **state)
{
	struct arch_vcpu *vcpu = processor_make_user(0);

	(void)state;
	assert_int_equal(emulate_instruction(vcpu, 0x0000000c, 0), EMULATE_NATIVE);
	assert_int_equal(emulate_instruction(vcpu, 0x24020001, 0), EMULATE_NATIVE);
	assert_int_equal(vcpu->pc, USER_PC);
	assert_int_equal(vcpu->changes, 0);
}

static void test_rdhwr(void **state)
{
	struct arch_vcpu *vcpu = processor_make(0);

	(void)state;
	vcpu->cp0[CP0_EBASE] |= 5;
	cp0_write(vcpu, CP0_USERLOCAL, 0x7fff7000);
	processor_clock_ns = 1005;
	for (uint32_t number = 0; number < 32; number++) {
		static const uint32_t values[] = { 5, 32, 100, 2 };

		vcpu->pc = PC;
		cp0_write(vcpu, CP0_STATUS, 0);
		if (number < 4 || number == 29) {
			assert_int_equal(emulate_instruction(vcpu, ENCODE_RDHWR(T0, number), 0),
					 EMULATE_DONE);
			assert_int_equal(vcpu->gpr[T0], number < 4 ? values[number] : 0x7fff7000);
			assert_int_equal(vcpu->pc, PC + 4);
		} else {
			expect_exception(vcpu, ENCODE_RDHWR(T0, number), EXCEPTION_RESERVED);
		}
	}
}

/* User code gets what HWREna says. */
static void test_rdhwr_enable(void **state)
{
	(void)state;
	for (uint32_t number = 0; number < 32; number++) {
		struct arch_vcpu *vcpu = processor_make_user(0);
		bool exists = number < 4 || number == 29;

		cp0_write(vcpu, CP0_HWRENA, ~(1u << number));
		expect_exception(vcpu, ENCODE_RDHWR(T0, number), EXCEPTION_RESERVED);
		vcpu = processor_make_user(0);
		cp0_write(vcpu, CP0_HWRENA, 1u << number);
		assert_int_equal(emulate_instruction(vcpu, ENCODE_RDHWR(T0, number), 0),
				 exists ? EMULATE_DONE : EMULATE_EXCEPTION);
	}
}

/* ---- delay slots ---- */

static void test_in_delay_slot(void **state)
{
	struct arch_vcpu *vcpu = processor_make(0);

	(void)state;
	vcpu->delay_slot = 1;
	vcpu->gpr[S0] = 0;
	assert_int_equal(emulate_instruction(vcpu, ENCODE_MFC0(T0, 15, 0), BEQ_S0_ZERO),
			 EMULATE_DONE);
	assert_int_equal(vcpu->gpr[T0], 0x00019300);
	assert_int_equal(vcpu->pc, PC + 0x44);
	assert_int_equal(vcpu->delay_slot, 0);
	/* Not taken. */
	vcpu->pc = PC;
	vcpu->delay_slot = 1;
	vcpu->gpr[S0] = 1;
	assert_int_equal(emulate_instruction(vcpu, ENCODE_MFC0(T0, 15, 0), BEQ_S0_ZERO),
			 EMULATE_DONE);
	assert_int_equal(vcpu->pc, PC + 8);
}

/* The branch has looked at the register before its delay slot changes it. */
static void test_delay_slot_changes_condition(void **state)
{
	struct arch_vcpu *vcpu = processor_make(0);

	(void)state;
	vcpu->delay_slot = 1;
	vcpu->gpr[S0] = 0;
	assert_int_equal(emulate_instruction(vcpu, ENCODE_MFC0(S0, 15, 0), BEQ_S0_ZERO),
			 EMULATE_DONE);
	assert_int_equal(vcpu->gpr[S0], 0x00019300);
	assert_int_equal(vcpu->pc, PC + 0x44);
}

/* The delay slot of a call sees the return address already. */
static void test_delay_slot_sees_link(void **state)
{
	struct arch_vcpu *vcpu = processor_make(0);

	(void)state;
	vcpu->delay_slot = 1;
	assert_int_equal(emulate_instruction(vcpu, ENCODE_MTC0(RA, 14, 0), JAL), EMULATE_DONE);
	assert_int_equal(vcpu->cp0[CP0_EPC], PC + 8);
	assert_int_equal(vcpu->gpr[RA], PC + 8);
	assert_int_equal(vcpu->pc, 0x80101000);
}

static void test_nullified(void **state)
{
	struct arch_vcpu *vcpu = processor_make(0);

	(void)state;
	vcpu->delay_slot = 1;
	vcpu->gpr[S0] = 1;
	vcpu->gpr[T0] = 0;
	assert_int_equal(emulate_instruction(vcpu, ENCODE_MFC0(T0, 15, 0), BEQL_S0_ZERO),
			 EMULATE_DONE);
	assert_int_equal(vcpu->gpr[T0], 0);
	assert_int_equal(vcpu->pc, PC + 8);
}

/* JALX, or code that changed meanwhile. */
static void test_unknown_branch(void **state)
{
	static const uint32_t words[] = { 0x74040400, ENCODE_NOP, 0x18210001 };

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(words); i++) {
		struct arch_vcpu *vcpu = processor_make(0);

		vcpu->delay_slot = 1;
		vcpu->gpr[T0] = 0;
		assert_int_equal(emulate_instruction(vcpu, ENCODE_MFC0(T0, 15, 0), words[i]),
				 EMULATE_EXCEPTION);
		assert_int_equal(vcpu->gpr[T0], 0);
		assert_int_equal(vcpu->cp0[CP0_CAUSE], EXCEPTION_RESERVED << 2);
		assert_int_equal(vcpu->cp0[CP0_EPC], PC);
		assert_int_equal(vcpu->delay_slot, 0);
	}
}

static void test_exception_in_delay_slot(void **state)
{
	struct arch_vcpu *vcpu = processor_make_user(0);

	(void)state;
	vcpu->delay_slot = 1;
	expect_exception(vcpu, ENCODE_MFC0(T0, 15, 0), EXCEPTION_COPROCESSOR);
	assert_int_equal(vcpu->cp0[CP0_CAUSE], CAUSE_BD | EXCEPTION_COPROCESSOR << 2);
	vcpu = processor_make_user(0);
	vcpu->delay_slot = 1;
	assert_int_equal(emulate_instruction(vcpu, ENCODE_RDHWR(T0, 29), BEQ_S0_ZERO),
			 EMULATE_EXCEPTION);
	assert_int_equal(vcpu->cp0[CP0_EPC], USER_PC);
	assert_int_equal(vcpu->cp0[CP0_CAUSE], CAUSE_BD | EXCEPTION_RESERVED << 2);
}

static void test_eret_in_delay_slot(void **state)
{
	struct arch_vcpu *vcpu = processor_make(0);

	(void)state;
	cp0_write(vcpu, CP0_STATUS, STATUS_EXL);
	cp0_write(vcpu, CP0_EPC, 0x80002000);
	vcpu->delay_slot = 1;
	assert_int_equal(emulate_instruction(vcpu, ENCODE_ERET, JAL), EMULATE_RETURN);
	assert_int_equal(vcpu->pc, 0x80002000);
	assert_int_equal(vcpu->delay_slot, 0);
}

/* There are no instructions at odd addresses. */
static void test_odd_pc(void **state)
{
	struct arch_vcpu *vcpu = processor_make(0);

	(void)state;
	vcpu->pc = PC + 1;
	expect_exception(vcpu, ENCODE_MFC0(T0, 15, 0), EXCEPTION_ADDRESS_LOAD);
	assert_int_equal(vcpu->cp0[CP0_BADVADDR], PC + 1);
}

/* ---- caches ---- */

#define NOTHING -1

static void test_cache(void **state)
{
	static const int actions[32] = {
		/* index invalidate: instruction, data, no third, no second level */
		GUEST_CACHE_CODE_INDEX,
		GUEST_CACHE_DATA_INDEX,
		NOTHING,
		NOTHING,
		/* index load tag */
		NOTHING,
		NOTHING,
		NOTHING,
		NOTHING,
		/* index store tag: nothing is thrown away */
		GUEST_CACHE_CODE_INDEX,
		GUEST_CACHE_DATA_INDEX,
		NOTHING,
		NOTHING,
		/* the implementation's own */
		NOTHING,
		NOTHING,
		NOTHING,
		NOTHING,
		/* hit invalidate: data is written back first */
		GUEST_CACHE_CODE,
		GUEST_CACHE_DATA_DISCARD,
		NOTHING,
		NOTHING,
		/* fill; hit write back and invalidate */
		NOTHING,
		GUEST_CACHE_DATA_DISCARD,
		NOTHING,
		NOTHING,
		/* hit write back */
		NOTHING,
		GUEST_CACHE_DATA_WRITEBACK,
		NOTHING,
		NOTHING,
		/* fetch and lock */
		NOTHING,
		NOTHING,
		NOTHING,
		NOTHING,
	};

	(void)state;
	for (uint32_t op = 0; op < 32; op++) {
		struct arch_vcpu *vcpu = processor_make(0);
		enum emulate_result result;

		vcpu->gpr[T0] = 0x80200010;
		result = emulate_instruction(vcpu, ENCODE_CACHE(op, T0, -16), 0);
		assert_int_equal(vcpu->pc, PC + 4);
		if (actions[op] == NOTHING) {
			assert_int_equal(result, EMULATE_DONE);
			continue;
		}
		assert_int_equal(result, EMULATE_CACHE);
		assert_int_equal(vcpu->cache.action, actions[op]);
		assert_int_equal(vcpu->cache.va, 0x80200000);
		if (op >= 16)
			assert_int_equal(vcpu->cache.gpa.raw, 0x00200000);
	}
}

static void test_cache_tag(void **state)
{
	struct arch_vcpu *vcpu = processor_make(0);

	(void)state;
	cp0_write(vcpu, CP0_TAGLO, 0x1234);
	cp0_write(vcpu, CP0_DTAGLO, 0x5678);
	emulate_instruction(vcpu, ENCODE_CACHE(4, T0, 0), 0);
	assert_int_equal(cp0_read(vcpu, CP0_TAGLO), 0);
	assert_int_equal(cp0_read(vcpu, CP0_DTAGLO), 0x5678);
	emulate_instruction(vcpu, ENCODE_CACHE(5, T0, 0), 0);
	assert_int_equal(cp0_read(vcpu, CP0_DTAGLO), 0);
}

/* By address an operation may miss the TLB as a load would; by index it may not. */
static void test_cache_faults(void **state)
{
	struct arch_vcpu *vcpu = processor_make(0);

	(void)state;
	vcpu->gpr[T0] = 0xc0000000;
	assert_int_equal(emulate_instruction(vcpu, ENCODE_CACHE(1, T0, 0), 0), EMULATE_CACHE);
	vcpu->pc = PC;
	expect_exception(vcpu, ENCODE_CACHE(0x15, T0, 0), EXCEPTION_TLB_LOAD);
	assert_int_equal(vcpu->cp0[CP0_BADVADDR], 0xc0000000);
	assert_int_equal(vcpu->pc, 0x80000000);
	vcpu = processor_make_user(0);
	vcpu->gpr[T0] = 0x80000000;
	expect_exception(vcpu, ENCODE_SYNCI(T0, 0), EXCEPTION_ADDRESS_LOAD);
}

static void test_synci(void **state)
{
	struct arch_vcpu *vcpu = processor_make_user(0);

	(void)state;
	processor_page_set(vcpu,
			   (struct processor_page){ 0, 0x00400000, 0, 5 << 6 | ENTRYLO_V, 0 });
	vcpu->gpr[T0] = USER_PC;
	vcpu->delay_slot = 1;
	assert_int_equal(emulate_instruction(vcpu, ENCODE_SYNCI(T0, 0x20), BEQ_S0_ZERO),
			 EMULATE_CACHE);
	assert_int_equal(vcpu->cache.action, GUEST_CACHE_SYNCHRONIZE);
	assert_int_equal(vcpu->cache.gpa.raw, 0x5020);
	assert_int_equal(vcpu->pc, vcpu->gpr[S0] == 0 ? USER_PC + 0x44 : USER_PC + 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_moves),
		cmocka_unit_test(test_shadow_registers),
		cmocka_unit_test(test_interrupt_enable),
		cmocka_unit_test(test_wait),
		cmocka_unit_test(test_tlb_instructions),
		cmocka_unit_test(test_reserved),
		cmocka_unit_test(test_tlbinv_of_older_processor),
		cmocka_unit_test(test_user_mode),
		cmocka_unit_test(test_units),
		cmocka_unit_test(test_native),
		cmocka_unit_test(test_rdhwr),
		cmocka_unit_test(test_rdhwr_enable),
		cmocka_unit_test(test_in_delay_slot),
		cmocka_unit_test(test_delay_slot_changes_condition),
		cmocka_unit_test(test_delay_slot_sees_link),
		cmocka_unit_test(test_nullified),
		cmocka_unit_test(test_unknown_branch),
		cmocka_unit_test(test_exception_in_delay_slot),
		cmocka_unit_test(test_eret_in_delay_slot),
		cmocka_unit_test(test_odd_pc),
		cmocka_unit_test(test_cache),
		cmocka_unit_test(test_cache_tag),
		cmocka_unit_test(test_cache_faults),
		cmocka_unit_test(test_synci),
	};

	return cmocka_run_group_tests_name("mips_emulate", tests, NULL, NULL);
}

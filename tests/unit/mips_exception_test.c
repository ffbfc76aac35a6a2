// SPDX-License-Identifier: BSD-2-Clause
/*
 * Exceptions and interrupts of the MIPS port's virtual processor: where they lead, what they leave
 * in coprocessor 0, nested ones, returns, priorities, vectors.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "mips/processor.h"

#define PC 0x80100000u

static uint32_t code_of(const struct arch_vcpu *vcpu)
{
	return (vcpu->cp0[CP0_CAUSE] & CAUSE_CODE) >> CAUSE_CODE_SHIFT;
}

static void test_codes(void **state)
{
	static const enum guest_exception_code codes[] = {
		EXCEPTION_SYSCALL,  EXCEPTION_BREAKPOINT, EXCEPTION_RESERVED,
		EXCEPTION_OVERFLOW, EXCEPTION_TRAP,	  EXCEPTION_BUS_FETCH,
		EXCEPTION_BUS_DATA, EXCEPTION_FLOATING,	  EXCEPTION_MACHINE_CHECK,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		struct arch_vcpu *vcpu = processor_make(0);

		vcpu->cp0[CP0_CAUSE] = CAUSE_CODE | CAUSE_CE | CAUSE_BD | CAUSE_IV;
		guest_exception(vcpu, codes[i]);
		assert_int_equal(code_of(vcpu), codes[i]);
		assert_int_equal(vcpu->cp0[CP0_CAUSE] & ~CAUSE_CODE, CAUSE_IV);
		assert_int_equal(vcpu->cp0[CP0_EPC], PC);
		assert_int_equal(vcpu->cp0[CP0_STATUS], STATUS_EXL);
		assert_int_equal(vcpu->pc, 0x80000180);
		assert_int_equal(vcpu->changes, GUEST_CHANGE_LINKED);
	}
}

static void test_from_user_mode(void **state)
{
	struct arch_vcpu *vcpu = processor_make_user(0);

	(void)state;
	guest_exception(vcpu, EXCEPTION_SYSCALL);
	assert_int_equal(guest_mode(vcpu), GUEST_MODE_KERNEL);
	assert_int_equal(vcpu->changes, GUEST_CHANGE_LINKED | GUEST_CHANGE_MODE);
	assert_int_equal(vcpu->cp0[CP0_EPC], 0x00400000);
}

static void test_delay_slot(void **state)
{
	struct arch_vcpu *vcpu = processor_make(0);

	(void)state;
	vcpu->delay_slot = 1;
	guest_exception(vcpu, EXCEPTION_SYSCALL);
	assert_int_equal(vcpu->cp0[CP0_EPC], PC);
	assert_int_equal(vcpu->cp0[CP0_CAUSE], CAUSE_BD | EXCEPTION_SYSCALL << 2);
	assert_int_equal(vcpu->delay_slot, 0);
}

static void test_coprocessor_number(void **state)
{
	(void)state;
	for (unsigned int unit = 0; unit < 4; unit++) {
		struct arch_vcpu *vcpu = processor_make(0);

		guest_exception_coprocessor(vcpu, unit);
		assert_int_equal(vcpu->cp0[CP0_CAUSE], unit << 28 | EXCEPTION_COPROCESSOR << 2);
	}
}

static void test_vectors(void **state)
{
	static const struct {
		uint32_t status, ebase;
		bool refill;
		uint32_t vector;
	} rows[] = {
		{ 0, 0x80000000, false, 0x80000180 },
		{ 0, 0x80000000, true, 0x80000000 },
		{ 0, 0x81234000, false, 0x81234180 },
		{ 0, 0x81234000, true, 0x81234000 },
		{ STATUS_EXL, 0x80000000, true, 0x80000180 },
		{ STATUS_ERL, 0x80000000, true, 0x80000000 },
		{ STATUS_BEV, 0x81234000, false, 0xbfc00380 },
		{ STATUS_BEV, 0x81234000, true, 0xbfc00200 },
		{ STATUS_BEV | STATUS_EXL, 0x81234000, true, 0xbfc00380 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct arch_vcpu *vcpu = processor_make(0);

		cp0_write(vcpu, CP0_EBASE, rows[i].ebase);
		cp0_write(vcpu, CP0_STATUS, rows[i].status);
		guest_exception_tlb(vcpu, EXCEPTION_TLB_LOAD, rows[i].refill, 0x1000);
		assert_int_equal(vcpu->pc, rows[i].vector);
	}
}

static void test_vectors_by_map(void **state)
{
	struct arch_vcpu *vcpu = processor_make_in("useg", 0);

	(void)state;
	guest_exception(vcpu, EXCEPTION_SYSCALL);
	assert_int_equal(vcpu->pc, 0x3fc00380);
	cp0_write(vcpu, CP0_STATUS, 0);
	guest_exception(vcpu, EXCEPTION_SYSCALL);
	assert_int_equal(vcpu->pc, 0x00000180);
	vcpu = processor_make_in("kvm-te", 0);
	cp0_write(vcpu, CP0_STATUS, 0);
	guest_exception(vcpu, EXCEPTION_SYSCALL);
	assert_int_equal(vcpu->pc, 0x40000180);
}

static void test_tlb_exception_registers(void **state)
{
	struct arch_vcpu *vcpu = processor_make(0);

	(void)state;
	cp0_write(vcpu, CP0_ENTRYHI, 0x0000a042);
	cp0_write(vcpu, CP0_CONTEXT, 0x81000000);
	guest_exception_tlb(vcpu, EXCEPTION_TLB_STORE, true, 0xc1235678);
	assert_int_equal(code_of(vcpu), EXCEPTION_TLB_STORE);
	assert_int_equal(cp0_read(vcpu, CP0_BADVADDR), 0xc1235678);
	assert_int_equal(cp0_read(vcpu, CP0_ENTRYHI), 0xc1234042);
	assert_int_equal(cp0_read(vcpu, CP0_CONTEXT), 0x81000000 | (0xc1235678 >> 13) << 4);
}

static void test_address_error_registers(void **state)
{
	struct arch_vcpu *vcpu = processor_make(0);

	(void)state;
	cp0_write(vcpu, CP0_ENTRYHI, 0x0000a042);
	guest_exception_address(vcpu, EXCEPTION_ADDRESS_STORE, 0x80000001);
	assert_int_equal(cp0_read(vcpu, CP0_BADVADDR), 0x80000001);
	assert_int_equal(cp0_read(vcpu, CP0_ENTRYHI), 0x0000a042);
	assert_int_equal(cp0_read(vcpu, CP0_CONTEXT), 0);
	assert_int_equal(code_of(vcpu), EXCEPTION_ADDRESS_STORE);
}

/* With EXL set EPC and BD stay those of the first. */
static void test_nested(void **state)
{
	struct arch_vcpu *vcpu = processor_make_user(0);

	(void)state;
	vcpu->delay_slot = 1;
	guest_exception_tlb(vcpu, EXCEPTION_TLB_LOAD, true, 0x5000);
	assert_int_equal(vcpu->pc, 0x80000000);
	vcpu->pc = 0x80000010;
	guest_exception_tlb(vcpu, EXCEPTION_TLB_LOAD, true, 0xc0002000);
	assert_int_equal(vcpu->pc, 0x80000180);
	assert_int_equal(vcpu->cp0[CP0_EPC], 0x00400000);
	assert_int_equal(vcpu->cp0[CP0_CAUSE], CAUSE_BD | EXCEPTION_TLB_LOAD << 2);
	assert_int_equal(vcpu->cp0[CP0_BADVADDR], 0xc0002000);
	assert_int_equal(emulate_instruction(vcpu, ENCODE_ERET, 0), EMULATE_RETURN);
	assert_int_equal(vcpu->pc, 0x00400000);
	assert_int_equal(guest_mode(vcpu), GUEST_MODE_USER);
}

static void test_return_from_error_level(void **state)
{
	struct arch_vcpu *vcpu = processor_make_user(0);

	(void)state;
	cp0_write(vcpu, CP0_STATUS, STATUS_ERL | STATUS_EXL | STATUS_UM);
	cp0_write(vcpu, CP0_EPC, 0x1000);
	cp0_write(vcpu, CP0_ERROREPC, 0x80002000);
	vcpu->changes = 0;
	assert_int_equal(emulate_instruction(vcpu, ENCODE_ERET, 0), EMULATE_RETURN);
	assert_int_equal(vcpu->pc, 0x80002000);
	assert_int_equal(vcpu->cp0[CP0_STATUS], STATUS_EXL | STATUS_UM);
	assert_int_equal(vcpu->changes, GUEST_CHANGE_LINKED | GUEST_CHANGE_MODE);
	assert_int_equal(emulate_instruction(vcpu, ENCODE_ERET, 0), EMULATE_RETURN);
	assert_int_equal(vcpu->pc, 0x1000);
	assert_int_equal(vcpu->cp0[CP0_STATUS], STATUS_UM);
}

/* ---- interrupts ---- */

static void test_deliverable(void **state)
{
	struct arch_vcpu *vcpu = processor_make(0);

	(void)state;
	assert_false(guest_irq_level_set(vcpu, 1, true));
	assert_false(guest_irq_level_set(vcpu, 8, true));
	assert_true(guest_irq_level_set(vcpu, 4, true));
	assert_int_equal(cp0_read(vcpu, CP0_CAUSE), 1u << 12);
	for (uint32_t bits = 0; bits < 0x20; bits++) {
		cp0_write(vcpu, CP0_STATUS, 1u << 12 | bits);
		assert_int_equal(guest_interrupt_deliverable(vcpu), (bits & 7) == STATUS_IE);
		assert_true(guest_wait_ends(vcpu));
		cp0_write(vcpu, CP0_STATUS, (STATUS_IM & ~(1u << 12)) | bits);
		assert_false(guest_interrupt_deliverable(vcpu));
		assert_false(guest_wait_ends(vcpu));
	}
	cp0_write(vcpu, CP0_STATUS, STATUS_IM | STATUS_IE);
	assert_true(guest_irq_level_set(vcpu, 4, false));
	assert_false(guest_interrupt_deliverable(vcpu));
}

static void test_software_interrupts(void **state)
{
	struct arch_vcpu *vcpu = processor_make(0);

	(void)state;
	cp0_write(vcpu, CP0_STATUS, STATUS_IE | 1u << 8);
	cp0_write(vcpu, CP0_CAUSE, 1u << 9);
	assert_false(guest_interrupt_deliverable(vcpu));
	cp0_write(vcpu, CP0_CAUSE, 3u << 8);
	assert_true(guest_interrupt_deliverable(vcpu));
	guest_interrupt(vcpu);
	assert_int_equal(vcpu->pc, 0x80000180);
	assert_int_equal(code_of(vcpu), EXCEPTION_INTERRUPT);
	assert_int_equal(vcpu->cp0[CP0_EPC], PC);
	assert_false(guest_interrupt_deliverable(vcpu));
}

/* `inputs` are bits of Cause.IP, all enabled. */
static uint32_t vector_of(uint32_t features, uint32_t status, uint32_t cause, uint32_t spacing,
			  uint32_t inputs)
{
	struct arch_vcpu *vcpu = processor_make(features);

	cp0_write(vcpu, CP0_INTCTL, spacing);
	cp0_write(vcpu, CP0_STATUS, STATUS_IE | STATUS_IM | status);
	cp0_write(vcpu, CP0_CAUSE, cause | (inputs & 3) << 8);
	for (unsigned int input = 2; input < 8; input++)
		guest_irq_level_set(vcpu, input, (inputs >> input & 1) != 0);
	guest_interrupt(vcpu);
	return vcpu->pc;
}

static void test_interrupt_vectors(void **state)
{
	(void)state;
	assert_int_equal(vector_of(0, 0, 0, 0, 0x10), 0x80000180);
	assert_int_equal(vector_of(0, 0, CAUSE_IV, 0, 0x10), 0x80000200);
	assert_int_equal(vector_of(0, STATUS_BEV, CAUSE_IV, 0, 0x10), 0xbfc00400);
	assert_int_equal(vector_of(0, STATUS_BEV, 0, 0, 0x10), 0xbfc00380);
	/* A processor without vectored mode has no spacing. */
	assert_int_equal(vector_of(0, 0, CAUSE_IV, 0x20, 0x80), 0x80000200);
}

static void test_vectored_mode(void **state)
{
	const uint32_t vectored = GUEST_FEATURE_VECTORED;

	(void)state;
	for (uint32_t spacing = 0x20; spacing <= 0x200; spacing <<= 1)
		for (unsigned int input = 0; input < 8; input++)
			assert_int_equal(vector_of(vectored, 0, CAUSE_IV, spacing, 1u << input),
					 0x80000200 + input * spacing);
	/* Of several the highest. */
	for (uint32_t inputs = 1; inputs < 0x100; inputs++) {
		uint32_t highest = 7;

		while ((inputs >> highest & 1) == 0)
			highest--;
		assert_int_equal(vector_of(vectored, 0, CAUSE_IV, 0x40, inputs),
				 0x80000200 + highest * 0x40);
	}
	assert_int_equal(vector_of(vectored, 0, 0, 0x40, 0x80), 0x80000180);
	assert_int_equal(vector_of(vectored, STATUS_BEV, CAUSE_IV, 0x40, 0x80), 0xbfc00400);
	assert_int_equal(vector_of(vectored, 0, CAUSE_IV, 0, 0x80), 0x80000200);
}

/* What is masked does not count for the vector. */
static void test_vector_of_enabled(void **state)
{
	struct arch_vcpu *vcpu = processor_make(GUEST_FEATURE_VECTORED);

	(void)state;
	cp0_write(vcpu, CP0_INTCTL, 0x20);
	cp0_write(vcpu, CP0_CAUSE, CAUSE_IV);
	cp0_write(vcpu, CP0_STATUS, STATUS_IE | 1u << 11);
	guest_irq_level_set(vcpu, 7, true);
	guest_irq_level_set(vcpu, 3, true);
	guest_interrupt(vcpu);
	assert_int_equal(vcpu->pc, 0x80000200 + 3 * 0x20);
}

/* Lowered between the look and the entry: nothing happens. */
static void test_gone_meanwhile(void **state)
{
	struct arch_vcpu *vcpu = processor_make(0);

	(void)state;
	cp0_write(vcpu, CP0_STATUS, STATUS_IE | STATUS_IM);
	guest_interrupt(vcpu);
	assert_int_equal(vcpu->pc, PC);
	assert_int_equal(vcpu->cp0[CP0_STATUS], STATUS_IE | STATUS_IM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_codes),
		cmocka_unit_test(test_from_user_mode),
		cmocka_unit_test(test_delay_slot),
		cmocka_unit_test(test_coprocessor_number),
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_vectors_by_map),
		cmocka_unit_test(test_tlb_exception_registers),
		cmocka_unit_test(test_address_error_registers),
		cmocka_unit_test(test_nested),
		cmocka_unit_test(test_return_from_error_level),
		cmocka_unit_test(test_deliverable),
		cmocka_unit_test(test_software_interrupts),
		cmocka_unit_test(test_interrupt_vectors),
		cmocka_unit_test(test_vectored_mode),
		cmocka_unit_test(test_vector_of_enabled),
		cmocka_unit_test(test_gone_meanwhile),
	};

	return cmocka_run_group_tests_name("mips_exception", tests, NULL, NULL);
}

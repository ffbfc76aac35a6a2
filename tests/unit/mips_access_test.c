// SPDX-License-Identifier: BSD-2-Clause
/*
 * Loads and stores of a device, on the MIPS port's virtual processor, against a memory of bytes:
 * all widths and alignments in both endiannesses.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "mips/processor.h"

#define PC   0x80100000u
#define BASE 0xb8000100u

#define T0 8u
#define T1 9u

enum {
	LB = 0x20,
	LH,
	LWL,
	LW,
	LBU,
	LHU,
	LWR,
	SB = 0x28,
	SH,
	SWL,
	SW,
	SWR = 0x2e,
	LL = 0x30,
	SC = 0x38,
};

/* OP t0, offset(t1) */
#define ENCODE(opcode, offset) \
	((uint32_t)(opcode) << 26 | T1 << 21 | T0 << 16 | ((uint32_t)(offset)&0xffff))

static uint8_t device[8];
static bool touched[8];
static bool big;

static struct arch_vcpu *make(bool big_endian)
{
	struct arch_vcpu *vcpu = processor_make(big_endian ? GUEST_FEATURE_BIG_ENDIAN : 0);

	big = big_endian;
	for (unsigned int i = 0; i < sizeof(device); i++)
		device[i] = (uint8_t)(0x91 + i);
	memset(touched, 0, sizeof(touched));
	vcpu->gpr[T0] = 0xa1b2c3d4;
	vcpu->gpr[T1] = BASE;
	return vcpu;
}

static uint32_t bytes_get(const uint8_t *bytes, unsigned int size)
{
	uint32_t value = 0;

	for (unsigned int i = 0; i < size; i++)
		value |= (uint32_t)bytes[i] << 8 * (big ? size - 1 - i : i);
	return value;
}

static void piece_serve(struct arch_vcpu *vcpu, uint32_t *value)
{
	const struct arch_access_piece *piece = &vcpu->piece;
	uint32_t offset = piece->va - BASE;

	assert_true(piece->size == 1 || piece->size == 2 || piece->size == 4);
	assert_int_equal(piece->va % piece->size, 0);
	assert_true(offset + piece->size <= sizeof(device));
	if (!vcpu->access.write) {
		*value = bytes_get(&device[offset], piece->size);
		return;
	}
	if (piece->size < 4)
		assert_int_equal(piece->value >> 8 * piece->size, 0);
	for (unsigned int i = 0; i < piece->size; i++) {
		unsigned int shift = 8 * (big ? piece->size - 1 - i : i);

		assert_false(touched[offset + i]);
		touched[offset + i] = true;
		device[offset + i] = (uint8_t)(piece->value >> shift);
	}
}

/* Runs it to its end; returns in how many pieces. */
static unsigned int run(struct arch_vcpu *vcpu, uint32_t instruction, uint32_t branch)
{
	unsigned int pieces = 0;
	uint32_t value = 0;

	assert_int_equal(emulate_access(vcpu, instruction, branch), EMULATE_ACCESS);
	do {
		piece_serve(vcpu, &value);
		assert_true(++pieces <= 4);
	} while (!guest_access_done(vcpu, value));
	return pieces;
}

static uint32_t loaded(bool big_endian, unsigned int opcode, int offset)
{
	struct arch_vcpu *vcpu = make(big_endian);

	assert_int_equal(run(vcpu, ENCODE(opcode, offset), 0), 1);
	assert_int_equal(vcpu->pc, PC + 4);
	return vcpu->gpr[T0];
}

static void test_loads(void **state)
{
	(void)state;
	assert_int_equal(loaded(false, LB, 3), 0xffffff94);
	assert_int_equal(loaded(false, LBU, 3), 0x94);
	assert_int_equal(loaded(false, LH, 2), 0xffff9493);
	assert_int_equal(loaded(false, LHU, 2), 0x9493);
	assert_int_equal(loaded(false, LW, 4), 0x98979695);
	assert_int_equal(loaded(false, LL, 4), 0x98979695);
	assert_int_equal(loaded(true, LB, 3), 0xffffff94);
	assert_int_equal(loaded(true, LH, 2), 0xffff9394);
	assert_int_equal(loaded(true, LHU, 2), 0x9394);
	assert_int_equal(loaded(true, LW, 4), 0x95969798);
}

/* "LWL/LWR" of Volume II-A: the figures of what a register and a word become. */
static void test_unaligned_loads(void **state)
{
	static const struct {
		uint32_t little_left, little_right, big_left, big_right;
	} rows[4] = {
		{ 0x91b2c3d4, 0x94939291, 0x91929394, 0xa1b2c391 },
		{ 0x9291c3d4, 0xa1949392, 0x929394d4, 0xa1b29192 },
		{ 0x939291d4, 0xa1b29493, 0x9394c3d4, 0xa1919293 },
		{ 0x94939291, 0xa1b2c394, 0x94b2c3d4, 0x91929394 },
	};

	(void)state;
	for (int offset = 0; offset < 4; offset++) {
		assert_int_equal(loaded(false, LWL, offset), rows[offset].little_left);
		assert_int_equal(loaded(false, LWR, offset), rows[offset].little_right);
		assert_int_equal(loaded(true, LWL, offset), rows[offset].big_left);
		assert_int_equal(loaded(true, LWR, offset), rows[offset].big_right);
	}
}

/* A store, then what the device holds, as text that shows which bytes were written. */
static void check_store(bool big_endian, unsigned int opcode, int offset, const char *wanted,
			unsigned int pieces)
{
	struct arch_vcpu *vcpu = make(big_endian);
	char text[2 * sizeof(device) + 1];

	assert_int_equal(run(vcpu, ENCODE(opcode, offset), 0), pieces);
	assert_int_equal(vcpu->pc, PC + 4);
	for (size_t i = 0; i < sizeof(device); i++) {
		text[2 * i] = touched[i] ? "0123456789abcdef"[device[i] >> 4] : '.';
		text[2 * i + 1] = touched[i] ? "0123456789abcdef"[device[i] & 15] : '.';
	}
	text[2 * sizeof(device)] = '\0';
	assert_string_equal(text, wanted);
}

static void test_stores(void **state)
{
	(void)state;
	check_store(false, SB, 5, "..........d4....", 1);
	check_store(false, SH, 2, "....d4c3........", 1);
	check_store(false, SW, 4, "........d4c3b2a1", 1);
	check_store(true, SB, 5, "..........d4....", 1);
	check_store(true, SH, 2, "....c3d4........", 1);
	check_store(true, SW, 4, "........a1b2c3d4", 1);
}

static void test_unaligned_stores(void **state)
{
	(void)state;
	check_store(false, SWL, 0, "a1..............", 1);
	check_store(false, SWL, 1, "b2a1............", 1);
	check_store(false, SWL, 2, "c3b2a1..........", 2);
	check_store(false, SWL, 3, "d4c3b2a1........", 1);
	check_store(false, SWR, 0, "d4c3b2a1........", 1);
	check_store(false, SWR, 1, "..d4c3b2........", 2);
	check_store(false, SWR, 2, "....d4c3........", 1);
	check_store(false, SWR, 3, "......d4........", 1);
	check_store(true, SWL, 0, "a1b2c3d4........", 1);
	check_store(true, SWL, 1, "..a1b2c3........", 2);
	check_store(true, SWL, 2, "....a1b2........", 1);
	check_store(true, SWL, 3, "......a1........", 1);
	check_store(true, SWR, 0, "d4..............", 1);
	check_store(true, SWR, 1, "c3d4............", 1);
	check_store(true, SWR, 2, "b2c3d4..........", 2);
	check_store(true, SWR, 3, "a1b2c3d4........", 1);
}

/* The pair that compilers make of an unaligned access. */
static void test_pairs(void **state)
{
	(void)state;
	for (int offset = 0; offset < 4; offset++) {
		struct arch_vcpu *vcpu = make(false);

		run(vcpu, ENCODE(LWL, offset + 3), 0);
		run(vcpu, ENCODE(LWR, offset), 0);
		assert_int_equal(vcpu->gpr[T0], bytes_get(&device[offset], 4));
		vcpu = make(true);
		run(vcpu, ENCODE(LWL, offset), 0);
		run(vcpu, ENCODE(LWR, offset + 3), 0);
		assert_int_equal(vcpu->gpr[T0], bytes_get(&device[offset], 4));
	}
}

static void test_conditional_store_succeeds(void **state)
{
	struct arch_vcpu *vcpu = make(false);

	(void)state;
	run(vcpu, ENCODE(SC, 0), 0);
	assert_int_equal(vcpu->gpr[T0], 1);
	assert_int_equal(bytes_get(device, 4), 0xa1b2c3d4);
}

static void test_register_zero(void **state)
{
	struct arch_vcpu *vcpu = make(false);

	(void)state;
	run(vcpu, ENCODE(LW, 0) & ~(31u << 16), 0);
	assert_int_equal(vcpu->gpr[0], 0);
	run(vcpu, ENCODE(SC, 0) & ~(31u << 16), 0);
	assert_int_equal(vcpu->gpr[0], 0);
	assert_int_equal(bytes_get(device, 4), 0);
}

static void test_base_is_overwritten(void **state)
{
	struct arch_vcpu *vcpu = make(false);

	(void)state;
	run(vcpu, (uint32_t)LW << 26 | T1 << 21 | T1 << 16 | 4, 0);
	assert_int_equal(vcpu->gpr[T1], 0x98979695);
}

static void test_delay_slot(void **state)
{
	struct arch_vcpu *vcpu = make(false);

	(void)state;
	/* bne t0, zero, +0x44: the load clears t0's reason to go there. */
	vcpu->delay_slot = 1;
	memset(device, 0, sizeof(device));
	run(vcpu, ENCODE(LW, 0), 0x15000010);
	assert_int_equal(vcpu->gpr[T0], 0);
	assert_int_equal(vcpu->pc, PC + 0x44);
	assert_int_equal(vcpu->delay_slot, 0);
}

static void test_misaligned(void **state)
{
	static const struct {
		unsigned int opcode;
		int offset;
		uint32_t code;
	} rows[] = {
		{ LH, 1, 4 }, { LHU, 3, 4 }, { LW, 1, 4 }, { LW, 2, 4 },
		{ LL, 2, 4 }, { SH, 1, 5 },  { SW, 2, 5 }, { SC, 1, 5 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct arch_vcpu *vcpu = make(false);

		assert_int_equal(emulate_access(vcpu, ENCODE(rows[i].opcode, rows[i].offset), 0),
				 EMULATE_EXCEPTION);
		assert_int_equal(vcpu->cp0[CP0_CAUSE], rows[i].code << 2);
		assert_int_equal(vcpu->cp0[CP0_BADVADDR], BASE + (uint32_t)rows[i].offset);
	}
}

static void test_bus_error(void **state)
{
	struct arch_vcpu *vcpu = make(false);

	(void)state;
	vcpu->delay_slot = 1;
	assert_int_equal(emulate_access(vcpu, ENCODE(LW, 0), 0x10000010), EMULATE_ACCESS);
	guest_access_fault(vcpu);
	assert_int_equal(vcpu->cp0[CP0_CAUSE], CAUSE_BD | EXCEPTION_BUS_DATA << 2);
	assert_int_equal(vcpu->cp0[CP0_EPC], PC);
	/* Not an access that a device answers. */
	vcpu = make(false);
	assert_int_equal(emulate_access(vcpu, 0xc5200000, 0), EMULATE_EXCEPTION);
	assert_int_equal(vcpu->cp0[CP0_CAUSE], EXCEPTION_BUS_DATA << 2);
}

static void test_nullified(void **state)
{
	struct arch_vcpu *vcpu = make(false);

	(void)state;
	vcpu->delay_slot = 1;
	/* bnel zero, zero */
	assert_int_equal(emulate_access(vcpu, ENCODE(LW, 0), 0x54000010), EMULATE_DONE);
	assert_int_equal(vcpu->pc, PC + 8);
	assert_int_equal(vcpu->gpr[T0], 0xa1b2c3d4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_loads),
		cmocka_unit_test(test_unaligned_loads),
		cmocka_unit_test(test_stores),
		cmocka_unit_test(test_unaligned_stores),
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_conditional_store_succeeds),
		cmocka_unit_test(test_register_zero),
		cmocka_unit_test(test_base_is_overwritten),
		cmocka_unit_test(test_delay_slot),
		cmocka_unit_test(test_misaligned),
		cmocka_unit_test(test_bus_error),
		cmocka_unit_test(test_nullified),
	};

	return cmocka_run_group_tests_name("mips_access", tests, NULL, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Loads and stores that a device answers, in naturally aligned pieces. LWL and LWR read the whole
 * word and take their part of it; SWL and SWR write no byte but their own.
 */
#include <corbel/panic.h>

#include "emulate.h"

static bool is_big_endian(const struct arch_vcpu *vcpu)
{
	return (vcpu->cp0[CP0_CONFIG] & CONFIG_BE) != 0;
}

/*
 * Of LWL, LWR, SWL, SWR: how many bytes of memory take part. LEFT goes in little endian from the
 * word's start to the address, in big endian from the address to the word's end; RIGHT the other
 * way round.
 */
static bool is_part_from_start(const struct arch_vcpu *vcpu)
{
	return (vcpu->access.kind == ACCESS_LEFT) != is_big_endian(vcpu);
}

static unsigned int part_size(const struct arch_vcpu *vcpu)
{
	unsigned int within = vcpu->access_address & 3;

	return is_part_from_start(vcpu) ? within + 1 : 4 - within;
}

/* Bytes of a value that go to the lowest addresses, as many as `size` of `left`. */
static uint32_t leading_bytes(const struct arch_vcpu *vcpu, unsigned int size, unsigned int left)
{
	uint32_t value = vcpu->access_value;

	if (is_big_endian(vcpu))
		value >>= 8 * (left - size);
	return size == 4 ? value : value & ((1u << 8 * size) - 1);
}

/* The next piece of what is left to write: the largest that alignment allows. */
static void piece_next(struct arch_vcpu *vcpu)
{
	struct arch_access_piece *piece = &vcpu->piece;
	unsigned int left = vcpu->access_bytes_left;

	ASSERT(left > 0 && left <= 4);
	piece->size = 1;
	while (piece->size * 2u <= left && (piece->va & (piece->size * 2u - 1)) == 0)
		piece->size = (uint8_t)(piece->size * 2);
	piece->value = leading_bytes(vcpu, piece->size, left);
}

static void store_begin(struct arch_vcpu *vcpu)
{
	const struct arch_access *access = &vcpu->access;
	uint32_t value = vcpu->gpr[access->data_register];
	unsigned int size = access->size;

	vcpu->piece.va = vcpu->access_address;
	if (access->kind == ACCESS_LEFT || access->kind == ACCESS_RIGHT) {
		size = part_size(vcpu);
		if (is_part_from_start(vcpu))
			vcpu->piece.va &= ~3u;
		if (access->kind == ACCESS_LEFT)
			value >>= 8 * (4 - size);
	}
	vcpu->access_value = value;
	vcpu->access_bytes_left = (uint8_t)size;
	piece_next(vcpu);
}

static void load_begin(struct arch_vcpu *vcpu)
{
	vcpu->piece = (struct arch_access_piece){
		.va = vcpu->access_address & ~(vcpu->access.size - 1u),
		.size = vcpu->access.size,
	};
	vcpu->access_bytes_left = vcpu->access.size;
}

static bool is_aligned(const struct arch_access *access, uint32_t va)
{
	return access->kind == ACCESS_LEFT || access->kind == ACCESS_RIGHT ||
	       (va & (access->size - 1u)) == 0;
}

enum emulate_result emulate_access(struct arch_vcpu *vcpu, uint32_t instruction, uint32_t branch)
{
	struct arch_access *access = &vcpu->access;
	enum branch_result way;
	uint32_t va;

	if (!access_decode(instruction, access)) {
		guest_access_fault(vcpu);
		return EMULATE_EXCEPTION;
	}
	va = vcpu->gpr[access->base_register] + (uint32_t)(int32_t)access->offset;
	if (!is_aligned(access, va)) {
		guest_exception_address(
			vcpu, access->write ? EXCEPTION_ADDRESS_STORE : EXCEPTION_ADDRESS_LOAD, va);
		return EMULATE_EXCEPTION;
	}
	way = guest_next_pc(vcpu, branch, &vcpu->access_next_pc);
	if (way != BRANCH_GOES)
		return guest_instruction_pass(vcpu, way, vcpu->access_next_pc);
	vcpu->access_address = va;
	if (access->write)
		store_begin(vcpu);
	else
		load_begin(vcpu);
	return EMULATE_ACCESS;
}

/* The word that was read, merged with what the register keeps. */
static uint32_t loaded_part(const struct arch_vcpu *vcpu, uint32_t word)
{
	uint32_t old = vcpu->gpr[vcpu->access.data_register];
	unsigned int shift = 8 * (4 - part_size(vcpu));

	if (vcpu->access.kind == ACCESS_LEFT)
		return word << shift | (old & ~(UINT32_MAX << shift));
	return word >> shift | (old & ~(UINT32_MAX >> shift));
}

static uint32_t loaded_value(const struct arch_vcpu *vcpu, uint32_t value)
{
	const struct arch_access *access = &vcpu->access;

	if (access->kind == ACCESS_LEFT || access->kind == ACCESS_RIGHT)
		return loaded_part(vcpu, value);
	if (access->size == 1)
		return access->sign_extend ? (uint32_t)(int8_t)value : (uint8_t)value;
	if (access->size == 2)
		return access->sign_extend ? (uint32_t)(int16_t)value : (uint16_t)value;
	return value;
}

bool guest_access_done(struct arch_vcpu *vcpu, uint32_t value)
{
	const struct arch_access *access = &vcpu->access;
	unsigned int number = access->data_register;

	if (access->write && vcpu->access_bytes_left > vcpu->piece.size) {
		vcpu->access_bytes_left = (uint8_t)(vcpu->access_bytes_left - vcpu->piece.size);
		if (!is_big_endian(vcpu))
			vcpu->access_value >>= 8 * vcpu->piece.size;
		vcpu->piece.va += vcpu->piece.size;
		piece_next(vcpu);
		return false;
	}
	if (!access->write && number != 0)
		vcpu->gpr[number] = loaded_value(vcpu, value);
	if (access->kind == ACCESS_CONDITIONAL && number != 0)
		vcpu->gpr[number] = 1;
	vcpu->access_bytes_left = 0;
	vcpu->pc = vcpu->access_next_pc;
	vcpu->delay_slot = 0;
	return true;
}

void guest_access_fault(struct arch_vcpu *vcpu)
{
	vcpu->access_bytes_left = 0;
	guest_exception(vcpu, EXCEPTION_BUS_DATA);
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * The integer arithmetic of MIPS32r2. "MIPS32 Architecture Volume II-A: the Instruction Set".
 * Fields that must be zero are looked at where another instruction has something in them.
 */
#include "decode.h"
#include "plain.h"

#define OPCODE_SPECIAL	0x00u
#define OPCODE_ADDI	0x08u
#define OPCODE_ADDIU	0x09u
#define OPCODE_SLTI	0x0au
#define OPCODE_SLTIU	0x0bu
#define OPCODE_ANDI	0x0cu
#define OPCODE_ORI	0x0du
#define OPCODE_XORI	0x0eu
#define OPCODE_LUI	0x0fu
#define OPCODE_SPECIAL2 0x1cu
#define OPCODE_SPECIAL3 0x1fu
#define OPCODE_PREF	0x33u

#define FUNCTION_SLL   0x00u
#define FUNCTION_SRL   0x02u
#define FUNCTION_SRA   0x03u
#define FUNCTION_SLLV  0x04u
#define FUNCTION_SRLV  0x06u
#define FUNCTION_SRAV  0x07u
#define FUNCTION_MOVZ  0x0au
#define FUNCTION_MOVN  0x0bu
#define FUNCTION_SYNC  0x0fu
#define FUNCTION_MFHI  0x10u
#define FUNCTION_MTHI  0x11u
#define FUNCTION_MFLO  0x12u
#define FUNCTION_MTLO  0x13u
#define FUNCTION_MULT  0x18u
#define FUNCTION_MULTU 0x19u
#define FUNCTION_ADD   0x20u
#define FUNCTION_ADDU  0x21u
#define FUNCTION_SUB   0x22u
#define FUNCTION_SUBU  0x23u
#define FUNCTION_AND   0x24u
#define FUNCTION_OR    0x25u
#define FUNCTION_XOR   0x26u
#define FUNCTION_NOR   0x27u
#define FUNCTION_SLT   0x2au
#define FUNCTION_SLTU  0x2bu

#define FUNCTION2_MUL 0x02u
#define FUNCTION2_CLZ 0x20u
#define FUNCTION2_CLO 0x21u

#define FUNCTION3_EXT	0x00u
#define FUNCTION3_INS	0x04u
#define FUNCTION3_BSHFL 0x20u
#define BSHFL_WSBH	0x02u
#define BSHFL_SEB	0x10u
#define BSHFL_SEH	0x18u

/* The field behind rd: a shift's distance, a bit field's position. */
static unsigned int field_sa(uint32_t instruction)
{
	return instruction >> 6 & 31;
}

static bool result_set(struct arch_vcpu *vcpu, unsigned int number, uint32_t value)
{
	if (number != 0)
		vcpu->gpr[number] = value;
	return true;
}

static uint32_t shift_right_signed(uint32_t value, unsigned int distance)
{
	uint32_t sign = -(value >> 31);

	return distance == 0 ? value : value >> distance | sign << (32 - distance);
}

static uint32_t rotate_right(uint32_t value, unsigned int distance)
{
	return distance == 0 ? value : value >> distance | value << (32 - distance);
}

/* Shifts by a constant or by a register; with bit 0 of the field given, to the right is around. */
static bool shift(struct arch_vcpu *vcpu, uint32_t instruction, unsigned int distance,
		  unsigned int rotates)
{
	uint32_t value = vcpu->gpr[instruction_rt(instruction)];
	unsigned int rd = instruction_rd(instruction);

	switch (instruction_function(instruction) & 3) {
	case FUNCTION_SLL:
		return rotates == 0 && result_set(vcpu, rd, value << distance);
	case FUNCTION_SRL:
		if (rotates > 1)
			return false;
		return result_set(vcpu, rd,
				  rotates != 0 ? rotate_right(value, distance) : value >> distance);
	default:
		return rotates == 0 && result_set(vcpu, rd, shift_right_signed(value, distance));
	}
}

static bool multiply(struct arch_vcpu *vcpu, uint32_t instruction, uint32_t left, uint32_t right)
{
	uint64_t product = (uint64_t)left * right;

	if (instruction_function(instruction) == FUNCTION_MULT)
		product = (uint64_t)((int64_t)(int32_t)left * (int32_t)right);
	vcpu->hi = (uint32_t)(product >> 32);
	vcpu->lo = (uint32_t)product;
	return true;
}

/* The hint of PREF, the kind of SYNC: none of it shows. */
static bool special_move(struct arch_vcpu *vcpu, uint32_t instruction, uint32_t left,
			 uint32_t right)
{
	unsigned int rd = instruction_rd(instruction);

	switch (instruction_function(instruction)) {
	case FUNCTION_MOVZ:
		return right != 0 || result_set(vcpu, rd, left);
	case FUNCTION_MOVN:
		return right == 0 || result_set(vcpu, rd, left);
	case FUNCTION_SYNC:
		return true;
	case FUNCTION_MFHI:
		return result_set(vcpu, rd, vcpu->hi);
	case FUNCTION_MFLO:
		return result_set(vcpu, rd, vcpu->lo);
	case FUNCTION_MTHI:
		vcpu->hi = left;
		return true;
	case FUNCTION_MTLO:
		vcpu->lo = left;
		return true;
	case FUNCTION_MULT:
	case FUNCTION_MULTU:
		return multiply(vcpu, instruction, left, right);
	default:
		return false;
	}
}

static bool special(struct arch_vcpu *vcpu, uint32_t instruction)
{
	uint32_t left = vcpu->gpr[instruction_rs(instruction)];
	uint32_t right = vcpu->gpr[instruction_rt(instruction)];
	unsigned int rd = instruction_rd(instruction);
	int32_t result;

	switch (instruction_function(instruction)) {
	case FUNCTION_SLL:
	case FUNCTION_SRL:
	case FUNCTION_SRA:
		return shift(vcpu, instruction, field_sa(instruction), instruction_rs(instruction));
	case FUNCTION_SLLV:
	case FUNCTION_SRLV:
	case FUNCTION_SRAV:
		return shift(vcpu, instruction, left & 31, field_sa(instruction));
	case FUNCTION_ADD:
		return !__builtin_add_overflow((int32_t)left, (int32_t)right, &result) &&
		       result_set(vcpu, rd, (uint32_t)result);
	case FUNCTION_ADDU:
		return result_set(vcpu, rd, left + right);
	case FUNCTION_SUB:
		return !__builtin_sub_overflow((int32_t)left, (int32_t)right, &result) &&
		       result_set(vcpu, rd, (uint32_t)result);
	case FUNCTION_SUBU:
		return result_set(vcpu, rd, left - right);
	case FUNCTION_AND:
		return result_set(vcpu, rd, left & right);
	case FUNCTION_OR:
		return result_set(vcpu, rd, left | right);
	case FUNCTION_XOR:
		return result_set(vcpu, rd, left ^ right);
	case FUNCTION_NOR:
		return result_set(vcpu, rd, ~(left | right));
	case FUNCTION_SLT:
		return result_set(vcpu, rd, (int32_t)left < (int32_t)right);
	case FUNCTION_SLTU:
		return result_set(vcpu, rd, left < right);
	default:
		return special_move(vcpu, instruction, left, right);
	}
}

static bool special2(struct arch_vcpu *vcpu, uint32_t instruction)
{
	uint32_t left = vcpu->gpr[instruction_rs(instruction)];
	uint32_t right = vcpu->gpr[instruction_rt(instruction)];
	unsigned int rd = instruction_rd(instruction);

	switch (instruction_function(instruction)) {
	case FUNCTION2_MUL:
		return result_set(vcpu, rd, left * right);
	case FUNCTION2_CLO:
		left = ~left;
		/* fall through */
	case FUNCTION2_CLZ:
		return result_set(vcpu, rd, left == 0 ? 32 : (uint32_t)__builtin_clz(left));
	default:
		return false;
	}
}

static bool byte_shuffle(struct arch_vcpu *vcpu, uint32_t instruction)
{
	uint32_t value = vcpu->gpr[instruction_rt(instruction)];
	unsigned int rd = instruction_rd(instruction);

	switch (field_sa(instruction)) {
	case BSHFL_WSBH:
		return result_set(vcpu, rd, (value & 0x00ff00ff) << 8 | (value >> 8 & 0x00ff00ff));
	case BSHFL_SEB:
		return result_set(vcpu, rd, (uint32_t)(int8_t)value);
	case BSHFL_SEH:
		return result_set(vcpu, rd, (uint32_t)(int16_t)value);
	default:
		return false;
	}
}

/* EXT has the field's size less one where rd would be, INS its last bit. */
static bool special3(struct arch_vcpu *vcpu, uint32_t instruction)
{
	uint32_t value = vcpu->gpr[instruction_rs(instruction)];
	unsigned int rt = instruction_rt(instruction);
	unsigned int last = instruction_rd(instruction), position = field_sa(instruction);
	uint32_t mask;

	switch (instruction_function(instruction)) {
	case FUNCTION3_EXT:
		return position + last < 32 &&
		       result_set(vcpu, rt, value >> position & UINT32_MAX >> (31 - last));
	case FUNCTION3_INS:
		if (last < position)
			return false;
		mask = UINT32_MAX >> (31 - (last - position)) << position;
		return result_set(vcpu, rt, (vcpu->gpr[rt] & ~mask) | (value << position & mask));
	case FUNCTION3_BSHFL:
		return byte_shuffle(vcpu, instruction);
	default:
		return false;
	}
}

bool plain_execute(struct arch_vcpu *vcpu, uint32_t instruction)
{
	uint32_t left = vcpu->gpr[instruction_rs(instruction)];
	unsigned int rt = instruction_rt(instruction);
	int32_t immediate = instruction_immediate(instruction), result;
	uint32_t low = instruction & 0xffff;

	switch (instruction_opcode(instruction)) {
	case OPCODE_SPECIAL:
		return special(vcpu, instruction);
	case OPCODE_SPECIAL2:
		return special2(vcpu, instruction);
	case OPCODE_SPECIAL3:
		return special3(vcpu, instruction);
	case OPCODE_ADDI:
		return !__builtin_add_overflow((int32_t)left, immediate, &result) &&
		       result_set(vcpu, rt, (uint32_t)result);
	case OPCODE_ADDIU:
		return result_set(vcpu, rt, left + (uint32_t)immediate);
	case OPCODE_SLTI:
		return result_set(vcpu, rt, (int32_t)left < immediate);
	case OPCODE_SLTIU:
		return result_set(vcpu, rt, left < (uint32_t)immediate);
	case OPCODE_ANDI:
		return result_set(vcpu, rt, left & low);
	case OPCODE_ORI:
		return result_set(vcpu, rt, left | low);
	case OPCODE_XORI:
		return result_set(vcpu, rt, left ^ low);
	case OPCODE_LUI:
		return instruction_rs(instruction) == 0 && result_set(vcpu, rt, low << 16);
	case OPCODE_PREF:
		return true;
	default:
		return false;
	}
}

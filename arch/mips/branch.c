// SPDX-License-Identifier: BSD-2-Clause
/*
 * Branches and jumps of MIPS32r2 to r5. "MIPS32 Architecture Volume II-A: the Instruction Set".
 */
#include "branch.h"
#include "decode.h"

#define OPCODE_SPECIAL 0x00u
#define OPCODE_REGIMM  0x01u
#define OPCODE_J       0x02u
#define OPCODE_JAL     0x03u
#define OPCODE_BEQ     0x04u
#define OPCODE_BNE     0x05u
#define OPCODE_BLEZ    0x06u
#define OPCODE_BGTZ    0x07u
#define OPCODE_COP1    0x11u
#define OPCODE_BEQL    0x14u
#define OPCODE_BNEL    0x15u
#define OPCODE_BLEZL   0x16u
#define OPCODE_BGTZL   0x17u

#define FUNCTION_JR   0x08u
#define FUNCTION_JALR 0x09u

/* The rt field of REGIMM's branches: bit 0 GEZ, bit 1 likely, bit 4 with link. */
#define REGIMM_GEZ    0x01u
#define REGIMM_LIKELY 0x02u
#define REGIMM_LINK   0x10u

#define COP1_BC 0x08u

static void link_set(struct arch_vcpu *vcpu, unsigned int number)
{
	if (number != 0)
		vcpu->gpr[number] = vcpu->pc + 8;
}

static enum branch_result conditional(const struct arch_vcpu *vcpu, uint32_t instruction,
				      bool taken, bool is_likely, uint32_t *target)
{
	if (taken)
		*target = vcpu->pc + 4 + (uint32_t)instruction_immediate(instruction) * 4;
	else
		*target = vcpu->pc + 8;
	return taken || !is_likely ? BRANCH_GOES : BRANCH_NULLIFIES;
}

/* JR and JALR: the hint field is the hazard barrier's and makes no difference here. */
static enum branch_result register_jump(struct arch_vcpu *vcpu, uint32_t instruction,
					uint32_t *target)
{
	unsigned int function = instruction_function(instruction);

	if (function != FUNCTION_JR && function != FUNCTION_JALR)
		return BRANCH_NONE;
	*target = vcpu->gpr[instruction_rs(instruction)];
	if (function == FUNCTION_JALR)
		link_set(vcpu, instruction_rd(instruction));
	return BRANCH_GOES;
}

static enum branch_result jump(struct arch_vcpu *vcpu, uint32_t instruction, uint32_t *target)
{
	*target = ((vcpu->pc + 4) & 0xf0000000) | (instruction & 0x03ffffff) << 2;
	if (instruction_opcode(instruction) == OPCODE_JAL)
		link_set(vcpu, 31);
	return BRANCH_GOES;
}

static enum branch_result sign_branch(struct arch_vcpu *vcpu, uint32_t instruction,
				      uint32_t *target)
{
	unsigned int kind = instruction_rt(instruction);
	bool negative = (int32_t)vcpu->gpr[instruction_rs(instruction)] < 0;
	bool taken = ((kind & REGIMM_GEZ) != 0) != negative;

	if ((kind & ~(REGIMM_GEZ | REGIMM_LIKELY | REGIMM_LINK)) != 0)
		return BRANCH_NONE;
	if ((kind & REGIMM_LINK) != 0)
		link_set(vcpu, 31);
	return conditional(vcpu, instruction, taken, (kind & REGIMM_LIKELY) != 0, target);
}

/* Condition code 0 is bit 23 of FCSR, 1 to 7 are bits 25 to 31. */
static bool float_condition(uint32_t fcsr, unsigned int code)
{
	return (fcsr >> (code == 0 ? 23 : 24 + code) & 1) != 0;
}

static enum branch_result float_branch(const struct arch_vcpu *vcpu, uint32_t instruction,
				       uint32_t *target)
{
	bool wanted = (instruction >> 16 & 1) != 0;
	bool is_likely = (instruction >> 17 & 1) != 0;

	if (instruction_rs(instruction) != COP1_BC)
		return BRANCH_NONE;
	return conditional(vcpu, instruction,
			   float_condition(vcpu->fcsr, instruction >> 18 & 7) == wanted, is_likely,
			   target);
}

/* BEQ, BNE, BLEZ, BGTZ and their likely kin, which have bit 4 of the opcode set. */
static enum branch_result compare_branch(const struct arch_vcpu *vcpu, uint32_t instruction,
					 uint32_t *target)
{
	unsigned int opcode = instruction_opcode(instruction);
	uint32_t left = vcpu->gpr[instruction_rs(instruction)];
	uint32_t right = vcpu->gpr[instruction_rt(instruction)];
	bool taken;

	switch (opcode & ~0x10u) {
	case OPCODE_BEQ:
		taken = left == right;
		break;
	case OPCODE_BNE:
		taken = left != right;
		break;
	default:
		/* With another register these are compact branches of later processors. */
		if (instruction_rt(instruction) != 0)
			return BRANCH_NONE;
		taken = ((int32_t)left <= 0) == ((opcode & ~0x10u) == OPCODE_BLEZ);
		break;
	}
	return conditional(vcpu, instruction, taken, (opcode & 0x10) != 0, target);
}

enum branch_result branch_evaluate(struct arch_vcpu *vcpu, uint32_t instruction, uint32_t *target)
{
	switch (instruction_opcode(instruction)) {
	case OPCODE_SPECIAL:
		return register_jump(vcpu, instruction, target);
	case OPCODE_REGIMM:
		return sign_branch(vcpu, instruction, target);
	case OPCODE_J:
	case OPCODE_JAL:
		return jump(vcpu, instruction, target);
	case OPCODE_BEQ:
	case OPCODE_BNE:
	case OPCODE_BLEZ:
	case OPCODE_BGTZ:
	case OPCODE_BEQL:
	case OPCODE_BNEL:
	case OPCODE_BLEZL:
	case OPCODE_BGTZL:
		return compare_branch(vcpu, instruction, target);
	case OPCODE_COP1:
		return float_branch(vcpu, instruction, target);
	default:
		return BRANCH_NONE;
	}
}

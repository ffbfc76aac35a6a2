// SPDX-License-Identifier: BSD-2-Clause
/*
 * Decodes what the port must know of an instruction. "MIPS32 Architecture Volume II-A", tables of
 * encodings in its appendix. Fields that must be zero are looked at: an encoding with something in
 * them is reserved.
 */
#include "decode.h"

#define OPCODE_SPECIAL	0x00u
#define OPCODE_REGIMM	0x01u
#define OPCODE_COP0	0x10u
#define OPCODE_COP1	0x11u
#define OPCODE_COP2	0x12u
#define OPCODE_COP1X	0x13u
#define OPCODE_SPECIAL3 0x1fu
#define OPCODE_CACHE	0x2fu
#define OPCODE_LL	0x30u
#define OPCODE_LWC1	0x31u
#define OPCODE_LWC2	0x32u
#define OPCODE_LDC1	0x35u
#define OPCODE_LDC2	0x36u
#define OPCODE_SC	0x38u
#define OPCODE_SWC1	0x39u
#define OPCODE_SWC2	0x3au
#define OPCODE_SDC1	0x3du
#define OPCODE_SDC2	0x3eu

#define FUNCTION_MOVCI 0x01u
#define FUNCTION_RDHWR 0x3bu
#define REGIMM_SYNCI   0x1fu

/* ---- loads and stores ---- */

/* From 0x20 on: LB LH LWL LW LBU LHU LWR -, then SB SH SWL SW - - SWR -. */
static const struct arch_access accesses[16] = {
	{ .size = 1, .sign_extend = true },
	{ .size = 2, .sign_extend = true },
	{ .size = 4, .kind = ACCESS_LEFT },
	{ .size = 4 },
	{ .size = 1 },
	{ .size = 2 },
	{ .size = 4, .kind = ACCESS_RIGHT },
	{ 0 },
	{ .size = 1, .write = true },
	{ .size = 2, .write = true },
	{ .size = 4, .write = true, .kind = ACCESS_LEFT },
	{ .size = 4, .write = true },
	{ 0 },
	{ 0 },
	{ .size = 4, .write = true, .kind = ACCESS_RIGHT },
	{ 0 },
};

bool access_decode(uint32_t instruction, struct arch_access *out)
{
	unsigned int opcode = instruction_opcode(instruction);

	if (opcode == OPCODE_LL)
		*out = (struct arch_access){ .size = 4, .kind = ACCESS_LINKED };
	else if (opcode == OPCODE_SC)
		*out = (struct arch_access){ .size = 4, .write = true, .kind = ACCESS_CONDITIONAL };
	else if (opcode >= 0x20 && opcode < 0x30)
		*out = accesses[opcode - 0x20];
	else
		return false;
	out->data_register = (uint8_t)instruction_rt(instruction);
	out->base_register = (uint8_t)instruction_rs(instruction);
	out->offset = (int16_t)instruction_immediate(instruction);
	return out->size != 0;
}

/* ---- coprocessor 0 ---- */

/* DI and EI: register 12, bit 5 tells which; the rest is fixed. */
static enum operation interrupt_enable_decode(uint32_t instruction)
{
	switch (instruction & 0xffff) {
	case 0x6000:
		return OPERATION_DI;
	case 0x6020:
		return OPERATION_EI;
	default:
		return OPERATION_RESERVED;
	}
}

static enum operation move_decode(uint32_t instruction)
{
	static const uint8_t operations[16] = {
		[0x0] = OPERATION_MFC0,
		[0x4] = OPERATION_MTC0,
		[0xa] = OPERATION_RDPGPR,
		[0xe] = OPERATION_WRPGPR,
	};
	unsigned int format = instruction_rs(instruction);
	/* The select field, where the format has one. */
	uint32_t used = format == 0x0 || format == 0x4 ? 7 : 0;

	if (format == 0x0b)
		return interrupt_enable_decode(instruction);
	if ((instruction & 0x7ff & ~used) != 0)
		return OPERATION_RESERVED;
	return operations[format];
}

static enum operation control_decode(uint32_t instruction)
{
	static const uint8_t operations[64] = {
		[0x01] = OPERATION_TLBR,    [0x02] = OPERATION_TLBWI, [0x03] = OPERATION_TLBINV,
		[0x04] = OPERATION_TLBINVF, [0x06] = OPERATION_TLBWR, [0x08] = OPERATION_TLBP,
		[0x18] = OPERATION_ERET,
	};
	unsigned int function = instruction_function(instruction);
	uint32_t middle = instruction & 0x01ffffc0;

	/* WAIT has a code there that is the implementation's own. */
	if (function == 0x20)
		return OPERATION_WAIT;
	if (function == 0x18 && middle == 0x40)
		return OPERATION_ERETNC;
	return middle == 0 ? operations[function] : OPERATION_RESERVED;
}

/* ---- the rest ---- */

static enum operation special3_decode(uint32_t instruction)
{
	if (instruction_function(instruction) != FUNCTION_RDHWR)
		return OPERATION_OTHER;
	return (instruction & 0x03e007c0) == 0 ? OPERATION_RDHWR : OPERATION_RESERVED;
}

static enum operation coprocessor_access_decode(unsigned int opcode)
{
	switch (opcode) {
	case OPCODE_LWC1:
	case OPCODE_LDC1:
	case OPCODE_SWC1:
	case OPCODE_SDC1:
		return OPERATION_COPROCESSOR1;
	case OPCODE_LWC2:
	case OPCODE_LDC2:
	case OPCODE_SWC2:
	case OPCODE_SDC2:
		return OPERATION_COPROCESSOR2;
	default:
		return OPERATION_OTHER;
	}
}

enum operation operation_decode(uint32_t instruction)
{
	unsigned int opcode = instruction_opcode(instruction);
	struct arch_access access;

	switch (opcode) {
	case OPCODE_COP0:
		return (instruction & 0x02000000) != 0 ? control_decode(instruction) :
							 move_decode(instruction);
	case OPCODE_CACHE:
		return OPERATION_CACHE;
	case OPCODE_REGIMM:
		return instruction_rt(instruction) == REGIMM_SYNCI ? OPERATION_SYNCI :
								     OPERATION_OTHER;
	case OPCODE_SPECIAL3:
		return special3_decode(instruction);
	case OPCODE_SPECIAL:
		return instruction_function(instruction) == FUNCTION_MOVCI ?
			       OPERATION_COPROCESSOR1 :
			       OPERATION_OTHER;
	case OPCODE_COP1:
	case OPCODE_COP1X:
		return OPERATION_COPROCESSOR1;
	case OPCODE_COP2:
		return OPERATION_COPROCESSOR2;
	default:
		break;
	}
	if (access_decode(instruction, &access))
		return OPERATION_ACCESS;
	return coprocessor_access_decode(opcode);
}

bool operation_is_privileged(uint32_t instruction)
{
	unsigned int opcode = instruction_opcode(instruction);

	return opcode == OPCODE_COP0 || opcode == OPCODE_CACHE;
}

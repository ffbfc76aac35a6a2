// SPDX-License-Identifier: BSD-2-Clause
/*
 * Decodes loads and stores. Pure functions over the instruction; no state.
 */
#include "decode.h"

#define OPCODE_LOAD	0x03u
#define OPCODE_LOAD_FP	0x07u
#define OPCODE_STORE	0x23u
#define OPCODE_STORE_FP 0x27u

/* funct3 is the binary logarithm of the size; bit 2 of it means "do not extend the sign". */
static bool full_decode(uint32_t instruction, struct arch_access *out)
{
	uint32_t opcode = instruction & 0x7f;
	uint32_t width = instruction >> 12 & 7;

	out->write = opcode == OPCODE_STORE || opcode == OPCODE_STORE_FP;
	out->floating = opcode == OPCODE_LOAD_FP || opcode == OPCODE_STORE_FP;
	out->sign_extend = opcode == OPCODE_LOAD && width < 4;
	out->size = (uint8_t)(1u << (width & 3));
	out->data_register = (uint8_t)(instruction >> (out->write ? 20 : 7) & 31);
	out->instruction_length = 4;
	switch (opcode) {
	case OPCODE_LOAD:
		return width != 7;
	case OPCODE_STORE:
		return width < 4;
	case OPCODE_LOAD_FP:
	case OPCODE_STORE_FP:
		/* 0 and 5 to 7 are vector accesses, 1 and 4 half and quad floats. */
		return width == 2 || width == 3;
	default:
		return false;
	}
}

/*
 * Quadrant 0: funct3 1 FLD, 2 LW, 3 LD, 5 FSD, 6 SW, 7 SD; quadrant 2 the same relative to sp,
 * whose register field differs by direction.
 */
static bool compressed_decode(uint32_t instruction, struct arch_access *out)
{
	uint32_t quadrant = instruction & 3;
	uint32_t operation = instruction >> 13 & 7;

	out->write = operation >= 4;
	out->floating = (operation & 3) == 1;
	out->size = (operation & 3) == 2 ? 4 : 8;
	out->sign_extend = !out->write && !out->floating;
	out->instruction_length = 2;
	if (quadrant == 0)
		out->data_register = (uint8_t)(8 + (instruction >> 2 & 7));
	else
		out->data_register = (uint8_t)(instruction >> (out->write ? 2 : 7) & 31);
	return (quadrant == 0 || quadrant == 2) && (operation & 3) != 0;
}

/* Zcb: byte and half accesses in quadrant 0 under funct3 4; funct6 tells which. */
static bool compressed_small_decode(uint32_t instruction, struct arch_access *out)
{
	uint32_t function = instruction >> 10 & 7;
	bool half = (function & 1) != 0;
	bool is_signed = half && (instruction & 0x40) != 0;

	if ((instruction & 3) != 0 || instruction >> 13 != 4 || function > 3)
		return false;
	if (function == 3 && is_signed)
		return false;
	out->write = function >= 2;
	out->floating = false;
	out->size = half ? 2 : 1;
	out->sign_extend = is_signed && !out->write;
	out->instruction_length = 2;
	out->data_register = (uint8_t)(8 + (instruction >> 2 & 7));
	return true;
}

bool access_decode(uint32_t instruction, struct arch_access *out)
{
	if ((instruction & 3) == 3)
		return full_decode(instruction, out);
	instruction &= 0xffff;
	return compressed_decode(instruction, out) || compressed_small_decode(instruction, out);
}

bool access_decode_transformed(uint64_t htinst, struct arch_access *out)
{
	/* Bit 0 is set in every transformed instruction and clear in pseudo-instructions. */
	if ((htinst & 1) == 0 || !full_decode((uint32_t)htinst | 2, out))
		return false;
	out->instruction_length = (htinst & 2) != 0 ? 4 : 2;
	return true;
}

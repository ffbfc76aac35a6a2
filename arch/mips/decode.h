// SPDX-License-Identifier: BSD-2-Clause
/*
 * What an instruction is, as far as the port must know. Pure functions over the instruction word.
 */
#ifndef MIPS_DECODE_H
#define MIPS_DECODE_H

#include <stdbool.h>
#include <stdint.h>

#include <arch/access.h>

/* Fields of an instruction word. */
static inline unsigned int instruction_opcode(uint32_t instruction)
{
	return instruction >> 26;
}

static inline unsigned int instruction_rs(uint32_t instruction)
{
	return instruction >> 21 & 31;
}

static inline unsigned int instruction_rt(uint32_t instruction)
{
	return instruction >> 16 & 31;
}

static inline unsigned int instruction_rd(uint32_t instruction)
{
	return instruction >> 11 & 31;
}

static inline unsigned int instruction_function(uint32_t instruction)
{
	return instruction & 63;
}

static inline int32_t instruction_immediate(uint32_t instruction)
{
	return (int16_t)(instruction & 0xffff);
}

/*
 * Decodes a load or store of general registers: LB LBU LH LHU LW LWL LWR LL SB SH SW SWL SWR SC.
 * False for anything else: a floating-point access to a device is a bus error.
 */
bool access_decode(uint32_t instruction, struct arch_access *out);

/* Instructions that can only trap in user mode, or that the guest must not do by itself. */
enum operation {
	OPERATION_RESERVED, /* not in the presented processor */
	OPERATION_MFC0,
	OPERATION_MTC0,
	OPERATION_RDPGPR,
	OPERATION_WRPGPR,
	OPERATION_DI,
	OPERATION_EI,
	OPERATION_TLBR,
	OPERATION_TLBWI,
	OPERATION_TLBINV,
	OPERATION_TLBINVF,
	OPERATION_TLBWR,
	OPERATION_TLBP,
	OPERATION_ERET,
	OPERATION_ERETNC,
	OPERATION_WAIT,
	OPERATION_CACHE,
	OPERATION_SYNCI,
	OPERATION_RDHWR,
	OPERATION_ACCESS,	/* access_decode() knows it */
	OPERATION_COPROCESSOR1, /* floating point in any form */
	OPERATION_COPROCESSOR2,
	OPERATION_OTHER, /* nothing that needs emulation: arithmetic, branches, SYSCALL, ... */
};

enum operation operation_decode(uint32_t instruction);

/* True for what needs coprocessor 0 to be usable, reserved encodings among it included. */
bool operation_is_privileged(uint32_t instruction);

#endif

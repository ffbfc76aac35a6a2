// SPDX-License-Identifier: BSD-2-Clause
/*
 * The MIPS port's decoder, beside a table of the same written from the instruction listings.
 *
 *	input	instruction words
 */
#include <corbel/types.h>

#include "../../arch/mips/decode.h"
#include "input.h"

/* The first that matches counts. */
static const struct row {
	uint32_t mask, match;
	enum operation operation;
} rows[] = {
	{ 0xffe007f8, 0x40000000, OPERATION_MFC0 },
	{ 0xffe007f8, 0x40800000, OPERATION_MTC0 },
	{ 0xffe007ff, 0x41400000, OPERATION_RDPGPR },
	{ 0xffe007ff, 0x41c00000, OPERATION_WRPGPR },
	{ 0xffe0ffff, 0x41606000, OPERATION_DI },
	{ 0xffe0ffff, 0x41606020, OPERATION_EI },
	{ 0xffffffff, 0x42000001, OPERATION_TLBR },
	{ 0xffffffff, 0x42000002, OPERATION_TLBWI },
	{ 0xffffffff, 0x42000003, OPERATION_TLBINV },
	{ 0xffffffff, 0x42000004, OPERATION_TLBINVF },
	{ 0xffffffff, 0x42000006, OPERATION_TLBWR },
	{ 0xffffffff, 0x42000008, OPERATION_TLBP },
	{ 0xffffffff, 0x42000018, OPERATION_ERET },
	{ 0xffffffff, 0x42000058, OPERATION_ERETNC },
	{ 0xfe00003f, 0x42000020, OPERATION_WAIT },
	{ 0xfc000000, 0x40000000, OPERATION_RESERVED },
	{ 0xfc000000, 0xbc000000, OPERATION_CACHE },
	{ 0xfc1f0000, 0x041f0000, OPERATION_SYNCI },
	{ 0xffe007ff, 0x7c00003b, OPERATION_RDHWR },
	{ 0xfc00003f, 0x7c00003b, OPERATION_RESERVED },
	{ 0xfc00003f, 0x00000001, OPERATION_COPROCESSOR1 }, /* movf, movt */
	{ 0xfc000000, 0x44000000, OPERATION_COPROCESSOR1 },
	{ 0xfc000000, 0x4c000000, OPERATION_COPROCESSOR1 }, /* cop1x */
	{ 0xfc000000, 0x48000000, OPERATION_COPROCESSOR2 },
	{ 0xfc000000, 0xc4000000, OPERATION_COPROCESSOR1 }, /* lwc1 */
	{ 0xfc000000, 0xd4000000, OPERATION_COPROCESSOR1 }, /* ldc1 */
	{ 0xfc000000, 0xe4000000, OPERATION_COPROCESSOR1 }, /* swc1 */
	{ 0xfc000000, 0xf4000000, OPERATION_COPROCESSOR1 }, /* sdc1 */
	{ 0xfc000000, 0xc8000000, OPERATION_COPROCESSOR2 }, /* lwc2 */
	{ 0xfc000000, 0xd8000000, OPERATION_COPROCESSOR2 }, /* ldc2 */
	{ 0xfc000000, 0xe8000000, OPERATION_COPROCESSOR2 }, /* swc2 */
	{ 0xfc000000, 0xf8000000, OPERATION_COPROCESSOR2 }, /* sdc2 */
};

static const struct access_row {
	uint32_t opcode;
	enum access_kind kind;
	uint8_t size;
	bool write, sign_extend;
} accesses[] = {
	{ 0x20, ACCESS_PLAIN, 1, false, true },	      /* lb */
	{ 0x21, ACCESS_PLAIN, 2, false, true },	      /* lh */
	{ 0x22, ACCESS_LEFT, 4, false, false },	      /* lwl */
	{ 0x23, ACCESS_PLAIN, 4, false, false },      /* lw */
	{ 0x24, ACCESS_PLAIN, 1, false, false },      /* lbu */
	{ 0x25, ACCESS_PLAIN, 2, false, false },      /* lhu */
	{ 0x26, ACCESS_RIGHT, 4, false, false },      /* lwr */
	{ 0x28, ACCESS_PLAIN, 1, true, false },	      /* sb */
	{ 0x29, ACCESS_PLAIN, 2, true, false },	      /* sh */
	{ 0x2a, ACCESS_LEFT, 4, true, false },	      /* swl */
	{ 0x2b, ACCESS_PLAIN, 4, true, false },	      /* sw */
	{ 0x2e, ACCESS_RIGHT, 4, true, false },	      /* swr */
	{ 0x30, ACCESS_LINKED, 4, false, false },     /* ll */
	{ 0x38, ACCESS_CONDITIONAL, 4, true, false }, /* sc */
};

static const struct access_row *access_row_find(uint32_t instruction)
{
	for (size_t i = 0; i < ARRAY_SIZE(accesses); i++)
		if (instruction >> 26 == accesses[i].opcode)
			return &accesses[i];
	return NULL;
}

static enum operation operation_wanted(uint32_t instruction)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if ((instruction & rows[i].mask) == rows[i].match)
			return rows[i].operation;
	return access_row_find(instruction) != NULL ? OPERATION_ACCESS : OPERATION_OTHER;
}

static void instruction_check(uint32_t instruction)
{
	const struct access_row *row = access_row_find(instruction);
	struct arch_access access = { 0 };

	FUZZ_CHECK(operation_decode(instruction) == operation_wanted(instruction));
	FUZZ_CHECK(operation_is_privileged(instruction) ==
		   (instruction >> 26 == 0x10 || instruction >> 26 == 0x2f));
	FUZZ_CHECK(access_decode(instruction, &access) == (row != NULL));
	if (row == NULL)
		return;
	FUZZ_CHECK(access.kind == row->kind && access.size == row->size);
	FUZZ_CHECK(access.write == row->write && access.sign_extend == row->sign_extend);
	FUZZ_CHECK(access.data_register == (instruction >> 16 & 31));
	FUZZ_CHECK(access.base_register == (instruction >> 21 & 31));
	FUZZ_CHECK((uint16_t)access.offset == (instruction & 0xffff));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };

	while (input.left > 0)
		instruction_check((uint32_t)input_take(&input, 4));
	return 0;
}

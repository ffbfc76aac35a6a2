// SPDX-License-Identifier: BSD-2-Clause
/*
 * The RISC-V port's decoder of loads and stores, beside a table of the same written from the
 * specification's listings. What hardware reports of an access, htinst, must decode as the
 * instruction itself does.
 *
 *	input	instruction words, each followed by whatever stands in an htinst
 */
#include <string.h>

#include "../../arch/riscv/decode.c"
#include "input.h"

enum data_field {
	FIELD_RD,      /* bits 11 to 7 */
	FIELD_RS2,     /* bits 24 to 20 */
	FIELD_RD_C,    /* bits 4 to 2, registers 8 to 15 */
	FIELD_RS2_CSS, /* bits 6 to 2 */
};

static const struct row {
	uint32_t mask, match;
	enum data_field field;
	uint8_t size;
	bool write, sign_extend, floating;
} rows[] = {
	{ 0x707f, 0x0003, FIELD_RD, 1, false, true, false },	  /* lb */
	{ 0x707f, 0x1003, FIELD_RD, 2, false, true, false },	  /* lh */
	{ 0x707f, 0x2003, FIELD_RD, 4, false, true, false },	  /* lw */
	{ 0x707f, 0x3003, FIELD_RD, 8, false, true, false },	  /* ld */
	{ 0x707f, 0x4003, FIELD_RD, 1, false, false, false },	  /* lbu */
	{ 0x707f, 0x5003, FIELD_RD, 2, false, false, false },	  /* lhu */
	{ 0x707f, 0x6003, FIELD_RD, 4, false, false, false },	  /* lwu */
	{ 0x707f, 0x0023, FIELD_RS2, 1, true, false, false },	  /* sb */
	{ 0x707f, 0x1023, FIELD_RS2, 2, true, false, false },	  /* sh */
	{ 0x707f, 0x2023, FIELD_RS2, 4, true, false, false },	  /* sw */
	{ 0x707f, 0x3023, FIELD_RS2, 8, true, false, false },	  /* sd */
	{ 0x707f, 0x2007, FIELD_RD, 4, false, false, true },	  /* flw */
	{ 0x707f, 0x3007, FIELD_RD, 8, false, false, true },	  /* fld */
	{ 0x707f, 0x2027, FIELD_RS2, 4, true, false, true },	  /* fsw */
	{ 0x707f, 0x3027, FIELD_RS2, 8, true, false, true },	  /* fsd */
	{ 0xe003, 0x2000, FIELD_RD_C, 8, false, false, true },	  /* c.fld */
	{ 0xe003, 0x4000, FIELD_RD_C, 4, false, true, false },	  /* c.lw */
	{ 0xe003, 0x6000, FIELD_RD_C, 8, false, true, false },	  /* c.ld */
	{ 0xe003, 0xa000, FIELD_RD_C, 8, true, false, true },	  /* c.fsd */
	{ 0xe003, 0xc000, FIELD_RD_C, 4, true, false, false },	  /* c.sw */
	{ 0xe003, 0xe000, FIELD_RD_C, 8, true, false, false },	  /* c.sd */
	{ 0xe003, 0x2002, FIELD_RD, 8, false, false, true },	  /* c.fldsp */
	{ 0xe003, 0x4002, FIELD_RD, 4, false, true, false },	  /* c.lwsp */
	{ 0xe003, 0x6002, FIELD_RD, 8, false, true, false },	  /* c.ldsp */
	{ 0xe003, 0xa002, FIELD_RS2_CSS, 8, true, false, true },  /* c.fsdsp */
	{ 0xe003, 0xc002, FIELD_RS2_CSS, 4, true, false, false }, /* c.swsp */
	{ 0xe003, 0xe002, FIELD_RS2_CSS, 8, true, false, false }, /* c.sdsp */
	{ 0xfc03, 0x8000, FIELD_RD_C, 1, false, false, false },	  /* c.lbu */
	{ 0xfc43, 0x8400, FIELD_RD_C, 2, false, false, false },	  /* c.lhu */
	{ 0xfc43, 0x8440, FIELD_RD_C, 2, false, true, false },	  /* c.lh */
	{ 0xfc03, 0x8800, FIELD_RD_C, 1, true, false, false },	  /* c.sb */
	{ 0xfc43, 0x8c00, FIELD_RD_C, 2, true, false, false },	  /* c.sh */
};

static const struct row *row_find(uint32_t instruction)
{
	if ((instruction & 3) != 3)
		instruction &= 0xffff;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if ((instruction & rows[i].mask) == rows[i].match)
			return &rows[i];
	return NULL;
}

static unsigned int data_register(const struct row *row, uint32_t instruction)
{
	switch (row->field) {
	case FIELD_RD:
		return instruction >> 7 & 31;
	case FIELD_RS2:
		return instruction >> 20 & 31;
	case FIELD_RD_C:
		return 8 + (instruction >> 2 & 7);
	default:
		return instruction >> 2 & 31;
	}
}

/* The 32-bit instruction that does the same, without its address. Priv 15.6.3. */
static uint32_t transform(const struct row *row, uint32_t instruction, uint32_t offset)
{
	static const uint8_t width_of_size[] = { [1] = 0, [2] = 1, [4] = 2, [8] = 3 };
	uint32_t width = width_of_size[row->size];
	uint32_t opcode = row->write ? 0x23 : 0x03, number = data_register(row, instruction);

	if (!row->write && !row->floating && !row->sign_extend)
		width |= 4;
	if (row->floating)
		opcode |= 0x04;
	if ((instruction & 3) != 3)
		opcode &= ~2u;
	return opcode | width << 12 | offset << 15 | number << (row->write ? 20 : 7);
}

static void access_check(const struct row *row, uint32_t instruction,
			 const struct arch_access *access)
{
	FUZZ_CHECK(access->size == row->size);
	FUZZ_CHECK(access->write == row->write && access->floating == row->floating);
	FUZZ_CHECK(access->sign_extend == row->sign_extend);
	FUZZ_CHECK(access->data_register == data_register(row, instruction));
	FUZZ_CHECK(access->instruction_length == ((instruction & 3) == 3 ? 4 : 2));
}

/* Whatever it is that is believed, it is something that can be done. */
static void htinst_check(uint64_t htinst)
{
	struct arch_access access;

	if (!access_decode_transformed(htinst, &access))
		return;
	FUZZ_CHECK((htinst & 1) != 0 && access.data_register < 32);
	FUZZ_CHECK(access.size == 1 || access.size == 2 || access.size == 4 || access.size == 8);
	FUZZ_CHECK(access.instruction_length == 2 || access.instruction_length == 4);
}

static void instruction_check(uint32_t instruction, uint32_t offset)
{
	const struct row *row = row_find(instruction);
	struct arch_access access;

	memset(&access, 0x5a, sizeof(access));
	FUZZ_CHECK(access_decode(instruction, &access) == (row != NULL));
	if (row == NULL)
		return;
	access_check(row, instruction, &access);
	memset(&access, 0x5a, sizeof(access));
	FUZZ_CHECK(access_decode_transformed(transform(row, instruction, offset), &access));
	access_check(row, instruction, &access);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };

	while (input.left > 0) {
		uint32_t instruction = (uint32_t)input_take(&input, 4);

		htinst_check(input_take(&input, 8));
		instruction_check(instruction, input_byte(&input) & 31);
	}
	return 0;
}

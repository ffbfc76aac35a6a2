// SPDX-License-Identifier: BSD-2-Clause
/*
 * Headers of kernel images as the ports read them: whatever is in a file, where it would go is
 * something that core can do, and nothing is read beyond the file's end.
 *
 *	input	which port; a header that is right but for these fields, or any; the rest of the
 *file
 */
#include <string.h>

#include <corbel/arch.h>

int mips_image_inspect(const void *image, size_t size, struct image_placement *out,
		       struct error *error);
int riscv_image_inspect(const void *image, size_t size, struct image_placement *out,
			struct error *error);

#define arch_image_inspect riscv_image_inspect
#include "../../arch/riscv/image.c"
#undef arch_image_inspect
#define arch_image_inspect mips_image_inspect
#include "../../arch/mips/image.c"
#undef arch_image_inspect

#include "input.h"

#define FILE_SIZE 4096u

/* What arch.h promises of a placement. */
static void part_check(const struct image_placement *placement, unsigned int index, size_t size)
{
	const struct image_part *part = &placement->parts[index];

	FUZZ_CHECK(part->file_offset <= size && part->size <= size - part->file_offset);
	FUZZ_CHECK(part->offset <= placement->memory_size &&
		   part->size <= placement->memory_size - part->offset);
	for (unsigned int i = 0; i < index; i++)
		FUZZ_CHECK(part->offset + part->size <= placement->parts[i].offset ||
			   placement->parts[i].offset + placement->parts[i].size <= part->offset ||
			   part->size == 0 || placement->parts[i].size == 0);
}

static void placement_check(const struct image_placement *placement, size_t size)
{
	FUZZ_CHECK(placement->alignment != 0 &&
		   (placement->alignment & (placement->alignment - 1)) == 0);
	FUZZ_CHECK(placement->part_count <= IMAGE_PART_MAX);
	FUZZ_CHECK(placement->entry_offset < MAX(placement->memory_size, size));
	/* Far from where sums of them would wrap. */
	FUZZ_CHECK(placement->offset <= GIB(8) && placement->memory_size <= GIB(8));
	for (unsigned int i = 0; i < placement->part_count; i++)
		part_check(placement, i, size);
}

static void image_check(const uint8_t *bytes, size_t size, bool mips)
{
	struct image_placement placement = { 0 };
	struct error error = { "" };
	/* Of its own size, so that a read beyond it is seen. */
	uint8_t *exact = malloc(size > 0 ? size : 1);
	int result;

	FUZZ_CHECK(exact != NULL);
	memcpy(exact, bytes, size);
	result = (mips ? mips_image_inspect : riscv_image_inspect)(exact, size, &placement, &error);
	free(exact);
	FUZZ_CHECK(result == 0 || result == -ENOEXEC || result == -EINVAL);
	FUZZ_CHECK((result == -EINVAL) == (error.text[0] != '\0'));
	if (result == 0)
		placement_check(&placement, size);
}

/* ---- headers that are almost right ---- */

static uint32_t field(struct fuzz_input *input, uint32_t right)
{
	uint8_t choice = input_byte(input);

	if (choice < 0xc0)
		return right;
	return choice < 0xe0 ? choice - 0xc0u : (uint32_t)input_take(input, 4);
}

static void elf_make(uint8_t *bytes, struct fuzz_input *input)
{
	struct elf_header header = { .class = ELF_CLASS_32,
				     .data = ELF_DATA_LITTLE,
				     .type = ELF_TYPE_EXEC,
				     .machine = ELF_MACHINE_MIPS,
				     .segment_size = sizeof(struct elf_segment) };
	struct elf_segment segment;
	uint32_t base = (uint32_t)input_take(input, 4);

	memcpy(header.magic, "\177ELF", 4);
	header.entry = field(input, base);
	header.segments_offset = field(input, sizeof(header));
	header.segment_count = (uint16_t)field(input, 1 + input_choose(input, 6));
	memcpy(bytes, &header, sizeof(header));
	for (unsigned int i = 0; i < 6; i++) {
		segment = (struct elf_segment){ .type = field(input, ELF_SEGMENT_LOAD) };
		segment.file_offset = field(input, 0x200 + 0x40 * i);
		segment.virtual = field(input, base + 0x100 * i);
		segment.file_size = field(input, input_byte(input));
		segment.memory_size = field(input, segment.file_size);
		memcpy(bytes + sizeof(header) + i * sizeof(segment), &segment, sizeof(segment));
	}
}

static void put(uint8_t *bytes, size_t at, uint64_t value, unsigned int size)
{
	memcpy(bytes + at, &value, size);
}

/* With an EFI stub's header behind it. */
static void riscv_header_make(uint8_t *bytes, struct fuzz_input *input)
{
	uint32_t pe = field(input, 0x80), table = pe % 0x400;

	memcpy(bytes, "MZ", 2);
	put(bytes, HEADER_TEXT_OFFSET, field(input, 0x200000), 8);
	put(bytes, HEADER_IMAGE_SIZE, field(input, 0x1000), 8);
	put(bytes, HEADER_FLAGS, field(input, 0), 8);
	memcpy(bytes + HEADER_MAGIC2, "RSC\x05", 4);
	put(bytes, PE_POINTER, pe, 4);
	memcpy(bytes + table, "PE\0\0", 4);
	put(bytes, table + PE_SECTION_COUNT, field(input, 2), 2);
	put(bytes, table + PE_OPTIONAL_SIZE, field(input, 0x20), 2);
	for (unsigned int i = 0; i < 2; i++) {
		size_t entry = table + PE_HEADER_SIZE + 0x20 + i * PE_SECTION_SIZE;

		put(bytes, entry + PE_SECTION_RAW_SIZE, field(input, 0x100), 4);
		put(bytes, entry + PE_SECTION_RAW_AT, field(input, 0x200), 4);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t bytes[FILE_SIZE];
	struct fuzz_input input = { data, size };
	uint8_t choice = input_byte(&input);
	bool mips = (choice & 1) != 0;

	if ((choice & 2) != 0) {
		image_check(input.bytes, input.left, mips);
		return 0;
	}
	memset(bytes, 0, sizeof(bytes));
	if (mips)
		elf_make(bytes, &input);
	else
		riscv_header_make(bytes, &input);
	image_check(bytes, field(&input, 0x800) % FILE_SIZE, mips);
	return 0;
}

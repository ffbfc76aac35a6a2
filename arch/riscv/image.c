// SPDX-License-Identifier: BSD-2-Clause
/*
 * Reads the header of a RISC-V Linux kernel image. Where it goes in the guest is core's affair.
 * Layout: Linux, Documentation/arch/riscv/boot-image-header.rst; all fields little endian.
 */
#include <errno.h>
#include <string.h>

#include <corbel/arch.h>

#define HEADER_SIZE	   64u
#define HEADER_TEXT_OFFSET 8u
#define HEADER_IMAGE_SIZE  16u
#define HEADER_FLAGS	   24u
#define HEADER_MAGIC2	   56u
#define FLAG_BIG_ENDIAN	   1u
#define KERNEL_ALIGNMENT   MIB(2)

/* PE/COFF, for kernels have an EFI stub too. Microsoft: PE Format, COFF header, section table. */
#define PE_POINTER	    60u
#define PE_SECTION_COUNT    6u
#define PE_OPTIONAL_SIZE    20u
#define PE_HEADER_SIZE	    24u
#define PE_SECTION_SIZE	    40u
#define PE_SECTION_RAW_SIZE 16u
#define PE_SECTION_RAW_AT   20u

static uint64_t read_le64(const uint8_t *bytes)
{
	uint64_t value;

	memcpy(&value, bytes, sizeof(value));
	return value;
}

/* A little-endian number of 2 or 4 bytes; `*cut` becomes true where the file ends before it. */
static uint64_t read_le(const uint8_t *image, size_t size, uint64_t at, unsigned int width,
			bool *cut)
{
	uint64_t value = 0;

	if (at > size || size - at < width) {
		*cut = true;
		return 0;
	}
	memcpy(&value, image + at, width);
	return value;
}

/* The end in the file of the section that an entry of the PE header's table tells of. */
static uint64_t pe_section_end(const uint8_t *image, size_t size, uint64_t entry, bool *cut)
{
	return read_le(image, size, entry + PE_SECTION_RAW_AT, 4, cut) +
	       read_le(image, size, entry + PE_SECTION_RAW_SIZE, 4, cut);
}

/* Whether the file ends before the sections of its PE header do. */
static bool pe_is_cut(const uint8_t *image, size_t size)
{
	static const uint8_t signature[4] = { 'P', 'E', 0, 0 };
	bool cut = false;
	uint64_t header = read_le(image, size, PE_POINTER, 4, &cut);
	uint64_t count = read_le(image, size, header + PE_SECTION_COUNT, 2, &cut);
	uint64_t entry = header + PE_HEADER_SIZE;

	entry += read_le(image, size, header + PE_OPTIONAL_SIZE, 2, &cut);
	if (!cut && memcmp(image + header, signature, sizeof(signature)) != 0)
		return false;
	for (uint64_t i = 0; i < count && !cut; i++, entry += PE_SECTION_SIZE)
		if (pe_section_end(image, size, entry, &cut) > size)
			return true;
	return cut;
}

int arch_image_inspect(const void *image, size_t size, struct image_placement *out,
		       struct error *error)
{
	static const uint8_t magic2[4] = { 'R', 'S', 'C', 0x05 };
	const uint8_t *header = image;
	uint64_t image_size;

	if (size < HEADER_SIZE || memcmp(header + HEADER_MAGIC2, magic2, sizeof(magic2)) != 0)
		return -ENOEXEC;
	image_size = read_le64(header + HEADER_IMAGE_SIZE);
	out->alignment = KERNEL_ALIGNMENT;
	out->offset = read_le64(header + HEADER_TEXT_OFFSET);
	out->memory_size = MAX(image_size, size);
	out->entry_offset = 0;
	if ((read_le64(header + HEADER_FLAGS) & FLAG_BIG_ENDIAN) != 0)
		return error_set(error, -EINVAL, "the kernel is big endian, the processor is not");
	if (image_size < HEADER_SIZE || image_size > GIB(4) || out->offset > GIB(1))
		return error_set(error, -EINVAL,
				 "the kernel's header is malformed: image size 0x%lx, offset 0x%lx",
				 image_size, out->offset);
	if (header[0] == 'M' && header[1] == 'Z' && pe_is_cut(image, size))
		return error_set(error, -EINVAL, "the kernel is cut off after 0x%zx bytes", size);
	return 0;
}

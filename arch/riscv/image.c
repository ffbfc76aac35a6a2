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

static uint64_t read_le64(const uint8_t *bytes)
{
	uint64_t value;

	memcpy(&value, bytes, sizeof(value));
	return value;
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
	return 0;
}

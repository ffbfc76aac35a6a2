// SPDX-License-Identifier: BSD-2-Clause
/*
 * Reads the headers of a kernel image: ELF for 32 bits, as kernels and boot loaders of this
 * processor are. Where it goes in the guest is core's affair. System V ABI, "Object Files".
 */
#include <errno.h>
#include <string.h>

#include <corbel/arch.h>

#define ELF_CLASS_32	 1u
#define ELF_DATA_LITTLE	 1u
#define ELF_DATA_BIG	 2u
#define ELF_TYPE_EXEC	 2u
#define ELF_MACHINE_MIPS 8u
#define ELF_SEGMENT_LOAD 1u
#define ELF_SEGMENTS_MAX 32u

struct elf_header {
	uint8_t magic[4];
	uint8_t class, data, version, padding[9];
	uint16_t type, machine;
	uint32_t version2, entry, segments_offset, sections_offset, flags;
	uint16_t header_size, segment_size, segment_count, section_size, section_count,
		section_names;
};

struct elf_segment {
	uint32_t type, file_offset, virtual, physical, file_size, memory_size, flags, alignment;
};

/* In each map a guest's kernel is linked in segments that lead to the lowest 512 MiB. */
static uint32_t physical_of(uint32_t virtual)
{
	return virtual & 0x1fffffffu;
}

static bool header_is_right(const struct elf_header *header)
{
	uint8_t data = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELF_DATA_LITTLE : ELF_DATA_BIG;

	return header->class == ELF_CLASS_32 && header->data == data &&
	       header->type == ELF_TYPE_EXEC && header->machine == ELF_MACHINE_MIPS &&
	       header->segment_size == sizeof(struct elf_segment) &&
	       header->segment_count <= ELF_SEGMENTS_MAX;
}

static bool segment_is_right(const struct elf_segment *segment, size_t size)
{
	uint32_t base = physical_of(segment->virtual);

	return segment->file_offset <= size && segment->file_size <= size - segment->file_offset &&
	       segment->file_size <= segment->memory_size &&
	       segment->memory_size <= 0x20000000u - base;
}

/* The segment at `index` if it is one to load: 1; 0: another; -EINVAL. */
static int segment_get(const uint8_t *image, size_t size, const struct elf_header *header,
		       unsigned int index, struct elf_segment *out)
{
	uint64_t offset = header->segments_offset + (uint64_t)index * sizeof(*out);

	if (offset + sizeof(*out) > size)
		return -EINVAL;
	memcpy(out, image + offset, sizeof(*out));
	if (out->type != ELF_SEGMENT_LOAD || out->memory_size == 0)
		return 0;
	return segment_is_right(out, size) ? 1 : -EINVAL;
}

/* Both ends of all that is loaded, and what of it is in the file; offsets are still addresses. */
static int segments_read(const uint8_t *image, size_t size, const struct elf_header *header,
			 struct image_placement *out, uint64_t *end)
{
	struct elf_segment segment;

	out->offset = UINT64_MAX;
	*end = 0;
	for (unsigned int i = 0; i < header->segment_count; i++) {
		int kind = segment_get(image, size, header, i, &segment);
		uint32_t base = physical_of(segment.virtual);

		if (kind < 0 || (kind > 0 && out->part_count == IMAGE_PART_MAX))
			return -EINVAL;
		if (kind == 0)
			continue;
		out->parts[out->part_count++] = (struct image_part){
			.file_offset = segment.file_offset,
			.size = segment.file_size,
			.offset = base,
		};
		out->offset = MIN(out->offset, (uint64_t)base);
		*end = MAX(*end, (uint64_t)base + segment.memory_size);
	}
	return out->part_count > 0 ? 0 : -EINVAL;
}

static bool parts_overlap(const struct image_placement *placement)
{
	for (unsigned int i = 0; i < placement->part_count; i++)
		for (unsigned int j = 0; j < i; j++)
			if (placement->parts[i].offset <
				    placement->parts[j].offset + placement->parts[j].size &&
			    placement->parts[j].offset <
				    placement->parts[i].offset + placement->parts[i].size)
				return true;
	return false;
}

int arch_image_inspect(const void *image, size_t size, struct image_placement *out,
		       struct error *error)
{
	struct elf_header header;
	uint64_t entry, end;

	if (size < sizeof(header) || memcmp(image, "\177ELF", 4) != 0)
		return -ENOEXEC;
	memcpy(&header, image, sizeof(header));
	*out = (struct image_placement){ .alignment = GIB(4) };
	if (!header_is_right(&header))
		return error_set(error, -EINVAL,
				 "the kernel is no ELF program for this processor (32-bit MIPS, "
				 "%s endian)",
				 __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? "little" : "big");
	if (segments_read(image, size, &header, out, &end) != 0 || parts_overlap(out))
		return error_set(error, -EINVAL,
				 "the kernel's ELF segments are malformed, overlap or are more "
				 "than %u",
				 IMAGE_PART_MAX);
	entry = physical_of(header.entry);
	if (entry < out->offset || entry >= end)
		return error_set(error, -EINVAL, "the kernel's entry lies outside of its segments");
	for (unsigned int i = 0; i < out->part_count; i++)
		out->parts[i].offset -= out->offset;
	out->memory_size = end - out->offset;
	out->entry_offset = entry - out->offset;
	return 0;
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * The "newc" cpio format: a header of ASCII hexadecimal fields, the name, padding to a multiple of
 * four from the start of the archive, the data, padding again. The last entry is "TRAILER!!!".
 */
#include <lib/cpio.h>

#include <string.h>

#define HEADER_SIZE 110u
#define FIELD_SIZE  8u
#define ALIGNMENT   4u

#define FIELD_MODE	1u
#define FIELD_FILE_SIZE 6u
#define FIELD_NAME_SIZE 11u
#define FIELD_COUNT	13u

#define MODE_TYPE_MASK 0170000u
#define MODE_TYPE_FILE 0100000u

static const char magic[] = "070701";
static const char trailer[] = "TRAILER!!!";

void cpio_reader_init(struct cpio_reader *reader, const void *archive, size_t size)
{
	reader->archive = archive;
	reader->size = size;
	reader->offset = 0;
	reader->fault = NULL;
}

static bool digit_value(uint8_t digit, uint32_t *out)
{
	if (digit >= '0' && digit <= '9')
		*out = digit - (uint32_t)'0';
	else if (digit >= 'a' && digit <= 'f')
		*out = digit - (uint32_t)'a' + 10;
	else if (digit >= 'A' && digit <= 'F')
		*out = digit - (uint32_t)'A' + 10;
	else
		return false;
	return true;
}

static bool read_field(const uint8_t *text, uint32_t *out)
{
	uint32_t value = 0, digit;

	for (unsigned int i = 0; i < FIELD_SIZE; i++) {
		if (!digit_value(text[i], &digit))
			return false;
		value = value << 4 | digit;
	}
	*out = value;
	return true;
}

static bool read_header(const uint8_t *header, uint32_t fields[FIELD_COUNT])
{
	if (memcmp(header, magic, sizeof(magic) - 1) != 0)
		return false;
	header += sizeof(magic) - 1;
	for (unsigned int i = 0; i < FIELD_COUNT; i++) {
		if (!read_field(header + i * FIELD_SIZE, &fields[i]))
			return false;
	}
	return true;
}

static bool fail(struct cpio_reader *reader, const char *fault)
{
	reader->fault = fault;
	return false;
}

/* Moves `*offset`, which lies inside the archive, over `length` bytes; false beyond the end. */
static bool skip(const struct cpio_reader *reader, size_t *offset, size_t length)
{
	if (length > reader->size - *offset)
		return false;
	*offset += length;
	return true;
}

/* Over the padding; what would end behind the archive stops at its end. */
static void skip_padding(const struct cpio_reader *reader, size_t *offset)
{
	size_t padding = -*offset & (ALIGNMENT - 1);

	if (!skip(reader, offset, padding))
		*offset = reader->size;
}

/* The name ends with a zero byte, which its size includes, and holds no other. */
static bool name_is_valid(const char *name, size_t size)
{
	return size > 1 && strnlen(name, size) == size - 1;
}

bool cpio_next(struct cpio_reader *reader, struct cpio_entry *out)
{
	uint32_t fields[FIELD_COUNT];
	size_t offset = reader->offset;

	if (!skip(reader, &offset, HEADER_SIZE))
		return fail(reader, "the header of an entry is cut off");
	if (!read_header(reader->archive + reader->offset, fields))
		return fail(reader, "an entry does not begin with a newc header");
	out->name = (const char *)reader->archive + offset;
	out->mode = fields[FIELD_MODE];
	if (!skip(reader, &offset, fields[FIELD_NAME_SIZE]))
		return fail(reader, "the name of an entry is cut off");
	if (!name_is_valid(out->name, fields[FIELD_NAME_SIZE]))
		return fail(reader, "the name of an entry is not terminated");
	skip_padding(reader, &offset);
	out->data = reader->archive + offset;
	out->size = fields[FIELD_FILE_SIZE];
	if (strcmp(out->name, trailer) == 0)
		return false;
	if (!skip(reader, &offset, out->size))
		return fail(reader, "the data of an entry is cut off");
	skip_padding(reader, &offset);
	reader->offset = offset;
	return true;
}

bool cpio_is_file(const struct cpio_entry *entry)
{
	return (entry->mode & MODE_TYPE_MASK) == MODE_TYPE_FILE;
}

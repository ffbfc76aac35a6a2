// SPDX-License-Identifier: BSD-2-Clause
/*
 * The bundle: any bytes as an archive. Either it is refused with a sentence, or every file of it
 * lies inside and is found by its name.
 *
 *	input	0, then the archive; or 1, then entries from which one is made that is right but for
 *		what its fields say and where it ends
 */
#include <errno.h>
#include <string.h>

#include <corbel/bundle.h>

#include "input.h"

static bool lies_inside(const void *part, size_t size, const uint8_t *data, size_t data_size)
{
	uintptr_t begin = (uintptr_t)part, base = (uintptr_t)data;

	return begin >= base && begin - base <= data_size && size <= data_size - (begin - base);
}

static void file_check(const struct bundle_file *file, const uint8_t *data, size_t size)
{
	struct bundle_file found;

	FUZZ_CHECK(lies_inside(file->name, 1, data, size));
	FUZZ_CHECK(memchr(file->name, '\0', size - (size_t)((const uint8_t *)file->name - data)) !=
		   NULL);
	FUZZ_CHECK(lies_inside(file->data, file->size, data, size));
	/* Of two with the same name the first one counts. */
	FUZZ_CHECK(bundle_find(file->name, &found) == 0);
	FUZZ_CHECK(strcmp(found.name, file->name) == 0);
	FUZZ_CHECK((uintptr_t)found.name <= (uintptr_t)file->name);
}

static void archive_check(const uint8_t *data, size_t size)
{
	struct error error = { "" };
	struct bundle_file file;
	unsigned int count = 0;

	if (bundle_init(data, size, &error) != 0) {
		FUZZ_CHECK(error.text[0] != '\0');
		return;
	}
	while (bundle_file_get(count, &file) == 0) {
		file_check(&file, data, size);
		count++;
	}
	/* An entry has a header of 110 bytes and a name of at least one. */
	FUZZ_CHECK(count <= size / 112);
	FUZZ_CHECK(bundle_file_get(count + 1, &file) == -ENOENT);
}

/* ---- archives that are almost right ---- */

#define ARCHIVE_SIZE 8192u
#define NAME_SIZE    12u
#define DATA_SIZE    48u

struct archive {
	uint8_t bytes[ARCHIVE_SIZE];
	size_t size;
};

static void append(struct archive *archive, const void *bytes, size_t size)
{
	memcpy(archive->bytes + archive->size, bytes, size);
	archive->size += size;
}

static void pad(struct archive *archive)
{
	while (archive->size % 4 != 0)
		archive->bytes[archive->size++] = 0;
}

/* A number that is mostly what it should be. */
static uint32_t field_value(struct fuzz_input *input, uint32_t right)
{
	switch (input_byte(input)) {
	case 1:
		return (uint32_t)input_take(input, 4);
	case 2:
		return right + 1;
	case 3:
		return right - 1;
	case 4:
		return UINT32_MAX - (uint32_t)input_byte(input);
	default:
		return right;
	}
}

static void entry_append(struct archive *archive, struct fuzz_input *input)
{
	static const char *const names[] = { "a", "./a", "/a", "TRAILER!!!", "", "kernel" };
	char header[128], name[NAME_SIZE] = { 0 };
	size_t size = input_choose(input, DATA_SIZE), length;
	unsigned int mode =
		input_choose(input, 4) != 0 ? 0100644 : (unsigned int)input_take(input, 2);
	unsigned int which = input_choose(input, 8);

	if (which < ARRAY_SIZE(names))
		memcpy(name, names[which], strlen(names[which]));
	else
		for (size_t i = 0; i < NAME_SIZE - 1; i++)
			name[i] = (char)input_byte(input);
	length = strnlen(name, NAME_SIZE - 1) + 1;
	(void)snprintf(header, sizeof(header),
		       "070701%08X%08x%08X%08x%08X%08X%08X%08X%08X%08X%08X%08X%08X", 1u, mode, 0u,
		       0u, 1u, 0u, field_value(input, (uint32_t)size), 0u, 0u, 0u, 0u,
		       field_value(input, (uint32_t)length), 0u);
	if (input_byte(input) == 1)
		header[input_choose(input, 110)] = (char)input_byte(input);
	append(archive, header, 110);
	append(archive, name, length);
	pad(archive);
	for (size_t i = 0; i < size; i++)
		append(archive, "x", 1);
	pad(archive);
}

static void made_archive_check(struct fuzz_input *input)
{
	struct archive archive = { .size = 0 };
	size_t cut = input_byte(input);
	uint8_t *exact;

	while (input->left > 0 && archive.size < ARCHIVE_SIZE - 256)
		entry_append(&archive, input);
	archive.size -= cut < 8 && archive.size > 8 ? cut : 0;
	/* Of its own size, so that a read beyond it is seen. */
	exact = malloc(archive.size > 0 ? archive.size : 1);
	FUZZ_CHECK(exact != NULL);
	memcpy(exact, archive.bytes, archive.size);
	archive_check(exact, archive.size);
	free(exact);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };

	if (input_byte(&input) != 1)
		archive_check(input.bytes, input.left);
	else
		made_archive_check(&input);
	return 0;
}

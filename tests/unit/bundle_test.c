// SPDX-License-Identifier: BSD-2-Clause
/*
 * The cpio reader and the bundle over it: whole archives, and archives cut or damaged anywhere.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <corbel/bundle.h>
#include <lib/cpio.h>
#include <sequence.h>

#define MODE_FILE      0100644u
#define MODE_DIRECTORY 0040755u

struct archive {
	uint8_t bytes[4096];
	size_t size;
};

static void append(struct archive *archive, const void *bytes, size_t size)
{
	assert_true(size <= sizeof(archive->bytes) - archive->size);
	memcpy(archive->bytes + archive->size, bytes, size);
	archive->size += size;
	while (archive->size % 4 != 0)
		archive->bytes[archive->size++] = 0;
}

static void append_header(struct archive *archive, unsigned int mode, size_t file_size,
			  size_t name_size)
{
	char header[111];
	int length =
		snprintf(header, sizeof(header),
			 "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", 1, mode, 0,
			 0, 1, 0, (unsigned int)file_size, 0, 0, 0, 0, (unsigned int)name_size, 0);

	assert_int_equal(length, 110);
	memcpy(archive->bytes + archive->size, header, 110);
	archive->size += 110;
}

static void append_entry(struct archive *archive, unsigned int mode, const char *name,
			 const void *data, size_t size)
{
	append_header(archive, mode, size, strlen(name) + 1);
	append(archive, name, strlen(name) + 1);
	append(archive, data, size);
}

/* A directory, three files and the trailer. */
static void archive_make(struct archive *archive)
{
	memset(archive, 0, sizeof(*archive));
	append_entry(archive, MODE_DIRECTORY, ".", "", 0);
	append_entry(archive, MODE_FILE, "boot.cmd", "guest list\n", 11);
	append_entry(archive, MODE_FILE, "./empty", "", 0);
	append_entry(archive, MODE_FILE, "/guests/linux.dtb", "\xd0\x0d\xfe\xed", 4);
	append_entry(archive, 0, "TRAILER!!!", "", 0);
}

static void test_find(void **state)
{
	static struct archive archive;
	struct bundle_file file;
	struct error error = { "" };

	(void)state;
	archive_make(&archive);
	assert_int_equal(bundle_init(archive.bytes, archive.size, &error), 0);
	assert_string_equal(error.text, "");
	assert_int_equal(bundle_find("/boot.cmd", &file), 0);
	assert_string_equal(file.name, "boot.cmd");
	assert_int_equal(file.size, 11);
	assert_memory_equal(file.data, "guest list\n", 11);
	assert_int_equal(bundle_find("boot.cmd", &file), 0);
	assert_int_equal(bundle_find("empty", &file), 0);
	assert_int_equal(file.size, 0);
	assert_int_equal(bundle_find("/guests/linux.dtb", &file), 0);
	assert_string_equal(file.name, "guests/linux.dtb");
	assert_int_equal(bundle_find("boot", &file), -ENOENT);
	assert_int_equal(bundle_find("", &file), -ENOENT);
	assert_int_equal(bundle_find(".", &file), -ENOENT);
	assert_int_equal(bundle_find("TRAILER!!!", &file), -ENOENT);
}

static void test_list(void **state)
{
	static struct archive archive;
	static const char *const names[] = { "boot.cmd", "empty", "guests/linux.dtb" };
	struct bundle_file file;

	(void)state;
	archive_make(&archive);
	assert_int_equal(bundle_init(archive.bytes, archive.size, NULL), 0);
	for (unsigned int i = 0; i < 3; i++) {
		assert_int_equal(bundle_file_get(i, &file), 0);
		assert_string_equal(file.name, names[i]);
	}
	assert_int_equal(bundle_file_get(3, &file), -ENOENT);
	assert_int_equal(bundle_file_get(UINT32_MAX, &file), -ENOENT);
}

/* Runs before any bundle_init() that succeeds. */
static void test_none(void **state)
{
	struct bundle_file file;

	(void)state;
	assert_int_equal(bundle_find("boot.cmd", &file), -ENOENT);
	assert_int_equal(bundle_file_get(0, &file), -ENOENT);
}

/* Every shorter archive is refused, in memory of exactly its size. */
static void test_truncated(void **state)
{
	struct archive archive;

	(void)state;
	archive_make(&archive);
	/* The padding behind the trailer's name is nothing that must be there. */
	for (size_t size = 0; size < archive.size - 3; size++) {
		uint8_t *copy = malloc(size == 0 ? 1 : size);
		struct error error = { "" };

		memcpy(copy, archive.bytes, size);
		assert_int_equal(bundle_init(copy, size, &error), -EINVAL);
		assert_memory_equal(error.text, "bundle: at byte ", 16);
		free(copy);
	}
	assert_int_equal(bundle_init(archive.bytes, archive.size - 3, NULL), 0);
}

static void expect_fault(const struct archive *archive, const char *part)
{
	struct error error = { "" };

	assert_int_equal(bundle_init(archive->bytes, archive->size, &error), -EINVAL);
	if (strstr(error.text, part) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", error.text, part);
}

static void test_malformed(void **state)
{
	struct archive archive;

	(void)state;
	archive_make(&archive);
	archive.bytes[5] = '2';
	expect_fault(&archive, "newc header");
	archive_make(&archive);
	archive.bytes[20] = 'x';
	expect_fault(&archive, "newc header");
	archive_make(&archive);
	memcpy(archive.bytes + 6 + 6 * 8, "ffffffff", 8);
	expect_fault(&archive, "data of an entry is cut off");
	archive_make(&archive);
	memcpy(archive.bytes + 6 + 11 * 8, "FFFFFFFF", 8);
	expect_fault(&archive, "name of an entry is cut off");
	archive_make(&archive);
	memcpy(archive.bytes + 6 + 11 * 8, "00000000", 8);
	expect_fault(&archive, "not terminated");
	archive_make(&archive);
	archive.bytes[111] = 'x';
	expect_fault(&archive, "not terminated");
}

/* Random damage: no fault of ours (the sanitizers watch), and whatever is accepted can be read. */
static void test_damaged(void **state)
{
	uint64_t seed = 2024;

	(void)state;
	for (unsigned int round = 0; round < 20000; round++) {
		struct archive archive;
		struct bundle_file file;
		uint8_t *copy;

		archive_make(&archive);
		for (unsigned int i = 0; i < 1 + round % 4; i++)
			archive.bytes[sequence_below(&seed, archive.size)] =
				(uint8_t) "0123456789abcdef\0/"[sequence_below(&seed, 18)];
		copy = malloc(archive.size);
		memcpy(copy, archive.bytes, archive.size);
		if (bundle_init(copy, archive.size, NULL) == 0) {
			for (unsigned int i = 0; bundle_file_get(i, &file) == 0; i++)
				assert_true(strlen(file.name) + file.size < archive.size);
		}
		archive_make(&archive);
		assert_int_equal(bundle_init(archive.bytes, archive.size, NULL), 0);
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_none),	  cmocka_unit_test(test_find),
		cmocka_unit_test(test_list),	  cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_malformed), cmocka_unit_test(test_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * The bundle as a list of files. It is read where it lies, so looking one up walks the archive;
 * that is done a few times in a guest's life.
 */
#include <corbel/bundle.h>
#include <corbel/panic.h>
#include <lib/cpio.h>

#include <errno.h>
#include <string.h>

static const void *bundle_archive; /* checked; NULL: there is no bundle */
static size_t bundle_size;

int bundle_init(const void *archive, size_t size, struct error *error)
{
	struct cpio_reader reader;
	struct cpio_entry entry;

	cpio_reader_init(&reader, archive, size);
	while (cpio_next(&reader, &entry))
		;
	if (reader.fault != NULL)
		return error_set(error, -EINVAL, "bundle: at byte %zu: %s", reader.offset,
				 reader.fault);
	bundle_archive = archive;
	bundle_size = size;
	return 0;
}

/* A path as it is compared: without "/" or "./" at its start. */
static const char *path_strip(const char *path)
{
	for (;;) {
		if (path[0] == '/')
			path++;
		else if (path[0] == '.' && path[1] == '/')
			path += 2;
		else
			return path;
	}
}

/* The next plain file of the archive. */
static bool file_next(struct cpio_reader *reader, struct bundle_file *out)
{
	struct cpio_entry entry;

	while (cpio_next(reader, &entry)) {
		if (!cpio_is_file(&entry))
			continue;
		out->name = path_strip(entry.name);
		out->data = entry.data;
		out->size = entry.size;
		return true;
	}
	ASSERT(reader->fault == NULL);
	return false;
}

int bundle_find(const char *path, struct bundle_file *out)
{
	const char *wanted = path_strip(path);
	struct cpio_reader reader;
	struct bundle_file file;

	if (bundle_archive == NULL)
		return -ENOENT;
	cpio_reader_init(&reader, bundle_archive, bundle_size);
	while (file_next(&reader, &file)) {
		if (strcmp(file.name, wanted) == 0) {
			*out = file;
			return 0;
		}
	}
	return -ENOENT;
}

int bundle_file_get(unsigned int index, struct bundle_file *out)
{
	struct cpio_reader reader;
	struct bundle_file file;

	if (bundle_archive == NULL)
		return -ENOENT;
	cpio_reader_init(&reader, bundle_archive, bundle_size);
	while (file_next(&reader, &file)) {
		if (index-- == 0) {
			*out = file;
			return 0;
		}
	}
	return -ENOENT;
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * The bundle: guests' files, a cpio archive ("newc") that the boot loader put into memory.
 * Read-only and untrusted: a malformed archive is an error, never a fault.
 */
#ifndef CORBEL_BUNDLE_H
#define CORBEL_BUNDLE_H

#include <corbel/error.h>
#include <corbel/types.h>

struct bundle_file {
	const char *name; /* without a leading slash; terminated; inside the archive */
	const void *data;
	size_t size;
};

/* Boot: checks the whole archive before any of it is offered. -EINVAL and a sentence. */
int bundle_init(const void *archive, size_t size, struct error *error);
/* "/vmlinux" or "vmlinux". -ENOENT. Any context. */
int bundle_find(const char *path, struct bundle_file *out);
/* The index-th file; -ENOENT past the last. Any context. */
int bundle_file_get(unsigned int index, struct bundle_file *out);

#endif

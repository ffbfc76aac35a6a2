// SPDX-License-Identifier: BSD-2-Clause
/*
 * Reading a cpio archive in the "newc" format from memory, entry by entry. The archive is not
 * trusted. No allocation, no locking; the format is that of cpio(5).
 */
#ifndef LIB_CPIO_H
#define LIB_CPIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cpio_reader {
	const uint8_t *archive;
	size_t size;
	size_t offset;	   /* of the next entry */
	const char *fault; /* what cpio_next() found wrong, in a few words; or NULL */
};

struct cpio_entry {
	const char *name; /* terminated, inside the archive */
	const void *data; /* aligned to 4 bytes if the archive is */
	size_t size;
	uint32_t mode; /* as st_mode */
};

void cpio_reader_init(struct cpio_reader *reader, const void *archive, size_t size);

/*
 * Reads the next entry. False at the trailer that ends the archive, and false with `fault` set
 * where the archive is malformed or cut off; `offset` then tells where.
 */
bool cpio_next(struct cpio_reader *reader, struct cpio_entry *out);

/* Whether the entry is a plain file: no directory, link or device. */
bool cpio_is_file(const struct cpio_entry *entry);

#endif

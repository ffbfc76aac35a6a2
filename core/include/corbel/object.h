// SPDX-License-Identifier: BSD-2-Clause
/*
 * Small objects: a size-class allocator over pages; what is larger than a page comes as whole
 * pages. Debug builds poison freed objects, place canaries behind each, check both, and count
 * live objects by the function that allocated them.
 */
#ifndef CORBEL_OBJECT_H
#define CORBEL_OBJECT_H

#include <corbel/printer.h>
#include <corbel/types.h>

#define OBJECT_SIZE_MAX (MIB(4))

/* Zeroed, aligned to 16 bytes (to a page where size >= PAGE_SIZE). NULL when there is no memory or
 * size is 0 or over OBJECT_SIZE_MAX. Any context. */
void *object_alloc(size_t size);
/* `count` * `size` with the product checked. */
void *object_alloc_array(size_t count, size_t size);
/* A copy of a string. */
char *object_strdup(const char *text);
/* NULL is allowed. Any context. */
void object_free(void *object);

struct object_statistics {
	uint64_t live_count;
	uint64_t live_bytes; /* as asked for */
	uint64_t page_bytes; /* taken from the page allocator */
};

void object_statistics_get(struct object_statistics *out);

/*
 * Gives empty slabs back to the page allocator, so that free memory can be compared exactly before
 * and after a piece of work. Context: thread.
 */
void object_trim(void);

/* Debug builds: live objects by allocating function, one row each. Context: thread. */
void object_print(struct printer *printer);

#endif

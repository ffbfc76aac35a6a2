// SPDX-License-Identifier: BSD-2-Clause
/*
 * The host's RAM as its tree describes it. The allocator over it is page.h.
 */
#ifndef CORBEL_HOST_MEMORY_H
#define CORBEL_HOST_MEMORY_H

#include <corbel/core.h>
#include <corbel/error.h>
#include <corbel/types.h>

/*
 * The index-th range of RAM by the host tree's memory nodes, whole pages. -ENOENT past the last.
 * Any context once host_tree() is there.
 */
int host_memory_get(unsigned int index, uint64_t *base, uint64_t *size);

/*
 * Gives the page allocator all RAM but the image, the tree, the bundle and what the tree reserves.
 * Boot. -ENOMEM and a sentence where too little is left.
 */
int host_memory_init(const struct boot_information *boot, struct error *error);

/* Where the boot loader put the bundle, by /chosen; -ENOENT: nowhere. */
int host_bundle_get(uint64_t *base, uint64_t *size);

#endif

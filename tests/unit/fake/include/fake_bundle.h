// SPDX-License-Identifier: BSD-2-Clause
/*
 * Bundles and guests' trees for tests: an archive put together file by file, and a tree of a small
 * guest that is right in every way, for tests to spoil.
 */
#ifndef FAKE_BUNDLE_H
#define FAKE_BUNDLE_H

#include <corbel/types.h>

/* Begins an empty bundle; the next adds a file (copied); the last makes it the bundle. */
void fake_bundle_begin(void);
void fake_bundle_add(const char *name, const void *data, size_t size);
void fake_bundle_mount(void);

#define FAKE_TREE_SIZE	   65536
#define FAKE_TREE_RAM	   UINT64_C(0x80000000)
#define FAKE_TREE_RAM_SIZE MIB(4)

/*
 * A tree with free space behind it: 2 VCPUs, FAKE_TREE_RAM_SIZE of RAM at FAKE_TREE_RAM, /soc with
 * controller@1000 ("test,controller", phandle 1) and device@2000 ("test,device", interrupt 5 of
 * it), 4 KiB each, /chosen with corbel,kernel = "/kernel". The same buffer at each call.
 */
void *fake_tree_begin(void);
/* The node of that path, which must be there. */
int fake_tree_node(const void *fdt, const char *path);
/* Adds a node with `reg` of one entry (2 + 2 cells); an empty `compatible` is left out. */
int fake_tree_node_add(void *fdt, const char *parent, const char *name, const char *compatible,
		       uint64_t address, uint64_t size);
/* `reg` of `count` pairs of address and size. */
void fake_tree_reg_set(void *fdt, const char *path, const uint64_t *pairs, unsigned int count);

#endif

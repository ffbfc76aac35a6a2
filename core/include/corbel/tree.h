// SPDX-License-Identifier: BSD-2-Clause
/*
 * Reading device trees, the host's and the guests': thin helpers over libfdt which check every
 * length. A tree may be malformed in any way; nothing here trusts it.
 */
#ifndef CORBEL_TREE_H
#define CORBEL_TREE_H

#include <corbel/error.h>
#include <corbel/types.h>

/*
 * Whether [fdt, fdt + size) begins with a well-formed tree. -EINVAL and a sentence if not, also
 * where `fdt` is not aligned to 8 bytes; what the bundle holds is aligned to 4, so copy that first.
 */
int tree_check(const void *fdt, size_t size, const char *file, struct error *error);

/*
 * The index-th address and size of `reg`, through the parent's cell counts; no ranges are
 * followed. -ENOENT: no such entry; -EINVAL: malformed. Either pointer may be NULL.
 */
int tree_reg_get(const void *fdt, int node, unsigned int index, uint64_t *address, uint64_t *size);

/* A one-cell property; -ENOENT, -EINVAL where it is not one cell. */
int tree_u32_get(const void *fdt, int node, const char *property, uint32_t *out);
/* One or two cells. */
int tree_u64_get(const void *fdt, int node, const char *property, uint64_t *out);
/* A string that is terminated inside the property; NULL where there is none. */
const char *tree_string_get(const void *fdt, int node, const char *property);
bool tree_has(const void *fdt, int node, const char *property);
/* Whether `status` is absent, "okay" or "ok". */
bool tree_is_enabled(const void *fdt, int node);
/* Writes the node's path, cut to fit; always terminated. */
void tree_path_get(const void *fdt, int node, char *buffer, size_t size);
/* The node that a phandle in cell `index` of the property names; -ENOENT, -EINVAL. */
int tree_phandle_get(const void *fdt, int node, const char *property, unsigned int index);
/* The node that `interrupt-parent` names, here or in the nearest node above that has one. -ENOENT,
 * -EINVAL: it names none. */
int tree_interrupt_parent_find(const void *fdt, int node);
/* How many cells the property has; -ENOENT, -EINVAL where it is not whole cells. */
int tree_cell_count(const void *fdt, int node, const char *property);
int tree_cell_get(const void *fdt, int node, const char *property, unsigned int index,
		  uint32_t *out);

/* libfdt's codes as errno values: -FDT_ERR_NOTFOUND is -ENOENT, -FDT_ERR_NOSPACE -ENOSPC, ... */
int tree_error(int libfdt_code);

/*
 * The host's own tree. The port sets it before core_main(), and again if it moves what maps it;
 * from then on it stays for good.
 */
const void *host_tree(void);
void host_tree_set(const void *fdt);

#endif

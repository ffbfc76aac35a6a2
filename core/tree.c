// SPDX-License-Identifier: BSD-2-Clause
/*
 * Reading device trees over libfdt. Every length is checked here, so that a property of the wrong
 * size is an error for the caller and never a read beyond it. Not for building trees.
 */
#include <corbel/panic.h>
#include <corbel/tree.h>
#include <lib/printable.h>

#include <errno.h>
#include <libfdt.h>
#include <limits.h>
#include <string.h>

#define CELL_SIZE	    4
#define PARENT_DEPTH_MAX    64u
#define ADDRESS_CELLS_MAX   2
#define SIZE_CELLS_MAX	    2
#define TREE_ALIGNMENT	    8u
#define STRUCTURE_ALIGNMENT 4u

static const void *host_fdt;

const void *host_tree(void)
{
	return host_fdt;
}

void host_tree_set(const void *fdt)
{
	host_fdt = fdt;
}

int tree_error(int libfdt_code)
{
	if (libfdt_code >= 0)
		return 0;
	switch (-libfdt_code) {
	case FDT_ERR_NOTFOUND:
		return -ENOENT;
	case FDT_ERR_EXISTS:
		return -EEXIST;
	case FDT_ERR_NOSPACE:
		return -ENOSPC;
	default:
		return -EINVAL;
	}
}

/* libfdt reads words of both blocks where the header says, so that must be at a multiple of words.
 */
static int header_check(const void *fdt, size_t size)
{
	if (!IS_ALIGNED((uintptr_t)fdt, TREE_ALIGNMENT))
		return -FDT_ERR_ALIGNMENT;
	if (size < sizeof(struct fdt_header))
		return -FDT_ERR_TRUNCATED;
	if (fdt_magic(fdt) != FDT_MAGIC)
		return -FDT_ERR_BADMAGIC;
	if (!IS_ALIGNED(fdt_off_dt_struct(fdt), STRUCTURE_ALIGNMENT) ||
	    !IS_ALIGNED(fdt_off_mem_rsvmap(fdt), TREE_ALIGNMENT))
		return -FDT_ERR_BADLAYOUT;
	return 0;
}

/* Nodes' names are shown to people and typed by them. Of the root there is none. */
static int names_check(const void *fdt)
{
	int node = 0, length = 0;

	while ((node = fdt_next_node(fdt, node, NULL)) >= 0) {
		const char *name = fdt_get_name(fdt, node, &length);

		if (name == NULL || !text_is_word(name, (size_t)length))
			return -FDT_ERR_BADSTRUCTURE;
	}
	return node == -FDT_ERR_NOTFOUND ? 0 : node;
}

int tree_check(const void *fdt, size_t size, const char *file, struct error *error)
{
	int code = header_check(fdt, size);

	if (code == 0)
		code = fdt_check_full(fdt, size);
	if (code == 0)
		code = names_check(fdt);
	if (code != 0)
		return error_set(error, -EINVAL, "%s: not a well-formed device tree (%s)", file,
				 fdt_strerror(code));
	return 0;
}

/* Big-endian cells as one number; `count` is 0, 1 or 2. */
static uint64_t cells_read(const fdt32_t *cells, int count)
{
	uint64_t value = 0;

	for (int i = 0; i < count; i++)
		value = value << 32 | fdt32_ld(&cells[i]);
	return value;
}

/* The property's cells and how many they are; NULL with an errno value where that is nothing. */
static const fdt32_t *cells_get(const void *fdt, int node, const char *property, int *count)
{
	int length;
	const fdt32_t *cells = fdt_getprop(fdt, node, property, &length);

	if (cells == NULL) {
		*count = length < 0 ? tree_error(length) : -EINVAL;
		return NULL;
	}
	if (length % CELL_SIZE != 0) {
		*count = -EINVAL;
		return NULL;
	}
	*count = length / CELL_SIZE;
	return cells;
}

int tree_cell_count(const void *fdt, int node, const char *property)
{
	int count;

	(void)cells_get(fdt, node, property, &count);
	return count;
}

int tree_cell_get(const void *fdt, int node, const char *property, unsigned int index,
		  uint32_t *out)
{
	int count;
	const fdt32_t *cells = cells_get(fdt, node, property, &count);

	if (cells == NULL)
		return count;
	if (index >= (unsigned int)count)
		return -ENOENT;
	*out = fdt32_ld(&cells[index]);
	return 0;
}

int tree_u32_get(const void *fdt, int node, const char *property, uint32_t *out)
{
	int count;
	const fdt32_t *cells = cells_get(fdt, node, property, &count);

	if (cells == NULL)
		return count;
	if (count != 1)
		return -EINVAL;
	*out = fdt32_ld(cells);
	return 0;
}

int tree_u64_get(const void *fdt, int node, const char *property, uint64_t *out)
{
	int count;
	const fdt32_t *cells = cells_get(fdt, node, property, &count);

	if (cells == NULL)
		return count;
	if (count != 1 && count != 2)
		return -EINVAL;
	*out = cells_read(cells, count);
	return 0;
}

/* How many cells `reg` of a child of `parent` has for an address and for a size. */
static int cell_sizes_get(const void *fdt, int parent, int *address_cells, int *size_cells)
{
	*address_cells = fdt_address_cells(fdt, parent);
	*size_cells = fdt_size_cells(fdt, parent);
	if (*address_cells < 1 || *address_cells > ADDRESS_CELLS_MAX || *size_cells < 0 ||
	    *size_cells > SIZE_CELLS_MAX)
		return -EINVAL;
	return 0;
}

int tree_reg_get(const void *fdt, int node, unsigned int index, uint64_t *address, uint64_t *size)
{
	int count, address_cells, size_cells, parent;
	const fdt32_t *cells = cells_get(fdt, node, "reg", &count);

	if (cells == NULL)
		return count;
	parent = fdt_parent_offset(fdt, node);
	if (parent < 0 || cell_sizes_get(fdt, parent, &address_cells, &size_cells) != 0)
		return -EINVAL;
	if (count % (address_cells + size_cells) != 0)
		return -EINVAL;
	if (index >= (unsigned int)(count / (address_cells + size_cells)))
		return -ENOENT;
	cells += index * (unsigned int)(address_cells + size_cells);
	if (address != NULL)
		*address = cells_read(cells, address_cells);
	if (size != NULL)
		*size = cells_read(cells + address_cells, size_cells);
	return 0;
}

const char *tree_string_get(const void *fdt, int node, const char *property)
{
	int length;
	const char *string = fdt_getprop(fdt, node, property, &length);

	if (string == NULL || length <= 0 || memchr(string, '\0', (size_t)length) == NULL)
		return NULL;
	return string;
}

bool tree_has(const void *fdt, int node, const char *property)
{
	return fdt_getprop(fdt, node, property, NULL) != NULL;
}

bool tree_is_enabled(const void *fdt, int node)
{
	const char *status;

	if (!tree_has(fdt, node, "status"))
		return true;
	status = tree_string_get(fdt, node, "status");
	return status != NULL && (strcmp(status, "okay") == 0 || strcmp(status, "ok") == 0);
}

void tree_path_get(const void *fdt, int node, char *buffer, size_t size)
{
	static const char unknown[] = "?";
	int code;

	if (size == 0)
		return;
	code = fdt_get_path(fdt, node, buffer, size > INT_MAX ? INT_MAX : (int)size);
	/* A path that is too long: the node's own name says the most. */
	if (code != 0) {
		const char *name = fdt_get_name(fdt, node, NULL);
		size_t length;

		name = name == NULL ? unknown : name;
		length = MIN(strlen(name), size - 1);
		memcpy(buffer, name, length);
		buffer[length] = '\0';
	}
}

int tree_phandle_get(const void *fdt, int node, const char *property, unsigned int index)
{
	uint32_t phandle = 0;
	int code = tree_cell_get(fdt, node, property, index, &phandle);
	int target;

	if (code != 0)
		return code;
	target = fdt_node_offset_by_phandle(fdt, phandle);
	return target < 0 ? -EINVAL : target;
}

int tree_interrupt_parent_find(const void *fdt, int node)
{
	for (unsigned int depth = 0; depth < PARENT_DEPTH_MAX && node >= 0; depth++) {
		if (tree_has(fdt, node, "interrupt-parent"))
			return tree_phandle_get(fdt, node, "interrupt-parent", 0);
		node = fdt_parent_offset(fdt, node);
	}
	return -ENOENT;
}

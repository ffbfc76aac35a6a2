// SPDX-License-Identifier: BSD-2-Clause
/*
 * The host's RAM: which ranges there are, and what of them is free to use. Not the allocator.
 */
#include <errno.h>
#include <string.h>

#include <libfdt.h>

#include <corbel/arch.h>
#include <corbel/host_memory.h>
#include <corbel/page.h>
#include <corbel/panic.h>
#include <corbel/tree.h>

/* Below this the two allocators' own tables and one small guest do not fit. */
#define HOST_MEMORY_MINIMUM MIB(16)
#define RESERVED_MAX	    32u

struct reserved_range {
	uint64_t base, end; /* whole pages */
};

struct reserved_list {
	struct reserved_range ranges[RESERVED_MAX];
	unsigned int count;
};

static bool is_memory_node(const void *fdt, int node)
{
	const char *type = tree_string_get(fdt, node, "device_type");

	return type != NULL && strcmp(type, "memory") == 0 && tree_is_enabled(fdt, node);
}

int host_memory_get(unsigned int index, uint64_t *base, uint64_t *size)
{
	const void *fdt = host_tree();
	int node;

	fdt_for_each_subnode(node, fdt, 0) {
		uint64_t start, length;

		if (!is_memory_node(fdt, node))
			continue;
		for (unsigned int i = 0; tree_reg_get(fdt, node, i, &start, &length) == 0; i++) {
			if (length > UINT64_MAX - start)
				continue;
			*base = ALIGN_UP(start, PAGE_SIZE);
			*size = ALIGN_DOWN(start + length, PAGE_SIZE) - *base;
			if (index-- == 0)
				return 0;
		}
	}
	return -ENOENT;
}

int host_bundle_get(uint64_t *base, uint64_t *size)
{
	const void *fdt = host_tree();
	int chosen = fdt_path_offset(fdt, "/chosen");
	uint64_t end;

	if (chosen < 0 || tree_u64_get(fdt, chosen, "linux,initrd-start", base) != 0 ||
	    tree_u64_get(fdt, chosen, "linux,initrd-end", &end) != 0 || end <= *base)
		return -ENOENT;
	*size = end - *base;
	return 0;
}

static int reserved_add(struct reserved_list *list, uint64_t base, uint64_t size,
			struct error *error)
{
	struct reserved_range range = {
		.base = ALIGN_DOWN(base, PAGE_SIZE),
		.end = ALIGN_UP(base + size, PAGE_SIZE),
	};
	unsigned int at = list->count;

	if (size == 0)
		return 0;
	if (size > UINT64_MAX - PAGE_SIZE - base)
		return error_set(error, -EINVAL,
				 "a reserved range of the host's tree is malformed");
	if (list->count == RESERVED_MAX)
		return error_set(error, -ENOSPC, "more than %u reserved ranges in the host's tree",
				 RESERVED_MAX);
	for (; at > 0 && list->ranges[at - 1].base > range.base; at--)
		list->ranges[at] = list->ranges[at - 1];
	list->ranges[at] = range;
	list->count++;
	return 0;
}

/* What the firmware keeps: the reservation block and /reserved-memory. */
static int reserved_by_tree(struct reserved_list *list, struct error *error)
{
	const void *fdt = host_tree();
	int parent = fdt_path_offset(fdt, "/reserved-memory");
	int entries = fdt_num_mem_rsv(fdt);
	uint64_t base, size;
	int node, result;

	for (int i = 0; i < entries; i++) {
		if (fdt_get_mem_rsv(fdt, i, &base, &size) != 0)
			return error_set(error, -EINVAL,
					 "the host tree's reservations are malformed");
		result = reserved_add(list, base, size, error);
		if (result != 0)
			return result;
	}
	if (parent < 0)
		return 0;
	fdt_for_each_subnode(node, fdt, parent) {
		for (unsigned int i = 0; tree_reg_get(fdt, node, i, &base, &size) == 0; i++) {
			result = reserved_add(list, base, size, error);
			if (result != 0)
				return result;
		}
	}
	return 0;
}

static int reserved_collect(struct reserved_list *list, const struct boot_information *boot,
			    struct error *error)
{
	uint64_t base, size;
	int result = reserved_by_tree(list, error);

	if (result == 0)
		result = reserved_add(list, boot->image_base.raw, boot->image_size, error);
	if (result == 0)
		result = reserved_add(list, arch_pointer_to_hpa(boot->host_tree).raw,
				      fdt_totalsize(boot->host_tree), error);
	if (result == 0 && host_bundle_get(&base, &size) == 0)
		result = reserved_add(list, base, size, error);
	return result;
}

/* Gives the allocator what lies between the reserved ranges; ranges too small are left. */
static uint64_t free_parts_add(const struct reserved_list *list, uint64_t base, uint64_t end)
{
	uint64_t added = 0, at = base;

	for (unsigned int i = 0; i <= list->count && at < end; i++) {
		uint64_t stop = i < list->count ? MIN(list->ranges[i].base, end) : end;

		if (stop > at && page_range_add(HPA(at), stop - at) == 0)
			added += stop - at;
		if (i < list->count)
			at = MAX(at, list->ranges[i].end);
	}
	return added;
}

int host_memory_init(const struct boot_information *boot, struct error *error)
{
	struct reserved_list list = { .count = 0 };
	uint64_t base, size, total = 0;
	int result = reserved_collect(&list, boot, error);

	if (result != 0)
		return result;
	for (unsigned int i = 0; host_memory_get(i, &base, &size) == 0; i++)
		total += free_parts_add(&list, base, base + size);
	if (total < HOST_MEMORY_MINIMUM)
		return error_set(error, -ENOMEM,
				 "%lu KiB of memory are free, at least %lu KiB are needed",
				 (unsigned long)(total >> 10),
				 (unsigned long)(HOST_MEMORY_MINIMUM >> 10));
	return 0;
}

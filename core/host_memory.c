// SPDX-License-Identifier: BSD-2-Clause
/*
 * The host's RAM: which ranges there are, and what of them is free to use. Not the allocator.
 */
#include <errno.h>
#include <string.h>

#include <libfdt.h>

#include <corbel/arch.h>
#include <corbel/host_memory.h>
#include <corbel/log.h>
#include <corbel/page.h>
#include <corbel/tree.h>

/* Below this the two allocators' own tables and one small guest do not fit. */
#define HOST_MEMORY_MINIMUM MIB(16)
static bool is_memory_node(const void *fdt, int node)
{
	const char *type = tree_string_get(fdt, node, "device_type");

	return type != NULL && strcmp(type, "memory") == 0 && tree_is_enabled(fdt, node);
}

/* What of a range fills pages; false where nothing does, or where its end is beyond any address. */
static bool whole_pages(uint64_t start, uint64_t length, uint64_t *base, uint64_t *size)
{
	uint64_t first, end;

	if (start > UINT64_MAX - PAGE_SIZE || length > UINT64_MAX - start)
		return false;
	first = ALIGN_UP(start, PAGE_SIZE);
	end = ALIGN_DOWN(start + length, PAGE_SIZE);
	if (end <= first)
		return false;
	*base = first;
	*size = end - first;
	return true;
}

int host_memory_get(unsigned int index, uint64_t *base, uint64_t *size)
{
	const void *fdt = host_tree();
	uint64_t start, length;
	int node;

	fdt_for_each_subnode(node, fdt, 0) {
		if (!is_memory_node(fdt, node))
			continue;
		for (unsigned int i = 0; tree_reg_get(fdt, node, i, &start, &length) == 0; i++) {
			if (whole_pages(start, length, base, size) && index-- == 0)
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

/* The nodes below /reserved-memory that have a place; the others wait for somebody to choose one.
 */
static void reserve_nodes(const void *fdt, int parent)
{
	uint64_t base, size;
	int node;

	fdt_for_each_subnode(node, fdt, parent) {
		for (unsigned int i = 0; tree_reg_get(fdt, node, i, &base, &size) == 0; i++)
			page_range_reserve(HPA(base), size);
	}
}

/* What the firmware keeps: the reservation block and /reserved-memory. */
static int reserve_by_tree(const void *fdt, struct error *error)
{
	int parent = fdt_path_offset(fdt, "/reserved-memory");
	int entries = fdt_num_mem_rsv(fdt);
	uint64_t base, size;

	if (entries < 0)
		return error_set(error, -EINVAL, "the host tree's reservations do not end");
	for (int i = 0; i < entries; i++) {
		if (fdt_get_mem_rsv(fdt, i, &base, &size) != 0)
			return error_set(error, -EINVAL,
					 "the host tree's reservations are malformed");
		page_range_reserve(HPA(base), size);
	}
	if (parent >= 0)
		reserve_nodes(fdt, parent);
	return 0;
}

static int reserve_all(const struct boot_information *boot, struct error *error)
{
	uint64_t base, size;

	page_range_reserve(boot->image_base, boot->image_size);
	page_range_reserve(arch_pointer_to_hpa(boot->host_tree), fdt_totalsize(boot->host_tree));
	if (host_bundle_get(&base, &size) == 0)
		page_range_reserve(HPA(base), size);
	return reserve_by_tree(boot->host_tree, error);
}

static void add_all(void)
{
	uint64_t base, size;

	for (unsigned int i = 0; host_memory_get(i, &base, &size) == 0; i++) {
		int result = page_range_add(HPA(base), size);

		if (result != 0)
			log_warning("memory from 0x%llx to 0x%llx is not used: %s",
				    (unsigned long long)base, (unsigned long long)(base + size),
				    error_name(result));
	}
}

int host_memory_init(const struct boot_information *boot, struct error *error)
{
	struct page_statistics statistics;
	int result = reserve_all(boot, error);

	if (result != 0)
		return result;
	add_all();
	page_statistics_get(&statistics);
	if (statistics.free_bytes < HOST_MEMORY_MINIMUM)
		return error_set(error, -ENOMEM,
				 "%lu KiB of memory are free, at least %lu KiB are needed",
				 (unsigned long)(statistics.free_bytes >> 10),
				 (unsigned long)(HOST_MEMORY_MINIMUM >> 10));
	return 0;
}

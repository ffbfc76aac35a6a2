// SPDX-License-Identifier: BSD-2-Clause
/*
 * Reading a guest's tree: name, VCPUs, memory, device nodes, into a plan that is checked as a whole
 * before anything is allocated. Not the making of the tree that the guest gets (guest_handover.c)
 * and not the files that it names (guest_load.c). docs/guest-tree.md is the reference.
 */
#include <errno.h>
#include <string.h>

#include <libfdt.h>

#include <corbel/cpu.h>
#include <corbel/guest.h>
#include <corbel/thread.h>
#include <corbel/tree.h>

#include "guest_private.h"

/* Memory that is not for writing, as the devicetree specification's users know it. */
#define ROM_COMPATIBLE "mtd-rom"

/* ---- the name ---- */

/* Printable and without blanks, so that it is one word of a command and of a log line. */
static bool name_is_usable(const char *name, size_t length)
{
	if (length == 0 || length >= GUEST_NAME_SIZE)
		return false;
	for (size_t i = 0; i < length; i++)
		if (name[i] <= ' ' || name[i] > '~' || name[i] == '"' || name[i] == '#')
			return false;
	return true;
}

static int name_read(struct guest *guest, struct error *error)
{
	const char *name = tree_string_get(guest->tree, 0, "corbel,name");
	size_t length;

	if (name != NULL) {
		length = strlen(name);
	} else if (tree_has(guest->tree, 0, "corbel,name")) {
		length = 0;
	} else {
		const char *slash = strrchr(guest->tree_file, '/');

		name = slash != NULL ? slash + 1 : guest->tree_file;
		length = strlen(name);
		if (length > 4 && strcmp(name + length - 4, ".dtb") == 0)
			length -= 4;
	}
	if (!name_is_usable(name, length))
		return error_set(error, -EINVAL,
				 "%s: corbel,name, or else the file's name, must be 1 to %d "
				 "printable characters without blanks, \" and #",
				 guest->tree_file, GUEST_NAME_SIZE - 1);
	memcpy(guest->name, name, length);
	return 0;
}

/* ---- VCPUs ---- */

static int priority_read(struct guest *guest, struct guest_plan *plan, struct error *error)
{
	uint32_t priority = THREAD_PRIORITY_GUEST;
	int result = tree_u32_get(guest->tree, 0, "corbel,priority", &priority);

	if (result != 0 && result != -ENOENT)
		return guest_node_error(guest, 0, error, -EINVAL,
					"corbel,priority must be one cell");
	if (priority <= THREAD_PRIORITY_IDLE || priority >= THREAD_PRIORITY_SERVICE)
		return guest_node_error(guest, 0, error, -EINVAL,
					"corbel,priority is %u and must be %u to %u", priority,
					THREAD_PRIORITY_IDLE + 1, THREAD_PRIORITY_SERVICE - 1);
	plan->priority = priority;
	return 0;
}

static int crash_policy_read(struct guest *guest, struct guest_plan *plan, struct error *error)
{
	const char *name = tree_string_get(guest->tree, 0, "corbel,on-crash");

	plan->on_crash = GUEST_ON_CRASH_HALT;
	if (!tree_has(guest->tree, 0, "corbel,on-crash"))
		return 0;
	if (name == NULL || guest_crash_policy_find(name, &plan->on_crash) != 0)
		return guest_node_error(guest, 0, error, -EINVAL,
					"corbel,on-crash must be \"halt\", \"restart\" or "
					"\"destroy\"");
	return 0;
}

/* Leaves `*out` as it is where the node has no affinity of its own. */
static int affinity_read(struct guest *guest, int node, cpumask_t *out, struct error *error)
{
	const char *property = "corbel,affinity";
	int count = tree_cell_count(guest->tree, node, property);
	cpumask_t mask = 0;
	uint32_t index;

	if (count == -ENOENT)
		return 0;
	if (count <= 0)
		return guest_node_error(guest, node, error, -EINVAL,
					"%s must be a list of host CPU indexes", property);
	for (int i = 0; i < count; i++) {
		if (tree_cell_get(guest->tree, node, property, (unsigned int)i, &index) != 0 ||
		    index >= cpu_count())
			return guest_node_error(guest, node, error, -EINVAL,
						"%s names CPU %u, the host has 0 to %u", property,
						index, cpu_count() - 1);
		mask |= (cpumask_t)1 << index;
	}
	*out = mask;
	return 0;
}

static bool device_type_is(const void *fdt, int node, const char *type)
{
	const char *value = tree_string_get(fdt, node, "device_type");

	return value != NULL && strcmp(value, type) == 0;
}

static int cpu_read(struct guest *guest, int node, struct guest_plan *plan, struct error *error)
{
	uint64_t number = 0;
	int result = tree_u64_get(guest->tree, node, "reg", &number);

	if (plan->vcpu_count == GUEST_VCPU_MAX)
		return guest_node_error(guest, node, error, -EINVAL,
					"a guest can have %u VCPUs at most", GUEST_VCPU_MAX);
	if (result != 0 || number != plan->vcpu_count)
		return guest_node_error(guest, node, error, -EINVAL,
					"reg must be %u: VCPUs are numbered from 0 in the order "
					"of their nodes",
					plan->vcpu_count);
	result = affinity_read(guest, node, &plan->affinity[plan->vcpu_count], error);
	plan->vcpu_count++;
	return result;
}

static int cpus_read(struct guest *guest, struct guest_plan *plan, struct error *error)
{
	const void *fdt = guest->tree;
	cpumask_t affinity = 0;
	int cpus = fdt_path_offset(fdt, "/cpus"), node, result;

	if (cpus < 0)
		return error_set(error, -EINVAL, "%s: there is no node /cpus", guest->tree_file);
	result = affinity_read(guest, 0, &affinity, error);
	if (result != 0)
		return result;
	for (unsigned int i = 0; i < GUEST_VCPU_MAX; i++)
		plan->affinity[i] = affinity;
	fdt_for_each_subnode(node, fdt, cpus) {
		if (!device_type_is(fdt, node, "cpu") || !tree_is_enabled(fdt, node))
			continue;
		result = cpu_read(guest, node, plan, error);
		if (result != 0)
			return result;
	}
	if (plan->vcpu_count == 0)
		return guest_node_error(guest, cpus, error, -EINVAL,
					"there is no enabled child with device_type = \"cpu\"");
	return 0;
}

/* ---- the address space ---- */

static int overlap_error(struct guest *guest, const struct guest_range *range,
			 const struct guest_range *other, struct error *error)
{
	char path[GUEST_PATH_SIZE];

	tree_path_get(guest->tree, other->node, path, sizeof(path));
	return guest_node_error(guest, range->node, error, -EINVAL,
				"reg entry %u (0x%llx) overlaps entry %u of %s (0x%llx)",
				range->index, (unsigned long long)range->base, other->index, path,
				(unsigned long long)other->base);
}

static bool ranges_overlap(const struct guest_range *a, const struct guest_range *b)
{
	return a->base < b->base ? b->base - a->base < a->size : a->base - b->base < b->size;
}

/* Keeps the plan's ranges sorted; disjoint ones need to be compared with their neighbours only. */
static int range_add(struct guest *guest, struct guest_plan *plan, const struct guest_range *range,
		     struct error *error)
{
	struct guest_range *ranges = plan->ranges;
	unsigned int at = plan->range_count;

	if (plan->range_count == GUEST_REGION_MAX)
		return guest_node_error(guest, range->node, error, -ENOSPC,
					"the guest has more than %u entries of reg",
					GUEST_REGION_MAX);
	while (at > 0 && ranges[at - 1].base > range->base)
		at--;
	if (at > 0 && ranges_overlap(&ranges[at - 1], range))
		return overlap_error(guest, range, &ranges[at - 1], error);
	if (at < plan->range_count && ranges_overlap(&ranges[at], range))
		return overlap_error(guest, range, &ranges[at], error);
	memmove(&ranges[at + 1], &ranges[at], (plan->range_count - at) * sizeof(*ranges));
	ranges[at] = *range;
	plan->range_count++;
	return 0;
}

static int range_check(struct guest *guest, const struct guest_range *range, struct error *error)
{
	if (range->size == 0 || range->size > UINT64_MAX - range->base)
		return guest_node_error(guest, range->node, error, -EINVAL,
					"reg entry %u (0x%llx, 0x%llx bytes) is empty or wraps "
					"around",
					range->index, (unsigned long long)range->base,
					(unsigned long long)range->size);
	if (range->kind != REGION_DEVICE && !IS_ALIGNED(range->base | range->size, PAGE_SIZE))
		return guest_node_error(guest, range->node, error, -EINVAL,
					"reg entry %u (0x%llx, 0x%llx bytes) of %s must be whole "
					"pages of 0x%llx bytes",
					range->index, (unsigned long long)range->base,
					(unsigned long long)range->size,
					range->kind == REGION_RAM ? "RAM" : "ROM",
					(unsigned long long)PAGE_SIZE);
	return 0;
}

/* All entries of the node's `reg`. */
static int node_ranges_read(struct guest *guest, int node, enum region_kind kind,
			    struct guest_plan *plan, struct error *error)
{
	struct guest_range range = { .node = node, .kind = kind };
	int result;

	for (;; range.index++) {
		result = tree_reg_get(guest->tree, node, range.index, &range.base, &range.size);
		if (result == -ENOENT && range.index > 0)
			return 0;
		if (result != 0)
			return guest_node_error(guest, node, error, -EINVAL,
						"reg is missing, empty or not made of whole "
						"entries of address and size");
		result = range_check(guest, &range, error);
		if (result == 0)
			result = range_add(guest, plan, &range, error);
		if (result != 0)
			return result;
		if (kind == REGION_RAM)
			plan->ram_bytes += range.size;
		else if (kind == REGION_ROM)
			plan->rom_bytes += range.size;
	}
}

static bool is_memory(const void *fdt, int node)
{
	return device_type_is(fdt, node, "memory") && tree_is_enabled(fdt, node);
}

static bool is_rom(const void *fdt, int node)
{
	return fdt_node_check_compatible(fdt, node, ROM_COMPATIBLE) == 0 &&
	       tree_is_enabled(fdt, node) && fdt_parent_offset(fdt, node) == 0;
}

static int memory_read(struct guest *guest, struct guest_plan *plan, struct error *error)
{
	int node, result;

	fdt_for_each_subnode(node, guest->tree, 0) {
		bool memory = is_memory(guest->tree, node);

		if (!memory && !is_rom(guest->tree, node))
			continue;
		result = node_ranges_read(guest, node, memory ? REGION_RAM : REGION_ROM, plan,
					  error);
		if (result != 0)
			return result;
	}
	if (plan->ram_bytes == 0)
		return error_set(error, -EINVAL,
				 "%s: there is no enabled node with device_type = \"memory\"",
				 guest->tree_file);
	return 0;
}

int guest_tree_memory_get(const struct guest *guest, uint64_t *base, uint64_t *size)
{
	int node;

	fdt_for_each_subnode(node, guest->tree, 0)
		if (is_memory(guest->tree, node))
			return tree_reg_get(guest->tree, node, 0, base, size);
	return -ENOENT;
}

/* ---- devices ---- */

static bool is_bus(const void *fdt, int node)
{
	return fdt_node_check_compatible(fdt, node, "simple-bus") == 0;
}

static bool is_device(const void *fdt, int node)
{
	return tree_has(fdt, node, "reg") && !device_type_is(fdt, node, "memory") &&
	       !is_rom(fdt, node);
}

void guest_device_walk_begin(struct guest_device_walk *walk, const void *fdt)
{
	*walk = (struct guest_device_walk){ .fdt = fdt };
}

/*
 * Goes through all nodes in the order of the tree, without recursion, for its depth is anybody's
 * choice. The open buses are the current node's ancestors at depths 0 to bus_depth.
 */
static int device_walk_step(struct guest_device_walk *walk)
{
	while ((walk->node = fdt_next_node(walk->fdt, walk->node, &walk->depth)) >= 0) {
		if (walk->depth < 1)
			return -FDT_ERR_NOTFOUND;
		if (walk->depth > walk->bus_depth + 1)
			continue;
		walk->bus_depth = walk->depth - 1;
		if (tree_is_enabled(walk->fdt, walk->node))
			return walk->node;
	}
	return walk->node;
}

int guest_device_walk_next(struct guest_device_walk *walk)
{
	int node;

	while ((node = device_walk_step(walk)) >= 0) {
		if (is_bus(walk->fdt, node))
			walk->bus_depth = walk->depth;
		else if (is_device(walk->fdt, node))
			return node;
	}
	return node;
}

static int device_check(struct guest *guest, int node, struct error *error)
{
	const char *compatible = fdt_stringlist_get(guest->tree, node, "compatible", 0, NULL);

	if (tree_has(guest->tree, node, "corbel,passthrough"))
		return 0;
	if (compatible == NULL)
		return guest_node_error(
			guest, node, error, -EINVAL,
			"it has reg, but no compatible to find a virtual device by");
	if (vdev_type_find(guest->tree, node) == NULL)
		return guest_node_error(guest, node, error, -ENOENT,
					"no virtual device for compatible \"%.48s\"", compatible);
	return 0;
}

/* Addresses on a bus must be the CPU's: nothing here translates them. */
static int buses_check(struct guest *guest, struct error *error)
{
	struct guest_device_walk walk;
	int node, size;

	guest_device_walk_begin(&walk, guest->tree);
	while ((node = device_walk_step(&walk)) >= 0) {
		if (!is_bus(guest->tree, node))
			continue;
		walk.bus_depth = walk.depth;
		if (fdt_getprop(guest->tree, node, "ranges", &size) == NULL || size != 0)
			return guest_node_error(guest, node, error, -EINVAL,
						"a simple-bus must have an empty ranges");
	}
	return 0;
}

static int devices_read(struct guest *guest, struct guest_plan *plan, struct error *error)
{
	struct guest_device_walk walk;
	int node, result = buses_check(guest, error);

	guest_device_walk_begin(&walk, guest->tree);
	while (result == 0 && (node = guest_device_walk_next(&walk)) >= 0) {
		result = device_check(guest, node, error);
		if (result == 0)
			result = node_ranges_read(guest, node, REGION_DEVICE, plan, error);
	}
	return result;
}

int guest_tree_read(struct guest *guest, struct guest_plan *plan, struct error *error)
{
	int (*const steps[])(struct guest *, struct guest_plan *,
			     struct error *) = { priority_read, crash_policy_read, cpus_read,
						 memory_read, devices_read };
	int result = name_read(guest, error);

	for (unsigned int i = 0; result == 0 && i < ARRAY_SIZE(steps); i++)
		result = steps[i](guest, plan, error);
	return result;
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Loading a guest: which files of the bundle go where in its memory, whether all that fits, and the
 * copying. First everything is placed and checked, by whoever starts the guest; then everything is
 * copied, by the thread of VCPU 0: it takes long, and is to take the guest's own share of the CPUs
 * that it may use, however often the guest reboots.
 *
 *	first memory range, from its base up:
 *	  | kernel ...           files (where the tree says)          initrd | tree |
 */
#include <errno.h>
#include <string.h>

#include <libfdt.h>

#include <corbel/arch.h>
#include <corbel/bundle.h>
#include <corbel/guest.h>
#include <corbel/object.h>
#include <corbel/panic.h>
#include <corbel/thread.h>
#include <corbel/time.h>

#include "guest_private.h"

#define LOAD_FILE_MAX 32u
#define LOAD_ITEM_MAX (LOAD_FILE_MAX + 3)

#define KERNEL_ADDRESS "corbel,kernel-address"

/* Something that is put into memory. */
struct load_item {
	const char *what; /* "kernel", "file", ... */
	const char *path; /* of the file; "" for the tree */
	const void *data;
	uint64_t base;
	uint64_t file_size;
	uint64_t size; /* in memory; what the file lacks is zeroed */
	/* Of a kernel of which only these are loaded. */
	unsigned int part_count;
	struct image_part parts[IMAGE_PART_MAX];
};

struct load_plan {
	struct guest *guest;
	int chosen;
	uint64_t ram_base; /* of the memory range that the tree names first */
	uint64_t ram_size;
	uint64_t entry;
	uint64_t tree_address;
	uint64_t top; /* what lies below is free for the initrd and the tree */
	void *tree;
	unsigned int count;
	struct load_item items[LOAD_ITEM_MAX];
};

/* ---- kernel ---- */

/* Rounded up, where what there is is rounded down: a person never reads that 1 is too few for 1. */
static unsigned long long mib_up(uint64_t bytes)
{
	return (unsigned long long)(bytes >> 20) + ((bytes & (MIB(1) - 1)) != 0);
}

/* The file that a property names. */
static int file_find(struct load_plan *plan, int node, const char *property,
		     struct bundle_file *file, const char **path, struct error *error)
{
	const char *name = tree_string_get(plan->guest->tree, node, property);
	int result;

	if (name == NULL)
		return guest_node_error(plan->guest, node, error, -EINVAL,
					"%s must be the path of a file in the bundle", property);
	result = bundle_find(name, file);
	if (result != 0)
		return guest_node_error(plan->guest, node, error, result,
					"%s names %.48s, which is not in the bundle", property,
					name);
	*path = name;
	return 0;
}

static int kernel_too_big(struct load_plan *plan, const struct load_item *item, uint64_t needed,
			  struct error *error)
{
	return guest_node_error(plan->guest, plan->chosen, error, -E2BIG,
				"the kernel %.40s needs %llu MiB of RAM, the guest has %llu MiB",
				item->path, mib_up(needed),
				(unsigned long long)plan->ram_size >> 20);
}

/* Where a kernel goes whose header says so: as low in RAM as its alignment allows. */
static int kernel_place_by_header(struct load_plan *plan, struct load_item *item,
				  const struct image_placement *placement, struct error *error)
{
	uint64_t mask = placement->alignment - 1, skip;

	ASSERT(placement->alignment != 0 && (placement->alignment & mask) == 0);
	skip = -plan->ram_base & mask;
	if (skip > plan->ram_size || placement->offset > plan->ram_size - skip ||
	    item->size > plan->ram_size - skip - placement->offset) {
		uint64_t needed = item->size;

		if (__builtin_add_overflow(needed, placement->offset, &needed) ||
		    __builtin_add_overflow(needed, skip, &needed))
			needed = UINT64_MAX;
		return kernel_too_big(plan, item, needed, error);
	}
	item->base = plan->ram_base + skip + placement->offset;
	return 0;
}

/* Where a kernel goes for which the tree gives an address. */
static int kernel_place_by_tree(struct load_plan *plan, struct load_item *item,
				const struct image_placement *placement, struct error *error)
{
	if (tree_u64_get(plan->guest->tree, plan->chosen, KERNEL_ADDRESS, &item->base) != 0)
		return guest_node_error(plan->guest, plan->chosen, error, -EINVAL,
					KERNEL_ADDRESS " must be one or two cells");
	if (!IS_ALIGNED(item->base - placement->offset, placement->alignment))
		return guest_node_error(plan->guest, plan->chosen, error, -EINVAL,
					KERNEL_ADDRESS " 0x%llx less 0x%llx must be a multiple of "
						       "0x%llx for %.48s",
					(unsigned long long)item->base,
					(unsigned long long)placement->offset,
					(unsigned long long)placement->alignment, item->path);
	if (item->size > plan->guest->ram_bytes)
		return kernel_too_big(plan, item, item->size, error);
	return 0;
}

static int kernel_place(struct load_plan *plan, struct load_item *item, struct error *error)
{
	bool given = tree_has(plan->guest->tree, plan->chosen, KERNEL_ADDRESS);
	struct image_placement placement = { 0 };
	struct error fault = { "" };
	int result = arch_image_inspect(item->data, item->file_size, &placement, &fault);

	if (result == -ENOEXEC)
		placement = (struct image_placement){ .alignment = 1 };
	else if (result != 0)
		return guest_node_error(plan->guest, plan->chosen, error, result,
					"corbel,kernel: %.40s: %s", item->path,
					fault.text[0] != '\0' ? fault.text : error_name(result));
	item->part_count = placement.part_count;
	memcpy(item->parts, placement.parts, sizeof(item->parts));
	item->size = item->part_count > 0 ? placement.memory_size :
					    MAX(placement.memory_size, item->file_size);
	if (given)
		result = kernel_place_by_tree(plan, item, &placement, error);
	else if (result == 0)
		result = kernel_place_by_header(plan, item, &placement, error);
	else
		return guest_node_error(
			plan->guest, plan->chosen, error, result,
			"%.48s has no header that says where it goes: " KERNEL_ADDRESS " must",
			item->path);
	plan->entry = item->base + placement.entry_offset;
	return result;
}

static int kernel_add(struct load_plan *plan, struct error *error)
{
	struct load_item *item = &plan->items[plan->count];
	struct bundle_file file;
	int result = file_find(plan, plan->chosen, "corbel,kernel", &file, &item->path, error);

	if (result != 0)
		return result;
	item->what = "kernel ";
	item->data = file.data;
	item->file_size = file.size;
	plan->count++;
	return kernel_place(plan, item, error);
}

/* ---- the rest ---- */

static int file_add(struct load_plan *plan, int node, struct error *error)
{
	struct load_item *item = &plan->items[plan->count];
	struct bundle_file file;
	int result = file_find(plan, node, "corbel,file", &file, &item->path, error);

	if (result != 0)
		return result;
	if (tree_u64_get(plan->guest->tree, node, "corbel,address", &item->base) != 0)
		return guest_node_error(plan->guest, node, error, -EINVAL,
					"corbel,address must be one or two cells");
	item->what = "file ";
	item->data = file.data;
	item->file_size = file.size;
	item->size = file.size;
	plan->count++;
	return 0;
}

static int files_add(struct load_plan *plan, struct error *error)
{
	const void *fdt = plan->guest->tree;
	int files = fdt_subnode_offset(fdt, 0, "corbel,files"), node, result;
	unsigned int count = 0;

	if (files < 0)
		return 0;
	fdt_for_each_subnode(node, fdt, files) {
		if (!tree_is_enabled(fdt, node))
			continue;
		if (count++ == LOAD_FILE_MAX)
			return guest_node_error(plan->guest, files, error, -EINVAL,
						"it has more than %u files", LOAD_FILE_MAX);
		result = file_add(plan, node, error);
		if (result != 0)
			return result;
	}
	return 0;
}

/* Places something directly below what was placed so before. */
static int item_push(struct load_plan *plan, const char *what, const char *path, const void *data,
		     uint64_t size, struct error *error)
{
	uint64_t room = plan->top - plan->ram_base;

	if (size > room)
		return error_set(error, -E2BIG,
				 "%s: the %s%.48s needs %llu MiB of RAM, %llu MiB are left",
				 plan->guest->tree_file, what, path, mib_up(size),
				 (unsigned long long)room >> 20);
	plan->top = ALIGN_DOWN(plan->top - size, PAGE_SIZE);
	plan->items[plan->count++] = (struct load_item){ .what = what,
							 .path = path,
							 .data = data,
							 .base = plan->top,
							 .file_size = size,
							 .size = size };
	return 0;
}

static int tree_and_initrd_add(struct load_plan *plan, struct error *error)
{
	struct guest *guest = plan->guest;
	bool initrd = tree_has(guest->tree, plan->chosen, "corbel,initrd");
	struct bundle_file file;
	const char *path;
	int result = guest_handover_build(guest, initrd, &plan->tree, error);

	if (result == 0)
		result = item_push(plan, "tree", "", plan->tree, fdt_totalsize(plan->tree), error);
	plan->tree_address = plan->top;
	if (result != 0 || !initrd)
		return result;
	result = file_find(plan, plan->chosen, "corbel,initrd", &file, &path, error);
	if (result == 0)
		result = item_push(plan, "initrd ", path, file.data, file.size, error);
	if (result != 0)
		return result;
	return guest_handover_initrd_set(guest, plan->tree, plan->top, plan->top + file.size,
					 error);
}

/* ---- checks ---- */

static bool items_overlap(const struct load_item *a, const struct load_item *b)
{
	return a->base < b->base ? b->base - a->base < a->size : a->base - b->base < b->size;
}

static int item_check(const struct load_plan *plan, unsigned int index, struct error *error)
{
	const struct load_item *item = &plan->items[index];
	const char *file = plan->guest->tree_file;

	if (!guest_memory_load_is_possible(plan->guest, GPA(item->base), item->size))
		return error_set(error, -EINVAL,
				 "%s: the %s%.48s (0x%llx, 0x%llx bytes) does not "
				 "lie in the guest's RAM or ROM",
				 file, item->what, item->path, (unsigned long long)item->base,
				 (unsigned long long)item->size);
	for (unsigned int i = 0; i < index; i++) {
		const struct load_item *other = &plan->items[i];

		if (items_overlap(item, other))
			return error_set(error, -EINVAL,
					 "%s: the %s%.32s (0x%llx, 0x%llx bytes) "
					 "overlaps the %s%.32s (0x%llx)",
					 file, item->what, item->path,
					 (unsigned long long)item->base,
					 (unsigned long long)item->size, other->what, other->path,
					 (unsigned long long)other->base);
	}
	return 0;
}

static int load_plan_fill(struct load_plan *plan, struct error *error)
{
	struct guest *guest = plan->guest;
	int result = guest_tree_memory_get(guest, &plan->ram_base, &plan->ram_size);

	ASSERT(result == 0);
	plan->top = plan->ram_base + plan->ram_size;
	plan->chosen = fdt_path_offset(guest->tree, "/chosen");
	if (plan->chosen < 0)
		return error_set(error, -EINVAL, "%s: there is no node /chosen with corbel,kernel",
				 guest->tree_file);
	result = kernel_add(plan, error);
	if (result == 0)
		result = files_add(plan, error);
	if (result == 0)
		result = tree_and_initrd_add(plan, error);
	for (unsigned int i = 0; result == 0 && i < plan->count; i++)
		result = item_check(plan, i, error);
	return result;
}

/* ---- doing it ---- */

static void load_plan_free(struct load_plan *plan)
{
	object_free(plan->tree);
	object_free(plan);
}

static int load_plan_make(struct guest *guest, struct load_plan **out, struct error *error)
{
	struct load_plan *plan = object_alloc(sizeof(*plan));
	int result;

	if (plan == NULL)
		return error_set(error, -ENOMEM, "%s: no memory to plan what is loaded",
				 guest->tree_file);
	plan->guest = guest;
	result = load_plan_fill(plan, error);
	if (result != 0) {
		load_plan_free(plan);
		return result;
	}
	*out = plan;
	return 0;
}

int guest_load_check(struct guest *guest, struct error *error)
{
	struct load_plan *plan;
	int result = load_plan_make(guest, &plan, error);

	if (result == 0)
		load_plan_free(plan);
	return result;
}

static int parts_load(struct guest *guest, const struct load_item *item)
{
	int result = guest_memory_load_zeros(guest, GPA(item->base), item->size);

	for (unsigned int i = 0; result == 0 && i < item->part_count; i++) {
		const struct image_part *part = &item->parts[i];

		ASSERT(part->offset + part->size <= item->size);
		ASSERT(part->file_offset + part->size <= item->file_size);
		result = guest_memory_load(guest, GPA(item->base + part->offset),
					   (const uint8_t *)item->data + part->file_offset,
					   part->size);
	}
	return result;
}

static int item_load(struct guest *guest, const struct load_item *item)
{
	int result;

	if (item->part_count > 0)
		return parts_load(guest, item);
	result = guest_memory_load(guest, GPA(item->base), item->data, item->file_size);

	if (result == 0)
		result = guest_memory_load_zeros(guest, GPA(item->base + item->file_size),
						 item->size - item->file_size);
	return result;
}

int guest_load_prepare(struct guest *guest, struct vcpu_start *start, struct error *error)
{
	int result;

	ASSERT(guest->load == NULL);
	result = load_plan_make(guest, &guest->load, error);
	if (result != 0)
		return result;
	*start = (struct vcpu_start){ .entry = GPA(guest->load->entry),
				      .argument = guest->load->tree_address };
	return 0;
}

void guest_load_do(struct guest *guest)
{
	struct load_plan *plan = guest->load;

	if (plan == NULL)
		return;
	if (time_now() < guest->load_from_ns)
		thread_sleep_until(guest->load_from_ns);
	for (unsigned int i = 0; i < plan->count; i++) {
		int result = item_load(guest, &plan->items[i]);

		ASSERT(result == 0);
	}
	guest_load_drop(guest);
}

void guest_load_drop(struct guest *guest)
{
	if (guest->load != NULL)
		load_plan_free(guest->load);
	guest->load = NULL;
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * The tree that a guest is given at each start: its source tree without Corbel's own properties,
 * with what only Corbel knows filled in. Where it is put is guest_load.c's affair.
 */
#include <errno.h>
#include <string.h>

#include <libfdt.h>

#include <corbel/arch.h>
#include <corbel/guest.h>
#include <corbel/object.h>
#include <corbel/random.h>
#include <corbel/tree.h>

#include "guest_private.h"

/* Room for what is added: /chosen and the port's properties of each cpu node. */
#define SPACE_FOR_CHOSEN KIB(16)
#define SPACE_PER_VCPU	 KIB(4)

#define RNG_SEED_SIZE	32
#define KASLR_SEED_SIZE 8

#define OWN_PREFIX "corbel,"

static int handover_error(const struct guest *guest, int libfdt_code, struct error *error)
{
	return error_set(error, tree_error(libfdt_code), "%s: the guest's tree cannot be made: %s",
			 guest->tree_file, fdt_strerror(libfdt_code));
}

static bool property_is_own(const void *fdt, int offset)
{
	const struct fdt_property *property = fdt_offset_ptr(fdt, offset, sizeof(*property));
	const char *name =
		property != NULL ? fdt_string(fdt, (int)fdt32_ld(&property->nameoff)) : NULL;

	return name != NULL && strncmp(name, OWN_PREFIX, strlen(OWN_PREFIX)) == 0;
}

/*
 * Moves what stays together, in one pass: a tree may be as large as it may be, and this is done at
 * each reboot. What is still to be read lies behind what was written.
 */
static int own_properties_remove(void *fdt)
{
	char *structure = (char *)fdt + fdt_off_dt_struct(fdt);
	int from = 0, to = 0, next;
	uint32_t tag;

	do {
		tag = fdt_next_tag(fdt, from, &next);
		if (next < 0)
			return next;
		if (tag != FDT_PROP || !property_is_own(fdt, from)) {
			memmove(structure + to, structure + from, (size_t)(next - from));
			to += next - from;
		}
		from = next;
	} while (tag != FDT_END);
	fdt_set_size_dt_struct(fdt, (uint32_t)to);
	return 0;
}

static int own_nodes_remove(void *fdt)
{
	int node = fdt_subnode_offset(fdt, 0, OWN_PREFIX "files");

	if (node >= 0)
		return fdt_del_node(fdt, node);
	return node == -FDT_ERR_NOTFOUND ? 0 : node;
}

static int seed_set(void *fdt, int chosen, const char *property, size_t size)
{
	void *place = NULL;
	int result = fdt_setprop_placeholder(fdt, chosen, property, (int)size, &place);

	if (result == 0)
		random_fill(place, size);
	return result;
}

static int chosen_fill(void *fdt, bool initrd)
{
	int chosen = fdt_path_offset(fdt, "/chosen");
	int result;

	if (chosen == -FDT_ERR_NOTFOUND)
		chosen = fdt_add_subnode(fdt, 0, "chosen");
	if (chosen < 0)
		return chosen;
	result = seed_set(fdt, chosen, "rng-seed", RNG_SEED_SIZE);
	if (result == 0)
		result = seed_set(fdt, chosen, "kaslr-seed", KASLR_SEED_SIZE);
	if (result == 0 && initrd)
		result = fdt_setprop_u64(fdt, chosen, "linux,initrd-start", 0);
	if (result == 0 && initrd)
		result = fdt_setprop_u64(fdt, chosen, "linux,initrd-end", 0);
	return result;
}

static int handover_fill(struct guest *guest, void *fdt, size_t capacity, bool initrd,
			 struct error *error)
{
	int result = fdt_open_into(guest->tree, fdt, (int)capacity);

	if (result == 0)
		result = own_nodes_remove(fdt);
	if (result == 0)
		result = own_properties_remove(fdt);
	if (result == 0)
		result = chosen_fill(fdt, initrd);
	if (result != 0)
		return handover_error(guest, result, error);
	result = arch_guest_tree_complete(guest, fdt, error);
	if (result != 0)
		return error_set(error, result, "%s: the guest's tree cannot be completed: %s",
				 guest->tree_file, error_name(result));
	result = fdt_pack(fdt);
	return result != 0 ? handover_error(guest, result, error) : 0;
}

int guest_handover_build(struct guest *guest, bool initrd, void **out, struct error *error)
{
	size_t capacity = guest->tree_size + SPACE_FOR_CHOSEN + guest->vcpu_count * SPACE_PER_VCPU;
	void *fdt = object_alloc(capacity);
	int result;

	if (fdt == NULL)
		return error_set(error, -ENOMEM, "%s: no memory for the guest's tree",
				 guest->tree_file);
	result = handover_fill(guest, fdt, capacity, initrd, error);
	if (result != 0) {
		object_free(fdt);
		return result;
	}
	*out = fdt;
	return 0;
}

int guest_handover_initrd_set(struct guest *guest, void *fdt, uint64_t start, uint64_t end,
			      struct error *error)
{
	int chosen = fdt_path_offset(fdt, "/chosen");
	int result = chosen;

	if (chosen >= 0)
		result = fdt_setprop_inplace_u64(fdt, chosen, "linux,initrd-start", start);
	if (result == 0)
		result = fdt_setprop_inplace_u64(fdt, chosen, "linux,initrd-end", end);
	return result != 0 ? handover_error(guest, result, error) : 0;
}

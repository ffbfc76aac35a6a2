// SPDX-License-Identifier: BSD-2-Clause
/*
 * What a guest's tree says to this port: its address map, its processor, its clock; and the tree
 * completed. The guest's memory is gmem.c.
 */
#include <errno.h>

#include <libfdt.h>

#include <corbel/arch.h>
#include <corbel/guest.h>
#include <corbel/object.h>
#include <corbel/tree.h>

#include "amap.h"
#include "cp0.h"
#include "probe.h"
#include "timer.h"
#include "vcount.h"

#define ADDRESS_MAP	    "corbel,address-map"
#define ADDRESS_MAP_DEFAULT "useg"
#define VECTORED	    "corbel,vectored-interrupts"
#define COUNT_FREQUENCY	    "mips-hpt-frequency"

static int map_read(struct guest *guest, struct error *error)
{
	const char *name = ADDRESS_MAP_DEFAULT;
	const struct address_map *map;

	if (tree_has(guest->tree, 0, ADDRESS_MAP))
		name = tree_string_get(guest->tree, 0, ADDRESS_MAP);
	map = name != NULL ? address_map_find(name) : NULL;
	if (map == NULL)
		return error_set(error, -EINVAL,
				 ADDRESS_MAP " must be \"useg\", \"kvm-te\" or \"segctl\"");
	if (map->needs_segmentation && !processor_has(PROCESSOR_SEGMENTS))
		return error_set(error, -ENODEV,
				 ADDRESS_MAP
				 " \"%s\" needs a processor with segmentation control, which %s "
				 "has not",
				 map->name, processor_name());
	guest->arch.map = map;
	return 0;
}

/* All VCPUs are of the kind that the first cpu node names. */
static int model_read(struct guest *guest, int cpus, struct error *error)
{
	int node = cpus >= 0 ? fdt_first_subnode(guest->tree, cpus) : -1;
	const char *name = node >= 0 ? tree_string_get(guest->tree, node, "compatible") : NULL;

	guest->arch.model = name != NULL ? processor_model_find(name) : processor_model_get(0);
	if (guest->arch.model == NULL)
		return error_set(error, -ENOENT, "there is no virtual processor \"%.40s\"", name);
	return 0;
}

static int clock_read(struct guest *guest, int cpus, struct error *error)
{
	int result = cpus >= 0 ? tree_u32_get(guest->tree, cpus, COUNT_FREQUENCY,
					      &guest->arch.count_hz) :
				 -ENOENT;

	if (result == -ENOENT)
		guest->arch.count_hz = timer_frequency();
	else if (result != 0 || guest->arch.count_hz < COUNT_HZ_MIN ||
		 guest->arch.count_hz >= COUNT_HZ_MAX)
		return error_set(error, -EINVAL, COUNT_FREQUENCY " must be one cell, %u to %u",
				 COUNT_HZ_MIN, COUNT_HZ_MAX - 1);
	return 0;
}

int arch_guest_init(struct guest *guest, struct error *error)
{
	int cpus = fdt_path_offset(guest->tree, "/cpus");
	int result = map_read(guest, error);

	if (result == 0)
		result = model_read(guest, cpus, error);
	if (result == 0)
		result = clock_read(guest, cpus, error);
	if (cpus >= 0 && tree_has(guest->tree, cpus, VECTORED))
		guest->arch.features |= GUEST_FEATURE_VECTORED;
	if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
		guest->arch.features |= GUEST_FEATURE_BIG_ENDIAN;
	return result;
}

void arch_guest_destroy(struct guest *guest)
{
	object_free(guest->arch.pieces);
}

int arch_guest_tree_complete(struct guest *guest, void *fdt, struct error *error)
{
	int cpus = fdt_path_offset(fdt, "/cpus");
	int result = cpus;

	if (cpus >= 0)
		result = fdt_setprop_u32(fdt, cpus, COUNT_FREQUENCY, guest->arch.count_hz);
	if (result < 0)
		return error_set(error, tree_error(result),
				 "%s: the cpu nodes of the guest's tree cannot be completed",
				 guest->name);
	return 0;
}

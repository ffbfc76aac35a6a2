// SPDX-License-Identifier: BSD-2-Clause
/*
 * What the host's harts can do, read from the host's tree. Not what guests are told (isa.c).
 */
#include <errno.h>
#include <string.h>

#include <libfdt.h>

#include <corbel/tree.h>

#include "features.h"

static const char *const feature_names[FEATURE_COUNT] = {
	[FEATURE_H] = "h",	     [FEATURE_D] = "d",		  [FEATURE_V] = "v",
	[FEATURE_SSTC] = "sstc",     [FEATURE_SVADU] = "svadu",	  [FEATURE_SVPBMT] = "svpbmt",
	[FEATURE_ZICBOM] = "zicbom", [FEATURE_ZICBOZ] = "zicboz", [FEATURE_SSSTATEEN] = "ssstateen",
};

uint32_t cpu_features;
static uint32_t cboz_block;

const char *feature_name(enum feature feature)
{
	return feature_names[feature];
}

int cpu_node_next(const void *fdt, int previous)
{
	int node = previous;

	if (previous < 0) {
		int cpus = fdt_path_offset(fdt, "/cpus");

		if (cpus < 0)
			return -ENOENT;
		node = fdt_first_subnode(fdt, cpus);
	} else {
		node = fdt_next_subnode(fdt, previous);
	}
	for (; node >= 0; node = fdt_next_subnode(fdt, node)) {
		const char *type = tree_string_get(fdt, node, "device_type");

		if (type != NULL && strcmp(type, "cpu") == 0 && tree_is_enabled(fdt, node))
			return node;
	}
	return -ENOENT;
}

/* "rv64imafdch_zicbom_sstc": single letters up to the first '_', then names between them. */
static bool isa_string_has(const char *isa, const char *extension)
{
	size_t length = strlen(extension);
	const char *at;

	if (strncmp(isa, "rv64", 4) != 0)
		return false;
	at = isa + 4;
	if (length == 1) {
		for (; *at != '\0' && *at != '_'; at++)
			if (*at == extension[0])
				return true;
		return false;
	}
	while ((at = strchr(at, '_')) != NULL) {
		at++;
		if (strncmp(at, extension, length) == 0 &&
		    (at[length] == '_' || at[length] == '\0'))
			return true;
	}
	return false;
}

bool isa_node_has(const void *fdt, int node, const char *extension)
{
	int length;
	const char *list = fdt_getprop(fdt, node, "riscv,isa-extensions", &length);
	const char *isa;

	if (list != NULL)
		return fdt_stringlist_contains(list, length, extension) != 0;
	isa = tree_string_get(fdt, node, "riscv,isa");
	return isa != NULL && isa_string_has(isa, extension);
}

static uint32_t node_features(const void *fdt, int node)
{
	uint32_t features = 0;

	for (unsigned int i = 0; i < FEATURE_COUNT; i++)
		if (isa_node_has(fdt, node, feature_names[i]))
			features |= 1u << i;
	/* Either name stands for the supervisor's part of state enable. */
	if (isa_node_has(fdt, node, "smstateen"))
		features |= 1u << FEATURE_SSSTATEEN;
	return features;
}

void features_init(void)
{
	const void *fdt = host_tree();
	int node = cpu_node_next(fdt, -1);

	cpu_features = node >= 0 ? ~0u : 0;
	if (node >= 0 && tree_u32_get(fdt, node, "riscv,cboz-block-size", &cboz_block) != 0)
		cboz_block = 0;
	for (; node >= 0; node = cpu_node_next(fdt, node))
		cpu_features &= node_features(fdt, node);
	if (cboz_block < 16 || cboz_block > PAGE_SIZE || (cboz_block & (cboz_block - 1)) != 0)
		cpu_features &= ~(1u << FEATURE_ZICBOZ);
}

uint32_t zicboz_block_size(void)
{
	return cboz_block;
}

uint32_t timebase_frequency_get(const void *fdt)
{
	uint32_t frequency = 0;
	int cpus = fdt_path_offset(fdt, "/cpus");
	int node;

	if (cpus >= 0 && tree_u32_get(fdt, cpus, "timebase-frequency", &frequency) == 0)
		return frequency;
	node = cpu_node_next(fdt, -1);
	if (node >= 0 && tree_u32_get(fdt, node, "timebase-frequency", &frequency) == 0)
		return frequency;
	return 0;
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Puts together bundles (cpio "newc", as tools/make-bundle.sh makes them) and guests' trees.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libfdt.h>

#include <corbel/bundle.h>
#include <fake_bundle.h>

#define ARCHIVE_SIZE  MIB(8)
#define NAME_SIZE_MAX 64

static char *archive;
static size_t archive_length;

static void require(bool condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "fake bundle: %s\n", what);
	abort();
}

/* ---- the archive ---- */

static void archive_append(const void *data, size_t size)
{
	require(archive_length + size + 4 <= ARCHIVE_SIZE, "the archive is full");
	memcpy(archive + archive_length, data, size);
	archive_length += size;
	while (archive_length % 4 != 0)
		archive[archive_length++] = '\0';
}

void fake_bundle_begin(void)
{
	if (archive == NULL)
		archive = malloc(ARCHIVE_SIZE);
	require(archive != NULL, "no memory");
	archive_length = 0;
}

void fake_bundle_add(const char *name, const void *data, size_t size)
{
	char entry[110 + NAME_SIZE_MAX + 1];
	int length = snprintf(entry, sizeof(entry),
			      "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%s", 1u,
			      0100644u, 0u, 0u, 1u, 0u, (unsigned int)size, 0u, 0u, 0u, 0u,
			      (unsigned int)strlen(name) + 1, 0u, name);

	require(length > 0 && (size_t)length < sizeof(entry), "the file's name is too long");
	archive_append(entry, (size_t)length + 1);
	archive_append(data, size);
}

void fake_bundle_mount(void)
{
	struct error error = { "" };

	fake_bundle_add("TRAILER!!!", "", 0);
	require(bundle_init(archive, archive_length, &error) == 0, error.text);
}

/* ---- trees ---- */

static void fdt_require(int libfdt_code)
{
	require(libfdt_code >= 0, fdt_strerror(libfdt_code));
}

int fake_tree_node(const void *fdt, const char *path)
{
	int node = fdt_path_offset(fdt, path);

	require(node >= 0, path);
	return node;
}

static int node_add(void *fdt, const char *parent, const char *name)
{
	int node = fdt_add_subnode(fdt, fake_tree_node(fdt, parent), name);

	fdt_require(node);
	return node;
}

static void cells_set(void *fdt, int node, uint32_t address_cells, uint32_t size_cells)
{
	fdt_require(fdt_setprop_u32(fdt, node, "#size-cells", size_cells));
	fdt_require(fdt_setprop_u32(fdt, node, "#address-cells", address_cells));
}

void fake_tree_reg_set(void *fdt, const char *path, const uint64_t *pairs, unsigned int count)
{
	int node = fake_tree_node(fdt, path);

	fdt_require(fdt_setprop(fdt, node, "reg", NULL, 0));
	for (unsigned int i = 0; i < 2 * count; i++)
		fdt_require(fdt_appendprop_u64(fdt, node, "reg", pairs[i]));
}

int fake_tree_node_add(void *fdt, const char *parent, const char *name, const char *compatible,
		       uint64_t address, uint64_t size)
{
	int node = node_add(fdt, parent, name);

	if (compatible[0] != '\0')
		fdt_require(fdt_setprop_string(fdt, node, "compatible", compatible));
	fdt_require(fdt_setprop_u64(fdt, node, "reg", address));
	fdt_require(fdt_appendprop_u64(fdt, node, "reg", size));
	return node;
}

static void cpus_add(void *fdt)
{
	cells_set(fdt, node_add(fdt, "/", "cpus"), 1, 0);
	/* A node that is added becomes its parent's first. */
	for (unsigned int i = 2; i-- > 0;) {
		int node = node_add(fdt, "/cpus", i == 0 ? "cpu@0" : "cpu@1");

		fdt_require(fdt_setprop_string(fdt, node, "device_type", "cpu"));
		fdt_require(fdt_setprop_u32(fdt, node, "reg", i));
	}
}

static void soc_add(void *fdt)
{
	int node = node_add(fdt, "/", "soc");

	cells_set(fdt, node, 2, 2);
	fdt_require(fdt_setprop_string(fdt, node, "compatible", "simple-bus"));
	fdt_require(fdt_setprop_empty(fdt, node, "ranges"));
	node = fake_tree_node_add(fdt, "/soc", "controller@1000", "test,controller", 0x1000,
				  0x1000);
	fdt_require(fdt_setprop_u32(fdt, node, "#interrupt-cells", 1));
	fdt_require(fdt_setprop_u32(fdt, node, "phandle", 1));
	node = fake_tree_node_add(fdt, "/soc", "device@2000", "test,device", 0x2000, 0x1000);
	fdt_require(fdt_setprop_u32(fdt, node, "interrupts", 5));
	fdt_require(fdt_setprop_u32(fdt, node, "interrupt-parent", 1));
}

void *fake_tree_begin(void)
{
	static uint64_t buffer[FAKE_TREE_SIZE / sizeof(uint64_t)];
	void *fdt = buffer;
	int node;

	fdt_require(fdt_create_empty_tree(fdt, FAKE_TREE_SIZE));
	cells_set(fdt, 0, 2, 2);
	cpus_add(fdt);
	node = fake_tree_node_add(fdt, "/", "memory@80000000", "", FAKE_TREE_RAM,
				  FAKE_TREE_RAM_SIZE);
	fdt_require(fdt_setprop_string(fdt, node, "device_type", "memory"));
	soc_add(fdt);
	node = node_add(fdt, "/", "chosen");
	fdt_require(fdt_setprop_string(fdt, node, "corbel,kernel", "/kernel"));
	return fdt;
}

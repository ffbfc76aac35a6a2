// SPDX-License-Identifier: BSD-2-Clause
/*
 * Offers the nodes of the host's tree to the drivers, and remembers who took what.
 */
#include <corbel/driver.h>
#include <corbel/error.h>
#include <corbel/log.h>
#include <corbel/object.h>
#include <corbel/tree.h>
#include <lib/list.h>

#include <libfdt.h>
#include <stdio.h>
#include <string.h>

#define PATH_SIZE 64

/* A device in use. Never freed: drivers stay. */
struct binding {
	struct list_node node;
	const struct driver *driver;
	int tree_node;
};

static struct list bindings = LIST_INIT(bindings);

static bool driver_names(const struct driver *driver, const char *compatible)
{
	for (const char *const *name = driver->compatible; *name != NULL; name++) {
		if (strcmp(*name, compatible) == 0)
			return true;
	}
	return false;
}

static const struct driver *driver_for_name(const char *compatible)
{
	for_each_registered(entry, corbel_drivers, struct driver) {
		if (driver_names(*entry, compatible))
			return *entry;
	}
	return NULL;
}

/* The driver that the node's `compatible` names first, for that is the closest one. */
static const struct driver *driver_find(const void *fdt, int node)
{
	int count = fdt_stringlist_count(fdt, node, "compatible");

	for (int i = 0; i < count; i++) {
		const char *compatible = fdt_stringlist_get(fdt, node, "compatible", i, NULL);
		const struct driver *driver =
			compatible == NULL ? NULL : driver_for_name(compatible);

		if (driver != NULL)
			return driver;
	}
	return NULL;
}

static void node_probe(const void *fdt, int node, const struct driver *driver)
{
	struct binding *binding;
	char path[PATH_SIZE];
	int code = driver->probe(fdt, node);

	tree_path_get(fdt, node, path, sizeof(path));
	if (code != 0) {
		log_warning("%s: driver %s: %s", path, driver->name, error_name(code));
		return;
	}
	binding = object_alloc(sizeof(*binding));
	if (binding == NULL) {
		log_warning("%s: no memory to list it among the devices", path);
		return;
	}
	binding->driver = driver;
	binding->tree_node = node;
	list_add_last(&bindings, &binding->node);
}

static void class_probe(const void *fdt, enum driver_class class)
{
	int node;

	for (node = fdt_next_node(fdt, -1, NULL); node >= 0;
	     node = fdt_next_node(fdt, node, NULL)) {
		const struct driver *driver =
			tree_is_enabled(fdt, node) ? driver_find(fdt, node) : NULL;

		if (driver != NULL && driver->class == class)
			node_probe(fdt, node, driver);
	}
	if (node != -FDT_ERR_NOTFOUND)
		log_error("the host's device tree: %s", fdt_strerror(node));
}

bool driver_is_bound(int node)
{
	list_for_each(&bindings, entry)
		if (list_entry(entry, struct binding, node)->tree_node == node)
			return true;
	return false;
}

void drivers_probe(void)
{
	const void *fdt = host_tree();

	if (fdt == NULL)
		return;
	for (unsigned int i = 0; i < DRIVER_CLASS_COUNT; i++)
		class_probe(fdt, i);
}

static void binding_print(struct printer *printer, const struct binding *binding)
{
	const void *fdt = host_tree();
	char path[PATH_SIZE], address[24] = "-";
	uint64_t base;

	tree_path_get(fdt, binding->tree_node, path, sizeof(path));
	if (tree_reg_get(fdt, binding->tree_node, 0, &base, NULL) == 0)
		(void)snprintf(address, sizeof(address), "0x%llx", (unsigned long long)base);
	print(printer, "%-32s %-16s %s\n", path, binding->driver->name, address);
}

void drivers_print(struct printer *printer)
{
	print(printer, "%-32s %-16s %s\n", "DEVICE", "DRIVER", "ADDRESS");
	list_for_each(&bindings, node)
		binding_print(printer, list_entry(node, struct binding, node));
}

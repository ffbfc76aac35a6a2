// SPDX-License-Identifier: BSD-2-Clause
/*
 * `device`: the guests' virtual devices. The host's are under `host dev`.
 */
#include <corbel/guest.h>
#include <corbel/vdev.h>
#include <mterm/command.h>
#include <mterm/lookup.h>
#include <mterm/table.h>
#include <mterm/text.h>

static const struct table_column list_columns[] = {
	{ "GUEST", false }, { "DEVICE", false }, { "TYPE", false },  { "BASE", false },
	{ "SIZE", true },   { "READS", true },	 { "WRITES", true },
};

/* The region that the first entry of the device's `reg` became; NULL for a device without. */
static const struct region *device_region(const struct guest *guest, const struct vdev *vdev)
{
	for (unsigned int i = 0; i < guest->region_count; i++) {
		const struct region *region = &guest->regions[i];

		if (region->kind == REGION_DEVICE && region->vdev == vdev &&
		    region->vdev_region == 0)
			return region;
	}
	return NULL;
}

static void list_row(struct table *table, const struct guest *guest, const struct vdev *vdev)
{
	const struct region *region = device_region(guest, vdev);
	struct text size;

	table_cell(table, "%s", guest->name);
	table_cell(table, "%s", vdev->name);
	table_cell(table, "%s", vdev->type->name);
	if (region == NULL) {
		table_cell(table, "-");
		table_cell(table, "-");
	} else {
		table_cell(table, "0x%llx", (unsigned long long)region->base.raw);
		table_cell(table, "%s", text_bytes(&size, region->size));
	}
	table_cell(table, "%llu", (unsigned long long)READ_ONCE(vdev->read_count));
	table_cell(table, "%llu", (unsigned long long)READ_ONCE(vdev->write_count));
}

static void guest_rows(struct guest *guest, void *argument)
{
	list_for_each(&guest->vdevs, node)
		list_row(argument, guest, list_entry(node, struct vdev, node));
}

static int list_run(struct terminal *terminal, struct printer *out, int argc, char **argv)
{
	struct table table;
	int result;

	(void)terminal;
	table_init(&table, list_columns, ARRAY_SIZE(list_columns));
	result = guests_visit(out, argc > 0 ? argv[0] : NULL, guest_rows, &table);
	if (result == 0)
		table_print(&table, out);
	table_clear(&table);
	return result;
}

static const struct command device_list = {
	.noun = "device",
	.verb = "list",
	.arguments = "[GUEST]",
	.summary = "show virtual devices and how often they were accessed",
	.completion = COMPLETE_GUEST,
	.argument_max = 1,
	.run = list_run,
};
COMMAND_REGISTER(device_list);

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Virtual devices as core sees them: which type a node wants, how interrupts are wired, a guest's
 * list of devices. The devices themselves are in vdev/.
 */
#include <errno.h>
#include <string.h>

#include <libfdt.h>

#include <corbel/arch.h>
#include <corbel/guest.h>
#include <corbel/panic.h>
#include <corbel/tree.h>
#include <corbel/vdev.h>

#include "guest_private.h"

#define INTERRUPT_CELLS_MAX 4u
/* An input's change goes from controller to controller by calls in calls. */
#define INTERRUPT_DEPTH_MAX 4u

/* ---- types ---- */

static bool type_is_compatible(const struct vdev_type *type, const char *compatible)
{
	for (const char *const *name = type->compatible; *name != NULL; name++)
		if (strcmp(*name, compatible) == 0)
			return true;
	return false;
}

static const struct vdev_type *type_find_by_name(const char *compatible)
{
	for_each_registered(type, corbel_vdev_types, struct vdev_type)
		if (type_is_compatible(*type, compatible))
			return *type;
	return NULL;
}

const struct vdev_type *vdev_type_find(const void *fdt, int node)
{
	const struct vdev_type *type = NULL;
	const char *compatible;
	int length;

	if (tree_has(fdt, node, "corbel,passthrough"))
		return &passthrough_type;
	compatible = fdt_getprop(fdt, node, "compatible", &length);
	if (compatible == NULL || length == 0 || compatible[length - 1] != '\0')
		return NULL;
	for (const char *end = compatible + length; type == NULL && compatible < end;
	     compatible += strlen(compatible) + 1)
		type = type_find_by_name(compatible);
	return type;
}

/* ---- interrupts ---- */

/* An interrupt as a node's property gives it. */
struct interrupt_specifier {
	int parent;		    /* node of the controller */
	const char *property;	    /* that names it, for messages */
	unsigned int cell;	    /* of that property where the specifier begins */
	const char *cells_property; /* that holds the specifier */
};

static int config_error(const struct vdev_config *config, struct error *error, const char *property,
			const char *text)
{
	char path[GUEST_PATH_SIZE];

	tree_path_get(config->fdt, config->node, path, sizeof(path));
	return error_set(error, -EINVAL, "%s: node %s: %s %s", config->file, path, property, text);
}

int vdev_node_error(const struct vdev_config *config, struct error *error, const char *text)
{
	char path[GUEST_PATH_SIZE];

	tree_path_get(config->fdt, config->node, path, sizeof(path));
	return error_set(error, -EINVAL, "%s: node %s: %s", config->file, path, text);
}

static int interrupt_cells_get(const struct vdev_config *config, int parent, const char *property,
			       uint32_t *cells, struct error *error)
{
	int result = tree_u32_get(config->fdt, parent, "#interrupt-cells", cells);

	if (result != 0 || *cells < 1 || *cells > INTERRUPT_CELLS_MAX)
		return config_error(config, error, property,
				    "leads to a node without a usable #interrupt-cells");
	return 0;
}

static int interrupt_plain_find(const struct vdev_config *config, unsigned int index,
				struct interrupt_specifier *out, struct error *error)
{
	int count = tree_cell_count(config->fdt, config->node, "interrupts");
	uint32_t cells;
	int result;

	if (count == -ENOENT || count == 0)
		return -ENOENT;
	if (count < 0)
		return config_error(config, error, "interrupts", "is not made of whole cells");
	out->property = "interrupt-parent";
	out->cells_property = "interrupts";
	out->parent = tree_interrupt_parent_find(config->fdt, config->node);
	if (out->parent < 0)
		return config_error(config, error, out->property,
				    "is missing here and above, or names no node");
	result = interrupt_cells_get(config, out->parent, out->property, &cells, error);
	if (result != 0)
		return result;
	if ((unsigned int)count % cells != 0)
		return config_error(config, error, "interrupts",
				    "does not hold whole entries of its controller's "
				    "#interrupt-cells");
	if (index >= (unsigned int)count / cells)
		return -ENOENT;
	out->cell = index * cells;
	return 0;
}

static int interrupt_extended_find(const struct vdev_config *config, unsigned int index,
				   struct interrupt_specifier *out, struct error *error)
{
	const char *property = "interrupts-extended";
	int count = tree_cell_count(config->fdt, config->node, property);
	unsigned int cell = 0;
	uint32_t cells;
	int result;

	if (count < 0)
		return config_error(config, error, property, "is not made of whole cells");
	for (unsigned int entry = 0; cell < (unsigned int)count; entry++) {
		out->parent = tree_phandle_get(config->fdt, config->node, property, cell);
		if (out->parent < 0)
			return config_error(config, error, property, "names no node");
		result = interrupt_cells_get(config, out->parent, property, &cells, error);
		if (result != 0)
			return result;
		if (cells > (unsigned int)count - cell - 1)
			return config_error(config, error, property, "ends inside an entry");
		out->property = property;
		out->cells_property = property;
		out->cell = cell + 1;
		if (entry == index)
			return 0;
		cell += 1 + cells;
	}
	return -ENOENT;
}

/* The VCPU whose cpu node is the parent of the interrupt controller's; NULL: it is no such one. */
static struct vcpu *inputs_owner_find(const struct vdev_config *config, int controller)
{
	int cpus = fdt_path_offset(config->fdt, "/cpus");
	int cpu = fdt_parent_offset(config->fdt, controller);
	uint64_t index;

	if (cpus < 0 || cpu < 0 || fdt_parent_offset(config->fdt, cpu) != cpus)
		return NULL;
	if (!tree_is_enabled(config->fdt, cpu) ||
	    tree_u64_get(config->fdt, cpu, "reg", &index) != 0)
		return NULL;
	return guest_vcpu(config->guest, index);
}

/* `out->number` is set. That the VCPU has such an input is known only by trying. */
static int inputs_connect(const struct vdev_config *config, struct vcpu *vcpu, const char *property,
			  struct vdev_irq *out, struct error *error)
{
	if (arch_vcpu_irq_set(vcpu, out->number, false) != 0)
		return config_error(config, error, property,
				    "names an interrupt input that the processor does not have");
	out->controller = &vcpu->inputs;
	return 0;
}

int vdev_irq_connect(const struct vdev_config *config, unsigned int index, struct vdev_irq *out,
		     struct error *error)
{
	struct interrupt_specifier specifier = { .parent = -1 };
	struct vdev *controller;
	struct vcpu *vcpu;
	int result;

	if (tree_has(config->fdt, config->node, "interrupts-extended"))
		result = interrupt_extended_find(config, index, &specifier, error);
	else
		result = interrupt_plain_find(config, index, &specifier, error);
	if (result != 0)
		return result;
	result = tree_cell_get(config->fdt, config->node, specifier.cells_property, specifier.cell,
			       &out->number);
	if (result != 0)
		return config_error(config, error, specifier.cells_property, "cannot be read");
	vcpu = inputs_owner_find(config, specifier.parent);
	if (vcpu != NULL)
		return inputs_connect(config, vcpu, specifier.cells_property, out, error);
	controller = guest_vdev_find(config->guest, specifier.parent);
	if (controller == NULL || controller->ops->irq_set == NULL)
		return config_error(config, error, specifier.property,
				    "names a node that is no interrupt controller of this guest");
	if (controller->irq_depth == INTERRUPT_DEPTH_MAX)
		return config_error(config, error, specifier.property,
				    "leads through too many interrupt controllers");
	if (config->irq_depth != NULL)
		*config->irq_depth = MAX(*config->irq_depth, controller->irq_depth + 1);
	out->controller = controller;
	return 0;
}

int vdev_find(const struct vdev_config *config, const char *property, struct vdev **out,
	      struct error *error)
{
	int node;

	if (!tree_has(config->fdt, config->node, property))
		return -ENOENT;
	node = tree_phandle_get(config->fdt, config->node, property, 0);
	*out = node < 0 ? NULL : guest_vdev_find(config->guest, node);
	if (*out == NULL)
		return config_error(config, error, property,
				    "must name a device of this guest whose node comes before");
	return 0;
}

/* ---- a guest's devices ---- */

struct vdev *guest_vdev_find(const struct guest *guest, int node)
{
	list_for_each(&guest->vdevs, entry) {
		struct vdev *vdev = list_entry(entry, struct vdev, node);

		if (vdev->tree_node == node)
			return vdev;
	}
	return NULL;
}

static int vdev_create(struct guest *guest, const struct vdev_type *type, int node,
		       struct error *error)
{
	unsigned int irq_depth = 0;
	const struct vdev_config config = { .guest = guest,
					    .fdt = guest->tree,
					    .node = node,
					    .file = guest->tree_file,
					    .irq_depth = &irq_depth };
	struct vdev *vdev = NULL;
	int result = type->create(&config, &vdev, error);

	if (result != 0)
		return guest_node_error(guest, node, error, result,
					"the device %s cannot be made: %s", type->name,
					error_name(result));
	ASSERT(vdev != NULL && vdev->ops != NULL);
	vdev->type = type;
	vdev->guest = guest;
	vdev->name = fdt_get_name(guest->tree, node, NULL);
	vdev->tree_node = node;
	vdev->irq_depth = irq_depth;
	list_add_last(&guest->vdevs, &vdev->node);
	return 0;
}

static int vdevs_create_pass(struct guest *guest, bool controllers, struct error *error)
{
	struct guest_device_walk walk;
	int node, result;

	guest_device_walk_begin(&walk, guest->tree);
	while ((node = guest_device_walk_next(&walk)) >= 0) {
		const struct vdev_type *type = vdev_type_find(guest->tree, node);

		ASSERT(type != NULL);
		if (type->interrupt_controller != controllers)
			continue;
		result = vdev_create(guest, type, node, error);
		if (result != 0)
			return result;
	}
	return 0;
}

int guest_vdevs_create(struct guest *guest, struct error *error)
{
	int result = vdevs_create_pass(guest, true, error);

	return result != 0 ? result : vdevs_create_pass(guest, false, error);
}

/* Those that were made last go first, for they hold on to their interrupt controllers. */
void guest_vdevs_destroy(struct guest *guest)
{
	while (!list_is_empty(&guest->vdevs)) {
		struct vdev *vdev = list_entry(guest->vdevs.head.previous, struct vdev, node);

		list_remove(&vdev->node);
		vdev->ops->destroy(vdev);
	}
}

void guest_vdevs_pause(struct guest *guest, bool paused)
{
	list_for_each(&guest->vdevs, entry) {
		struct vdev *vdev = list_entry(entry, struct vdev, node);

		if (vdev->ops->pause != NULL)
			vdev->ops->pause(vdev, paused);
	}
}

/*
 * As they are destroyed: controllers last, for what was high only before the reset of a device must
 * not be pending after theirs.
 */
void guest_vdevs_reset(struct guest *guest)
{
	const struct list_node *head = &guest->vdevs.head;

	for (struct list_node *entry = head->previous; entry != head; entry = entry->previous) {
		struct vdev *vdev = list_entry(entry, struct vdev, node);

		if (vdev->ops->reset != NULL)
			vdev->ops->reset(vdev);
	}
}

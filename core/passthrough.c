// SPDX-License-Identifier: BSD-2-Clause
/*
 * Devices of the host that a guest is given whole: `corbel,passthrough =
 * "/path/in/the/host's/tree"`. The registers are mapped (guest_memory.c does that), the interrupts
 * are forwarded. Not an emulator.
 *
 * An interrupt: the host's line is masked and the guest's input raised; once the guest has
 * completed it the input is lowered and the line let go, which interrupts again if the device still
 * wants to. The line is let go last, so that the two are never under way at once; between guests'
 * lives it is masked after one interrupt.
 *
 * A device is one guest's at a time, and none that a driver of Corbel's has taken. What it reads
 * and writes in memory by itself nothing here can check: see docs/threat-model.md.
 */
#include <errno.h>
#include <string.h>

#include <libfdt.h>

#include <corbel/guest.h>
#include <corbel/driver.h>
#include <corbel/host_memory.h>
#include <corbel/irq.h>
#include <corbel/object.h>
#include <corbel/panic.h>
#include <corbel/tree.h>
#include <corbel/vdev.h>

#include "guest_private.h"

#define PASSTHROUGH_IRQ_MAX 8u

/* One interrupt on its way from the host to the guest. */
struct forwarded_irq {
	struct vdev_irq_watcher watcher;
	struct vdev_irq guest;
	uint32_t host;
};

struct passthrough {
	struct vdev vdev;
	int host_node;
	struct list_node node; /* in `taken` */
	unsigned int irq_count;
	struct forwarded_irq irqs[PASSTHROUGH_IRQ_MAX];
};

static struct mutex taken_lock = MUTEX_INIT(taken_lock);
static struct list taken = LIST_INIT(taken);

static struct passthrough *passthrough_of(struct vdev *vdev)
{
	return container_of(vdev, struct passthrough, vdev);
}

hpa_t passthrough_host_get(const struct vdev *vdev, unsigned int index)
{
	const struct passthrough *device = container_of(vdev, const struct passthrough, vdev);
	uint64_t base;
	int result = tree_reg_get(host_tree(), device->host_node, index, &base, NULL);

	ASSERT(result == 0);
	(void)result;
	return HPA(base);
}

/* ---- which device ---- */

/* Addresses on the node's buses must be the processor's: nothing here translates them. */
static bool host_buses_are_plain(int node)
{
	int size = 0;

	while ((node = fdt_parent_offset(host_tree(), node)) > 0)
		if (fdt_getprop(host_tree(), node, "ranges", &size) == NULL || size != 0)
			return false;
	return true;
}

static int host_node_find(const struct vdev_config *config, int *out, struct error *error)
{
	const char *path = tree_string_get(config->fdt, config->node, "corbel,passthrough");
	int node;

	if (path == NULL || path[0] != '/')
		return guest_node_error(
			config->guest, config->node, error, -EINVAL,
			"corbel,passthrough is not the path of a node in the host's "
			"tree");
	node = fdt_path_offset(host_tree(), path);
	if (node < 0 || !tree_is_enabled(host_tree(), node))
		return guest_node_error(config->guest, config->node, error, -ENOENT,
					"corbel,passthrough: the host has no device %.48s", path);
	if (driver_is_bound(node) || tree_has(host_tree(), node, "device_type") ||
	    tree_has(host_tree(), node, "interrupt-controller"))
		return guest_node_error(config->guest, config->node, error, -EBUSY,
					"corbel,passthrough: %.48s is in use by Corbel itself",
					path);
	if (!host_buses_are_plain(node))
		return guest_node_error(config->guest, config->node, error, -ENOTSUP,
					"corbel,passthrough: %.48s is on a bus without an empty "
					"ranges, whose addresses are not the processor's",
					path);
	*out = node;
	return 0;
}

static bool host_has_memory_at(uint64_t base, uint64_t size)
{
	uint64_t memory, length;

	for (unsigned int i = 0; host_memory_get(i, &memory, &length) == 0; i++)
		if (base < memory ? memory - base < size : base - memory < length)
			return true;
	return false;
}

static int register_entry_check(const struct vdev_config *config, int host_node, unsigned int index,
				uint64_t guest_size, struct error *error)
{
	uint64_t base, size;

	if (tree_reg_get(host_tree(), host_node, index, &base, &size) != 0 || size != guest_size)
		return guest_node_error(config->guest, config->node, error, -EINVAL,
					"reg entry %u is not as large as the host's", index);
	if (!IS_ALIGNED(base | size, PAGE_SIZE))
		return guest_node_error(config->guest, config->node, error, -EINVAL,
					"reg entry %u of the host's is not whole pages, so "
					"other registers would come with it",
					index);
	if (host_has_memory_at(base, size))
		return guest_node_error(config->guest, config->node, error, -EINVAL,
					"reg entry %u of the host's is memory, not registers",
					index);
	return 0;
}

/* Both `reg` must agree entry by entry in size; the host's must be whole pages of registers. */
static int registers_check(const struct vdev_config *config, int host_node, struct error *error)
{
	uint64_t guest_size;
	unsigned int index = 0;
	int result = 0;

	while (result == 0 &&
	       tree_reg_get(config->fdt, config->node, index, NULL, &guest_size) == 0)
		result = register_entry_check(config, host_node, index++, guest_size, error);
	return result;
}

/* ---- interrupts ---- */

static void irq_arrived(void *argument)
{
	struct forwarded_irq *irq = argument;

	irq_mask(irq->host, true);
	vdev_irq_set(&irq->guest, true);
}

static void irq_completed(struct vdev_irq_watcher *watcher)
{
	struct forwarded_irq *irq = container_of(watcher, struct forwarded_irq, watcher);

	vdev_irq_set(&irq->guest, false);
	irq_mask(irq->host, false);
}

static void irq_disconnect(const struct forwarded_irq *irq)
{
	irq_unregister(irq->host);
	(void)irq->guest.controller->ops->irq_watch(irq->guest.controller, irq->guest.number, NULL);
}

/* The host's line; one cell a line, as with the controllers that Corbel drives. */
static int host_irq_get(const struct vdev_config *config, int host_node, unsigned int index,
			uint32_t *out, struct error *error)
{
	int parent = tree_interrupt_parent_find(host_tree(), host_node);
	uint32_t cells = 0;

	if (tree_cell_get(host_tree(), host_node, "interrupts", index, out) != 0)
		return guest_node_error(config->guest, config->node, error, -EINVAL,
					"the host's device has no interrupt %u", index);
	if (parent < 0 || !driver_is_bound(parent) ||
	    tree_u32_get(host_tree(), parent, "#interrupt-cells", &cells) != 0 || cells != 1)
		return guest_node_error(config->guest, config->node, error, -ENOTSUP,
					"the host's interrupt %u does not lead straight to the "
					"controller that Corbel drives",
					index);
	return 0;
}

static int guest_irq_watch(const struct vdev_config *config, struct forwarded_irq *irq,
			   unsigned int index, struct error *error)
{
	struct vdev *controller = irq->guest.controller;
	int result;

	irq->watcher.completed = irq_completed;
	if (controller->ops->irq_watch == NULL)
		return guest_node_error(config->guest, config->node, error, -ENOTSUP,
					"interrupt %u leads to a controller that interrupts cannot "
					"be forwarded to",
					index);
	result = controller->ops->irq_watch(controller, irq->guest.number, &irq->watcher);
	if (result == -EBUSY)
		return guest_node_error(config->guest, config->node, error, result,
					"interrupt %u: another one is forwarded to input %u "
					"already",
					index, irq->guest.number);
	if (result != 0)
		return guest_node_error(config->guest, config->node, error, result,
					"interrupt %u: its controller has no input %u", index,
					irq->guest.number);
	return 0;
}

static int irq_connect(const struct vdev_config *config, struct passthrough *device,
		       unsigned int index, struct error *error)
{
	struct forwarded_irq *irq = &device->irqs[index];
	struct vdev *controller = irq->guest.controller;
	int result = host_irq_get(config, device->host_node, index, &irq->host, error);

	if (result == 0)
		result = guest_irq_watch(config, irq, index, error);
	if (result != 0)
		return result;
	result = irq_register(irq->host, "passthrough", irq_arrived, irq);
	if (result == 0)
		return 0;
	(void)controller->ops->irq_watch(controller, irq->guest.number, NULL);
	return guest_node_error(config->guest, config->node, error, result,
				"the host's interrupt %u cannot be taken: %s", irq->host,
				error_name(result));
}

static int irqs_connect(const struct vdev_config *config, struct passthrough *device,
			struct error *error)
{
	struct vdev_irq irq;
	int result;

	while ((result = vdev_irq_connect(config, device->irq_count, &irq, error)) == 0) {
		if (device->irq_count == PASSTHROUGH_IRQ_MAX)
			return guest_node_error(config->guest, config->node, error, -ENOSPC,
						"more than %u interrupts cannot be forwarded",
						PASSTHROUGH_IRQ_MAX);
		device->irqs[device->irq_count].guest = irq;
		result = irq_connect(config, device, device->irq_count, error);
		if (result != 0)
			return result;
		device->irq_count++;
	}
	return result == -ENOENT ? 0 : result;
}

/* ---- life ---- */

static int device_take(const struct vdev_config *config, struct passthrough *device,
		       struct error *error)
{
	int result = 0;

	mutex_lock(&taken_lock);
	list_for_each(&taken, entry)
		if (list_entry(entry, struct passthrough, node)->host_node == device->host_node)
			result = -EBUSY;
	if (result == 0)
		list_add_last(&taken, &device->node);
	mutex_unlock(&taken_lock);
	if (result != 0)
		return guest_node_error(
			config->guest, config->node, error, result,
			"corbel,passthrough: the device is another guest's already");
	return 0;
}

static void passthrough_destroy(struct vdev *vdev)
{
	struct passthrough *device = passthrough_of(vdev);

	while (device->irq_count > 0)
		irq_disconnect(&device->irqs[--device->irq_count]);
	mutex_lock(&taken_lock);
	list_remove(&device->node);
	mutex_unlock(&taken_lock);
	object_free(device);
}

/* What was on its way to the guest is forgotten; the device itself is as the guest left it. */
static void passthrough_reset(struct vdev *vdev)
{
	struct passthrough *device = passthrough_of(vdev);

	for (unsigned int i = 0; i < device->irq_count; i++)
		irq_completed(&device->irqs[i].watcher);
}

static const struct vdev_ops passthrough_ops = {
	.reset = passthrough_reset,
	.destroy = passthrough_destroy,
};

static int passthrough_create(const struct vdev_config *config, struct vdev **out,
			      struct error *error)
{
	struct passthrough *device;
	int host_node = -1;
	int result = host_node_find(config, &host_node, error);

	if (result == 0)
		result = registers_check(config, host_node, error);
	if (result != 0)
		return result;
	device = object_alloc(sizeof(*device));
	if (device == NULL)
		return -ENOMEM;
	device->vdev.ops = &passthrough_ops;
	device->host_node = host_node;
	result = device_take(config, device, error);
	if (result != 0) {
		object_free(device);
		return result;
	}
	result = irqs_connect(config, device, error);
	if (result != 0) {
		passthrough_destroy(&device->vdev);
		return result;
	}
	*out = &device->vdev;
	return 0;
}

static const char *const no_compatible[] = { NULL };

const struct vdev_type passthrough_type = {
	.name = "passthrough",
	.compatible = no_compatible,
	.create = passthrough_create,
};

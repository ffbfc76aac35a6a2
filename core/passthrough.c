// SPDX-License-Identifier: BSD-2-Clause
/*
 * Devices of the host that a guest is given whole: `corbel,passthrough =
 * "/path/in/the/host's/tree"`. The registers are mapped (guest_memory.c does that), the interrupts
 * are forwarded. Not an emulator.
 *
 * An interrupt: the host's line is masked and the guest's input raised; once the guest has
 * completed it the input is lowered and the line let go, which interrupts again if the device still
 * wants to.
 *
 * A device is one guest's at a time, and none that a driver of Corbel's has taken. What it reads
 * and writes in memory by itself nothing here can check: see docs/threat-model.md.
 */
#include <errno.h>
#include <string.h>

#include <libfdt.h>

#include <corbel/guest.h>
#include <corbel/driver.h>
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

static int host_node_find(const struct vdev_config *config, int *out, struct error *error)
{
	const char *path = tree_string_get(config->fdt, config->node, "corbel,passthrough");
	int node = path == NULL ? -FDT_ERR_BADVALUE : fdt_path_offset(host_tree(), path);

	if (path == NULL)
		return guest_node_error(
			config->guest, config->node, error, -EINVAL,
			"corbel,passthrough is not the path of a node in the host's "
			"tree");
	if (node < 0 || !tree_is_enabled(host_tree(), node))
		return guest_node_error(config->guest, config->node, error, -ENOENT,
					"corbel,passthrough: the host has no device %.48s", path);
	if (driver_is_bound(node) || tree_has(host_tree(), node, "device_type") ||
	    tree_has(host_tree(), node, "interrupt-controller"))
		return guest_node_error(config->guest, config->node, error, -EBUSY,
					"corbel,passthrough: %.48s is in use by Corbel itself",
					path);
	*out = node;
	return 0;
}

/* Both `reg` must agree entry by entry in size; the host's must be whole pages. */
static int registers_check(const struct vdev_config *config, int host_node, struct error *error)
{
	uint64_t guest_size, host_base, host_size;
	unsigned int index = 0;

	for (; tree_reg_get(config->fdt, config->node, index, NULL, &guest_size) == 0; index++) {
		if (tree_reg_get(host_tree(), host_node, index, &host_base, &host_size) != 0 ||
		    host_size != guest_size)
			return guest_node_error(config->guest, config->node, error, -EINVAL,
						"reg entry %u is not as large as the host's",
						index);
		if (!IS_ALIGNED(host_base | host_size, PAGE_SIZE))
			return guest_node_error(config->guest, config->node, error, -EINVAL,
						"reg entry %u of the host's is not whole pages, so "
						"other registers would come with it",
						index);
	}
	return 0;
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

static int irq_connect(const struct vdev_config *config, struct passthrough *device,
		       unsigned int index, struct error *error)
{
	struct forwarded_irq *irq = &device->irqs[index];
	struct vdev *controller = irq->guest.controller;
	int result;

	if (tree_cell_get(host_tree(), device->host_node, "interrupts", index, &irq->host) != 0)
		return guest_node_error(config->guest, config->node, error, -EINVAL,
					"the host's device has no interrupt %u", index);
	irq->watcher.completed = irq_completed;
	result = controller->ops->irq_watch == NULL ?
			 -ENOTSUP :
			 controller->ops->irq_watch(controller, irq->guest.number, &irq->watcher);
	if (result != 0)
		return guest_node_error(config->guest, config->node, error, result,
					"interrupt %u cannot be forwarded to its controller: %s",
					index, error_name(result));
	result = irq_register(irq->host, "passthrough", irq_arrived, irq);
	if (result == 0)
		return 0;
	(void)controller->ops->irq_watch(controller, irq->guest.number, NULL);
	return guest_node_error(config->guest, config->node, error, result,
				"the host's interrupt %u cannot be taken: %s", irq->host,
				error_name(result));
}

/* One cell a line, as with the controllers that Corbel drives. */
static int irqs_connect(const struct vdev_config *config, struct passthrough *device,
			struct error *error)
{
	for (unsigned int i = 0; i < PASSTHROUGH_IRQ_MAX; i++) {
		int result = vdev_irq_connect(config, i, &device->irqs[i].guest, error);

		if (result == -ENOENT)
			return 0;
		if (result == 0)
			result = irq_connect(config, device, i, error);
		if (result != 0)
			return result;
		device->irq_count++;
	}
	return 0;
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

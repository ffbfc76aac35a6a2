// SPDX-License-Identifier: BSD-2-Clause
/*
 * Addresses of a bus at which nobody answers: reads see ones, writes are lost, and neither is an
 * error, as on ISA and behind PCI host bridges. What probes for a device there finds none and gives
 * up: a keyboard controller, say, whose status cannot be all ones.
 */
#include <errno.h>

#include <corbel/object.h>
#include <corbel/vdev.h>

static int open_bus_read(struct vdev *vdev, unsigned int region, uint64_t offset, unsigned int size,
			 uint64_t *value)
{
	(void)vdev;
	(void)region;
	(void)offset;
	*value = UINT64_MAX >> (64 - 8 * size);
	return 0;
}

static int open_bus_write(struct vdev *vdev, unsigned int region, uint64_t offset,
			  unsigned int size, uint64_t value)
{
	(void)vdev;
	(void)region;
	(void)offset;
	(void)size;
	(void)value;
	return 0;
}

static void open_bus_destroy(struct vdev *vdev)
{
	object_free(vdev);
}

static const struct vdev_ops open_bus_ops = {
	.read = open_bus_read,
	.write = open_bus_write,
	.destroy = open_bus_destroy,
};

static int open_bus_create(const struct vdev_config *config, struct vdev **out, struct error *error)
{
	struct vdev *vdev = object_alloc(sizeof(*vdev));

	if (vdev == NULL)
		return error_set(error, -ENOMEM, "%s: no memory for a device", config->file);
	vdev->ops = &open_bus_ops;
	*out = vdev;
	return 0;
}

static const struct vdev_type open_bus_type = {
	.name = "open-bus",
	.compatible = (const char *const[]){ "corbel,open-bus", NULL },
	.create = open_bus_create,
};
VDEV_REGISTER(open_bus_type);

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Virtual devices for tests of core: an interrupt controller and two kinds of device that remember
 * what was done to them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <libfdt.h>

#include <corbel/arch.h>
#include <corbel/guest.h>
#include <corbel/object.h>
#include <fake_vdev.h>

unsigned int fake_device_count;
int fake_device_create_result;
void (*fake_device_hook)(struct fake_device *device);

static struct fake_device *device_of(struct vdev *vdev)
{
	return container_of(vdev, struct fake_device, vdev);
}

static int access_note(struct fake_device *device, unsigned int region, uint64_t offset,
		       unsigned int size)
{
	device->region = region;
	device->offset = offset;
	device->size = size;
	device->irq_enabled = arch_irq_enabled();
	device->access_count++;
	if (fake_device_hook != NULL)
		fake_device_hook(device);
	return offset < FAKE_DEVICE_HOLE ? 0 : -ENXIO;
}

static int device_read(struct vdev *vdev, unsigned int region, uint64_t offset, unsigned int size,
		       uint64_t *value)
{
	*value = device_of(vdev)->value;
	return access_note(device_of(vdev), region, offset, size);
}

static int device_write(struct vdev *vdev, unsigned int region, uint64_t offset, unsigned int size,
			uint64_t value)
{
	device_of(vdev)->value = value;
	return access_note(device_of(vdev), region, offset, size);
}

static void device_reset(struct vdev *vdev)
{
	struct fake_device *device = device_of(vdev);

	device->value = 0;
	device->reset_count++;
	if (fake_device_hook != NULL)
		fake_device_hook(device);
}

static void device_pause(struct vdev *vdev, bool paused)
{
	device_of(vdev)->paused = paused;
}

static void device_destroy(struct vdev *vdev)
{
	fake_device_count--;
	object_free(device_of(vdev));
}

static void controller_irq_set(struct vdev *vdev, uint32_t number, bool level)
{
	struct fake_device *device = device_of(vdev);
	uint64_t bit = UINT64_C(1) << (number % 64);

	device->inputs = level ? device->inputs | bit : device->inputs & ~bit;
}

static const struct vdev_ops device_ops = {
	.read = device_read,
	.write = device_write,
	.reset = device_reset,
	.pause = device_pause,
	.destroy = device_destroy,
};

static const struct vdev_ops controller_ops = {
	.read = device_read,
	.write = device_write,
	.destroy = device_destroy,
	.irq_set = controller_irq_set,
};

static int make(const struct vdev_ops *ops, struct vdev **out)
{
	struct fake_device *device;

	if (fake_device_create_result != 0)
		return fake_device_create_result;
	device = object_alloc(sizeof(*device));
	if (device == NULL)
		return -ENOMEM;
	device->vdev.ops = ops;
	fake_device_count++;
	*out = &device->vdev;
	return 0;
}

static int controller_create(const struct vdev_config *config, struct vdev **out,
			     struct error *error)
{
	(void)config;
	(void)error;
	return make(&controller_ops, out);
}

static int device_create(const struct vdev_config *config, struct vdev **out, struct error *error)
{
	struct vdev_irq irq = { .controller = NULL };
	int result = vdev_irq_connect(config, 0, &irq, error);

	if (result != 0 && result != -ENOENT)
		return result;
	result = make(&device_ops, out);
	if (result == 0)
		device_of(*out)->irq = irq;
	return result;
}

static const char *const controller_names[] = { "test,controller", NULL };
static const struct vdev_type controller_type = { .name = "test-controller",
						  .compatible = controller_names,
						  .interrupt_controller = true,
						  .create = controller_create };
VDEV_REGISTER(controller_type);

static const char *const device_names[] = { "test,device", NULL };
static const struct vdev_type device_type = { .name = "test-device",
					      .compatible = device_names,
					      .create = device_create };
VDEV_REGISTER(device_type);

static const char *const sleeper_names[] = { "test,sleeper", NULL };
static const struct vdev_type sleeper_type = { .name = "test-sleeper",
					       .compatible = sleeper_names,
					       .may_sleep = true,
					       .create = device_create };
VDEV_REGISTER(sleeper_type);

struct fake_device *fake_device(const struct guest *guest, const char *path)
{
	int offset = fdt_path_offset(guest->tree, path);

	list_for_each(&guest->vdevs, node) {
		struct vdev *vdev = list_entry(node, struct vdev, node);

		if (vdev->tree_node == offset)
			return device_of(vdev);
	}
	fprintf(stderr, "the guest has no device %s\n", path);
	abort();
}

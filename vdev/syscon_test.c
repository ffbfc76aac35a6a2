// SPDX-License-Identifier: BSD-2-Clause
/*
 * The virtual board's "test finisher": a register through which a guest powers itself off or
 * reboots, as in SiFive's boards and QEMU's. It holds no state.
 */
#include <errno.h>

#include <libfdt.h>

#include <corbel/guest.h>
#include <corbel/log.h>
#include <corbel/object.h>
#include <corbel/vdev.h>

/* The low half of what is written; with FAIL, the high half is the guest's exit code. */
#define FINISH_FAIL  0x3333u
#define FINISH_PASS  0x5555u
#define FINISH_RESET 0x7777u

static int syscon_read(struct vdev *vdev, unsigned int region, uint64_t offset, unsigned int size,
		       uint64_t *value)
{
	(void)vdev;
	(void)region;
	(void)offset;
	(void)size;
	*value = 0;
	return 0;
}

static int syscon_write(struct vdev *vdev, unsigned int region, uint64_t offset, unsigned int size,
			uint64_t value)
{
	(void)region;
	if (offset != 0 || (size != 2 && size != 4))
		return 0;
	switch (value & 0xffff) {
	case FINISH_FAIL:
		log_warning("guest %s: powers off with exit code %u", vdev->guest->name,
			    (unsigned int)(value >> 16));
		guest_request(vdev->guest, GUEST_REQUEST_CRASH);
		break;
	case FINISH_PASS:
		guest_request(vdev->guest, GUEST_REQUEST_POWEROFF);
		break;
	case FINISH_RESET:
		guest_request(vdev->guest, GUEST_REQUEST_REBOOT);
		break;
	default:
		break;
	}
	return 0;
}

static void syscon_destroy(struct vdev *vdev)
{
	object_free(vdev);
}

static const struct vdev_ops syscon_ops = {
	.read = syscon_read,
	.write = syscon_write,
	.destroy = syscon_destroy,
};

static int syscon_create(const struct vdev_config *config, struct vdev **out, struct error *error)
{
	struct vdev *vdev = object_alloc(sizeof(*vdev));

	if (vdev == NULL)
		return error_set(error, -ENOMEM, "%s: %s: no memory for a device", config->file,
				 fdt_get_name(config->fdt, config->node, NULL));
	vdev->ops = &syscon_ops;
	*out = vdev;
	return 0;
}

static const struct vdev_type syscon_type = {
	.name = "syscon-test",
	.compatible = (const char *const[]){ "sifive,test0", "sifive,test1", NULL },
	.create = syscon_create,
};
VDEV_REGISTER(syscon_type);

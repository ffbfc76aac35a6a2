// SPDX-License-Identifier: BSD-2-Clause
/*
 * Virtual devices for tests of core: "test,controller", an interrupt controller; "test,device",
 * whose first interrupt is connected; "test,sleeper", the same but its accesses may sleep. Above
 * FAKE_DEVICE_HOLE there is nothing in each region.
 */
#ifndef FAKE_VDEV_H
#define FAKE_VDEV_H

#include <corbel/vdev.h>

#define FAKE_DEVICE_HOLE 0x800u

struct fake_device {
	struct vdev vdev;
	struct vdev_irq irq;
	uint64_t value;	 /* what a read gives and a write leaves */
	uint64_t inputs; /* controller: levels of its inputs 0 to 63 */
	unsigned int reset_count;
	bool paused;
	/* Of the last access: */
	unsigned int region;
	uint64_t offset;
	unsigned int size;
	bool irq_enabled;
	unsigned int access_count;
};

/* How many there are, in all guests. */
extern unsigned int fake_device_count;
/* What create() returns from now on. */
extern int fake_device_create_result;
/* Called at the end of each access and each reset; may be NULL. */
extern void (*fake_device_hook)(struct fake_device *device);

struct guest;
/* The guest's device at that path of its tree, which must be there. */
struct fake_device *fake_device(const struct guest *guest, const char *path);

#endif

// SPDX-License-Identifier: BSD-2-Clause
/*
 * A guest's board for tests of virtual devices: a tree, a guest that is no more than what devices
 * look at, an interrupt controller that only remembers, and VCPUs that only have inputs.
 */
#ifndef FAKE_BOARD_H
#define FAKE_BOARD_H

#include <corbel/error.h>
#include <corbel/guest.h>
#include <corbel/vdev.h>

#define FAKE_BOARD_VCPUS    4u
#define FAKE_BOARD_INPUTS   64u
/* Phandles of the fake controller and of VCPU 0's own interrupt controller; the others follow. */
#define FAKE_BOARD_IRQCHIP  1u
#define FAKE_BOARD_VCPU_IRQ 16u

struct fake_board {
	struct guest guest;
	struct vcpu vcpus[FAKE_BOARD_VCPUS];
	struct vdev controller;
	bool levels[FAKE_BOARD_INPUTS];
	unsigned int changes[FAKE_BOARD_INPUTS]; /* calls of irq_set() */
	char tree[8192];
};

/* A board without devices. It must be ended with fake_board_end(). */
struct fake_board *fake_board_begin(void);
/* Destroys all devices, then the board. */
void fake_board_end(struct fake_board *board);

/* Adds a node below the root; nodes must be added before devices are made. */
void fake_board_node_add(struct fake_board *board, const char *name, const char *compatible);
/* Sets a property of a node, again before devices are made. */
void fake_board_cells_set(struct fake_board *board, const char *name, const char *property,
			  const uint32_t *cells, unsigned int count);
void fake_board_text_set(struct fake_board *board, const char *name, const char *property,
			 const char *text);

/* Makes the node's device as core does; the value is what its create() returned. */
int fake_board_device_make(struct fake_board *board, const char *name, struct vdev **out,
			   struct error *error);

/*
 * One access to region 0 as a guest makes it, with interrupts off; fails the test where the device
 * refuses.
 */
uint64_t fake_device_read(struct vdev *vdev, uint64_t offset, unsigned int size);
void fake_device_write(struct vdev *vdev, uint64_t offset, unsigned int size, uint64_t value);
/* The same, giving the device's answer. */
int fake_device_read_try(struct vdev *vdev, uint64_t offset, unsigned int size, uint64_t *value);
int fake_device_write_try(struct vdev *vdev, uint64_t offset, unsigned int size, uint64_t value);
/* The same to any region. */
int fake_region_read_try(struct vdev *vdev, unsigned int region, uint64_t offset, unsigned int size,
			 uint64_t *value);
int fake_region_write_try(struct vdev *vdev, unsigned int region, uint64_t offset,
			  unsigned int size, uint64_t value);
uint64_t fake_region_read(struct vdev *vdev, unsigned int region, uint64_t offset,
			  unsigned int size);
void fake_region_write(struct vdev *vdev, unsigned int region, uint64_t offset, unsigned int size,
		       uint64_t value);

/* The next of a sequence of numbers that is the same in each run; the state must not be 0. */
uint32_t fake_random(uint32_t *state);

#endif

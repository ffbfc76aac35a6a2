// SPDX-License-Identifier: BSD-2-Clause
/*
 * A guest's board for tests of virtual devices.
 */
#include <errno.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <libfdt.h>

#include <arch/cpu.h>
#include <fake_board.h>

static void controller_irq_set(struct vdev *vdev, uint32_t number, bool level)
{
	struct fake_board *board = container_of(vdev, struct fake_board, controller);

	assert_true(number < FAKE_BOARD_INPUTS);
	board->levels[number] = level;
	board->changes[number]++;
}

static const struct vdev_ops controller_ops = {
	.irq_set = controller_irq_set,
};

static int node_find(const struct fake_board *board, const char *name)
{
	char path[64];
	int node;

	(void)snprintf(path, sizeof(path), "/%s", name);
	node = fdt_path_offset(board->tree, path);
	assert_true(node >= 0);
	return node;
}

static int subnode_add(struct fake_board *board, int parent, const char *name)
{
	int node = fdt_add_subnode(board->tree, parent, name);

	assert_true(node >= 0);
	return node;
}

static void u32_set(struct fake_board *board, int node, const char *property, uint32_t value)
{
	assert_int_equal(fdt_setprop_u32(board->tree, node, property, value), 0);
}

/* A cpu node with its interrupt controller, as processors' bindings have it. */
static void cpu_add_to_tree(struct fake_board *board, unsigned int index)
{
	char name[16];
	int node;

	(void)snprintf(name, sizeof(name), "cpu@%x", index);
	node = subnode_add(board, node_find(board, "cpus"), name);
	u32_set(board, node, "reg", index);
	node = subnode_add(board, node, "interrupt-controller");
	u32_set(board, node, "#interrupt-cells", 1);
	u32_set(board, node, "phandle", FAKE_BOARD_VCPU_IRQ + index);
}

static void tree_make(struct fake_board *board)
{
	int node;

	assert_int_equal(fdt_create_empty_tree(board->tree, sizeof(board->tree)), 0);
	u32_set(board, 0, "#address-cells", 2);
	u32_set(board, 0, "#size-cells", 2);
	u32_set(board, 0, "interrupt-parent", FAKE_BOARD_IRQCHIP);
	node = subnode_add(board, 0, "irqchip");
	u32_set(board, node, "#interrupt-cells", 1);
	u32_set(board, node, "phandle", FAKE_BOARD_IRQCHIP);
	(void)subnode_add(board, 0, "cpus");
	for (unsigned int i = 0; i < FAKE_BOARD_VCPUS; i++)
		cpu_add_to_tree(board, i);
}

struct fake_board *fake_board_begin(void)
{
	struct fake_board *board = calloc(1, sizeof(*board));

	assert_non_null(board);
	tree_make(board);
	(void)snprintf(board->guest.name, sizeof(board->guest.name), "tested");
	list_init(&board->guest.vdevs);
	wait_queue_init(&board->guest.parked);
	board->guest.tree = board->tree;
	board->guest.vcpu_count = FAKE_BOARD_VCPUS;
	for (unsigned int i = 0; i < FAKE_BOARD_VCPUS; i++) {
		board->vcpus[i].guest = &board->guest;
		board->vcpus[i].index = i;
		vcpu_inputs_init(&board->vcpus[i]);
		board->guest.vcpus[i] = &board->vcpus[i];
	}
	board->controller.ops = &controller_ops;
	board->controller.guest = &board->guest;
	return board;
}

void fake_board_end(struct fake_board *board)
{
	while (!list_is_empty(&board->guest.vdevs)) {
		struct vdev *vdev = list_entry(board->guest.vdevs.head.previous, struct vdev, node);

		list_remove(&vdev->node);
		if (vdev != &board->controller)
			vdev->ops->destroy(vdev);
	}
	free(board);
}

void fake_board_node_add(struct fake_board *board, const char *name, const char *compatible)
{
	int node = subnode_add(board, 0, name);

	assert_int_equal(fdt_setprop_string(board->tree, node, "compatible", compatible), 0);
}

void fake_board_cells_set(struct fake_board *board, const char *name, const char *property,
			  const uint32_t *cells, unsigned int count)
{
	int node = node_find(board, name);

	assert_int_equal(fdt_setprop(board->tree, node, property, NULL, 0), 0);
	for (unsigned int i = 0; i < count; i++)
		assert_int_equal(fdt_appendprop_u32(board->tree, node, property, cells[i]), 0);
}

void fake_board_text_set(struct fake_board *board, const char *name, const char *property,
			 const char *text)
{
	assert_int_equal(fdt_setprop_string(board->tree, node_find(board, name), property, text),
			 0);
}

/* The controller enters the guest's list only now, when its node no longer moves. */
static void controller_place(struct fake_board *board)
{
	if (board->controller.tree_node != 0)
		return;
	board->controller.tree_node = node_find(board, "irqchip");
	list_add_last(&board->guest.vdevs, &board->controller.node);
}

int fake_board_device_make(struct fake_board *board, const char *name, struct vdev **out,
			   struct error *error)
{
	int node = node_find(board, name);
	const struct vdev_type *type = vdev_type_find(board->tree, node);
	const struct vdev_config config = {
		.guest = &board->guest,
		.fdt = board->tree,
		.node = node,
		.file = "test.dtb",
	};
	struct vdev *vdev = NULL;
	int result;

	assert_non_null(type);
	controller_place(board);
	result = type->create(&config, &vdev, error);
	if (result != 0)
		return result;
	vdev->type = type;
	vdev->guest = &board->guest;
	vdev->name = fdt_get_name(board->tree, node, NULL);
	vdev->tree_node = node;
	list_add_last(&board->guest.vdevs, &vdev->node);
	*out = vdev;
	return 0;
}

int fake_region_read_try(struct vdev *vdev, unsigned int region, uint64_t offset, unsigned int size,
			 uint64_t *value)
{
	unsigned long flags = arch_irq_save();
	int result = vdev->ops->read(vdev, region, offset, size, value);

	arch_irq_restore(flags);
	return result;
}

int fake_region_write_try(struct vdev *vdev, unsigned int region, uint64_t offset,
			  unsigned int size, uint64_t value)
{
	unsigned long flags = arch_irq_save();
	int result = vdev->ops->write(vdev, region, offset, size, value);

	arch_irq_restore(flags);
	return result;
}

uint64_t fake_region_read(struct vdev *vdev, unsigned int region, uint64_t offset,
			  unsigned int size)
{
	uint64_t value = ~UINT64_C(0);

	assert_int_equal(fake_region_read_try(vdev, region, offset, size, &value), 0);
	if (size < 8)
		assert_int_equal(value >> (8 * size), 0);
	return value;
}

void fake_region_write(struct vdev *vdev, unsigned int region, uint64_t offset, unsigned int size,
		       uint64_t value)
{
	assert_int_equal(fake_region_write_try(vdev, region, offset, size, value), 0);
}

int fake_device_read_try(struct vdev *vdev, uint64_t offset, unsigned int size, uint64_t *value)
{
	return fake_region_read_try(vdev, 0, offset, size, value);
}

int fake_device_write_try(struct vdev *vdev, uint64_t offset, unsigned int size, uint64_t value)
{
	return fake_region_write_try(vdev, 0, offset, size, value);
}

uint64_t fake_device_read(struct vdev *vdev, uint64_t offset, unsigned int size)
{
	return fake_region_read(vdev, 0, offset, size);
}

void fake_device_write(struct vdev *vdev, uint64_t offset, unsigned int size, uint64_t value)
{
	fake_region_write(vdev, 0, offset, size, value);
}

uint32_t fake_random(uint32_t *state)
{
	/* Marsaglia's xorshift. */
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * core/vdev.c: which virtual device a node wants, and how its interrupts are wired.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <libfdt.h>

#include <corbel/guest.h>
#include <corbel/vdev.h>
#include <fake_bundle.h>

/* ---- two types and two controllers ---- */

static int no_create(const struct vdev_config *config, struct vdev **out, struct error *error)
{
	(void)config;
	(void)out;
	return error_set(error, -ENOTSUP, "made by hand in this test");
}

static const char *const first_names[] = { "vdev-test,first", "vdev-test,both", NULL };
static const struct vdev_type first_type = { .name = "first",
					     .compatible = first_names,
					     .create = no_create };
VDEV_REGISTER(first_type);

static const char *const second_names[] = { "vdev-test,second", NULL };
static const struct vdev_type second_type = { .name = "second",
					      .compatible = second_names,
					      .create = no_create };
VDEV_REGISTER(second_type);

static uint32_t last_number;
static bool last_level;
static const struct vdev *last_vdev;

static void controller_irq_set(struct vdev *vdev, uint32_t number, bool level)
{
	last_vdev = vdev;
	last_number = number;
	last_level = level;
}

static const struct vdev_ops controller_ops = { .irq_set = controller_irq_set };
static const struct vdev_ops plain_ops = { .irq_set = NULL };

/* ---- a guest with controllers at /soc/controller@1000 and /other, and a device ---- */

#define DEVICE "/soc/device@2000"

static struct {
	void *fdt;
	struct guest guest;
	struct vdev controller, other, plain;
	struct vdev_config config;
	struct error error;
	struct vdev_irq irq;
} bench;

static void vdev_add(struct vdev *vdev, const struct vdev_ops *ops, const char *path)
{
	*vdev = (struct vdev){ .ops = ops, .tree_node = fake_tree_node(bench.fdt, path) };
	list_add_last(&bench.guest.vdevs, &vdev->node);
}

static int setup(void **state)
{
	(void)state;
	memset(&bench, 0, sizeof(bench));
	bench.fdt = fake_tree_begin();
	return 0;
}

/* To be called when the tree is as the test wants it, for offsets of nodes must not move then. */
static int connect(unsigned int index)
{
	list_init(&bench.guest.vdevs);
	vdev_add(&bench.controller, &controller_ops, "/soc/controller@1000");
	vdev_add(&bench.plain, &plain_ops, DEVICE);
	if (fdt_path_offset(bench.fdt, "/other") >= 0)
		vdev_add(&bench.other, &controller_ops, "/other");
	bench.config = (struct vdev_config){ .guest = &bench.guest,
					     .fdt = bench.fdt,
					     .node = fake_tree_node(bench.fdt, DEVICE),
					     .file = "test.dtb" };
	bench.error.text[0] = '\0';
	return vdev_irq_connect(&bench.config, index, &bench.irq, &bench.error);
}

static void device_cells_set(const char *property, const uint32_t *cells, unsigned int count)
{
	int node = fake_tree_node(bench.fdt, DEVICE);

	assert_int_equal(fdt_setprop(bench.fdt, node, property, NULL, 0), 0);
	for (unsigned int i = 0; i < count; i++)
		assert_int_equal(fdt_appendprop_u32(bench.fdt, node, property, cells[i]), 0);
}

static void other_controller_add(uint32_t interrupt_cells)
{
	int node = fdt_add_subnode(bench.fdt, 0, "other");

	assert_true(node >= 0);
	assert_int_equal(fdt_setprop_u32(bench.fdt, node, "phandle", 2), 0);
	assert_int_equal(fdt_setprop_u32(bench.fdt, node, "#interrupt-cells", interrupt_cells), 0);
}

static void assert_refused(int result, const char *part)
{
	assert_int_equal(result, -EINVAL);
	if (strstr(bench.error.text, "test.dtb: node " DEVICE) == NULL ||
	    strstr(bench.error.text, part) == NULL)
		fail_msg("not the sentence about \"%s\": %s", part, bench.error.text);
}

/* ---- types ---- */

static void compatible_set(const char *strings, size_t size)
{
	assert_int_equal(fdt_setprop(bench.fdt, fake_tree_node(bench.fdt, DEVICE), "compatible",
				     strings, (int)size),
			 0);
}

static const struct vdev_type *device_type(void)
{
	return vdev_type_find(bench.fdt, fake_tree_node(bench.fdt, DEVICE));
}

static void test_type_by_any_of_its_names(void **state)
{
	(void)state;
	compatible_set("vdev-test,both", sizeof("vdev-test,both"));
	assert_ptr_equal(device_type(), &first_type);
}

static void test_type_first_string_that_is_known_decides(void **state)
{
	static const char strings[] = "acme,unknown\0vdev-test,second\0vdev-test,first";

	(void)state;
	compatible_set(strings, sizeof(strings));
	assert_ptr_equal(device_type(), &second_type);
}

static void test_type_unknown_or_malformed(void **state)
{
	(void)state;
	compatible_set("acme,unknown", sizeof("acme,unknown"));
	assert_null(device_type());
	compatible_set("vdev-test,first", strlen("vdev-test,first"));
	assert_null(device_type());
	compatible_set("", 0);
	assert_null(device_type());
}

/* ---- interrupts ---- */

static void test_irq_reaches_its_controller(void **state)
{
	(void)state;
	assert_int_equal(connect(0), 0);
	assert_ptr_equal(bench.irq.controller, &bench.controller);
	assert_int_equal(bench.irq.number, 5);
	vdev_irq_set(&bench.irq, true);
	assert_ptr_equal(last_vdev, &bench.controller);
	assert_int_equal(last_number, 5);
	assert_true(last_level);
}

static void test_irq_not_connected_does_nothing(void **state)
{
	const struct vdev_irq none = { .controller = NULL };

	(void)state;
	vdev_irq_set(&none, true);
}

static void test_irq_parent_is_inherited(void **state)
{
	(void)state;
	assert_int_equal(
		fdt_delprop(bench.fdt, fake_tree_node(bench.fdt, DEVICE), "interrupt-parent"), 0);
	assert_refused(connect(0), "interrupt-parent");
	assert_int_equal(fdt_setprop_u32(bench.fdt, 0, "interrupt-parent", 1), 0);
	assert_int_equal(connect(0), 0);
	assert_ptr_equal(bench.irq.controller, &bench.controller);
}

static void test_irq_entries_by_the_controllers_cells(void **state)
{
	const uint32_t cells[] = { 3, 100, 4, 200 };

	(void)state;
	other_controller_add(2);
	device_cells_set("interrupts", cells, 4);
	device_cells_set("interrupt-parent", (const uint32_t[]){ 2 }, 1);
	assert_int_equal(connect(0), 0);
	assert_int_equal(bench.irq.number, 3);
	assert_int_equal(connect(1), 0);
	assert_ptr_equal(bench.irq.controller, &bench.other);
	assert_int_equal(bench.irq.number, 4);
	assert_int_equal(connect(2), -ENOENT);
	device_cells_set("interrupts", cells, 3);
	assert_refused(connect(0), "interrupts");
}

static void test_irq_absent(void **state)
{
	(void)state;
	assert_int_equal(connect(1), -ENOENT);
	assert_int_equal(fdt_delprop(bench.fdt, fake_tree_node(bench.fdt, DEVICE), "interrupts"),
			 0);
	assert_int_equal(connect(0), -ENOENT);
	assert_string_equal(bench.error.text, "");
	device_cells_set("interrupts", NULL, 0);
	assert_int_equal(connect(0), -ENOENT);
}

static void test_irq_extended(void **state)
{
	const uint32_t cells[] = { 1, 7, 2, 8, 100 };

	(void)state;
	other_controller_add(2);
	device_cells_set("interrupts-extended", cells, 5);
	assert_int_equal(connect(0), 0);
	assert_ptr_equal(bench.irq.controller, &bench.controller);
	assert_int_equal(bench.irq.number, 7);
	assert_int_equal(connect(1), 0);
	assert_ptr_equal(bench.irq.controller, &bench.other);
	assert_int_equal(bench.irq.number, 8);
	assert_int_equal(connect(2), -ENOENT);
}

static void test_irq_extended_malformed(void **state)
{
	(void)state;
	device_cells_set("interrupts-extended", (const uint32_t[]){ 1 }, 1);
	assert_refused(connect(0), "ends inside an entry");
	device_cells_set("interrupts-extended", (const uint32_t[]){ 99, 1 }, 2);
	assert_refused(connect(0), "interrupts-extended names no node");
	assert_int_equal(fdt_setprop(bench.fdt, fake_tree_node(bench.fdt, DEVICE),
				     "interrupts-extended", "abc", 3),
			 0);
	assert_refused(connect(0), "whole cells");
}

static void test_irq_parent_is_no_controller(void **state)
{
	(void)state;
	device_cells_set("interrupt-parent", (const uint32_t[]){ 77 }, 1);
	assert_refused(connect(0), "interrupt-parent");
	device_cells_set("interrupt-parent", (const uint32_t[]){ 3 }, 1);
	device_cells_set("phandle", (const uint32_t[]){ 3 }, 1);
	assert_refused(connect(0), "#interrupt-cells");
	device_cells_set("#interrupt-cells", (const uint32_t[]){ 1 }, 1);
	assert_refused(connect(0), "no interrupt controller");
	device_cells_set("#interrupt-cells", (const uint32_t[]){ 0 }, 1);
	assert_refused(connect(0), "#interrupt-cells");
	device_cells_set("#interrupt-cells", (const uint32_t[]){ UINT32_MAX }, 1);
	assert_refused(connect(0), "#interrupt-cells");
}

/* ---- a VCPU's own inputs ---- */

#define VCPU_CONTROLLER 5u

/* A controller below /cpus/cpu@1; the guest has VCPUs 0 and 1. */
static struct vcpu *vcpus_add(void)
{
	static struct vcpu vcpus[2];
	int node = fdt_add_subnode(bench.fdt, fake_tree_node(bench.fdt, "/cpus/cpu@1"),
				   "interrupt-controller");

	assert_true(node >= 0);
	assert_int_equal(fdt_setprop_u32(bench.fdt, node, "phandle", VCPU_CONTROLLER), 0);
	assert_int_equal(fdt_setprop_u32(bench.fdt, node, "#interrupt-cells", 1), 0);
	memset(vcpus, 0, sizeof(vcpus));
	for (unsigned int i = 0; i < ARRAY_SIZE(vcpus); i++) {
		vcpus[i].index = i;
		vcpu_inputs_init(&vcpus[i]);
		bench.guest.vcpus[i] = &vcpus[i];
	}
	bench.guest.vcpu_count = ARRAY_SIZE(vcpus);
	return vcpus;
}

static void test_irq_reaches_a_vcpu(void **state)
{
	const struct vcpu *vcpus;

	(void)state;
	vcpus = vcpus_add();
	device_cells_set("interrupts-extended", (const uint32_t[]){ VCPU_CONTROLLER, 3, 1, 9 }, 4);
	assert_int_equal(connect(0), 0);
	vdev_irq_set(&bench.irq, true);
	assert_int_equal(vcpus[1].arch.irq_levels, 1 << 3);
	assert_int_equal(vcpus[0].arch.irq_levels, 0);
	vdev_irq_set(&bench.irq, false);
	assert_int_equal(vcpus[1].arch.irq_levels, 0);
	assert_int_equal(connect(1), 0);
	assert_ptr_equal(bench.irq.controller, &bench.controller);
}

static void test_irq_of_a_vcpu_that_does_not_exist(void **state)
{
	(void)state;
	(void)vcpus_add();
	device_cells_set("interrupts-extended", (const uint32_t[]){ VCPU_CONTROLLER, 99 }, 2);
	assert_refused(connect(0), "input that the processor does not have");
	device_cells_set("interrupts-extended", (const uint32_t[]){ VCPU_CONTROLLER, 3 }, 2);
	bench.guest.vcpu_count = 1;
	assert_refused(connect(0), "no interrupt controller");
	bench.guest.vcpu_count = 2;
	assert_int_equal(connect(0), 0);
	assert_int_equal(fdt_setprop_string(bench.fdt, fake_tree_node(bench.fdt, "/cpus/cpu@1"),
					    "status", "disabled"),
			 0);
	assert_refused(connect(0), "no interrupt controller");
}

/* ---- devices that need each other ---- */

static void test_device_by_phandle(void **state)
{
	struct vdev *found = NULL;

	(void)state;
	device_cells_set("test,friend", (const uint32_t[]){ 1 }, 1);
	device_cells_set("test,stranger", (const uint32_t[]){ 99 }, 1);
	(void)connect(0);
	assert_int_equal(vdev_find(&bench.config, "test,friend", &found, &bench.error), 0);
	assert_ptr_equal(found, &bench.controller);
	assert_int_equal(vdev_find(&bench.config, "test,none", &found, &bench.error), -ENOENT);
	assert_refused(vdev_find(&bench.config, "test,stranger", &found, &bench.error),
		       "test,stranger must name a device");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_type_by_any_of_its_names, setup),
		cmocka_unit_test_setup(test_type_first_string_that_is_known_decides, setup),
		cmocka_unit_test_setup(test_type_unknown_or_malformed, setup),
		cmocka_unit_test_setup(test_irq_reaches_its_controller, setup),
		cmocka_unit_test_setup(test_irq_not_connected_does_nothing, setup),
		cmocka_unit_test_setup(test_irq_parent_is_inherited, setup),
		cmocka_unit_test_setup(test_irq_entries_by_the_controllers_cells, setup),
		cmocka_unit_test_setup(test_irq_absent, setup),
		cmocka_unit_test_setup(test_irq_extended, setup),
		cmocka_unit_test_setup(test_irq_extended_malformed, setup),
		cmocka_unit_test_setup(test_irq_parent_is_no_controller, setup),
		cmocka_unit_test_setup(test_irq_reaches_a_vcpu, setup),
		cmocka_unit_test_setup(test_irq_of_a_vcpu_that_does_not_exist, setup),
		cmocka_unit_test_setup(test_device_by_phandle, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Reading device trees: well-formed ones, properties of wrong sizes, and trees that were cut or
 * damaged anywhere, in memory of exactly their size.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <libfdt.h>

#include <corbel/tree.h>
#include <sequence.h>

#define TREE_SIZE 4096

static uint8_t buffer[TREE_SIZE] __attribute__((aligned(8)));

static void require(int code)
{
	if (code != 0)
		fail_msg("making the tree: %s", fdt_strerror(code));
}

static void make_serial(void *fdt)
{
	require(fdt_begin_node(fdt, "serial@10000000"));
	require(fdt_property_string(fdt, "compatible", "ns16550a"));
	require(fdt_property(fdt, "reg",
			     "\0\0\0\0\x10\0\0\0\0\0\0\0\0\0\1\0"
			     "\0\0\0\1\x20\0\0\0\0\0\0\2\0\0\0\3",
			     32));
	require(fdt_property_u32(fdt, "interrupts", 10));
	require(fdt_property_u64(fdt, "clock-frequency", UINT64_C(0x123456789a)));
	require(fdt_property(fdt, "interrupts-extended", "\0\0\0\7\0\0\0\x2a\0\0\0\x63\0\0\0\1",
			     16));
	require(fdt_property_string(fdt, "status", "okay"));
	require(fdt_property(fdt, "odd", "abc", 3));
	require(fdt_property(fdt, "empty", "", 0));
	require(fdt_end_node(fdt));
}

/* Cells for addresses and sizes that cannot be read as 64 bits. */
static void make_wide_bus(void *fdt)
{
	require(fdt_begin_node(fdt, "pci"));
	require(fdt_property_u32(fdt, "#address-cells", 3));
	require(fdt_property_u32(fdt, "#size-cells", 2));
	require(fdt_begin_node(fdt, "device@0"));
	require(fdt_property(fdt, "reg", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20));
	require(fdt_end_node(fdt));
	require(fdt_end_node(fdt));
}

static void make_controller(void *fdt)
{
	require(fdt_begin_node(fdt, "controller"));
	require(fdt_property_u32(fdt, "phandle", 7));
	require(fdt_property_u32(fdt, "#address-cells", 1));
	require(fdt_property_u32(fdt, "#size-cells", 0));
	require(fdt_property_string(fdt, "status", "disabled"));
	require(fdt_begin_node(fdt, "channel@5"));
	require(fdt_property_u32(fdt, "reg", 5));
	require(fdt_property(fdt, "status", "okay", 4)); /* not terminated */
	require(fdt_end_node(fdt));
	require(fdt_end_node(fdt));
}

static size_t tree_make(void)
{
	require(fdt_create(buffer, sizeof(buffer)));
	require(fdt_add_reservemap_entry(buffer, 0x80000000, 0x1000));
	require(fdt_finish_reservemap(buffer));
	require(fdt_begin_node(buffer, ""));
	require(fdt_property_u32(buffer, "#address-cells", 2));
	require(fdt_property_u32(buffer, "#size-cells", 2));
	make_serial(buffer);
	make_controller(buffer);
	make_wide_bus(buffer);
	require(fdt_end_node(buffer));
	require(fdt_finish(buffer));
	return fdt_totalsize(buffer);
}

static int node(const char *path)
{
	int offset = fdt_path_offset(buffer, path);

	assert_true(offset >= 0);
	return offset;
}

static void test_check(void **state)
{
	struct error error = { "" };
	size_t size = tree_make();

	(void)state;
	assert_int_equal(tree_check(buffer, size, "a.dtb", &error), 0);
	assert_int_equal(tree_check(buffer, sizeof(buffer), "a.dtb", &error), 0);
	assert_string_equal(error.text, "");
	assert_int_equal(tree_check(buffer, size - 1, "a.dtb", &error), -EINVAL);
	assert_memory_equal(error.text, "a.dtb: ", 7);
	assert_int_equal(tree_check(buffer + 4, size, "a.dtb", NULL), -EINVAL);
}

static void test_reg(void **state)
{
	uint64_t address, size;
	int serial;

	(void)state;
	tree_make();
	serial = node("/serial@10000000");
	assert_int_equal(tree_reg_get(buffer, serial, 0, &address, &size), 0);
	assert_int_equal(address, 0x10000000);
	assert_int_equal(size, 0x100);
	assert_int_equal(tree_reg_get(buffer, serial, 1, &address, &size), 0);
	assert_int_equal(address, UINT64_C(0x120000000));
	assert_int_equal(size, UINT64_C(0x200000003));
	assert_int_equal(tree_reg_get(buffer, serial, 1, NULL, NULL), 0);
	assert_int_equal(tree_reg_get(buffer, serial, 2, &address, &size), -ENOENT);
	assert_int_equal(tree_reg_get(buffer, serial, UINT32_MAX, &address, &size), -ENOENT);
	assert_int_equal(tree_reg_get(buffer, node("/controller"), 0, &address, &size), -ENOENT);
	assert_int_equal(tree_reg_get(buffer, node("/controller/channel@5"), 0, &address, &size),
			 0);
	assert_int_equal(address, 5);
	assert_int_equal(size, 0);
	assert_int_equal(tree_reg_get(buffer, node("/pci/device@0"), 0, &address, &size), -EINVAL);
	assert_int_equal(tree_reg_get(buffer, 0, 0, &address, &size), -ENOENT);
	assert_int_equal(tree_reg_get(buffer, 1, 0, &address, &size), -EINVAL);
}

/* A `reg` that is no whole number of entries. */
static void test_reg_sizes(void **state)
{
	static const uint8_t zeros[64];

	(void)state;
	for (int length = 0; length <= 64; length++) {
		uint8_t copy[TREE_SIZE] __attribute__((aligned(8)));
		uint64_t address, size;
		int offset;

		tree_make();
		require(fdt_open_into(buffer, copy, sizeof(copy)));
		offset = fdt_path_offset(copy, "/serial@10000000");
		require(fdt_setprop(copy, offset, "reg", zeros, length));
		assert_int_equal(tree_reg_get(copy, offset, 0, &address, &size),
				 length % 16 != 0 ? -EINVAL :
				 length == 0	  ? -ENOENT :
						    0);
	}
}

static void test_cells(void **state)
{
	uint32_t value;
	uint64_t wide;
	int serial;

	(void)state;
	tree_make();
	serial = node("/serial@10000000");
	assert_int_equal(tree_u32_get(buffer, serial, "interrupts", &value), 0);
	assert_int_equal(value, 10);
	assert_int_equal(tree_u32_get(buffer, serial, "clock-frequency", &value), -EINVAL);
	assert_int_equal(tree_u32_get(buffer, serial, "odd", &value), -EINVAL);
	assert_int_equal(tree_u32_get(buffer, serial, "empty", &value), -EINVAL);
	assert_int_equal(tree_u32_get(buffer, serial, "absent", &value), -ENOENT);
	assert_int_equal(tree_u64_get(buffer, serial, "clock-frequency", &wide), 0);
	assert_int_equal(wide, UINT64_C(0x123456789a));
	assert_int_equal(tree_u64_get(buffer, serial, "interrupts", &wide), 0);
	assert_int_equal(wide, 10);
	assert_int_equal(tree_u64_get(buffer, serial, "reg", &wide), -EINVAL);
	assert_int_equal(tree_u64_get(buffer, serial, "empty", &wide), -EINVAL);
	assert_int_equal(tree_cell_count(buffer, serial, "interrupts-extended"), 4);
	assert_int_equal(tree_cell_count(buffer, serial, "empty"), 0);
	assert_int_equal(tree_cell_count(buffer, serial, "odd"), -EINVAL);
	assert_int_equal(tree_cell_count(buffer, serial, "absent"), -ENOENT);
	assert_int_equal(tree_cell_get(buffer, serial, "interrupts-extended", 1, &value), 0);
	assert_int_equal(value, 42);
	assert_int_equal(tree_cell_get(buffer, serial, "interrupts-extended", 4, &value), -ENOENT);
	assert_int_equal(tree_cell_get(buffer, serial, "odd", 0, &value), -EINVAL);
	assert_int_equal(tree_u32_get(buffer, 3, "interrupts", &value), -EINVAL);
}

static void test_phandles(void **state)
{
	int serial;

	(void)state;
	tree_make();
	serial = node("/serial@10000000");
	assert_int_equal(tree_phandle_get(buffer, serial, "interrupts-extended", 0),
			 node("/controller"));
	assert_int_equal(tree_phandle_get(buffer, serial, "interrupts-extended", 2), -EINVAL);
	assert_int_equal(tree_phandle_get(buffer, serial, "interrupts-extended", 4), -ENOENT);
	assert_int_equal(tree_phandle_get(buffer, serial, "absent", 0), -ENOENT);
	assert_int_equal(tree_phandle_get(buffer, serial, "odd", 0), -EINVAL);
}

static void test_strings(void **state)
{
	int serial, channel;

	(void)state;
	tree_make();
	serial = node("/serial@10000000");
	channel = node("/controller/channel@5");
	assert_string_equal(tree_string_get(buffer, serial, "compatible"), "ns16550a");
	assert_null(tree_string_get(buffer, serial, "absent"));
	assert_null(tree_string_get(buffer, serial, "odd"));
	assert_null(tree_string_get(buffer, serial, "empty"));
	assert_true(tree_has(buffer, serial, "empty"));
	assert_false(tree_has(buffer, serial, "absent"));
	assert_true(tree_is_enabled(buffer, serial));
	assert_true(tree_is_enabled(buffer, 0));
	assert_false(tree_is_enabled(buffer, node("/controller")));
	/* Not terminated, so not "okay". */
	assert_false(tree_is_enabled(buffer, channel));
}

static void test_paths(void **state)
{
	char path[64], shorter[8], single[1];
	int channel;

	(void)state;
	tree_make();
	channel = node("/controller/channel@5");
	tree_path_get(buffer, channel, path, sizeof(path));
	assert_string_equal(path, "/controller/channel@5");
	tree_path_get(buffer, 0, path, sizeof(path));
	assert_string_equal(path, "/");
	tree_path_get(buffer, channel, shorter, sizeof(shorter));
	assert_string_equal(shorter, "channel");
	tree_path_get(buffer, channel, single, sizeof(single));
	assert_string_equal(single, "");
	tree_path_get(buffer, 2, path, sizeof(path));
	assert_string_equal(path, "?");
	tree_path_get(buffer, channel, NULL, 0);
}

static void test_error_codes(void **state)
{
	(void)state;
	assert_int_equal(tree_error(0), 0);
	assert_int_equal(tree_error(5), 0);
	assert_int_equal(tree_error(-FDT_ERR_NOTFOUND), -ENOENT);
	assert_int_equal(tree_error(-FDT_ERR_NOSPACE), -ENOSPC);
	assert_int_equal(tree_error(-FDT_ERR_EXISTS), -EEXIST);
	assert_int_equal(tree_error(-FDT_ERR_BADSTRUCTURE), -EINVAL);
}

/* Asks everything of every property of a node; the sanitizers watch. */
static void read_node(const void *fdt, int offset)
{
	char path[32];
	int property;

	tree_path_get(fdt, offset, path, sizeof(path));
	assert_true(strlen(path) < sizeof(path));
	tree_is_enabled(fdt, offset);
	for (unsigned int i = 0; i < 4; i++) {
		uint64_t address, size;

		tree_reg_get(fdt, offset, i, &address, &size);
	}
	fdt_for_each_property_offset(property, fdt, offset) {
		const char *name, *string;
		uint32_t value;
		uint64_t wide;

		if (fdt_getprop_by_offset(fdt, property, &name, NULL) == NULL)
			continue;
		tree_u32_get(fdt, offset, name, &value);
		tree_u64_get(fdt, offset, name, &wide);
		tree_cell_get(fdt, offset, name, 1, &value);
		tree_phandle_get(fdt, offset, name, 0);
		string = tree_string_get(fdt, offset, name);
		assert_true(string == NULL || strlen(string) < TREE_SIZE);
	}
}

/* Checks the tree and, if that passes, reads all of it. */
static bool try_tree(const uint8_t *bytes, size_t size)
{
	uint8_t *copy = malloc(size == 0 ? 1 : size);
	int code, offset;

	memcpy(copy, bytes, size);
	code = tree_check(copy, size, "damaged.dtb", NULL);
	for (offset = code == 0 ? 0 : -1; offset >= 0; offset = fdt_next_node(copy, offset, NULL))
		read_node(copy, offset);
	free(copy);
	return code == 0;
}

static void test_truncated(void **state)
{
	size_t size = tree_make();

	(void)state;
	assert_true(try_tree(buffer, size));
	for (size_t cut = 0; cut < size; cut++)
		assert_false(try_tree(buffer, cut));
}

static void test_damaged_bytes(void **state)
{
	static const uint8_t values[] = { 0x00, 0x01, 0x02, 0x03, 0x04, 0x7f, 0x80, 0xff };
	size_t size = tree_make();

	(void)state;
	for (size_t i = 0; i < size; i++) {
		uint8_t former = buffer[i];

		for (size_t j = 0; j < ARRAY_SIZE(values); j++) {
			buffer[i] = values[j];
			try_tree(buffer, size);
		}
		buffer[i] = former;
	}
}

static void test_damaged_randomly(void **state)
{
	uint64_t seed = 77;
	unsigned int accepted = 0;

	(void)state;
	for (unsigned int round = 0; round < 10000; round++) {
		size_t size = tree_make();

		for (unsigned int i = 0; i < 1 + round % 5; i++) {
			size_t at = sequence_below(&seed, size);

			buffer[at] = sequence_below(&seed, 2) ? (uint8_t)sequence_next(&seed) :
								buffer[sequence_below(&seed, size)];
		}
		accepted += try_tree(buffer, size);
	}
	/* Damage in values is none to the form: otherwise nothing was read here. */
	assert_true(accepted > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_reg),
		cmocka_unit_test(test_reg_sizes),
		cmocka_unit_test(test_cells),
		cmocka_unit_test(test_phandles),
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_error_codes),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_damaged_bytes),
		cmocka_unit_test(test_damaged_randomly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

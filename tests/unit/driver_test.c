// SPDX-License-Identifier: BSD-2-Clause
/*
 * Who gets which device: the host's drivers by the tree, the host's console, guests' serial lines.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <libfdt.h>

#include <corbel/driver.h>
#include <corbel/guest.h>
#include <corbel/host_serial.h>
#include <corbel/serial.h>
#include <corbel/tree.h>
#include <fake.h>

/* ---- drivers: each notes what it was offered ---- */

static char probed[512];

static int note_probe(const char *driver, const void *fdt, int node)
{
	char path[64];

	tree_path_get(fdt, node, path, sizeof(path));
	strcat(probed, driver);
	strcat(probed, path);
	strcat(probed, " ");
	return 0;
}

static int serial_probe(const void *fdt, int node)
{
	return note_probe("serial:", fdt, node);
}

static int controller_probe(const void *fdt, int node)
{
	return note_probe("controller:", fdt, node);
}

static int generic_probe(const void *fdt, int node)
{
	return note_probe("generic:", fdt, node);
}

static int broken_probe(const void *fdt, int node)
{
	note_probe("broken:", fdt, node);
	return -EIO;
}

static const char *const serial_names[] = { "test,uart", "test,old-uart", NULL };
static const char *const controller_names[] = { "test,controller", NULL };
static const char *const generic_names[] = { "test,generic", NULL };
static const char *const broken_names[] = { "test,broken", NULL };

static const struct driver serial_driver = {
	.name = "serial",
	.class = DRIVER_SERIAL,
	.compatible = serial_names,
	.probe = serial_probe,
};
DRIVER_REGISTER(serial_driver);

static const struct driver generic_driver = {
	.name = "generic",
	.class = DRIVER_OTHER,
	.compatible = generic_names,
	.probe = generic_probe,
};
DRIVER_REGISTER(generic_driver);

static const struct driver broken_driver = {
	.name = "broken",
	.class = DRIVER_OTHER,
	.compatible = broken_names,
	.probe = broken_probe,
};
DRIVER_REGISTER(broken_driver);

static const struct driver controller_driver = {
	.name = "controller",
	.class = DRIVER_INTERRUPT_CONTROLLER,
	.compatible = controller_names,
	.probe = controller_probe,
};
DRIVER_REGISTER(controller_driver);

static uint8_t tree[4096] __attribute__((aligned(8)));

static void add_node(const char *name, const char *compatible, int length, const char *status)
{
	assert_int_equal(fdt_begin_node(tree, name), 0);
	assert_int_equal(fdt_property(tree, "compatible", compatible, length), 0);
	if (status != NULL)
		assert_int_equal(fdt_property_string(tree, "status", status), 0);
	assert_int_equal(fdt_property(tree, "reg", "\0\0\x10\0\0\0\0\x10", 8), 0);
}

static void end_node(void)
{
	assert_int_equal(fdt_end_node(tree), 0);
}

#define NODE(name, compatible, status) add_node(name, compatible, sizeof(compatible), status)

static void tree_make(void)
{
	assert_int_equal(fdt_create(tree, sizeof(tree)), 0);
	assert_int_equal(fdt_finish_reservemap(tree), 0);
	assert_int_equal(fdt_begin_node(tree, ""), 0);
	assert_int_equal(fdt_property_u32(tree, "#address-cells", 1), 0);
	assert_int_equal(fdt_property_u32(tree, "#size-cells", 1), 0);
	NODE("first@1000", "test,new-uart\0test,old-uart\0test,generic", NULL);
	end_node();
	NODE("off@1000", "test,uart", "disabled");
	end_node();
	NODE("nobody@1000", "test,unknown", NULL);
	NODE("inside@1000", "test,generic", "okay");
	end_node();
	end_node();
	NODE("bad@1000", "test,broken", NULL);
	end_node();
	NODE("pic@1000", "test,controller", NULL);
	end_node();
	assert_int_equal(fdt_begin_node(tree, "odd"), 0);
	assert_int_equal(fdt_property(tree, "compatible", "test,uart", 9), 0); /* not terminated */
	end_node();
	end_node();
	assert_int_equal(fdt_finish(tree), 0);
}

static char printed[1024];

static void print_to_buffer(struct printer *printer, const char *text, size_t length)
{
	(void)printer;
	strncat(printed, text, length);
}

static void test_drivers(void **state)
{
	struct printer printer = { .write = print_to_buffer };

	(void)state;
	drivers_probe();
	assert_string_equal(probed, "");
	tree_make();
	host_tree_set(tree);
	assert_ptr_equal(host_tree(), tree);
	fake_console_reset();
	drivers_probe();
	assert_string_equal(probed, "controller:/pic@1000 serial:/first@1000 "
				    "generic:/nobody@1000/inside@1000 broken:/bad@1000 ");
	assert_non_null(
		strstr(fake_console_text(), "/bad@1000: driver broken: input/output error"));
	drivers_print(&printer);
	assert_non_null(
		strstr(printed, "/pic@1000                        controller       0x1000"));
	assert_non_null(strstr(printed, "/first@1000"));
	assert_null(strstr(printed, "/bad@1000"));
}

/* ---- the host's console ---- */

static void test_host_serial(void **state)
{
	struct host_serial first = { .name = "first" }, second = { .name = "second" };

	(void)state;
	assert_null(host_serial_get());
	assert_int_equal(host_serial_register(&first), 0);
	assert_int_equal(host_serial_register(&second), -EBUSY);
	assert_ptr_equal(host_serial_get(), &first);
}

/* ---- guests' serial lines ---- */

/* Takes all but one byte. */
static size_t peer_output(struct serial_line *line, const uint8_t *bytes, size_t count)
{
	(void)line;
	assert_memory_equal(bytes, "abc", count);
	return count - 1;
}

static const struct serial_peer_ops peer_ops = { .output = peer_output };
static unsigned int detached;

static int test_attach(struct serial_line *line, struct error *error)
{
	if (line->peer_data != NULL)
		return error_set(error, -ENOMEM, "%s: refused", line->name);
	line->peer = &peer_ops;
	return 0;
}

static void test_detach(struct serial_line *line)
{
	assert_ptr_equal(line->peer, &peer_ops);
	detached++;
}

static const struct serial_backend test_backend = {
	.name = "test",
	.attach = test_attach,
	.detach = test_detach,
};
SERIAL_BACKEND_REGISTER(test_backend);

static void test_serial_lines(void **state)
{
	static struct guest guest = { .tree_file = "/a.dtb" };
	struct serial_line line = { .name = "serial@1", .guest = &guest };
	struct error error = { "" };

	(void)state;
	serial_line_detach(&line);
	assert_int_equal(serial_line_attach(&line, "paper", &error), -ENOENT);
	assert_string_equal(error.text,
			    "/a.dtb: node serial@1: corbel,backend names \"paper\", and "
			    "there is no such back end of serial lines");
	assert_null(line.peer);
	assert_int_equal(serial_line_attach(&line, "test", NULL), 0);
	assert_ptr_equal(line.peer, &peer_ops);
	assert_int_equal(serial_debug_write(&guest, (const uint8_t *)"abc", 3), 2);
	serial_line_detach(&line);
	assert_int_equal(detached, 1);
	assert_null(line.peer);
	assert_int_equal(serial_debug_write(&guest, (const uint8_t *)"abc", 3), 3);
	serial_line_detach(&line);
	assert_int_equal(detached, 1);
	error.text[0] = '\0';
	line.peer_data = &error;
	assert_int_equal(serial_line_attach(&line, "test", &error), -ENOMEM);
	assert_string_equal(error.text, "serial@1: refused");
	assert_null(line.peer);
	serial_line_detach(&line);
	assert_int_equal(detached, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_drivers),
		cmocka_unit_test(test_host_serial),
		cmocka_unit_test(test_serial_lines),
	};

	return cmocka_run_group_tests(tests, fake_memory_setup, NULL);
}

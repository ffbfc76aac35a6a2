// SPDX-License-Identifier: BSD-2-Clause
/*
 * Guests' trees: everything that may be wrong with one or with the files that it names, each with
 * the sentence that a person gets and with nothing left behind; then what is right.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <libfdt.h>

#include <corbel/cpu.h>
#include <corbel/guest.h>
#include <corbel/object.h>
#include <corbel/page.h>
#include <corbel/thread.h>
#include <corbel/tree.h>
#include <fake.h>
#include <fake_bundle.h>
#include <fake_guest.h>
#include <fake_machine.h>
#include <fake_vdev.h>
#include "account.h"
#include "bodies.h"

#define TREE "/guest.dtb"

static void *fdt;
static struct fake_image kernel;
static struct error error;

/* ---- making a guest from the tree and files as they are ---- */

static void bundle_make(const void *tree, size_t tree_size)
{
	fake_bundle_begin();
	fake_bundle_add("guest.dtb", tree, tree_size);
	fake_bundle_add("kernel", &kernel, sizeof(kernel));
	fake_bundle_add("short", &kernel, 12);
	fake_bundle_add("raw", "raw", 4);
	fake_bundle_add("empty", "", 0);
	fake_bundle_mount();
}

static int setup(void **state)
{
	(void)state;
	fdt = fake_tree_begin();
	kernel = (struct fake_image){ .magic = FAKE_IMAGE_MAGIC,
				      .alignment = KIB(64),
				      .offset = KIB(64),
				      .memory_size = KIB(128),
				      .entry_offset = 8 };
	fake_tree_complete_result = 0;
	fake_device_create_result = 0;
	fake_gmem_limit = UINT64_C(1) << 40;
	memset(&error, 0, sizeof(error));
	return 0;
}

/* ---- changing the tree ---- */

static void set_u32(const char *path, const char *property, uint32_t value)
{
	assert_int_equal(fdt_setprop_u32(fdt, fake_tree_node(fdt, path), property, value), 0);
}

static void set_u64(const char *path, const char *property, uint64_t value)
{
	assert_int_equal(fdt_setprop_u64(fdt, fake_tree_node(fdt, path), property, value), 0);
}

static void set_bytes(const char *path, const char *property, const char *bytes, size_t size)
{
	assert_int_equal(fdt_setprop(fdt, fake_tree_node(fdt, path), property, bytes, (int)size),
			 0);
}

static void set_text(const char *path, const char *property, const char *text)
{
	set_bytes(path, property, text, strlen(text) + 1);
}

static void filler_add(size_t size)
{
	void *place;

	assert_int_equal(fdt_setprop_placeholder(fdt, 0, "filler", (int)size, &place), 0);
	memset(place, 0x55, size);
}

static void node_remove(const char *path)
{
	assert_int_equal(fdt_del_node(fdt, fake_tree_node(fdt, path)), 0);
}

static void property_remove(const char *path, const char *property)
{
	assert_int_equal(fdt_delprop(fdt, fake_tree_node(fdt, path), property), 0);
}

static void node_add(const char *parent, const char *name)
{
	assert_true(fdt_add_subnode(fdt, fake_tree_node(fdt, parent), name) >= 0);
}

static void ram_set(uint64_t address, uint64_t size)
{
	const uint64_t pair[] = { address, size };

	fake_tree_reg_set(fdt, "/memory@80000000", pair, 1);
}

static void device_set(uint64_t address, uint64_t size)
{
	const uint64_t pair[] = { address, size };

	fake_tree_reg_set(fdt, "/soc/device@2000", pair, 1);
}

static void file_add(const char *name, const char *file, uint64_t address)
{
	char path[64];

	if (fdt_path_offset(fdt, "/corbel,files") < 0)
		node_add("/", "corbel,files");
	node_add("/corbel,files", name);
	(void)snprintf(path, sizeof(path), "/corbel,files/%s", name);
	set_text(path, "corbel,file", file);
	set_u64(path, "corbel,address", address);
}

/* ---- what may be wrong ---- */

static void name_empty(void)
{
	set_text("/", "corbel,name", "");
}

static void name_blank(void)
{
	set_text("/", "corbel,name", "two words");
}

static void name_long(void)
{
	set_text("/", "corbel,name", "12345678901234567890123456789012");
}

static void name_unterminated(void)
{
	set_bytes("/", "corbel,name", "abc", 3);
}

static void priority_idle(void)
{
	set_u32("/", "corbel,priority", 0);
}

static void priority_of_services(void)
{
	set_u32("/", "corbel,priority", THREAD_PRIORITY_SERVICE);
}

static void on_crash_unknown(void)
{
	set_text("/", "corbel,on-crash", "reboot");
}

static void on_crash_malformed(void)
{
	set_u32("/", "corbel,on-crash", 1);
}

static void on_crash_empty(void)
{
	set_bytes("/", "corbel,on-crash", "", 0);
}

static void priority_malformed(void)
{
	set_bytes("/", "corbel,priority", "ab", 2);
}

static void affinity_beyond_host(void)
{
	set_u32("/", "corbel,affinity", 7);
}

static void affinity_empty(void)
{
	set_bytes("/cpus/cpu@1", "corbel,affinity", "", 0);
}

static void cpus_missing(void)
{
	node_remove("/cpus");
}

static void cpus_none_enabled(void)
{
	set_text("/cpus/cpu@0", "status", "disabled");
	set_text("/cpus/cpu@1", "status", "disabled");
}

static void cpus_out_of_order(void)
{
	set_u32("/cpus/cpu@0", "reg", 1);
}

static void cpu_without_reg(void)
{
	property_remove("/cpus/cpu@0", "reg");
}

static void cpus_too_many(void)
{
	for (uint32_t i = GUEST_VCPU_MAX + 1; i-- > 0;) {
		char name[32], path[64];

		(void)snprintf(name, sizeof(name), "many@%x", i);
		(void)snprintf(path, sizeof(path), "/cpus/many@%x", i);
		node_add("/cpus", name);
		set_text(path, "device_type", "cpu");
		set_u32(path, "reg", i);
	}
	node_remove("/cpus/cpu@0");
	node_remove("/cpus/cpu@1");
}

static void memory_missing(void)
{
	node_remove("/memory@80000000");
}

static void memory_disabled(void)
{
	set_text("/memory@80000000", "status", "disabled");
}

static void memory_without_reg(void)
{
	property_remove("/memory@80000000", "reg");
}

static void memory_reg_malformed(void)
{
	set_bytes("/memory@80000000", "reg", "123456789abc", 12);
}

static void memory_reg_cells_malformed(void)
{
	set_u32("/", "#address-cells", 9);
}

static void memory_empty(void)
{
	ram_set(FAKE_TREE_RAM, 0);
}

static void memory_wraps(void)
{
	ram_set(UINT64_MAX & ~UINT64_C(0xfff), 0x2000);
}

static void memory_unaligned(void)
{
	ram_set(FAKE_TREE_RAM + 0x800, MIB(1));
}

static void memory_beyond_limit(void)
{
	fake_gmem_limit = FAKE_TREE_RAM + MIB(2);
}

static void memory_too_much(void)
{
	ram_set(FAKE_TREE_RAM, GIB(4));
}

static void memory_overlaps_itself(void)
{
	const uint64_t pairs[] = { FAKE_TREE_RAM, MIB(2), FAKE_TREE_RAM + MIB(1), MIB(2) };

	fake_tree_reg_set(fdt, "/memory@80000000", pairs, 2);
}

static void device_in_memory(void)
{
	device_set(FAKE_TREE_RAM + MIB(1) + 4, 4);
}

static void device_around_memory(void)
{
	device_set(FAKE_TREE_RAM - 4, MIB(16));
}

static void devices_overlap(void)
{
	device_set(0x1ffc, 8);
}

static void devices_same_place(void)
{
	device_set(0x1000, 0x1000);
}

static void device_beyond_limit(void)
{
	device_set(fake_gmem_limit, 0x1000);
}

static void device_empty(void)
{
	device_set(0x2000, 0);
}

static void device_unknown(void)
{
	set_text("/soc/device@2000", "compatible", "acme,gpu");
}

static void device_without_compatible(void)
{
	property_remove("/soc/device@2000", "compatible");
}

static void device_passthrough(void)
{
	set_bytes("/soc/device@2000", "corbel,passthrough", "", 0);
}

static void device_refuses(void)
{
	fake_device_create_result = -ENOMEM;
}

static void device_irq_parent_wrong(void)
{
	set_u32("/soc/device@2000", "interrupt-parent", 55);
}

static void bus_translates(void)
{
	set_bytes("/soc", "ranges", "0123456789abcdef01234567", 24);
}

static void bus_without_ranges(void)
{
	property_remove("/soc", "ranges");
}

static void too_many_regions(void)
{
	uint64_t pairs[2 * (GUEST_REGION_MAX + 1)];

	for (unsigned int i = 0; i <= GUEST_REGION_MAX; i++) {
		pairs[2 * i] = 0x100000 + 32 * i;
		pairs[2 * i + 1] = 4;
	}
	fake_tree_reg_set(fdt, "/soc/device@2000", pairs, GUEST_REGION_MAX + 1);
}

static void chosen_missing(void)
{
	node_remove("/chosen");
}

static void rom_unaligned(void)
{
	fake_tree_node_add(fdt, "/", "rom@100000", "mtd-rom", 0x100010, 0x1000);
}

static void rom_in_ram(void)
{
	fake_tree_node_add(fdt, "/", "rom@100000", "mtd-rom", FAKE_TREE_RAM, 0x1000);
}

/* There it is a device, and there is none like it. */
static void rom_on_a_bus(void)
{
	fake_tree_node_add(fdt, "/soc", "rom@100000", "mtd-rom", 0x100000, 0x1000);
}

static void kernel_not_named(void)
{
	property_remove("/chosen", "corbel,kernel");
}

static void kernel_file_missing(void)
{
	set_text("/chosen", "corbel,kernel", "/vmlinuz");
}

static void kernel_malformed(void)
{
	kernel.alignment = 3;
}

static void kernel_truncated(void)
{
	set_text("/chosen", "corbel,kernel", "/short");
}

static void kernel_without_header(void)
{
	set_text("/chosen", "corbel,kernel", "/raw");
}

static void kernel_empty(void)
{
	set_text("/chosen", "corbel,kernel", "/empty");
}

static void kernel_too_big(void)
{
	kernel.memory_size = MIB(35);
}

static void kernel_absurd(void)
{
	kernel.memory_size = UINT64_MAX - 5;
	kernel.offset = UINT64_MAX - 5;
	kernel.alignment = UINT64_C(1) << 63;
}

static void kernel_raw_outside(void)
{
	set_text("/chosen", "corbel,kernel", "/raw");
	set_u32("/chosen", "corbel,kernel-address", 0x1000);
}

static void kernel_raw_wraps(void)
{
	set_text("/chosen", "corbel,kernel", "/raw");
	set_u64("/chosen", "corbel,kernel-address", UINT64_MAX);
}

static void kernel_address_malformed(void)
{
	set_bytes("/chosen", "corbel,kernel-address", "123456789abc", 12);
}

static void kernel_address_unaligned(void)
{
	set_u64("/chosen", "corbel,kernel-address", FAKE_TREE_RAM + KIB(4));
}

static void initrd_missing(void)
{
	set_text("/chosen", "corbel,initrd", "/ramdisk");
}

static void initrd_unterminated(void)
{
	set_bytes("/chosen", "corbel,initrd", "abc", 3);
}

static void initrd_overlaps_kernel(void)
{
	kernel.memory_size = FAKE_TREE_RAM_SIZE - KIB(64) - KIB(4);
	set_text("/chosen", "corbel,initrd", "/kernel");
}

static void ram_for_no_tree(void)
{
	set_text("/chosen", "corbel,kernel", "/raw");
	set_u64("/chosen", "corbel,kernel-address", FAKE_TREE_RAM);
	ram_set(FAKE_TREE_RAM, KIB(4));
	filler_add(KIB(6));
}

static void ram_for_no_initrd(void)
{
	set_text("/chosen", "corbel,initrd", "/guest.dtb");
	filler_add(KIB(6));
	kernel = (struct fake_image){ .magic = FAKE_IMAGE_MAGIC, .alignment = 1 };
	ram_set(FAKE_TREE_RAM, KIB(12));
}

static void tree_overlaps_kernel(void)
{
	kernel.memory_size = FAKE_TREE_RAM_SIZE - KIB(64);
}

static void file_missing(void)
{
	file_add("data", "/nowhere", FAKE_TREE_RAM);
}

static void file_without_address(void)
{
	file_add("data", "/raw", 0);
	property_remove("/corbel,files/data", "corbel,address");
}

static void file_without_name(void)
{
	file_add("data", "/raw", FAKE_TREE_RAM);
	property_remove("/corbel,files/data", "corbel,file");
}

static void file_outside(void)
{
	file_add("data", "/raw", FAKE_TREE_RAM + FAKE_TREE_RAM_SIZE - 2);
}

static void file_overlaps_kernel(void)
{
	file_add("data", "/raw", FAKE_TREE_RAM + KIB(66));
}

static void files_overlap(void)
{
	file_add("one", "/raw", FAKE_TREE_RAM + 4);
	file_add("two", "/kernel", FAKE_TREE_RAM + 7);
}

static void files_too_many(void)
{
	char name[16];

	for (unsigned int i = 0; i < 33; i++) {
		(void)snprintf(name, sizeof(name), "file%u", i);
		file_add(name, "/raw", FAKE_TREE_RAM + 8 * i);
	}
}

static void port_refuses_tree(void)
{
	fake_tree_complete_result = -ENOSPC;
}

struct broken {
	const char *name;
	void (*spoil)(void);
	int code;
	const char *parts[3]; /* of the sentence, besides the file's name */
};

#define BROKEN(spoil, code, ...)                      \
	{                                             \
#spoil, spoil, code, { __VA_ARGS__ }, \
	}

static const struct broken broken_trees[] = {
	BROKEN(name_empty, -EINVAL, "corbel,name", "1 to 31"),
	BROKEN(name_blank, -EINVAL, "corbel,name", "blanks"),
	BROKEN(name_long, -EINVAL, "corbel,name"),
	BROKEN(name_unterminated, -EINVAL, "corbel,name"),
	BROKEN(priority_idle, -EINVAL, "corbel,priority is 0", "1 to 15"),
	BROKEN(priority_of_services, -EINVAL, "corbel,priority is 16"),
	BROKEN(priority_malformed, -EINVAL, "corbel,priority must be one cell"),
	BROKEN(on_crash_unknown, -EINVAL, "node /: corbel,on-crash must be ",
	       "\"halt\", \"restart\" or \"destroy\""),
	BROKEN(on_crash_malformed, -EINVAL, "node /: corbel,on-crash must be "),
	BROKEN(on_crash_empty, -EINVAL, "node /: corbel,on-crash must be "),
	BROKEN(affinity_beyond_host, -EINVAL, "corbel,affinity names CPU 7", "0 to 0"),
	BROKEN(affinity_empty, -EINVAL, "node /cpus/cpu@1", "corbel,affinity"),
	BROKEN(cpus_missing, -EINVAL, "/cpus"),
	BROKEN(cpus_none_enabled, -EINVAL, "node /cpus", "device_type"),
	BROKEN(cpus_out_of_order, -EINVAL, "node /cpus/cpu@0", "reg must be 0"),
	BROKEN(cpu_without_reg, -EINVAL, "node /cpus/cpu@0", "reg must be 0"),
	BROKEN(cpus_too_many, -EINVAL, "node /cpus/many@20", "32 VCPUs"),
	BROKEN(memory_missing, -EINVAL, "device_type = \"memory\""),
	BROKEN(memory_disabled, -EINVAL, "device_type = \"memory\""),
	BROKEN(memory_without_reg, -EINVAL, "node /memory@80000000", "reg is missing"),
	BROKEN(memory_reg_malformed, -EINVAL, "node /memory@80000000", "reg"),
	BROKEN(memory_reg_cells_malformed, -EINVAL, "node /memory@80000000", "reg"),
	BROKEN(memory_empty, -EINVAL, "node /memory@80000000", "reg entry 0", "empty"),
	BROKEN(memory_wraps, -EINVAL, "node /memory@80000000", "wraps around"),
	BROKEN(rom_unaligned, -EINVAL, "node /rom@100000", "0x100010",
	       "of ROM must be whole pages"),
	BROKEN(rom_in_ram, -EINVAL, "overlaps", "/memory@80000000"),
	BROKEN(rom_on_a_bus, -ENOENT, "node /soc/rom@100000"),
	BROKEN(memory_unaligned, -EINVAL, "node /memory@80000000", "0x80000800", "whole pages"),
	BROKEN(memory_beyond_limit, -ERANGE, "node /memory@80000000", "beyond 0x80200000"),
	BROKEN(memory_too_much, -ENOMEM, "needs 4096 MiB", "MiB are free"),
	BROKEN(memory_overlaps_itself, -EINVAL, "reg entry 1 (0x80100000)",
	       "overlaps entry 0 of /memory@80000000"),
	BROKEN(device_in_memory, -EINVAL, "node /soc/device@2000", "overlaps entry 0 of /memory@"),
	BROKEN(device_around_memory, -EINVAL, "node /soc/device@2000", "of /memory@80000000"),
	BROKEN(devices_overlap, -EINVAL, "node /soc/controller@1000: reg entry 0 (0x1000)",
	       "overlaps entry 0 of /soc/device@2000 (0x1ffc)"),
	BROKEN(devices_same_place, -EINVAL, "/soc/device@2000", "/soc/controller@1000"),
	BROKEN(device_beyond_limit, -ERANGE, "node /soc/device@2000", "beyond 0x10000000000"),
	BROKEN(device_empty, -EINVAL, "node /soc/device@2000", "reg entry 0", "empty"),
	BROKEN(device_unknown, -ENOENT, "node /soc/device@2000",
	       "no virtual device for compatible \"acme,gpu\""),
	BROKEN(device_without_compatible, -EINVAL, "node /soc/device@2000", "no compatible"),
	BROKEN(device_passthrough, -EINVAL, "node /soc/device@2000", "corbel,passthrough",
	       "host's tree"),
	BROKEN(device_refuses, -ENOMEM, "node /soc/controller@1000", "test-controller"),
	BROKEN(device_irq_parent_wrong, -EINVAL, "node /soc/device@2000", "interrupt-parent"),
	BROKEN(bus_translates, -EINVAL, "node /soc", "ranges"),
	BROKEN(bus_without_ranges, -EINVAL, "node /soc", "ranges"),
	BROKEN(too_many_regions, -ENOSPC, "node /soc/device@2000", "more than 256"),
	BROKEN(chosen_missing, -EINVAL, "/chosen", "corbel,kernel"),
	BROKEN(kernel_not_named, -EINVAL, "node /chosen", "corbel,kernel must be"),
	BROKEN(kernel_file_missing, -ENOENT, "node /chosen", "corbel,kernel names /vmlinuz"),
	BROKEN(kernel_malformed, -EINVAL, "node /chosen", "corbel,kernel", "no power of two"),
	BROKEN(kernel_truncated, -EINVAL, "node /chosen", "/short", "cut short"),
	BROKEN(kernel_without_header, -ENOEXEC, "/raw", "corbel,kernel-address"),
	BROKEN(kernel_empty, -ENOEXEC, "/empty", "corbel,kernel-address"),
	BROKEN(kernel_too_big, -E2BIG, "the kernel /kernel needs 36 MiB", "the guest has 4 MiB"),
	BROKEN(kernel_absurd, -E2BIG, "the kernel /kernel needs", "the guest has 4 MiB"),
	BROKEN(kernel_raw_outside, -EINVAL, "kernel /raw (0x1000", "RAM"),
	BROKEN(kernel_raw_wraps, -EINVAL, "kernel /raw (0xffffffffffffffff", "RAM"),
	BROKEN(kernel_address_malformed, -EINVAL, "corbel,kernel-address must be"),
	BROKEN(kernel_address_unaligned, -EINVAL, "corbel,kernel-address", "multiple of 0x10000"),
	BROKEN(initrd_missing, -ENOENT, "node /chosen", "corbel,initrd names /ramdisk"),
	BROKEN(initrd_unterminated, -EINVAL, "node /chosen", "corbel,initrd must be"),
	BROKEN(initrd_overlaps_kernel, -EINVAL, "the initrd /kernel", "the kernel /kernel"),
	BROKEN(ram_for_no_tree, -E2BIG, "the tree needs 1 MiB", "0 MiB are left"),
	BROKEN(ram_for_no_initrd, -E2BIG, "the initrd /guest.dtb needs 1 MiB", "0 MiB are left"),
	BROKEN(tree_overlaps_kernel, -EINVAL, "the tree", "overlaps the kernel /kernel"),
	BROKEN(file_missing, -ENOENT, "node /corbel,files/data", "corbel,file names /nowhere"),
	BROKEN(file_without_address, -EINVAL, "node /corbel,files/data", "corbel,address"),
	BROKEN(file_without_name, -EINVAL, "node /corbel,files/data", "corbel,file must be"),
	BROKEN(file_outside, -EINVAL, "the file /raw (0x803ffffe", "RAM"),
	BROKEN(file_overlaps_kernel, -EINVAL, "the file /raw", "the kernel /kernel"),
	BROKEN(files_overlap, -EINVAL, "the file /raw", "overlaps the file /kernel"),
	BROKEN(files_too_many, -EINVAL, "node /corbel,files", "32 files"),
	BROKEN(port_refuses_tree, -ENOSPC, "the fake port refuses"),
};

static void broken_body(void *argument)
{
	const struct broken *broken = argument;
	struct account before;
	struct guest *guest = NULL;

	broken->spoil();
	bundle_make(fdt, fdt_totalsize(fdt));
	account_take(&before);
	assert_int_equal(guest_create(TREE, &guest, &error), broken->code);
	assert_null(guest);
	assert_nothing_leaked(&before);
	assert_null(guest_find("guest"));
	for (unsigned int i = 0; i < ARRAY_SIZE(broken->parts); i++)
		if (broken->parts[i] != NULL && strstr(error.text, broken->parts[i]) == NULL)
			fail_msg("no \"%s\" in: %s", broken->parts[i], error.text);
	if (broken->spoil != port_refuses_tree && strstr(error.text, TREE) == NULL)
		fail_msg("no file in: %s", error.text);
	/* Cut off, a sentence could lack what is right. */
	assert_in_range(strlen(error.text), 10, ERROR_TEXT_SIZE - 2);
}

/* ---- files that are no trees ---- */

static int create_and_destroy(void)
{
	struct guest *guest = NULL;
	int result;

	error.text[0] = '\0';
	result = guest_create(TREE, &guest, &error);
	if (result == 0) {
		assert_int_equal(guest_destroy(guest, NULL), 0);
		guest_release(guest);
	} else {
		assert_true(error.text[0] != '\0');
	}
	return result;
}

static void no_such_file(void *argument)
{
	struct account before;

	(void)argument;
	bundle_make(fdt, fdt_totalsize(fdt));
	account_take(&before);
	assert_int_equal(guest_create("/other.dtb", NULL, &error), -ENOENT);
	assert_string_equal(error.text, "there is no file /other.dtb in the bundle");
	assert_nothing_leaked(&before);
}

static void no_tree(void *argument)
{
	struct account before;

	(void)argument;
	bundle_make("This is a text and no device tree, whatever its name says.", 58);
	account_take(&before);
	assert_int_equal(create_and_destroy(), -EINVAL);
	assert_non_null(strstr(error.text, TREE ": not a well-formed device tree"));
	bundle_make("", 0);
	assert_int_equal(create_and_destroy(), -EINVAL);
	assert_string_equal(error.text, TREE ": the file is empty");
	assert_nothing_leaked(&before);
}

static void truncated_trees(void *argument)
{
	struct account before;
	size_t size;

	(void)argument;
	assert_int_equal(fdt_pack(fdt), 0);
	size = fdt_totalsize(fdt);
	account_take(&before);
	for (size_t cut = 1; cut < size; cut++) {
		bundle_make(fdt, cut);
		assert_int_equal(create_and_destroy(), -EINVAL);
		assert_non_null(strstr(error.text, "not a well-formed device tree"));
	}
	assert_nothing_leaked(&before);
}

/* Any byte may be wrong: the guest is made or it is not, and in either case nothing is left. */
static void corrupted_trees(void *argument)
{
	static const uint8_t flips[] = { 0x01, 0x80, 0xff };
	struct account before;
	uint8_t *bytes = fdt;
	size_t size;

	(void)argument;
	assert_int_equal(fdt_pack(fdt), 0);
	size = fdt_totalsize(fdt);
	account_take(&before);
	for (size_t i = 0; i < size; i++) {
		bytes[i] ^= flips[i % ARRAY_SIZE(flips)];
		bundle_make(fdt, size);
		(void)create_and_destroy();
		bytes[i] ^= flips[i % ARRAY_SIZE(flips)];
	}
	assert_nothing_leaked(&before);
}

/* Buses in buses, far deeper than a stack would allow. */
static void deep_tree(void *argument)
{
	int node = fake_tree_node(fdt, "/soc");

	(void)argument;
	for (unsigned int i = 0; i < 700; i++) {
		node = fdt_add_subnode(fdt, node, "b");
		assert_true(node >= 0);
		assert_int_equal(fdt_setprop_empty(fdt, node, "ranges"), 0);
		assert_int_equal(fdt_setprop_string(fdt, node, "compatible", "simple-bus"), 0);
	}
	bundle_make(fdt, fdt_totalsize(fdt));
	assert_int_equal(create_and_destroy(), 0);
}

static void second_of_that_name(void *argument)
{
	struct account before, one;
	struct guest *guest;

	(void)argument;
	bundle_make(fdt, fdt_totalsize(fdt));
	account_take(&before);
	assert_int_equal(guest_create(TREE, &guest, &error), 0);
	account_take(&one);
	assert_int_equal(create_and_destroy(), -EEXIST);
	assert_string_equal(error.text, TREE ": there is a guest named guest already");
	assert_nothing_leaked(&one);
	assert_int_equal(guest_destroy(guest, NULL), 0);
	/* The name is free at once, whoever still refers to the guest. */
	assert_int_equal(create_and_destroy(), 0);
	guest_release(guest);
	assert_nothing_leaked(&before);
}

/* ---- what is right ---- */

static struct guest *create(void)
{
	struct guest *guest = NULL;

	bundle_make(fdt, fdt_totalsize(fdt));
	if (guest_create(TREE, &guest, &error) != 0)
		fail_msg("%s", error.text);
	return guest;
}

static void destroy(struct guest *guest)
{
	assert_int_equal(guest_destroy(guest, NULL), 0);
	guest_release(guest);
}

static void defaults(void *argument)
{
	struct guest *guest = create();

	(void)argument;
	assert_string_equal(guest->name, "guest");
	assert_string_equal(guest->tree_file, TREE);
	assert_int_equal(guest->state, GUEST_STOPPED);
	assert_int_equal(guest->vcpu_count, 2);
	assert_int_equal(guest->ram_bytes, FAKE_TREE_RAM_SIZE);
	assert_int_equal(guest->vcpus[1]->thread->priority, THREAD_PRIORITY_GUEST);
	assert_string_equal(guest->vcpus[1]->thread->name, "guest/1");
	assert_int_equal(fake_device_count, 2);
	destroy(guest);
}

static void everything_given(void *argument)
{
	struct guest *guest;

	(void)argument;
	set_text("/", "corbel,name", "a-b_c.1");
	set_u32("/", "corbel,priority", 15);
	set_u32("/", "corbel,affinity", 0);
	set_u32("/cpus/cpu@1", "corbel,affinity", 0);
	guest = create();
	assert_string_equal(guest->name, "a-b_c.1");
	assert_int_equal(guest->vcpus[0]->thread->priority, 15);
	assert_int_equal(guest->vcpus[0]->thread->affinity, 1);
	assert_int_equal(guest->vcpus[1]->thread->affinity, 1);
	destroy(guest);
}

static void passive_and_disabled_nodes(void *argument)
{
	struct guest *guest;

	(void)argument;
	node_add("/", "poweroff");
	set_text("/poweroff", "compatible", "syscon-poweroff");
	fake_tree_node_add(fdt, "/", "away@0", "acme,unknown", 0x9000, 16);
	set_text("/away@0", "status", "disabled");
	node_add("/", "bus");
	set_text("/bus", "compatible", "simple-bus");
	set_text("/bus", "status", "disabled");
	fake_tree_node_add(fdt, "/bus", "child@0", "acme,unknown", 0x9000, 16);
	node_add("/", "reserved-memory");
	fake_tree_node_add(fdt, "/reserved-memory", "hole@80000000", "", FAKE_TREE_RAM, 4096);
	guest = create();
	assert_int_equal(fake_device_count, 2);
	destroy(guest);
}

static void buses_in_buses(void *argument)
{
	struct guest *guest;

	(void)argument;
	node_add("/soc", "inner");
	set_text("/soc/inner", "compatible", "simple-bus");
	set_bytes("/soc/inner", "ranges", "", 0);
	set_u32("/soc/inner", "#address-cells", 2);
	set_u32("/soc/inner", "#size-cells", 2);
	fake_tree_node_add(fdt, "/soc/inner", "device@9000", "test,device", 0x9000, 16);
	fake_tree_node_add(fdt, "/", "device@a000", "test,device", 0xa000, 16);
	fake_tree_node_add(fdt, "/soc/device@2000", "part@0", "acme,unknown", 0x0, 16);
	guest = create();
	assert_int_equal(fake_device_count, 4);
	assert_int_equal(guest_region_find(guest, GPA(0x9008))->vdev_region, 0);
	assert_string_equal(guest_region_find(guest, GPA(0x9008))->vdev->name, "device@9000");
	assert_string_equal(guest_region_find(guest, GPA(0xa000))->vdev->name, "device@a000");
	assert_null(guest_region_find(guest, GPA(0xa010)));
	destroy(guest);
}

static void controllers_first(void *argument)
{
	struct guest *guest;

	(void)argument;
	fake_tree_node_add(fdt, "/soc", "early@0", "test,device", 0x100, 16);
	set_u32("/soc/early@0", "interrupts", 9);
	set_u32("/soc/early@0", "interrupt-parent", 1);
	guest = create();
	assert_ptr_equal(fake_device(guest, "/soc/early@0")->irq.controller,
			 &fake_device(guest, "/soc/controller@1000")->vdev);
	destroy(guest);
}

static const struct {
	const char *name;
	void (*body)(void *argument);
} right_trees[] = {
	{ "no_such_file", no_such_file },
	{ "no_tree", no_tree },
	{ "truncated_trees", truncated_trees },
	{ "corrupted_trees", corrupted_trees },
	{ "deep_tree", deep_tree },
	{ "second_of_that_name", second_of_that_name },
	{ "defaults", defaults },
	{ "everything_given", everything_given },
	{ "passive_and_disabled_nodes", passive_and_disabled_nodes },
	{ "buses_in_buses", buses_in_buses },
	{ "controllers_first", controllers_first },
};

int main(void)
{
	static struct body bodies[ARRAY_SIZE(broken_trees) + ARRAY_SIZE(right_trees)];
	static struct CMUnitTest tests[ARRAY_SIZE(bodies)];
	size_t count = 0;

	for (size_t i = 0; i < ARRAY_SIZE(broken_trees); i++, count++) {
		bodies[count] = (struct body){ broken_trees[i].name, broken_body,
					       (void *)&broken_trees[i] };
		tests[count] = body_test(&bodies[count], setup, NULL);
	}
	for (size_t i = 0; i < ARRAY_SIZE(right_trees); i++, count++) {
		bodies[count] = (struct body){ right_trees[i].name, right_trees[i].body, NULL };
		tests[count] = body_test(&bodies[count], setup, NULL);
	}
	return cmocka_run_group_tests(tests, fake_machine_setup, NULL);
}

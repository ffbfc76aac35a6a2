// SPDX-License-Identifier: BSD-2-Clause
/*
 * What of the host's RAM is used: memory nodes of all shapes, reservations of all kinds. The
 * allocator takes its ranges once, so each host is tried in a process of its own.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <libfdt.h>

#include <corbel/arch.h>
#include <corbel/host_memory.h>
#include <corbel/page.h>
#include <corbel/panic.h>
#include <corbel/tree.h>
#include <fake.h>

#define TREE_ADDRESS (FAKE_RAM_BASE + MIB(31))
#define TREE_SIZE    4096
#define IMAGE_SIZE   (MIB(1) + 5)
#define BUNDLE	     (FAKE_RAM_BASE + MIB(8))

static void require(int code)
{
	if (code != 0)
		panic("making the tree: %s", fdt_strerror(code));
}

static void add_pair(void *fdt, const char *property, uint64_t address, uint64_t size)
{
	fdt64_t cells[2] = { cpu_to_fdt64(address), cpu_to_fdt64(size) };

	require(fdt_property(fdt, property, cells, sizeof(cells)));
}

static void add_memory(void *fdt, const char *name, uint64_t address, uint64_t size)
{
	require(fdt_begin_node(fdt, name));
	require(fdt_property_string(fdt, "device_type", "memory"));
	add_pair(fdt, "reg", address, size);
	require(fdt_end_node(fdt));
}

/* A host with `size` bytes of RAM and beside them ranges that are no use. */
static void *tree_make(uint64_t size)
{
	void *fdt = arch_hpa_to_pointer(HPA(TREE_ADDRESS));

	require(fdt_create(fdt, TREE_SIZE));
	require(fdt_add_reservemap_entry(fdt, FAKE_RAM_BASE, KIB(512)));
	require(fdt_finish_reservemap(fdt));
	require(fdt_begin_node(fdt, ""));
	require(fdt_property_u32(fdt, "#address-cells", 2));
	require(fdt_property_u32(fdt, "#size-cells", 2));
	add_memory(fdt, "memory@1", FAKE_RAM_BASE + 1, size - 1);
	add_memory(fdt, "memory@2", 100, 200);
	add_memory(fdt, "memory@3", 4095, 2);
	add_memory(fdt, "memory@4", UINT64_MAX - 5000, 5001);
	add_memory(fdt, "memory@5", UINT64_MAX - 5, 2);
	add_memory(fdt, "memory@6", 0x1000, 0);
	require(fdt_begin_node(fdt, "chosen"));
	require(fdt_property_u64(fdt, "linux,initrd-start", BUNDLE));
	require(fdt_property_u64(fdt, "linux,initrd-end", BUNDLE + MIB(2) + 1));
	require(fdt_end_node(fdt));
	require(fdt_begin_node(fdt, "reserved-memory"));
	require(fdt_property_u32(fdt, "#address-cells", 2));
	require(fdt_property_u32(fdt, "#size-cells", 2));
	require(fdt_begin_node(fdt, "firmware@0"));
	add_pair(fdt, "reg", FAKE_RAM_BASE + KIB(256), KIB(768));
	require(fdt_end_node(fdt));
	require(fdt_begin_node(fdt, "placeless"));
	require(fdt_end_node(fdt));
	require(fdt_end_node(fdt));
	require(fdt_end_node(fdt));
	require(fdt_finish(fdt));
	host_tree_set(fdt);
	return fdt;
}

static int boot(uint64_t size, struct error *error)
{
	const struct boot_information information = {
		.host_tree = tree_make(size),
		.image_base = HPA(FAKE_RAM_BASE + MIB(2)),
		.image_size = IMAGE_SIZE,
	};

	return host_memory_init(&information, error);
}

static void report_total(void *argument)
{
	struct page_statistics statistics;
	struct error error = { "" };

	(void)argument;
	if (boot(MIB(32), &error) != 0)
		panic("refused: %s", error.text);
	page_statistics_get(&statistics);
	panic("%llu pages in all", (unsigned long long)statistics.total_bytes / PAGE_SIZE);
}

static void report_ranges(void *argument)
{
	uint64_t base = 0, size = 0;

	(void)argument;
	tree_make(MIB(32));
	if (host_memory_get(0, &base, &size) != 0 || host_memory_get(1, &base, &size) != -ENOENT)
		panic("not one range");
	panic("from 0x%llx, 0x%llx bytes", (unsigned long long)base, (unsigned long long)size);
}

static void report_bundle(void *argument)
{
	uint64_t base = 0, size = 0;
	int code;

	(void)argument;
	tree_make(MIB(32));
	code = host_bundle_get(&base, &size);
	panic("%d: 0x%llx, 0x%llx bytes", code, (unsigned long long)base, (unsigned long long)size);
}

static void boot_too_small(void *argument)
{
	struct error error = { "" };

	(void)argument;
	if (boot(MIB(18), &error) != -ENOMEM)
		panic("accepted");
	panic("%s", error.text);
}

/* Every free page is taken; what must be left alone is still as it was. */
static void take_everything(void *argument)
{
	struct error error = { "" };
	void *image = arch_hpa_to_pointer(HPA(FAKE_RAM_BASE + MIB(2)));
	void *bundle = arch_hpa_to_pointer(HPA(BUNDLE));
	hpa_t page;

	(void)argument;
	memset(image, 0x11, IMAGE_SIZE);
	memset(bundle, 0x22, MIB(2) + 1);
	if (boot(MIB(32), &error) != 0)
		panic("refused: %s", error.text);
	while (page_alloc_zeroed(0, PAGE_USE_OTHER, &page) == 0)
		memset(arch_hpa_to_pointer(page), 0xff, PAGE_SIZE);
	for (size_t i = 0; i < IMAGE_SIZE; i++) {
		if (((uint8_t *)image)[i] != 0x11)
			panic("the image was taken");
	}
	for (size_t i = 0; i < MIB(2) + 1; i++) {
		if (((uint8_t *)bundle)[i] != 0x22)
			panic("the bundle was taken");
	}
	if (tree_check(host_tree(), TREE_SIZE, "host", &error) != 0)
		panic("the tree was taken");
	panic("all is left");
}

static void test_ranges(void **state)
{
	(void)state;
	assert_panics(report_ranges, NULL, "from 0x80001000, 0x1fff000 bytes");
	assert_panics(report_bundle, NULL, "0: 0x80800000, 0x200001 bytes");
}

static void test_total(void **state)
{
	char expected[64];

	(void)state;
	/* 32 MiB less firmware 1 MiB, image and bundle with a page begun each, the tree. */
	(void)snprintf(expected, sizeof(expected), "%u pages in all", 8192 - 256 - 257 - 513 - 1);
	assert_panics(report_total, NULL, expected);
	assert_panics(take_everything, NULL, "all is left");
}

static void test_too_small(void **state)
{
	(void)state;
	assert_panics(boot_too_small, NULL, "of memory are free, at least 16384 KiB are needed");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_total),
		cmocka_unit_test(test_too_small),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

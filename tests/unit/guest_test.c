// SPDX-License-Identifier: BSD-2-Clause
/*
 * Guests: their memory, what they are loaded with, their life, and that nothing of them is left,
 * also when any allocation on the way fails.
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

#include <corbel/arch.h>
#include <corbel/guest.h>
#include <corbel/object.h>
#include <corbel/page.h>
#include <corbel/thread.h>
#include <corbel/time.h>
#include <fake.h>
#include <fake_bundle.h>
#include <fake_guest.h>
#include <fake_machine.h>
#include <fake_vdev.h>
#include "account.h"
#include "bodies.h"

#define TREE	     "/guest.dtb"
#define TREE_ADDRESS (FAKE_TREE_RAM + FAKE_TREE_RAM_SIZE - PAGE_SIZE)
#define KERNEL_SIZE  5000u
#define INITRD_SIZE  9000u

static void *fdt;
static union {
	struct fake_image header;
	uint8_t bytes[KERNEL_SIZE];
} kernel;
static uint8_t initrd[INITRD_SIZE];
static struct error error;

/* ---- failing allocations: the linker leads core's calls here ---- */

static unsigned int allocation_count;
static unsigned int allocation_failing; /* the number of the one that fails; 0: none */
static unsigned int guest_order_max;	/* larger blocks of guest RAM are not to be had */

static bool allocation_fails(void)
{
	return ++allocation_count == allocation_failing;
}

void *__real_object_alloc(size_t size);
void *__wrap_object_alloc(size_t size);
void *__wrap_object_alloc(size_t size)
{
	return allocation_fails() ? NULL : __real_object_alloc(size);
}

void *__real_object_alloc_array(size_t count, size_t size);
void *__wrap_object_alloc_array(size_t count, size_t size);
void *__wrap_object_alloc_array(size_t count, size_t size)
{
	return allocation_fails() ? NULL : __real_object_alloc_array(count, size);
}

char *__real_object_strdup(const char *text);
char *__wrap_object_strdup(const char *text);
char *__wrap_object_strdup(const char *text)
{
	return allocation_fails() ? NULL : __real_object_strdup(text);
}

int __real_page_alloc(unsigned int order, enum page_use use, hpa_t *out);
int __wrap_page_alloc(unsigned int order, enum page_use use, hpa_t *out);
int __wrap_page_alloc(unsigned int order, enum page_use use, hpa_t *out)
{
	return allocation_fails() ? -ENOMEM : __real_page_alloc(order, use, out);
}

int __real_page_alloc_zeroed(unsigned int order, enum page_use use, hpa_t *out);
int __wrap_page_alloc_zeroed(unsigned int order, enum page_use use, hpa_t *out);
int __wrap_page_alloc_zeroed(unsigned int order, enum page_use use, hpa_t *out)
{
	if (allocation_fails() || (use == PAGE_USE_GUEST && order > guest_order_max))
		return -ENOMEM;
	return __real_page_alloc_zeroed(order, use, out);
}

/* ---- a guest ---- */

static void bundle_make(void)
{
	fake_bundle_begin();
	fake_bundle_add("guest.dtb", fdt, fdt_totalsize(fdt));
	fake_bundle_add("kernel", &kernel, sizeof(kernel));
	fake_bundle_add("initrd", initrd, sizeof(initrd));
	fake_bundle_mount();
}

static int setup(void **state)
{
	(void)state;
	fdt = fake_tree_begin();
	for (unsigned int i = 0; i < KERNEL_SIZE; i++)
		kernel.bytes[i] = (uint8_t)(i * 7);
	for (unsigned int i = 0; i < INITRD_SIZE; i++)
		initrd[i] = (uint8_t)(i * 11);
	kernel.header = (struct fake_image){ .magic = FAKE_IMAGE_MAGIC,
					     .alignment = KIB(64),
					     .offset = KIB(64),
					     .memory_size = KIB(128),
					     .entry_offset = 8 };
	fake_vcpu_program = NULL;
	allocation_failing = 0;
	guest_order_max = PAGE_ORDER_MAX;
	memset(&error, 0, sizeof(error));
	fake_console_reset();
	return 0;
}

static struct guest *create(void)
{
	struct guest *guest = NULL;

	bundle_make();
	if (guest_create(TREE, &guest, &error) != 0)
		fail_msg("%s", error.text);
	return guest;
}

static struct guest *create_and_start(void)
{
	struct guest *guest = create();

	if (guest_start(guest, &error) != 0)
		fail_msg("%s", error.text);
	return guest;
}

static void destroy(struct guest *guest)
{
	assert_int_equal(guest_destroy(guest, &error), 0);
	guest_release(guest);
}

static void ram_set(uint64_t address, uint64_t size)
{
	const uint64_t pair[] = { address, size };

	fake_tree_reg_set(fdt, "/memory@80000000", pair, 1);
}

/* Lets the VCPUs come as far as they get. */
static void settle(void)
{
	thread_sleep_until(time_now() + 50 * NS_PER_MS);
}

/* What a guest is loaded with is there once its VCPU 0 has come so far. */
static void assert_ram(const struct guest *guest, uint64_t address, const void *bytes, size_t size)
{
	uint8_t *copy = malloc(size);

	settle();
	assert_non_null(copy);
	assert_int_equal(guest_memory_read(guest, GPA(address), copy, size), 0);
	assert_memory_equal(copy, bytes, size);
	free(copy);
}

static bool ram_is_zero(const struct guest *guest, uint64_t address, size_t size)
{
	uint8_t byte = 0;

	for (size_t i = 0; i < size && byte == 0; i++)
		assert_int_equal(guest_memory_read(guest, GPA(address + i), &byte, 1), 0);
	return byte == 0;
}

/* ---- memory ---- */

static void ram_comes_in_large_zeroed_blocks(void *argument)
{
	struct guest *guest = create();
	const struct region *region = guest_region_find(guest, GPA(FAKE_TREE_RAM + 12345));
	uint64_t available;

	(void)argument;
	assert_non_null(region);
	assert_int_equal(region->kind, REGION_RAM);
	assert_int_equal(region->size, FAKE_TREE_RAM_SIZE);
	assert_true(IS_ALIGNED(region->host.raw, FAKE_TREE_RAM_SIZE));
	assert_int_equal(fake_gmem_count(guest), 1);
	assert_int_equal(fake_gmem_translate(guest, GPA(FAKE_TREE_RAM + 12345)),
			 region->host.raw + 12345);
	assert_true(ram_is_zero(guest, FAKE_TREE_RAM, KIB(64)));
	assert_ptr_equal(guest_memory_pointer(guest, GPA(FAKE_TREE_RAM + 16), &available),
			 arch_hpa_to_pointer(hpa_add(region->host, 16)));
	assert_int_equal(available, FAKE_TREE_RAM_SIZE - 16);
	destroy(guest);
}

static void ram_of_odd_places_and_sizes(void *argument)
{
	struct guest *guest;

	(void)argument;
	ram_set(FAKE_TREE_RAM - 3 * PAGE_SIZE, MIB(2) + 7 * PAGE_SIZE);
	guest = create();
	/* 1 and 2 pages up to the 2 MiB boundary, 2 MiB, 4 pages: each at its own alignment. */
	assert_int_equal(fake_gmem_count(guest), 4);
	assert_true(guest_memory_is_ram(guest, GPA(FAKE_TREE_RAM - 3 * PAGE_SIZE),
					MIB(2) + 7 * PAGE_SIZE));
	assert_false(guest_memory_is_ram(guest, GPA(FAKE_TREE_RAM - 3 * PAGE_SIZE),
					 MIB(2) + 7 * PAGE_SIZE + 1));
	destroy(guest);
}

static void ram_in_pieces(void *argument)
{
	uint8_t bytes[3 * PAGE_SIZE];
	struct guest *guest;

	(void)argument;
	memset(bytes, 0x5a, sizeof(bytes));
	ram_set(FAKE_TREE_RAM, KIB(512));
	guest_order_max = 0;
	guest = create();
	assert_int_equal(fake_gmem_count(guest), KIB(512) / PAGE_SIZE);
	assert_int_equal(guest_memory_write(guest, GPA(FAKE_TREE_RAM + 100), bytes, sizeof(bytes)),
			 0);
	assert_ram(guest, FAKE_TREE_RAM + 100, bytes, sizeof(bytes));
	assert_true(ram_is_zero(guest, FAKE_TREE_RAM, 100));
	assert_true(ram_is_zero(guest, FAKE_TREE_RAM + 100 + sizeof(bytes), PAGE_SIZE));
	assert_int_equal(guest_start(guest, &error), 0);
	assert_ram(guest, FAKE_TREE_RAM + KIB(64), &kernel, sizeof(kernel));
	destroy(guest);
}

/* The kernel in ROM: loaded there, seen by the guest, written by nobody else. */
static void rom_is_loaded_and_then_only_read(void *argument)
{
	const uint64_t base = 0x100000;
	struct account before;
	struct guest *guest;
	uint64_t available;
	uint8_t byte = 1;

	(void)argument;
	bundle_make();
	account_take(&before);
	fake_tree_node_add(fdt, "/", "rom@100000", "mtd-rom", base, MIB(1));
	assert_int_equal(fdt_setprop_u64(fdt, fake_tree_node(fdt, "/chosen"),
					 "corbel,kernel-address", base + KIB(64)),
			 0);
	guest = create_and_start();
	assert_int_equal(guest_region_find(guest, GPA(base))->kind, REGION_ROM);
	assert_int_equal(fake_gmem_flags(guest, GPA(base)), GMEM_READ | GMEM_EXECUTE);
	assert_int_equal(guest->ram_bytes, FAKE_TREE_RAM_SIZE);
	assert_ram(guest, base + KIB(64), &kernel, sizeof(kernel));
	assert_int_equal(fake_vcpu(guest->vcpus[0])->start.entry.raw, base + KIB(64) + 8);
	assert_int_equal(guest_memory_write(guest, GPA(base), &byte, 1), -EFAULT);
	assert_false(guest_memory_is_ram(guest, GPA(base), 1));
	assert_null(guest_memory_pointer(guest, GPA(base), &available));
	assert_true(ram_is_zero(guest, base, 16));
	destroy(guest);
	assert_nothing_leaked(&before);
}

static void ram_in_too_many_pieces(void *argument)
{
	struct account before;

	(void)argument;
	bundle_make();
	account_take(&before);
	guest_order_max = 0;
	assert_int_equal(guest_create(TREE, NULL, &error), -ENOSPC);
	assert_non_null(strstr(error.text, TREE ": node /memory@80000000: "));
	assert_non_null(strstr(error.text, "fragmented"));
	assert_nothing_leaked(&before);
}

static void copying_is_all_or_nothing(void *argument)
{
	const uint8_t bytes[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	const uint64_t end = FAKE_TREE_RAM + FAKE_TREE_RAM_SIZE;
	struct guest *guest = create();
	uint8_t read[8] = { 9 };
	uint64_t available;

	(void)argument;
	assert_int_equal(guest_memory_write(guest, GPA(end - 8), bytes, 8), 0);
	assert_int_equal(guest_memory_write(guest, GPA(end - 4), bytes, 8), -EFAULT);
	assert_ram(guest, end - 8, bytes, 8);
	assert_int_equal(guest_memory_read(guest, GPA(end - 7), read, 8), -EFAULT);
	assert_int_equal(read[0], 9);
	assert_int_equal(guest_memory_read(guest, GPA(0x1000), read, 1), -EFAULT);
	assert_int_equal(guest_memory_write(guest, GPA(UINT64_MAX), bytes, 8), -EFAULT);
	assert_int_equal(guest_memory_write(guest, GPA(0x1000), bytes, 0), 0);
	assert_null(guest_memory_pointer(guest, GPA(0x1000), &available));
	assert_false(guest_memory_is_ram(guest, GPA(end - 4), 8));
	assert_false(guest_memory_is_ram(guest, GPA(FAKE_TREE_RAM), UINT64_MAX));
	destroy(guest);
}

/* ---- what a guest is loaded with ---- */

static void kernel_goes_where_its_header_says(void *argument)
{
	struct guest *guest = create();
	const uint64_t base = FAKE_TREE_RAM + KIB(64);
	uint8_t junk = 0x77;

	(void)argument;
	for (uint64_t i = 0; i < KIB(128); i += 64)
		assert_int_equal(guest_memory_write(guest, GPA(base + i), &junk, 1), 0);
	assert_int_equal(guest_start(guest, &error), 0);
	assert_ram(guest, base, &kernel, sizeof(kernel));
	assert_true(ram_is_zero(guest, base + KERNEL_SIZE, KIB(128) - KERNEL_SIZE));
	settle();
	assert_int_equal(fake_vcpu(guest->vcpus[0])->start.entry.raw, base + 8);
	assert_int_equal(fake_vcpu(guest->vcpus[0])->start.argument, TREE_ADDRESS);
	assert_int_equal(fake_vcpu(guest->vcpus[0])->reset_count, 1);
	assert_int_equal(fake_vcpu(guest->vcpus[1])->reset_count, 0);
	destroy(guest);
}

static void kernel_alignment_counts_from_zero(void *argument)
{
	struct guest *guest;

	(void)argument;
	ram_set(FAKE_TREE_RAM + KIB(4), MIB(1));
	guest = create_and_start();
	assert_ram(guest, FAKE_TREE_RAM + KIB(128), &kernel, sizeof(kernel));
	destroy(guest);
}

static void kernel_goes_where_the_tree_says(void *argument)
{
	struct guest *guest;

	(void)argument;
	assert_int_equal(fdt_setprop_u64(fdt, fake_tree_node(fdt, "/chosen"),
					 "corbel,kernel-address", FAKE_TREE_RAM + MIB(1)),
			 0);
	guest = create_and_start();
	assert_ram(guest, FAKE_TREE_RAM + MIB(1), &kernel, sizeof(kernel));
	assert_true(ram_is_zero(guest, FAKE_TREE_RAM + KIB(64), KIB(64)));
	settle();
	assert_int_equal(fake_vcpu(guest->vcpus[0])->start.entry.raw, FAKE_TREE_RAM + MIB(1) + 8);
	destroy(guest);
}

static void file_add(const char *name, const char *file, uint64_t address)
{
	int files = fdt_subnode_offset(fdt, 0, "corbel,files"), node;

	if (files < 0)
		files = fdt_add_subnode(fdt, 0, "corbel,files");
	node = fdt_add_subnode(fdt, files, name);
	assert_true(node >= 0);
	assert_int_equal(fdt_setprop_string(fdt, node, "corbel,file", file), 0);
	assert_int_equal(fdt_setprop_u64(fdt, node, "corbel,address", address), 0);
}

static void files_go_where_the_tree_says(void *argument)
{
	struct guest *guest;

	(void)argument;
	file_add("one", "/initrd", FAKE_TREE_RAM + 3);
	file_add("two", "kernel", FAKE_TREE_RAM + MIB(2) - 100);
	guest = create_and_start();
	assert_ram(guest, FAKE_TREE_RAM + 3, initrd, sizeof(initrd));
	assert_ram(guest, FAKE_TREE_RAM + MIB(2) - 100, &kernel, sizeof(kernel));
	destroy(guest);
}

/* The tree that the guest was given, copied. */
static void *handed_over(const struct guest *guest)
{
	static uint64_t copy[PAGE_SIZE / 8];

	settle();
	assert_int_equal(guest_memory_read(guest, GPA(TREE_ADDRESS), copy, sizeof(copy)), 0);
	assert_int_equal(fdt_check_full(copy, sizeof(copy)), 0);
	return copy;
}

static const void *chosen_get(const void *tree, const char *property, int size)
{
	int length;
	const void *value = fdt_getprop(tree, fake_tree_node(tree, "/chosen"), property, &length);

	assert_non_null(value);
	assert_int_equal(length, size);
	return value;
}

static void tree_has_what_only_corbel_knows(void *argument)
{
	const uint64_t start = TREE_ADDRESS - 3 * PAGE_SIZE;
	const void *tree;
	struct guest *guest;

	(void)argument;
	assert_int_equal(fdt_setprop_string(fdt, fake_tree_node(fdt, "/chosen"), "corbel,initrd",
					    "/initrd"),
			 0);
	assert_int_equal(fdt_setprop_string(fdt, fake_tree_node(fdt, "/chosen"), "bootargs", "a b"),
			 0);
	guest = create_and_start();
	tree = handed_over(guest);
	assert_int_equal(fdt64_ld(chosen_get(tree, "linux,initrd-start", 8)), start);
	assert_int_equal(fdt64_ld(chosen_get(tree, "linux,initrd-end", 8)), start + INITRD_SIZE);
	assert_ram(guest, start, initrd, sizeof(initrd));
	assert_string_equal(chosen_get(tree, "bootargs", 4), "a b");
	(void)chosen_get(tree, "rng-seed", 32);
	(void)chosen_get(tree, "kaslr-seed", 8);
	assert_non_null(fdt_getprop(tree, fake_tree_node(tree, "/cpus"), "fake,complete", NULL));
	destroy(guest);
}

static void tree_has_nothing_of_corbels_own(void *argument)
{
	const uint8_t *bytes;
	const void *tree;
	struct guest *guest;
	const char *name;
	int property;

	(void)argument;
	file_add("one", "/initrd", FAKE_TREE_RAM + 3);
	for (unsigned int i = 0; i < 3; i++) {
		static const char *const nodes[] = { "/", "/soc/device@2000", "/cpus/cpu@1" };
		int node = fake_tree_node(fdt, nodes[i]);

		assert_int_equal(fdt_setprop_u32(fdt, node, "kept", i), 0);
		assert_int_equal(fdt_setprop_u32(fdt, node, "corbel,a", 1), 0);
		assert_int_equal(fdt_setprop_u32(fdt, node, "corbel,b", 1), 0);
	}
	guest = create_and_start();
	tree = handed_over(guest);
	for (int node = 0; node >= 0; node = fdt_next_node(tree, node, NULL)) {
		fdt_for_each_property_offset(property, tree, node) {
			bytes = fdt_getprop_by_offset(tree, property, &name, NULL);
			assert_non_null(bytes);
			assert_true(strncmp(name, "corbel,", 7) != 0);
		}
	}
	assert_true(fdt_path_offset(tree, "/corbel,files") < 0);
	assert_non_null(fdt_getprop(tree, fake_tree_node(tree, "/cpus/cpu@1"), "kept", NULL));
	assert_non_null(fdt_getprop(tree, 0, "kept", NULL));
	destroy(guest);
}

static void seeds_are_fresh_at_each_start(void *argument)
{
	struct guest *guest = create_and_start();
	uint8_t rng[2][32], kaslr[2][8];

	(void)argument;
	for (unsigned int i = 0; i < 2; i++) {
		memcpy(rng[i], chosen_get(handed_over(guest), "rng-seed", 32), 32);
		memcpy(kaslr[i], chosen_get(handed_over(guest), "kaslr-seed", 8), 8);
		assert_int_equal(guest_reset(guest, &error), 0);
	}
	assert_memory_not_equal(rng[0], rng[1], 32);
	assert_memory_not_equal(kaslr[0], kaslr[1], 8);
	assert_memory_not_equal(rng[0], rng[0] + 16, 16);
	destroy(guest);
}

/* ---- life ---- */

static unsigned int program_runs;

/* A guest that computes. */
static void compute(struct vcpu *vcpu, struct vcpu_exit *exit)
{
	(void)exit;
	program_runs++;
	arch_irq_enable();
	while (!vcpu_must_leave(vcpu))
		fake_work(NS_PER_MS);
	arch_irq_disable();
}

static void assert_refused(int result, const char *sentence)
{
	assert_int_equal(result, -EBUSY);
	assert_string_equal(error.text, sentence);
	error.text[0] = '\0';
}

static void life(void *argument)
{
	struct guest *guest = create();
	unsigned int runs;

	(void)argument;
	fake_vcpu_program = compute;
	assert_refused(guest_pause(guest, &error),
		       "guest guest is stopped, so it cannot be paused");
	assert_refused(guest_resume(guest, &error),
		       "guest guest is stopped, so it cannot be resumed");
	assert_refused(guest_reset(guest, &error), "guest guest is stopped, so it cannot be reset");
	assert_int_equal(guest_stop(guest, &error), 0);
	assert_int_equal(guest_start(guest, &error), 0);
	assert_int_equal(guest->state, GUEST_RUNNING);
	assert_refused(guest_start(guest, &error),
		       "guest guest is running, so it cannot be started");
	settle();
	assert_int_equal(guest_pause(guest, &error), 0);
	assert_int_equal(guest->state, GUEST_PAUSED);
	assert_string_equal(vcpu_state_name(guest->vcpus[0]), "paused");
	assert_string_equal(vcpu_state_name(guest->vcpus[1]), "off");
	runs = program_runs;
	settle();
	assert_int_equal(program_runs, runs);
	assert_int_equal(guest_resume(guest, &error), 0);
	settle();
	assert_int_not_equal(program_runs, runs);
	assert_int_equal(fake_vcpu(guest->vcpus[0])->reset_count, 1);
	assert_string_equal(vcpu_state_name(guest->vcpus[0]), "running");
	assert_int_equal(guest_reset(guest, &error), 0);
	settle();
	assert_int_equal(fake_vcpu(guest->vcpus[0])->reset_count, 2);
	assert_int_equal(guest->start_count, 2);
	assert_int_equal(guest_stop(guest, &error), 0);
	assert_string_equal(vcpu_state_name(guest->vcpus[0]), "off");
	assert_int_equal(guest_start(guest, &error), 0);
	settle();
	destroy(guest);
}

static void reset_of_a_paused_guest_runs_it(void *argument)
{
	struct guest *guest = create_and_start();

	(void)argument;
	assert_int_equal(guest_pause(guest, &error), 0);
	assert_int_equal(guest_reset(guest, &error), 0);
	assert_int_equal(guest->state, GUEST_RUNNING);
	destroy(guest);
}

static void devices_are_reset_at_each_start(void *argument)
{
	struct guest *guest = create();
	struct fake_device *device = fake_device(guest, "/soc/device@2000");

	(void)argument;
	assert_int_equal(guest_start(guest, &error), 0);
	assert_int_equal(device->reset_count, 1);
	assert_int_equal(guest_reset(guest, &error), 0);
	assert_int_equal(device->reset_count, 2);
	destroy(guest);
}

static void ram_outlives_a_reset(void *argument)
{
	const uint64_t address = FAKE_TREE_RAM + MIB(3);
	struct guest *guest = create_and_start();
	uint8_t byte = 0x42;

	(void)argument;
	assert_int_equal(guest_memory_write(guest, GPA(address), &byte, 1), 0);
	assert_int_equal(guest_memory_write(guest, GPA(FAKE_TREE_RAM + KIB(64)), &byte, 1), 0);
	assert_int_equal(guest_reset(guest, &error), 0);
	assert_ram(guest, address, &byte, 1);
	assert_ram(guest, FAKE_TREE_RAM + KIB(64), &kernel, sizeof(kernel));
	destroy(guest);
}

static void ram_is_not_passed_on(void *argument)
{
	struct guest *guest = create_and_start();
	uint64_t available;

	(void)argument;
	memset(guest_memory_pointer(guest, GPA(FAKE_TREE_RAM), &available), 0x42, MIB(1));
	destroy(guest);
	guest = create();
	assert_true(ram_is_zero(guest, FAKE_TREE_RAM, MIB(1)));
	destroy(guest);
}

static void start_without_its_files(void *argument)
{
	struct guest *guest = create();

	(void)argument;
	fake_bundle_begin();
	fake_bundle_mount();
	assert_int_equal(guest_start(guest, &error), -ENOENT);
	assert_non_null(strstr(error.text, "corbel,kernel names /kernel, which is not in"));
	assert_int_equal(guest->state, GUEST_STOPPED);
	assert_int_equal(fake_vcpu(guest->vcpus[0])->reset_count, 0);
	bundle_make();
	assert_int_equal(guest_start(guest, NULL), 0);
	assert_int_equal(guest->state, GUEST_RUNNING);
	destroy(guest);
}

static void references_outlive_destruction(void *argument)
{
	struct account before;
	struct guest *guest, *found;

	(void)argument;
	bundle_make();
	account_take(&before);
	guest = create_and_start();
	found = guest_find("guest");
	assert_ptr_equal(found, guest);
	destroy(guest);
	assert_null(guest_find("guest"));
	assert_string_equal(found->name, "guest");
	assert_int_equal(guest_start(found, &error), -ENOENT);
	assert_string_equal(error.text, "guest guest was destroyed");
	assert_int_equal(guest_destroy(found, NULL), -ENOENT);
	assert_int_equal(guest_stop(found, NULL), -ENOENT);
	guest_release(found);
	assert_nothing_leaked(&before);
}

static void visit_count(struct guest *guest, void *argument)
{
	assert_string_equal(guest->name, "guest");
	(*(unsigned int *)argument)++;
	assert_int_equal(guest_destroy(guest, NULL), 0);
}

static void guests_may_be_destroyed_while_visited(void *argument)
{
	struct account before;
	unsigned int count = 0;

	(void)argument;
	bundle_make();
	account_take(&before);
	assert_int_equal(guest_create(TREE, NULL, &error), 0);
	guest_for_each(visit_count, &count);
	guest_for_each(visit_count, &count);
	assert_int_equal(count, 1);
	assert_nothing_leaked(&before);
}

static void visit_note(struct guest *guest, void *argument)
{
	char *names = argument;

	(void)snprintf(names + strlen(names), 64 - strlen(names), "%s%u ", guest->name, guest->id);
}

static void guests_are_listed_in_order(void *argument)
{
	static const char *const names[] = { "a", "b", "c" };
	char expected[64] = "", visited[64] = "";
	struct guest *guests[3];

	(void)argument;
	for (unsigned int i = 0; i < 3; i++) {
		assert_int_equal(fdt_setprop_string(fdt, 0, "corbel,name", names[i]), 0);
		guests[i] = create();
		assert_true(i == 0 || guests[i]->id > guests[i - 1]->id);
		(void)snprintf(expected + strlen(expected), sizeof(expected) - strlen(expected),
			       "%s%u ", names[i], guests[i]->id);
	}
	guest_for_each(visit_note, visited);
	assert_string_equal(visited, expected);
	for (unsigned int i = 0; i < 3; i++)
		destroy(guests[i]);
}

static void thirty_lives_leave_nothing(void *argument)
{
	struct account before;

	(void)argument;
	bundle_make();
	account_take(&before);
	for (unsigned int i = 0; i < 30; i++) {
		struct guest *guest = create_and_start();

		settle();
		destroy(guest);
		assert_nothing_leaked(&before);
	}
}

static void any_allocation_may_fail(void *argument)
{
	struct account before;
	unsigned int failures = 0;
	int result;

	(void)argument;
	bundle_make();
	account_take(&before);
	do {
		struct guest *guest = NULL;

		error.text[0] = '\0';
		allocation_count = 0;
		allocation_failing = ++failures;
		result = guest_create(TREE, &guest, &error);
		if (result == 0)
			result = guest_start(guest, &error);
		assert_true(result == 0 || result == -ENOMEM);
		assert_true(result == 0 || error.text[0] != '\0');
		allocation_failing = 0;
		if (guest != NULL)
			destroy(guest);
		assert_nothing_leaked(&before);
	} while (allocation_count >= failures);
	assert_in_range(failures, 10, 1000);
	assert_int_equal(result, 0);
}

/* ---- what guests ask for ---- */

static void poweroff(void *argument)
{
	struct guest *guest = create_and_start();

	(void)argument;
	settle();
	guest_request(guest, GUEST_REQUEST_POWEROFF);
	settle();
	assert_int_equal(guest->state, GUEST_STOPPED);
	assert_false(vcpu_is_on(guest->vcpus[0]));
	assert_non_null(strstr(fake_console_text(), "guest guest: powered off"));
	assert_int_equal(guest_start(guest, &error), 0);
	settle();
	assert_int_equal(guest->state, GUEST_RUNNING);
	destroy(guest);
}

static void reboot(void *argument)
{
	struct guest *guest = create_and_start();

	(void)argument;
	settle();
	guest_request(guest, GUEST_REQUEST_REBOOT);
	thread_sleep_until(time_now() + NS_PER_S);
	assert_int_equal(guest->state, GUEST_RUNNING);
	assert_int_equal(guest->start_count, 2);
	assert_int_equal(fake_vcpu(guest->vcpus[0])->reset_count, 2);
	assert_non_null(strstr(fake_console_text(), "guest guest: rebooted"));
	destroy(guest);
}

static void reboot_without_its_files(void *argument)
{
	struct guest *guest = create_and_start();

	(void)argument;
	fake_bundle_begin();
	fake_bundle_mount();
	guest_request(guest, GUEST_REQUEST_REBOOT);
	settle();
	assert_int_equal(guest->state, GUEST_STOPPED);
	assert_non_null(strstr(fake_console_text(), "guest guest: stopped, it cannot be rebooted"));
	destroy(guest);
}

static void crash_program(struct vcpu *vcpu, struct vcpu_exit *exit)
{
	vcpu_crash(vcpu, "it fell over a %s at 0x%x", "stone", 0x1234);
	exit->kind = VCPU_EXIT_CRASH;
}

static void crash(void *argument)
{
	struct guest *guest = create();

	(void)argument;
	fake_vcpu_program = crash_program;
	assert_int_equal(guest_start(guest, &error), 0);
	settle();
	assert_int_equal(guest->state, GUEST_CRASHED);
	assert_non_null(strstr(fake_console_text(),
			       "guest guest: crashed: VCPU 0: it fell over a stone at 0x1234"));
	assert_string_equal(vcpu_state_name(guest->vcpus[0]), "crashed");
	assert_int_equal(fake_vcpu(guest->vcpus[0])->run_count, 1);
	fake_vcpu_program = NULL;
	assert_int_equal(guest_start(guest, &error), 0);
	settle();
	assert_string_equal(vcpu_state_name(guest->vcpus[0]), "waiting");
	destroy(guest);
}

static void requests_that_come_too_late(void *argument)
{
	struct guest *guest = create_and_start();

	(void)argument;
	assert_int_equal(guest_stop(guest, &error), 0);
	guest_request(guest, GUEST_REQUEST_REBOOT);
	settle();
	assert_int_equal(guest->state, GUEST_STOPPED);
	assert_int_equal(guest->requests, 0);
	assert_int_equal(guest_start(guest, &error), 0);
	settle();
	assert_string_equal(vcpu_state_name(guest->vcpus[0]), "waiting");
	destroy(guest);
}

/* Whoever resumes it, a guest that has asked for its end does not go on. */
static void request_holds_against_resume(void *argument)
{
	struct guest *guest = create_and_start();
	unsigned int runs;

	(void)argument;
	settle();
	assert_int_equal(guest_pause(guest, &error), 0);
	runs = fake_vcpu(guest->vcpus[0])->run_count;
	guest->requests = GUEST_REQUEST_POWEROFF; /* so that the manager does not know yet */
	assert_int_equal(guest_resume(guest, &error), 0);
	assert_int_equal(arch_vcpu_irq_set(guest->vcpus[0], 1, true), 0);
	settle();
	assert_int_equal(fake_vcpu(guest->vcpus[0])->run_count, runs);
	guest_request(guest, GUEST_REQUEST_POWEROFF);
	settle();
	assert_int_equal(guest->state, GUEST_STOPPED);
	assert_int_equal(fake_vcpu(guest->vcpus[0])->run_count, runs);
	destroy(guest);
}

/* ---- */

static const struct body bodies[] = {
	BODY(ram_comes_in_large_zeroed_blocks),
	BODY(ram_of_odd_places_and_sizes),
	BODY(ram_in_pieces),
	BODY(rom_is_loaded_and_then_only_read),
	BODY(ram_in_too_many_pieces),
	BODY(copying_is_all_or_nothing),
	BODY(kernel_goes_where_its_header_says),
	BODY(kernel_alignment_counts_from_zero),
	BODY(kernel_goes_where_the_tree_says),
	BODY(files_go_where_the_tree_says),
	BODY(tree_has_what_only_corbel_knows),
	BODY(tree_has_nothing_of_corbels_own),
	BODY(seeds_are_fresh_at_each_start),
	BODY(life),
	BODY(reset_of_a_paused_guest_runs_it),
	BODY(devices_are_reset_at_each_start),
	BODY(ram_outlives_a_reset),
	BODY(ram_is_not_passed_on),
	BODY(start_without_its_files),
	BODY(references_outlive_destruction),
	BODY(guests_may_be_destroyed_while_visited),
	BODY(guests_are_listed_in_order),
	BODY(thirty_lives_leave_nothing),
	BODY(any_allocation_may_fail),
	BODY(poweroff),
	BODY(reboot),
	BODY(reboot_without_its_files),
	BODY(crash),
	BODY(requests_that_come_too_late),
	BODY(request_holds_against_resume),
};

int main(void)
{
	static struct CMUnitTest tests[ARRAY_SIZE(bodies)];

	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++)
		tests[i] = body_test(&bodies[i], setup, NULL);
	return cmocka_run_group_tests(tests, bodies_setup_manager, NULL);
}

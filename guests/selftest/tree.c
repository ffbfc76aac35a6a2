// SPDX-License-Identifier: BSD-2-Clause
/*
 * The tree that the guest was handed: whole, in its RAM, with what only the hypervisor knows filled
 * in and nothing of the hypervisor's own left in it.
 */
#include <string.h>

#include <libfdt.h>

#include <runtime/sbi.h>

#include "selftest.h"

#define OWN_PREFIX	"corbel,"
#define RNG_SEED_MIN	32
#define KASLR_SEED_SIZE 8

extern char image_start[], image_end[];

TEST(tree_place, "tree: it is whole and lies in RAM beside the program")
{
	uint64_t start = (uintptr_t)machine.tree;
	uint64_t end;

	REQUIRE(machine.tree != NULL);
	EXPECT_EQUAL(fdt_check_header(machine.tree), 0);
	end = start + fdt_totalsize(machine.tree);
	EXPECT(start >= machine.ram_base);
	EXPECT(end <= machine.ram_base + machine.ram_size);
	EXPECT(end <= (uintptr_t)image_start || start >= (uintptr_t)image_end);
}

TEST(tree_memory, "tree: the memory node covers the program, and no reservation does")
{
	EXPECT(machine.ram_size != 0);
	EXPECT((uintptr_t)image_start >= machine.ram_base);
	EXPECT((uintptr_t)image_end <= machine.ram_base + machine.ram_size);
	for (int i = 0; i < fdt_num_mem_rsv(machine.tree); i++) {
		uint64_t address, size;

		if (fdt_get_mem_rsv(machine.tree, i, &address, &size) != 0)
			test_fail("reservation %d cannot be read", i);
		else if (address < (uintptr_t)image_end && address + size > (uintptr_t)image_start)
			test_fail("reservation %d covers the program", i);
	}
}

static void expect_no_own_properties(int node)
{
	int property;

	fdt_for_each_property_offset(property, machine.tree, node) {
		const char *name = NULL;

		if (fdt_getprop_by_offset(machine.tree, property, &name, NULL) == NULL)
			test_fail("property %d cannot be read", property);
		else if (strncmp(name, OWN_PREFIX, strlen(OWN_PREFIX)) == 0)
			test_fail("node %s: expected no %s", fdt_get_name(machine.tree, node, NULL),
				  name);
	}
}

TEST(tree_own_properties, "tree: no node or property of the hypervisor's own is left")
{
	int depth = 0;

	for (int node = 0; node >= 0 && depth >= 0;
	     node = fdt_next_node(machine.tree, node, &depth)) {
		const char *name = fdt_get_name(machine.tree, node, NULL);

		if (name == NULL || strncmp(name, OWN_PREFIX, strlen(OWN_PREFIX)) == 0)
			test_fail("expected no node %s", name != NULL ? name : "without a name");
		expect_no_own_properties(node);
	}
}

/* Random bytes: there, long enough, and not all the same. */
static void expect_seed(const char *name, int length_min)
{
	int chosen = fdt_path_offset(machine.tree, "/chosen");
	const uint8_t *seed;
	bool varied = false;
	int length = 0;

	seed = fdt_getprop(machine.tree, chosen, name, &length);
	if (seed == NULL || length < length_min) {
		test_fail("/chosen: expected %s of %d bytes", name, length_min);
		return;
	}
	for (int i = 1; i < length; i++)
		varied = varied || seed[i] != seed[0];
	if (!varied)
		test_fail("/chosen: expected %s to be random, got 0x%02x in each byte", name,
			  seed[0]);
}

TEST(tree_rng_seed, "tree: there is a random rng-seed")
{
	expect_seed("rng-seed", RNG_SEED_MIN);
}

TEST(tree_kaslr_seed, "tree: there is a random kaslr-seed")
{
	SKIP_UNLESS(!machine.bare, "QEMU gives none");
	expect_seed("kaslr-seed", KASLR_SEED_SIZE);
}

TEST(tree_timebase, "tree: it tells the frequency of the time counter")
{
	int cpus = fdt_path_offset(machine.tree, "/cpus");

	EXPECT(fdt_getprop(machine.tree, cpus, "timebase-frequency", NULL) != NULL);
	EXPECT(machine.timebase >= 1000);
}

TEST(tree_stdout, "tree: stdout-path leads to the UART")
{
	int chosen = fdt_path_offset(machine.tree, "/chosen");
	const char *path = fdt_getprop(machine.tree, chosen, "stdout-path", NULL);
	const char *end;
	int node;

	REQUIRE(path != NULL);
	end = strchr(path, ':');
	node = fdt_path_offset_namelen(machine.tree, path,
				       end != NULL ? (int)(end - path) : (int)strlen(path));
	REQUIRE(node >= 0);
	EXPECT_EQUAL(fdt_node_check_compatible(machine.tree, node, "ns16550a"), 0);
}

TEST(tree_harts, "tree: each hart that it names can be asked for, and no other")
{
	uint64_t ids[HART_MAX];
	unsigned int count = machine_hart_ids(ids, HART_MAX);
	uint64_t highest = 0;

	EXPECT_EQUAL(count, hart_count);
	for (unsigned int i = 0; i < count && i < HART_MAX; i++) {
		EXPECT_EQUAL(sbi_call(SBI_EXTENSION_HSM, SBI_HSM_STATUS, ids[i]).error,
			     SBI_SUCCESS);
		highest = MAX(highest, ids[i]);
	}
	EXPECT_EQUAL(sbi_call(SBI_EXTENSION_HSM, SBI_HSM_STATUS, highest + 1).error,
		     SBI_INVALID_PARAM);
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Reads the machine's description from the tree that our own guest was given.
 */
#include <string.h>

#include <libfdt.h>

#include <runtime/machine.h>

#define INTERRUPT_SUPERVISOR_EXTERNAL 9

struct machine machine;

static uint32_t property_u32(int node, const char *name, uint32_t fallback)
{
	int length;
	const fdt32_t *value = fdt_getprop(machine.tree, node, name, &length);

	return value != NULL && length >= 4 ? fdt32_ld(value) : fallback;
}

/* Our trees and QEMU's use two cells for address and for size wherever `reg` is read here. */
static bool node_reg(int node, uint64_t *base, uint64_t *size)
{
	int length;
	const fdt64_t *reg = fdt_getprop(machine.tree, node, "reg", &length);

	if (reg == NULL || length < 16)
		return false;
	*base = fdt64_ld(reg);
	if (size != NULL)
		*size = fdt64_ld(reg + 1);
	return true;
}

static int compatible_node(const char *compatible)
{
	return fdt_node_offset_by_compatible(machine.tree, -1, compatible);
}

static void find_memory(void)
{
	int node = fdt_node_offset_by_prop_value(machine.tree, -1, "device_type", "memory", 7);

	if (node >= 0)
		node_reg(node, &machine.ram_base, &machine.ram_size);
}

static void find_devices(void)
{
	int node = compatible_node("ns16550a");

	if (node >= 0 && node_reg(node, &machine.uart, NULL))
		machine.uart_irq = property_u32(node, "interrupts", 0);
	node = compatible_node("sifive,plic-1.0.0");
	if (node >= 0 && node_reg(node, &machine.plic, NULL))
		machine.plic_sources = property_u32(node, "riscv,ndev", 0);
	node = compatible_node("google,goldfish-rtc");
	if (node >= 0)
		node_reg(node, &machine.rtc, NULL);
	node = compatible_node("syscon");
	if (node >= 0)
		node_reg(node, &machine.syscon, &machine.syscon_size);
	node = compatible_node("syscon-poweroff");
	if (node >= 0)
		machine.poweroff_value = property_u32(node, "value", 0);
}

static void find_processor(void)
{
	int cpus = fdt_path_offset(machine.tree, "/cpus");
	int cpu = fdt_first_subnode(machine.tree, cpus);
	const char *isa = NULL;

	if (cpu >= 0)
		isa = fdt_getprop(machine.tree, cpu, "riscv,isa", NULL);
	machine.isa = isa != NULL ? isa : "";
	machine.timebase = property_u32(cpus, "timebase-frequency", 10000000);
}

void machine_init(const void *tree)
{
	const char *model;

	machine = (struct machine){ .isa = "", .timebase = 10000000 };
	if (fdt_check_header(tree) != 0)
		return;
	machine.tree = tree;
	model = fdt_getprop(tree, 0, "model", NULL);
	machine.bare = model != NULL && strcmp(model, "riscv-virtio,qemu") == 0;
	find_memory();
	find_devices();
	find_processor();
}

static bool node_is_cpu(int node)
{
	const char *type = fdt_getprop(machine.tree, node, "device_type", NULL);

	return type != NULL && strcmp(type, "cpu") == 0;
}

bool machine_has_extension(const char *name)
{
	int cpus = fdt_path_offset(machine.tree, "/cpus");
	bool all = false;
	int node;

	fdt_for_each_subnode(node, machine.tree, cpus) {
		if (!node_is_cpu(node))
			continue;
		if (fdt_stringlist_search(machine.tree, node, "riscv,isa-extensions", name) < 0)
			return false;
		all = true;
	}
	return all;
}

unsigned int machine_hart_ids(uint64_t *ids, unsigned int limit)
{
	int cpus = fdt_path_offset(machine.tree, "/cpus");
	unsigned int count = 0;
	int node;

	fdt_for_each_subnode(node, machine.tree, cpus) {
		if (!node_is_cpu(node))
			continue;
		if (count < limit)
			ids[count] = property_u32(node, "reg", 0);
		count++;
	}
	return count;
}

/* The phandle of that hart's own interrupt controller, or 0. */
static uint32_t hart_intc(uint64_t hart_id)
{
	int cpus = fdt_path_offset(machine.tree, "/cpus");
	int node;

	fdt_for_each_subnode(node, machine.tree, cpus) {
		if (node_is_cpu(node) && property_u32(node, "reg", 0) == hart_id) {
			int intc = fdt_subnode_offset(machine.tree, node, "interrupt-controller");

			return intc < 0 ? 0 : fdt_get_phandle(machine.tree, intc);
		}
	}
	return 0;
}

int machine_plic_context(uint64_t hart_id)
{
	int node = compatible_node("sifive,plic-1.0.0");
	uint32_t intc = hart_intc(hart_id);
	const fdt32_t *pairs;
	int length;

	if (node < 0 || intc == 0)
		return -1;
	pairs = fdt_getprop(machine.tree, node, "interrupts-extended", &length);
	for (int i = 0; pairs != NULL && i < length / 8; i++) {
		if (fdt32_ld(&pairs[2 * i]) == intc &&
		    fdt32_ld(&pairs[2 * i + 1]) == INTERRUPT_SUPERVISOR_EXTERNAL)
			return i;
	}
	return -1;
}

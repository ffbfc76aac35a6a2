// SPDX-License-Identifier: BSD-2-Clause
/*
 * The fake host's devices and its interrupt controller, as fake_host_devices.h tells.
 */
#include <stdio.h>
#include <stdlib.h>

#include <libfdt.h>

#include <corbel/arch.h>
#include <corbel/driver.h>
#include <corbel/guest.h>
#include <corbel/irq.h>
#include <corbel/spinlock.h>
#include <corbel/tree.h>
#include <fake_board.h>
#include <fake_bundle.h>
#include <fake_host_devices.h>

#define HOST_CONTROLLER	 1u
#define HOST_OTHER	 2u
#define GUEST_CONTROLLER 9u
#define GUEST_VCPU_IRQ	 10u
#define S_EXTERNAL	 9u

/* Registers of the guest's controller, for its context 0. */
#define PLIC_PRIORITY(input) (4 * (input))
#define PLIC_PENDING	     0x1000
#define PLIC_ENABLE	     0x2000
#define PLIC_CLAIM	     0x200004

static void require(bool condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "fake host: %s\n", what);
	abort();
}

/* ---- the interrupt controller ---- */

static struct fake_line lines[FAKE_HOST_LINES];
static struct spinlock lines_lock = SPINLOCK_INIT;

static void line_enable(unsigned int irq, struct cpu *target)
{
	require(target == cpu_get(0), "a line that is not for the boot CPU");
	spin_lock(&lines_lock);
	require(!lines[irq].enabled, "a line that is enabled twice");
	lines[irq].enabled = true;
	lines[irq].masked = false;
	lines[irq].claimed = false;
	spin_unlock(&lines_lock);
}

static void line_disable(unsigned int irq)
{
	spin_lock(&lines_lock);
	lines[irq].enabled = false;
	spin_unlock(&lines_lock);
}

static void line_mask(unsigned int irq, bool masked)
{
	spin_lock(&lines_lock);
	lines[irq].masked = masked;
	spin_unlock(&lines_lock);
}

/* 0: there is none. */
static unsigned int line_claim(void)
{
	unsigned int found = 0;

	spin_lock(&lines_lock);
	for (unsigned int i = 1; i < FAKE_HOST_LINES && found == 0; i++)
		if (lines[i].level && lines[i].enabled && !lines[i].masked && !lines[i].claimed)
			found = i;
	if (found != 0) {
		lines[found].claimed = true;
		lines[found].count++;
	}
	spin_unlock(&lines_lock);
	return found;
}

static void line_complete(unsigned int irq)
{
	spin_lock(&lines_lock);
	if (lines[irq].enabled)
		lines[irq].claimed = false;
	spin_unlock(&lines_lock);
}

static void lines_handle(void)
{
	unsigned int irq;

	while ((irq = line_claim()) != 0) {
		irq_dispatch(irq);
		line_complete(irq);
	}
}

static const struct irq_chip chip = {
	.name = "fake",
	.irq_count = FAKE_HOST_LINES,
	.enable = line_enable,
	.disable = line_disable,
	.mask = line_mask,
	.handle = lines_handle,
};

struct fake_line fake_line_get(unsigned int line)
{
	unsigned long flags = spin_lock_irqsave(&lines_lock);
	struct fake_line copy = lines[line];

	spin_unlock_irqrestore(&lines_lock, flags);
	return copy;
}

void fake_line_set(unsigned int line, bool level)
{
	unsigned long flags = spin_lock_irqsave(&lines_lock);

	lines[line].level = level;
	spin_unlock_irqrestore(&lines_lock, flags);
}

void fake_lines_take(void)
{
	unsigned long flags = arch_irq_save();

	irq_external();
	arch_irq_restore(flags);
}

/* ---- the host's tree ---- */

static int node_take(const void *fdt, int node)
{
	(void)fdt;
	(void)node;
	return 0;
}

static const char *const controller_names[] = { "test,host-controller", NULL };
static const struct driver controller_driver = { .name = "host-controller",
						 .class = DRIVER_INTERRUPT_CONTROLLER,
						 .compatible = controller_names,
						 .probe = node_take };
DRIVER_REGISTER(controller_driver);

static const char *const serial_names[] = { "test,host-serial", NULL };
static const struct driver serial_driver = { .name = "host-serial",
					     .class = DRIVER_SERIAL,
					     .compatible = serial_names,
					     .probe = node_take };
DRIVER_REGISTER(serial_driver);

static void *host_fdt;

static void u32_set(void *fdt, const char *path, const char *property, uint32_t value)
{
	require(fdt_setprop_u32(fdt, fake_tree_node(fdt, path), property, value) == 0, path);
}

static void u32_append(void *fdt, const char *path, const char *property, uint32_t value)
{
	require(fdt_appendprop_u32(fdt, fake_tree_node(fdt, path), property, value) == 0, path);
}

static void text_set(void *fdt, const char *path, const char *property, const char *text)
{
	require(fdt_setprop_string(fdt, fake_tree_node(fdt, path), property, text) == 0, path);
}

static void node_add(void *fdt, const char *parent, const char *name)
{
	require(fdt_add_subnode(fdt, fake_tree_node(fdt, parent), name) >= 0, name);
}

static void bus_add(const char *name)
{
	char path[32];

	(void)snprintf(path, sizeof(path), "/%s", name);
	node_add(host_fdt, "/", name);
	u32_set(host_fdt, path, "#address-cells", 2);
	u32_set(host_fdt, path, "#size-cells", 2);
}

static void empty_set(const char *path, const char *property)
{
	require(fdt_setprop_empty(host_fdt, fake_tree_node(host_fdt, path), property) == 0, path);
}

static void controllers_add(void)
{
	fake_tree_node_add(host_fdt, "/soc", "plic@c000000", "test,host-controller", 0xc000000,
			   0x1000);
	u32_set(host_fdt, "/soc/plic@c000000", "phandle", HOST_CONTROLLER);
	u32_set(host_fdt, "/soc/plic@c000000", "#interrupt-cells", 1);
	empty_set("/soc/plic@c000000", "interrupt-controller");
	fake_tree_node_add(host_fdt, "/soc", "gpio@c100000", "acme,gpio", 0xc100000, 0x1000);
	u32_set(host_fdt, "/soc/gpio@c100000", "phandle", HOST_OTHER);
	u32_set(host_fdt, "/soc/gpio@c100000", "#interrupt-cells", 1);
	u32_set(host_fdt, "/soc", "interrupt-parent", HOST_CONTROLLER);
}

static void devices_add(void)
{
	const uint64_t adder[] = { FAKE_ADDER_BASE, 0x1000, FAKE_ADDER_BASE_2, 0x2000 };

	fake_tree_node_add(host_fdt, "/soc", "adder@10001000", "acme,adder", 0, 0x1000);
	fake_tree_reg_set(host_fdt, FAKE_ADDER, adder, 2);
	u32_set(host_fdt, FAKE_ADDER, "interrupts", FAKE_ADDER_LINE);
	u32_append(host_fdt, FAKE_ADDER, "interrupts", FAKE_ADDER_LINE_2);
	fake_tree_node_add(host_fdt, "/soc", "serial@10003000", "test,host-serial", 0x10003000,
			   0x1000);
	fake_tree_node_add(host_fdt, "/soc", "disabled@10004000", "acme,adder", 0x10004000, 0x1000);
	text_set(host_fdt, "/soc/disabled@10004000", "status", "disabled");
	fake_tree_node_add(host_fdt, "/soc", "crumb@10005200", "acme,crumb", 0x10005200, 0x200);
	fake_tree_node_add(host_fdt, "/soc", "lock@10006000", "acme,lock", 0x10006000, 0x1000);
	u32_set(host_fdt, "/soc/lock@10006000", "interrupts", 5);
	fake_tree_node_add(host_fdt, "/soc", "leaf@10007000", "acme,leaf", 0x10007000, 0x1000);
	u32_set(host_fdt, "/soc/leaf@10007000", "interrupts", 6);
	u32_set(host_fdt, "/soc/leaf@10007000", "interrupt-parent", HOST_OTHER);
	fake_tree_node_add(host_fdt, "/soc", "comb@10020000", "acme,comb", 0x10020000, 0x1000);
	u32_set(host_fdt, "/soc/comb@10020000", "interrupts", 1);
	for (uint32_t line = 2; line < 10; line++)
		u32_append(host_fdt, "/soc/comb@10020000", "interrupts", line);
	fake_tree_node_add(host_fdt, "/bridge", "behind@1000", "acme,adder", 0x1000, 0x1000);
	fake_tree_node_add(host_fdt, "/reserved", "firmware@80000000", "", FAKE_RAM_BASE, 0x1000);
}

void fake_host_devices_init(void)
{
	if (host_fdt != NULL)
		return;
	host_fdt = aligned_alloc(8, FAKE_TREE_SIZE);
	require(host_fdt != NULL && fdt_create_empty_tree(host_fdt, FAKE_TREE_SIZE) == 0, "tree");
	u32_set(host_fdt, "/", "#address-cells", 2);
	u32_set(host_fdt, "/", "#size-cells", 2);
	fake_tree_node_add(host_fdt, "/", "memory@80000000", "", FAKE_RAM_BASE, FAKE_RAM_SIZE);
	text_set(host_fdt, "/memory@80000000", "device_type", "memory");
	bus_add("soc");
	empty_set("/soc", "ranges");
	bus_add("bridge");
	u32_set(host_fdt, "/bridge", "ranges", 0);
	bus_add("reserved");
	empty_set("/reserved", "ranges");
	controllers_add();
	devices_add();
	host_tree_set(host_fdt);
	require(irq_chip_register(&chip) == 0, "a second interrupt controller");
	drivers_probe();
}

/* ---- the guest's side ---- */

void fake_tree_adder_add(void *fdt)
{
	const char *plic = "/soc/plic@c000000";
	const uint64_t adder[] = { FAKE_GUEST_BASE, 0x1000, FAKE_GUEST_BASE_2, 0x2000 };

	node_add(fdt, "/cpus/cpu@0", "interrupt-controller");
	u32_set(fdt, "/cpus/cpu@0/interrupt-controller", "#interrupt-cells", 1);
	u32_set(fdt, "/cpus/cpu@0/interrupt-controller", "phandle", GUEST_VCPU_IRQ);
	fake_tree_node_add(fdt, "/soc", "plic@c000000", "riscv,plic0", 0xc000000, 0x600000);
	u32_set(fdt, plic, "phandle", GUEST_CONTROLLER);
	u32_set(fdt, plic, "#interrupt-cells", 1);
	u32_set(fdt, plic, "riscv,ndev", FAKE_GUEST_INPUTS - 1);
	u32_set(fdt, plic, "interrupts-extended", GUEST_VCPU_IRQ);
	u32_append(fdt, plic, "interrupts-extended", S_EXTERNAL);
	fake_tree_node_add(fdt, "/soc", "adder@5000000", "acme,adder", 0, 0x1000);
	fake_tree_reg_set(fdt, FAKE_GUEST_ADDER, adder, 2);
	text_set(fdt, FAKE_GUEST_ADDER, "corbel,passthrough", FAKE_ADDER);
	u32_set(fdt, FAKE_GUEST_ADDER, "interrupt-parent", GUEST_CONTROLLER);
	u32_set(fdt, FAKE_GUEST_ADDER, "interrupts", FAKE_GUEST_INPUT);
	u32_append(fdt, FAKE_GUEST_ADDER, "interrupts", FAKE_GUEST_INPUT_2);
}

struct vdev *fake_guest_plic(const struct guest *guest)
{
	const struct region *region = guest_region_find(guest, GPA(0xc000000));

	require(region != NULL && region->vdev != NULL, "the guest has no interrupt controller");
	return region->vdev;
}

void fake_guest_enable(const struct guest *guest, unsigned int input)
{
	struct vdev *plic = fake_guest_plic(guest);
	uint64_t enabled = fake_device_read(plic, PLIC_ENABLE, 4);

	fake_device_write(plic, PLIC_PRIORITY(input), 4, 1);
	fake_device_write(plic, PLIC_ENABLE, 4, enabled | UINT64_C(1) << input);
}

uint32_t fake_guest_claim(const struct guest *guest)
{
	return (uint32_t)fake_device_read(fake_guest_plic(guest), PLIC_CLAIM, 4);
}

void fake_guest_complete(const struct guest *guest, uint32_t input)
{
	fake_device_write(fake_guest_plic(guest), PLIC_CLAIM, 4, input);
}

bool fake_guest_pending(const struct guest *guest, unsigned int input)
{
	return (fake_device_read(fake_guest_plic(guest), PLIC_PENDING, 4) >> input & 1) != 0;
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * A virtual PIIX4 south bridge as the Malta board has it, device 10 of its PCI bus: configuration
 * of the ISA bridge, the IDE interface and power management, the registers of power management,
 * and the reset control register. Interrupt controllers, timers and clock, which are in it too, are
 * devices of their own; IDE has no disks; USB is not there.
 *
 *	region 0  64 bytes of power management, where the guest is to put them
 *	region 1  port cf9: reset control (may be missing)
 *	corbel,pci-host  the host bridge, whose node comes before
 *
 * I/O ports count from the start of a window, which is 64 KiB aligned.
 */
#include <errno.h>

#include <corbel/guest.h>
#include <corbel/object.h>
#include <corbel/spinlock.h>
#include <corbel/time.h>
#include <corbel/tree.h>
#include <corbel/vdev.h>
#include <vdev/pci.h>
#include <vdev/register_bank.h>

#define PCI_DEVICE 10u
#define PORT_MASK  0xffffu

/* 82371AB data sheet: sections 4 to 7 for the functions, 7.2 for power management's ports. */
enum {
	PM_BASE = 0x40, /* of function 3 */
	PM_MISC = 0x80,
};
#define PM_BASE_MASK   0xffc0u
#define PM_MISC_ENABLE 0x01u
#define PM_SIZE	       0x40u

enum {
	PORT_CONTROL = 0x04, /* two bytes */
	PORT_TIMER = 0x08,   /* four bytes */
};
#define CONTROL_SUSPEND_ENABLE 0x2000u
#define CONTROL_SUSPEND_TYPE   0x1c00u /* 0: soft off */

#define PM_TIMER_HZ   UINT64_C(3579545)
#define PM_TIMER_MASK 0xffffffu

#define RESET_CPU  0x04u
#define RESET_MASK 0x06u

static const struct register_entry isa_entries[] = {
	{ 0x00, 4, 0x71108086, 0, 0 },
	{ 0x04, 2, 0x0007, 0x0108, 0 },
	{ 0x06, 2, 0x0280, 0, 0x7900 },
	{ 0x08, 4, 0x06010002, 0, 0 },
	{ 0x0e, 1, 0x80, 0, 0 }, /* there are more functions */
	{ 0x4c, 1, 0x4d, 0xff, 0 },
	{ 0x4e, 2, 0x0003, 0x07ff, 0 },
	/* Where PCI interrupts lead to, as the board's monitor sets it. */
	{ 0x60, 4, 0x0b0b0a0a, 0x8f8f8f8f, 0 },
	{ 0x64, 1, 0x10, 0xff, 0 },
	{ 0x69, 1, 0x02, 0xfe, 0 },
	{ 0x6a, 2, 0x0000, 0x807f, 0 },
	{ 0x76, 2, 0x0c0c, 0x8f8f, 0 },
	{ 0x78, 2, 0x0000, 0xffff, 0 },
	{ 0x80, 1, 0x00, 0x7f, 0 },
	{ 0x82, 1, 0x00, 0x0f, 0 },
	{ 0x90, 2, 0x0000, 0xffff, 0 },
	{ 0x92, 2, 0x0000, 0xffff, 0 },
	{ 0xb0, 4, 0x00000000, 0xffffffff, 0 },
	{ 0xcb, 1, 0x21, 0x3f, 0 },
};

static const struct register_entry ide_entries[] = {
	{ 0x00, 4, 0x71118086, 0, 0 },
	{ 0x04, 2, 0x0000, 0x0005, 0 },
	{ 0x06, 2, 0x0280, 0, 0x3900 },
	{ 0x08, 4, 0x01018001, 0, 0 },
	{ 0x0d, 1, 0x00, 0xf0, 0 },
	{ 0x20, 4, 0x00000001, 0xfff0, 0 },
	{ 0x40, 4, 0x00000000, 0xffffffff, 0 },
	{ 0x44, 1, 0x00, 0xff, 0 },
	{ 0x48, 1, 0x00, 0x0f, 0 },
	{ 0x4a, 2, 0x0000, 0x3333, 0 },
};

static const struct register_entry power_entries[] = {
	{ 0x00, 4, 0x71138086, 0, 0 },		{ 0x04, 2, 0x0000, 0x0001, 0 },
	{ 0x06, 2, 0x0280, 0, 0x7900 },		{ 0x08, 4, 0x06800002, 0, 0 },
	{ 0x3c, 2, 0x0100, 0x00ff, 0 },		{ PM_BASE, 4, 0x00000001, PM_BASE_MASK, 0 },
	{ 0x44, 4, 0x00000000, 0xffffffff, 0 }, { 0x48, 4, 0x00000000, 0xffffffff, 0 },
	{ 0x4c, 4, 0x00000000, 0xffffffff, 0 }, { 0x50, 4, 0x00000000, 0xffffffff, 0 },
	{ 0x54, 4, 0x00000000, 0xffffffff, 0 }, { 0x58, 4, 0x00000000, 0xffffffff, 0 },
	{ 0x5c, 4, 0x00000000, 0xffffffff, 0 }, { 0x60, 4, 0x00000000, 0xffffffff, 0 },
	{ 0x64, 4, 0x00000000, 0xffffffff, 0 }, { 0x68, 4, 0x00000000, 0xffffffff, 0 },
	{ 0x6c, 4, 0x00000000, 0xffffffff, 0 }, { 0x70, 4, 0x00000000, 0xffffffff, 0 },
	{ 0x74, 4, 0x00000000, 0xffffffff, 0 }, { 0x78, 4, 0x00000000, 0xffffffff, 0 },
	{ 0x7c, 4, 0x00000000, 0xffffffff, 0 }, { PM_MISC, 1, 0x00, 0x01, 0 },
	{ 0x90, 4, 0x00000001, 0xfff0, 0 },	{ 0xd2, 4, 0x00000000, 0xffffffff, 0 },
};

/* Nothing ever happens to the board, so its status bits stay zero. */
static const struct register_entry port_entries[] = {
	{ 0x00, 2, 0x0000, 0, 0x8d31 },
	{ 0x02, 2, 0x0000, 0x0521, 0 },
	{ PORT_CONTROL, 2, 0x0000, CONTROL_SUSPEND_TYPE | 0x0003, 0 },
	{ 0x0c, 2, 0x0000, 0, 0x0fff },
	{ 0x0e, 2, 0x0000, 0x0fff, 0 },
	{ 0x10, 4, 0x00000000, 0x0003ffff, 0 },
	{ 0x18, 2, 0x0000, 0, 0xffff },
	{ 0x1c, 4, 0x00000000, 0, 0xffffffff },
	{ 0x20, 2, 0x0000, 0xffff, 0 },
	{ 0x28, 4, 0x00000000, 0xffffffff, 0 },
	{ 0x2c, 4, 0x00000000, 0xffffffff, 0 },
	{ 0x34, 4, 0x7fffbfff, 0xffffffff, 0 },
};

enum {
	FUNCTION_ISA,
	FUNCTION_IDE,
	FUNCTION_POWER,
	FUNCTION_COUNT,
};

static const struct {
	unsigned int number;
	const struct register_entry *entries;
	unsigned int count;
} functions[FUNCTION_COUNT] = {
	[FUNCTION_ISA] = { 0, isa_entries, ARRAY_SIZE(isa_entries) },
	[FUNCTION_IDE] = { 1, ide_entries, ARRAY_SIZE(ide_entries) },
	[FUNCTION_POWER] = { 3, power_entries, ARRAY_SIZE(power_entries) },
};

struct piix4;

struct function {
	struct pci_function base;
	struct piix4 *owner;
	struct register_bank config;
};

struct piix4 {
	struct vdev vdev;
	struct pci_bus *bus;  /* constant */
	uint32_t power_port;  /* at which region 0 is; constant */
	struct spinlock lock; /* everything below and in functions */
	struct function functions[FUNCTION_COUNT];
	struct register_bank ports;
	uint8_t reset_control;
};

static struct piix4 *piix4_of(struct vdev *vdev)
{
	return container_of(vdev, struct piix4, vdev);
}

/* ---- configuration ---- */

static uint32_t function_read(struct pci_function *base, unsigned int offset, unsigned int size)
{
	struct function *function = container_of(base, struct function, base);
	uint32_t value;

	spin_lock(&function->owner->lock);
	value = (uint32_t)register_bank_read(&function->config, offset, size);
	spin_unlock(&function->owner->lock);
	return value;
}

static void function_write(struct pci_function *base, unsigned int offset, unsigned int size,
			   uint32_t value)
{
	struct function *function = container_of(base, struct function, base);

	spin_lock(&function->owner->lock);
	register_bank_write(&function->config, offset, size, value);
	spin_unlock(&function->owner->lock);
}

/* ---- power management ---- */

/* Whether the guest has put the ports where the region is, and turned them on. */
static bool ports_answer(const struct piix4 *piix4)
{
	const struct register_bank *config = &piix4->functions[FUNCTION_POWER].config;

	return (register_bank_read(config, PM_MISC, 1) & PM_MISC_ENABLE) != 0 &&
	       (register_bank_read(config, PM_BASE, 4) & PM_BASE_MASK) == piix4->power_port;
}

static uint32_t power_timer(void)
{
	uint64_t now = time_now();

	return (uint32_t)(now / NS_PER_S * PM_TIMER_HZ + now % NS_PER_S * PM_TIMER_HZ / NS_PER_S) &
	       PM_TIMER_MASK;
}

static uint64_t power_read(struct piix4 *piix4, uint64_t offset, unsigned int size)
{
	uint32_t timer = power_timer();

	if (!ports_answer(piix4))
		return UINT64_MAX;
	for (unsigned int i = 0; i < 4; i++)
		piix4->ports.value[PORT_TIMER + i] = (uint8_t)(timer >> (8 * i));
	return register_bank_read(&piix4->ports, offset, size);
}

/* Whether the write asks for power off: soft off, and enabled by the upper byte of control. */
static bool power_off_is_asked(const struct piix4 *piix4, uint64_t offset, unsigned int size,
			       uint64_t value)
{
	uint64_t control;

	if (offset > PORT_CONTROL + 1 || offset + size < PORT_CONTROL + 2)
		return false;
	control = register_bank_read(&piix4->ports, PORT_CONTROL, 2);
	if ((control & CONTROL_SUSPEND_TYPE) != 0)
		return false;
	return (value >> (8 * (PORT_CONTROL + 1 - offset)) & CONTROL_SUSPEND_ENABLE >> 8) != 0;
}

static void power_write(struct piix4 *piix4, uint64_t offset, unsigned int size, uint64_t value)
{
	if (!ports_answer(piix4))
		return;
	register_bank_write(&piix4->ports, offset, size, value);
	if (power_off_is_asked(piix4, offset, size, value))
		guest_request(piix4->vdev.guest, GUEST_REQUEST_POWEROFF);
}

/* ---- reset control ---- */

/* The processor is reset when its bit rises; whether all else is too makes no difference here. */
static void reset_write(struct piix4 *piix4, uint8_t value)
{
	bool rises = (value & (uint8_t)~piix4->reset_control & RESET_CPU) != 0;

	piix4->reset_control = value & RESET_MASK;
	if (rises)
		guest_request(piix4->vdev.guest, GUEST_REQUEST_REBOOT);
}

/* ---- accesses ---- */

static int piix4_read(struct vdev *vdev, unsigned int region, uint64_t offset, unsigned int size,
		      uint64_t *value)
{
	struct piix4 *piix4 = piix4_of(vdev);

	spin_lock(&piix4->lock);
	*value = region == 0 ? power_read(piix4, offset, size) : piix4->reset_control;
	spin_unlock(&piix4->lock);
	*value &= UINT64_MAX >> (64 - 8 * size);
	return 0;
}

static int piix4_write(struct vdev *vdev, unsigned int region, uint64_t offset, unsigned int size,
		       uint64_t value)
{
	struct piix4 *piix4 = piix4_of(vdev);

	spin_lock(&piix4->lock);
	if (region == 0)
		power_write(piix4, offset, size, value);
	else
		reset_write(piix4, (uint8_t)value);
	spin_unlock(&piix4->lock);
	return 0;
}

/* ---- life ---- */

static void registers_reset(struct piix4 *piix4)
{
	for (unsigned int i = 0; i < FUNCTION_COUNT; i++)
		register_bank_reset(&piix4->functions[i].config, functions[i].entries,
				    functions[i].count);
	register_bank_reset(&piix4->ports, port_entries, ARRAY_SIZE(port_entries));
	piix4->reset_control = 0;
}

static void piix4_reset(struct vdev *vdev)
{
	struct piix4 *piix4 = piix4_of(vdev);
	unsigned long flags = spin_lock_irqsave(&piix4->lock);

	registers_reset(piix4);
	spin_unlock_irqrestore(&piix4->lock, flags);
}

static void piix4_destroy(struct vdev *vdev)
{
	struct piix4 *piix4 = piix4_of(vdev);

	for (unsigned int i = 0; i < FUNCTION_COUNT; i++)
		piix4->bus->functions[PCI_SLOT(PCI_DEVICE, functions[i].number)] = NULL;
	object_free(piix4);
}

static const struct vdev_ops piix4_ops = {
	.read = piix4_read,
	.write = piix4_write,
	.reset = piix4_reset,
	.destroy = piix4_destroy,
};

static int bus_find(const struct vdev_config *config, struct pci_bus **bus, struct error *error)
{
	struct vdev *host;
	int result = vdev_find(config, "corbel,pci-host", &host, error);

	if (result == 0)
		*bus = pci_bus_of(host);
	if (result == -ENOENT || (result == 0 && *bus == NULL))
		return vdev_node_error(config, error,
				       "corbel,pci-host must name a PCI host bridge");
	if (result == 0 && (*bus)->functions[PCI_SLOT(PCI_DEVICE, 0)] != NULL)
		return vdev_node_error(config, error,
				       "there is a device 10 on its PCI bus already");
	return result;
}

static int port_find(const struct vdev_config *config, uint32_t *port, struct error *error)
{
	uint64_t address, size;

	if (tree_reg_get(config->fdt, config->node, 0, &address, &size) != 0 || size != PM_SIZE ||
	    !IS_ALIGNED(address, PM_SIZE))
		return vdev_node_error(config, error,
				       "the first entry of reg must be 64 bytes, aligned to that");
	*port = address & PORT_MASK;
	return 0;
}

static void bus_enter(struct piix4 *piix4)
{
	for (unsigned int i = 0; i < FUNCTION_COUNT; i++) {
		struct function *function = &piix4->functions[i];

		function->owner = piix4;
		function->base =
			(struct pci_function){ .read = function_read, .write = function_write };
		piix4->bus->functions[PCI_SLOT(PCI_DEVICE, functions[i].number)] = &function->base;
	}
}

static int piix4_create(const struct vdev_config *config, struct vdev **out, struct error *error)
{
	struct pci_bus *bus = NULL;
	struct piix4 *piix4;
	uint32_t port = 0;
	int result = bus_find(config, &bus, error);

	if (result == 0)
		result = port_find(config, &port, error);
	if (result != 0)
		return result;
	piix4 = object_alloc(sizeof(*piix4));
	if (piix4 == NULL)
		return error_set(error, -ENOMEM, "%s: no memory for a south bridge", config->file);
	piix4->vdev.ops = &piix4_ops;
	piix4->vdev.guest = config->guest;
	piix4->bus = bus;
	piix4->power_port = port;
	registers_reset(piix4);
	bus_enter(piix4);
	*out = &piix4->vdev;
	return 0;
}

static const struct vdev_type piix4_type = {
	.name = "piix4",
	.compatible = (const char *const[]){ "intel,piix4", NULL },
	.create = piix4_create,
};
VDEV_REGISTER(piix4_type);

// SPDX-License-Identifier: BSD-2-Clause
/*
 * A virtual GT-64120 system controller as the Malta board has it: address decoders, interrupt
 * cause, PCI configuration, interrupt acknowledge. Its SDRAM, DMA and timers are only registers.
 *
 *	regions   4 KiB of registers at each place to which the guest may move them
 *	interrupt-parent  the i8259 that is acknowledged; may be missing
 *
 * Address decoders cannot move anything in a guest, whose address space is fixed by its tree; they
 * start as the board's monitor leaves them, which is where the tree has the windows, for a kernel
 * may be started without a boot loader. For the same reason the registers are at all their places
 * until the guest has moved them; then at that place only.
 *
 * Registers are little-endian words, whatever the processor is.
 */
#include <errno.h>

#include <corbel/object.h>
#include <corbel/panic.h>
#include <corbel/spinlock.h>
#include <corbel/tree.h>
#include <corbel/vdev.h>
#include <vdev/i8259.h>
#include <vdev/pci.h>
#include <vdev/register_bank.h>

/* GT-64120 data sheet, "Register Tables". */
enum {
	GT_CPU = 0x000,
	GT_PCI0_IO_LOW = 0x048,
	GT_PCI0_MEMORY0_LOW = 0x058,
	GT_INTERNAL_DECODE = 0x068,
	GT_PCI0_MEMORY1_LOW = 0x080,
	GT_PCI1_IO_LOW = 0x090,
	GT_PCI1_MEMORY0_LOW = 0x0a0,
	GT_PCI1_MEMORY1_LOW = 0x0b0,
	GT_PCI0_IO_REMAP = 0x0f0,
	GT_PCI0_MEMORY0_REMAP = 0x0f8,
	GT_PCI0_MEMORY1_REMAP = 0x100,
	GT_PCI1_IO_REMAP = 0x108,
	GT_PCI1_MEMORY0_REMAP = 0x110,
	GT_PCI1_MEMORY1_REMAP = 0x118,
	GT_PCI0_COMMAND = 0xc00,
	GT_INTERRUPT_CAUSE = 0xc18,
	GT_INTERRUPT_MASK = 0xc1c,
	GT_PCI0_ACKNOWLEDGE = 0xc34,
	GT_PCI0_CONFIG_ADDRESS = 0xcf8,
	GT_PCI0_CONFIG_DATA = 0xcfc,
	GT_SIZE = 0x1000,
};

#define REMAP_MASK   0x7ffu
#define DECODE_SHIFT 21

#define CPU_LITTLE_ENDIAN      0x1000u
#define COMMAND_NO_MASTER_SWAP 0x1u
#define COMMAND_NO_SLAVE_SWAP  0x10000u

#define CAUSE_SUMMARY	   0x1u
#define CAUSE_MASTER_ABORT (1u << 18) /* nobody answered on PCI 0 */

#define CONFIG_ENABLE	       0x80000000u
#define CONFIG_BUS(address)    ((address) >> 16 & 0xff)
#define CONFIG_SLOT(address)   ((address) >> 8 & 0xff)
#define CONFIG_OFFSET(address) ((address)&0xfc)
#define CONFIG_DEVICES	       0x00fff800u /* any bit: not the controller itself */

#define REGION_MAX 4u

struct gt_register {
	uint32_t reset;
	uint32_t writable;
};

static const struct gt_register registers[GT_SIZE / 4] = {
	[GT_CPU / 4] = { CPU_LITTLE_ENDIAN, 0x0003ffff },
	[0x120 / 4] = { 3, 0 }, /* one controller on the processor's bus */
	/* Where RAM, devices and PCI are seen by the processor. */
	[0x008 / 4] = { 0x000, 0x7fff },
	[0x010 / 4] = { 0x07, 0x7f },
	[0x018 / 4] = { 0x008, 0x7fff },
	[0x020 / 4] = { 0x0f, 0x7f },
	[0x028 / 4] = { 0x0e0, 0x7fff },
	[0x030 / 4] = { 0x70, 0x7f },
	[0x038 / 4] = { 0x0f8, 0x7fff },
	[0x040 / 4] = { 0x7f, 0x7f },
	[GT_PCI0_IO_LOW / 4] = { 0x0c0, 0x7fff }, /* 18000000 to 181fffff */
	[0x050 / 4] = { 0x40, 0x7f },
	[GT_PCI0_MEMORY0_LOW / 4] = { 0x080, 0x7fff }, /* 10000000 to 17ffffff */
	[0x060 / 4] = { 0x3f, 0x7f },
	[GT_INTERNAL_DECODE / 4] = { 0x0a0, 0x7fff },
	[GT_PCI0_MEMORY1_LOW / 4] = { 0x0c1, 0x7fff }, /* 18200000 to 1bdfffff */
	[0x088 / 4] = { 0x5e, 0x7f },
	[GT_PCI1_IO_LOW / 4] = { 0x100, 0x7fff },
	[0x098 / 4] = { 0x0f, 0x7f },
	[GT_PCI1_MEMORY0_LOW / 4] = { 0x110, 0x7fff },
	[0x0a8 / 4] = { 0x1f, 0x7f },
	[GT_PCI1_MEMORY1_LOW / 4] = { 0x120, 0x7fff },
	[0x0b8 / 4] = { 0x2f, 0x7f },
	[0x0d0 / 4] = { 0x000, REMAP_MASK },
	[0x0d8 / 4] = { 0x008, REMAP_MASK },
	[0x0e0 / 4] = { 0x0e0, REMAP_MASK },
	[0x0e8 / 4] = { 0x0f8, REMAP_MASK },
	[GT_PCI0_IO_REMAP / 4] = { 0x0c0, REMAP_MASK },
	[GT_PCI0_MEMORY0_REMAP / 4] = { 0x080, REMAP_MASK },
	[GT_PCI0_MEMORY1_REMAP / 4] = { 0x0c1, REMAP_MASK },
	[GT_PCI1_IO_REMAP / 4] = { 0x100, REMAP_MASK },
	[GT_PCI1_MEMORY0_REMAP / 4] = { 0x110, REMAP_MASK },
	[GT_PCI1_MEMORY1_REMAP / 4] = { 0x120, REMAP_MASK },
	/* The last access that failed: none did. */
	[0x128 / 4] = { 0xffffffff, 0 },
	[0x130 / 4] = { 0xffffffff, 0 },
	[0x138 / 4] = { 0xff, 0 },
	/* Where RAM and devices are seen by all. */
	[0x400 / 4] = { 0x00, 0xff },
	[0x404 / 4] = { 0x07, 0xff },
	[0x408 / 4] = { 0x08, 0xff },
	[0x40c / 4] = { 0x0f, 0xff },
	[0x410 / 4] = { 0x10, 0xff },
	[0x414 / 4] = { 0x17, 0xff },
	[0x418 / 4] = { 0x18, 0xff },
	[0x41c / 4] = { 0x1f, 0xff },
	[0x420 / 4] = { 0xc0, 0xff },
	[0x424 / 4] = { 0xc7, 0xff },
	[0x428 / 4] = { 0xc8, 0xff },
	[0x42c / 4] = { 0xcf, 0xff },
	[0x430 / 4] = { 0xd0, 0xff },
	[0x434 / 4] = { 0xdf, 0xff },
	[0x438 / 4] = { 0xf0, 0xff },
	[0x43c / 4] = { 0xfb, 0xff },
	[0x440 / 4] = { 0xfc, 0xff },
	[0x444 / 4] = { 0xff, 0xff },
	[0x470 / 4] = { 0xffffffff, 0 },
	/* SDRAM and devices: how fast, how wide. */
	[0x448 / 4] = { 0x00000200, 0xffffffff },
	[0x44c / 4] = { 0x00000005, 0xffffffff },
	[0x450 / 4] = { 0x00000005, 0xffffffff },
	[0x454 / 4] = { 0x00000005, 0xffffffff },
	[0x458 / 4] = { 0x00000005, 0xffffffff },
	[0x45c / 4] = { 0x386fffff, 0xffffffff },
	[0x460 / 4] = { 0x386fffff, 0xffffffff },
	[0x464 / 4] = { 0x386fffff, 0xffffffff },
	[0x468 / 4] = { 0x386fffff, 0xffffffff },
	[0x46c / 4] = { 0x146fffff, 0xffffffff },
	[0x474 / 4] = { 0x00000000, 0xffffffff },
	[0x478 / 4] = { 0x00000007, 0xffffffff },
	[0x47c / 4] = { 0x00000002, 0xffffffff },
	/* Timers that do not count. */
	[0x850 / 4] = { 0xffffffff, 0 },
	[0x854 / 4] = { 0x00ffffff, 0 },
	[0x858 / 4] = { 0x00ffffff, 0 },
	[0x85c / 4] = { 0x00ffffff, 0 },
	/* PCI 0; there is no PCI 1. */
	[GT_PCI0_COMMAND / 4] = { COMMAND_NO_MASTER_SWAP | COMMAND_NO_SLAVE_SWAP, 0x0401fc0f },
	[0xc04 / 4] = { 0x0000070f, 0x0000ffff },
	[0xc08 / 4] = { 0x00fff000, 0xfffff000 },
	[0xc0c / 4] = { 0x00fff000, 0xfffff000 },
	[0xc10 / 4] = { 0x01fff000, 0xfffff000 },
	[0xc14 / 4] = { 0x00fff000, 0xfffff000 },
	[0xc3c / 4] = { 0x0000000f, 0x000001ff },
	[0xc40 / 4] = { 0x00000040, 0x000000ff },
	[0xc48 / 4] = { 0x00000000, 0xfffff000 },
	[0xc4c / 4] = { 0x01000000, 0xfffff000 },
	[0xc50 / 4] = { 0x1c000000, 0xfffff000 },
	[0xc54 / 4] = { 0x1f000000, 0xfffff000 },
	[0xc58 / 4] = { 0x00000000, 0xfffff000 },
	[0xc5c / 4] = { 0x01000000, 0xfffff000 },
	[0xc64 / 4] = { 0x1f000000, 0xfffff000 },
	[GT_INTERRUPT_MASK / 4] = { 0, 0x3c3ffffe },
	[0xc24 / 4] = { 0, 0x03fffffe },
	[0xc28 / 4] = { 0, 0x0000003f },
	[GT_PCI0_CONFIG_ADDRESS / 4] = { 0, 0x80fffffc },
};

/* The controller's own configuration space, as much of it as is looked at. */
static const struct register_entry config_entries[] = {
	{ 0x00, 4, 0x462011ab, 0, 0 },
	{ 0x04, 2, 0x0000, 0x0147, 0 },
	{ 0x06, 2, 0x0280, 0, 0xf900 },
	{ 0x08, 4, 0x06000010, 0, 0 }, /* host bridge */
	{ 0x0c, 2, 0x0000, 0xffff, 0 },
	/* Where PCI sees RAM, devices and the registers; nothing there masters the bus. */
	{ 0x10, 4, 0x00000008, 0xfffff000, 0 },
	{ 0x14, 4, 0x01000008, 0xfffff000, 0 },
	{ 0x18, 4, 0x1c000000, 0xfffff000, 0 },
	{ 0x1c, 4, 0x1f000000, 0xfffff000, 0 },
	{ 0x20, 4, 0x14000000, 0xfffff000, 0 },
	{ 0x24, 4, 0x14000001, 0xfffff000, 0 },
	{ 0x3c, 2, 0x0100, 0x00ff, 0 },
};

struct gt64120 {
	struct vdev vdev;
	struct vdev *interrupts;     /* constant; may be NULL */
	uint64_t places[REGION_MAX]; /* constant */
	struct pci_bus bus;	     /* constant while VCPUs run */
	struct pci_function function;
	struct spinlock lock; /* changes of everything below */
	struct register_bank config;
	bool moved;
	uint32_t values[GT_SIZE / 4];
};

static const struct vdev_ops gt_ops;

static struct gt64120 *gt_of(struct vdev *vdev)
{
	return container_of(vdev, struct gt64120, vdev);
}

struct pci_bus *pci_bus_of(struct vdev *host)
{
	return host->ops == &gt_ops ? &gt_of(host)->bus : NULL;
}

/* ---- PCI configuration ---- */

static uint32_t own_config_read(struct pci_function *function, unsigned int offset,
				unsigned int size)
{
	struct gt64120 *gt = container_of(function, struct gt64120, function);
	uint32_t value;

	spin_lock(&gt->lock);
	value = (uint32_t)register_bank_read(&gt->config, offset, size);
	spin_unlock(&gt->lock);
	return value;
}

static void own_config_write(struct pci_function *function, unsigned int offset, unsigned int size,
			     uint32_t value)
{
	struct gt64120 *gt = container_of(function, struct gt64120, function);

	spin_lock(&gt->lock);
	register_bank_write(&gt->config, offset, size, value);
	spin_unlock(&gt->lock);
}

static void master_abort(struct gt64120 *gt)
{
	spin_lock(&gt->lock);
	gt->values[GT_INTERRUPT_CAUSE / 4] |= CAUSE_MASTER_ABORT | CAUSE_SUMMARY;
	spin_unlock(&gt->lock);
}

/*
 * The function that answers a configuration cycle, or NULL. There is nothing behind bridges, and of
 * cycles that address nothing nobody is told.
 */
static struct pci_function *config_target(struct gt64120 *gt, uint32_t address)
{
	struct pci_function *function = NULL;

	if ((address & CONFIG_ENABLE) == 0)
		return NULL;
	if (CONFIG_BUS(address) == 0)
		function = gt->bus.functions[CONFIG_SLOT(address)];
	if (function == NULL)
		master_abort(gt);
	return function;
}

/* Whether bytes are swapped on their way to a device; the controller's own never are. */
static bool config_swaps(const struct gt64120 *gt, uint32_t address)
{
	return (READ_ONCE(gt->values[GT_PCI0_COMMAND / 4]) & COMMAND_NO_MASTER_SWAP) == 0 &&
	       (address & CONFIG_DEVICES) != 0;
}

static uint32_t swap(uint32_t value, unsigned int size)
{
	return __builtin_bswap32(value) >> (32 - 8 * size);
}

/* Swapping words puts a part of one at the other end of it. */
static unsigned int config_offset(uint32_t address, unsigned int byte, unsigned int size,
				  bool swaps)
{
	return CONFIG_OFFSET(address) + (swaps ? 4 - byte - size : byte);
}

static uint32_t config_read(struct gt64120 *gt, unsigned int byte, unsigned int size)
{
	uint32_t address = READ_ONCE(gt->values[GT_PCI0_CONFIG_ADDRESS / 4]);
	struct pci_function *function = config_target(gt, address);
	bool swaps = config_swaps(gt, address);
	uint32_t value = UINT32_MAX;

	if (function != NULL)
		value = function->read(function, config_offset(address, byte, size, swaps), size);
	return swaps ? swap(value, size) : value;
}

static void config_write(struct gt64120 *gt, unsigned int byte, unsigned int size, uint32_t value)
{
	uint32_t address = READ_ONCE(gt->values[GT_PCI0_CONFIG_ADDRESS / 4]);
	struct pci_function *function = config_target(gt, address);
	bool swaps = config_swaps(gt, address);

	if (function != NULL)
		function->write(function, config_offset(address, byte, size, swaps), size,
				swaps ? swap(value, size) : value);
}

/* ---- registers ---- */

static uint32_t word_read(struct gt64120 *gt, uint64_t offset)
{
	if (offset == GT_PCI0_ACKNOWLEDGE)
		return gt->interrupts != NULL ? i8259_acknowledge(gt->interrupts) : UINT32_MAX;
	return offset < GT_SIZE ? READ_ONCE(gt->values[offset / 4]) : 0;
}

/* Writing the lower end of a window sets its translation too. */
static unsigned int remap_of(uint64_t offset)
{
	switch (offset) {
	case GT_PCI0_IO_LOW:
		return GT_PCI0_IO_REMAP;
	case GT_PCI0_MEMORY0_LOW:
		return GT_PCI0_MEMORY0_REMAP;
	case GT_PCI0_MEMORY1_LOW:
		return GT_PCI0_MEMORY1_REMAP;
	case GT_PCI1_IO_LOW:
		return GT_PCI1_IO_REMAP;
	case GT_PCI1_MEMORY0_LOW:
		return GT_PCI1_MEMORY0_REMAP;
	case GT_PCI1_MEMORY1_LOW:
		return GT_PCI1_MEMORY1_REMAP;
	default:
		return 0;
	}
}

/* Zeros clear causes; the summary goes with the last of them. */
static void cause_write(struct gt64120 *gt, uint32_t value)
{
	uint32_t cause = gt->values[GT_INTERRUPT_CAUSE / 4] & value & ~CAUSE_SUMMARY;

	gt->values[GT_INTERRUPT_CAUSE / 4] = cause != 0 ? cause | CAUSE_SUMMARY : 0;
}

static void word_write(struct gt64120 *gt, uint64_t offset, uint32_t value)
{
	const struct gt_register *description;
	uint32_t *word;

	if (offset >= GT_SIZE)
		return;
	description = &registers[offset / 4];
	word = &gt->values[offset / 4];
	spin_lock(&gt->lock);
	if (offset == GT_INTERRUPT_CAUSE)
		cause_write(gt, value);
	else
		*word = (*word & ~description->writable) | (value & description->writable);
	if (remap_of(offset) != 0)
		gt->values[remap_of(offset) / 4] = value & REMAP_MASK;
	if (offset == GT_INTERNAL_DECODE)
		gt->moved = true;
	spin_unlock(&gt->lock);
}

/* Whether the registers are where the region is. */
static bool region_answers(const struct gt64120 *gt, unsigned int region)
{
	uint64_t place = (uint64_t)READ_ONCE(gt->values[GT_INTERNAL_DECODE / 4]) << DECODE_SHIFT;

	ASSERT(region < REGION_MAX);
	return !READ_ONCE(gt->moved) || gt->places[region] == place;
}

/* Words, and parts of them for reading and for configuration. */
static int gt_read(struct vdev *vdev, unsigned int region, uint64_t offset, unsigned int size,
		   uint64_t *value)
{
	struct gt64120 *gt = gt_of(vdev);
	unsigned int byte = offset % 4;
	uint32_t word;

	if (byte + size > 4)
		return -ENXIO;
	if (!region_answers(gt, region))
		word = UINT32_MAX;
	else if (offset - byte == GT_PCI0_CONFIG_DATA)
		word = config_read(gt, byte, size);
	else
		word = word_read(gt, offset - byte) >> (8 * byte);
	*value = word & UINT32_MAX >> (32 - 8 * size);
	return 0;
}

static int gt_write(struct vdev *vdev, unsigned int region, uint64_t offset, unsigned int size,
		    uint64_t value)
{
	struct gt64120 *gt = gt_of(vdev);
	unsigned int byte = offset % 4;

	if (byte + size > 4)
		return -ENXIO;
	if (!region_answers(gt, region))
		return 0;
	if (offset - byte == GT_PCI0_CONFIG_DATA)
		config_write(gt, byte, size, (uint32_t)value);
	else if (size == 4)
		word_write(gt, offset, (uint32_t)value);
	return 0;
}

/* ---- life ---- */

static void registers_reset(struct gt64120 *gt)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(registers); i++)
		gt->values[i] = registers[i].reset;
	register_bank_reset(&gt->config, config_entries, ARRAY_SIZE(config_entries));
	gt->moved = false;
}

static void gt_reset(struct vdev *vdev)
{
	struct gt64120 *gt = gt_of(vdev);
	unsigned long flags = spin_lock_irqsave(&gt->lock);

	registers_reset(gt);
	spin_unlock_irqrestore(&gt->lock, flags);
}

static void gt_destroy(struct vdev *vdev)
{
	object_free(gt_of(vdev));
}

static const struct vdev_ops gt_ops = {
	.read = gt_read,
	.write = gt_write,
	.reset = gt_reset,
	.destroy = gt_destroy,
};

static int places_read(const struct vdev_config *config, struct gt64120 *gt, struct error *error)
{
	unsigned int count = 0;

	while (count < REGION_MAX &&
	       tree_reg_get(config->fdt, config->node, count, &gt->places[count], NULL) == 0)
		count++;
	if (tree_reg_get(config->fdt, config->node, count, NULL, NULL) == 0)
		return vdev_node_error(config, error, "reg must have 1 to 4 entries");
	return 0;
}

static int interrupts_find(const struct vdev_config *config, struct gt64120 *gt,
			   struct error *error)
{
	int result = vdev_find(config, "interrupt-parent", &gt->interrupts, error);

	if (result == -ENOENT)
		return 0;
	if (result == 0 && !i8259_is(gt->interrupts))
		return vdev_node_error(config, error,
				       "interrupt-parent must name an \"intel,i8259\"");
	return result;
}

static int gt_create(const struct vdev_config *config, struct vdev **out, struct error *error)
{
	struct gt64120 *gt = object_alloc(sizeof(*gt));
	int result;

	if (gt == NULL)
		return error_set(error, -ENOMEM, "%s: no memory for a system controller",
				 config->file);
	gt->vdev.ops = &gt_ops;
	gt->function = (struct pci_function){ .read = own_config_read, .write = own_config_write };
	gt->bus.functions[PCI_SLOT(0, 0)] = &gt->function;
	registers_reset(gt);
	result = places_read(config, gt, error);
	if (result == 0)
		result = interrupts_find(config, gt, error);
	if (result != 0) {
		object_free(gt);
		return result;
	}
	*out = &gt->vdev;
	return 0;
}

static const struct vdev_type gt_type = {
	.name = "gt64120",
	.compatible = (const char *const[]){ "marvell,pci-gt64120", "mti,gt64120", NULL },
	.create = gt_create,
};
VDEV_REGISTER(gt_type);

// SPDX-License-Identifier: BSD-2-Clause
/*
 * The virtual Malta board's own registers: revision, switches and jumpers, display, reset. They
 * are words 8 bytes apart; the serial port that is among them is a device of its own.
 *
 *	region 0  1f000000 to 1f0008ff
 *	region 1  1fc00010: the revision (may be missing, where a flash memory's image has it)
 *
 * `big-endian` in the tree says how the board is wired: the registers are then big-endian words,
 * and the status says so.
 */
#include <errno.h>

#include <corbel/guest.h>
#include <corbel/object.h>
#include <corbel/tree.h>
#include <corbel/vdev.h>

/* MIPS Malta user's manual, "FPGA register map". */
enum {
	FPGA_STATUS = 0x208,
	FPGA_LED_BAR = 0x408,
	FPGA_RESET = 0x500,
	FPGA_BREAK_RESET = 0x508,
};

#define STATUS_BIG_ENDIAN 0x02u
#define RESET_MAGIC	  0x42u
#define LED_BAR_MASK	  0xffu

/* A board of revision 0 with a core card "Core LV", which has a GT-64120. */
#define REVISION 0x00000420u

struct fpga {
	struct vdev vdev;
	bool big_endian;
	uint32_t led_bar;
	uint32_t break_reset;
};

static struct fpga *fpga_of(struct vdev *vdev)
{
	return container_of(vdev, struct fpga, vdev);
}

/* Switches are all off, jumpers all open: what is not here reads as zero. */
static uint32_t register_read(const struct fpga *fpga, unsigned int region, uint64_t offset)
{
	if (region == 1)
		return offset == 0 ? REVISION : 0;
	switch (offset) {
	case FPGA_STATUS:
		return fpga->big_endian ? STATUS_BIG_ENDIAN : 0;
	case FPGA_LED_BAR:
		return READ_ONCE(fpga->led_bar);
	case FPGA_BREAK_RESET:
		return READ_ONCE(fpga->break_reset);
	default:
		return 0;
	}
}

/* The display is not shown to anybody. */
static void register_write(struct fpga *fpga, uint64_t offset, uint32_t value)
{
	switch (offset) {
	case FPGA_LED_BAR:
		WRITE_ONCE(fpga->led_bar, value & LED_BAR_MASK);
		break;
	case FPGA_RESET:
		if (value == RESET_MAGIC)
			guest_request(fpga->vdev.guest, GUEST_REQUEST_REBOOT);
		break;
	case FPGA_BREAK_RESET:
		WRITE_ONCE(fpga->break_reset, value);
		break;
	default:
		break;
	}
}

static uint32_t word_wire(const struct fpga *fpga, uint32_t value)
{
	return fpga->big_endian ? __builtin_bswap32(value) : value;
}

/* Only words and parts of them can be read, only words written. */
static int fpga_read(struct vdev *vdev, unsigned int region, uint64_t offset, unsigned int size,
		     uint64_t *value)
{
	const struct fpga *fpga = fpga_of(vdev);
	unsigned int byte = offset % 4;
	uint32_t word;

	if (byte + size > 4)
		return -ENXIO;
	word = word_wire(fpga, register_read(fpga, region, offset - byte)) >> (8 * byte);
	*value = word & UINT32_MAX >> (32 - 8 * size);
	return 0;
}

static int fpga_write(struct vdev *vdev, unsigned int region, uint64_t offset, unsigned int size,
		      uint64_t value)
{
	struct fpga *fpga = fpga_of(vdev);

	if (size != 4 || offset % 4 != 0)
		return -ENXIO;
	if (region == 0)
		register_write(fpga, offset, word_wire(fpga, (uint32_t)value));
	return 0;
}

static void fpga_reset(struct vdev *vdev)
{
	struct fpga *fpga = fpga_of(vdev);

	fpga->led_bar = 0;
	fpga->break_reset = 0;
}

static void fpga_destroy(struct vdev *vdev)
{
	object_free(fpga_of(vdev));
}

static const struct vdev_ops fpga_ops = {
	.read = fpga_read,
	.write = fpga_write,
	.reset = fpga_reset,
	.destroy = fpga_destroy,
};

static int fpga_create(const struct vdev_config *config, struct vdev **out, struct error *error)
{
	struct fpga *fpga = object_alloc(sizeof(*fpga));

	if (fpga == NULL)
		return error_set(error, -ENOMEM, "%s: no memory for the board's registers",
				 config->file);
	fpga->vdev.ops = &fpga_ops;
	fpga->big_endian = tree_has(config->fdt, config->node, "big-endian");
	*out = &fpga->vdev;
	return 0;
}

static const struct vdev_type fpga_type = {
	.name = "malta-fpga",
	.compatible = (const char *const[]){ "mti,malta-fpga", NULL },
	.create = fpga_create,
};
VDEV_REGISTER(fpga_type);

// SPDX-License-Identifier: BSD-2-Clause
/*
 * A virtual pair of 8259A interrupt controllers, cascaded as in a PC's south bridge: inputs 0 to 7
 * are the master's, 8 to 15 the slave's, and the slave's output is the master's input 2. Which
 * inputs are level-triggered the two registers of the south bridge (ELCR) say, not the
 * controllers' own initialization.
 *
 *	region 0  ports 20, 21: the master
 *	region 1  ports a0, a1: the slave
 *	region 2  ports 4d0, 4d1: level (1) or edge (0) for each input
 *
 * The vector does not travel with the output: a host bridge asks for it (i8259_acknowledge()), or
 * the guest polls.
 *
 * Lock order: device -> this controller's lock -> VCPU.
 */
#include <errno.h>

#include <corbel/object.h>
#include <corbel/spinlock.h>
#include <corbel/vdev.h>
#include <lib/bitops.h>
#include <vdev/i8259.h>
#include <vdev/isa.h>

#define INPUT_COUNT    16u
#define CASCADE_INPUT  2u
#define SPURIOUS_INPUT 7u
#define NO_INPUT       8u

/* What a byte to the command port is: 8259A data sheet, "Initialization" and "Operation". */
#define ICW1	    0x10u
#define ICW1_ICW4   0x01u /* a fourth word follows */
#define ICW1_SINGLE 0x02u /* no third word follows */
#define OCW3	    0x08u

#define ICW2_BASE 0xf8u

#define ICW4_AUTO_EOI 0x02u
#define ICW4_NESTED   0x10u /* special fully nested mode */

#define OCW2_INPUT	0x07u
#define OCW2_COMMAND(v) ((v) >> 5)
enum ocw2 {
	OCW2_ROTATE_AUTO_CLEAR = 0,
	OCW2_EOI = 1,
	OCW2_NOTHING = 2,
	OCW2_EOI_SPECIFIC = 3,
	OCW2_ROTATE_AUTO_SET = 4,
	OCW2_ROTATE_EOI = 5,
	OCW2_PRIORITY_SET = 6,
	OCW2_ROTATE_EOI_SPECIFIC = 7,
};

#define OCW3_READ_ISR	  0x01u
#define OCW3_READ	  0x02u /* the bit above counts */
#define OCW3_POLL	  0x04u
#define OCW3_SPECIAL_MASK 0x20u
#define OCW3_SPECIAL	  0x40u /* the bit above counts */

#define POLL_INTERRUPT 0x80u

/* Inputs of the timer, the keyboard, the cascade, the clock and the FPU are edges only: PIIX4. */
#define MASTER_LEVEL_MASK 0xf8u
#define SLAVE_LEVEL_MASK  0xdeu

enum {
	MASTER,
	SLAVE,
};

/* What a byte to the data port is. */
enum expected {
	EXPECT_MASK,
	EXPECT_ICW2,
	EXPECT_ICW3,
	EXPECT_ICW4,
};

struct i8259 {
	uint8_t lines;	  /* levels of the inputs */
	uint8_t latched;  /* edges that were not acknowledged yet */
	uint8_t level;	  /* inputs that are level-triggered */
	uint8_t followed; /* inputs that always are: the cascade */
	uint8_t mask;
	uint8_t in_service;
	uint8_t base;	/* of the vectors */
	uint8_t lowest; /* the input of lowest priority comes before this one */
	enum expected expected;
	bool icw4_follows;
	bool single;
	bool auto_eoi;
	bool rotate_auto_eoi;
	bool nested;
	bool special_mask;
	bool read_in_service;
	bool poll;
};

struct pair {
	struct vdev vdev;
	struct vdev_irq output;
	struct spinlock lock; /* everything below */
	struct i8259 chips[2];
	bool output_level;
};

static const struct vdev_ops pair_ops;

static struct pair *pair_of(struct vdev *vdev)
{
	return container_of(vdev, struct pair, vdev);
}

/* ---- one controller ---- */

static uint8_t requests(const struct i8259 *chip)
{
	uint8_t level = chip->level | chip->followed;

	return (chip->latched & (uint8_t)~level) | (chip->lines & level);
}

/* How many inputs of the set's highest priority come before it: 0 to 7, NO_INPUT for none. */
static unsigned int priority_find(const struct i8259 *chip, uint8_t set)
{
	unsigned int turned = (unsigned int)set << 8 | set;

	return set == 0 ? NO_INPUT : bit_first(turned >> chip->lowest & 0xff);
}

static unsigned int input_at(const struct i8259 *chip, unsigned int priority)
{
	return (chip->lowest + priority) % 8;
}

/* What is in service and keeps requests of the same or a lower priority waiting. */
static uint8_t blocking(const struct i8259 *chip)
{
	uint8_t set = chip->in_service;

	if (chip->special_mask)
		set &= (uint8_t)~chip->mask;
	if (chip->nested)
		set &= (uint8_t)~chip->followed;
	return set;
}

/* The input that is to be served next, or NO_INPUT. */
static unsigned int next_input(const struct i8259 *chip)
{
	unsigned int priority = priority_find(chip, requests(chip) & (uint8_t)~chip->mask);

	if (priority >= priority_find(chip, blocking(chip)))
		return NO_INPUT;
	return input_at(chip, priority);
}

static void input_serve(struct i8259 *chip, unsigned int input)
{
	uint8_t bit = (uint8_t)(1u << input);

	chip->latched &= (uint8_t)~bit;
	if (!chip->auto_eoi)
		chip->in_service |= bit;
	else if (chip->rotate_auto_eoi)
		chip->lowest = (uint8_t)((input + 1) % 8);
}

static void input_end(struct i8259 *chip, unsigned int input, bool rotate)
{
	chip->in_service &= (uint8_t) ~(1u << input);
	if (rotate)
		chip->lowest = (uint8_t)((input + 1) % 8);
}

/* The end of what is served with the highest priority; in special mask mode of what is not masked.
 */
static void first_end(struct i8259 *chip, bool rotate)
{
	uint8_t set =
		chip->special_mask ? chip->in_service & (uint8_t)~chip->mask : chip->in_service;
	unsigned int priority = priority_find(chip, set);

	if (priority != NO_INPUT)
		input_end(chip, input_at(chip, priority), rotate);
}

static void line_set(struct i8259 *chip, unsigned int input, bool level)
{
	uint8_t bit = (uint8_t)(1u << input);

	if (level) {
		chip->latched |= bit & (uint8_t)~chip->lines;
		chip->lines |= bit;
	} else {
		chip->lines &= (uint8_t)~bit;
	}
}

/* ---- the pair ---- */

/* Passes on what changed: from the slave to the master, from the master to the processor. */
static void pair_update(struct pair *pair)
{
	struct i8259 *master = &pair->chips[MASTER];
	bool level;

	line_set(master, CASCADE_INPUT, next_input(&pair->chips[SLAVE]) != NO_INPUT);
	level = next_input(master) != NO_INPUT;
	if (level == pair->output_level)
		return;
	pair->output_level = level;
	vdev_irq_set(&pair->output, level);
}

static void pair_irq_set(struct vdev *vdev, uint32_t number, bool level)
{
	struct pair *pair = pair_of(vdev);
	unsigned long flags;

	if (number >= INPUT_COUNT || number == CASCADE_INPUT)
		return;
	flags = spin_lock_irqsave(&pair->lock);
	line_set(&pair->chips[number / 8], number % 8, level);
	pair_update(pair);
	spin_unlock_irqrestore(&pair->lock, flags);
}

static uint8_t chip_acknowledge(struct i8259 *chip)
{
	unsigned int input = next_input(chip);

	if (input == NO_INPUT)
		return chip->base + SPURIOUS_INPUT;
	input_serve(chip, input);
	return (uint8_t)(chip->base + input);
}

bool i8259_is(const struct vdev *vdev)
{
	return vdev->ops == &pair_ops;
}

uint8_t i8259_acknowledge(struct vdev *vdev)
{
	struct pair *pair = pair_of(vdev);
	struct i8259 *master = &pair->chips[MASTER];
	unsigned long flags = spin_lock_irqsave(&pair->lock);
	bool cascaded = next_input(master) == CASCADE_INPUT;
	uint8_t vector = chip_acknowledge(master);

	if (cascaded)
		vector = chip_acknowledge(&pair->chips[SLAVE]);
	pair_update(pair);
	spin_unlock_irqrestore(&pair->lock, flags);
	return vector;
}

/* ---- ports ---- */

/* ICW1 starts over; inputs that are high already must fall and rise again to count as an edge. */
static void icw1_write(struct i8259 *chip, uint8_t value)
{
	chip->latched = 0;
	chip->mask = 0;
	chip->in_service = 0;
	chip->lowest = 0;
	chip->icw4_follows = (value & ICW1_ICW4) != 0;
	chip->single = (value & ICW1_SINGLE) != 0;
	chip->auto_eoi = false;
	chip->rotate_auto_eoi = false;
	chip->nested = false;
	chip->special_mask = false;
	chip->read_in_service = false;
	chip->poll = false;
	chip->expected = EXPECT_ICW2;
}

static void ocw2_write(struct i8259 *chip, uint8_t value)
{
	unsigned int input = value & OCW2_INPUT;

	switch ((enum ocw2)OCW2_COMMAND(value)) {
	case OCW2_ROTATE_AUTO_CLEAR:
		chip->rotate_auto_eoi = false;
		break;
	case OCW2_EOI:
		first_end(chip, false);
		break;
	case OCW2_NOTHING:
		break;
	case OCW2_EOI_SPECIFIC:
		input_end(chip, input, false);
		break;
	case OCW2_ROTATE_AUTO_SET:
		chip->rotate_auto_eoi = true;
		break;
	case OCW2_ROTATE_EOI:
		first_end(chip, true);
		break;
	case OCW2_PRIORITY_SET:
		chip->lowest = (uint8_t)((input + 1) % 8);
		break;
	case OCW2_ROTATE_EOI_SPECIFIC:
		input_end(chip, input, true);
		break;
	}
}

static void ocw3_write(struct i8259 *chip, uint8_t value)
{
	chip->poll = (value & OCW3_POLL) != 0;
	if ((value & OCW3_READ) != 0)
		chip->read_in_service = (value & OCW3_READ_ISR) != 0;
	if ((value & OCW3_SPECIAL) != 0)
		chip->special_mask = (value & OCW3_SPECIAL_MASK) != 0;
}

static void command_write(struct i8259 *chip, uint8_t value)
{
	if ((value & ICW1) != 0)
		icw1_write(chip, value);
	else if ((value & OCW3) != 0)
		ocw3_write(chip, value);
	else
		ocw2_write(chip, value);
}

static void data_write(struct i8259 *chip, uint8_t value)
{
	enum expected last = chip->icw4_follows ? EXPECT_ICW4 : EXPECT_MASK;

	switch (chip->expected) {
	case EXPECT_MASK:
		chip->mask = value;
		break;
	case EXPECT_ICW2:
		chip->base = value & ICW2_BASE;
		chip->expected = chip->single ? last : EXPECT_ICW3;
		break;
	case EXPECT_ICW3: /* how the two are wired, which is fixed here */
		chip->expected = last;
		break;
	case EXPECT_ICW4:
		chip->auto_eoi = (value & ICW4_AUTO_EOI) != 0;
		chip->nested = (value & ICW4_NESTED) != 0;
		chip->expected = EXPECT_MASK;
		break;
	}
}

/* A poll acknowledges, but reaches this controller alone. */
static uint8_t poll_read(struct i8259 *chip)
{
	unsigned int input = next_input(chip);

	chip->poll = false;
	if (input == NO_INPUT)
		return 0;
	input_serve(chip, input);
	return (uint8_t)(POLL_INTERRUPT | input);
}

static uint8_t chip_read(struct i8259 *chip, bool data)
{
	if (chip->poll)
		return poll_read(chip);
	if (data)
		return chip->mask;
	return chip->read_in_service ? chip->in_service : requests(chip);
}

struct port {
	struct pair *pair;
	unsigned int region;
};

static uint8_t port_read(void *port_pointer, uint64_t offset)
{
	const struct port *port = port_pointer;
	struct i8259 *chips = port->pair->chips;

	if (offset > 1)
		return 0xff;
	if (port->region > SLAVE)
		return chips[offset].level;
	return chip_read(&chips[port->region], offset == 1);
}

static void port_write(void *port_pointer, uint64_t offset, uint8_t value)
{
	static const uint8_t level_masks[] = { MASTER_LEVEL_MASK, SLAVE_LEVEL_MASK };
	const struct port *port = port_pointer;
	struct i8259 *chips = port->pair->chips;

	if (offset > 1)
		return;
	if (port->region > SLAVE)
		chips[offset].level = value & level_masks[offset];
	else if (offset == 0)
		command_write(&chips[port->region], value);
	else
		data_write(&chips[port->region], value);
}

static int pair_read(struct vdev *vdev, unsigned int region, uint64_t offset, unsigned int size,
		     uint64_t *value)
{
	struct port port = { .pair = pair_of(vdev), .region = region };

	spin_lock(&port.pair->lock);
	*value = isa_read(&port, port_read, offset, size);
	pair_update(port.pair);
	spin_unlock(&port.pair->lock);
	return 0;
}

static int pair_write(struct vdev *vdev, unsigned int region, uint64_t offset, unsigned int size,
		      uint64_t value)
{
	struct port port = { .pair = pair_of(vdev), .region = region };

	spin_lock(&port.pair->lock);
	isa_write(&port, port_write, offset, size, value);
	pair_update(port.pair);
	spin_unlock(&port.pair->lock);
	return 0;
}

/* ---- life ---- */

/*
 * Hardware starts in no particular state; here nothing gets through before a guest has said what.
 * The inputs' levels are not ours to reset.
 */
static void chip_reset(struct i8259 *chip, uint8_t followed)
{
	*chip = (struct i8259){ .lines = chip->lines, .followed = followed, .mask = 0xff };
}

static void pair_reset(struct vdev *vdev)
{
	struct pair *pair = pair_of(vdev);
	unsigned long flags = spin_lock_irqsave(&pair->lock);

	chip_reset(&pair->chips[MASTER], 1u << CASCADE_INPUT);
	chip_reset(&pair->chips[SLAVE], 0);
	pair_update(pair);
	spin_unlock_irqrestore(&pair->lock, flags);
}

static void pair_destroy(struct vdev *vdev)
{
	object_free(pair_of(vdev));
}

static const struct vdev_ops pair_ops = {
	.read = pair_read,
	.write = pair_write,
	.reset = pair_reset,
	.destroy = pair_destroy,
	.irq_set = pair_irq_set,
};

static int pair_create(const struct vdev_config *config, struct vdev **out, struct error *error)
{
	struct pair *pair = object_alloc(sizeof(*pair));
	int result;

	if (pair == NULL)
		return error_set(error, -ENOMEM, "%s: no memory for an interrupt controller",
				 config->file);
	pair->vdev.ops = &pair_ops;
	chip_reset(&pair->chips[MASTER], 1u << CASCADE_INPUT);
	chip_reset(&pair->chips[SLAVE], 0);
	result = vdev_irq_connect(config, 0, &pair->output, error);
	if (result < 0 && result != -ENOENT) {
		object_free(pair);
		return result;
	}
	*out = &pair->vdev;
	return 0;
}

static const struct vdev_type pair_type = {
	.name = "i8259",
	.compatible = (const char *const[]){ "intel,i8259", NULL },
	.interrupt_controller = true,
	.create = pair_create,
};
VDEV_REGISTER(pair_type);

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Driver for the pair of 8259 interrupt controllers of PC boards, and of boards with a PC's south
 * bridge. Which line interrupts is asked by the poll command, so that no bus cycle of the board's
 * bridge is needed. Not the controllers that guests see: those are in vdev/.
 */
#include <errno.h>

#include <corbel/arch.h>
#include <corbel/driver.h>
#include <corbel/irq.h>
#include <corbel/spinlock.h>
#include <corbel/tree.h>
#include <drivers/io.h>

/* 8259A data sheet: A0 = 0 takes ICW1, OCW2 and OCW3, A0 = 1 the other ICWs and the mask. */
#define PORT_COMMAND 0u
#define PORT_DATA    1u

#define ICW1_CASCADED	  0x11u /* edge triggered, ICW4 follows */
#define ICW3_MASTER	  0x04u /* a slave at line 2 */
#define ICW3_SLAVE	  0x02u
#define ICW4_8086	  0x01u
#define OCW2_SPECIFIC_EOI 0x60u
#define OCW3_POLL	  0x0cu
#define POLL_PENDING	  0x80u

#define CASCADE_LINE 2u
#define LINES_EACH   8u
#define LINE_COUNT   16u
#define VECTOR_BASE  0x20u /* never used: nobody asks for vectors */

/* Lines served in one interrupt; what is left interrupts again. */
#define SERVE_LIMIT 32u

static struct {
	volatile void *ports[2]; /* master, slave */
	struct irq_chip chip;
	struct spinlock lock; /* everything below, and the poll sequence */
	uint16_t masked;
} i8259 = { .lock = SPINLOCK_INIT };

static void masks_write(void)
{
	io_write8(i8259.ports[0], PORT_DATA, (uint8_t)i8259.masked);
	io_write8(i8259.ports[1], PORT_DATA, (uint8_t)(i8259.masked >> LINES_EACH));
}

static void line_mask_set(unsigned int irq, bool masked)
{
	unsigned long flags = spin_lock_irqsave(&i8259.lock);

	if (masked)
		i8259.masked |= (uint16_t)(1u << irq);
	else
		i8259.masked &= (uint16_t) ~(1u << irq);
	masks_write();
	spin_unlock_irqrestore(&i8259.lock, flags);
}

/* The board wires the pair to one CPU. */
static void i8259_enable(unsigned int irq, struct cpu *target)
{
	(void)target;
	line_mask_set(irq, false);
}

static void i8259_disable(unsigned int irq)
{
	line_mask_set(irq, true);
}

/* The line that a controller wants served, which it then takes for being served; or -1. */
static int controller_poll(volatile void *port)
{
	uint8_t answer;

	io_write8(port, PORT_COMMAND, OCW3_POLL);
	answer = io_read8(port, PORT_COMMAND);
	return (answer & POLL_PENDING) != 0 ? answer & 7 : -1;
}

static void controller_end(volatile void *port, unsigned int line)
{
	io_write8(port, PORT_COMMAND, (uint8_t)(OCW2_SPECIFIC_EOI | line));
}

/* The next line to serve, or -1. A slave that asked for nothing is done with at once. */
static int line_claim(void)
{
	int line;

	spin_lock(&i8259.lock);
	line = controller_poll(i8259.ports[0]);
	if (line == CASCADE_LINE) {
		line = controller_poll(i8259.ports[1]);
		if (line < 0)
			controller_end(i8259.ports[0], CASCADE_LINE);
		else
			line += LINES_EACH;
	}
	spin_unlock(&i8259.lock);
	return line;
}

static void line_end(unsigned int line)
{
	spin_lock(&i8259.lock);
	if (line >= LINES_EACH)
		controller_end(i8259.ports[1], line - LINES_EACH);
	controller_end(i8259.ports[0], line >= LINES_EACH ? CASCADE_LINE : line);
	spin_unlock(&i8259.lock);
}

static void i8259_handle(void)
{
	for (unsigned int i = 0; i < SERVE_LIMIT; i++) {
		int line = line_claim();

		if (line < 0)
			return;
		irq_dispatch((unsigned int)line);
		line_end((unsigned int)line);
	}
}

static void controller_init(volatile void *port, uint8_t vector, uint8_t cascade)
{
	io_write8(port, PORT_COMMAND, ICW1_CASCADED);
	io_write8(port, PORT_DATA, vector);
	io_write8(port, PORT_DATA, cascade);
	io_write8(port, PORT_DATA, ICW4_8086);
}

static int i8259_probe(const void *fdt, int node)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(i8259.ports); i++) {
		uint64_t base, size;
		int result = tree_reg_get(fdt, node, i, &base, &size);

		if (result < 0)
			return result;
		if (size < PORT_DATA + 1)
			return -EINVAL;
		i8259.ports[i] = arch_io_map(HPA(base), size);
		if (i8259.ports[i] == NULL)
			return -ENOMEM;
	}
	i8259.chip = (struct irq_chip){
		.name = "i8259",
		.irq_count = LINE_COUNT,
		.enable = i8259_enable,
		.disable = i8259_disable,
		.mask = line_mask_set,
		.handle = i8259_handle,
	};
	controller_init(i8259.ports[0], VECTOR_BASE, ICW3_MASTER);
	controller_init(i8259.ports[1], VECTOR_BASE + LINES_EACH, ICW3_SLAVE);
	i8259.masked = (uint16_t) ~(1u << CASCADE_LINE);
	masks_write();
	return irq_chip_register(&i8259.chip);
}

static const struct driver i8259_driver = {
	.name = "i8259",
	.class = DRIVER_INTERRUPT_CONTROLLER,
	.compatible = (const char *const[]){ "intel,i8259", NULL },
	.probe = i8259_probe,
};
DRIVER_REGISTER(i8259_driver);

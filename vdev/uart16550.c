// SPDX-License-Identifier: BSD-2-Clause
/*
 * A virtual serial port: a PC16550D with its two 16-byte FIFOs, memory-mapped. Bytes take no time
 * on the line; what the back end cannot take yet stays in the transmit FIFO, as it does where a
 * modem is slow. The other end is whatever back end the guest's tree names (`corbel,backend`). Not
 * the driver of the host's port: that is drivers/serial/uart16550.c.
 *
 * Lock order: the device's lock -> the back end's, the interrupt controller's. The device calls
 * room() with its lock released, for the back end then calls input().
 */
#include <errno.h>

#include <libfdt.h>

#include <corbel/object.h>
#include <corbel/panic.h>
#include <corbel/serial.h>
#include <corbel/spinlock.h>
#include <corbel/tree.h>
#include <corbel/vdev.h>

/* Registers: PC16550D data sheet, table "Register addresses" and section 8. */
enum {
	UART_RBR = 0, /* read */
	UART_THR = 0, /* written */
	UART_DLL = 0, /* with LCR_DLAB */
	UART_IER = 1,
	UART_DLM = 1, /* with LCR_DLAB */
	UART_IIR = 2, /* read */
	UART_FCR = 2, /* written */
	UART_LCR = 3,
	UART_MCR = 4,
	UART_LSR = 5,
	UART_MSR = 6,
	UART_SCR = 7,
	UART_REGISTER_COUNT = 8,
};

#define IER_RECEIVE  0x01u
#define IER_TRANSMIT 0x02u
#define IER_LINE     0x04u
#define IER_MODEM    0x08u
#define IER_MASK     0x0fu

#define IIR_MODEM    0x00u
#define IIR_NONE     0x01u
#define IIR_TRANSMIT 0x02u
#define IIR_RECEIVE  0x04u
#define IIR_LINE     0x06u
#define IIR_TIMEOUT  0x0cu
#define IIR_FIFO     0xc0u

#define FCR_ENABLE	   0x01u
#define FCR_RECEIVE_CLEAR  0x02u
#define FCR_TRANSMIT_CLEAR 0x04u
#define FCR_TRIGGER_SHIFT  6

#define LCR_DLAB 0x80u

#define MCR_DTR	 0x01u
#define MCR_RTS	 0x02u
#define MCR_OUT1 0x04u
#define MCR_OUT2 0x08u
#define MCR_LOOP 0x10u
#define MCR_MASK 0x1fu

#define LSR_DATA      0x01u
#define LSR_OVERRUN   0x02u
#define LSR_THR_EMPTY 0x20u
#define LSR_IDLE      0x40u

#define MSR_DELTA_CTS  0x01u
#define MSR_DELTA_DSR  0x02u
#define MSR_DELTA_RI   0x04u /* trailing edge only */
#define MSR_DELTA_DCD  0x08u
#define MSR_DELTA_MASK 0x0fu
#define MSR_CTS	       0x10u
#define MSR_DSR	       0x20u
#define MSR_RI	       0x40u
#define MSR_DCD	       0x80u

#define FIFO_SIZE 16u

/* 9600 baud at the usual 1.8432 MHz; nothing depends on it. */
#define DIVISOR_DEFAULT 12u

#define REG_SHIFT_MAX 4u
/* Of a node, in messages. */
#define PATH_SIZE     64u

struct fifo {
	uint8_t bytes[FIFO_SIZE];
	unsigned int first;
	unsigned int count;
};

struct uart {
	struct vdev vdev;
	struct serial_line line;
	struct vdev_irq irq;
	uint32_t shift;
	struct spinlock lock; /* everything below */
	struct fifo receive;
	struct fifo transmit; /* what the back end refused */
	uint8_t ier, lcr, mcr, msr, scr, dll, dlm;
	bool fifo_on;
	uint8_t trigger;
	bool overrun;
	bool transmit_interrupt; /* THR became empty since IIR last said so */
	bool input_refused;	 /* the back end waits for room() */
	bool irq_level;
};

static struct uart *uart_of(struct vdev *vdev)
{
	return container_of(vdev, struct uart, vdev);
}

/* ---- FIFOs ---- */

static unsigned int fifo_capacity(const struct uart *uart)
{
	return uart->fifo_on ? FIFO_SIZE : 1;
}

static void fifo_clear(struct fifo *fifo)
{
	fifo->first = 0;
	fifo->count = 0;
}

static void fifo_push(struct fifo *fifo, uint8_t byte)
{
	ASSERT(fifo->count < FIFO_SIZE);
	fifo->bytes[(fifo->first + fifo->count++) % FIFO_SIZE] = byte;
}

static uint8_t fifo_pop(struct fifo *fifo)
{
	uint8_t byte = fifo->bytes[fifo->first];

	ASSERT(fifo->count > 0);
	fifo->first = (fifo->first + 1) % FIFO_SIZE;
	fifo->count--;
	return byte;
}

/* ---- interrupts ---- */

/*
 * The pending interrupt of highest priority, as IIR shows it. Characters below the trigger level
 * count as timed out at once: no time passes on this line.
 */
static uint8_t interrupt_find(const struct uart *uart)
{
	if ((uart->ier & IER_LINE) != 0 && uart->overrun)
		return IIR_LINE;
	if ((uart->ier & IER_RECEIVE) != 0 && uart->receive.count > 0)
		return uart->receive.count >= uart->trigger ? IIR_RECEIVE : IIR_TIMEOUT;
	if ((uart->ier & IER_TRANSMIT) != 0 && uart->transmit_interrupt)
		return IIR_TRANSMIT;
	if ((uart->ier & IER_MODEM) != 0 && (uart->msr & MSR_DELTA_MASK) != 0)
		return IIR_MODEM;
	return IIR_NONE;
}

static void irq_update(struct uart *uart)
{
	bool level = interrupt_find(uart) != IIR_NONE;

	if (level == uart->irq_level)
		return;
	uart->irq_level = level;
	vdev_irq_set(&uart->irq, level);
}

/* ---- the line ---- */

static size_t line_output(struct uart *uart, const uint8_t *bytes, size_t count)
{
	if (uart->line.peer == NULL)
		return count;
	return uart->line.peer->output(&uart->line, bytes, count);
}

/* A byte comes in; without room it is lost and that is an overrun. */
static void byte_receive(struct uart *uart, uint8_t byte)
{
	if (uart->receive.count < fifo_capacity(uart))
		fifo_push(&uart->receive, byte);
	else
		uart->overrun = true;
}

/* A guest that writes without looking whether there is room loses what it writes. */
static void byte_transmit(struct uart *uart, uint8_t byte)
{
	uart->transmit_interrupt = false;
	if ((uart->mcr & MCR_LOOP) != 0)
		byte_receive(uart, byte);
	else if (uart->transmit.count > 0 || line_output(uart, &byte, 1) == 0)
		if (uart->transmit.count < fifo_capacity(uart))
			fifo_push(&uart->transmit, byte);
	uart->transmit_interrupt = uart->transmit.count == 0;
}

/* Whether the back end is to be told that there is room. Lock held; the caller calls room(). */
static bool room_take(struct uart *uart)
{
	bool room = uart->input_refused && uart->receive.count == 0;

	if (room)
		uart->input_refused = false;
	return room;
}

static size_t uart_input(struct serial_line *line, const uint8_t *bytes, size_t count)
{
	struct uart *uart = container_of(line, struct uart, line);
	unsigned long flags = spin_lock_irqsave(&uart->lock);
	size_t taken = 0;

	if ((uart->mcr & MCR_LOOP) != 0)
		taken = count; /* the receiver is not connected to the line: lost */
	while (taken < count && uart->receive.count < fifo_capacity(uart))
		fifo_push(&uart->receive, bytes[taken++]);
	uart->input_refused = taken < count;
	irq_update(uart);
	spin_unlock_irqrestore(&uart->lock, flags);
	return taken;
}

static void uart_output_ready(struct serial_line *line)
{
	struct uart *uart = container_of(line, struct uart, line);
	unsigned long flags = spin_lock_irqsave(&uart->lock);
	bool waited = uart->transmit.count > 0;

	while (uart->transmit.count > 0) {
		if (line_output(uart, &uart->transmit.bytes[uart->transmit.first], 1) == 0)
			break;
		(void)fifo_pop(&uart->transmit);
	}
	if (waited && uart->transmit.count == 0)
		uart->transmit_interrupt = true;
	irq_update(uart);
	spin_unlock_irqrestore(&uart->lock, flags);
}

static const struct serial_device_ops uart_serial_ops = {
	.input = uart_input,
	.output_ready = uart_output_ready,
};

/* ---- registers ---- */

static uint8_t lsr_get(const struct uart *uart)
{
	uint8_t value = 0;

	if (READ_ONCE(uart->receive.count) > 0)
		value |= LSR_DATA;
	if (READ_ONCE(uart->transmit.count) == 0)
		value |= LSR_THR_EMPTY | LSR_IDLE;
	if (READ_ONCE(uart->overrun))
		value |= LSR_OVERRUN;
	return value;
}

/* The modem's lines: a modem that is always there and ready, or in loopback our own outputs. */
static uint8_t modem_lines(const struct uart *uart)
{
	uint8_t lines = 0;

	if ((uart->mcr & MCR_LOOP) == 0)
		return MSR_CTS | MSR_DSR | MSR_DCD;
	if ((uart->mcr & MCR_RTS) != 0)
		lines |= MSR_CTS;
	if ((uart->mcr & MCR_DTR) != 0)
		lines |= MSR_DSR;
	if ((uart->mcr & MCR_OUT1) != 0)
		lines |= MSR_RI;
	if ((uart->mcr & MCR_OUT2) != 0)
		lines |= MSR_DCD;
	return lines;
}

static void modem_update(struct uart *uart)
{
	uint8_t lines = modem_lines(uart);
	uint8_t changed = (uart->msr ^ lines) & (uint8_t)~MSR_DELTA_MASK;
	uint8_t deltas = uart->msr & MSR_DELTA_MASK;

	if ((changed & MSR_CTS) != 0)
		deltas |= MSR_DELTA_CTS;
	if ((changed & MSR_DSR) != 0)
		deltas |= MSR_DELTA_DSR;
	if ((changed & MSR_RI) != 0 && (lines & MSR_RI) == 0)
		deltas |= MSR_DELTA_RI;
	if ((changed & MSR_DCD) != 0)
		deltas |= MSR_DELTA_DCD;
	uart->msr = lines | deltas;
}

static uint8_t iir_read(struct uart *uart)
{
	uint8_t value = interrupt_find(uart);

	if (value == IIR_TRANSMIT)
		uart->transmit_interrupt = false;
	return uart->fifo_on ? value | IIR_FIFO : value;
}

static uint8_t lsr_read(struct uart *uart)
{
	uint8_t value = lsr_get(uart);

	uart->overrun = false;
	return value;
}

static uint8_t msr_read(struct uart *uart)
{
	uint8_t value = uart->msr;

	uart->msr &= (uint8_t)~MSR_DELTA_MASK;
	return value;
}

static void ier_write(struct uart *uart, uint8_t value)
{
	uint8_t changed = uart->ier ^ value;

	uart->ier = value & IER_MASK;
	if ((changed & IER_TRANSMIT) != 0)
		uart->transmit_interrupt = (value & IER_TRANSMIT) != 0 && uart->transmit.count == 0;
}

static void fcr_write(struct uart *uart, uint8_t value)
{
	static const uint8_t triggers[] = { 1, 4, 8, 14 };
	bool on = (value & FCR_ENABLE) != 0;

	/* Turning FIFOs on or off empties them. */
	if (on != uart->fifo_on)
		value |= FCR_RECEIVE_CLEAR | FCR_TRANSMIT_CLEAR;
	else if (!on)
		return;
	uart->fifo_on = on;
	uart->trigger = on ? triggers[value >> FCR_TRIGGER_SHIFT] : 1;
	if ((value & FCR_RECEIVE_CLEAR) != 0)
		fifo_clear(&uart->receive);
	if ((value & FCR_TRANSMIT_CLEAR) != 0 && uart->transmit.count > 0) {
		fifo_clear(&uart->transmit);
		uart->transmit_interrupt = true;
	}
}

static uint8_t register_read(struct uart *uart, unsigned int number)
{
	bool divisor = (uart->lcr & LCR_DLAB) != 0;

	switch (number) {
	case UART_RBR:
		if (divisor)
			return uart->dll;
		return uart->receive.count > 0 ? fifo_pop(&uart->receive) : 0;
	case UART_IER:
		return divisor ? uart->dlm : uart->ier;
	case UART_IIR:
		return iir_read(uart);
	case UART_LCR:
		return uart->lcr;
	case UART_MCR:
		return uart->mcr;
	case UART_LSR:
		return lsr_read(uart);
	case UART_MSR:
		return msr_read(uart);
	default:
		return uart->scr;
	}
}

static void register_write(struct uart *uart, unsigned int number, uint8_t value)
{
	bool divisor = (uart->lcr & LCR_DLAB) != 0;

	switch (number) {
	case UART_THR:
		if (divisor)
			uart->dll = value;
		else
			byte_transmit(uart, value);
		break;
	case UART_IER:
		if (divisor)
			uart->dlm = value;
		else
			ier_write(uart, value);
		break;
	case UART_FCR:
		fcr_write(uart, value);
		break;
	case UART_LCR:
		uart->lcr = value;
		break;
	case UART_MCR:
		uart->mcr = value & MCR_MASK;
		modem_update(uart);
		break;
	case UART_SCR:
		uart->scr = value;
		break;
	default:
		break; /* LSR and MSR are read-only */
	}
}

/*
 * The register at an offset, or UART_REGISTER_COUNT where none is: behind the last one, or, where
 * registers are spaced, in the bytes between.
 */
static unsigned int register_number(const struct uart *uart, uint64_t offset)
{
	uint64_t number = offset >> uart->shift;

	if (number >= UART_REGISTER_COUNT || number << uart->shift != offset)
		return UART_REGISTER_COUNT;
	return (unsigned int)number;
}

/* Not inline, so that uart_read()'s short way saves no registers. */
__attribute__((noinline)) static uint8_t register_read_locked(struct uart *uart,
							      unsigned int number)
{
	uint8_t value;
	bool room;

	spin_lock(&uart->lock);
	value = register_read(uart, number);
	room = room_take(uart);
	irq_update(uart);
	spin_unlock(&uart->lock);
	if (room)
		uart->line.peer->room(&uart->line);
	return value;
}

/* The port is one byte wide: of a wider access only the lowest byte means anything. */
static int uart_read(struct vdev *vdev, unsigned int region, uint64_t offset, unsigned int size,
		     uint64_t *value)
{
	struct uart *uart = uart_of(vdev);
	unsigned int number = register_number(uart, offset);

	(void)region;
	(void)size;
	/* What guests read most changes nothing, but after an overrun. */
	if (number == UART_LSR && !READ_ONCE(uart->overrun))
		*value = lsr_get(uart) & (uint8_t)~LSR_OVERRUN;
	else if (number == UART_REGISTER_COUNT)
		*value = 0;
	else
		*value = register_read_locked(uart, number);
	return 0;
}

static int uart_write(struct vdev *vdev, unsigned int region, uint64_t offset, unsigned int size,
		      uint64_t value)
{
	struct uart *uart = uart_of(vdev);
	unsigned int number = register_number(uart, offset);
	bool room;

	(void)region;
	(void)size;
	if (number == UART_REGISTER_COUNT)
		return 0;
	spin_lock(&uart->lock);
	register_write(uart, number, (uint8_t)value);
	room = room_take(uart);
	irq_update(uart);
	spin_unlock(&uart->lock);
	if (room)
		uart->line.peer->room(&uart->line);
	return 0;
}

/* ---- life ---- */

/* Lock held. The divisor and the scratch register are not touched by hardware; here they are. */
static void registers_reset(struct uart *uart)
{
	fifo_clear(&uart->receive);
	fifo_clear(&uart->transmit);
	uart->ier = 0;
	uart->lcr = 0;
	uart->mcr = 0;
	uart->scr = 0;
	uart->dll = DIVISOR_DEFAULT;
	uart->dlm = 0;
	uart->msr = modem_lines(uart);
	uart->fifo_on = false;
	uart->trigger = 1;
	uart->overrun = false;
	uart->transmit_interrupt = false;
}

static void uart_reset(struct vdev *vdev)
{
	struct uart *uart = uart_of(vdev);
	unsigned long flags = spin_lock_irqsave(&uart->lock);
	bool room;

	registers_reset(uart);
	irq_update(uart);
	room = room_take(uart);
	spin_unlock_irqrestore(&uart->lock, flags);
	if (room)
		uart->line.peer->room(&uart->line);
}

static void uart_destroy(struct vdev *vdev)
{
	struct uart *uart = uart_of(vdev);

	serial_line_detach(&uart->line);
	object_free(uart);
}

static const struct vdev_ops uart_ops = {
	.read = uart_read,
	.write = uart_write,
	.reset = uart_reset,
	.destroy = uart_destroy,
};

static int property_error(const struct vdev_config *config, struct error *error, const char *text)
{
	char path[PATH_SIZE];

	tree_path_get(config->fdt, config->node, path, sizeof(path));
	return error_set(error, -EINVAL, "%s: node %s: %s", config->file, path, text);
}

static int properties_read(const struct vdev_config *config, struct uart *uart, struct error *error)
{
	int result = tree_u32_get(config->fdt, config->node, "reg-shift", &uart->shift);

	if (result == -ENOENT)
		uart->shift = 0;
	else if (result < 0 || uart->shift > REG_SHIFT_MAX)
		return property_error(config, error,
				      "reg-shift must be one cell with a value from 0 to 4");
	if (tree_has(config->fdt, config->node, "corbel,backend") &&
	    tree_string_get(config->fdt, config->node, "corbel,backend") == NULL)
		return property_error(config, error, "corbel,backend must be a string");
	result = vdev_irq_connect(config, 0, &uart->irq, error);
	return result == -ENOENT ? 0 : result;
}

static int uart_create(const struct vdev_config *config, struct vdev **out, struct error *error)
{
	struct uart *uart = object_alloc(sizeof(*uart));
	int result;

	if (uart == NULL)
		return error_set(error, -ENOMEM, "%s: %s: no memory for a serial port",
				 config->file, fdt_get_name(config->fdt, config->node, NULL));
	uart->vdev.ops = &uart_ops;
	uart->line.guest = config->guest;
	uart->line.name = fdt_get_name(config->fdt, config->node, NULL);
	uart->line.device = &uart_serial_ops;
	registers_reset(uart);
	result = properties_read(config, uart, error);
	if (result == 0)
		result = serial_line_attach(
			&uart->line, tree_string_get(config->fdt, config->node, "corbel,backend"),
			error);
	if (result < 0) {
		object_free(uart);
		return result;
	}
	*out = &uart->vdev;
	return 0;
}

static const struct vdev_type uart_type = {
	.name = "uart16550",
	.compatible = (const char *const[]){ "ns16550a", "ns16550", NULL },
	.create = uart_create,
};
VDEV_REGISTER(uart_type);

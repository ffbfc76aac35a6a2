// SPDX-License-Identifier: BSD-2-Clause
/*
 * Driver for a host serial port of the 16550 family, memory-mapped. The speed stays what the
 * firmware has set. Not the port that guests see: that is vdev/uart16550.c.
 */
#include <errno.h>

#include <libfdt.h>

#include <corbel/arch.h>
#include <corbel/driver.h>
#include <corbel/host_serial.h>
#include <corbel/irq.h>
#include <corbel/log.h>
#include <corbel/tree.h>
#include <drivers/io.h>

/* Registers, in units of 1 << reg-shift bytes: PC16550D data sheet, table "Register addresses". */
enum {
	UART_DATA = 0, /* RBR read, THR written */
	UART_IER = 1,
	UART_IIR = 2, /* read */
	UART_FCR = 2, /* written */
	UART_LCR = 3,
	UART_MCR = 4,
	UART_LSR = 5,
	UART_DW_USR = 31, /* Synopsys DesignWare only: reading it ends a "busy" interrupt */
};

#define IER_RECEIVE  0x01u
#define IER_TRANSMIT 0x02u
#define IIR_NONE     0x01u
#define IIR_ID_MASK  0x0fu
#define IIR_DW_BUSY  0x07u
#define FCR_ENABLE   0x01u
#define FCR_CLEAR    0x06u /* both FIFOs */
#define LCR_8N1	     0x03u
#define MCR_ON	     0x0bu /* DTR, RTS, and OUT2, which lets interrupts out on PC boards */
#define LSR_DATA     0x01u
#define LSR_THR_FREE 0x20u

#define FIFO_SIZE 16u

/* Rounds in one interrupt. */
#define SERVE_LIMIT 16u

static struct {
	struct host_serial serial;
	volatile void *registers;
	uint32_t shift;
	bool wide; /* registers are 32 bits wide */
	bool designware;
	uint8_t interrupt_enable;
} uart;

static uint8_t register_read(unsigned int number)
{
	size_t offset = (size_t)number << uart.shift;

	return uart.wide ? (uint8_t)io_read32(uart.registers, offset) :
			   io_read8(uart.registers, offset);
}

static void register_write(unsigned int number, uint8_t value)
{
	size_t offset = (size_t)number << uart.shift;

	if (uart.wide)
		io_write32(uart.registers, offset, value);
	else
		io_write8(uart.registers, offset, value);
}

/* THRE tells that the whole FIFO is empty, not how much of it is. */
static size_t host_uart_write(struct host_serial *serial, const uint8_t *bytes, size_t count)
{
	(void)serial;
	if ((register_read(UART_LSR) & LSR_THR_FREE) == 0)
		return 0;
	count = MIN(count, FIFO_SIZE);
	for (size_t i = 0; i < count; i++)
		register_write(UART_DATA, bytes[i]);
	return count;
}

static size_t host_uart_read(struct host_serial *serial, uint8_t *bytes, size_t capacity)
{
	size_t count = 0;

	(void)serial;
	while (count < capacity && (register_read(UART_LSR) & LSR_DATA) != 0)
		bytes[count++] = register_read(UART_DATA);
	return count;
}

static void host_uart_notify_room(struct host_serial *serial, bool on)
{
	uint8_t enable = on ? IER_RECEIVE | IER_TRANSMIT : IER_RECEIVE;

	if (serial->polled || uart.interrupt_enable == enable)
		return;
	uart.interrupt_enable = enable;
	register_write(UART_IER, enable);
}

static const struct host_serial_ops host_uart_ops = {
	.write = host_uart_write,
	.read = host_uart_read,
	.notify_room = host_uart_notify_room,
};

static void interrupt_serve(uint8_t identification)
{
	if (uart.designware && (identification & IIR_ID_MASK) == IIR_DW_BUSY)
		(void)register_read(UART_DW_USR);
	if (uart.serial.event != NULL)
		uart.serial.event(&uart.serial);
	else
		while ((register_read(UART_LSR) & LSR_DATA) != 0)
			(void)register_read(UART_DATA);
}

/*
 * Until the port wants nothing any more: a controller that looks for edges sees none while one
 * cause follows the other. One round at least, for a port may hide what it wanted.
 */
static void host_uart_interrupt(void *argument)
{
	uint8_t identification = register_read(UART_IIR);

	(void)argument;
	for (unsigned int i = 0; i < SERVE_LIMIT; i++) {
		interrupt_serve(identification);
		identification = register_read(UART_IIR);
		if ((identification & IIR_NONE) != 0)
			return;
	}
}

static void hardware_init(void)
{
	register_write(UART_IER, 0);
	register_write(UART_LCR, LCR_8N1);
	register_write(UART_FCR, FCR_ENABLE | FCR_CLEAR);
	register_write(UART_MCR, MCR_ON);
}

/* Without a usable interrupt the port is polled. */
static void interrupt_connect(const void *fdt, int node)
{
	uint32_t irq;
	int result = tree_cell_get(fdt, node, "interrupts", 0, &irq);

	if (result == 0)
		result = irq_register(irq, "uart16550", host_uart_interrupt, NULL);
	if (result < 0) {
		log_warning("uart16550: no interrupt (%s), the port is polled", error_name(result));
		uart.serial.polled = true;
		return;
	}
	host_uart_notify_room(&uart.serial, false); /* room or not, what is received interrupts */
}

static int layout_read(const void *fdt, int node)
{
	uint32_t width = 1;
	int result = tree_u32_get(fdt, node, "reg-shift", &uart.shift);

	if (result == -ENOENT)
		uart.shift = 0;
	else if (result < 0)
		return result;
	result = tree_u32_get(fdt, node, "reg-io-width", &width);
	if (result < 0 && result != -ENOENT)
		return result;
	if (uart.shift > 4 || (width != 1 && width != 4) || (width == 4 && uart.shift < 2))
		return -EINVAL;
	uart.wide = width == 4;
	return 0;
}

static int host_uart_probe(const void *fdt, int node)
{
	uint64_t base, size;
	int result = tree_reg_get(fdt, node, 0, &base, &size);

	if (result < 0)
		return result;
	if (host_serial_get() != NULL)
		return -EBUSY;
	result = layout_read(fdt, node);
	if (result < 0)
		return result;
	if (size < (UINT64_C(8) << uart.shift))
		return -EINVAL;
	uart.designware = fdt_node_check_compatible(fdt, node, "snps,dw-apb-uart") == 0 &&
			  size >= (UINT64_C(32) << uart.shift);
	uart.registers = arch_io_map(HPA(base), size);
	if (uart.registers == NULL)
		return -ENOMEM;
	uart.serial.name = "uart16550";
	uart.serial.ops = &host_uart_ops;
	hardware_init();
	result = host_serial_register(&uart.serial);
	if (result < 0)
		return result;
	interrupt_connect(fdt, node);
	return 0;
}

static const struct driver host_uart_driver = {
	.name = "uart16550",
	.class = DRIVER_SERIAL,
	.compatible = (const char *const[]){ "ns16550a", "ns16550", "snps,dw-apb-uart", NULL },
	.probe = host_uart_probe,
};
DRIVER_REGISTER(host_uart_driver);

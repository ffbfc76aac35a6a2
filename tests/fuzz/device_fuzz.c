// SPDX-License-Identifier: BSD-2-Clause
/*
 * The registers of every virtual device: two boards as guests have them, on which a sequence of
 * accesses of any size at any offset is made, beside typed bytes, interrupts and time that goes by.
 * What must hold whatever a guest does is checked in between.
 *
 *	input	board and its wiring, time of day, then operations until there are no more bytes
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include <corbel/serial.h>
#include <corbel/thread.h>
#include <corbel/time.h>
#include <corbel/wall_clock.h>
#include <fake_board.h>
#include <fake_machine.h>

#include "device_checks.h"
#include "input.h"

#define OPERATION_MAX 400u
#define REGION_MAX    3u

struct device_description {
	const char *name;
	const char *compatible;
	uint32_t sizes[REGION_MAX];
	const uint32_t *reg; /* pairs; NULL: nobody looks at it */
	uint32_t input;	     /* of the interrupt controller; 0: none */
	uint32_t phandle;
	void (*describe)(struct fake_board *board, const char *name);
};

/* ---- the boards ---- */

#define I8259_PHANDLE 40u
#define HOST_PHANDLE  41u

static void plic_describe(struct fake_board *board, const char *name)
{
	const uint32_t sources = CHECK_PLIC_SOURCES - 1;
	uint32_t cells[2 * CHECK_PLIC_CONTEXTS];

	for (unsigned int i = 0; i < CHECK_PLIC_CONTEXTS; i++) {
		cells[2 * i] = FAKE_BOARD_VCPU_IRQ + i % FAKE_BOARD_VCPUS;
		cells[2 * i + 1] = i == 0 ? UINT32_MAX : 9 + i / FAKE_BOARD_VCPUS;
	}
	fake_board_cells_set(board, name, "riscv,ndev", &sources, 1);
	fake_board_cells_set(board, name, "interrupts-extended", cells, ARRAY_SIZE(cells));
}

static void uart_describe(struct fake_board *board, const char *name)
{
	fake_board_text_set(board, name, "corbel,backend", "fuzz");
}

static void spaced_uart_describe(struct fake_board *board, const char *name)
{
	const uint32_t shift = 3;

	fake_board_cells_set(board, name, "reg-shift", &shift, 1);
	fake_board_text_set(board, name, "corbel,backend", "fuzz");
}

static void i8259_describe(struct fake_board *board, const char *name)
{
	const uint32_t output[] = { FAKE_BOARD_VCPU_IRQ, CHECK_I8259_OUTPUT };

	fake_board_cells_set(board, name, "interrupts-extended", output, 2);
}

static void host_describe(struct fake_board *board, const char *name)
{
	const uint32_t parent = I8259_PHANDLE;

	fake_board_cells_set(board, name, "interrupt-parent", &parent, 1);
}

static void bridge_describe(struct fake_board *board, const char *name)
{
	const uint32_t parent = HOST_PHANDLE;

	fake_board_cells_set(board, name, "corbel,pci-host", &parent, 1);
}

static void big_endian_describe(struct fake_board *board, const char *name)
{
	fake_board_cells_set(board, name, "big-endian", NULL, 0);
}

static const uint32_t host_reg[] = { 0, 0x1be00000, 0, 0x1000, 0, 0x14000000, 0, 0x1000 };
static const uint32_t bridge_reg[] = { 0, 0x18001000, 0, 64, 0, 0x18000cf9, 0, 1 };

/* In the order in which they are made. */
static const struct device_description virt_devices[] = {
	[CHECK_PLIC] = { .name = "plic@c000000",
			 .compatible = "sifive,plic-1.0.0",
			 .sizes = { 0x600000 },
			 .phandle = I8259_PHANDLE,
			 .describe = plic_describe },
	[CHECK_UART] = { .name = "serial@10000000",
			 .compatible = "ns16550a",
			 .sizes = { 0x100 },
			 .input = 10,
			 .describe = uart_describe },
	[CHECK_GOLDFISH] = { .name = "rtc@101000",
			     .compatible = "google,goldfish-rtc",
			     .sizes = { 0x1000 },
			     .input = 11 },
	[CHECK_SYSCON] = { .name = "test@100000",
			   .compatible = "sifive,test1",
			   .sizes = { 0x1000 } },
};

static const struct device_description malta_devices[] = {
	[CHECK_I8259] = { .name = "interrupt-controller@18000020",
			  .compatible = "intel,i8259",
			  .sizes = { 2, 2, 2 },
			  .phandle = I8259_PHANDLE,
			  .describe = i8259_describe },
	[CHECK_UART] = { .name = "serial@180003f8",
			 .compatible = "ns16550a",
			 .sizes = { 0x40 },
			 .input = 4,
			 .describe = spaced_uart_describe },
	[CHECK_HOST] = { .name = "pci@1be00000",
			 .compatible = "marvell,pci-gt64120",
			 .sizes = { 0x1000, 0x1000 },
			 .reg = host_reg,
			 .phandle = HOST_PHANDLE,
			 .describe = host_describe },
	[CHECK_BRIDGE] = { .name = "bridge@18001000",
			   .compatible = "intel,piix4",
			   .sizes = { 64, 1 },
			   .reg = bridge_reg,
			   .describe = bridge_describe },
	[CHECK_I8254] = { .name = "timer@18000040",
			  .compatible = "intel,i8254",
			  .sizes = { 4, 1 },
			  .input = 1 },
	[CHECK_MC146818] = { .name = "rtc@18000070",
			     .compatible = "motorola,mc146818",
			     .sizes = { 4 },
			     .input = 8 },
	[CHECK_FPGA] = { .name = "system-controller@1f000000",
			 .compatible = "mti,malta-fpga",
			 .sizes = { 0x900, 8 } },
	[CHECK_FPGA_BIG] = { .name = "system-controller@1e000000",
			     .compatible = "mti,malta-fpga",
			     .sizes = { 0x900, 8 },
			     .describe = big_endian_describe },
	[CHECK_OPEN_BUS] = { .name = "hole@18000000",
			     .compatible = "corbel,open-bus",
			     .sizes = { 0x20 } },
};

static void device_describe(struct check_board *check, const struct device_description *device)
{
	const uint32_t parent = check->direct ? FAKE_BOARD_IRQCHIP : I8259_PHANDLE;
	struct fake_board *board = check->board;

	fake_board_node_add(board, device->name, device->compatible);
	if (device->reg != NULL)
		fake_board_cells_set(board, device->name, "reg", device->reg, 8);
	if (device->phandle != 0)
		fake_board_cells_set(board, device->name, "phandle", &device->phandle, 1);
	if (device->input != 0) {
		fake_board_cells_set(board, device->name, "interrupts", &device->input, 1);
		fake_board_cells_set(board, device->name, "interrupt-parent", &parent, 1);
	}
	if (device->describe != NULL)
		device->describe(board, device->name);
}

/* The tree takes longer to be made than all the rest, so it is kept. */
static void board_describe(struct check_board *check, const struct device_description *devices,
			   unsigned int count)
{
	static char trees[2][2][sizeof(check->board->tree)];
	char *kept = trees[check->malta][check->direct];
	const uint32_t cells = 1;

	if (kept[0] == 0) {
		for (unsigned int i = 0; i < count; i++)
			device_describe(check, &devices[i]);
		fake_board_cells_set(check->board, devices[0].name, "#interrupt-cells", &cells, 1);
		memcpy(kept, check->board->tree, sizeof(check->board->tree));
	}
	memcpy(check->board->tree, kept, sizeof(check->board->tree));
}

static void board_make(struct check_board *check, const struct device_description *devices,
		       unsigned int count)
{
	struct error error = { "" };

	check->board = fake_board_begin();
	board_describe(check, devices, count);
	for (unsigned int i = 0; i < count; i++) {
		int result = fake_board_device_make(check->board, devices[i].name,
						    &check->devices[i], &error);

		if (result != 0)
			fprintf(stderr, "%s\n", error.text);
		FUZZ_CHECK(result == 0);
	}
}

/* ---- the other end of the serial line ---- */

static struct serial_line *line;
static size_t line_room; /* bytes that it takes before it refuses */
static bool line_waits;	 /* the device has refused input */

static size_t line_output(struct serial_line *self, const uint8_t *bytes, size_t count)
{
	size_t taken = MIN(count, line_room);

	(void)bytes;
	FUZZ_CHECK(self == line && count > 0);
	line_room -= taken;
	return taken;
}

static void line_room_again(struct serial_line *self)
{
	FUZZ_CHECK(self == line && line_waits);
	line_waits = false;
}

static const struct serial_peer_ops line_ops = { .output = line_output, .room = line_room_again };

static int line_attach(struct serial_line *self, struct error *error)
{
	(void)error;
	line = self;
	line_room = SIZE_MAX;
	line_waits = false;
	line->peer = &line_ops;
	return 0;
}

static void line_detach(struct serial_line *self)
{
	FUZZ_CHECK(self == line);
	line = NULL;
}

static const struct serial_backend line_backend = {
	.name = "fuzz",
	.attach = line_attach,
	.detach = line_detach,
};
SERIAL_BACKEND_REGISTER(line_backend);

static void type(struct fuzz_input *input)
{
	uint8_t bytes[32] = { 0 };
	size_t count = 1 + input_choose(input, sizeof(bytes)), taken;

	bytes[0] = input_byte(input);
	taken = line->device->input(line, bytes, count);
	FUZZ_CHECK(taken <= count);
	line_waits = taken < count;
}

/* ---- what happens ---- */

enum operation {
	READ,
	READ_AGAIN, /* more often than anything else */
	WRITE,
	WRITE_AGAIN,
	TYPE,
	LINE_ROOM,
	LINE_READY,
	INTERRUPT,
	TIME_PASSES,
	TIME_JUMPS,
	ACKNOWLEDGE,
	RESET,
	CHECK,
	OPERATION_COUNT,
};

/* Linked in the place of core's, which would stop VCPUs that have no threads here. */
void __wrap_guest_request(struct guest *guest, enum guest_request request);

static uint32_t requests;

void __wrap_guest_request(struct guest *guest, enum guest_request request)
{
	FUZZ_CHECK(guest != NULL);
	FUZZ_CHECK(request == GUEST_REQUEST_POWEROFF || request == GUEST_REQUEST_REBOOT ||
		   request == GUEST_REQUEST_CRASH);
	requests |= request;
}

/* An access as core lets it through: whole, inside of one region. */
static void access_make(struct check_board *check, const struct device_description *devices,
			unsigned int count, struct fuzz_input *input, bool write)
{
	unsigned int which = input_choose(input, count), region = input_choose(input, REGION_MAX);
	unsigned int size = 1u << input_choose(input, 4);
	uint64_t reach = devices[which].sizes[region], offset, value = 0;
	struct vdev *vdev = check->devices[which];
	int result;

	if (reach < size)
		return;
	offset = input_take(input, reach > 0x10000 ? 4 : 2) % (reach - size + 1);
	requests = 0;
	if (write) {
		value = input_take(input, size);
		result = fake_region_write_try(vdev, region, offset, size, value);
	} else {
		result = fake_region_read_try(vdev, region, offset, size, &value);
		FUZZ_CHECK(result != 0 || size == 8 || value >> (8 * size) == 0);
	}
	FUZZ_CHECK(result == 0 || result == -ENXIO);
	FUZZ_CHECK(requests == 0 || (write && check_may_request(check, which)));
}

/* Interrupts of devices that are not there, on the board's own controller. */
static void interrupt_set(struct check_board *check, struct fuzz_input *input)
{
	uint32_t number = (uint32_t)input_take(input, 1) % 128;
	bool level = (input_byte(input) & 1) != 0;

	check->devices[0]->ops->irq_set(check->devices[0], number, level);
}

static void time_pass(struct fuzz_input *input)
{
	thread_sleep_until(time_now() + (input_take(input, 3) & 0x3fffff));
}

/* As when no CPU was free for a while; at most four seconds. */
static void time_jump(struct fuzz_input *input)
{
	fake_time_ns += input_take(input, 4);
	thread_sleep_until(time_now() + 1);
}

static void operate(struct check_board *check, const struct device_description *devices,
		    unsigned int count, struct fuzz_input *input)
{
	enum operation operation = (enum operation)input_choose(input, OPERATION_COUNT);

	switch (operation) {
	case TYPE:
		type(input);
		break;
	case LINE_ROOM:
		line_room = input_choose(input, 32);
		break;
	case LINE_READY:
		line_room = 1 + input_choose(input, 32);
		line->device->output_ready(line);
		break;
	case INTERRUPT:
		interrupt_set(check, input);
		break;
	case TIME_PASSES:
		time_pass(input);
		break;
	case TIME_JUMPS:
		time_jump(input);
		break;
	case ACKNOWLEDGE:
		check_acknowledge(check, input_byte(input));
		break;
	case RESET:
		count = input_choose(input, count);
		if (check->devices[count]->ops->reset != NULL)
			check->devices[count]->ops->reset(check->devices[count]);
		break;
	case CHECK:
		check_device(check, input_choose(input, count));
		break;
	default:
		access_make(check, devices, count, input, operation >= WRITE);
		break;
	}
}

static void run(void *argument)
{
	struct fuzz_input *input = argument;
	uint8_t choice = input_byte(input);
	struct check_board check = { .malta = (choice & 1) != 0, .direct = (choice & 2) != 0 };
	const struct device_description *devices = check.malta ? malta_devices : virt_devices;
	unsigned int count = check.malta ? ARRAY_SIZE(malta_devices) : ARRAY_SIZE(virt_devices);

	/* Any second of 130 years. */
	wall_clock_set(input_take(input, 4) * NS_PER_S);
	board_make(&check, devices, count);
	for (unsigned int i = 0; i < OPERATION_MAX && input->left > 0; i++)
		operate(&check, devices, count, input);
	for (unsigned int i = 0; i < count; i++)
		check_device(&check, i);
	fake_board_end(check.board);
	FUZZ_CHECK(line == NULL);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	fake_machine_start(1);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = { data, size };

	fake_machine_run(run, &input);
	return 0;
}

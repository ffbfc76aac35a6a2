// SPDX-License-Identifier: BSD-2-Clause
/*
 * Tests of the virtual Malta board's bridges: the GT-64120 with the PIIX4 behind it on PCI, and
 * the i8259 that it acknowledges.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <corbel/time.h>
#include <fake.h>
#include <fake_board.h>
#include <fake_machine.h>
#include <vdev/pci.h>

#define IRQCHIP "interrupt-controller@18000020"
#define HOST	"pci@1be00000"
#define BRIDGE	"bridge@18001000"

#define IRQCHIP_PHANDLE 40u
#define HOST_PHANDLE	41u

enum {
	IO_LOW = 0x048,
	IO_REMAP = 0x0f0,
	MEMORY0_LOW = 0x058,
	MEMORY0_REMAP = 0x0f8,
	MEMORY1_LOW = 0x080,
	MEMORY1_REMAP = 0x100,
	INTERNAL_DECODE = 0x068,
	PCI_COMMAND = 0xc00,
	CAUSE = 0xc18,
	ACKNOWLEDGE = 0xc34,
	CONFIG_ADDRESS = 0xcf8,
	CONFIG_DATA = 0xcfc,
};
#define MASTER_ABORT (1u << 18)

/* Places of the GT-64120's registers. */
enum {
	MOVED,
	AT_RESET,
};
/* Regions of the PIIX4. */
enum {
	POWER,
	RESET_CONTROL,
};

static struct fake_board *board;
static struct vdev *irqchip, *host, *bridge;

static void board_describe(void)
{
	const uint32_t output[] = { FAKE_BOARD_VCPU_IRQ, 2 };
	const uint32_t places[] = { 0, 0x1be00000, 0, 0x1000, 0, 0x14000000, 0, 0x1000 };
	const uint32_t ports[] = { 0, 0x18001000, 0, 64, 0, 0x18000cf9, 0, 1 };
	const uint32_t irqchip_phandle = IRQCHIP_PHANDLE, host_phandle = HOST_PHANDLE;

	board = fake_board_begin();
	fake_board_node_add(board, BRIDGE, "intel,piix4");
	fake_board_node_add(board, HOST, "marvell,pci-gt64120");
	fake_board_node_add(board, IRQCHIP, "intel,i8259");
	fake_board_cells_set(board, IRQCHIP, "phandle", &irqchip_phandle, 1);
	fake_board_cells_set(board, IRQCHIP, "interrupts-extended", output, 2);
	fake_board_cells_set(board, HOST, "phandle", &host_phandle, 1);
	fake_board_cells_set(board, HOST, "reg", places, ARRAY_SIZE(places));
	fake_board_cells_set(board, HOST, "interrupt-parent", &irqchip_phandle, 1);
	fake_board_cells_set(board, BRIDGE, "reg", ports, ARRAY_SIZE(ports));
	fake_board_cells_set(board, BRIDGE, "corbel,pci-host", &host_phandle, 1);
}

static int setup(void **state)
{
	(void)state;
	board_describe();
	assert_int_equal(fake_board_device_make(board, IRQCHIP, &irqchip, NULL), 0);
	assert_int_equal(fake_board_device_make(board, HOST, &host, NULL), 0);
	assert_int_equal(fake_board_device_make(board, BRIDGE, &bridge, NULL), 0);
	board->guest.vcpu_count = 0; /* a request would stop them, and these have no threads */
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_board_end(board);
	return 0;
}

static uint32_t get(uint64_t offset)
{
	return (uint32_t)fake_device_read(host, offset, 4);
}

static void put(uint64_t offset, uint32_t value)
{
	fake_device_write(host, offset, 4, value);
}

static void config_select(unsigned int device, unsigned int function, unsigned int offset)
{
	put(CONFIG_ADDRESS, 0x80000000 | device << 11 | function << 8 | (offset & 0xfc));
}

static uint32_t config_get(unsigned int device, unsigned int function, unsigned int offset,
			   unsigned int size)
{
	config_select(device, function, offset);
	return (uint32_t)fake_device_read(host, CONFIG_DATA + offset % 4, size);
}

static void config_put(unsigned int device, unsigned int function, unsigned int offset,
		       unsigned int size, uint32_t value)
{
	config_select(device, function, offset);
	fake_device_write(host, CONFIG_DATA + offset % 4, size, value);
}

/* ---- the system controller's registers ---- */

/* What a kernel without a boot loader finds, and which bits it can change. */
static void test_registers(void **state)
{
	static const struct {
		uint32_t offset, reset, writable;
	} registers[] = {
		{ 0x000, 0x00001000, 0x0003ffff },
		{ 0x048, 0x0c0, 0x7fff },
		{ 0x050, 0x40, 0x7f },
		{ 0x058, 0x080, 0x7fff },
		{ 0x060, 0x3f, 0x7f },
		{ 0x080, 0x0c1, 0x7fff },
		{ 0x088, 0x5e, 0x7f },
		{ 0x120, 3, 0 },
		{ 0x448, 0x200, 0xffffffff },
		{ 0xc04, 0x70f, 0xffff },
		{ 0xc1c, 0, 0x3c3ffffe },
		{ 0xcf8, 0, 0x80fffffc },
		{ 0x00c, 0, 0 },
		{ 0xffc, 0, 0 },
	};

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(registers); i++) {
		assert_int_equal(get(registers[i].offset), registers[i].reset);
		put(registers[i].offset, 0xffffffff);
		assert_int_equal(get(registers[i].offset),
				 (registers[i].reset & ~registers[i].writable) |
					 registers[i].writable);
		put(registers[i].offset, 0);
		assert_int_equal(get(registers[i].offset),
				 registers[i].reset & ~registers[i].writable);
	}
	host->ops->reset(host);
	for (unsigned int i = 0; i < ARRAY_SIZE(registers); i++)
		assert_int_equal(get(registers[i].offset), registers[i].reset);
}

static void test_windows_are_translated_as_they_are_set(void **state)
{
	static const struct {
		uint32_t low, remap;
	} windows[] = { { IO_LOW, IO_REMAP },
			{ MEMORY0_LOW, MEMORY0_REMAP },
			{ MEMORY1_LOW, MEMORY1_REMAP } };

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(windows); i++) {
		put(windows[i].low, 0x7123);
		assert_int_equal(get(windows[i].low), 0x7123);
		assert_int_equal(get(windows[i].remap), 0x123);
		put(windows[i].remap, 0);
		assert_int_equal(get(windows[i].low), 0x7123);
		assert_int_equal(get(windows[i].remap), 0);
	}
}

static void test_registers_are_everywhere_until_moved(void **state)
{
	(void)state;
	assert_int_equal(fake_region_read(host, MOVED, 0x120, 4), 3);
	assert_int_equal(fake_region_read(host, AT_RESET, 0x120, 4), 3);
	fake_region_write(host, AT_RESET, INTERNAL_DECODE, 4, 0xdf);
	assert_int_equal(fake_region_read(host, MOVED, 0x120, 4), 3);
	assert_int_equal(fake_region_read(host, AT_RESET, 0x120, 4), 0xffffffff);
	assert_int_equal(fake_region_read(host, AT_RESET, 0x121, 1), 0xff);
	fake_region_write(host, AT_RESET, CONFIG_ADDRESS, 4, 0x80000000);
	assert_int_equal(get(CONFIG_ADDRESS), 0);
	fake_region_write(host, MOVED, INTERNAL_DECODE, 4, 0xa0);
	assert_int_equal(fake_region_read(host, AT_RESET, 0x120, 4), 3);
	assert_int_equal(fake_region_read(host, MOVED, 0x120, 4), 0xffffffff);
	fake_region_write(host, AT_RESET, INTERNAL_DECODE, 4, 0x100);
	assert_int_equal(fake_region_read(host, AT_RESET, 0x120, 4), 0xffffffff);
	host->ops->reset(host);
	assert_int_equal(fake_region_read(host, MOVED, 0x120, 4), 3);
}

static void test_parts_of_words(void **state)
{
	uint64_t value;

	(void)state;
	put(0x448, 0x11223344);
	assert_int_equal(fake_device_read(host, 0x449, 1), 0x33);
	assert_int_equal(fake_device_read(host, 0x44a, 2), 0x1122);
	fake_device_write(host, 0x448, 1, 0xff); /* words only */
	assert_int_equal(get(0x448), 0x11223344);
	assert_int_equal(fake_device_read_try(host, 0x448, 8, &value), -ENXIO);
	assert_int_equal(fake_device_read_try(host, 0x44b, 2, &value), -ENXIO);
	assert_int_equal(fake_device_write_try(host, 0x44a, 4, 0), -ENXIO);
	assert_int_equal(fake_device_read(host, 0x1234, 4), 0);
	fake_device_write(host, 0x1234, 4, 1);
}

static void test_interrupt_acknowledge(void **state)
{
	static const uint8_t words[] = { 0x11, 0x20, 0x04, 0x01, 0x00 };

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(words); i++)
		fake_region_write(irqchip, 0, i != 0, 1, words[i]);
	irqchip->ops->irq_set(irqchip, 4, true);
	assert_int_equal(board->vcpus[0].arch.irq_levels, 1 << 2);
	assert_int_equal(get(ACKNOWLEDGE), 0x24);
	assert_int_equal(board->vcpus[0].arch.irq_levels, 0);
	assert_int_equal(get(ACKNOWLEDGE), 0x27);
}

/* ---- configuration ---- */

static void test_what_is_on_the_bus(void **state)
{
	static const struct {
		unsigned int device, function;
		uint32_t id, class;
	} present[] = {
		{ 0, 0, 0x462011ab, 0x060000 },
		{ 10, 0, 0x71108086, 0x060100 },
		{ 10, 1, 0x71118086, 0x010180 },
		{ 10, 3, 0x71138086, 0x068000 },
	};
	unsigned int found = 0;

	(void)state;
	for (unsigned int device = 0; device < 32; device++)
		for (unsigned int function = 0; function < 8; function++) {
			uint32_t id = config_get(device, function, 0, 4);
			uint32_t cause = get(CAUSE);

			put(CAUSE, ~MASTER_ABORT);
			assert_int_equal(get(CAUSE), 0);
			if (found < ARRAY_SIZE(present) && device == present[found].device &&
			    function == present[found].function) {
				assert_int_equal(id, present[found].id);
				assert_int_equal(cause, 0);
				assert_int_equal(config_get(device, function, 8, 4) >> 8,
						 present[found].class);
				found++;
			} else {
				assert_int_equal(id, 0xffffffff);
				assert_int_equal(cause, MASTER_ABORT | 1);
			}
		}
	assert_int_equal(found, ARRAY_SIZE(present));
	assert_int_equal(config_get(10, 0, 0x0e, 1), 0x80);
}

static void test_other_buses_are_empty(void **state)
{
	(void)state;
	put(CONFIG_ADDRESS, 0x80010000 | 10 << 11);
	assert_int_equal(get(CONFIG_DATA), 0xffffffff);
	assert_int_equal(get(CAUSE), MASTER_ABORT | 1);
	put(CAUSE, 0);
	put(CONFIG_ADDRESS, 10 << 11); /* not enabled: no cycle, no error */
	assert_int_equal(get(CONFIG_DATA), 0xffffffff);
	put(CONFIG_DATA, 0x12345678);
	assert_int_equal(get(CAUSE), 0);
	config_put(31, 7, 0, 4, 0x00120002); /* a special cycle of this kind nobody answers */
	assert_int_equal(get(CAUSE), MASTER_ABORT | 1);
}

static void test_configuration_of_each_width(void **state)
{
	(void)state;
	config_put(10, 0, 0xb0, 4, 0x11223344);
	assert_int_equal(config_get(10, 0, 0xb1, 1), 0x33);
	assert_int_equal(config_get(10, 0, 0xb2, 2), 0x1122);
	config_put(10, 0, 0xb2, 1, 0x55);
	config_put(10, 0, 0xb0, 2, 0x6677);
	assert_int_equal(config_get(10, 0, 0xb0, 4), 0x11556677);
	assert_int_equal(config_get(10, 0, 0x60, 4), 0x0b0b0a0a);
}

static void test_swapping_on_the_way_to_devices(void **state)
{
	(void)state;
	put(PCI_COMMAND, 0);
	assert_int_equal(config_get(0, 0, 0, 4), 0x462011ab);
	assert_int_equal(config_get(10, 0, 0, 4), 0x86801071);
	config_put(10, 0, 0xb0, 4, 0x11223344);
	assert_int_equal(config_get(10, 0, 0xb0, 4), 0x11223344);
	assert_int_equal(config_get(10, 0, 0xb0, 1), 0x44);
	config_put(10, 0, 0xb0, 2, 0xaabb);
	put(PCI_COMMAND, 0x00010001);
	assert_int_equal(config_get(10, 0, 0xb0, 4), 0xbbaa2211);
}

/* Kernels size them by writing ones. */
static void test_base_addresses(void **state)
{
	static const struct {
		unsigned int device, function, offset;
		uint32_t sized;
	} addresses[] = {
		{ 0, 0, 0x10, 0xfffff008 }, { 0, 0, 0x14, 0xfffff008 }, { 0, 0, 0x18, 0xfffff000 },
		{ 0, 0, 0x1c, 0xfffff000 }, { 0, 0, 0x20, 0xfffff000 }, { 0, 0, 0x24, 0xfffff001 },
		{ 10, 0, 0x10, 0 },	    { 10, 0, 0x24, 0 },		{ 10, 1, 0x10, 0 },
		{ 10, 1, 0x20, 0xfff1 },    { 10, 1, 0x24, 0 },		{ 10, 3, 0x10, 0 },
		{ 10, 3, 0x20, 0 },	    { 10, 3, 0x30, 0 },
	};

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(addresses); i++) {
		unsigned int device = addresses[i].device, function = addresses[i].function;

		config_put(device, function, addresses[i].offset, 4, 0xffffffff);
		assert_int_equal(config_get(device, function, addresses[i].offset, 4),
				 addresses[i].sized);
	}
}

/* ---- power ---- */

static void power_ports_enable(void)
{
	config_put(10, 3, 0x40, 2, 0x1001);
	config_put(10, 3, 0x80, 1, 1);
}

static void test_power_ports_are_where_they_are_put(void **state)
{
	(void)state;
	assert_int_equal(fake_region_read(bridge, POWER, 4, 2), 0xffff);
	fake_region_write(bridge, POWER, 4, 2, 0x2000);
	config_put(10, 3, 0x40, 4, 0xffff2000);
	assert_int_equal(config_get(10, 3, 0x40, 4), 0x2001);
	config_put(10, 3, 0x80, 1, 1);
	assert_int_equal(fake_region_read(bridge, POWER, 4, 2), 0xffff);
	config_put(10, 3, 0x40, 4, 0x1000);
	assert_int_equal(fake_region_read(bridge, POWER, 4, 2), 0);
	assert_int_equal(board->guest.requests, 0);
	bridge->ops->reset(bridge);
	assert_int_equal(fake_region_read(bridge, POWER, 4, 2), 0xffff);
}

static void test_soft_off(void **state)
{
	static const struct {
		uint64_t offset;
		unsigned int size;
		uint64_t value;
		bool off;
	} writes[] = {
		{ 4, 2, 0x2000, true },	    { 4, 2, 0x0003, false },
		{ 4, 2, 0x2400, false },    { 5, 1, 0x20, true },
		{ 4, 1, 0x20, false },	    { 4, 4, 0x2000, true },
		{ 2, 4, 0x20000000, true }, { 2, 4, 0x00002000, false },
		{ 0, 8, 1ull << 45, true }, { 0, 4, 0xffffffff, false },
		{ 8, 2, 0x2000, false },
	};

	(void)state;
	power_ports_enable();
	for (unsigned int i = 0; i < ARRAY_SIZE(writes); i++) {
		fake_region_write(bridge, POWER, 4, 2, 0);
		board->guest.requests = 0;
		fake_region_write(bridge, POWER, writes[i].offset, writes[i].size, writes[i].value);
		assert_int_equal(board->guest.requests, writes[i].off ? GUEST_REQUEST_POWEROFF : 0);
		/* that bit is not kept */
		assert_int_equal(fake_region_read(bridge, POWER, 5, 1) & 0x20, 0);
	}
}

static void test_power_timer(void **state)
{
	uint32_t before;

	(void)state;
	power_ports_enable();
	before = (uint32_t)fake_region_read(bridge, POWER, 8, 4);
	fake_region_write(bridge, POWER, 8, 4, 0);
	fake_time_ns += NS_PER_S;
	assert_int_equal((fake_region_read(bridge, POWER, 8, 4) - before) & 0xffffff, 3579545);
	fake_time_ns += 7 * NS_PER_S; /* 24 bits */
	assert_int_equal(fake_region_read(bridge, POWER, 8, 4) >> 24, 0);
}

static void test_reset_control(void **state)
{
	(void)state;
	fake_region_write(bridge, RESET_CONTROL, 0, 1, 0xfb);
	assert_int_equal(fake_region_read(bridge, RESET_CONTROL, 0, 1), 0x02);
	assert_int_equal(board->guest.requests, 0);
	fake_region_write(bridge, RESET_CONTROL, 0, 1, 0x06);
	assert_int_equal(board->guest.requests, GUEST_REQUEST_REBOOT);
	board->guest.requests = 0;
	fake_region_write(bridge, RESET_CONTROL, 0, 1, 0x06); /* only its rise counts */
	assert_int_equal(board->guest.requests, 0);
}

/* ---- making them ---- */

static void assert_refused(const char *node, struct vdev **out, const char *part)
{
	struct error error = { "" };

	assert_int_equal(fake_board_device_make(board, node, out, &error), -EINVAL);
	if (strstr(error.text, node) == NULL || strstr(error.text, part) == NULL)
		fail_msg("not the sentence about \"%s\": %s", part, error.text);
}

static void test_wrong_trees(void **state)
{
	const uint32_t own = HOST_PHANDLE, other = IRQCHIP_PHANDLE;
	const uint32_t five[20] = { 0 }, odd[] = { 0, 0x18001010, 0, 64 };

	(void)state;
	board_describe();
	assert_refused(BRIDGE, &bridge, "whose node comes before");
	assert_refused(HOST, &host, "whose node comes before");
	fake_board_end(board);

	board_describe();
	fake_board_cells_set(board, HOST, "interrupt-parent", (uint32_t[]){ FAKE_BOARD_IRQCHIP },
			     1);
	assert_refused(HOST, &host, "must name an \"intel,i8259\"");
	fake_board_end(board);

	board_describe();
	fake_board_cells_set(board, HOST, "reg", five, 20);
	assert_int_equal(fake_board_device_make(board, IRQCHIP, &irqchip, NULL), 0);
	assert_refused(HOST, &host, "1 to 4 entries");
	fake_board_end(board);

	board_describe();
	fake_board_cells_set(board, BRIDGE, "corbel,pci-host", &other, 1);
	assert_int_equal(fake_board_device_make(board, IRQCHIP, &irqchip, NULL), 0);
	assert_refused(BRIDGE, &bridge, "must name a PCI host bridge");
	fake_board_end(board);

	board_describe();
	fake_board_cells_set(board, BRIDGE, "reg", odd, 4);
	assert_int_equal(fake_board_device_make(board, IRQCHIP, &irqchip, NULL), 0);
	assert_int_equal(fake_board_device_make(board, HOST, &host, NULL), 0);
	assert_refused(BRIDGE, &bridge, "64 bytes");
	fake_board_end(board);

	board_describe();
	fake_board_node_add(board, "bridge@2", "intel,piix4");
	fake_board_cells_set(board, "bridge@2", "reg", (uint32_t[]){ 0, 0x2000, 0, 64 }, 4);
	fake_board_cells_set(board, "bridge@2", "corbel,pci-host", &own, 1);
	assert_int_equal(fake_board_device_make(board, IRQCHIP, &irqchip, NULL), 0);
	assert_int_equal(fake_board_device_make(board, HOST, &host, NULL), 0);
	assert_int_equal(fake_board_device_make(board, BRIDGE, &bridge, NULL), 0);
	assert_refused("bridge@2", &bridge, "device 10");
	fake_board_end(board);
}

static void test_bus(void **state)
{
	(void)state;
	assert_non_null(pci_bus_of(host));
	assert_null(pci_bus_of(bridge));
	assert_non_null(pci_bus_of(host)->functions[PCI_SLOT(10, 3)]);
	assert_null(pci_bus_of(host)->functions[PCI_SLOT(10, 2)]);
}

static void test_host_alone(void **state)
{
	const uint32_t place[] = { 0, 0x14000000, 0, 0x1000 };

	(void)state;
	board = fake_board_begin();
	fake_board_node_add(board, HOST, "marvell,pci-gt64120");
	fake_board_cells_set(board, HOST, "reg", place, 4);
	assert_int_equal(fake_board_device_make(board, HOST, &host, NULL), 0);
	assert_int_equal(get(ACKNOWLEDGE), 0xffffffff);
	assert_int_equal(config_get(10, 0, 0, 4), 0xffffffff);
	fake_board_end(board);
}

/* Nothing to compare with, but no access at all may do harm. */
static void test_random_accesses(void **state)
{
	uint32_t seed = 0x64120;

	(void)state;
	for (unsigned int i = 0; i < 300000; i++) {
		uint32_t random = fake_random(&seed);
		struct vdev *vdev = (random & 3) == 0 ? bridge : host;
		unsigned int region = random >> 2 & 1, size = 1u << (random >> 3 & 3);
		uint64_t offset = random >> 5 & 0xfff, value = fake_random(&seed);

		if (vdev == bridge)
			offset = region == POWER ? offset & (64 - size) : 0;
		else if ((random >> 20 & 3) != 0)
			offset = (random >> 22 & 1) != 0 ? CONFIG_DATA : CONFIG_ADDRESS;
		if (vdev == host && (value & 0xf0) != 0 && offset == CONFIG_ADDRESS)
			value = 0x80000000 | (value & 0xffff);
		if (vdev == bridge && region == RESET_CONTROL)
			size = 1;
		if ((random >> 23 & 1) != 0)
			(void)fake_region_read_try(vdev, region, offset, size, &value);
		else
			(void)fake_region_write_try(vdev, region, offset, size, value);
		if ((random >> 24) == 0)
			host->ops->reset(host);
	}
}

#define WITH_BOARD(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_BOARD(test_registers),
		WITH_BOARD(test_windows_are_translated_as_they_are_set),
		WITH_BOARD(test_registers_are_everywhere_until_moved),
		WITH_BOARD(test_parts_of_words),
		WITH_BOARD(test_interrupt_acknowledge),
		WITH_BOARD(test_what_is_on_the_bus),
		WITH_BOARD(test_other_buses_are_empty),
		WITH_BOARD(test_configuration_of_each_width),
		WITH_BOARD(test_swapping_on_the_way_to_devices),
		WITH_BOARD(test_base_addresses),
		WITH_BOARD(test_power_ports_are_where_they_are_put),
		WITH_BOARD(test_soft_off),
		WITH_BOARD(test_power_timer),
		WITH_BOARD(test_reset_control),
		cmocka_unit_test(test_wrong_trees),
		WITH_BOARD(test_bus),
		cmocka_unit_test(test_host_alone),
		WITH_BOARD(test_random_accesses),
	};

	return cmocka_run_group_tests_name("gt64120", tests, fake_machine_setup, NULL);
}

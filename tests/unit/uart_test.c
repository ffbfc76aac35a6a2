// SPDX-License-Identifier: BSD-2-Clause
/*
 * Tests of the virtual 16550: registers, FIFOs, interrupts, back-pressure.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <corbel/serial.h>
#include <fake.h>
#include <fake_board.h>

#define NODE  "serial@10000000"
#define INPUT 10u

enum {
	RBR = 0,
	THR = 0,
	DLL = 0,
	IER = 1,
	DLM = 1,
	IIR = 2,
	FCR = 2,
	LCR = 3,
	MCR = 4,
	LSR = 5,
	MSR = 6,
	SCR = 7
};

/* ---- the other end of the line ---- */

static struct {
	struct serial_line *line;
	char output[4096];
	size_t length;
	size_t room; /* bytes it takes before it refuses */
	unsigned int room_calls;
} peer;

static size_t peer_output(struct serial_line *line, const uint8_t *bytes, size_t count)
{
	assert_ptr_equal(line, peer.line);
	count = MIN(count, peer.room);
	for (size_t i = 0; i < count; i++)
		peer.output[peer.length++ % sizeof(peer.output)] = (char)bytes[i];
	peer.room -= count;
	return count;
}

static void peer_room(struct serial_line *line)
{
	assert_ptr_equal(line, peer.line);
	peer.room_calls++;
}

static const struct serial_peer_ops peer_ops = { .output = peer_output, .room = peer_room };

static int peer_attach(struct serial_line *line, struct error *error)
{
	(void)error;
	memset(&peer, 0, sizeof(peer));
	peer.line = line;
	peer.room = SIZE_MAX;
	line->peer = &peer_ops;
	return 0;
}

static void peer_detach(struct serial_line *line)
{
	assert_ptr_equal(line, peer.line);
	peer.line = NULL;
}

static const struct serial_backend peer_backend = {
	.name = "test",
	.attach = peer_attach,
	.detach = peer_detach,
};
SERIAL_BACKEND_REGISTER(peer_backend);

static size_t type_bytes(const char *text)
{
	return peer.line->device->input(peer.line, (const uint8_t *)text, strlen(text));
}

/* ---- the board ---- */

struct fixture {
	struct fake_board *board;
	struct vdev *uart;
};

static void board_describe(struct fake_board *board, uint32_t shift)
{
	const uint32_t input = INPUT;

	fake_board_node_add(board, NODE, "ns16550a");
	fake_board_cells_set(board, NODE, "interrupts", &input, 1);
	fake_board_cells_set(board, NODE, "reg-shift", &shift, 1);
	fake_board_text_set(board, NODE, "corbel,backend", "test");
}

static int setup_shifted(void **state, uint32_t shift)
{
	static struct fixture fixture;

	fixture.board = fake_board_begin();
	board_describe(fixture.board, shift);
	assert_int_equal(fake_board_device_make(fixture.board, NODE, &fixture.uart, NULL), 0);
	*state = &fixture;
	return 0;
}

static int setup(void **state)
{
	return setup_shifted(state, 0);
}

static int setup_wide(void **state)
{
	return setup_shifted(state, 2);
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	fake_board_end(fixture->board);
	assert_null(peer.line);
	return 0;
}

static uint8_t get(struct fixture *fixture, unsigned int number)
{
	return (uint8_t)fake_device_read(fixture->uart, number, 1);
}

static void put(struct fixture *fixture, unsigned int number, uint8_t value)
{
	fake_device_write(fixture->uart, number, 1, value);
}

static bool irq(const struct fixture *fixture)
{
	return fixture->board->levels[INPUT];
}

/* ---- registers ---- */

static void test_values_after_reset(void **state)
{
	static const uint8_t expected[] = { 0x00, 0x00, 0x01, 0x00, 0x00, 0x60, 0xb0, 0x00 };
	struct fixture *fixture = *state;

	for (unsigned int i = 0; i < ARRAY_SIZE(expected); i++)
		assert_int_equal(get(fixture, i), expected[i]);
	for (unsigned int i = 0; i < 8; i++)
		put(fixture, i, 0xff);
	fixture->uart->ops->reset(fixture->uart);
	for (unsigned int i = 0; i < ARRAY_SIZE(expected); i++)
		assert_int_equal(get(fixture, i), expected[i]);
	assert_false(irq(fixture));
}

/* Which bits of each register keep what is written. */
static void test_writable_bits(void **state)
{
	static const struct {
		unsigned int number;
		uint8_t mask;
	} registers[] = {
		{ IER, 0x0f },
		{ LCR, 0xff },
		{ MCR, 0x1f },
		{ SCR, 0xff },
	};
	struct fixture *fixture = *state;

	for (unsigned int i = 0; i < ARRAY_SIZE(registers); i++) {
		for (unsigned int value = 0; value < 256; value += 0x55) {
			put(fixture, registers[i].number, (uint8_t)value);
			assert_int_equal(get(fixture, registers[i].number),
					 value & registers[i].mask);
		}
		put(fixture, registers[i].number, 0);
	}
}

static void test_read_only_registers(void **state)
{
	struct fixture *fixture = *state;

	put(fixture, LSR, 0x00);
	assert_int_equal(get(fixture, LSR), 0x60);
	put(fixture, MSR, 0x0f);
	assert_int_equal(get(fixture, MSR), 0xb0);
}

static void test_divisor_is_apart_from_data(void **state)
{
	struct fixture *fixture = *state;

	put(fixture, IER, 0x05);
	put(fixture, LCR, 0x80);
	put(fixture, DLL, 0x34);
	put(fixture, DLM, 0x12);
	assert_int_equal(get(fixture, DLL), 0x34);
	assert_int_equal(get(fixture, DLM), 0x12);
	put(fixture, LCR, 0x03);
	assert_int_equal(get(fixture, IER), 0x05);
	assert_int_equal(get(fixture, RBR), 0);
	assert_int_equal(peer.length, 0);
}

static void test_wide_accesses_take_the_low_byte(void **state)
{
	struct fixture *fixture = *state;

	for (unsigned int size = 2; size <= 8; size *= 2) {
		fake_device_write(fixture->uart, SCR, size,
				  0x1122334455667788 &
					  ((size == 8 ? 0 : UINT64_C(1) << (8 * size % 64)) - 1));
		assert_int_equal(fake_device_read(fixture->uart, SCR, size), 0x88);
	}
	fake_device_write(fixture->uart, THR, 4, 0x41424344);
	assert_int_equal(peer.length, 1);
	assert_int_equal(peer.output[0], 0x44);
}

static void test_behind_the_registers_is_nothing(void **state)
{
	struct fixture *fixture = *state;

	fake_device_write(fixture->uart, 8, 1, 0x55);
	assert_int_equal(fake_device_read(fixture->uart, 8, 1), 0);
	assert_int_equal(fake_device_read(fixture->uart, 0xff, 1), 0);
	assert_int_equal(peer.length, 0);
}

static void test_spaced_registers(void **state)
{
	struct fixture *fixture = *state;

	fake_device_write(fixture->uart, SCR << 2, 4, 0x5a);
	assert_int_equal(fake_device_read(fixture->uart, SCR << 2, 1), 0x5a);
	for (unsigned int byte = 1; byte < 4; byte++) {
		fake_device_write(fixture->uart, (SCR << 2) + byte, 1, 0xff);
		assert_int_equal(fake_device_read(fixture->uart, (SCR << 2) + byte, 1), 0);
	}
	assert_int_equal(fake_device_read(fixture->uart, SCR << 2, 4), 0x5a);
	fake_device_write(fixture->uart, THR, 4, 'x');
	assert_int_equal(peer.output[0], 'x');
}

/* ---- output ---- */

static void test_output_goes_out_in_order(void **state)
{
	struct fixture *fixture = *state;

	for (const char *text = "hello"; *text != '\0'; text++) {
		assert_int_equal(get(fixture, LSR), 0x60);
		put(fixture, THR, (uint8_t)*text);
	}
	assert_int_equal(peer.length, 5);
	assert_memory_equal(peer.output, "hello", 5);
}

static void test_back_pressure_fills_the_fifo(void **state)
{
	struct fixture *fixture = *state;

	put(fixture, FCR, 0x01);
	peer.room = 2;
	for (unsigned int i = 0; i < 20; i++)
		put(fixture, THR, (uint8_t)('a' + i));
	assert_int_equal(peer.length, 2);
	assert_int_equal(get(fixture, LSR), 0x00);
	peer.room = 4;
	peer.line->device->output_ready(peer.line);
	assert_int_equal(peer.length, 6);
	assert_int_equal(get(fixture, LSR), 0x00);
	peer.room = SIZE_MAX;
	peer.line->device->output_ready(peer.line);
	assert_int_equal(get(fixture, LSR), 0x60);
	/* 2 went out at once, 16 fit the FIFO, the last 2 were written against LSR's advice. */
	assert_int_equal(peer.length, 18);
	assert_memory_equal(peer.output, "abcdefghijklmnopqr", 18);
}

static void test_without_fifo_one_byte_waits(void **state)
{
	struct fixture *fixture = *state;

	peer.room = 0;
	put(fixture, THR, 'a');
	assert_int_equal(get(fixture, LSR), 0x00);
	put(fixture, THR, 'b');
	peer.room = SIZE_MAX;
	peer.line->device->output_ready(peer.line);
	assert_int_equal(peer.length, 1);
	assert_int_equal(peer.output[0], 'a');
}

static void test_clearing_the_transmit_fifo(void **state)
{
	struct fixture *fixture = *state;

	put(fixture, FCR, 0x01);
	peer.room = 0;
	put(fixture, THR, 'a');
	put(fixture, FCR, 0x05);
	assert_int_equal(get(fixture, LSR), 0x60);
	peer.room = SIZE_MAX;
	peer.line->device->output_ready(peer.line);
	assert_int_equal(peer.length, 0);
}

/* ---- input ---- */

static void test_input_without_fifo(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(type_bytes("ab"), 1);
	assert_int_equal(get(fixture, LSR), 0x61);
	assert_int_equal(peer.room_calls, 0);
	assert_int_equal(get(fixture, RBR), 'a');
	assert_int_equal(peer.room_calls, 1);
	assert_int_equal(get(fixture, LSR), 0x60);
	assert_int_equal(get(fixture, RBR), 0);
	assert_int_equal(peer.room_calls, 1);
}

static void test_input_fifo_refuses_and_asks_again(void **state)
{
	struct fixture *fixture = *state;

	put(fixture, FCR, 0x01);
	assert_int_equal(type_bytes("0123456789abcdefXYZ"), 16);
	for (unsigned int i = 0; i < 16; i++) {
		assert_int_equal(peer.room_calls, 0);
		assert_int_equal(get(fixture, RBR), "0123456789abcdef"[i]);
	}
	assert_int_equal(peer.room_calls, 1);
	assert_int_equal(type_bytes("XYZ"), 3);
	assert_int_equal(get(fixture, RBR), 'X');
}

static void test_clearing_the_receive_fifo_makes_room(void **state)
{
	struct fixture *fixture = *state;

	put(fixture, FCR, 0x01);
	assert_int_equal(type_bytes("0123456789abcdefX"), 16);
	put(fixture, FCR, 0x03);
	assert_int_equal(peer.room_calls, 1);
	assert_int_equal(get(fixture, LSR), 0x60);
}

static void test_turning_fifos_on_empties_them(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(type_bytes("a"), 1);
	put(fixture, FCR, 0x01);
	assert_int_equal(get(fixture, LSR), 0x60);
	assert_int_equal(get(fixture, IIR), 0xc1);
	put(fixture, FCR, 0x00);
	assert_int_equal(get(fixture, IIR), 0x01);
}

/* ---- interrupts ---- */

static void test_no_interrupt_that_is_not_enabled(void **state)
{
	struct fixture *fixture = *state;

	type_bytes("a");
	put(fixture, THR, 'x');
	assert_false(irq(fixture));
	assert_int_equal(get(fixture, IIR), 0x01);
	assert_int_equal(fixture->board->changes[INPUT], 0);
}

static void test_receive_interrupt_and_trigger_levels(void **state)
{
	static const struct {
		uint8_t control;
		unsigned int trigger;
	} levels[] = { { 0x01, 1 }, { 0x41, 4 }, { 0x81, 8 }, { 0xc1, 14 } };
	struct fixture *fixture = *state;

	put(fixture, IER, 0x01);
	for (unsigned int i = 0; i < ARRAY_SIZE(levels); i++) {
		put(fixture, FCR, levels[i].control | 0x02);
		assert_false(irq(fixture));
		for (unsigned int count = 1; count <= 16; count++) {
			type_bytes("x");
			assert_true(irq(fixture));
			assert_int_equal(get(fixture, IIR),
					 count >= levels[i].trigger ? 0xc4 : 0xcc);
		}
		for (unsigned int count = 0; count < 16; count++) {
			assert_true(irq(fixture));
			(void)get(fixture, RBR);
		}
		assert_false(irq(fixture));
	}
}

static void test_transmit_interrupt(void **state)
{
	struct fixture *fixture = *state;

	put(fixture, IER, 0x02);
	assert_true(irq(fixture));
	assert_int_equal(get(fixture, IIR), 0x02); /* reading it is the acknowledgement */
	assert_false(irq(fixture));
	assert_int_equal(get(fixture, IIR), 0x01);
	put(fixture, THR, 'a');
	assert_true(irq(fixture));
	put(fixture, IER, 0x00);
	assert_false(irq(fixture));
	put(fixture, IER, 0x02);
	assert_true(irq(fixture));
}

static void test_transmit_interrupt_waits_for_the_line(void **state)
{
	struct fixture *fixture = *state;

	put(fixture, FCR, 0x01);
	put(fixture, IER, 0x02);
	peer.room = 0;
	put(fixture, THR, 'a'); /* writing acknowledges, too */
	assert_false(irq(fixture));
	peer.line->device->output_ready(peer.line);
	assert_false(irq(fixture));
	peer.room = 1;
	peer.line->device->output_ready(peer.line);
	assert_true(irq(fixture));
	assert_int_equal(get(fixture, IIR), 0xc2);
}

static void test_interrupt_priorities(void **state)
{
	struct fixture *fixture = *state;

	put(fixture, FCR, 0x01);
	put(fixture, IER, 0x0f);
	put(fixture, MCR, 0x10); /* loopback: all modem lines fall */
	for (unsigned int i = 0; i < 17; i++)
		put(fixture, THR, (uint8_t)i);
	assert_int_equal(get(fixture, IIR), 0xc6);
	assert_int_equal(get(fixture, LSR), 0x63); /* overrun, cleared by reading */
	assert_int_equal(get(fixture, LSR), 0x61);
	assert_int_equal(get(fixture, IIR), 0xc4);
	put(fixture, FCR, 0x03);
	assert_int_equal(get(fixture, IIR), 0xc2);
	assert_int_equal(get(fixture, IIR), 0xc0);
	assert_true(irq(fixture));
	assert_int_equal(get(fixture, MSR), 0x0b);
	assert_int_equal(get(fixture, IIR), 0xc1);
	assert_false(irq(fixture));
}

static void test_input_interrupt_is_set_once(void **state)
{
	struct fixture *fixture = *state;

	put(fixture, FCR, 0x01);
	put(fixture, IER, 0x01);
	type_bytes("abc");
	type_bytes("def");
	assert_int_equal(fixture->board->changes[INPUT], 1);
}

/* ---- loopback ---- */

static void test_loopback_modem_lines(void **state)
{
	static const struct {
		uint8_t mcr, lines;
	} wires[] = {
		{ 0x10, 0x00 }, { 0x11, 0x20 }, { 0x12, 0x10 }, { 0x14, 0x40 },
		{ 0x18, 0x80 }, { 0x1a, 0x90 }, { 0x1f, 0xf0 }, { 0x0f, 0xb0 },
	};
	struct fixture *fixture = *state;

	for (unsigned int i = 0; i < ARRAY_SIZE(wires); i++) {
		put(fixture, MCR, wires[i].mcr);
		assert_int_equal(get(fixture, MSR) & 0xf0, wires[i].lines);
		assert_int_equal(get(fixture, MSR) & 0x0f, 0);
	}
}

static void test_ring_indicator_shows_its_trailing_edge(void **state)
{
	struct fixture *fixture = *state;

	put(fixture, MCR, 0x10);
	(void)get(fixture, MSR);
	put(fixture, MCR, 0x14);
	assert_int_equal(get(fixture, MSR), 0x40);
	put(fixture, MCR, 0x10);
	assert_int_equal(get(fixture, MSR), 0x04);
}

static void test_loopback_is_closed(void **state)
{
	struct fixture *fixture = *state;

	put(fixture, FCR, 0x01);
	put(fixture, MCR, 0x10);
	put(fixture, THR, 'a');
	assert_int_equal(peer.length, 0);
	assert_int_equal(type_bytes("zzz"), 3);
	assert_int_equal(get(fixture, RBR), 'a');
	assert_int_equal(get(fixture, LSR), 0x60);
}

/* ---- making one ---- */

static int make_with(const char *property, const uint32_t *cells, unsigned int count,
		     struct error *error)
{
	struct fake_board *board = fake_board_begin();
	struct vdev *uart = NULL;
	int result;

	board_describe(board, 0);
	fake_board_cells_set(board, NODE, property, cells, count);
	result = fake_board_device_make(board, NODE, &uart, error);
	fake_board_end(board);
	return result;
}

static void test_bad_properties(void **state)
{
	static const uint32_t cells[] = { 0x41414141, 0x41414141 };
	static const struct {
		const char *property;
		unsigned int count;
	} wrong[] = {
		{ "reg-shift", 1 },
		{ "reg-shift", 2 },
		{ "corbel,backend", 1 },
		{ "interrupt-parent", 1 },
	};

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct error error = { "" };

		assert_int_equal(make_with(wrong[i].property, cells, wrong[i].count, &error),
				 -EINVAL);
		assert_non_null(strstr(error.text, "test.dtb: node /" NODE));
		assert_non_null(strstr(error.text, wrong[i].property));
	}
}

static void test_without_interrupt_it_is_polled(void **state)
{
	struct fixture fixture = { .board = fake_board_begin() };

	(void)state;
	fake_board_node_add(fixture.board, NODE, "ns16550");
	fake_board_text_set(fixture.board, NODE, "corbel,backend", "test");
	assert_int_equal(fake_board_device_make(fixture.board, NODE, &fixture.uart, NULL), 0);
	put(&fixture, IER, 0x0f);
	put(&fixture, THR, 'a');
	assert_int_equal(peer.length, 1);
	fake_board_end(fixture.board);
}

static void test_unknown_backend(void **state)
{
	struct fake_board *board = fake_board_begin();
	struct error error = { "" };
	struct vdev *uart;

	(void)state;
	board_describe(board, 0);
	fake_board_text_set(board, NODE, "corbel,backend", "telegraph");
	assert_int_equal(fake_board_device_make(board, NODE, &uart, &error), -ENOENT);
	assert_non_null(strstr(error.text, "telegraph"));
	fake_board_end(board);
}

/* ---- anything goes ---- */

static void random_step(struct fixture *fixture, uint32_t *seed)
{
	uint32_t random = fake_random(seed);
	unsigned int size = 1u << (random >> 8 & 3);
	unsigned int offset = random >> 10 & 15;

	switch (random & 7) {
	case 0:
		type_bytes("0123456789abcdefgh" + (random >> 16 & 15));
		break;
	case 1:
		peer.room = random >> 16 & 31;
		peer.line->device->output_ready(peer.line);
		break;
	case 2:
	case 3:
	case 4:
		fake_device_write(fixture->uart, offset, size,
				  (random >> 16) & (size == 1 ? 0xff : 0xffff));
		break;
	default:
		(void)fake_device_read(fixture->uart, offset, size);
		break;
	}
}

/* The line is high exactly when IIR, read right away, names a cause. */
static void check_line_matches_iir(struct fixture *fixture)
{
	bool level = irq(fixture);

	assert_int_equal((get(fixture, IIR) & 1) == 0, level);
}

static void test_random_accesses(void **state)
{
	struct fixture *fixture = *state;

	for (uint32_t run = 1; run <= 20; run++) {
		uint32_t seed = run;

		fixture->uart->ops->reset(fixture->uart);
		assert_false(irq(fixture));
		for (unsigned int i = 0; i < 20000; i++) {
			random_step(fixture, &seed);
			if (fake_random(&seed) % 16 == 0)
				check_line_matches_iir(fixture);
		}
	}
}

#define WITH_UART(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_UART(test_values_after_reset),
		WITH_UART(test_writable_bits),
		WITH_UART(test_read_only_registers),
		WITH_UART(test_divisor_is_apart_from_data),
		WITH_UART(test_wide_accesses_take_the_low_byte),
		WITH_UART(test_behind_the_registers_is_nothing),
		cmocka_unit_test_setup_teardown(test_spaced_registers, setup_wide, teardown),
		WITH_UART(test_output_goes_out_in_order),
		WITH_UART(test_back_pressure_fills_the_fifo),
		WITH_UART(test_without_fifo_one_byte_waits),
		WITH_UART(test_clearing_the_transmit_fifo),
		WITH_UART(test_input_without_fifo),
		WITH_UART(test_input_fifo_refuses_and_asks_again),
		WITH_UART(test_clearing_the_receive_fifo_makes_room),
		WITH_UART(test_turning_fifos_on_empties_them),
		WITH_UART(test_no_interrupt_that_is_not_enabled),
		WITH_UART(test_receive_interrupt_and_trigger_levels),
		WITH_UART(test_transmit_interrupt),
		WITH_UART(test_transmit_interrupt_waits_for_the_line),
		WITH_UART(test_interrupt_priorities),
		WITH_UART(test_input_interrupt_is_set_once),
		WITH_UART(test_loopback_modem_lines),
		WITH_UART(test_ring_indicator_shows_its_trailing_edge),
		WITH_UART(test_loopback_is_closed),
		cmocka_unit_test(test_bad_properties),
		cmocka_unit_test(test_without_interrupt_it_is_polled),
		cmocka_unit_test(test_unknown_backend),
		WITH_UART(test_random_accesses),
	};

	return cmocka_run_group_tests_name("uart", tests, fake_memory_setup, NULL);
}

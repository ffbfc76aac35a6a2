// SPDX-License-Identifier: BSD-2-Clause
/*
 * Tests of serial lines that lead nowhere.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <corbel/serial.h>
#include <fake.h>
#include <fake_board.h>

#define NODE "serial@1f000900"

enum {
	THR = 0,
	FCR = 2,
	LSR = 5,
};

static void test_a_port_that_nobody_listens_to(void **state)
{
	struct fake_board *board = fake_board_begin();
	struct vdev *uart;

	(void)state;
	fake_board_node_add(board, NODE, "ns16550a");
	fake_board_text_set(board, NODE, "corbel,backend", "null");
	assert_int_equal(fake_board_device_make(board, NODE, &uart, NULL), 0);
	fake_device_write(uart, FCR, 1, 0x01);
	for (unsigned int i = 0; i < 1000; i++) {
		assert_int_equal(fake_device_read(uart, LSR, 1), 0x60);
		fake_device_write(uart, THR, 1, 'x');
	}
	assert_int_equal(serial_debug_write(&board->guest, (const uint8_t *)"hello", 5), 5);
	uart->ops->reset(uart);
	fake_board_end(board);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_port_that_nobody_listens_to),
	};

	return cmocka_run_group_tests_name("null", tests, fake_memory_setup, NULL);
}

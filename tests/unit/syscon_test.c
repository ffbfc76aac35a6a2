// SPDX-License-Identifier: BSD-2-Clause
/*
 * Tests of the virtual test finisher: what powers a guest off, what reboots it, and what does not.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fake.h>
#include <fake_board.h>

#define NODE "test@100000"

/* What a write leads to, on a fresh board. */
static uint32_t requests_after(const char *compatible, uint64_t offset, unsigned int size,
			       uint64_t value)
{
	struct fake_board *board = fake_board_begin();
	struct vdev *vdev;
	uint32_t requests;

	board->guest.vcpu_count = 0; /* a request would stop them, and these have no threads */
	fake_board_node_add(board, NODE, compatible);
	assert_int_equal(fake_board_device_make(board, NODE, &vdev, NULL), 0);
	fake_device_write(vdev, offset, size, value);
	assert_int_equal(fake_device_read(vdev, offset, size), 0);
	requests = board->guest.requests;
	fake_board_end(board);
	return requests;
}

static void test_writes(void **state)
{
	static const struct {
		uint64_t offset;
		unsigned int size;
		uint64_t value;
		uint32_t requests;
	} writes[] = {
		{ 0, 4, 0x5555, GUEST_REQUEST_POWEROFF },
		{ 0, 2, 0x5555, GUEST_REQUEST_POWEROFF },
		{ 0, 4, 0x7777, GUEST_REQUEST_REBOOT },
		{ 0, 4, 0x73333, GUEST_REQUEST_CRASH },
		{ 0, 4, 0x3333, GUEST_REQUEST_CRASH },
		{ 0, 4, 0, 0 },
		{ 0, 4, 0x5554, 0 },
		{ 0, 1, 0x55, 0 },
		{ 0, 8, 0x5555, 0 },
		{ 4, 4, 0x5555, 0 },
		{ 1, 4, 0x5555, 0 },
	};

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(writes); i++) {
		assert_int_equal(requests_after("sifive,test0", writes[i].offset, writes[i].size,
						writes[i].value),
				 writes[i].requests);
		assert_int_equal(requests_after("sifive,test1", writes[i].offset, writes[i].size,
						writes[i].value),
				 writes[i].requests);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_writes),
	};

	return cmocka_run_group_tests_name("syscon", tests, fake_memory_setup, NULL);
}

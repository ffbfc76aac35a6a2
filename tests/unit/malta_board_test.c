// SPDX-License-Identifier: BSD-2-Clause
/*
 * Tests of what of the virtual Malta board is hardly a device: its own registers, and addresses
 * where nobody answers.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fake.h>
#include <fake_board.h>

#define FPGA "system-controller@1f000000"
#define HOLE "hole@18000000"

/* Regions of the board's registers. */
enum {
	REGISTERS,
	REVISION,
};

static struct fake_board *board;
static struct vdev *fpga;

static int setup_wired(bool big_endian)
{
	board = fake_board_begin();
	board->guest.vcpu_count = 0; /* a request would stop them, and these have no threads */
	fake_board_node_add(board, FPGA, "mti,malta-fpga");
	if (big_endian)
		fake_board_cells_set(board, FPGA, "big-endian", NULL, 0);
	assert_int_equal(fake_board_device_make(board, FPGA, &fpga, NULL), 0);
	return 0;
}

static int setup(void **state)
{
	(void)state;
	return setup_wired(false);
}

static int setup_big(void **state)
{
	(void)state;
	return setup_wired(true);
}

static int teardown(void **state)
{
	(void)state;
	fake_board_end(board);
	return 0;
}

static void test_revision_tells_the_system_controller(void **state)
{
	(void)state;
	assert_int_equal(fake_region_read(fpga, REVISION, 0, 4), 0x420);
	assert_int_equal(fake_region_read(fpga, REVISION, 1, 1), 0x04);
	assert_int_equal(fake_region_read(fpga, REVISION, 4, 4), 0);
	fake_region_write(fpga, REVISION, 0, 4, 0x42);
	assert_int_equal(fake_region_read(fpga, REVISION, 0, 4), 0x420);
	assert_int_equal(board->guest.requests, 0);
}

static void test_switches_and_display(void **state)
{
	static const struct {
		uint64_t offset;
		uint32_t kept;
	} registers[] = {
		{ 0x200, 0 }, { 0x208, 0 }, { 0x210, 0 }, { 0x408, 0xff },
		{ 0x410, 0 }, { 0x418, 0 }, { 0x450, 0 }, { 0x508, 0xffffffff },
		{ 0x000, 0 }, { 0x8fc, 0 }, { 0x500, 0 },
	};

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(registers); i++) {
		assert_int_equal(fake_device_read(fpga, registers[i].offset, 4), 0);
		fake_device_write(fpga, registers[i].offset, 4, 0xffffffff);
		assert_int_equal(fake_device_read(fpga, registers[i].offset, 4), registers[i].kept);
	}
	fpga->ops->reset(fpga);
	for (unsigned int i = 0; i < ARRAY_SIZE(registers); i++)
		assert_int_equal(fake_device_read(fpga, registers[i].offset, 4), 0);
	assert_int_equal(board->guest.requests, 0);
}

static void test_reset_by_its_word_only(void **state)
{
	static const struct {
		uint64_t offset;
		uint32_t value;
		bool reset;
	} writes[] = {
		{ 0x500, 0x42, true },	{ 0x500, 0x4d, false }, { 0x500, 0x142, false },
		{ 0x504, 0x42, false }, { 0x508, 0x42, false }, { 0x500, 0x42000000, false }
	};

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(writes); i++) {
		board->guest.requests = 0;
		fake_device_write(fpga, writes[i].offset, 4, writes[i].value);
		assert_int_equal(board->guest.requests, writes[i].reset ? GUEST_REQUEST_REBOOT : 0);
	}
}

static void test_only_words_are_written(void **state)
{
	static const struct {
		uint64_t offset;
		unsigned int size;
	} wrong[] = { { 0x500, 1 }, { 0x500, 2 }, { 0x500, 8 }, { 0x4fe, 4 } };
	uint64_t value;

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_int_equal(fake_device_write_try(fpga, wrong[i].offset, wrong[i].size, 0x42),
				 -ENXIO);
	assert_int_equal(fake_device_read_try(fpga, 0x508, 8, &value), -ENXIO);
	assert_int_equal(fake_device_read_try(fpga, 0x50b, 2, &value), -ENXIO);
	assert_int_equal(board->guest.requests, 0);
	fake_device_write(fpga, 0x508, 4, 0x11223344);
	assert_int_equal(fake_device_read(fpga, 0x509, 1), 0x33);
	assert_int_equal(fake_device_read(fpga, 0x50a, 2), 0x1122);
}

static void test_wired_big_endian(void **state)
{
	(void)state;
	assert_int_equal(fake_region_read(fpga, REVISION, 0, 4), 0x20040000);
	assert_int_equal(fake_device_read(fpga, 0x208, 4), 0x02000000);
	fake_device_write(fpga, 0x500, 4, 0x42);
	assert_int_equal(board->guest.requests, 0);
	fake_device_write(fpga, 0x500, 4, 0x42000000);
	assert_int_equal(board->guest.requests, GUEST_REQUEST_REBOOT);
}

/* Nothing to compare with, but no access at all may do harm. */
static void test_random_accesses(void **state)
{
	uint32_t seed = 0x1f000000;

	(void)state;
	for (unsigned int i = 0; i < 100000; i++) {
		uint32_t random = fake_random(&seed);
		unsigned int region = random & 1, size = 1u << (random >> 1 & 3);
		uint64_t offset = random >> 4 & 0xfff, value = fake_random(&seed);

		if ((random & 8) != 0)
			(void)fake_region_read_try(fpga, region, offset, size, &value);
		else
			(void)fake_region_write_try(fpga, region, offset, size, value);
	}
}

/* ---- nobody ---- */

static void test_nobody_answers(void **state)
{
	struct vdev *hole;

	(void)state;
	board = fake_board_begin();
	fake_board_node_add(board, HOLE, "corbel,open-bus");
	assert_int_equal(fake_board_device_make(board, HOLE, &hole, NULL), 0);
	for (unsigned int size = 1; size <= 8; size *= 2) {
		fake_device_write(hole, 3, size, 0);
		assert_int_equal(fake_device_read(hole, 3, size), UINT64_MAX >> (64 - 8 * size));
		assert_int_equal(fake_region_read(hole, 7, 0x1fffff, size),
				 UINT64_MAX >> (64 - 8 * size));
	}
	fake_board_end(board);
}

#define WITH_BOARD(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_BOARD(test_revision_tells_the_system_controller),
		WITH_BOARD(test_switches_and_display),
		WITH_BOARD(test_reset_by_its_word_only),
		WITH_BOARD(test_only_words_are_written),
		cmocka_unit_test_setup_teardown(test_wired_big_endian, setup_big, teardown),
		WITH_BOARD(test_random_accesses),
		cmocka_unit_test(test_nobody_answers),
	};

	return cmocka_run_group_tests_name("malta_board", tests, fake_memory_setup, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Tests of the virtual pair of 8259As: initialization, priorities, ends of interrupt, modes; then
 * random use beside a model that is plain enough to be believed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <fake.h>
#include <fake_board.h>
#include <vdev/i8259.h>

#define NODE	   "interrupt-controller@20"
#define VCPU_INPUT 2u

enum {
	MASTER,
	SLAVE,
	LEVELS, /* the region of ELCR */
};
enum {
	COMMAND,
	DATA,
};

static struct fake_board *board;
static struct vdev *pair;

static void board_make(uint32_t vcpu_input)
{
	const uint32_t output[] = { FAKE_BOARD_VCPU_IRQ, vcpu_input };

	board = fake_board_begin();
	fake_board_node_add(board, NODE, "intel,i8259");
	fake_board_cells_set(board, NODE, "interrupts-extended", output, 2);
}

static uint8_t get(unsigned int chip, unsigned int port)
{
	return (uint8_t)fake_region_read(pair, chip, port, 1);
}

static void put(unsigned int chip, unsigned int port, uint8_t value)
{
	fake_region_write(pair, chip, port, 1, value);
}

static void line(unsigned int input, bool level)
{
	pair->ops->irq_set(pair, input, level);
}

static void pulse(unsigned int input)
{
	line(input, true);
	line(input, false);
}

static bool output(void)
{
	return (board->vcpus[0].arch.irq_levels >> VCPU_INPUT & 1) != 0;
}

/* As a PC's firmware does it: vectors from `base`, all inputs open. */
static void initialize_as(uint8_t icw1, uint8_t icw4)
{
	for (unsigned int chip = MASTER; chip <= SLAVE; chip++) {
		put(chip, COMMAND, 0x10 | icw1);
		put(chip, DATA, chip == MASTER ? 0x20 : 0x28);
		put(chip, DATA, chip == MASTER ? 0x04 : 0x02);
		put(chip, DATA, icw4);
		put(chip, DATA, 0);
	}
}

static int setup(void **state)
{
	(void)state;
	board_make(VCPU_INPUT);
	assert_int_equal(fake_board_device_make(board, NODE, &pair, NULL), 0);
	return 0;
}

static int setup_ready(void **state)
{
	setup(state);
	initialize_as(0x01, 0x01);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_board_end(board);
	return 0;
}

/* The next interrupt must be this input's. */
static void assert_served(unsigned int input)
{
	assert_true(output());
	assert_int_equal(i8259_acknowledge(pair), 0x20 + input);
}

static void end(unsigned int input)
{
	if (input >= 8)
		put(SLAVE, COMMAND, 0x60 | (input - 8));
	put(MASTER, COMMAND, 0x60 | (input >= 8 ? 2 : input));
}

/* ---- initialization ---- */

static void test_silent_before_initialization(void **state)
{
	(void)state;
	assert_true(i8259_is(pair));
	assert_false(i8259_is(&board->controller));
	line(3, true);
	line(12, true);
	assert_false(output());
	assert_int_equal(get(MASTER, DATA), 0xff);
	assert_int_equal(get(SLAVE, DATA), 0xff);
}

static void test_words_of_initialization(void **state)
{
	static const struct {
		uint8_t icw1;
		unsigned int words; /* that follow before the mask */
	} sequences[] = { { 0x11, 3 }, { 0x10, 2 }, { 0x13, 2 }, { 0x12, 1 } };

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(sequences); i++) {
		put(SLAVE, DATA, 0xa5);
		put(SLAVE, COMMAND, sequences[i].icw1);
		assert_int_equal(get(SLAVE, DATA), 0);
		put(SLAVE, DATA, 0x4f); /* the low bits of the vectors are the input's */
		for (unsigned int word = 1; word < sequences[i].words; word++)
			put(SLAVE, DATA, 0x01);
		assert_int_equal(get(SLAVE, DATA), 0);
		put(SLAVE, DATA, 0x5a);
		assert_int_equal(get(SLAVE, DATA), 0x5a);
	}
	initialize_as(0x01, 0x01);
	put(SLAVE, COMMAND, 0x11);
	put(SLAVE, DATA, 0x4f);
	put(SLAVE, DATA, 2);
	put(SLAVE, DATA, 1);
	line(9, true);
	assert_int_equal(i8259_acknowledge(pair), 0x48 + 1);
}

/* What is high while ICW1 is written must fall and rise again; unless it is a level. */
static void test_initialization_forgets_edges(void **state)
{
	(void)state;
	line(5, true);
	put(LEVELS, COMMAND, 0);
	initialize_as(0x01, 0x01);
	assert_false(output());
	line(5, false);
	line(5, true);
	assert_served(5);
	fake_region_write(pair, LEVELS, 0, 1, 1 << 5);
	initialize_as(0x01, 0x01);
	assert_served(5);
}

/* ---- requests ---- */

static void test_each_input(void **state)
{
	(void)state;
	for (unsigned int input = 0; input < 16; input++) {
		if (input == 2)
			continue;
		line(input, true);
		assert_served(input);
		assert_false(output());
		line(input, false);
		end(input);
		assert_false(output());
	}
}

static void test_inputs_that_do_not_exist(void **state)
{
	(void)state;
	line(2, true); /* the cascade is not the board's */
	line(16, true);
	line(0xffffffff, true);
	assert_false(output());
}

static void test_an_edge_is_remembered_and_counts_once(void **state)
{
	(void)state;
	pulse(4);
	assert_served(4);
	end(4);
	assert_false(output());
	line(4, true);
	line(4, true);
	assert_served(4);
	end(4);
	assert_false(output());
}

static void test_a_level_asks_as_long_as_it_is_high(void **state)
{
	(void)state;
	fake_region_write(pair, LEVELS, 0, 2, 0xffff);
	assert_int_equal(fake_region_read(pair, LEVELS, 0, 2), 0xdef8);
	line(10, true);
	assert_served(10);
	assert_false(output());
	end(10);
	assert_served(10);
	line(10, false);
	end(10);
	assert_false(output());
	pulse(5);
	assert_false(output());
}

static void test_masks(void **state)
{
	(void)state;
	put(MASTER, DATA, 1 << 3);
	put(SLAVE, DATA, 1 << 4);
	pulse(3);
	pulse(12);
	assert_false(output());
	assert_int_equal(get(MASTER, COMMAND), 1 << 3);
	put(SLAVE, DATA, 0);
	assert_true(output());
	put(MASTER, DATA, 1 << 2 | 1 << 3);
	assert_false(output());
	put(MASTER, DATA, 1 << 2);
	assert_served(3);
}

/* A request that went away before it was acknowledged. */
static void test_spurious(void **state)
{
	(void)state;
	assert_int_equal(i8259_acknowledge(pair), 0x27);
	put(MASTER, COMMAND, 0x0b);
	assert_int_equal(get(MASTER, COMMAND), 0);
	fake_region_write(pair, LEVELS, 0, 1, 1 << 3);
	line(3, true);
	line(3, false);
	assert_int_equal(i8259_acknowledge(pair), 0x27);
	assert_int_equal(get(MASTER, COMMAND), 0);
}

/* ---- priorities ---- */

static void test_fixed_priorities(void **state)
{
	static const unsigned int order[] = { 0, 1, 8, 9, 10, 11, 12, 13, 14, 15, 3, 4, 5, 6, 7 };

	(void)state;
	for (unsigned int input = 0; input < 16; input++)
		pulse(input);
	for (unsigned int i = 0; i < ARRAY_SIZE(order); i++) {
		assert_served(order[i]);
		end(order[i]);
	}
	assert_false(output());
}

static void test_nesting(void **state)
{
	(void)state;
	pulse(5);
	assert_served(5);
	pulse(6);
	pulse(5);
	assert_false(output());
	pulse(1);
	assert_served(1);
	put(MASTER, COMMAND, 0x0b);
	assert_int_equal(get(MASTER, COMMAND), 1 << 5 | 1 << 1);
	put(MASTER, COMMAND, 0x20); /* ends input 1, the higher one */
	assert_int_equal(get(MASTER, COMMAND), 1 << 5);
	assert_false(output());
	put(MASTER, COMMAND, 0x20);
	assert_served(5);
	put(MASTER, COMMAND, 0x65);
	assert_served(6);
	put(MASTER, COMMAND, 0x20);
	put(MASTER, COMMAND, 0x20); /* there is nothing left to end */
	assert_int_equal(get(MASTER, COMMAND), 0);
}

static void test_rotation(void **state)
{
	(void)state;
	pulse(3);
	pulse(4);
	assert_served(3);
	put(MASTER, COMMAND, 0xa0); /* ends 3, which is now the lowest */
	assert_served(4);
	pulse(3);
	pulse(5);
	put(MASTER, COMMAND, 0xe0 | 4); /* ends 4, which is now the lowest */
	assert_served(5);
	put(MASTER, COMMAND, 0x20);
	assert_served(3);
	put(MASTER, COMMAND, 0x20);
	put(MASTER, COMMAND, 0xc0 | 6); /* 6 is the lowest, 7 the highest */
	pulse(6);
	pulse(0);
	pulse(7);
	assert_served(7);
	put(MASTER, COMMAND, 0x20);
	assert_served(0);
	put(MASTER, COMMAND, 0x20);
	assert_served(6);
}

static void test_special_mask(void **state)
{
	(void)state;
	pulse(3);
	assert_served(3);
	put(MASTER, DATA, 1 << 3);
	pulse(6);
	assert_false(output());
	put(MASTER, COMMAND, 0x68);
	assert_served(6);
	put(MASTER, COMMAND, 0x20); /* does not end 3, which is masked */
	put(MASTER, COMMAND, 0x20);
	put(MASTER, COMMAND, 0x0b);
	assert_int_equal(get(MASTER, COMMAND), 1 << 3);
	put(MASTER, COMMAND, 0x48);
	pulse(6);
	assert_false(output());
}

static void test_special_fully_nested(void **state)
{
	(void)state;
	pulse(12);
	assert_served(12);
	pulse(9);
	assert_false(output());
	initialize_as(0x01, 0x11);
	pulse(12);
	assert_served(12);
	pulse(14);
	assert_false(output());
	pulse(9);
	assert_served(9);
}

static void test_automatic_end(void **state)
{
	(void)state;
	initialize_as(0x01, 0x03);
	fake_region_write(pair, LEVELS, 1, 1, 1 << 3);
	pulse(4);
	line(11, true);
	assert_served(11);
	assert_served(11);
	line(11, false);
	assert_served(4);
	assert_false(output());
	put(MASTER, COMMAND, 0x80); /* rotate when ended automatically */
	pulse(4);
	assert_served(4);
	pulse(4);
	pulse(5);
	assert_served(5);
	put(MASTER, COMMAND, 0x00);
	assert_served(4);
	pulse(4);
	pulse(6);
	assert_served(6);
}

/* ---- reading ---- */

static void test_registers_for_reading(void **state)
{
	(void)state;
	pulse(3);
	pulse(13);
	assert_int_equal(get(MASTER, COMMAND), 1 << 3 | 1 << 2);
	assert_int_equal(get(SLAVE, COMMAND), 1 << 5);
	assert_served(13);
	assert_int_equal(get(MASTER, COMMAND), 1 << 3);
	put(MASTER, COMMAND, 0x0b);
	put(SLAVE, COMMAND, 0x0b);
	assert_int_equal(get(MASTER, COMMAND), 1 << 2);
	assert_int_equal(get(SLAVE, COMMAND), 1 << 5);
	put(MASTER, COMMAND, 0x08); /* says nothing of what is read */
	assert_int_equal(get(MASTER, COMMAND), 1 << 2);
	put(MASTER, COMMAND, 0x0a);
	assert_int_equal(get(MASTER, COMMAND), 1 << 3);
}

static void test_polling(void **state)
{
	(void)state;
	put(MASTER, COMMAND, 0x0c);
	assert_int_equal(get(MASTER, COMMAND), 0);
	pulse(6);
	put(MASTER, COMMAND, 0x0c);
	assert_int_equal(get(MASTER, COMMAND), 0x86);
	assert_int_equal(get(MASTER, COMMAND), 0);
	assert_false(output());
	put(MASTER, COMMAND, 0x20);
	pulse(12);
	put(MASTER, COMMAND, 0x0c);
	assert_int_equal(get(MASTER, DATA), 0x82);
	put(SLAVE, COMMAND, 0x0c);
	assert_int_equal(get(SLAVE, COMMAND), 0x84);
}

/* The bridge splits wider accesses into bytes. */
static void test_wide_accesses(void **state)
{
	(void)state;
	fake_region_write(pair, MASTER, 0, 2, 0x550b);
	pulse(1);
	assert_int_equal(i8259_acknowledge(pair), 0x21);
	assert_int_equal(fake_region_read(pair, MASTER, 0, 2), 0x5502);
	assert_int_equal(fake_region_read(pair, MASTER, 0, 4), 0xffff5502);
	fake_region_write(pair, MASTER, 0, 4, 0xffffaa0a);
	assert_int_equal(get(MASTER, DATA), 0xaa);
}

/* ---- life ---- */

static void test_reset(void **state)
{
	(void)state;
	fake_region_write(pair, LEVELS, 0, 1, 1 << 3);
	line(3, true);
	line(4, true);
	assert_true(output());
	pair->ops->reset(pair);
	assert_false(output());
	assert_int_equal(fake_region_read(pair, LEVELS, 0, 2), 0);
	assert_int_equal(get(MASTER, DATA), 0xff);
	initialize_as(0x01, 0x01);
	assert_false(output());
	fake_region_write(pair, LEVELS, 0, 1, 1 << 3); /* its line never fell */
	assert_served(3);
}

static void test_without_an_output(void **state)
{
	(void)state;
	board = fake_board_begin();
	fake_board_node_add(board, NODE, "intel,i8259");
	assert_int_equal(fake_board_device_make(board, NODE, &pair, NULL), 0);
	initialize_as(0x01, 0x01);
	pulse(3);
	assert_int_equal(i8259_acknowledge(pair), 0x23);
	fake_board_end(board);
}

static void test_output_that_does_not_exist(void **state)
{
	struct error error = { "" };

	(void)state;
	board_make(99);
	assert_int_not_equal(fake_board_device_make(board, NODE, &pair, &error), 0);
	assert_non_null(strstr(error.text, "node /" NODE ": interrupts-extended"));
	fake_board_end(board);
}

/* ---- the model ---- */

/* One controller, its inputs looked at one by one. */
struct model {
	bool line[8], edge[8], level[8], masked[8], served[8];
	unsigned int highest; /* input */
	bool auto_eoi, rotate, nested, special_mask;
};

static bool model_asks(const struct model *model, unsigned int input)
{
	return model->level[input] ? model->line[input] : model->edge[input];
}

/* From the highest priority down, until something that is served stands in the way. */
static int model_next(const struct model *model, bool is_master)
{
	for (unsigned int i = 0; i < 8; i++) {
		unsigned int input = (model->highest + i) % 8;
		bool blocks = model->served[input];

		if (blocks && model->special_mask && model->masked[input])
			blocks = false;
		if (blocks && is_master && model->nested && input == 2) {
			/* the slave may interrupt itself */
			if (model_asks(model, input) && !model->masked[input])
				return (int)input;
			blocks = false;
		}
		if (blocks)
			return -1;
		if (model_asks(model, input) && !model->masked[input])
			return (int)input;
	}
	return -1;
}

static void model_serve(struct model *model, unsigned int input)
{
	model->edge[input] = false;
	if (!model->auto_eoi)
		model->served[input] = true;
	else if (model->rotate)
		model->highest = (input + 1) % 8;
}

static void model_end_first(struct model *model, bool rotate)
{
	for (unsigned int i = 0; i < 8; i++) {
		unsigned int input = (model->highest + i) % 8;

		if (!model->served[input] || (model->special_mask && model->masked[input]))
			continue;
		model->served[input] = false;
		if (rotate)
			model->highest = (input + 1) % 8;
		return;
	}
}

static void model_cascade(struct model models[2])
{
	models[MASTER].line[2] = model_next(&models[SLAVE], false) >= 0;
	models[MASTER].level[2] = true;
}

static uint8_t model_acknowledge(struct model models[2])
{
	int first = model_next(&models[MASTER], true);
	int second = model_next(&models[SLAVE], false);
	unsigned int vector = first >= 0 ? 0x20 + (unsigned int)first : 0x27;

	if (first >= 0)
		model_serve(&models[MASTER], (unsigned int)first);
	if (first == 2) {
		vector = second >= 0 ? 0x28 + (unsigned int)second : 0x2f;
		if (second >= 0)
			model_serve(&models[SLAVE], (unsigned int)second);
	}
	return (uint8_t)vector;
}

static void model_initialize(struct model models[2], uint8_t icw4)
{
	for (unsigned int chip = MASTER; chip <= SLAVE; chip++) {
		struct model old = models[chip];

		memset(&models[chip], 0, sizeof(models[chip]));
		memcpy(models[chip].line, old.line, sizeof(old.line));
		memcpy(models[chip].level, old.level, sizeof(old.level));
		models[chip].auto_eoi = (icw4 & 0x02) != 0;
		models[chip].nested = (icw4 & 0x10) != 0;
	}
}

static uint8_t model_bits(const bool *flags)
{
	uint8_t bits = 0;

	for (unsigned int i = 0; i < 8; i++)
		bits |= (uint8_t)(flags[i] ? 1u << i : 0);
	return bits;
}

/* ---- both side by side ---- */

static void step_line(struct model models[2], uint32_t random)
{
	unsigned int input = random % 16;
	struct model *model = &models[input / 8];
	bool level = (random >> 8 & 1) != 0;

	line(input, level);
	if (input == 2)
		return;
	if (level && !model->line[input % 8])
		model->edge[input % 8] = true;
	model->line[input % 8] = level;
}

static void step_mask(struct model models[2], uint32_t random)
{
	unsigned int chip = random & 1;
	uint8_t mask = (uint8_t)(random >> 8 & random >> 16);

	put(chip, DATA, mask);
	for (unsigned int i = 0; i < 8; i++)
		models[chip].masked[i] = (mask >> i & 1) != 0;
}

static void step_levels(struct model models[2], uint32_t random)
{
	unsigned int chip = random & 1;
	uint8_t value = (uint8_t)(random >> 8);
	uint8_t writable = chip == MASTER ? 0xf8 : 0xde;

	fake_region_write(pair, LEVELS, chip, 1, value);
	for (unsigned int i = 0; i < 8; i++)
		models[chip].level[i] = (value & writable) >> i & 1;
}

static void step_end(struct model models[2], uint32_t random)
{
	unsigned int chip = random & 1, input = random >> 4 & 7;
	unsigned int command = random >> 8 & 7;
	struct model *model = &models[chip];

	put(chip, COMMAND, (uint8_t)(command << 5 | input));
	switch (command) {
	case 0:
	case 4:
		model->rotate = command == 4;
		break;
	case 1:
	case 5:
		model_end_first(model, command == 5);
		break;
	case 3:
	case 7:
		model->served[input] = false;
		if (command == 7)
			model->highest = (input + 1) % 8;
		break;
	case 6:
		model->highest = (input + 1) % 8;
		break;
	default:
		break;
	}
}

static void step_special_mask(struct model models[2], uint32_t random)
{
	unsigned int chip = random & 1;
	bool set = (random >> 8 & 7) == 0; /* rarely */

	put(chip, COMMAND, set ? 0x68 : 0x48);
	models[chip].special_mask = set;
}

static void step_poll(struct model models[2], uint32_t random)
{
	unsigned int chip = random & 1;
	int input = model_next(&models[chip], chip == MASTER);

	put(chip, COMMAND, 0x0c);
	assert_int_equal(get(chip, random >> 8 & 1), input >= 0 ? 0x80 | input : 0);
	if (input >= 0)
		model_serve(&models[chip], (unsigned int)input);
}

static void step_read(struct model models[2], uint32_t random)
{
	unsigned int chip = random & 1;
	bool asks[8];

	for (unsigned int i = 0; i < 8; i++)
		asks[i] = model_asks(&models[chip], i);
	put(chip, COMMAND, 0x0a);
	assert_int_equal(get(chip, COMMAND), model_bits(asks));
	put(chip, COMMAND, 0x0b);
	assert_int_equal(get(chip, COMMAND), model_bits(models[chip].served));
	assert_int_equal(get(chip, DATA), model_bits(models[chip].masked));
}

static void step(struct model models[2], uint32_t *seed)
{
	uint32_t action = fake_random(seed) >> 8;
	uint32_t random = fake_random(seed);

	if (action % 512 == 0) {
		initialize_as(0x01, (uint8_t)(0x01 | (random & 0x12)));
		model_initialize(models, random & 0x12);
		return;
	}
	switch (action >> 9 & 15) {
	case 0:
		step_mask(models, random);
		break;
	case 1:
		step_special_mask(models, random);
		break;
	case 2:
		step_poll(models, random);
		break;
	case 3:
		step_read(models, random);
		break;
	case 4:
		step_levels(models, random);
		break;
	case 5:
	case 6:
	case 7:
	case 8:
		step_end(models, random);
		break;
	case 9:
	case 10:
		assert_int_equal(i8259_acknowledge(pair), model_acknowledge(models));
		break;
	default:
		step_line(models, random);
		break;
	}
}

static void test_random_use_beside_the_model(void **state)
{
	struct model models[2];
	unsigned int interrupts = 0;
	uint32_t seed = 0x8259a;

	(void)state;
	memset(models, 0, sizeof(models));
	for (unsigned int i = 0; i < 200000; i++) {
		model_cascade(models);
		step(models, &seed);
		model_cascade(models);
		assert_int_equal(output(), model_next(&models[MASTER], true) >= 0);
		interrupts += output();
	}
	assert_in_range(interrupts, 20000, 180000); /* neither all silent nor all blocked */
}

/* Nothing to compare with, but no access at all may do harm. */
static void test_random_accesses(void **state)
{
	uint32_t seed = 0x12345678;

	(void)state;
	for (unsigned int i = 0; i < 200000; i++) {
		uint32_t random = fake_random(&seed);
		unsigned int region = random % 3, size = 1u << (random >> 4 & 3);
		uint64_t value;

		if ((random & 0x100) != 0)
			(void)fake_region_read_try(pair, region, random >> 16 & 1, size, &value);
		else
			(void)fake_region_write_try(pair, region, random >> 16 & 1, size,
						    fake_random(&seed));
		line(random >> 20 & 31, (random & 0x200) != 0);
		if ((random & 0x1c00) == 0)
			(void)i8259_acknowledge(pair);
	}
}

#define FRESH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
#define READY(test) cmocka_unit_test_setup_teardown(test, setup_ready, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(test_silent_before_initialization),
		FRESH(test_words_of_initialization),
		READY(test_initialization_forgets_edges),
		READY(test_each_input),
		READY(test_inputs_that_do_not_exist),
		READY(test_an_edge_is_remembered_and_counts_once),
		READY(test_a_level_asks_as_long_as_it_is_high),
		READY(test_masks),
		READY(test_spurious),
		READY(test_fixed_priorities),
		READY(test_nesting),
		READY(test_rotation),
		READY(test_special_mask),
		READY(test_special_fully_nested),
		READY(test_automatic_end),
		READY(test_registers_for_reading),
		READY(test_polling),
		READY(test_wide_accesses),
		READY(test_reset),
		cmocka_unit_test(test_without_an_output),
		cmocka_unit_test(test_output_that_does_not_exist),
		READY(test_random_use_beside_the_model),
		READY(test_random_accesses),
	};

	return cmocka_run_group_tests_name("i8259", tests, fake_memory_setup, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Tests of the virtual PLIC: registers one by one, then random use beside a model that is slow and
 * plain enough to be believed.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <fake.h>
#include <fake_board.h>

#define NODE	   "plic@c000000"
#define SOURCES	   96u /* 1 to 95 */
#define CONTEXTS   6u  /* see `wiring` */
#define S_INPUT	   9u
#define NO_INPUT   0xffffffffu
#define PRIORITIES 8u

#define PRIORITY(source)      (4 * (source))
#define PENDING(word)	      (0x1000 + 4 * (word))
#define ENABLE(context, word) (0x2000 + 0x80 * (context) + 4 * (word))
#define THRESHOLD(context)    (0x200000 + 0x1000 * (context))
#define CLAIM(context)	      (0x200004 + 0x1000 * (context))

/* Context 0 leads nowhere, two lead to VCPU 2 by different inputs. */
static const struct {
	unsigned int vcpu;
	uint32_t input;
} wiring[CONTEXTS] = {
	{ 0, NO_INPUT }, { 0, S_INPUT }, { 1, S_INPUT }, { 2, S_INPUT }, { 2, 10 }, { 3, S_INPUT },
};

struct fixture {
	struct fake_board *board;
	struct vdev *plic;
};

static void board_describe(struct fake_board *board, uint32_t sources)
{
	uint32_t cells[2 * CONTEXTS];

	for (unsigned int i = 0; i < CONTEXTS; i++) {
		cells[2 * i] = FAKE_BOARD_VCPU_IRQ + wiring[i].vcpu;
		cells[2 * i + 1] = wiring[i].input;
	}
	fake_board_node_add(board, NODE, "sifive,plic-1.0.0");
	fake_board_cells_set(board, NODE, "riscv,ndev", &sources, 1);
	fake_board_cells_set(board, NODE, "interrupts-extended", cells, ARRAY_SIZE(cells));
}

static int setup(void **state)
{
	static struct fixture fixture;

	fixture.board = fake_board_begin();
	board_describe(fixture.board, SOURCES - 1);
	assert_int_equal(fake_board_device_make(fixture.board, NODE, &fixture.plic, NULL), 0);
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	fake_board_end(((struct fixture *)*state)->board);
	return 0;
}

static uint32_t get(struct fixture *fixture, uint64_t offset)
{
	return (uint32_t)fake_device_read(fixture->plic, offset, 4);
}

static void put(struct fixture *fixture, uint64_t offset, uint32_t value)
{
	fake_device_write(fixture->plic, offset, 4, value);
}

static void line_set(struct fixture *fixture, uint32_t source, bool level)
{
	fixture->plic->ops->irq_set(fixture->plic, source, level);
}

static bool vcpu_input(const struct fixture *fixture, unsigned int context)
{
	const struct vcpu *vcpu = &fixture->board->vcpus[wiring[context].vcpu];

	return (vcpu->arch.irq_levels >> wiring[context].input & 1) != 0;
}

/* ---- registers ---- */

static void test_priorities(void **state)
{
	struct fixture *fixture = *state;

	for (unsigned int source = 0; source < 1024; source++) {
		bool exists = source > 0 && source < SOURCES;

		assert_int_equal(get(fixture, PRIORITY(source)), 0);
		put(fixture, PRIORITY(source), 0xffffffff);
		assert_int_equal(get(fixture, PRIORITY(source)), exists ? 7 : 0);
		put(fixture, PRIORITY(source), 5);
		assert_int_equal(get(fixture, PRIORITY(source)), exists ? 5 : 0);
	}
}

static void test_enables(void **state)
{
	static const uint32_t writable[32] = { 0xfffffffe, 0xffffffff, 0xffffffff };
	struct fixture *fixture = *state;

	for (unsigned int context = 0; context < CONTEXTS + 2; context++) {
		bool exists = context < CONTEXTS && wiring[context].input != NO_INPUT;

		for (unsigned int word = 0; word < 32; word++) {
			assert_int_equal(get(fixture, ENABLE(context, word)), 0);
			put(fixture, ENABLE(context, word), 0xffffffff);
			assert_int_equal(get(fixture, ENABLE(context, word)),
					 exists ? writable[word] : 0);
		}
	}
}

static void test_thresholds(void **state)
{
	struct fixture *fixture = *state;

	for (unsigned int context = 0; context < CONTEXTS + 2; context++) {
		bool exists = context < CONTEXTS && wiring[context].input != NO_INPUT;

		put(fixture, THRESHOLD(context), 0xffffffff);
		assert_int_equal(get(fixture, THRESHOLD(context)), exists ? 7 : 0);
	}
}

static void test_pending_is_read_only(void **state)
{
	struct fixture *fixture = *state;

	put(fixture, PENDING(0), 0xffffffff);
	assert_int_equal(get(fixture, PENDING(0)), 0);
	line_set(fixture, 31, true);
	line_set(fixture, 32, true);
	put(fixture, PENDING(0), 0);
	assert_int_equal(get(fixture, PENDING(0)), 0x80000000);
	assert_int_equal(get(fixture, PENDING(1)), 1);
}

static void test_only_aligned_words(void **state)
{
	static const struct {
		uint64_t offset;
		unsigned int size;
	} wrong[] = { { 4, 1 }, { 4, 2 }, { 8, 8 }, { 5, 4 }, { 6, 4 }, { 0x201004, 1 } };
	struct fixture *fixture = *state;
	uint64_t value;

	for (unsigned int i = 0; i < ARRAY_SIZE(wrong); i++) {
		assert_int_equal(fake_device_read_try(fixture->plic, wrong[i].offset, wrong[i].size,
						      &value),
				 -ENXIO);
		assert_int_equal(fake_device_write_try(fixture->plic, wrong[i].offset,
						       wrong[i].size, 1),
				 -ENXIO);
	}
	assert_int_equal(get(fixture, PRIORITY(1)), 0);
}

static void test_holes_are_empty(void **state)
{
	static const uint32_t holes[] = { 0x1080,   0x1ffc,    0x1f2000,  0x1ffffc,  0x200008,
					  0x201ffc, 0x3fffffc, 0x4000000, 0xfffffffc };
	struct fixture *fixture = *state;

	for (unsigned int i = 0; i < ARRAY_SIZE(holes); i++) {
		put(fixture, holes[i], 0xffffffff);
		assert_int_equal(get(fixture, holes[i]), 0);
	}
}

/* ---- claims ---- */

static void enable_all(struct fixture *fixture, unsigned int context)
{
	for (unsigned int word = 0; word < SOURCES / 32; word++)
		put(fixture, ENABLE(context, word), 0xffffffff);
}

static void test_claim_and_complete(void **state)
{
	struct fixture *fixture = *state;

	put(fixture, PRIORITY(10), 1);
	enable_all(fixture, 1);
	assert_int_equal(get(fixture, CLAIM(1)), 0);
	line_set(fixture, 10, true);
	assert_true(vcpu_input(fixture, 1));
	assert_int_equal(get(fixture, CLAIM(1)), 10);
	assert_false(vcpu_input(fixture, 1));
	assert_int_equal(get(fixture, PENDING(0)), 0);
	assert_int_equal(get(fixture, CLAIM(1)), 0);
	put(fixture, CLAIM(1), 10); /* the line is still high */
	assert_true(vcpu_input(fixture, 1));
	assert_int_equal(get(fixture, CLAIM(1)), 10);
	line_set(fixture, 10, false);
	put(fixture, CLAIM(1), 10);
	assert_false(vcpu_input(fixture, 1));
	assert_int_equal(get(fixture, CLAIM(1)), 0);
}

/* A request stays when the line falls, and one in service does not become another. */
static void test_gateway(void **state)
{
	struct fixture *fixture = *state;

	put(fixture, PRIORITY(3), 1);
	enable_all(fixture, 1);
	line_set(fixture, 3, true);
	line_set(fixture, 3, false);
	assert_true(vcpu_input(fixture, 1));
	assert_int_equal(get(fixture, CLAIM(1)), 3);
	line_set(fixture, 3, true);
	line_set(fixture, 3, false);
	line_set(fixture, 3, true);
	assert_false(vcpu_input(fixture, 1));
	put(fixture, CLAIM(1), 3);
	assert_true(vcpu_input(fixture, 1));
}

static void test_order_of_claims(void **state)
{
	static const unsigned int expected[] = { 64, 95, 2, 33, 1, 0 };
	struct fixture *fixture = *state;

	put(fixture, PRIORITY(1), 1);
	put(fixture, PRIORITY(2), 3);
	put(fixture, PRIORITY(33), 3);
	put(fixture, PRIORITY(64), 7);
	put(fixture, PRIORITY(95), 7);
	put(fixture, PRIORITY(50), 0); /* never interrupts */
	enable_all(fixture, 3);
	line_set(fixture, 1, true);
	line_set(fixture, 2, true);
	line_set(fixture, 33, true);
	line_set(fixture, 50, true);
	line_set(fixture, 95, true);
	line_set(fixture, 64, true);
	for (unsigned int i = 0; i < ARRAY_SIZE(expected); i++)
		assert_int_equal(get(fixture, CLAIM(3)), expected[i]);
}

static void test_threshold_hides_from_the_vcpu_not_from_claims(void **state)
{
	struct fixture *fixture = *state;

	put(fixture, PRIORITY(5), 4);
	enable_all(fixture, 1);
	line_set(fixture, 5, true);
	put(fixture, THRESHOLD(1), 4);
	assert_false(vcpu_input(fixture, 1));
	put(fixture, THRESHOLD(1), 3);
	assert_true(vcpu_input(fixture, 1));
	put(fixture, THRESHOLD(1), 7);
	assert_int_equal(get(fixture, CLAIM(1)), 5);
}

static void test_first_claim_wins(void **state)
{
	struct fixture *fixture = *state;

	put(fixture, PRIORITY(7), 1);
	enable_all(fixture, 1);
	enable_all(fixture, 2);
	line_set(fixture, 7, true);
	assert_true(vcpu_input(fixture, 1) && vcpu_input(fixture, 2));
	assert_int_equal(get(fixture, CLAIM(2)), 7);
	assert_false(vcpu_input(fixture, 1) || vcpu_input(fixture, 2));
	assert_int_equal(get(fixture, CLAIM(1)), 0);
}

static void test_completion_needs_an_enable(void **state)
{
	struct fixture *fixture = *state;

	put(fixture, PRIORITY(7), 1);
	put(fixture, ENABLE(1, 0), 1 << 7);
	line_set(fixture, 7, true);
	assert_int_equal(get(fixture, CLAIM(1)), 7);
	put(fixture, CLAIM(2), 7);
	put(fixture, CLAIM(1), 8);
	put(fixture, CLAIM(1), 0);
	put(fixture, CLAIM(1), 0xffffffff);
	assert_false(vcpu_input(fixture, 1));
	put(fixture, ENABLE(1, 0), 0);
	put(fixture, CLAIM(1), 7);
	put(fixture, ENABLE(1, 0), 1 << 7);
	assert_false(vcpu_input(fixture, 1));
	put(fixture, CLAIM(1), 7);
	assert_true(vcpu_input(fixture, 1));
}

static void test_changes_while_pending(void **state)
{
	struct fixture *fixture = *state;

	line_set(fixture, 40, true);
	enable_all(fixture, 1);
	assert_false(vcpu_input(fixture, 1));
	put(fixture, PRIORITY(40), 2);
	assert_true(vcpu_input(fixture, 1));
	put(fixture, ENABLE(1, 1), 0);
	assert_false(vcpu_input(fixture, 1));
	put(fixture, ENABLE(1, 1), 1 << 8);
	assert_true(vcpu_input(fixture, 1));
	put(fixture, PRIORITY(40), 0);
	assert_false(vcpu_input(fixture, 1));
	assert_int_equal(get(fixture, CLAIM(1)), 0);
}

static void test_inputs_that_do_not_exist(void **state)
{
	struct fixture *fixture = *state;

	enable_all(fixture, 1);
	line_set(fixture, 0, true);
	line_set(fixture, SOURCES, true);
	line_set(fixture, 0xffffffff, true);
	for (unsigned int word = 0; word < 32; word++)
		assert_int_equal(get(fixture, PENDING(word)), 0);
}

static void test_reset(void **state)
{
	struct fixture *fixture = *state;

	put(fixture, PRIORITY(7), 1);
	put(fixture, PRIORITY(8), 1);
	enable_all(fixture, 1);
	put(fixture, THRESHOLD(1), 1);
	line_set(fixture, 7, true);
	line_set(fixture, 8, true);
	assert_int_equal(get(fixture, CLAIM(1)), 7);
	line_set(fixture, 8, false);
	put(fixture, THRESHOLD(1), 0);
	assert_true(vcpu_input(fixture, 1));
	fixture->plic->ops->reset(fixture->plic);
	assert_false(vcpu_input(fixture, 1));
	assert_int_equal(get(fixture, PRIORITY(7)), 0);
	assert_int_equal(get(fixture, ENABLE(1, 0)), 0);
	assert_int_equal(get(fixture, PENDING(0)), 1 << 7); /* its line is high */
	put(fixture, PRIORITY(7), 1);
	put(fixture, ENABLE(1, 0), 1 << 7);
	assert_int_equal(get(fixture, CLAIM(1)), 7);
}

/* ---- making one ---- */

static void test_bad_properties(void **state)
{
	static const struct {
		const char *property;
		unsigned int count;
		uint32_t cells[3];
	} wrong[] = {
		{ "riscv,ndev", 1, { 0 } },
		{ "riscv,ndev", 1, { 1024 } },
		{ "riscv,ndev", 2, { 1, 1 } },
		{ "interrupts-extended", 0, { 0 } },
		{ "interrupts-extended", 1, { FAKE_BOARD_VCPU_IRQ } },
		{ "interrupts-extended", 3, { FAKE_BOARD_VCPU_IRQ, 9, FAKE_BOARD_VCPU_IRQ } },
		{ "interrupts-extended", 2, { 999, 9 } },
		{ "interrupts-extended", 2, { FAKE_BOARD_IRQCHIP, 9 } },
	};

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct fake_board *board = fake_board_begin();
		struct error error = { "" };
		struct vdev *plic;

		board_describe(board, SOURCES - 1);
		fake_board_cells_set(board, NODE, wrong[i].property, wrong[i].cells,
				     wrong[i].count);
		assert_int_equal(fake_board_device_make(board, NODE, &plic, &error), -EINVAL);
		assert_non_null(strstr(error.text, "test.dtb: node /" NODE));
		assert_non_null(strstr(error.text, wrong[i].property));
		fake_board_end(board);
	}
}

static void test_most_sources(void **state)
{
	struct fixture fixture = { .board = fake_board_begin() };

	(void)state;
	board_describe(fixture.board, 1023);
	assert_int_equal(fake_board_device_make(fixture.board, NODE, &fixture.plic, NULL), 0);
	put(&fixture, PRIORITY(1023), 1);
	put(&fixture, ENABLE(1, 31), 0xffffffff);
	line_set(&fixture, 1023, true);
	assert_int_equal(get(&fixture, CLAIM(1)), 1023);
	fake_board_end(fixture.board);
}

/* ---- the model ---- */

struct model {
	bool level[SOURCES], pending[SOURCES], in_service[SOURCES];
	unsigned int priority[SOURCES];
	bool enabled[CONTEXTS][SOURCES];
	unsigned int threshold[CONTEXTS];
};

static unsigned int model_best(const struct model *model, unsigned int context)
{
	unsigned int best = 0;

	for (unsigned int source = 1; source < SOURCES; source++)
		if (model->pending[source] && model->enabled[context][source] &&
		    model->priority[source] > 0 &&
		    (best == 0 || model->priority[source] > model->priority[best]))
			best = source;
	return best;
}

static bool model_input(const struct model *model, unsigned int context)
{
	for (unsigned int source = 1; source < SOURCES; source++)
		if (model->pending[source] && model->enabled[context][source] &&
		    model->priority[source] > model->threshold[context])
			return true;
	return false;
}

static void model_gateway(struct model *model, unsigned int source)
{
	if (model->level[source] && !model->in_service[source])
		model->pending[source] = true;
}

static unsigned int model_claim(struct model *model, unsigned int context)
{
	unsigned int source = model_best(model, context);

	if (source != 0) {
		model->pending[source] = false;
		model->in_service[source] = true;
	}
	return source;
}

static void model_complete(struct model *model, unsigned int context, unsigned int source)
{
	if (source == 0 || source >= SOURCES || !model->enabled[context][source] ||
	    !model->in_service[source])
		return;
	model->in_service[source] = false;
	model_gateway(model, source);
}

/* ---- both side by side ---- */

static void step_line(struct fixture *fixture, struct model *model, uint32_t random)
{
	unsigned int source = 1 + random % (SOURCES - 1);
	bool level = (random >> 16 & 1) != 0;

	line_set(fixture, source, level);
	model->level[source] = level;
	model_gateway(model, source);
}

static void step_priority(struct fixture *fixture, struct model *model, uint32_t random)
{
	unsigned int source = 1 + random % (SOURCES - 1);
	unsigned int priority = random >> 16 & 15;

	put(fixture, PRIORITY(source), priority);
	model->priority[source] = priority % PRIORITIES;
	assert_int_equal(get(fixture, PRIORITY(source)), model->priority[source]);
}

static void step_enable(struct fixture *fixture, struct model *model, unsigned int context,
			uint32_t random)
{
	unsigned int word = random % (SOURCES / 32);

	/* Few zeros, so that most sources stay enabled. */
	random |= random << 7 | random >> 9;
	put(fixture, ENABLE(context, word), random);
	for (unsigned int bit = 0; bit < 32; bit++)
		model->enabled[context][32 * word + bit] =
			32 * word + bit != 0 && (random >> bit & 1) != 0;
}

static void step_threshold(struct fixture *fixture, struct model *model, unsigned int context,
			   uint32_t random)
{
	/* Mostly low, or nothing would ever get through. */
	unsigned int threshold = (random & 8) != 0 ? random % PRIORITIES : 0;

	put(fixture, THRESHOLD(context), threshold);
	model->threshold[context] = threshold;
}

static void step_complete(struct fixture *fixture, struct model *model, unsigned int context,
			  uint32_t random)
{
	unsigned int source = random % (SOURCES + 4);

	put(fixture, CLAIM(context), source);
	model_complete(model, context, source);
}

static void step(struct fixture *fixture, struct model *model, uint32_t *seed)
{
	uint32_t action = fake_random(seed) >> 8;
	uint32_t random = fake_random(seed);
	unsigned int context = 1 + (action >> 8) % (CONTEXTS - 1);

	switch (action % 16) {
	case 0:
		step_enable(fixture, model, context, random);
		break;
	case 1:
		step_threshold(fixture, model, context, random);
		break;
	case 2:
	case 3:
		step_priority(fixture, model, random);
		break;
	case 4:
	case 5:
	case 6:
		assert_int_equal(get(fixture, CLAIM(context)), model_claim(model, context));
		break;
	case 7:
	case 8:
	case 9:
	case 10:
		step_complete(fixture, model, context, random);
		break;
	default:
		step_line(fixture, model, random);
		break;
	}
}

static void check_inputs(struct fixture *fixture, const struct model *model)
{
	for (unsigned int context = 1; context < CONTEXTS; context++)
		assert_int_equal(vcpu_input(fixture, context), model_input(model, context));
}

static void check_pending(struct fixture *fixture, const struct model *model)
{
	for (unsigned int source = 1; source < SOURCES; source++)
		assert_int_equal(get(fixture, PENDING(source / 32)) >> source % 32 & 1,
				 model->pending[source]);
}

static void test_random_use_beside_the_model(void **state)
{
	struct fixture *fixture = *state;

	for (uint32_t run = 1; run <= 10; run++) {
		struct model model = { .priority = { 0 } };
		uint32_t seed = run * 0x9e3779b9u;

		for (unsigned int source = 1; source < SOURCES; source++)
			line_set(fixture, source, false);
		fixture->plic->ops->reset(fixture->plic);
		for (unsigned int i = 0; i < 10000; i++) {
			step(fixture, &model, &seed);
			check_inputs(fixture, &model);
		}
		check_pending(fixture, &model);
	}
}

/* Nothing to compare with, but no access at all may do harm. */
static void test_random_accesses(void **state)
{
	struct fixture *fixture = *state;
	uint32_t seed = 0x12345678;

	for (unsigned int i = 0; i < 200000; i++) {
		uint32_t random = fake_random(&seed);
		uint64_t offset = fake_random(&seed) & 0x3ffffff;
		unsigned int size = 1u << (random & 3);
		uint64_t value;

		if ((random & 0x30) != 0) {
			offset &= 0x20701c;
			size = 4;
		}
		if ((random & 4) != 0)
			(void)fake_device_read_try(fixture->plic, offset, size, &value);
		else
			(void)fake_device_write_try(fixture->plic, offset, size, random >> 8);
		if ((random & 0x700) == 0)
			line_set(fixture, random >> 11, (random & 8) != 0);
	}
}

/* ---- who is told of completions ---- */

struct told {
	struct vdev_irq_watcher watcher;
	struct fixture *fixture;
	unsigned int count;
	bool lowers;
};

static void told_completed(struct vdev_irq_watcher *watcher)
{
	struct told *told = container_of(watcher, struct told, watcher);

	told->count++;
	if (told->lowers)
		line_set(told->fixture, 5, false);
}

static int watch(struct fixture *fixture, uint32_t source, struct told *told)
{
	return fixture->plic->ops->irq_watch(fixture->plic, source,
					     told != NULL ? &told->watcher : NULL);
}

static void test_watchers_of_wrong_sources(void **state)
{
	struct fixture *fixture = *state;
	struct told told = { .watcher.completed = told_completed, .fixture = fixture };
	struct told other = told;

	assert_int_equal(watch(fixture, 0, &told), -EINVAL);
	assert_int_equal(watch(fixture, SOURCES, &told), -EINVAL);
	assert_int_equal(watch(fixture, UINT32_MAX, &told), -EINVAL);
	assert_int_equal(watch(fixture, SOURCES - 1, &told), 0);
	assert_int_equal(watch(fixture, SOURCES - 1, &other), -EBUSY);
	assert_int_equal(watch(fixture, SOURCES - 1, NULL), 0);
	assert_int_equal(watch(fixture, SOURCES - 1, &other), 0);
}

static void test_watcher_lowers_the_input(void **state)
{
	struct fixture *fixture = *state;
	struct told told = { .watcher.completed = told_completed,
			     .fixture = fixture,
			     .lowers = true };

	assert_int_equal(watch(fixture, 5, &told), 0);
	put(fixture, PRIORITY(5), 1);
	put(fixture, ENABLE(1, 0), 1u << 5);
	put(fixture, CLAIM(1), 5);
	assert_int_equal(told.count, 0);
	line_set(fixture, 5, true);
	assert_int_equal(get(fixture, CLAIM(1)), 5);
	put(fixture, CLAIM(1), 6);
	assert_int_equal(told.count, 0);
	put(fixture, CLAIM(1), 5);
	assert_int_equal(told.count, 1);
	/* It was high when it was completed, but nobody wants anything any more. */
	assert_int_equal(get(fixture, PENDING(0)), 0);
	assert_false(vcpu_input(fixture, 1));
}

static void test_watcher_leaves_the_input(void **state)
{
	struct fixture *fixture = *state;
	struct told told = { .watcher.completed = told_completed, .fixture = fixture };

	assert_int_equal(watch(fixture, 5, &told), 0);
	put(fixture, PRIORITY(5), 1);
	put(fixture, ENABLE(1, 0), 1u << 5);
	line_set(fixture, 5, true);
	for (unsigned int i = 0; i < 3; i++) {
		assert_true(vcpu_input(fixture, 1));
		assert_int_equal(get(fixture, CLAIM(1)), 5);
		assert_false(vcpu_input(fixture, 1));
		put(fixture, CLAIM(1), 5);
		assert_int_equal(told.count, i + 1);
	}
	assert_int_equal(watch(fixture, 5, NULL), 0);
	assert_int_equal(get(fixture, CLAIM(1)), 5);
	put(fixture, CLAIM(1), 5);
	assert_int_equal(told.count, 3);
	assert_true(vcpu_input(fixture, 1));
}

#define WITH_PLIC(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_PLIC(test_priorities),
		WITH_PLIC(test_enables),
		WITH_PLIC(test_thresholds),
		WITH_PLIC(test_pending_is_read_only),
		WITH_PLIC(test_only_aligned_words),
		WITH_PLIC(test_holes_are_empty),
		WITH_PLIC(test_claim_and_complete),
		WITH_PLIC(test_gateway),
		WITH_PLIC(test_order_of_claims),
		WITH_PLIC(test_threshold_hides_from_the_vcpu_not_from_claims),
		WITH_PLIC(test_first_claim_wins),
		WITH_PLIC(test_completion_needs_an_enable),
		WITH_PLIC(test_changes_while_pending),
		WITH_PLIC(test_inputs_that_do_not_exist),
		WITH_PLIC(test_reset),
		WITH_PLIC(test_watchers_of_wrong_sources),
		WITH_PLIC(test_watcher_lowers_the_input),
		WITH_PLIC(test_watcher_leaves_the_input),
		cmocka_unit_test(test_bad_properties),
		cmocka_unit_test(test_most_sources),
		WITH_PLIC(test_random_use_beside_the_model),
		WITH_PLIC(test_random_accesses),
	};

	return cmocka_run_group_tests_name("plic", tests, fake_memory_setup, NULL);
}

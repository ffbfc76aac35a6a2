// SPDX-License-Identifier: BSD-2-Clause
/*
 * Tests of the virtual 8254: what counters hold and put out as time goes by, by tables; how they
 * are read and written; counter 0's interrupts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <corbel/thread.h>
#include <corbel/time.h>
#include <fake.h>
#include <fake_board.h>
#include <fake_machine.h>

#define NODE  "timer@40"
#define INPUT 7u

#define CLOCK_HZ UINT64_C(1193182)

enum {
	CONTROL = 3,
};
/* Regions. */
enum {
	COUNTERS,
	SPEAKER,
};

static struct fake_board *board;
static struct vdev *timer;

static void board_make(void)
{
	const uint32_t input = INPUT;

	board = fake_board_begin();
	board->guest.run_allowed = true;
	fake_board_node_add(board, NODE, "intel,i8254");
	fake_board_cells_set(board, NODE, "interrupts", &input, 1);
	assert_int_equal(fake_board_device_make(board, NODE, &timer, NULL), 0);
}

/* A test runs as a thread of a fake machine, so that timers fire. */
static void run_body(void *body)
{
	board_make();
	((void (*)(void))body)();
	fake_board_end(board);
}

static void machine_test(void **state)
{
	fake_machine_run(run_body, *state);
}

static uint8_t get(unsigned int port)
{
	return (uint8_t)fake_region_read(timer, COUNTERS, port, 1);
}

static void put(unsigned int port, uint8_t value)
{
	fake_region_write(timer, COUNTERS, port, 1, value);
}

static uint16_t get_both(unsigned int counter)
{
	uint8_t low = get(counter);

	return (uint16_t)(get(counter) << 8 | low);
}

static void put_both(unsigned int counter, uint16_t value)
{
	put(counter, (uint8_t)value);
	put(counter, (uint8_t)(value >> 8));
}

static void control(unsigned int counter, unsigned int access, unsigned int mode, bool bcd)
{
	put(CONTROL, (uint8_t)(counter << 6 | access << 4 | mode << 1 | bcd));
}

static void gate(bool level)
{
	fake_region_write(timer, SPEAKER, 0, 1, level);
}

static bool output(void)
{
	return (fake_region_read(timer, SPEAKER, 0, 1) & 0x20) != 0;
}

/* Latched, so that both bytes are of one moment. */
static uint16_t count_of(unsigned int counter)
{
	put(CONTROL, (uint8_t)(counter << 6));
	return get_both(counter);
}

static uint8_t status_of(unsigned int counter)
{
	put(CONTROL, (uint8_t)(0xe0 | 2u << counter));
	return get(counter);
}

/*
 * Nothing else moves the clock meanwhile. The time is set to the middle of the clock that is
 * `clocks` after the current one.
 */
static void clocks_pass(uint64_t clocks)
{
	uint64_t clock = fake_time_ns / NS_PER_S * CLOCK_HZ +
			 fake_time_ns % NS_PER_S * CLOCK_HZ / NS_PER_S + clocks;

	fake_time_ns = clock / CLOCK_HZ * NS_PER_S +
		       (clock % CLOCK_HZ * NS_PER_S + CLOCK_HZ / 2) / CLOCK_HZ + 400;
}

static bool irq(void)
{
	return board->levels[INPUT];
}

/* Each of counter 0's edges is seen by the controller as low, then high. */
static unsigned int irq_changes(void)
{
	return board->changes[INPUT];
}

/* ---- counting ---- */

/* A count that is written, and what there is so many clocks later. */
struct sample {
	unsigned int mode;
	bool bcd;
	uint16_t written;
	uint64_t clocks;
	uint16_t value;
	bool output;
};

static const struct sample samples[] = {
	/* the end of a count; after it the counter goes on downwards */
	{ 0, false, 100, 0, 100, false },
	{ 0, false, 100, 1, 99, false },
	{ 0, false, 100, 99, 1, false },
	{ 0, false, 100, 100, 0, true },
	{ 0, false, 100, 101, 0xffff, true },
	{ 0, false, 100, 65636, 0, true },
	{ 0, false, 0, 1, 0xffff, false },
	{ 0, false, 0, 65535, 1, false },
	{ 0, false, 0, 65536, 0, true },
	{ 0, false, 1, 1, 0, true },
	{ 0, false, 100, 1000000000, 0x3664, true },
	/* a rate: low in the last clock of each period */
	{ 2, false, 5, 0, 5, true },
	{ 2, false, 5, 3, 2, true },
	{ 2, false, 5, 4, 1, false },
	{ 2, false, 5, 5, 5, true },
	{ 2, false, 5, 9, 1, false },
	{ 2, false, 5, 1000000004, 1, false },
	{ 2, false, 0, 0, 0, true },
	{ 2, false, 0, 65535, 1, false },
	{ 2, false, 0, 65536, 0, true },
	/* a square wave of an even and of an odd count */
	{ 3, false, 6, 0, 6, true },
	{ 3, false, 6, 2, 2, true },
	{ 3, false, 6, 3, 6, false },
	{ 3, false, 6, 5, 2, false },
	{ 3, false, 6, 6, 6, true },
	{ 3, false, 7, 0, 6, true },
	{ 3, false, 7, 3, 0, true },
	{ 3, false, 7, 4, 6, false },
	{ 3, false, 7, 6, 2, false },
	{ 3, false, 7, 7, 6, true },
	{ 3, false, 0, 0, 0, true },
	{ 3, false, 0, 1, 0xfffe, true },
	{ 3, false, 0, 32768, 0, false },
	{ 3, false, 1, 5, 0, true },
	/* a strobe */
	{ 4, false, 100, 0, 100, true },
	{ 4, false, 100, 99, 1, true },
	{ 4, false, 100, 100, 0, false },
	{ 4, false, 100, 101, 0xffff, true },
	/* the third bit of the mode counts for two only */
	{ 6, false, 5, 4, 1, false },
	{ 7, false, 6, 3, 6, false },
	/* decimal */
	{ 0, true, 0x1000, 1, 0x0999, false },
	{ 0, true, 0x1000, 1001, 0x9999, true },
	{ 0, true, 0, 1, 0x9999, false },
	{ 0, true, 0, 9999, 1, false },
	{ 0, true, 0, 10000, 0, true },
	{ 2, true, 0x0010, 9, 1, false },
	{ 2, true, 0x0010, 13, 7, true },
	{ 3, true, 0x0100, 1, 0x98, true },
};

static void counts_by_table(void)
{
	gate(true);
	for (unsigned int i = 0; i < ARRAY_SIZE(samples); i++) {
		const struct sample *sample = &samples[i];

		clocks_pass(0);
		control(2, 3, sample->mode, sample->bcd);
		put_both(2, sample->written);
		clocks_pass(sample->clocks);
		if (count_of(2) != sample->value || output() != sample->output)
			fail_msg("sample %u: %x and %u", i, count_of(2), output());
	}
}

static void output_after_the_control_word(void)
{
	for (unsigned int mode = 0; mode < 8; mode++) {
		control(2, 3, mode, false);
		assert_int_equal(output(), mode != 0);
		clocks_pass(100000);
		assert_int_equal(output(), mode != 0);
	}
}

static void gate_holds_the_count(void)
{
	gate(true);
	clocks_pass(0);
	control(2, 3, 0, false);
	put_both(2, 100);
	clocks_pass(40);
	gate(false);
	clocks_pass(1000);
	assert_int_equal(count_of(2), 60);
	gate(true);
	clocks_pass(59);
	assert_false(output());
	clocks_pass(1);
	assert_true(output());
	gate(false);
	put_both(2, 10);
	clocks_pass(100);
	assert_int_equal(count_of(2), 10);
	assert_false(output());
}

static void gate_starts_periods_anew(void)
{
	gate(true);
	clocks_pass(0);
	control(2, 3, 2, false);
	put_both(2, 100);
	clocks_pass(99);
	assert_false(output());
	gate(false);
	assert_true(output());
	clocks_pass(50);
	gate(true);
	clocks_pass(98);
	assert_true(output());
	assert_int_equal(count_of(2), 2);
	clocks_pass(1);
	assert_false(output());
}

static void gate_starts_one_shots(void)
{
	clocks_pass(0);
	control(2, 3, 1, false);
	put_both(2, 100);
	clocks_pass(1000);
	assert_true(output());
	assert_int_equal(status_of(2) & 0x40, 0x40); /* the count is not in use */
	gate(true);
	assert_int_equal(status_of(2) & 0x40, 0);
	assert_false(output());
	clocks_pass(90);
	gate(false);
	gate(true); /* once more from the beginning */
	clocks_pass(99);
	assert_false(output());
	clocks_pass(1);
	assert_true(output());
	put_both(2, 50);
	assert_int_equal(status_of(2) & 0x40, 0x40);
	clocks_pass(10);
	assert_true(output());
	gate(false);
	gate(true);
	clocks_pass(49);
	assert_false(output());
	clocks_pass(1);
	assert_true(output());
}

static void gate_starts_strobes(void)
{
	clocks_pass(0);
	control(2, 3, 5, false);
	gate(true); /* there is no count yet */
	clocks_pass(70000);
	assert_true(output());
	put_both(2, 10);
	gate(false);
	gate(true);
	clocks_pass(9);
	assert_true(output());
	clocks_pass(1);
	assert_false(output());
	clocks_pass(1);
	assert_true(output());
}

static void speaker_port(void)
{
	uint8_t first = (uint8_t)fake_region_read(timer, SPEAKER, 0, 1) & 0x10, changes = 0;

	fake_region_write(timer, SPEAKER, 0, 1, 0xff);
	assert_int_equal(fake_region_read(timer, SPEAKER, 0, 1) & 0xcf, 0x0f);
	for (unsigned int i = 0; i < 100; i++) {
		clocks_pass(9);
		changes += (fake_region_read(timer, SPEAKER, 0, 1) & 0x10) != first;
	}
	assert_in_range(changes, 40, 60);
}

/* ---- reading and writing ---- */

static void one_byte_counts(void)
{
	gate(true);
	clocks_pass(0);
	control(2, 1, 2, false);
	put(2, 200);
	assert_int_equal(get(2), 200);
	clocks_pass(50);
	assert_int_equal(get(2), 150);
	assert_int_equal(get(2), 150);
	control(2, 2, 2, false);
	put(2, 3); /* 0x300 */
	clocks_pass(1);
	assert_int_equal(get(2), 2);
	clocks_pass(0x2fe);
	assert_int_equal(get(2), 0);
	clocks_pass(1);
	assert_int_equal(get(2), 3);
}

static void latches_keep_the_first_moment(void)
{
	gate(true);
	clocks_pass(0);
	control(2, 3, 2, false);
	put_both(2, 0x5000);
	clocks_pass(0x10);
	put(CONTROL, 0x80);
	clocks_pass(0x1000);
	put(CONTROL, 0x80); /* ignored: the first was not read */
	assert_int_equal(get(2), 0xf0);
	clocks_pass(0x100);
	assert_int_equal(get(2), 0x4f);
	assert_int_equal(get_both(2), 0x3ef0);
}

/* Two readings after each other, low byte and high byte, are two moments. */
static void without_a_latch_bytes_alternate(void)
{
	gate(true);
	clocks_pass(0);
	control(2, 3, 2, false);
	put_both(2, 0x0100);
	assert_int_equal(get(2), 0x00);
	clocks_pass(1);
	assert_int_equal(get(2), 0x00);
	assert_int_equal(get(2), 0xff);
	clocks_pass(0xff);
	assert_int_equal(get(2), 0x01);
}

static void read_back(void)
{
	gate(true);
	clocks_pass(0);
	control(1, 1, 3, true);
	control(2, 3, 2, false);
	assert_int_equal(status_of(2), 0x80 | 0x40 | 0x34);
	put(1, 0x20);
	put_both(2, 0x1234);
	put(CONTROL, 0xc0 | 0x0c); /* status and count of counters 1 and 2 */
	clocks_pass(5);
	assert_int_equal(get(1), 0x80 | 0x17);
	assert_int_equal(get(1), 0x20);
	assert_int_equal(get(1), 0x10);
	assert_int_equal(get(2), 0x80 | 0x34);
	assert_int_equal(get_both(2), 0x1234);
	put(CONTROL, 0xc0 | 0x30 | 0x0e); /* neither */
	assert_int_equal(get_both(2), 0x1234 - 5);
	put(CONTROL, 0xc0 | 0x10 | 0x08); /* only the count */
	assert_int_equal(get_both(2), 0x1234 - 5);
	status_of(0); /* what is latched before a control word is gone after it */
	control(2, 3, 2, false);
	put(CONTROL, 0xc8);
	control(2, 3, 2, false);
	put_both(2, 0x1111);
	assert_int_equal(get_both(2), 0x1111);
}

static void half_a_count_stops_only_mode_0(void)
{
	gate(true);
	clocks_pass(0);
	control(2, 3, 0, false);
	put_both(2, 10);
	clocks_pass(20);
	assert_true(output());
	put(2, 5);
	assert_false(output());
	clocks_pass(20);
	assert_false(output());
	put(2, 0);
	clocks_pass(5);
	assert_true(output());
	control(2, 3, 2, false);
	put_both(2, 100);
	clocks_pass(10);
	put(2, 50);
	clocks_pass(10);
	assert_int_equal(count_of(2), 80);
	put(2, 0);
	assert_int_equal(count_of(2), 50);
}

/* The bridge splits wider accesses into bytes; nothing answers behind the ports. */
static void wide_accesses(void)
{
	gate(true);
	clocks_pass(0);
	fake_region_write(timer, COUNTERS, 2, 2, 0x94 << 8); /* counter 2 gets 0, then a mode */
	fake_region_write(timer, COUNTERS, 2, 1, 0x55);
	assert_int_equal(fake_region_read(timer, COUNTERS, 2, 2), 0xff55);
	assert_int_equal(fake_region_read(timer, SPEAKER, 0, 2) >> 8, 0xff);
	fake_region_write(timer, SPEAKER, 0, 2, 0x0001);
	assert_int_equal(get(CONTROL), 0xff);
}

/* ---- interrupts ---- */

static void sleep_ns(uint64_t ns)
{
	thread_sleep_until(time_now() + ns);
}

static void interrupt_at_the_end_of_a_count(void)
{
	control(0, 3, 0, false);
	assert_false(irq());
	put_both(0, 11932); /* 10 ms */
	sleep_ns(9 * NS_PER_MS);
	assert_false(irq());
	sleep_ns(NS_PER_MS + FAKE_TICK_NS);
	assert_true(irq());
	sleep_ns(NS_PER_S);
	assert_int_equal(irq_changes(), 1);
	put_both(0, 11932);
	assert_false(irq());
	sleep_ns(11 * NS_PER_MS);
	assert_true(irq());
}

static void periodic_in(unsigned int mode)
{
	unsigned int before;

	control(0, 3, mode, false);
	assert_true(irq());
	put_both(0, 11932);
	before = irq_changes();
	sleep_ns(NS_PER_S + NS_PER_MS);
	assert_int_equal(irq_changes() - before, 200);
	assert_true(irq());
}

static void periodic_interrupts(void)
{
	periodic_in(2);
	periodic_in(3);
}

static void strobe_interrupts_once(void)
{
	control(0, 3, 4, false);
	put_both(0, 1193);
	assert_int_equal(irq_changes(), 1);
	sleep_ns(2 * NS_PER_MS);
	assert_int_equal(irq_changes(), 3);
	sleep_ns(NS_PER_S);
	assert_int_equal(irq_changes(), 3);
}

static void counts_that_never_interrupt(void)
{
	static const struct {
		unsigned int mode;
		uint16_t count;
	} silent[] = { { 1, 10 }, { 5, 10 }, { 2, 1 }, { 3, 1 } };

	for (unsigned int i = 0; i < ARRAY_SIZE(silent); i++) {
		unsigned int before;

		control(0, 3, silent[i].mode, false);
		put_both(0, silent[i].count);
		before = irq_changes();
		sleep_ns(NS_PER_S);
		assert_int_equal(irq_changes(), before);
	}
	control(2, 3, 2, false);
	gate(true);
	put_both(2, 1000);
	control(1, 3, 2, false);
	put_both(1, 1000);
	sleep_ns(NS_PER_S);
	assert_in_range(irq_changes(), 0, 4);
}

/* A guest may ask for half a million a second. */
static void fast_periods_are_bounded(void)
{
	unsigned int before;

	control(0, 1, 2, false);
	put(0, 2);
	before = irq_changes();
	sleep_ns(NS_PER_S);
	assert_in_range(irq_changes() - before, 2 * 1000, 2 * 10000);
	board->guest.run_allowed = false;
	sleep_ns(NS_PER_S);
	before = irq_changes();
	sleep_ns(10 * NS_PER_S);
	assert_in_range(irq_changes() - before, 2, 2 * 101);
	board->guest.run_allowed = true;
	sleep_ns(NS_PER_S);
	before = irq_changes();
	sleep_ns(NS_PER_S);
	assert_in_range(irq_changes() - before, 2 * 1000, 2 * 10000);
}

static void a_new_mode_ends_the_old_one(void)
{
	unsigned int before;

	control(0, 3, 2, false);
	put_both(0, 1193);
	sleep_ns(10 * NS_PER_MS);
	control(0, 3, 0, false);
	assert_false(irq());
	before = irq_changes();
	sleep_ns(NS_PER_S);
	assert_int_equal(irq_changes(), before);
}

/* ---- life ---- */

static void reset_silences(void)
{
	unsigned int before;

	control(0, 3, 2, false);
	put_both(0, 1193);
	gate(true);
	timer->ops->reset(timer);
	assert_false(irq());
	before = irq_changes();
	sleep_ns(NS_PER_S);
	assert_int_equal(irq_changes(), before);
	assert_int_equal(fake_region_read(timer, SPEAKER, 0, 1) & 0xef, 0);
	assert_int_equal(status_of(0), 0x40 | 0x30);
}

/* The sanitizers see to it that a timer does not outlive its device. */
static void destroyed_while_it_counts(void)
{
	control(0, 3, 2, false);
	put_both(0, 1193);
	fake_board_end(board);
	sleep_ns(NS_PER_S);
	board_make();
}

static void random_accesses(void)
{
	uint32_t seed = 0x8254;

	for (unsigned int i = 0; i < 100000; i++) {
		uint32_t random = fake_random(&seed);
		unsigned int region = (random & 7) == 0;
		uint64_t offset = region == 0 ? random >> 4 & 3 : 0;
		unsigned int size = (random & 0x300) != 0 ? 1 : 1u << (random >> 10 & 3);
		uint64_t value;

		if ((random & 0x1000) != 0)
			(void)fake_region_read_try(timer, region, offset, size, &value);
		else
			(void)fake_region_write_try(timer, region, offset, size,
						    fake_random(&seed));
		if ((random & 0x6000) == 0)
			fake_time_ns += fake_random(&seed) >> (random >> 16 & 31);
		if ((random & 0x3fe000) == 0)
			sleep_ns(NS_PER_MS);
	}
}

#define IN_MACHINE(body)                                                                   \
	{                                                                                  \
		.name = #body, .test_func = machine_test, .initial_state = (void *)(body), \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_MACHINE(counts_by_table),
		IN_MACHINE(output_after_the_control_word),
		IN_MACHINE(gate_holds_the_count),
		IN_MACHINE(gate_starts_periods_anew),
		IN_MACHINE(gate_starts_one_shots),
		IN_MACHINE(gate_starts_strobes),
		IN_MACHINE(speaker_port),
		IN_MACHINE(one_byte_counts),
		IN_MACHINE(latches_keep_the_first_moment),
		IN_MACHINE(without_a_latch_bytes_alternate),
		IN_MACHINE(read_back),
		IN_MACHINE(half_a_count_stops_only_mode_0),
		IN_MACHINE(wide_accesses),
		IN_MACHINE(interrupt_at_the_end_of_a_count),
		IN_MACHINE(periodic_interrupts),
		IN_MACHINE(strobe_interrupts_once),
		IN_MACHINE(counts_that_never_interrupt),
		IN_MACHINE(fast_periods_are_bounded),
		IN_MACHINE(a_new_mode_ends_the_old_one),
		IN_MACHINE(reset_silences),
		IN_MACHINE(destroyed_while_it_counts),
		IN_MACHINE(random_accesses),
	};

	return cmocka_run_group_tests_name("i8254", tests, fake_machine_setup, NULL);
}

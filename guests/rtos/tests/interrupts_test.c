// SPDX-License-Identifier: BSD-2-Clause
/*
 * Interrupts: software's two and the timer's, masks, vectors, priorities.
 */
#include <stddef.h>
#include <string.h>

#include <rtos/clock.h>
#include <rtos/cp0.h>
#include <rtos/exception.h>
#include <rtos/paging.h>
#include <rtos/test.h>
#include <rtos/thread.h>

static struct {
	unsigned int count;
	unsigned int inputs[8]; /* in the order in which they were handled */
	uint32_t vector, epc, cause, status;
} seen;

static void cause_set(uint32_t bits)
{
	cp0_write(CP0_CAUSE, cp0_read(CP0_CAUSE) | bits);
}

static void cause_clear(uint32_t bits)
{
	cp0_write(CP0_CAUSE, cp0_read(CP0_CAUSE) & ~bits);
}

static void soft_handler(unsigned int input, const struct frame *frame)
{
	cause_clear(CAUSE_IP0 << input);
	if (seen.count < 8)
		seen.inputs[seen.count] = input;
	seen.count++;
	seen.vector = frame->vector;
	seen.epc = frame->epc;
	seen.cause = frame->cause;
	seen.status = frame->status;
}

static void soft_begin(void)
{
	memset(&seen, 0, sizeof(seen));
	/* The tick would come between and be the one that the vector names. */
	interrupt_mask_set(TIMER_INPUT, false);
	for (unsigned int input = 0; input < 2; input++) {
		interrupt_handler_set(input, soft_handler);
		interrupt_mask_set(input, true);
	}
}

static void soft_end(void)
{
	for (unsigned int input = 0; input < 2; input++)
		interrupt_mask_set(input, false);
	cause_clear(CAUSE_IP0 | CAUSE_IP1);
	interrupt_mask_set(TIMER_INPUT, true);
}

TEST(software_interrupts)
{
	soft_begin();
	cause_set(CAUSE_IP0);
	CHECK_EQUAL(seen.count, 1);
	CHECK_EQUAL(seen.inputs[0], 0);
	CHECK_EQUAL(seen.vector, 0x200);
	CHECK_EQUAL(seen.cause & CAUSE_CODE, 0);
	CHECK_EQUAL(seen.status & (STATUS_EXL | STATUS_IE), STATUS_EXL | STATUS_IE);
	cause_set(CAUSE_IP1);
	CHECK_EQUAL(seen.count, 2);
	CHECK_EQUAL(seen.inputs[1], 1);
	soft_end();
}

/* Every way to turn interrupts on lets what pends in at once. */
TEST(interrupts_wait_for_enable)
{
	uint32_t flags, status;

	soft_begin();
	flags = irq_save();
	cause_set(CAUSE_IP0);
	CHECK_EQUAL(seen.count, 0);
	CHECK_EQUAL(cp0_read(CP0_CAUSE) & CAUSE_IP0, CAUSE_IP0);
	__asm__ volatile("ei\n\tehb");
	CHECK_EQUAL(seen.count, 1);
	irq_save();
	cause_set(CAUSE_IP0);
	cp0_write(CP0_STATUS, cp0_read(CP0_STATUS) | STATUS_IE);
	CHECK_EQUAL(seen.count, 2);
	/* The mask. */
	status = cp0_read(CP0_STATUS);
	cp0_write(CP0_STATUS, status & ~CAUSE_IP0);
	cause_set(CAUSE_IP0);
	CHECK_EQUAL(seen.count, 2);
	cp0_write(CP0_STATUS, status);
	CHECK_EQUAL(seen.count, 3);
	/* Exception level. */
	irq_save();
	cp0_write(CP0_STATUS, cp0_read(CP0_STATUS) | STATUS_EXL);
	cp0_write(CP0_STATUS, cp0_read(CP0_STATUS) | STATUS_IE);
	cause_set(CAUSE_IP0);
	CHECK_EQUAL(seen.count, 3);
	cp0_write(CP0_STATUS, cp0_read(CP0_STATUS) & ~STATUS_EXL);
	CHECK_EQUAL(seen.count, 4);
	irq_restore(flags);
	soft_end();
}

/* ERET that turns them on. */
TEST(interrupt_behind_eret)
{
	uint32_t after;

	soft_begin();
	irq_save();
	cause_set(CAUSE_IP0);
	__asm__ volatile(".set push\n\t.set noreorder\n\t.set noat\n\t"
			 "mfc0 $1, $12\n\t"
			 "ori $1, $1, 3\n\t"
			 "xori $1, $1, 1\n\t"
			 "mtc0 $1, $12\n\t"
			 "ehb\n\t"
			 "ori $1, $1, 1\n\t"
			 "mtc0 $1, $12\n\t"
			 "la $1, 1f\n\t"
			 "mtc0 $1, $14\n\t"
			 "ehb\n\t"
			 "eret\n"
			 "1:\tla %0, 1b\n\t.set pop"
			 : "=r"(after)
			 :
			 : "memory");
	CHECK_EQUAL(seen.count, 1);
	CHECK_EQUAL(seen.epc, after);
	soft_end();
}

TEST(general_vector_without_iv)
{
	soft_begin();
	cause_clear(CAUSE_IV);
	cause_set(CAUSE_IP0);
	cause_set(CAUSE_IV);
	CHECK_EQUAL(seen.count, 1);
	CHECK_EQUAL(seen.vector, 0x180);
	soft_end();
}

/* Nor at error level, which ERET leaves. */
TEST(interrupts_wait_for_error_level)
{
	uint32_t flags, status;

	soft_begin();
	flags = irq_save();
	status = cp0_read(CP0_STATUS);
	cp0_write(CP0_STATUS, status | STATUS_ERL | STATUS_IE);
	cause_set(CAUSE_IP0);
	CHECK_EQUAL(seen.count, 0);
	__asm__ volatile(".set push\n\t.set noreorder\n\t.set noat\n\t"
			 "la $1, 1f\n\t"
			 "mtc0 $1, $30\n\t"
			 "ehb\n\t"
			 "eret\n"
			 "1:\tnop\n\t.set pop"
			 :
			 :
			 : "memory");
	CHECK_EQUAL(seen.count, 1);
	irq_restore(flags);
	soft_end();
}

/* ---- one within another ---- */

static unsigned int depth, depth_max;

/* Lets the other one in, and is not let in itself until it returns. */
static void nested_handler(unsigned int input, const struct frame *frame)
{
	uint32_t epc = frame->epc, mask = cp0_read(CP0_STATUS);

	depth++;
	if (depth > depth_max)
		depth_max = depth;
	soft_handler(input, frame);
	interrupt_mask_set(input, false);
	if (input == 0) {
		cause_set(CAUSE_IP0 | CAUSE_IP1);
		irq_enable();
		irq_save();
		cause_clear(CAUSE_IP0);
	}
	cp0_write(CP0_STATUS, mask);
	CHECK_EQUAL(frame->epc, epc);
	depth--;
}

TEST(nested_interrupts)
{
	soft_begin();
	interrupt_handler_set(0, nested_handler);
	interrupt_handler_set(1, nested_handler);
	depth = depth_max = 0;
	cause_set(CAUSE_IP0);
	CHECK_EQUAL(seen.count, 2);
	CHECK_EQUAL(seen.inputs[0], 0);
	CHECK_EQUAL(seen.inputs[1], 1);
	CHECK_EQUAL(depth_max, 2);
	CHECK_EQUAL(depth, 0);
	soft_end();
}

/* ---- vectored mode ---- */

static bool has_vectors(void)
{
	return (cp0_read(CP0_CONFIG3) & CONFIG3_VINT) != 0;
}

TEST(vectored_interrupts)
{
	if (!has_vectors()) {
		test_skipped("no vectored interrupts");
		return;
	}
	soft_begin();
	/* The spacing of our vectors. */
	cp0_write(CP0_INTCTL, 0x20);
	cause_set(CAUSE_IP0);
	CHECK_EQUAL(seen.vector, 0x200);
	cause_set(CAUSE_IP1);
	CHECK_EQUAL(seen.vector, 0x220);
	/* Of two the higher is named; the handler takes both. */
	irq_save();
	cause_set(CAUSE_IP0 | CAUSE_IP1);
	irq_enable();
	CHECK_EQUAL(seen.count, 4);
	CHECK_EQUAL(seen.vector, 0x220);
	cp0_write(CP0_INTCTL, 0);
	cause_set(CAUSE_IP1);
	CHECK_EQUAL(seen.vector, 0x200);
	soft_end();
}

static void timer_seen(unsigned int input, const struct frame *frame)
{
	clock_match_set(COUNTS_PER_TICK);
	soft_handler(input, frame);
}

/* The timer's input is the highest of all, and its vector the last. */
TEST(vector_of_the_timer)
{
	uint32_t flags;

	if (!has_vectors()) {
		test_skipped("no vectored interrupts");
		return;
	}
	soft_begin();
	flags = irq_save();
	interrupt_handler_set(TIMER_INPUT, timer_seen);
	interrupt_mask_set(TIMER_INPUT, true);
	cp0_write(CP0_INTCTL, 0x20);
	cause_set(CAUSE_IP0 | CAUSE_IP1);
	clock_match_set(1000);
	while ((cp0_read(CP0_CAUSE) & CAUSE_IP7) == 0)
		;
	irq_enable();
	/* All three in one go, at the vector of the highest. */
	CHECK_EQUAL(seen.count, 3);
	CHECK_EQUAL(seen.vector, 0x200 + 7 * 0x20);
	cp0_write(CP0_INTCTL, 0);
	irq_restore(flags);
	soft_end();
	clock_init();
}

/* ---- a device's ---- */

#define UART_ENABLE   (MAP_KSEG1 + MAP_UART_PHYSICAL + 1)
#define UART_IDENTITY (MAP_KSEG1 + MAP_UART_PHYSICAL + 2)
#define UART_INPUT    4u

static void uart_handler(unsigned int input, const struct frame *frame)
{
	soft_handler(input, frame);
	/* The device holds its line until it is told. */
	CHECK_EQUAL(cp0_read(CP0_CAUSE) & CAUSE_IP0 << UART_INPUT, CAUSE_IP0 << UART_INPUT);
	*(volatile uint8_t *)(uintptr_t)UART_ENABLE = 0;
	CHECK_EQUAL(cp0_read(CP0_CAUSE) & CAUSE_IP0 << UART_INPUT, 0);
}

TEST(interrupt_of_a_device)
{
	if (!booted_from_rom()) {
		test_skipped("the serial line may lead elsewhere");
		return;
	}
	soft_begin();
	interrupt_handler_set(UART_INPUT, uart_handler);
	interrupt_mask_set(UART_INPUT, true);
	for (unsigned int i = 1; i < 4; i++) {
		/* Its transmitter is always ready. */
		*(volatile uint8_t *)(uintptr_t)UART_ENABLE = 2;
		for (unsigned int j = 0; j < 100000 && seen.count != i; j++)
			(void)cp0_read(CP0_COUNT);
		CHECK_EQUAL(seen.count, i);
		CHECK_EQUAL(seen.inputs[i - 1], UART_INPUT);
	}
	interrupt_mask_set(UART_INPUT, false);
	soft_end();
}

/* ---- vectors elsewhere ---- */

static uint32_t other_vectors[2048] __attribute__((aligned(4096)));

/* j exception_enter; li k1, VALUE */
static void vector_make(uint32_t offset, uint32_t value)
{
	uint32_t target = (uint32_t)(uintptr_t)exception_enter;

	other_vectors[offset / 4] = 0x08000000 | (target >> 2 & 0x03ffffff);
	other_vectors[offset / 4 + 1] = 0x241b0000 | value;
}

/* EBase leads to vectors that were written just now; with each spacing that there is. */
TEST(vectors_at_another_base)
{
	uint32_t flags = irq_save(), ebase = cp0_read(CP0_EBASE);

	memset(other_vectors, 0, sizeof(other_vectors));
	memcpy(other_vectors, exception_vectors, 0x100);
	vector_make(0x180, 0x1180);
	for (uint32_t offset = 0x200; offset < 0x1200; offset += 0x20)
		vector_make(offset, 0x1000 + offset);
	code_synchronize(other_vectors, sizeof(other_vectors));
	cp0_write(CP0_EBASE, (uint32_t)(uintptr_t)other_vectors);
	irq_restore(flags);
	soft_begin();
	cause_set(CAUSE_IP0);
	CHECK_EQUAL(seen.vector, 0x1200);
	for (uint32_t spacing = 0x20; has_vectors() && spacing <= 0x200; spacing <<= 1) {
		cp0_write(CP0_INTCTL, spacing);
		cause_set(CAUSE_IP1);
		CHECK_EQUAL(seen.vector, 0x1200 + spacing);
		cp0_write(CP0_INTCTL, 0);
	}
	soft_end();
	flags = irq_save();
	cp0_write(CP0_EBASE, ebase);
	irq_restore(flags);
}

static void syscall(uint32_t argument)
{
	(void)argument;
	__asm__ volatile("syscall");
}

static void load_missing(uint32_t address)
{
	(void)*(volatile uint32_t *)(uintptr_t)address;
}

/* The ROM's vectors, where the ROM is ours. */
TEST(boot_vectors)
{
	struct fault fault;
	uint32_t flags;

	if (!booted_from_rom()) {
		test_skipped("the ROM is not ours");
		return;
	}
	flags = irq_save();
	cp0_write(CP0_STATUS, cp0_read(CP0_STATUS) | STATUS_BEV);
	fault = fault_catch(syscall, 0);
	CHECK_EQUAL(fault.code, CODE_SYSCALL);
	CHECK_EQUAL(fault.vector, VECTOR_BOOT + 0x380);
	/* A refill. */
	fault = fault_catch(load_missing, MAP_KERNEL + 0x60000);
	CHECK_EQUAL(fault.code, CODE_TLB_LOAD);
	CHECK_EQUAL(fault.vector, VECTOR_BOOT + 0x200);
	cp0_write(CP0_STATUS, cp0_read(CP0_STATUS) & ~STATUS_BEV);
	irq_restore(flags);
}

TEST(boot_vectors_of_interrupts)
{
	if (!booted_from_rom()) {
		test_skipped("the ROM is not ours");
		return;
	}
	soft_begin();
	cp0_write(CP0_STATUS, cp0_read(CP0_STATUS) | STATUS_BEV);
	cause_set(CAUSE_IP0);
	CHECK_EQUAL(seen.vector, VECTOR_BOOT + 0x400);
	/* Vectored mode has no say there. */
	cp0_write(CP0_INTCTL, 0x20);
	cause_set(CAUSE_IP1);
	CHECK_EQUAL(seen.vector, VECTOR_BOOT + 0x400);
	cp0_write(CP0_INTCTL, 0);
	cause_clear(CAUSE_IV);
	cause_set(CAUSE_IP0);
	cause_set(CAUSE_IV);
	CHECK_EQUAL(seen.vector, VECTOR_BOOT + 0x380);
	CHECK_EQUAL(seen.count, 3);
	cp0_write(CP0_STATUS, cp0_read(CP0_STATUS) & ~STATUS_BEV);
	soft_end();
}

/* ---- the timer ---- */

/* Interrupts come into a loop whose branches have delay slots all the time. */
TEST(timer_interrupts_a_loop)
{
	uint32_t start = clock_ticks(), value = 0, shadow = 0, rounds = 0;

	while (clock_ticks() - start < 50) {
		__asm__ volatile(".set push\n\t.set noreorder\n\t"
				 "li $8, 1000\n"
				 "1:\taddiu %0, %0, 3\n\t"
				 "addiu $8, $8, -1\n\t"
				 "bnez $8, 1b\n\t"
				 "addiu %1, %1, 5\n\t.set pop"
				 : "+r"(value), "+r"(shadow)
				 :
				 : "$8");
		rounds++;
	}
	CHECK_EQUAL(value, rounds * 3000);
	CHECK_EQUAL(shadow, rounds * 5000);
}

TEST(ticks_follow_count)
{
	uint32_t ticks = clock_ticks(), count, distance;

	while (clock_ticks() == ticks)
		;
	count = cp0_read(CP0_COUNT);
	ticks = clock_ticks();
	while (clock_ticks() - ticks < 20)
		;
	distance = cp0_read(CP0_COUNT) - count;
	CHECK(distance > 19 * COUNTS_PER_TICK - COUNTS_PER_TICK / 2);
	/* A busy host may take its time; but not for ever. */
	CHECK(distance < 2000 * COUNTS_PER_TICK);
}

/* Whatever goes on when one comes, the next does too: asleep, at work, at interrupts off and on. */
TEST(ticks_go_on)
{
	for (unsigned int i = 0; i < 600; i++) {
		uint32_t tick = clock_ticks(), start = cp0_read(CP0_COUNT);

		if (i % 3 == 0)
			thread_sleep(1);
		while (clock_ticks() == tick &&
		       cp0_read(CP0_COUNT) - start < 10000 * COUNTS_PER_TICK)
			if (i % 3 == 2)
				irq_restore(irq_save());
		if (clock_ticks() == tick) {
			CHECK(!"there is another tick");
			break;
		}
	}
}

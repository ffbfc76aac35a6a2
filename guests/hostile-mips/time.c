// SPDX-License-Identifier: BSD-2-Clause
/*
 * Attacks by time: storms of timer and software interrupts, and Count and Compare at their ends.
 */
#include "hostile.h"

#define BRANCH_SELF 0x1000ffffu
#define WAIT	    0x42000020u
#define STORM	    40u
#define TICKS_MAX   3000u

/* Loops, or waits, until an interrupt ends it. */
static uint32_t loop_put(bool waits)
{
	static const uint32_t words[2][3] = { { BRANCH_SELF, INSTRUCTION_NOP, INSTRUCTION_NOP },
					      { WAIT, 0x1000fffe, INSTRUCTION_NOP } };

	return code_put(words[waits], 3);
}

static uint32_t vector_expected(unsigned int input, uint32_t spacing)
{
	if ((cp0_read(CP0_CONFIG3) & CONFIG3_VINT) == 0)
		spacing = 0;
	return 0x200 + (spacing == 0 ? 0 : input * spacing);
}

/* One interrupt after the other, each as soon as may be. */
static void timer_storm(void)
{
	static struct context context;
	uint32_t physical = loop_put(random_below(4) == 0);

	for (unsigned int i = 0; i < STORM; i++) {
		uint32_t ticks = random_below(TICKS_MAX), spacing = 32 * random_below(32);
		uint32_t compare;

		context_init(&context);
		context.epc = MAP_KSEG0 + physical;
		cp0_write(CP0_INTCTL, spacing);
		if (random_below(4) == 0)
			cp0_write(CP0_COUNT, random_odd());
		context_watch(&context, ticks);
		compare = cp0_read(CP0_COMPARE);
		context_run(&context);
		if (context_code(&context) != CODE_INTERRUPT)
			wrong("what ends a loop", context_code(&context), CODE_INTERRUPT);
		if (context.vector != vector_expected(7, spacing))
			wrong("the timer's vector", context.vector, vector_expected(7, spacing));
		if ((int32_t)(cp0_read(CP0_COUNT) - compare) < 0)
			wrong("Count at a timer interrupt", cp0_read(CP0_COUNT), compare);
		processor_restore();
	}
}

static void software_storm(void)
{
	static struct context context;
	uint32_t physical = loop_put(random_below(2) != 0);

	for (unsigned int i = 0; i < STORM; i++) {
		unsigned int input = random_below(2);

		context_init(&context);
		context.epc = MAP_KSEG0 + physical;
		context.status = STATUS_IE | 0x100u << input;
		cp0_write(CP0_CAUSE, CAUSE_IV | 0x100u << input);
		context_run(&context);
		if (context_code(&context) != CODE_INTERRUPT)
			wrong("what ends a loop", context_code(&context), CODE_INTERRUPT);
		processor_restore();
	}
}

/* Count and Compare at any values, stopped and going on: the time goes by or stands still. */
static void count_change(void)
{
	uint32_t first, second;

	for (unsigned int i = 0; i < STORM; i++) {
		cp0_write(CP0_COUNT, random_odd());
		cp0_write(CP0_COMPARE, random_odd());
		cp0_write(CP0_CAUSE, random_below(2) * CAUSE_DC);
		first = cp0_read(CP0_COUNT);
		second = cp0_read(CP0_COUNT);
		if ((cp0_read(CP0_CAUSE) & CAUSE_DC) != 0 ? first != second :
							    (int32_t)(second - first) < 0)
			wrong("Count, read once more", second, first);
	}
	processor_restore();
}

void attack_time(void)
{
	switch (random_below(3)) {
	case 0:
		timer_storm();
		break;
	case 1:
		software_storm();
		break;
	default:
		count_change();
		break;
	}
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * The tick: Compare goes ahead by a fixed distance at each interrupt, so that being late once does
 * not add up. Timers are served here.
 */
#include <stddef.h>

#include <rtos/clock.h>
#include <rtos/cp0.h>
#include <rtos/exception.h>
#include <rtos/thread.h>

static volatile uint32_t ticks;
static struct list timers = LIST_INIT(timers);

/* ---- timers ---- */

static void timers_serve(void)
{
	for (struct list_node *node = timers.head.next, *next; node != &timers.head; node = next) {
		struct timer *timer = list_entry(node, struct timer, node);

		next = node->next;
		if ((int32_t)(ticks - timer->due) < 0)
			continue;
		timer->due += timer->period;
		if (timer->period == 0) {
			list_remove(&timer->node);
			timer->armed = false;
		}
		timer->function(timer);
	}
}

void timer_stop(struct timer *timer)
{
	uint32_t flags = irq_save();

	if (timer->armed)
		list_remove(&timer->node);
	timer->armed = false;
	irq_restore(flags);
}

void timer_start(struct timer *timer, uint32_t distance, uint32_t period,
		 void (*function)(struct timer *timer), void *argument)
{
	uint32_t flags = irq_save();

	timer_stop(timer);
	timer->due = ticks + distance;
	timer->period = period;
	timer->function = function;
	timer->argument = argument;
	timer->armed = true;
	list_add_last(&timers, &timer->node);
	irq_restore(flags);
}

/* ---- the tick ---- */

/* The next tick that is still to come; those that were missed are made up for. */
static uint32_t compare_advance(void)
{
	uint32_t compare = cp0_read(CP0_COMPARE), missed = 0;

	do {
		compare += COUNTS_PER_TICK;
		missed++;
		cp0_write(CP0_COMPARE, compare);
	} while ((int32_t)(cp0_read(CP0_COUNT) - compare) >= 0);
	return missed;
}

static void tick(unsigned int input, const struct frame *frame)
{
	(void)input;
	(void)frame;
	ticks += compare_advance();
	timers_serve();
	thread_tick(ticks);
}

uint32_t clock_ticks(void)
{
	return ticks;
}

void clock_match_set(uint32_t distance)
{
	uint32_t compare;

	do {
		compare = cp0_read(CP0_COUNT) + distance;
		cp0_write(CP0_COMPARE, compare);
	} while ((int32_t)(cp0_read(CP0_COUNT) - compare) >= 0);
}

void clock_init(void)
{
	interrupt_handler_set(TIMER_INPUT, tick);
	clock_match_set(COUNTS_PER_TICK);
	interrupt_mask_set(TIMER_INPUT, true);
	irq_enable();
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * The tick, from Count and Compare, and timers that are counted in ticks.
 */
#ifndef RTOS_CLOCK_H
#define RTOS_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include <lib/list.h>

/* The timer's interrupt input. */
#define TIMER_INPUT 7u

/* About a millisecond on QEMU's Malta; nothing depends on how long it really is. */
#define COUNTS_PER_TICK 100000u

struct timer {
	struct list_node node;
	uint32_t due;
	uint32_t period; /* 0: once */
	bool armed;
	void (*function)(struct timer *timer); /* in the tick's interrupt */
	void *argument;
};

void clock_init(void);
/*
 * Sets Compare ahead of Count. Whoever runs us may have let so much time pass between the two that
 * the moment is over; the match would then be a whole round of Count away.
 */
void clock_match_set(uint32_t distance);
/* Ticks since then. */
uint32_t clock_ticks(void);

void timer_start(struct timer *timer, uint32_t ticks, uint32_t period,
		 void (*function)(struct timer *timer), void *argument);
void timer_stop(struct timer *timer);

#endif

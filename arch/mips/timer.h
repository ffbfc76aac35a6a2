// SPDX-License-Identifier: BSD-2-Clause
/*
 * The host CPUs' clocks: Count, extended to 64 bits, and Compare.
 */
#ifndef MIPS_TIMER_H
#define MIPS_TIMER_H

#include <corbel/cpu.h>

/* Of Count. Before this, time stands at 0. Boot. */
void timer_frequency_set(uint32_t hertz);
uint32_t timer_frequency(void);

/* Count as 64 bits. Any context. */
uint64_t timer_ticks_now(void);
/* Whether all CPUs' Counts are the same. After boot. */
bool timer_counts_agree(void);

/* Lets a CPU that is about to start go on from the caller's time. Irq-off. */
void timer_cpu_align(struct cpu *cpu);
/* Prepares this CPU's timer. Irq-off. */
void timer_cpu_start(void);

/* The timer's line is high: serves it. Irq-off. */
void timer_line_handle(void);

/* The line of Cause.IP on which the timer interrupts. */
unsigned int timer_line(void);

#endif

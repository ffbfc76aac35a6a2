// SPDX-License-Identifier: BSD-2-Clause
/*
 * The scheduler's side that interrupts, ports and boot code use. Threads themselves use thread.h.
 */
#ifndef CORBEL_SCHED_H
#define CORBEL_SCHED_H

#include <corbel/cpu.h>

struct thread;

/*
 * Turns the boot code into this CPU's idle thread. Called once per CPU, interrupts off, before
 * that CPU may run anything else. -ENOMEM.
 */
int sched_cpu_init(struct cpu *cpu);

/* The body of every idle thread: sleeps the CPU until an interrupt, for ever. */
__attribute__((noreturn)) void sched_idle_loop(void);

/*
 * Called by the port at the end of an interrupt that came while Corbel itself ran with interrupts
 * on, and by the VCPU loop before it enters the guest: switches threads if cpu->reschedule says
 * so. Context: interrupts off, no spinlock held.
 */
void sched_preempt(void);

#endif

// SPDX-License-Identifier: BSD-2-Clause
/*
 * The fake processor: which CPU and thread this is and whether interrupts are on are variables,
 * one set for each thread of the development machine.
 */
#ifndef ARCH_CPU_H
#define ARCH_CPU_H

#include <sched.h>
#include <stdbool.h>

#include <arch/types.h>

struct cpu;
struct thread;

struct fake_processor {
	struct cpu *cpu;
	struct thread *thread;
	bool irq_enabled;
};

/* A call, since a thread of Corbel's may go on in another thread of the machine's. */
struct fake_processor *fake_processor(void);
/* Called whenever interrupts go from off to on, so that a test can deliver some; may be NULL. */
extern void (*fake_irq_enabled_hook)(void);
/* Called in spin loops, so that another CPU can go on; may be NULL. */
extern void (*fake_relax_hook)(void);

static inline unsigned long arch_irq_save(void)
{
	bool enabled = fake_processor()->irq_enabled;

	fake_processor()->irq_enabled = false;
	return enabled;
}

static inline void arch_irq_enable(void)
{
	bool enabled = fake_processor()->irq_enabled;

	fake_processor()->irq_enabled = true;
	if (!enabled && fake_irq_enabled_hook != NULL)
		fake_irq_enabled_hook();
}

static inline void arch_irq_disable(void)
{
	fake_processor()->irq_enabled = false;
}

static inline void arch_irq_restore(unsigned long flags)
{
	if (flags != 0)
		arch_irq_enable();
}

static inline bool arch_irq_enabled(void)
{
	return fake_processor()->irq_enabled;
}

static inline void arch_cpu_relax(void)
{
	if (fake_relax_hook != NULL)
		fake_relax_hook();
	else
		sched_yield();
}

static inline struct cpu *arch_cpu_self(void)
{
	return fake_processor()->cpu;
}

static inline struct thread *arch_thread_current(void)
{
	return fake_processor()->thread;
}

#endif

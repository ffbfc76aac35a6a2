// SPDX-License-Identifier: BSD-2-Clause
/*
 * In place of the MIPS port's own for those of its files that run on the build machine: a test says
 * which CPU this is. There are no interrupts.
 */
#ifndef ARCH_CPU_H
#define ARCH_CPU_H

#include <arch/types.h>

struct cpu;
struct thread;

extern struct cpu *processor_cpu;

static inline struct cpu *arch_cpu_self(void)
{
	return processor_cpu;
}

static inline struct thread *arch_thread_current(void)
{
	return NULL;
}

static inline unsigned long arch_irq_save(void)
{
	return 0;
}

static inline void arch_irq_restore(unsigned long flags)
{
	(void)flags;
}

static inline void arch_irq_enable(void)
{
}

static inline void arch_irq_disable(void)
{
}

static inline bool arch_irq_enabled(void)
{
	return false;
}

static inline void arch_cpu_relax(void)
{
}

#endif

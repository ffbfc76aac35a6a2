// SPDX-License-Identifier: BSD-2-Clause
/*
 * What core needs of the processor so often that it is inline: interrupt enable, who am I.
 */
#ifndef ARCH_CPU_H
#define ARCH_CPU_H

#include <arch/types.h>

struct cpu;
struct thread;

#define SSTATUS_SIE_BIT 2ul

static inline unsigned long arch_irq_save(void)
{
	unsigned long flags;

	__asm__ volatile("csrrci %0, sstatus, 2" : "=r"(flags) : : "memory");
	return flags & SSTATUS_SIE_BIT;
}

static inline void arch_irq_restore(unsigned long flags)
{
	__asm__ volatile("csrs sstatus, %0" : : "r"(flags) : "memory");
}

static inline void arch_irq_enable(void)
{
	__asm__ volatile("csrsi sstatus, 2" : : : "memory");
}

static inline void arch_irq_disable(void)
{
	__asm__ volatile("csrci sstatus, 2" : : : "memory");
}

static inline bool arch_irq_enabled(void)
{
	unsigned long status;

	__asm__ volatile("csrr %0, sstatus" : "=r"(status));
	return (status & SSTATUS_SIE_BIT) != 0;
}

static inline void arch_cpu_relax(void)
{
	/* PAUSE, in its encoding as a FENCE hint, which older assemblers lack by name. */
	__asm__ volatile(".4byte 0x0100000f" : : : "memory");
}

static inline struct thread *arch_thread_current(void)
{
	struct thread *thread;

	__asm__ volatile("mv %0, tp" : "=r"(thread));
	return thread;
}

static inline struct cpu *arch_cpu_self(void)
{
	return ((struct arch_thread *)arch_thread_current())->cpu;
}

#endif

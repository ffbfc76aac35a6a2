// SPDX-License-Identifier: BSD-2-Clause
/*
 * What core needs of the processor so often that it is inline: interrupt enable, who am I.
 */
#ifndef ARCH_CPU_H
#define ARCH_CPU_H

#include <arch/types.h>

struct cpu;
struct thread;

#define STATUS_IE_BIT 1ul

/* EHB: what follows is executed with the new Status. PRA, "CP0 Hazards". */
static inline unsigned long arch_irq_save(void)
{
	unsigned long status;

	__asm__ volatile("di %0\n\tehb" : "=r"(status) : : "memory");
	return status & STATUS_IE_BIT;
}

static inline void arch_irq_enable(void)
{
	__asm__ volatile("ei\n\tehb" : : : "memory");
}

static inline void arch_irq_disable(void)
{
	__asm__ volatile("di\n\tehb" : : : "memory");
}

static inline void arch_irq_restore(unsigned long flags)
{
	if (flags != 0)
		arch_irq_enable();
}

static inline bool arch_irq_enabled(void)
{
	unsigned long status;

	__asm__ volatile("mfc0 %0, $12" : "=r"(status));
	return (status & STATUS_IE_BIT) != 0;
}

static inline void arch_cpu_relax(void)
{
	/* PAUSE, which older assemblers lack by name: nothing where the processor has none. */
	__asm__ volatile(".word 0x00000140" : : : "memory");
}

/* `gp` belongs to nobody else: there is no small data. */
static inline struct thread *arch_thread_current(void)
{
	struct thread *thread;

	__asm__ volatile("move %0, $28" : "=r"(thread));
	return thread;
}

static inline struct cpu *arch_cpu_self(void)
{
	return ((struct arch_thread *)arch_thread_current())->cpu;
}

#endif

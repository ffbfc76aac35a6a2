// SPDX-License-Identifier: BSD-2-Clause
/*
 * A host CPU: its registers for running guests, threads' registers, stopping, interrupting others.
 * How CPUs are found and started is boot.c.
 */
#include <corbel/arch.h>
#include <corbel/panic.h>
#include <corbel/thread.h>

#include "cps.h"
#include "offsets.h"
#include "probe.h"
#include "processor.h"
#include "shadow.h"
#include "stack.h"
#include "timer.h"
#include "traps.h"

extern char thread_trampoline[];
void thread_switch(struct thread *previous, struct thread *next);

void arch_cpu_init(struct cpu *cpu)
{
	cpu->arch.loaded = NULL;
	traps_cpu_init();
	shadow_cpu_init();
	c0_write(C0_HWRENA, 0);
	timer_cpu_start();
}

__attribute__((noreturn)) void arch_cpu_stop(void)
{
	arch_irq_disable();
	for (;;)
		__asm__ volatile("wait");
}

void arch_ipi_send(struct cpu *target)
{
	cps_ipi_send((unsigned int)target->hardware_id);
}

void arch_thread_init(struct thread *thread, void *stack, size_t size)
{
	uint32_t *frame =
		(uint32_t *)((uintptr_t)stack + size - ARGUMENT_AREA_SIZE - SWITCH_FRAME_SIZE);

	/* As thread_switch() leaves it. */
	for (unsigned int i = 0; i < SWITCH_FRAME_SIZE / sizeof(*frame); i++)
		frame[i] = 0;
	frame[SWITCH_FRAME_RA / sizeof(*frame)] = (uint32_t)(uintptr_t)thread_trampoline;
	thread->arch.sp = (uint32_t)(uintptr_t)frame;
}

void arch_thread_switch(struct thread *previous, struct thread *next)
{
	if (unlikely(!stack_canary_is_whole(previous->stack)))
		panic("stack overflow of thread %s, found at its switch", previous->name);
	thread_switch(previous, next);
}

void arch_host_describe(struct printer *printer)
{
	print(printer, "%s, %s endian, %u TLB entries, guests by trap and emulate\n",
	      processor_name(), __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? "little" : "big",
	      processor_tlb_size());
	print(printer, "CPUs %s\n",
	      cps_exists() ? "joined by a coherence manager with GIC" : "alone on the board");
	print(printer, "timebase %u Hz, timer on line %u\n", (unsigned int)timer_frequency(),
	      timer_line());
	print(printer, "features:");
	for (unsigned int i = 0; i < PROCESSOR_FEATURE_COUNT; i++)
		if (processor_has(i))
			print(printer, " %s", processor_feature_name(i));
	print(printer, "\n");
}

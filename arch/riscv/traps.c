// SPDX-License-Identifier: BSD-2-Clause
/*
 * Traps taken while Corbel itself runs: interrupts, expected faults of probing accesses, and bugs.
 * Exits of guests are exits.c.
 */
#include <corbel/arch.h>
#include <corbel/irq.h>
#include <corbel/log.h>
#include <corbel/panic.h>
#include <corbel/sched.h>
#include <corbel/symbols.h>
#include <corbel/thread.h>
#include <corbel/time.h>

#include "csr.h"
#include "traps.h"

struct trap_fixup {
	uint64_t access, fixup;
};

extern const struct trap_fixup __trap_fixups_start[], __trap_fixups_end[];
extern char trap_vector[], __image_start[], __text_end[];

void traps_cpu_init(void)
{
	csr_write(CSR_SSCRATCH, 0);
	csr_write(CSR_STVEC, (uint64_t)trap_vector);
}

static const char *cause_name(uint64_t cause)
{
	static const char *const names[] = {
		[CAUSE_FETCH_MISALIGNED] = "misaligned instruction fetch",
		[CAUSE_FETCH_ACCESS] = "instruction access fault",
		[CAUSE_ILLEGAL_INSTRUCTION] = "illegal instruction",
		[CAUSE_BREAKPOINT] = "breakpoint",
		[CAUSE_LOAD_MISALIGNED] = "misaligned load",
		[CAUSE_LOAD_ACCESS] = "load access fault",
		[CAUSE_STORE_MISALIGNED] = "misaligned store",
		[CAUSE_STORE_ACCESS] = "store access fault",
		[CAUSE_FETCH_PAGE] = "instruction page fault",
		[CAUSE_LOAD_PAGE] = "load page fault",
		[CAUSE_STORE_PAGE] = "store page fault",
		[CAUSE_LOAD_GUEST_PAGE] = "guest page fault of a load",
		[CAUSE_STORE_GUEST_PAGE] = "guest page fault of a store",
	};

	if (cause < ARRAY_SIZE(names) && names[cause] != NULL)
		return names[cause];
	return "unexpected trap";
}

void interrupt_handle(uint64_t number)
{
	switch (number) {
	case IRQ_S_SOFT:
		csr_clear(CSR_SIP, IRQ_BIT(IRQ_S_SOFT));
		cpu_ipi_handle();
		break;
	case IRQ_S_TIMER:
		timer_interrupt();
		break;
	case IRQ_S_EXTERNAL:
		irq_external();
		break;
	default:
		panic("interrupt %lu, which was never enabled", number);
	}
}

static bool fixup_apply(struct trap_frame *frame)
{
	for (const struct trap_fixup *entry = __trap_fixups_start; entry < __trap_fixups_end;
	     entry++) {
		if (entry->access == frame->sepc) {
			frame->sepc = entry->fixup;
			return true;
		}
	}
	return false;
}

void trap_handle(struct trap_frame *frame)
{
	if ((frame->scause & SCAUSE_INTERRUPT) != 0) {
		interrupt_handle(frame->scause & ~SCAUSE_INTERRUPT);
		sched_preempt();
		return;
	}
	if (fixup_apply(frame))
		return;
	panic("%s (scause %lu) at 0x%lx, address 0x%lx, sp 0x%lx, ra 0x%lx",
	      cause_name(frame->scause), frame->scause, frame->sepc, frame->stval, frame->x[2],
	      frame->x[1]);
}

void stack_overflow_report(uint64_t sp, uint64_t pc);

__attribute__((noreturn)) void stack_overflow_report(uint64_t sp, uint64_t pc)
{
	uintptr_t offset;
	const char *name = symbol_find(pc, &offset);

	panic("stack overflow of thread %s: sp 0x%lx at 0x%lx (%s)", thread_current()->name, sp, pc,
	      name != NULL ? name : "?");
}

/* ---- backtraces ---- */

#define BACKTRACE_DEPTH_MAX 32

/*
 * Frame records of -fno-omit-frame-pointer: s0 points behind them, the return address at -8, the
 * caller's s0 at -16. A chain that leaves the thread's own stack ends there.
 */
void arch_backtrace(void (*visit)(uintptr_t address, void *argument), void *argument)
{
	uint64_t stack = (uint64_t)thread_current()->stack;
	uint64_t frame = (uint64_t)__builtin_frame_address(0);

	for (int depth = 0; depth < BACKTRACE_DEPTH_MAX; depth++) {
		const uint64_t *record = (const uint64_t *)frame;

		if (stack == 0 || !IS_ALIGNED(frame, 8) || frame < stack + 16 ||
		    frame > stack + THREAD_STACK_SIZE)
			return;
		if (record[-1] < (uint64_t)__image_start || record[-1] >= (uint64_t)__text_end)
			return;
		visit(record[-1], argument);
		if (record[-2] <= frame)
			return;
		frame = record[-2];
	}
}

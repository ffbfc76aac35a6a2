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
#include "offsets.h"
#include "traps.h"

struct trap_fixup {
	uint64_t access, fixup;
};

extern const struct trap_fixup __trap_fixups_start[], __trap_fixups_end[];
extern char trap_vector[], overflow_stack[], __image_start[], __text_end[];

void traps_cpu_init(void)
{
	csr_write(CSR_SSCRATCH, 0);
	csr_write(CSR_STVEC, (uint64_t)trap_vector);
}

const char *exception_name(uint64_t cause)
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
		[CAUSE_ECALL_U] = "environment call of user mode",
		[CAUSE_ECALL_VS] = "environment call of a guest",
		[CAUSE_FETCH_PAGE] = "instruction page fault",
		[CAUSE_LOAD_PAGE] = "load page fault",
		[CAUSE_STORE_PAGE] = "store page fault",
		[CAUSE_FETCH_GUEST_PAGE] = "guest page fault of a fetch",
		[CAUSE_LOAD_GUEST_PAGE] = "guest page fault of a load",
		[CAUSE_VIRTUAL_INSTRUCTION] = "virtual instruction",
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
		/*
		 * A guest may have run on this hart since, and its exit set the bit: sret must not
		 * go there. Elsewhere nothing ran, and without the H extension there is no such
		 * register, which is found out by way of a fixup.
		 */
		csr_clear(CSR_HSTATUS, HSTATUS_SPV);
		return;
	}
	if (fixup_apply(frame))
		return;
	panic("%s (scause %lu) at 0x%lx, address 0x%lx, sp 0x%lx, ra 0x%lx",
	      exception_name(frame->scause), frame->scause, frame->sepc, frame->stval, frame->x[2],
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

static bool frame_is_on(uint64_t frame, const void *stack, size_t size)
{
	uint64_t base = (uint64_t)stack;

	return base != 0 && IS_ALIGNED(frame, 8) && frame >= base + 16 && frame <= base + size;
}

/*
 * Frame records of -fno-omit-frame-pointer: s0 points behind them, the return address at -8, the
 * caller's s0 at -16. A chain that leaves the thread's own stack, or the one on which an overflow
 * of it is reported, ends there. A wild address, as after a jump through a bad pointer, is shown,
 * for what called it is still behind.
 */
void arch_backtrace(void (*visit)(uintptr_t address, void *argument), void *argument)
{
	const void *stack = thread_current()->stack;
	uint64_t frame = (uint64_t)__builtin_frame_address(0);

	for (int depth = 0; depth < BACKTRACE_DEPTH_MAX; depth++) {
		const uint64_t *record = (const uint64_t *)frame;

		if (!frame_is_on(frame, stack, THREAD_STACK_SIZE) &&
		    !frame_is_on(frame, overflow_stack, OVERFLOW_STACK_SIZE))
			return;
		/* The first function of a thread was called by nobody. */
		if (record[-1] == 0 && record[-2] == 0)
			return;
		visit(record[-1], argument);
		frame = record[-2];
	}
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Traps taken while Corbel itself runs: interrupts, expected faults of probing accesses, and bugs.
 * Exits of guests are exits.c.
 */
#include <string.h>

#include <corbel/arch.h>
#include <corbel/bootargs.h>
#include <corbel/irq.h>
#include <corbel/panic.h>
#include <corbel/sched.h>
#include <corbel/symbols.h>
#include <corbel/thread.h>

#include "cache.h"
#include "cp0.h"
#include "cps.h"
#include "probe.h"
#include "processor.h"
#include "timer.h"
#include "traps.h"

/* With Status.BEV clear and EBase at its reset value. PRA, "Exception Vector Locations". */
#define VECTOR_BASE	   0x80000000u
#define VECTOR_TLB_REFILL  0x000u
#define VECTOR_CACHE_ERROR 0x100u /* reached uncached, at 0xa0000100 */
#define VECTOR_GENERAL	   0x180u
#define VECTOR_INTERRUPT   0x200u

struct trap_fixup {
	uint32_t access, fixup;
};

extern const struct trap_fixup __trap_fixups_start[], __trap_fixups_end[];
extern const char vector_code[], vector_code_end[];
extern const char vector_code_fast[], vector_code_fast_end[];
extern const char cpu_idle_begin[], cpu_idle_end[];
/* What guest.S does otherwise where there is a KScratch1. */
struct kscratch_patch {
	uint32_t *place;
	uint32_t instruction;
};

extern const struct kscratch_patch __kscratch_patches_start[], __kscratch_patches_end[];

static void kscratch_patches_apply(void)
{
	for (const struct kscratch_patch *patch = __kscratch_patches_start;
	     patch < __kscratch_patches_end; patch++) {
		*patch->place = patch->instruction;
		cache_code_written(patch->place, sizeof(*patch->place));
	}
}

static void vector_install(uint32_t offset, const char *code, const char *end)
{
	void *vector = (void *)(uintptr_t)(VECTOR_BASE + offset);

	memcpy(vector, code, (size_t)(end - code));
	cache_code_written(vector, (size_t)(end - code));
}

void traps_init(void)
{
	if (processor_has(PROCESSOR_KSCRATCH))
		kscratch_patches_apply();
	vector_install(VECTOR_TLB_REFILL, vector_code, vector_code_end);
	vector_install(VECTOR_CACHE_ERROR, vector_code, vector_code_end);
	/* So that one can tell whether it is right, and what it is worth. */
	if (processor_is_fast() && !bootargs_has("corbel.fast=off"))
		vector_install(VECTOR_GENERAL, vector_code_fast, vector_code_fast_end);
	else
		vector_install(VECTOR_GENERAL, vector_code, vector_code_end);
	vector_install(VECTOR_INTERRUPT, vector_code, vector_code_end);
	traps_cpu_init();
}

uint32_t host_status(void)
{
	uint32_t lines = 1u << HOST_LINE_EXTERNAL | 1u << timer_line();

	if (cps_exists())
		lines |= 1u << CPS_LINE_IPI;
	return lines << HOST_STATUS_IM_SHIFT;
}

void traps_cpu_init(void)
{
	if (processor_has(PROCESSOR_KSCRATCH))
		c0_write(C0_KSCRATCH1, 0);
	if (cps_exists())
		cps_cpu_init();
	c0_write(C0_CAUSE, 0);
	c0_write(C0_STATUS, host_status());
	c0_hazard_barrier();
}

const char *exception_name(uint32_t code)
{
	static const char *const names[] = {
		[EXCEPTION_INTERRUPT] = "interrupt",
		[EXCEPTION_MODIFIED] = "store to a read-only page",
		[EXCEPTION_TLB_LOAD] = "load from nowhere",
		[EXCEPTION_TLB_STORE] = "store to nowhere",
		[EXCEPTION_ADDRESS_LOAD] = "misaligned or forbidden load",
		[EXCEPTION_ADDRESS_STORE] = "misaligned or forbidden store",
		[EXCEPTION_BUS_FETCH] = "bus error of an instruction fetch",
		[EXCEPTION_BUS_DATA] = "bus error",
		[EXCEPTION_SYSCALL] = "system call",
		[EXCEPTION_BREAKPOINT] = "breakpoint",
		[EXCEPTION_RESERVED] = "reserved instruction",
		[EXCEPTION_COPROCESSOR] = "coprocessor unusable",
		[EXCEPTION_OVERFLOW] = "overflow",
		[EXCEPTION_TRAP] = "trap",
		[EXCEPTION_MACHINE_CHECK] = "machine check",
		[HOST_EXCEPTION_CACHE] = "cache error",
	};

	if (code < ARRAY_SIZE(names) && names[code] != NULL)
		return names[code];
	return "unexpected exception";
}

void interrupt_handle(uint32_t cause)
{
	uint32_t pending = (cause & host_status()) >> HOST_CAUSE_IP_SHIFT;

	if ((pending >> CPS_LINE_IPI & 1) != 0) {
		cps_ipi_clear((unsigned int)cpu_self()->hardware_id);
		cpu_ipi_handle();
	}
	if ((pending >> HOST_LINE_EXTERNAL & 1) != 0)
		irq_external();
	if ((pending >> timer_line() & 1) != 0)
		timer_line_handle();
}

static bool fixup_apply(struct trap_frame *frame)
{
	for (const struct trap_fixup *entry = __trap_fixups_start; entry < __trap_fixups_end;
	     entry++) {
		if (entry->access == frame->epc) {
			frame->epc = entry->fixup;
			return true;
		}
	}
	return false;
}

/*
 * An interrupt in arch_cpu_idle(): the CPU must not go to sleep behind it, or only the next one
 * would wake it. The idle loop itself looks at what there is to do.
 */
static bool idle_leave(struct trap_frame *frame)
{
	if (frame->epc < (uint32_t)(uintptr_t)cpu_idle_begin ||
	    frame->epc > (uint32_t)(uintptr_t)cpu_idle_end)
		return false;
	frame->epc = (uint32_t)(uintptr_t)cpu_idle_end;
	return true;
}

void trap_handle(struct trap_frame *frame)
{
	uint32_t code = frame->cause >> HOST_CAUSE_CODE_SHIFT & HOST_CAUSE_CODE_MASK;

	if (code == EXCEPTION_INTERRUPT) {
		interrupt_handle(frame->cause);
		if (!idle_leave(frame))
			sched_preempt();
		return;
	}
	if (fixup_apply(frame))
		return;
	panic("%s (exception %u) at 0x%08x, address 0x%08x, sp 0x%08x, ra 0x%08x",
	      exception_name(code), (unsigned int)code, (unsigned int)frame->epc,
	      (unsigned int)frame->badvaddr, (unsigned int)frame->r[29],
	      (unsigned int)frame->r[31]);
}

void stack_overflow_report(uint32_t sp, uint32_t pc)
{
	uintptr_t offset;
	const char *name = symbol_find(pc, &offset);

	panic("stack overflow of thread %s: sp 0x%08x at 0x%08x (%s)", thread_current()->name,
	      (unsigned int)sp, (unsigned int)pc, name != NULL ? name : "?");
}

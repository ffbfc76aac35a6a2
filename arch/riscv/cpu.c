// SPDX-License-Identifier: BSD-2-Clause
/*
 * A host hart: its registers for running guests, idling, stopping, interrupting others. How harts
 * are found and started is boot.c.
 */
#include <corbel/arch.h>
#include <corbel/thread.h>

#include "cpu_state.h"
#include "csr.h"
#include "features.h"
#include "gmem.h"
#include "mmu.h"
#include "sbi_host.h"
#include "timer.h"
#include "traps.h"

extern char thread_trampoline[];

/*
 * Exceptions that a guest takes without Corbel: its own page faults, system calls, breakpoints,
 * misaligned accesses, illegal instructions. Access faults too: behind the second stage they are
 * the guest's own. What firmware takes first it hands on to the guest by the same mask; to hand it
 * to Corbel it would have to write mstatus.MPV, which QEMU 10.0.11 to 10.0.13 do not let it. Priv
 * 15.2.2.
 */
#define HEDELEG_WANTED                                                                            \
	(IRQ_BIT(CAUSE_FETCH_MISALIGNED) | IRQ_BIT(CAUSE_FETCH_ACCESS) |                          \
	 IRQ_BIT(CAUSE_ILLEGAL_INSTRUCTION) | IRQ_BIT(CAUSE_BREAKPOINT) |                         \
	 IRQ_BIT(CAUSE_LOAD_MISALIGNED) | IRQ_BIT(CAUSE_LOAD_ACCESS) |                            \
	 IRQ_BIT(CAUSE_STORE_MISALIGNED) | IRQ_BIT(CAUSE_STORE_ACCESS) | IRQ_BIT(CAUSE_ECALL_U) | \
	 IRQ_BIT(CAUSE_FETCH_PAGE) | IRQ_BIT(CAUSE_LOAD_PAGE) | IRQ_BIT(CAUSE_STORE_PAGE))

static uint64_t henvcfg_wanted(void)
{
	uint64_t value = 0;

	if (cpu_has(FEATURE_SSTC))
		value |= HENVCFG_STCE;
	if (cpu_has(FEATURE_SVADU))
		value |= HENVCFG_ADUE;
	if (cpu_has(FEATURE_SVPBMT))
		value |= HENVCFG_PBMTE;
	if (cpu_has(FEATURE_ZICBOZ))
		value |= HENVCFG_CBZE;
	/*
	 * A guest's CBO.INVAL flushes: to drop lines would show it what memory held before Corbel
	 * cleared it, perhaps another guest's secrets.
	 */
	if (cpu_has(FEATURE_ZICBOM))
		value |= HENVCFG_CBCFE | HENVCFG_CBIE_FLUSH;
	return value;
}

void arch_cpu_init(struct cpu *cpu)
{
	cpu->arch.loaded = NULL;
	cpu->arch.fpu_owner = NULL;
	traps_cpu_init();
	csr_write(CSR_SIE, 0);
	csr_write(CSR_HEDELEG, HEDELEG_WANTED);
	csr_write(CSR_HIDELEG, HVIP_MASK);
	csr_write(CSR_HVIP, 0);
	/* Guest external interrupts of an IMSIC are not for us; nobody says that firmware has them
	 * off. */
	csr_write(CSR_HIE, 0);
	csr_write(CSR_HGEIE, 0);
	csr_write(CSR_HGATP, 0);
	csr_write(CSR_HTIMEDELTA, 0);
	/* cycle, time and instret, as OpenSBI gives them; hpmcounters are nobody's. */
	csr_write(CSR_HCOUNTEREN, 7);
	if (cpu_has(FEATURE_SSTC)) {
		/* It resets to 0, which would be due at once when STCE is set. */
		csr_write(CSR_VSTIMECMP, UINT64_MAX);
	}
	csr_write(CSR_HENVCFG, henvcfg_wanted());
	if (cpu_has(FEATURE_SSSTATEEN))
		csr_write(CSR_HSTATEEN0, HSTATEEN0_SENVCFG);
	csr_clear(CSR_SSTATUS, SSTATUS_FS | SSTATUS_VS);
	arch_timer_set(TIME_NEVER);
	csr_write(CSR_SIE, IRQ_BIT(IRQ_S_SOFT) | IRQ_BIT(IRQ_S_TIMER) | IRQ_BIT(IRQ_S_EXTERNAL));
}

uint64_t henvcfg_granted(void)
{
	return csr_read(CSR_HENVCFG);
}

void arch_cpu_idle(void)
{
	__asm__ volatile("wfi" : : : "memory");
}

__attribute__((noreturn)) void arch_cpu_stop(void)
{
	arch_irq_disable();
	csr_write(CSR_SIE, 0);
	for (;;)
		__asm__ volatile("wfi");
}

void arch_ipi_send(struct cpu *target)
{
	/* What the receiver is to see must be there before the interrupt is. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	sbi_host_ipi_send(target->hardware_id);
}

void arch_thread_init(struct thread *thread, void *stack, size_t size)
{
	uint64_t *frame = (uint64_t *)((uint64_t)stack + size - 112);

	/* As arch_thread_switch() leaves it: ra first, then s0 to s11. */
	for (unsigned int i = 0; i < 14; i++)
		frame[i] = 0;
	frame[0] = (uint64_t)thread_trampoline;
	thread->arch.sp = (uint64_t)frame;
}

static void zero_by_block(uint64_t address, size_t size, size_t block)
{
	for (uint64_t end = address + size; address < end; address += block)
		/* CBO.ZERO, "Zicboz" chapter. */
		__asm__ volatile(".insn i 0x0f, 2, x0, %0, 4" : : "r"(address) : "memory");
}

void arch_memory_zero(void *page_aligned, size_t size)
{
	uint64_t *word = page_aligned;

	if (cpu_has(FEATURE_ZICBOZ)) {
		zero_by_block((uint64_t)page_aligned, size, zicboz_block_size());
		return;
	}
	for (size_t i = 0; i < size / sizeof(*word); i += 8) {
		word[i] = 0;
		word[i + 1] = 0;
		word[i + 2] = 0;
		word[i + 3] = 0;
		word[i + 4] = 0;
		word[i + 5] = 0;
		word[i + 6] = 0;
		word[i + 7] = 0;
	}
}

void arch_host_describe(struct printer *printer)
{
	print(printer, "RISC-V, paging %s, guests %s with %u VMID bits\n", mmu_mode_name(),
	      gmem_mode_name(), gmem_vmid_bits());
	print(printer, "timebase %u Hz, timer by %s\n", timer_frequency(),
	      cpu_has(FEATURE_SSTC) ? "Sstc" : "SBI");
	print(printer, "extensions in use:");
	for (unsigned int i = 0; i < FEATURE_COUNT; i++)
		if (cpu_has(i))
			print(printer, " %s", feature_name(i));
	print(printer, "\n");
}

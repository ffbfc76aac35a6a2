// SPDX-License-Identifier: BSD-2-Clause
/*
 * A VCPU on this processor: its state at start, at thread switches, its interrupts and fences. What
 * is done about its exits is exits.c, its timer vtimer.c, its FPU fpu.c.
 */
#include <errno.h>
#include <string.h>

#include <corbel/arch.h>
#include <corbel/guest.h>
#include <corbel/object.h>
#include <corbel/panic.h>
#include <corbel/thread.h>

#include "features.h"
#include "fpu.h"
#include "gmem.h"
#include "vcpu.h"

/* Input numbers of a hart's interrupt controller node ("riscv,cpu-intc"), as in scause. */
int arch_vcpu_irq_set(struct vcpu *vcpu, unsigned int input, bool level)
{
	if (input != IRQ_S_EXTERNAL)
		return -EINVAL;
	vcpu_level_interrupt(vcpu, IRQ_BIT(IRQ_VS_EXTERNAL), level);
	return 0;
}

int arch_vcpu_init(struct vcpu *vcpu, struct error *error)
{
	vtimer_init(vcpu);
	if (fpu_init(vcpu) != 0)
		return error_set(error, -ENOMEM, "no memory for the FPU state of a VCPU");
	return 0;
}

void arch_vcpu_destroy(struct vcpu *vcpu)
{
	vtimer_reset(vcpu);
	fpu_destroy(vcpu);
}

/* The state in which firmware starts a hart. SBI 2.0 chapter 9, "HSM". */
void arch_vcpu_reset(struct vcpu *vcpu, const struct vcpu_start *start)
{
	struct arch_vcpu *arch = &vcpu->arch;
	/* Not to be switched away from in between: that would save the old state over the new. */
	unsigned long flags = arch_irq_save();

	ASSERT(!arch->in_guest);
	vtimer_reset(vcpu);
	memset(arch->x, 0, sizeof(arch->x));
	memset(&arch->csrs, 0, sizeof(arch->csrs));
	arch->pc = start->entry.raw;
	arch->x[10] = vcpu->index;
	arch->x[11] = start->argument;
	arch->sstatus = SSTATUS_SPP | SSTATUS_UXL_64;
	arch->hstatus = HSTATUS_SPV | HSTATUS_SPVP | HSTATUS_VTW | HSTATUS_VSXL_64;
	arch->csrs.vsstatus = SSTATUS_UXL_64;
	arch->csrs.vstimecmp = UINT64_MAX;
	/* As OpenSBI leaves it: user code may read cycle, time and instret. */
	arch->csrs.scounteren = 7;
	/* The devices hold the external interrupt's level and have been reset themselves. */
	__atomic_and_fetch(&arch->irq_level, IRQ_BIT(IRQ_VS_EXTERNAL), __ATOMIC_RELAXED);
	arch->suspend = SUSPEND_NONE;
	arch->leave = 0;
	arch->scause = 0;
	/* What its memory holds now was perhaps written by another hart: see translations_check().
	 */
	arch->last_cpu = UINT32_MAX;
	fpu_reset(vcpu);
	if (cpu_self()->arch.loaded == vcpu) {
		/* The VCPU's own thread applies a start: the hart must get the new state. */
		cpu_self()->arch.loaded = NULL;
		arch_vcpu_load(vcpu);
	}
	arch_irq_restore(flags);
}

static void csrs_save(struct arch_vcpu_csrs *csrs)
{
	csrs->vsstatus = csr_read(CSR_VSSTATUS);
	csrs->vsie = csr_read(CSR_VSIE);
	csrs->vstvec = csr_read(CSR_VSTVEC);
	csrs->vsscratch = csr_read(CSR_VSSCRATCH);
	csrs->vsepc = csr_read(CSR_VSEPC);
	csrs->vscause = csr_read(CSR_VSCAUSE);
	csrs->vstval = csr_read(CSR_VSTVAL);
	csrs->vsatp = csr_read(CSR_VSATP);
	csrs->scounteren = csr_read(CSR_SCOUNTEREN);
	csrs->senvcfg = csr_read(CSR_SENVCFG);
	if (cpu_has(FEATURE_SSTC)) {
		csrs->vstimecmp = csr_read(CSR_VSTIMECMP);
		/* Nobody's timer must be due while nobody is loaded. */
		csr_write(CSR_VSTIMECMP, UINT64_MAX);
	}
}

static void csrs_load(const struct arch_vcpu_csrs *csrs)
{
	csr_write(CSR_VSSTATUS, csrs->vsstatus);
	csr_write(CSR_VSIE, csrs->vsie);
	csr_write(CSR_VSTVEC, csrs->vstvec);
	csr_write(CSR_VSSCRATCH, csrs->vsscratch);
	csr_write(CSR_VSEPC, csrs->vsepc);
	csr_write(CSR_VSCAUSE, csrs->vscause);
	csr_write(CSR_VSTVAL, csrs->vstval);
	csr_write(CSR_VSATP, csrs->vsatp);
	csr_write(CSR_SCOUNTEREN, csrs->scounteren);
	csr_write(CSR_SENVCFG, csrs->senvcfg);
	if (cpu_has(FEATURE_SSTC))
		csr_write(CSR_VSTIMECMP, csrs->vstimecmp);
}

/*
 * ASIDs are each hart's own to a guest, but two VCPUs that share a hart share its TLB. So what
 * another VCPU of the guest left here, or what this one left here before it was elsewhere, is
 * forgotten.
 */
static void translations_check(struct vcpu *vcpu)
{
	struct arch_guest *guest = &vcpu->guest->arch;
	unsigned int cpu = cpu_self()->index;

	if (gmem_vmid_is_shared())
		hfence_gvma_all();
	if (guest->last_vcpu[cpu] == vcpu && vcpu->arch.last_cpu == cpu && !gmem_vmid_is_shared())
		return;
	hfence_vvma_all();
	__asm__ volatile("fence.i" : : : "memory");
	guest->last_vcpu[cpu] = vcpu;
	vcpu->arch.last_cpu = cpu;
}

void arch_vcpu_load(struct vcpu *vcpu)
{
	struct cpu *cpu = cpu_self();

	ASSERT(cpu->arch.loaded == NULL);
	csrs_load(&vcpu->arch.csrs);
	csr_write(CSR_HVIP, 0);
	csr_write(CSR_HGATP, vcpu->guest->arch.hgatp);
	translations_check(vcpu);
	fpu_load(vcpu);
	cpu->arch.loaded = vcpu;
	__atomic_store_n(&vcpu->arch.irq_sync, HVIP_MASK, __ATOMIC_RELAXED);
}

void arch_vcpu_save(struct vcpu *vcpu)
{
	struct cpu *cpu = cpu_self();

	ASSERT(cpu->arch.loaded == vcpu);
	csrs_save(&vcpu->arch.csrs);
	fpu_save(vcpu);
	if ((csr_read(CSR_HVIP) & IRQ_BIT(IRQ_VS_SOFT)) != 0)
		__atomic_or_fetch(&vcpu->arch.irq_level, IRQ_BIT(IRQ_VS_SOFT), __ATOMIC_RELAXED);
	cpu->arch.loaded = NULL;
}

/* ---- interrupts ---- */

/* Brings hvip in line with irq_level. VCPU loaded, interrupts off. */
static void interrupts_sync(struct vcpu *vcpu)
{
	uint32_t bits = __atomic_exchange_n(&vcpu->arch.irq_sync, 0, __ATOMIC_ACQ_REL);
	uint32_t level = __atomic_load_n(&vcpu->arch.irq_level, __ATOMIC_ACQUIRE);
	uint32_t soft = IRQ_BIT(IRQ_VS_SOFT);

	if ((bits & level & soft) != 0)
		/* From here on the guest's: it clears the bit in its own sip. */
		__atomic_and_fetch(&vcpu->arch.irq_level, ~soft, __ATOMIC_RELAXED);
	csr_clear(CSR_HVIP, bits & ~level & ~soft);
	csr_set(CSR_HVIP, bits & level);
}

/*
 * Makes a changed irq_level known to the hart, wherever the VCPU is. The VCPU's thread may be
 * about to block on this very CPU, then the wake-up counts.
 */
static void interrupt_notify(struct vcpu *vcpu, uint32_t bit)
{
	unsigned long flags = arch_irq_save();
	bool here = cpu_self()->arch.loaded == vcpu;

	__atomic_or_fetch(&vcpu->arch.irq_sync, bit, __ATOMIC_RELEASE);
	if (here)
		interrupts_sync(vcpu);
	if (!here || vcpu->arch.waiting)
		vcpu_kick(vcpu);
	arch_irq_restore(flags);
}

void vcpu_soft_interrupt(struct vcpu *vcpu)
{
	__atomic_or_fetch(&vcpu->arch.irq_level, IRQ_BIT(IRQ_VS_SOFT), __ATOMIC_RELAXED);
	interrupt_notify(vcpu, IRQ_BIT(IRQ_VS_SOFT));
}

void vcpu_level_interrupt(struct vcpu *vcpu, uint32_t bit, bool level)
{
	uint32_t before = level ? __atomic_fetch_or(&vcpu->arch.irq_level, bit, __ATOMIC_RELAXED) :
				  __atomic_fetch_and(&vcpu->arch.irq_level, ~bit, __ATOMIC_RELAXED);

	if (((before & bit) != 0) != level)
		interrupt_notify(vcpu, bit);
}

/*
 * The wait's own timer may fire before the hart raises the guest's for the same moment, and does
 * not fire again: so the clock is asked too, not only the pending bit.
 */
static bool timer_is_due(uint64_t enabled)
{
	return cpu_has(FEATURE_SSTC) && (enabled & IRQ_BIT(IRQ_VS_TIMER)) != 0 &&
	       csr_read(CSR_TIME) >= csr_read(CSR_VSTIMECMP);
}

bool arch_vcpu_irq_pending(struct vcpu *vcpu)
{
	unsigned long flags = arch_irq_save();
	uint64_t enabled;
	bool pending;

	ASSERT(cpu_self()->arch.loaded == vcpu);
	interrupts_sync(vcpu);
	enabled = csr_read(CSR_HIE) & HVIP_MASK;
	pending = (csr_read(CSR_HIP) & enabled) != 0 || timer_is_due(enabled);
	arch_irq_restore(flags);
	return pending;
}

/* ---- fences ---- */

static void fences_do(struct vcpu *vcpu)
{
	uint32_t requests = __atomic_exchange_n(&vcpu->arch.fence_requests, 0, __ATOMIC_ACQ_REL);

	if ((requests & FENCE_INSTRUCTION) != 0)
		__asm__ volatile("fence.i" : : : "memory");
	if ((requests & FENCE_TRANSLATION) != 0)
		hfence_vvma_all();
}

/*
 * Once this is set whoever wants something of the VCPU interrupts it; so requests are looked at
 * after, not before.
 */
static void guest_begin(struct vcpu *vcpu)
{
	WRITE_ONCE(vcpu->arch.in_guest, true);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (unlikely(READ_ONCE(vcpu->arch.fence_requests) != 0))
		fences_do(vcpu);
	if (unlikely(READ_ONCE(vcpu->arch.irq_sync) != 0))
		interrupts_sync(vcpu);
}

static void guest_end(struct vcpu *vcpu)
{
	__atomic_store_n(&vcpu->arch.in_guest, false, __ATOMIC_RELEASE);
}

void vcpu_fence_remote(struct vcpu *self, struct vcpu *target, uint32_t requests)
{
	__atomic_or_fetch(&target->arch.fence_requests, requests, __ATOMIC_SEQ_CST);
	if (!__atomic_load_n(&target->arch.in_guest, __ATOMIC_SEQ_CST))
		return;
	vcpu_kick(target);
	/* The target may be waiting for this VCPU in the same way: it must see it outside. */
	guest_end(self);
	while (__atomic_load_n(&target->arch.in_guest, __ATOMIC_ACQUIRE) &&
	       __atomic_load_n(&target->arch.fence_requests, __ATOMIC_ACQUIRE) != 0)
		arch_cpu_relax();
	guest_begin(self);
}

/* ---- running ---- */

/* After a non-retentive suspend the hart starts anew, its pending interrupts kept. SBI 2.0, 9.4. */
static void suspend_end(struct vcpu *vcpu)
{
	struct arch_vcpu *arch = &vcpu->arch;
	bool anew = arch->suspend == SUSPEND_NON_RETENTIVE;

	arch->suspend = SUSPEND_NONE;
	if (!anew)
		return;
	memset(arch->x, 0, sizeof(arch->x));
	arch->x[10] = vcpu->index;
	arch->x[11] = arch->resume_argument;
	arch->pc = arch->resume_entry;
	arch->sstatus |= SSTATUS_SPP;
	arch->hstatus |= HSTATUS_SPVP;
	csr_write(CSR_VSATP, 0);
	csr_clear(CSR_VSSTATUS, SSTATUS_SIE);
}

void arch_vcpu_run(struct vcpu *vcpu, struct vcpu_exit *exit)
{
	ASSERT(!arch_irq_enabled());
	ASSERT(cpu_self()->arch.loaded == vcpu);
	exit->kind = VCPU_EXIT_NONE;
	if (unlikely(vcpu->arch.suspend != SUSPEND_NONE))
		suspend_end(vcpu);
	for (;;) {
		bool leave;

		guest_begin(vcpu);
		leave = vcpu_must_leave(vcpu);
		if (!leave)
			vcpu_enter(vcpu);
		guest_end(vcpu);
		if (leave || exit_handle(vcpu, exit))
			return;
		ASSERT(exit->kind == VCPU_EXIT_NONE);
	}
}

void arch_vcpu_registers_print(const struct vcpu *vcpu, struct printer *printer)
{
	static const char *const names[32] = {
		"zero", "ra", "sp", "gp", "tp",	 "t0",	"t1", "t2", "s0", "s1", "a0",
		"a1",	"a2", "a3", "a4", "a5",	 "a6",	"a7", "s2", "s3", "s4", "s5",
		"s6",	"s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6",
	};
	const struct arch_vcpu *arch = &vcpu->arch;
	const struct arch_vcpu_csrs *csrs = &arch->csrs;

	print(printer, "%-8s %016lx  mode     %s\n", "pc", arch->pc,
	      (arch->sstatus & SSTATUS_SPP) != 0 ? "VS" : "VU");
	for (unsigned int i = 1; i < 32; i++)
		print(printer, "%-8s %016lx%s", names[i], arch->x[i], i % 3 == 0 ? "\n" : "  ");
	print(printer, "\n");
	print(printer, "%-8s %016lx  %-8s %016lx  %-8s %016lx\n", "sstatus", csrs->vsstatus, "sie",
	      csrs->vsie, "stvec", csrs->vstvec);
	print(printer, "%-8s %016lx  %-8s %016lx  %-8s %016lx\n", "sepc", csrs->vsepc, "scause",
	      csrs->vscause, "stval", csrs->vstval);
	print(printer, "%-8s %016lx  %-8s %016lx  %-8s %016lx\n", "satp", csrs->vsatp, "sscratch",
	      csrs->vsscratch, "stimecmp", csrs->vstimecmp);
	print(printer, "%-8s %016lx  %-8s %016lx  %-8s %016lx\n", "x-cause", arch->scause,
	      "x-value", arch->stval, "x-gpa", arch->htval << 2);
}

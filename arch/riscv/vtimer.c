// SPDX-License-Identifier: BSD-2-Clause
/*
 * A guest's timer: its own stimecmp where the hart has Sstc, else a timer of Corbel's that raises
 * the guest's timer interrupt. In a wait, either wakes the VCPU.
 */
#include <corbel/arch.h>
#include <corbel/panic.h>

#include "features.h"
#include "timer.h"
#include "vcpu.h"

static void vtimer_expire(struct timer *timer)
{
	struct vcpu *vcpu = container_of(timer, struct vcpu, arch.timer);

	if (cpu_has(FEATURE_SSTC))
		vcpu_kick(vcpu);
	else
		vcpu_level_interrupt(vcpu, IRQ_BIT(IRQ_VS_TIMER), true);
}

void vtimer_init(struct vcpu *vcpu)
{
	timer_init(&vcpu->arch.timer, vtimer_expire);
	vcpu->arch.timer_ticks = UINT64_MAX;
}

static void vtimer_arm(struct vcpu *vcpu, uint64_t ticks)
{
	uint64_t deadline_ns = ticks_to_ns(ticks);

	if (deadline_ns != TIME_NEVER)
		timer_set(&vcpu->arch.timer, deadline_ns);
	else
		timer_cancel(&vcpu->arch.timer);
}

void vtimer_set(struct vcpu *vcpu, uint64_t ticks)
{
	if (cpu_has(FEATURE_SSTC)) {
		csr_write(CSR_VSTIMECMP, ticks);
		return;
	}
	/* First take the old one away, so that it cannot raise what is lowered here. */
	timer_cancel(&vcpu->arch.timer);
	vcpu_level_interrupt(vcpu, IRQ_BIT(IRQ_VS_TIMER), false);
	vcpu->arch.timer_ticks = ticks;
	vtimer_arm(vcpu, ticks);
}

void vtimer_reset(struct vcpu *vcpu)
{
	timer_cancel(&vcpu->arch.timer);
	vcpu->arch.timer_ticks = UINT64_MAX;
}

void arch_vcpu_wait_begin(struct vcpu *vcpu)
{
	WRITE_ONCE(vcpu->arch.waiting, true);
	/* The thread cannot have been switched away from without its CSRs being loaded again. */
	if (cpu_has(FEATURE_SSTC))
		vtimer_arm(vcpu, csr_read(CSR_VSTIMECMP));
}

void arch_vcpu_wait_end(struct vcpu *vcpu)
{
	WRITE_ONCE(vcpu->arch.waiting, false);
	if (cpu_has(FEATURE_SSTC))
		timer_cancel(&vcpu->arch.timer);
}

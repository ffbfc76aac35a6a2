// SPDX-License-Identifier: BSD-2-Clause
/*
 * A guest's timer: a timer of Corbel's for the next match of its Compare, whether the VCPU runs,
 * waits or stands in a queue. What a match is, is vcount.c's affair.
 */
#include <corbel/arch.h>

#include "timer.h"
#include "vcount.h"
#include "vcpu.h"

uint64_t vcount_clock_ns(void)
{
	return arch_time_now();
}

uint64_t vcount_clock_ticks(void)
{
	return timer_ticks_now();
}

uint32_t vcount_clock_hz(void)
{
	return timer_counts_agree() ? timer_frequency() : 0;
}

/* Cause is the VCPU's own, so it looks itself. */
static void vtimer_expire(struct timer *timer)
{
	struct vcpu *vcpu = container_of(timer, struct vcpu, arch.timer);

	__atomic_store_n(&vcpu->arch.timer_due, true, __ATOMIC_RELEASE);
	vcpu_kick(vcpu);
}

void vtimer_init(struct vcpu *vcpu)
{
	timer_init(&vcpu->arch.timer, vtimer_expire);
}

void vtimer_destroy(struct vcpu *vcpu)
{
	timer_cancel(&vcpu->arch.timer);
}

void vtimer_arm(struct vcpu *vcpu)
{
	uint64_t deadline_ns = vcount_deadline(&vcpu->arch);

	vcpu->arch.changes &= ~GUEST_CHANGE_TIMER;
	if (deadline_ns != TIME_NEVER)
		timer_set(&vcpu->arch.timer, deadline_ns);
	else
		timer_cancel(&vcpu->arch.timer);
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Count and Compare in fixed point: Count is kept with 64 bits, so that "the next match" is a plain
 * comparison. Ticks are ns * scale / 2^32, never summed up: so Count is as exact as the scale,
 * about 2 in 10^9 at 100 MHz. Where guest and host count alike it is the host's Count, shifted.
 */
#include "cp0.h"
#include "vcount.h"

/* More ticks ahead than this are looked at again on the way; keeps the product in 64 bits. */
#define DEADLINE_TICKS_MAX UINT64_C(0x80000000)

static uint64_t ticks_of(const struct arch_vcpu *vcpu, uint64_t ns)
{
	return (ns >> 32) * vcpu->count_scale + ((ns & UINT32_MAX) * vcpu->count_scale >> 32);
}

static bool is_stopped(const struct arch_vcpu *vcpu)
{
	return (vcpu->cp0[CP0_CAUSE] & CAUSE_DC) != 0;
}

static uint64_t count_now(const struct arch_vcpu *vcpu)
{
	uint64_t now;

	if (is_stopped(vcpu))
		return vcpu->count_base;
	if (vcpu->count_is_host != 0)
		return vcpu->count_base + (vcount_clock_ticks() - vcpu->count_base_ticks);
	now = vcount_clock_ns();
	if (now < vcpu->count_base_ns)
		return vcpu->count_base;
	return vcpu->count_base + ticks_of(vcpu, now - vcpu->count_base_ns);
}

/* Count is `count` now, or stands there. */
static void base_set(struct arch_vcpu *vcpu, uint64_t count)
{
	vcpu->count_base = count;
	vcpu->count_base_ns = vcount_clock_ns();
	vcpu->count_base_ticks = vcount_clock_ticks();
	vcpu->count_offset = (uint32_t)(count - vcpu->count_base_ticks);
	vcpu->count_is_host = vcpu->count_like_host && !is_stopped(vcpu) ? 1 : 0;
}

/* The next moment at which Count's low half is Compare: now or later. */
static void match_find(struct arch_vcpu *vcpu, uint64_t count)
{
	uint32_t distance = vcpu->cp0[CP0_COMPARE] - (uint32_t)count;

	vcpu->count_compare = count + distance;
	vcpu->changes |= GUEST_CHANGE_TIMER;
}

void vcount_reset(struct arch_vcpu *vcpu, uint32_t hz, uint64_t start)
{
	uint64_t rate = MIN(MAX(hz, COUNT_HZ_MIN), COUNT_HZ_MAX - 1);

	vcpu->count_scale = (uint32_t)((rate << 32) / NS_PER_S);
	vcpu->count_period = (uint32_t)((NS_PER_S << 20) / rate + 1);
	vcpu->count_base = start;
	vcpu->count_base_ns = 0;
	vcpu->count_base_ticks = 0;
	vcpu->count_offset = (uint32_t)start;
	vcpu->count_like_host = rate == vcount_clock_hz();
	vcpu->count_is_host = vcpu->count_like_host ? 1 : 0;
	vcpu->cp0[CP0_COMPARE] = 0;
	/* As if it had matched long ago: no interrupt until somebody sets Compare. */
	vcpu->count_compare = UINT64_MAX;
	vcpu->changes |= GUEST_CHANGE_TIMER;
}

uint32_t vcount_read(const struct arch_vcpu *vcpu)
{
	return (uint32_t)count_now(vcpu);
}

void vcount_write(struct arch_vcpu *vcpu, uint32_t value)
{
	/* A match that nobody has noticed yet must not be lost. */
	vcount_update(vcpu);
	base_set(vcpu, value);
	match_find(vcpu, value);
}

void vcount_compare_write(struct arch_vcpu *vcpu, uint32_t value)
{
	vcpu->cp0[CP0_COMPARE] = value;
	vcpu->cp0[CP0_CAUSE] &= ~(CAUSE_TI | CAUSE_IP7);
	match_find(vcpu, count_now(vcpu));
}

void vcount_stop_set(struct arch_vcpu *vcpu, bool stopped)
{
	uint64_t count;

	if (stopped == is_stopped(vcpu))
		return;
	vcount_update(vcpu);
	count = count_now(vcpu);
	vcpu->cp0[CP0_CAUSE] ^= CAUSE_DC;
	base_set(vcpu, count);
	vcpu->changes |= GUEST_CHANGE_TIMER;
}

void vcount_update(struct arch_vcpu *vcpu)
{
	if ((vcpu->cp0[CP0_CAUSE] & (CAUSE_TI | CAUSE_DC)) != 0)
		return;
	if (count_now(vcpu) >= vcpu->count_compare)
		vcpu->cp0[CP0_CAUSE] |= CAUSE_TI | CAUSE_IP7;
}

uint64_t vcount_deadline(const struct arch_vcpu *vcpu)
{
	uint64_t count = count_now(vcpu);
	uint64_t ticks = 0;

	/* A pending match says it all until Compare is written; UINT64_MAX is no match at all. */
	if ((vcpu->cp0[CP0_CAUSE] & (CAUSE_TI | CAUSE_DC)) != 0 ||
	    vcpu->count_compare == UINT64_MAX)
		return TIME_NEVER;
	if (vcpu->count_compare > count)
		ticks = MIN(vcpu->count_compare - count, DEADLINE_TICKS_MAX);
	return vcount_clock_ns() + ((ticks * vcpu->count_period + 0xfffff) >> 20);
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * The entry of the guest's exceptions. PRA chapter "Interrupts and Exceptions".
 */
#include <corbel/panic.h>

#include "inject.h"

#define VECTOR_REFILL	 0x000u
#define VECTOR_GENERAL	 0x180u
#define VECTOR_INTERRUPT 0x200u

static void exception_enter(struct arch_vcpu *vcpu, enum guest_exception_code code, uint32_t offset,
			    unsigned int unit)
{
	uint32_t *cp0 = vcpu->cp0;
	uint32_t cause = cp0[CP0_CAUSE] & ~(CAUSE_CODE | CAUSE_CE);

	cause |= (uint32_t)code << CAUSE_CODE_SHIFT | unit << CAUSE_CE_SHIFT;
	/* A second level: where the first one came from must survive. */
	if ((cp0[CP0_STATUS] & STATUS_EXL) == 0) {
		cp0[CP0_EPC] = vcpu->pc;
		cause = vcpu->delay_slot != 0 ? cause | CAUSE_BD : cause & ~CAUSE_BD;
	} else {
		offset = VECTOR_GENERAL;
	}
	cp0[CP0_CAUSE] = cause;
	if (!guest_in_kernel(vcpu))
		vcpu->changes |= GUEST_CHANGE_MODE;
	cp0[CP0_STATUS] |= STATUS_EXL;
	vcpu->changes |= GUEST_CHANGE_LINKED;
	vcpu->delay_slot = 0;
	if ((cp0[CP0_STATUS] & STATUS_BEV) != 0)
		vcpu->pc = vcpu->map->bev_base + offset;
	else
		vcpu->pc = (cp0[CP0_EBASE] & ~EBASE_LOW) + offset;
}

void guest_exception(struct arch_vcpu *vcpu, enum guest_exception_code code)
{
	exception_enter(vcpu, code, VECTOR_GENERAL, 0);
}

void guest_exception_coprocessor(struct arch_vcpu *vcpu, unsigned int unit)
{
	ASSERT(unit < 4);
	exception_enter(vcpu, EXCEPTION_COPROCESSOR, VECTOR_GENERAL, unit);
}

void guest_exception_address(struct arch_vcpu *vcpu, enum guest_exception_code code,
			     uint32_t badvaddr)
{
	vcpu->cp0[CP0_BADVADDR] = badvaddr;
	exception_enter(vcpu, code, VECTOR_GENERAL, 0);
}

void guest_exception_tlb(struct arch_vcpu *vcpu, enum guest_exception_code code, bool refill,
			 uint32_t badvaddr)
{
	uint32_t *cp0 = vcpu->cp0;

	cp0[CP0_BADVADDR] = badvaddr;
	cp0[CP0_CONTEXT] = (cp0[CP0_CONTEXT] & CONTEXT_PTEBASE) | (badvaddr >> 9 & CONTEXT_BADVPN2);
	cp0[CP0_ENTRYHI] = (badvaddr & ENTRYHI_VPN2) | guest_asid(vcpu);
	exception_enter(vcpu, code, refill ? VECTOR_REFILL : VECTOR_GENERAL, 0);
}

/* ---- interrupts ---- */

static uint32_t pending_interrupts(const struct arch_vcpu *vcpu)
{
	return guest_cause(vcpu) & guest_status(vcpu) & CAUSE_IP;
}

bool guest_wait_ends(const struct arch_vcpu *vcpu)
{
	return pending_interrupts(vcpu) != 0;
}

bool guest_interrupt_deliverable(const struct arch_vcpu *vcpu)
{
	return (guest_status(vcpu) & (STATUS_IE | STATUS_EXL | STATUS_ERL)) == STATUS_IE &&
	       pending_interrupts(vcpu) != 0;
}

/*
 * PRA "Interrupt Modes": without Cause.IV the general vector, with it the interrupt vector, and
 * where the processor has vectored mode and software chose a spacing one for each input.
 */
static uint32_t interrupt_offset(const struct arch_vcpu *vcpu, uint32_t pending)
{
	uint32_t spacing = vcpu->cp0[CP0_INTCTL] & INTCTL_VS_MASK;
	uint32_t number;

	if ((vcpu->cp0[CP0_CAUSE] & CAUSE_IV) == 0)
		return VECTOR_GENERAL;
	if (spacing == 0 || (guest_status(vcpu) & STATUS_BEV) != 0)
		return VECTOR_INTERRUPT;
	/* The highest input first. */
	number = 31 - (uint32_t)__builtin_clz(pending >> 8);
	return VECTOR_INTERRUPT + number * spacing;
}

void guest_interrupt(struct arch_vcpu *vcpu)
{
	uint32_t pending = pending_interrupts(vcpu);

	/* Devices lower their inputs whenever they like: then it is no longer there to be taken. */
	if (pending == 0)
		return;
	exception_enter(vcpu, EXCEPTION_INTERRUPT, interrupt_offset(vcpu, pending), 0);
}

bool guest_irq_level_set(struct arch_vcpu *vcpu, unsigned int input, bool level)
{
	uint32_t bit;

	if (input < 2 || input > 7)
		return false;
	bit = 1u << (8 + input);
	if (level)
		__atomic_or_fetch(&vcpu->irq_level, bit, __ATOMIC_RELEASE);
	else
		__atomic_and_fetch(&vcpu->irq_level, ~bit, __ATOMIC_RELEASE);
	return true;
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Exceptions and interrupts of the guest's own, as its processor would enter them. The return is
 * ERET in emulate.c.
 */
#ifndef MIPS_INJECT_H
#define MIPS_INJECT_H

#include <arch/types.h>

#include "cp0.h"

/*
 * Enters an exception at vcpu->pc and ->delay_slot: EPC, Cause.BD, ExcCode, EXL, and the vector
 * goes to pc. Sets GUEST_CHANGE_LINKED. PRA "General Exception Processing".
 */
void guest_exception(struct arch_vcpu *vcpu, enum guest_exception_code code);
/* Coprocessor unusable: with the unit's number in Cause.CE. */
void guest_exception_coprocessor(struct arch_vcpu *vcpu, unsigned int unit);
/* Address error: BadVAddr too. */
void guest_exception_address(struct arch_vcpu *vcpu, enum guest_exception_code code,
			     uint32_t badvaddr);
/*
 * TLB refill, invalid or modified: BadVAddr, Context and EntryHi too. A refill goes to vector 0
 * unless EXL is set.
 */
void guest_exception_tlb(struct arch_vcpu *vcpu, enum guest_exception_code code, bool refill,
			 uint32_t badvaddr);

/* Whether an enabled interrupt pends that the guest would take now. */
bool guest_interrupt_deliverable(const struct arch_vcpu *vcpu);
/* Whether something pends that ends a WAIT: enabled by IM, whatever IE says. */
bool guest_wait_ends(const struct arch_vcpu *vcpu);
/* Enters the interrupt exception; only where guest_interrupt_deliverable(). */
void guest_interrupt(struct arch_vcpu *vcpu);

/* The level of one of Cause.IP2 to IP7 (`input` 2 to 7). Any context. False: no such input. */
bool guest_irq_level_set(struct arch_vcpu *vcpu, unsigned int input, bool level);

#endif

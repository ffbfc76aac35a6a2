// SPDX-License-Identifier: BSD-2-Clause
/*
 * VCPUs inside the port: entering the guest, interrupts, fences, traps into the guest.
 */
#ifndef RISCV_VCPU_H
#define RISCV_VCPU_H

#include <corbel/vcpu.h>

#include "csr.h"

/* traps.S. Runs the guest until exit_fast() declines; interrupts off. */
void vcpu_enter(struct vcpu *vcpu);

/*
 * First C code of every exit, called by the vector: answers it with what the vector has saved (the
 * caller-saved registers) and returns the VCPU, or NULL if the long way must be taken. Interrupts
 * off; must not fault.
 */
struct vcpu *exit_fast(struct vcpu *vcpu);

/*
 * The end of a fast path that has answered its exit, pc moved on: the VCPU, or NULL if meanwhile
 * somebody, perhaps the call itself, wants it out of the guest.
 */
static inline struct vcpu *exit_fast_end(struct vcpu *vcpu)
{
	if (unlikely(vcpu_must_leave(vcpu)) && vcpu->arch.leave == 0)
		vcpu->arch.leave = VCPU_EXIT_NONE + 1;
	return likely(vcpu->arch.leave == 0) ? vcpu : NULL;
}

/*
 * The long way: true if core is needed, `exit` then says what for. Interrupts off, right behind
 * vcpu_enter().
 */
bool exit_handle(struct vcpu *vcpu, struct vcpu_exit *exit);

/* Serves a guest page fault that exit_fast() declined; as exit_handle(). */
bool access_handle(struct vcpu *vcpu, struct vcpu_exit *exit);
/* Decides how accesses are decoded. Boot. */
void access_init(void);
/* Serve a load or a store in the fast path; as exit_fast(). */
struct vcpu *load_fast(struct vcpu *vcpu);
struct vcpu *store_fast(struct vcpu *vcpu);

/*
 * The instruction at the guest's pc, as the guest itself would fetch it. False where that faults.
 * The VCPU is loaded and out of the fast path, interrupts off.
 */
bool guest_fetch(const struct vcpu *vcpu, uint32_t *instruction);

/*
 * Makes the guest take an exception at its next entry, as the hardware would have. The VCPU is
 * loaded and out of the fast path.
 */
void guest_trap(struct vcpu *vcpu, uint64_t cause, uint64_t value);

/* Raises a VS interrupt that the guest itself clears (VSSIP). Any context. */
void vcpu_soft_interrupt(struct vcpu *vcpu);
/* Sets one of the level interrupts, as an hvip bit. Any context. */
void vcpu_level_interrupt(struct vcpu *vcpu, uint32_t bit, bool level);

/* Fences that a VCPU owes before it next runs the guest. */
enum fence_request {
	FENCE_INSTRUCTION = 1u << 0,
	FENCE_TRANSLATION = 1u << 1,
};

/*
 * Makes another VCPU of the same guest do the fences before it runs on, and returns once it cannot
 * run without having done them. Interrupts off, in the fast path of `self`.
 */
void vcpu_fence_remote(struct vcpu *self, struct vcpu *target, uint32_t requests);

/* The guest's timer: `ticks` on the guest's clock, UINT64_MAX for never. VCPU loaded. */
void vtimer_init(struct vcpu *vcpu);
void vtimer_set(struct vcpu *vcpu, uint64_t ticks);
void vtimer_reset(struct vcpu *vcpu);

#endif

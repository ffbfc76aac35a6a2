// SPDX-License-Identifier: BSD-2-Clause
/*
 * The virtual processor as the run loop uses it: what to do about an instruction that trapped,
 * where a guest's address leads. Pure functions over struct arch_vcpu: no assembly, nothing of the
 * host; they run on the build machine too. Context of all: the VCPU's thread, registers in the
 * struct.
 *
 * Two functions are called from here and belong to the port, or to a test: vcount_clock_ns()
 * (vcount.h) and shadow_entry_drop() (tlb.h).
 *
 * The run loop, after an exit at host EPC with host Cause:
 *   vcpu->pc = EPC; vcpu->delay_slot = Cause.BD;
 *   trapped instruction (CpU, RI): fetch it at pc + 4 * delay_slot, and the branch at pc where
 *   delay_slot; emulate_instruction(); act on vcpu->changes; then deliver an interrupt where
 *   guest_interrupt_deliverable(); enter.
 */
#ifndef MIPS_EMULATE_H
#define MIPS_EMULATE_H

#include <arch/types.h>

#include "amap.h"
#include "branch.h"
#include "cp0.h"
#include "decode.h"
#include "inject.h"
#include "tlb.h"
#include "vcount.h"

/* ---- life ---- */

/*
 * The processor as after a reset: registers zero, CP0 reset, TLB empty, at the map's reset vector
 * in virtual kernel mode with ERL and BEV set. Device inputs (irq_level) stay. The guest's map,
 * model, features, count_hz and count_start are set first by the caller.
 */
void guest_processor_reset(struct arch_vcpu *vcpu, const struct arch_guest *guest,
			   unsigned int cpu_number);

/* ---- addresses ---- */

enum guest_access {
	GUEST_ACCESS_LOAD,
	GUEST_ACCESS_STORE,
	GUEST_ACCESS_FETCH,
};

enum translation_fault {
	TRANSLATION_FINE,
	TRANSLATION_ADDRESS_ERROR,
	TRANSLATION_REFILL,
	TRANSLATION_INVALID,
	TRANSLATION_MODIFIED,
};

/*
 * Where a virtual address leads. The guest addresses [base, base + size) behave like this one; for
 * an unmapped segment that is the whole segment.
 */
struct guest_translation {
	enum translation_fault fault; /* unless FINE only `fault` is valid */
	gpa_t gpa;		      /* of the address itself */
	uint32_t va_base;	      /* of the page or segment */
	gpa_t gpa_base;		      /* that is where va_base leads */
	uint32_t size;		      /* of the page; a segment's; 0 stands for 4 GiB */
	bool mapped;		      /* by the TLB */
	bool writable;
	bool cached;
	bool global;   /* holds under any ASID; also of unmapped segments */
	int tlb_index; /* mapped: whose entry */
};

/*
 * Translates in the guest's present mode and ASID. True: `out->fault` is TRANSLATION_FINE. Changes
 * nothing; guest_translation_fault() makes the guest feel a fault.
 */
bool guest_translate(const struct arch_vcpu *vcpu, uint32_t va, enum guest_access access,
		     struct guest_translation *out);
/* The same as if the guest were in `mode`. */
bool guest_translate_as(const struct arch_vcpu *vcpu, enum guest_mode mode, uint32_t va,
			enum guest_access access, struct guest_translation *out);
/* Injects the exception that belongs to a translation that failed. */
void guest_translation_fault(struct arch_vcpu *vcpu, uint32_t va, enum guest_access access,
			     const struct guest_translation *failed);

/* ---- instructions ---- */

enum emulate_result {
	EMULATE_DONE,	   /* executed; pc is behind it */
	EMULATE_EXCEPTION, /* the guest took an exception instead; pc is its vector */
	EMULATE_RETURN,	   /* ERET: executed, GUEST_CHANGE_LINKED is set */
	EMULATE_WAIT,	   /* WAIT: executed, the guest waits until guest_wait_ends() */
	EMULATE_CACHE,	   /* vcpu->cache is to be done for the guest; pc is behind it already */
	EMULATE_ACCESS,	   /* a load or store at vcpu->piece: see guest_access_done() */
	EMULATE_NATIVE,	   /* nothing to emulate: the host runs it as it is (FPU: hand it over) */
};

/*
 * Emulates the instruction at pc + 4 * delay_slot, which trapped as privileged or reserved.
 * `branch` is the word at pc if delay_slot, and not looked at otherwise. Never fails: what the
 * presented processor does not know becomes the guest's own exception.
 *
 * EMULATE_NATIVE means that the presented processor would run it without trapping: a unit that the
 * guest has enabled (FPU), or code that changed since it trapped. The host must see to it that
 * the same exit does not come back for ever: give the FPU, or inject EXCEPTION_RESERVED.
 */
enum emulate_result emulate_instruction(struct arch_vcpu *vcpu, uint32_t instruction,
					uint32_t branch);

/*
 * Begins a load or store at pc + 4 * delay_slot that faulted on the host because there is no RAM
 * there. EMULATE_ACCESS: vcpu->access and vcpu->piece say what to do. EMULATE_EXCEPTION: it became
 * the guest's own exception (alignment, a floating-point access to a device). Registers give the
 * address; where the translation leads is for the caller to find out for vcpu->piece.va.
 */
enum emulate_result emulate_access(struct arch_vcpu *vcpu, uint32_t instruction, uint32_t branch);

/*
 * Ends the piece: `value` is what a read gave (ignored for writes). True: the instruction is done,
 * register written, pc behind it. False: vcpu->piece is the next piece to do.
 */
bool guest_access_done(struct arch_vcpu *vcpu, uint32_t value);
/* Instead: the guest gets a data bus error at the instruction. */
void guest_access_fault(struct arch_vcpu *vcpu);

/*
 * Where execution goes on behind the instruction at pc + 4 * delay_slot, with the registers as they
 * are now; link registers are written. BRANCH_GOES: the instruction is to be executed.
 */
enum branch_result guest_next_pc(struct arch_vcpu *vcpu, uint32_t branch, uint32_t *next);
/*
 * What to do where it says otherwise: a branch likely is passed with its delay slot, and at what
 * the guest's processor does not know as a branch (JALX, which the host may have, or code that has
 * changed) the guest gets a reserved instruction exception.
 */
enum emulate_result guest_instruction_pass(struct arch_vcpu *vcpu, enum branch_result why,
					   uint32_t next);

/* Names of general registers, for people: "zero", "at", "v0", ... */
const char *guest_register_name(unsigned int number);

#endif

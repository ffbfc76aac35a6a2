// SPDX-License-Identifier: BSD-2-Clause
/*
 * VCPUs inside the port: entering the guest, leaving it, its timer.
 */
#ifndef MIPS_VCPU_H
#define MIPS_VCPU_H

#include <corbel/vcpu.h>

/* guest.S. Runs the guest until exit_handle() returns false; interrupts off. */
void vcpu_enter(struct vcpu *vcpu);

/*
 * First C code of every exit, called by guest.S with the guest's registers saved. True: back into
 * the guest. False: core is needed, vcpu->arch.exit says what for. Interrupts off.
 */
bool exit_handle(struct vcpu *vcpu);

/*
 * The last look before the guest is entered: its interrupts, what emulation has changed. False:
 * somebody wants the VCPU outside. Interrupts off.
 */
bool vcpu_entry_prepare(struct vcpu *vcpu);

/*
 * Serves a load or store at `va` that leads to no memory. True: done, or the guest took an
 * exception. False: core must do it, vcpu->arch.exit is set. `instruction` and `branch` as of
 * emulate_access().
 */
bool access_begin(struct vcpu *vcpu, uint32_t instruction, uint32_t branch);

/* Goes on with an access of which core has done a piece; as access_begin(). */
bool access_resume(struct vcpu *vcpu);

/*
 * The instruction word that the guest has at `va`. False where the guest itself could not fetch it.
 */
bool guest_code_read(struct vcpu *vcpu, uint32_t va, uint32_t *out);

/* The guest's timer. */
void vtimer_init(struct vcpu *vcpu);
void vtimer_destroy(struct vcpu *vcpu);
/* Arms it for the next match. VCPU's thread. */
void vtimer_arm(struct vcpu *vcpu);

#endif

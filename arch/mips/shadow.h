// SPDX-License-Identifier: BSD-2-Clause
/*
 * The shadow: what the host's TLB holds on behalf of guests. Context of all: the VCPU's thread,
 * VCPU loaded, interrupts off, but where another is given.
 */
#ifndef MIPS_SHADOW_H
#define MIPS_SHADOW_H

#include <corbel/vcpu.h>

#include "emulate.h"
#include "gmem.h"

/* Empties this CPU's TLB. Irq-off. */
void shadow_cpu_init(void);

/*
 * The VCPU comes to this CPU: what it left on another is not followed any more. Whether it was on
 * another, or on none.
 */
bool shadow_load(struct vcpu *vcpu);

/* Forgets all of the VCPU. Need not be loaded. */
void shadow_forget(struct vcpu *vcpu);

/* Makes the host use the translations of the guest's present mode and ASID. */
void shadow_space_enter(struct vcpu *vcpu);

/* Gives the host the translation of `va`, which leads into `piece`. */
void shadow_fill(struct vcpu *vcpu, uint32_t va, const struct guest_translation *translation,
		 const struct gmem_piece *piece);

#endif

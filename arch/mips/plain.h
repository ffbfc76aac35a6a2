// SPDX-License-Identifier: BSD-2-Clause
/*
 * Ordinary instructions, for where the guest's code must be followed without running it. Not what
 * traps (emulate.h), not loads, stores and branches.
 */
#ifndef MIPS_PLAIN_H
#define MIPS_PLAIN_H

#include <arch/types.h>

/*
 * Does the integer arithmetic of MIPS32r2 on the virtual processor's registers; pc stays. False,
 * and nothing is done: it is no such instruction, or it would take an exception.
 */
bool plain_execute(struct arch_vcpu *vcpu, uint32_t instruction);

#endif

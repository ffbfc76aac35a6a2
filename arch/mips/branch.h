// SPDX-License-Identifier: BSD-2-Clause
/*
 * Branches and jumps, evaluated where an instruction in their delay slot is emulated. Pure
 * functions over the registers. Compact branches are of MIPS32r6 and microMIPS, which no guest is
 * shown.
 */
#ifndef MIPS_BRANCH_H
#define MIPS_BRANCH_H

#include <arch/types.h>

enum branch_result {
	BRANCH_NONE,	  /* not a branch or jump */
	BRANCH_GOES,	  /* *target is where execution goes on behind the delay slot */
	BRANCH_NULLIFIES, /* a branch likely that is not taken: the delay slot is not executed */
};

/*
 * Evaluates the branch at vcpu->pc with the registers as they are: where it leads; link registers
 * are written. A branch on a floating-point condition looks at vcpu->fcsr.
 */
enum branch_result branch_evaluate(struct arch_vcpu *vcpu, uint32_t instruction, uint32_t *target);

#endif

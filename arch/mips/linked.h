// SPDX-License-Identifier: BSD-2-Clause
/*
 * LL and SC around an exit, where the processor has no ERETNC: each return to a guest clears LLbit,
 * so an SC behind an instruction that always traps would never succeed. Elsewhere there is nothing
 * to do.
 */
#ifndef MIPS_LINKED_H
#define MIPS_LINKED_H

#include <corbel/vcpu.h>

/* Last before each entry: from now on LLAddr tells whether the guest has linked. Irq-off. */
void link_forget(void);

/* First at an exit: LLAddr if the guest has linked since its entry, else 0. Irq-off. */
uint32_t link_get(void);

/*
 * Goes on for a guest that has linked and whose instruction has just been emulated: does its next
 * instructions up to the SC, few as they must be, or to the first that only the processor can do.
 * `lladdr`: what link_get() gave. Irq-off.
 */
void link_follow(struct vcpu *vcpu, uint32_t lladdr);

#endif

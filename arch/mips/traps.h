// SPDX-License-Identifier: BSD-2-Clause
/*
 * Traps taken while Corbel itself runs. Exits of guests are exits.h's affair.
 */
#ifndef MIPS_TRAPS_H
#define MIPS_TRAPS_H

#include <corbel/types.h>

/* Laid out by traps.S; the offsets are in offsets.h. */
struct trap_frame {
	uint32_t r[32]; /* r[29] is the interrupted sp; k0 and k1 are nobody's */
	uint32_t hi, lo;
	uint32_t epc, status, cause, badvaddr;
};

/* Puts the vectors in place. Boot, once. */
void traps_init(void);
/* Points this CPU's traps at them. */
void traps_cpu_init(void);

/* A trap out of Corbel; called by the vector, interrupts off. */
void trap_handle(struct trap_frame *frame);

/* What Cause.ExcCode says, the host's or a guest's. */
const char *exception_name(uint32_t code);

/* Serves the host's interrupts that `cause` says are pending. Interrupts off. */
void interrupt_handle(uint32_t cause);

/* Called by the vector where a trap finds no room on the stack. */
__attribute__((noreturn)) void stack_overflow_report(uint32_t sp, uint32_t pc);

/* Reads a device register that may not exist: false where that is a bus error. */
bool probe_read32(const volatile void *address, uint32_t *value);

/* What Status holds while Corbel runs, interrupts off. */
uint32_t host_status(void);

#endif

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Causes of exits as they are counted and shown.
 */
#ifndef MIPS_EXITS_H
#define MIPS_EXITS_H

enum exit_cause {
	EXIT_CP0,    /* privileged instructions, RDHWR */
	EXIT_CACHE,  /* CACHE */
	EXIT_SHADOW, /* a translation that the host did not have yet */
	EXIT_TLB,    /* the guest's own TLB exceptions and address errors */
	EXIT_SYSCALL,
	EXIT_EXCEPTION, /* breakpoints, traps, overflows, reserved instructions */
	EXIT_MMIO_READ,
	EXIT_MMIO_WRITE,
	EXIT_WAIT,
	EXIT_INTERRUPT,
	EXIT_CAUSE_COUNT,
};

#endif

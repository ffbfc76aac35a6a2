// SPDX-License-Identifier: BSD-2-Clause
/*
 * Causes of exits as they are counted and shown.
 */
#ifndef RISCV_EXITS_H
#define RISCV_EXITS_H

enum exit_cause {
	EXIT_HYPERCALL,
	EXIT_MMIO_READ,
	EXIT_MMIO_WRITE,
	EXIT_WAIT,
	EXIT_YIELD,
	EXIT_INTERRUPT,
	EXIT_FAULT,
	EXIT_ILLEGAL,
	EXIT_CAUSE_COUNT,
};

#endif

// SPDX-License-Identifier: BSD-2-Clause
/*
 * The trap vector for measuring how late an interrupt is; see bench.h. For interrupts only, on one hart,
 * and on the stack of what it interrupts.
 */
#include <runtime/csr.h>

	.bss
	.balign	8
	.globl	latency_taken
	.globl	latency_instret
	.globl	latency_cycle
latency_taken:
	.zero	8
latency_instret:
	.zero	8
latency_cycle:
	.zero	8

	.text
	.balign	4
	.globl	latency_vector
latency_vector:
	addi	sp, sp, -32
	sd	t0, 0(sp)
	csrr	t0, CSR_INSTRET
	sd	t1, 8(sp)
	csrr	t1, CSR_CYCLE
	sd	t2, 16(sp)
	la	t2, latency_instret
	sd	t0, (t2)
	la	t2, latency_cycle
	sd	t1, (t2)
	ld	t2, 16(sp)
	la	t1, latency_taken
	ld	t0, (t1)
	addi	t0, t0, 1
	sd	t0, (t1)
	csrw	CSR_SIE, zero
	csrci	CSR_SIP, 1 << INTERRUPT_SOFTWARE
	ld	t0, 0(sp)
	ld	t1, 8(sp)
	addi	sp, sp, 32
	sret

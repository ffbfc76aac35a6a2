// SPDX-License-Identifier: BSD-2-Clause
/*
 * First instructions of our own guests on RISC-V, of the first hart and of later ones; the trap vector;
 * entering and leaving a context (trap.h). While C runs, tp and sscratch hold the hart's struct hart.
 */
#include <runtime/csr.h>
#include <runtime/hart.h>

/* Store or load each general register but x0 and tp, which the callers treat. */
	.macro	each_register operation, base
	\operation	x1, 1 * 8(\base)
	\operation	x2, 2 * 8(\base)
	\operation	x3, 3 * 8(\base)
	.irp	number, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	\operation	x\number, \number * 8(\base)
	.endr
	.endm

/* What the hart was given, before anything is changed; \base is a hart, t0 is lost. */
	.macro	record_entry base
	sd	a0, HART_ENTRY + ENTRY_A0(\base)
	sd	a1, HART_ENTRY + ENTRY_A1(\base)
	csrr	t0, CSR_SATP
	sd	t0, HART_ENTRY + ENTRY_SATP(\base)
	csrr	t0, CSR_SSTATUS
	sd	t0, HART_ENTRY + ENTRY_SSTATUS(\base)
	csrr	t0, CSR_SIE
	sd	t0, HART_ENTRY + ENTRY_SIE(\base)
	csrr	t0, CSR_SIP
	sd	t0, HART_ENTRY + ENTRY_SIP(\base)
	.endm

/* tp is the hart: its vector, its stack, and on to C. */
	.macro	enter_c
	csrw	CSR_SIE, zero
	csrw	CSR_SSCRATCH, tp
	la	t0, trap_vector
	csrw	CSR_STVEC, t0
	ld	sp, HART_STACK(tp)
	mv	a0, tp
	call	hart_main
	.endm

	.section .text.start, "ax"
	.globl	start
start:
	la	tp, harts
	la	t0, bss_start
	la	t1, bss_end
0:	bgeu	t0, t1, 1f
	sd	zero, (t0)
	addi	t0, t0, 8
	j	0b
1:	record_entry tp
	la	t0, hart_stacks + HART_STACK_SIZE
	sd	t0, HART_STACK(tp)
	enter_c

/* A hart started by hart_run(): a1 is its struct hart. */
	.text
	.balign	4
	.globl	hart_start_entry
hart_start_entry:
	mv	tp, a1
	record_entry tp
	enter_c

	.balign	4
	.globl	trap_vector
trap_vector:
	csrrw	tp, CSR_SSCRATCH, tp
	each_register sd, tp
	csrrw	t0, CSR_SSCRATCH, tp
	sd	t0, 4 * 8(tp)
	sd	zero, (tp)
	csrr	t0, CSR_SEPC
	sd	t0, FRAME_PC(tp)
	csrr	t0, CSR_SSTATUS
	sd	t0, FRAME_STATUS(tp)
	csrr	t0, CSR_SCAUSE
	sd	t0, FRAME_CAUSE(tp)
	csrr	t0, CSR_STVAL
	sd	t0, FRAME_VALUE(tp)
	ld	sp, HART_TRAP_STACK(tp)
	call	trap_handle
	mv	a0, tp

/* Goes on with the frame that a0 points to. */
frame_resume:
	ld	t0, FRAME_PC(a0)
	csrw	CSR_SEPC, t0
	ld	t0, FRAME_STATUS(a0)
	csrw	CSR_SSTATUS, t0
	mv	tp, a0
	each_register ld, tp
	ld	tp, 4 * 8(tp)
	sret

/* void context_enter(struct context *): returns by context_leave(). Interrupts are off. */
	.globl	context_enter
context_enter:
	addi	sp, sp, -112
	sd	ra, 0(sp)
	.irp	number, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
	sd	s\number, 8 + \number * 8(sp)
	.endr
	sd	sp, CONTEXT_SP(a0)
	j	frame_resume

/* void context_leave(struct context *): context_enter() of that context returns. */
	.globl	context_leave
context_leave:
	ld	sp, CONTEXT_SP(a0)
	ld	ra, 0(sp)
	.irp	number, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
	ld	s\number, 8 + \number * 8(sp)
	.endr
	addi	sp, sp, 112
	ret

/* Where functions called by trap_catch() return to. */
	.globl	context_return
	.balign	4
context_return:
	.option	push
	.option	norvc
	ebreak
	.option	pop

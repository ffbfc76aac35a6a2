// SPDX-License-Identifier: BSD-2-Clause
/*
 * The trap vector, the way into a guest and out of it, and probing accesses that may trap.
 * Not here: what is done about a trap (traps.c, exits.c).
 *
 * sscratch tells where a trap comes from: 0 while Corbel runs, the VCPU while its guest runs.
 */
#include "csr.h"
#include "offsets.h"

	.option norelax

.macro FOR_CALLER_SAVED_BUT_A0 operation, base
	\operation ra, VCPU_X_OF(1)(\base)
	\operation t0, VCPU_X_OF(5)(\base)
	\operation t1, VCPU_X_OF(6)(\base)
	\operation t2, VCPU_X_OF(7)(\base)
	\operation a1, VCPU_X_OF(11)(\base)
	\operation a2, VCPU_X_OF(12)(\base)
	\operation a3, VCPU_X_OF(13)(\base)
	\operation a4, VCPU_X_OF(14)(\base)
	\operation a5, VCPU_X_OF(15)(\base)
	\operation a6, VCPU_X_OF(16)(\base)
	\operation a7, VCPU_X_OF(17)(\base)
	\operation t3, VCPU_X_OF(28)(\base)
	\operation t4, VCPU_X_OF(29)(\base)
	\operation t5, VCPU_X_OF(30)(\base)
	\operation t6, VCPU_X_OF(31)(\base)
.endm

.macro FOR_CALLEE_SAVED operation, base
	\operation s0, VCPU_X_OF(8)(\base)
	\operation s1, VCPU_X_OF(9)(\base)
	\operation s2, VCPU_X_OF(18)(\base)
	\operation s3, VCPU_X_OF(19)(\base)
	\operation s4, VCPU_X_OF(20)(\base)
	\operation s5, VCPU_X_OF(21)(\base)
	\operation s6, VCPU_X_OF(22)(\base)
	\operation s7, VCPU_X_OF(23)(\base)
	\operation s8, VCPU_X_OF(24)(\base)
	\operation s9, VCPU_X_OF(25)(\base)
	\operation s10, VCPU_X_OF(26)(\base)
	\operation s11, VCPU_X_OF(27)(\base)
.endm

.macro FOR_HOST_CALLEE_SAVED operation
	\operation ra, 0(sp)
	\operation s0, 8(sp)
	\operation s1, 16(sp)
	\operation s2, 24(sp)
	\operation s3, 32(sp)
	\operation s4, 40(sp)
	\operation s5, 48(sp)
	\operation s6, 56(sp)
	\operation s7, 64(sp)
	\operation s8, 72(sp)
	\operation s9, 80(sp)
	\operation s10, 88(sp)
	\operation s11, 96(sp)
.endm
#define HOST_FRAME_SIZE 112

	.section .text.trap_vector, "ax", @progbits
	.balign 4
	.globl trap_vector
trap_vector:
	csrrw a0, CSR_SSCRATCH, a0
	beqz a0, trap_from_host

	/*
	 * Out of a guest. Only what C may clobber is saved: exit_fast() answers most exits, and the
	 * callee-saved registers come back from it as the guest left them. gp is not used by Corbel.
	 */
	sd sp, VCPU_X_OF(2)(a0)
	sd tp, VCPU_X_OF(4)(a0)
	FOR_CALLER_SAVED_BUT_A0 sd, a0
	csrrw t0, CSR_SSCRATCH, zero
	sd t0, VCPU_X_OF(10)(a0)
	ld sp, VCPU_HOST_SP(a0)
	ld tp, VCPU_HOST_THREAD(a0)
	call exit_fast
	beqz a0, guest_leave

	/* a0 is the VCPU again: back into the guest, sepc and the status registers stand right. */
guest_resume:
	csrw CSR_SSCRATCH, a0
	FOR_CALLER_SAVED_BUT_A0 ld, a0
	ld sp, VCPU_X_OF(2)(a0)
	ld tp, VCPU_X_OF(4)(a0)
	ld a0, VCPU_X_OF(10)(a0)
	sret

	/* The rest of the registers, and back to whoever called vcpu_enter(). */
guest_leave:
	ld a0, 104(sp)
	FOR_CALLEE_SAVED sd, a0
	sd gp, VCPU_X_OF(3)(a0)
	FOR_HOST_CALLEE_SAVED ld
	addi sp, sp, HOST_FRAME_SIZE
	ret

/*
 * void vcpu_enter(struct vcpu *vcpu): runs the guest until exit_fast() declines an exit.
 * Interrupts off.
 */
	.globl vcpu_enter
	.type vcpu_enter, @function
vcpu_enter:
	addi sp, sp, -HOST_FRAME_SIZE
	FOR_HOST_CALLEE_SAVED sd
	sd a0, 104(sp)
	sd sp, VCPU_HOST_SP(a0)
	sd tp, VCPU_HOST_THREAD(a0)
	ld t0, VCPU_PC(a0)
	ld t1, VCPU_SSTATUS(a0)
	ld t2, VCPU_HSTATUS(a0)
	csrw CSR_SEPC, t0
	csrw CSR_SSTATUS, t1
	csrw CSR_HSTATUS, t2
	ld gp, VCPU_X_OF(3)(a0)
	FOR_CALLEE_SAVED ld, a0
	j guest_resume
	.size vcpu_enter, . - vcpu_enter

	/*
	 * A trap while Corbel runs: the whole state onto the stack of the thread. Stacks lie in slots
	 * twice their size whose lower half is not mapped, so one bit of sp tells whether there is
	 * room; a0 is free for the test until sscratch gives it back.
	 */
trap_from_host:
	addi sp, sp, -TRAP_FRAME_SIZE
	slli a0, sp, 63 - STACK_SHIFT
	bgez a0, stack_overflow
	csrrw a0, CSR_SSCRATCH, zero
	sd t0, TRAP_FRAME_X_OF(5)(sp)
	sd ra, TRAP_FRAME_X_OF(1)(sp)
	sd gp, TRAP_FRAME_X_OF(3)(sp)
	sd tp, TRAP_FRAME_X_OF(4)(sp)
	sd t1, TRAP_FRAME_X_OF(6)(sp)
	sd t2, TRAP_FRAME_X_OF(7)(sp)
	sd s0, TRAP_FRAME_X_OF(8)(sp)
	sd s1, TRAP_FRAME_X_OF(9)(sp)
	sd a0, TRAP_FRAME_X_OF(10)(sp)
	sd a1, TRAP_FRAME_X_OF(11)(sp)
	sd a2, TRAP_FRAME_X_OF(12)(sp)
	sd a3, TRAP_FRAME_X_OF(13)(sp)
	sd a4, TRAP_FRAME_X_OF(14)(sp)
	sd a5, TRAP_FRAME_X_OF(15)(sp)
	sd a6, TRAP_FRAME_X_OF(16)(sp)
	sd a7, TRAP_FRAME_X_OF(17)(sp)
	sd t3, TRAP_FRAME_X_OF(28)(sp)
	sd t4, TRAP_FRAME_X_OF(29)(sp)
	sd t5, TRAP_FRAME_X_OF(30)(sp)
	sd t6, TRAP_FRAME_X_OF(31)(sp)
	addi t0, sp, TRAP_FRAME_SIZE
	sd t0, TRAP_FRAME_X_OF(2)(sp)
	csrr t0, CSR_SEPC
	csrr t1, CSR_SSTATUS
	csrr t2, CSR_SCAUSE
	csrr t3, CSR_STVAL
	sd t0, TRAP_FRAME_SEPC(sp)
	sd t1, TRAP_FRAME_SSTATUS(sp)
	sd t2, TRAP_FRAME_SCAUSE(sp)
	sd t3, TRAP_FRAME_STVAL(sp)
	mv a0, sp
	/* A frame record, so that a backtrace goes on through the interrupted function. */
	addi sp, sp, -16
	sd t0, 8(sp)
	sd s0, 0(sp)
	addi s0, sp, 16
	call trap_handle
	addi sp, sp, 16
	ld t0, TRAP_FRAME_SEPC(sp)
	ld t1, TRAP_FRAME_SSTATUS(sp)
	csrw CSR_SEPC, t0
	csrw CSR_SSTATUS, t1
	ld ra, TRAP_FRAME_X_OF(1)(sp)
	ld gp, TRAP_FRAME_X_OF(3)(sp)
	ld t0, TRAP_FRAME_X_OF(5)(sp)
	ld t1, TRAP_FRAME_X_OF(6)(sp)
	ld t2, TRAP_FRAME_X_OF(7)(sp)
	ld s0, TRAP_FRAME_X_OF(8)(sp)
	ld a0, TRAP_FRAME_X_OF(10)(sp)
	ld a1, TRAP_FRAME_X_OF(11)(sp)
	ld a2, TRAP_FRAME_X_OF(12)(sp)
	ld a3, TRAP_FRAME_X_OF(13)(sp)
	ld a4, TRAP_FRAME_X_OF(14)(sp)
	ld a5, TRAP_FRAME_X_OF(15)(sp)
	ld a6, TRAP_FRAME_X_OF(16)(sp)
	ld a7, TRAP_FRAME_X_OF(17)(sp)
	ld t3, TRAP_FRAME_X_OF(28)(sp)
	ld t4, TRAP_FRAME_X_OF(29)(sp)
	ld t5, TRAP_FRAME_X_OF(30)(sp)
	ld t6, TRAP_FRAME_X_OF(31)(sp)
	addi sp, sp, TRAP_FRAME_SIZE
	sret

	/* Only to say so: on a stack that is kept for this, with a frame record that leads back. */
stack_overflow:
	addi a0, sp, TRAP_FRAME_SIZE
	csrr a1, CSR_SEPC
	csrw CSR_SSCRATCH, zero
	la sp, overflow_stack_top
	addi sp, sp, -16
	sd a1, 8(sp)
	sd s0, 0(sp)
	addi s0, sp, 16
	call stack_overflow_report

/*
 * void arch_thread_switch(struct thread *previous, struct thread *next)
 */
	.section .text.arch_thread_switch, "ax", @progbits
	.globl arch_thread_switch
	.type arch_thread_switch, @function
arch_thread_switch:
	addi sp, sp, -HOST_FRAME_SIZE
	FOR_HOST_CALLEE_SAVED sd
	ld t0, THREAD_CPU(a0)
	sd sp, THREAD_SP(a0)
	sd t0, THREAD_CPU(a1)
	mv tp, a1
	ld sp, THREAD_SP(a1)
	FOR_HOST_CALLEE_SAVED ld
	addi sp, sp, HOST_FRAME_SIZE
	ret
	.size arch_thread_switch, . - arch_thread_switch

/* The first return address of a new thread: ends its chain of frames and goes to C. */
	.globl thread_trampoline
	.type thread_trampoline, @function
thread_trampoline:
	mv s0, zero
	mv ra, zero
	tail thread_begin
	.size thread_trampoline, . - thread_trampoline

/*
 * Accesses that may trap: where the instruction at `access` does, trap_handle() goes on at `fixup`.
 */
.macro TRAP_FIXUP access, fixup
	.pushsection .trap_fixups, "a", @progbits
	.balign 8
	.dword \access, \fixup
	.popsection
.endm

/* bool NAME(uint64_t *value): false where the CSR read traps. */
.macro CSR_PROBE name, number
	.section .text.\name, "ax", @progbits
	.globl \name
	.type \name, @function
\name:
	mv a1, a0
1:	csrr a2, \number
	li a0, 1
	sd a2, 0(a1)
	ret
2:	li a0, 0
	ret
	TRAP_FIXUP 1b, 2b
	.size \name, . - \name
.endm

	CSR_PROBE csr_probe_hgatp, CSR_HGATP
	CSR_PROBE csr_probe_hstateen0, CSR_HSTATEEN0
	CSR_PROBE csr_probe_stimecmp, CSR_STIMECMP

/* bool guest_fetch_half(uint64_t address, uint16_t *value) */
	.section .text.guest_fetch_half, "ax", @progbits
	.globl guest_fetch_half
	.type guest_fetch_half, @function
guest_fetch_half:
	mv a2, a0
	/* HLVX.HU a3, (a2) */
1:	.insn r 0x73, 4, 0x32, a3, a2, x3
	li a0, 1
	sh a3, 0(a1)
	ret
2:	li a0, 0
	ret
	TRAP_FIXUP 1b, 2b
	.size guest_fetch_half, . - guest_fetch_half

	.section .bss.overflow_stack, "aw", @nobits
	.balign 16
	.globl overflow_stack
overflow_stack:
	.skip OVERFLOW_STACK_SIZE
overflow_stack_top:

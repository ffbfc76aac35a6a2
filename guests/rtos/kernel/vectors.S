// SPDX-License-Identifier: BSD-2-Clause
/*
 * The exception vectors, what is saved at one, and the ways into user mode and between threads.
 */
#include <rtos/frame.h>

	.set	noreorder
	.set	noat

/* ---- vectors: offsets from EBase ---- */

	.section .vectors, "ax"
	.globl	exception_vectors
	.balign	0x1000
exception_vectors:
	/*
	 * TLB refill. Context points into the linear page table, 16 bytes for a pair of pages. Where
	 * the table itself is not mapped this misses again, at the general vector since EXL is set.
	 */
	mfc0	$k0, $4
	lw	$k1, 0($k0)
	mtc0	$k1, $2
	lw	$k1, 8($k0)
	mtc0	$k1, $3
	ehb
	tlbwr
	eret

	/* Cache error: there are none. */
	.org	exception_vectors + 0x100
	j	exception_enter
	 li	$k1, 0x100

	.org	exception_vectors + 0x180
	j	exception_enter
	 li	$k1, 0x180

	/* Interrupts with Cause.IV: the first, or in vectored mode eight that are 32 bytes apart. */
	.macro	interrupt_vector number
	.org	exception_vectors + 0x200 + \number * 0x20
	j	exception_enter
	 li	$k1, 0x200 + \number * 0x20
	.endm
	interrupt_vector 0
	interrupt_vector 1
	interrupt_vector 2
	interrupt_vector 3
	interrupt_vector 4
	interrupt_vector 5
	interrupt_vector 6
	interrupt_vector 7
	.org	exception_vectors + 0x1000

/* ---- entry and return; k1 holds the vector ---- */

	.text
	.globl	exception_enter
	.ent	exception_enter
exception_enter:
	mfc0	$k0, $12
	andi	$k0, $k0, 0x10
	beqz	$k0, 1f
	 move	$k0, $sp
	/* From user mode, whatever its stack pointer is. */
	lui	$sp, %hi(thread_running)
	lw	$sp, %lo(thread_running)($sp)
	lw	$sp, THREAD_KERNEL_SP($sp)
1:	addiu	$sp, $sp, -(FRAME_SIZE + FRAME_ARGUMENTS)
	sw	$k0, FRAME_ARGUMENTS + FRAME_GPR(29)($sp)
	sw	$k1, FRAME_ARGUMENTS + FRAME_VECTOR($sp)
	.irp	number, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,28,30,31
	sw	$\number, FRAME_ARGUMENTS + FRAME_GPR(\number)($sp)
	.endr
	sw	$zero, FRAME_ARGUMENTS + FRAME_GPR(0)($sp)
	mfhi	$t0
	mflo	$t1
	sw	$t0, FRAME_ARGUMENTS + FRAME_HI($sp)
	sw	$t1, FRAME_ARGUMENTS + FRAME_LO($sp)
	mfc0	$t0, $12
	mfc0	$t1, $13
	mfc0	$t2, $14
	mfc0	$t3, $8
	sw	$t0, FRAME_ARGUMENTS + FRAME_STATUS($sp)
	sw	$t1, FRAME_ARGUMENTS + FRAME_CAUSE($sp)
	sw	$t2, FRAME_ARGUMENTS + FRAME_EPC($sp)
	sw	$t3, FRAME_ARGUMENTS + FRAME_BADVADDR($sp)
	/* All is saved: out of exception level and user mode, interrupts off. */
	li	$t1, ~0x13
	and	$t0, $t0, $t1
	mtc0	$t0, $12
	ehb
	jal	exception_handle
	 addiu	$a0, $sp, FRAME_ARGUMENTS
	/* Falls through with the frame to return to in v0. */
	.globl	exception_return
exception_return:
	di
	ehb
	lw	$t0, FRAME_STATUS($v0)
	lw	$t1, FRAME_EPC($v0)
	/* With EXL set the mode bits have no effect until ERET. */
	ori	$t0, $t0, 2
	mtc0	$t0, $12
	ehb
	mtc0	$t1, $14
	lw	$t0, FRAME_HI($v0)
	lw	$t1, FRAME_LO($v0)
	mthi	$t0
	mtlo	$t1
	move	$k0, $v0
	.irp	number, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,28,29,30,31
	lw	$\number, FRAME_GPR(\number)($k0)
	.endr
	ehb
	eret
	.end	exception_enter

/* ---- threads ---- */

	.macro	callee_saved operation
	\operation	$16, 16($sp)
	\operation	$17, 20($sp)
	\operation	$18, 24($sp)
	\operation	$19, 28($sp)
	\operation	$20, 32($sp)
	\operation	$21, 36($sp)
	\operation	$22, 40($sp)
	\operation	$23, 44($sp)
	\operation	$30, 48($sp)
	\operation	$31, 52($sp)
	.endm

/* thread_switch(uint32_t *save_sp, uint32_t load_sp) */
	.globl	thread_switch
	.ent	thread_switch
thread_switch:
	addiu	$sp, $sp, -64
	callee_saved sw
	sw	$sp, 0($a0)
	move	$sp, $a1
	callee_saved lw
	jr	$ra
	 addiu	$sp, $sp, 64
	.end	thread_switch

/* The first return of a new thread leads here: s0 is its function, s1 the argument. */
	.globl	thread_begin
	.ent	thread_begin
thread_begin:
	ei
	ehb
	jalr	$s0
	 move	$a0, $s1
	j	thread_exit
	 nop
	.end	thread_begin

/* ---- user mode ---- */

/*
 * user_enter(const struct frame *, uint32_t *kernel_sp): returns through user_leave(), which the
 * handler of the exception that ends user mode calls with what was stored to *kernel_sp.
 */
	.globl	user_enter
	.ent	user_enter
user_enter:
	addiu	$sp, $sp, -64
	callee_saved sw
	sw	$sp, 0($a1)
	j	exception_return
	 move	$v0, $a0
	.end	user_enter

	.globl	user_leave
	.ent	user_leave
user_leave:
	move	$sp, $a0
	callee_saved lw
	jr	$ra
	 addiu	$sp, $sp, 64
	.end	user_leave

/* ---- jumps ---- */

	.globl	jump_save
	.ent	jump_save
jump_save:
	sw	$16, 0($a0)
	sw	$17, 4($a0)
	sw	$18, 8($a0)
	sw	$19, 12($a0)
	sw	$20, 16($a0)
	sw	$21, 20($a0)
	sw	$22, 24($a0)
	sw	$23, 28($a0)
	sw	$28, 32($a0)
	sw	$29, 36($a0)
	sw	$30, 40($a0)
	sw	$31, 44($a0)
	jr	$ra
	 move	$v0, $zero
	.end	jump_save

	.globl	jump_load
	.ent	jump_load
jump_load:
	lw	$16, 0($a0)
	lw	$17, 4($a0)
	lw	$18, 8($a0)
	lw	$19, 12($a0)
	lw	$20, 16($a0)
	lw	$21, 20($a0)
	lw	$22, 24($a0)
	lw	$23, 28($a0)
	lw	$28, 32($a0)
	lw	$29, 36($a0)
	lw	$30, 40($a0)
	lw	$31, 44($a0)
	jr	$ra
	 li	$v0, 1
	.end	jump_load

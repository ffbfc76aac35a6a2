// SPDX-License-Identifier: BSD-2-Clause
/*
 * Start, exception vectors, and the frame around a sequence of random instructions: all registers
 * are loaded before it and stored behind it. What is random about it is main.c's.
 */
	.set	noreorder
	.set	noat

	/* All but zero; k0 goes first and last, by way of ErrorEPC. */
	.macro	registers_move operation, base
	.irp	number, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, \
			23, 24, 25, 28, 29, 30, 31
	\operation $\number, 4 * \number(\base)
	.endr
	.endm

	.text
	.globl	start
start:
	mtc0	$zero, $12
	mtc0	$zero, $13
	ehb
	la	$sp, stack_top - 16
	la	$t9, agree_main
	jr	$t9
	 nop

/* Copied to the vectors, 128 bytes at most. Registers as they were; k0 is in ErrorEPC. */
	.text
	.globl	vector_refill, vector_refill_end, vector_general, vector_general_end
vector_refill:
	mtc0	$k0, $30
	lui	$k0, %hi(refill_saved)
	sw	$k1, %lo(refill_saved)($k0)
	/* One of 16 pairs of pages, by the address; every other one is read-only at first. */
	mfc0	$k0, $8
	lw	$k1, refill_pages
	mtc0	$zero, $5
	ext	$k0, $k0, 13, 4
	sll	$k0, $k0, 7
	addu	$k1, $k1, $k0
	ori	$k1, $k1, 0x1a
	mtc0	$k1, $2
	addiu	$k1, $k1, 0x44
	mtc0	$k1, $3
	lui	$k1, %hi(refill_count)
	lw	$k0, %lo(refill_count)($k1)
	addiu	$k0, $k0, 1
	sw	$k0, %lo(refill_count)($k1)
	tlbwr
	lw	$k1, %lo(refill_saved)($k1)
	mfc0	$k0, $30
	eret
vector_refill_end:

vector_general:
	j	general
	 mtc0	$k0, $30
vector_general_end:

/* To C, with the registers of the interrupted code in exception_frame. */
general:
	lui	$k0, %hi(exception_frame)
	addiu	$k0, $k0, %lo(exception_frame)
	sw	$k1, 4 * 27($k0)
	registers_move sw, $k0
	mfc0	$t0, $30
	mfhi	$t1
	mflo	$t2
	sw	$t0, 4 * 26($k0)
	sw	$t1, 4 * 32($k0)
	sw	$t2, 4 * 33($k0)
	la	$sp, exception_stack_top - 16
	jal	exception_handle
	 move	$a0, $k0
	lui	$k0, %hi(exception_frame)
	addiu	$k0, $k0, %lo(exception_frame)
	lw	$t0, 4 * 26($k0)
	lw	$t1, 4 * 32($k0)
	lw	$t2, 4 * 33($k0)
	mtc0	$t0, $30
	mthi	$t1
	mtlo	$t2
	registers_move lw, $k0
	lw	$k1, 4 * 27($k0)
	mfc0	$k0, $30
	eret

/*
 * void sequence_run(void): loads sequence_registers, runs what sequence_code leads to, which goes to
 * sequence_end, and stores them again.
 */
	.globl	sequence_run, sequence_end
sequence_run:
	addiu	$sp, $sp, -48
	sw	$s0, 0($sp)
	sw	$s1, 4($sp)
	sw	$s2, 8($sp)
	sw	$s3, 12($sp)
	sw	$s4, 16($sp)
	sw	$s5, 20($sp)
	sw	$s6, 24($sp)
	sw	$s7, 28($sp)
	sw	$fp, 32($sp)
	sw	$gp, 36($sp)
	sw	$ra, 40($sp)
	la	$t0, sequence_stack
	sw	$sp, 0($t0)
	la	$k0, sequence_registers
	lw	$t0, 4 * 26($k0)
	mtc0	$t0, $30
	registers_move lw, $k0
	lw	$k1, 4 * 27($k0)
	lui	$k0, %hi(sequence_code)
	lw	$k0, %lo(sequence_code)($k0)
	jr.hb	$k0
	 mfc0	$k0, $30
sequence_end:
	mtc0	$k0, $30
	la	$k0, sequence_registers
	sw	$k1, 4 * 27($k0)
	registers_move sw, $k0
	mfc0	$t0, $30
	sw	$t0, 4 * 26($k0)
	la	$t0, sequence_stack
	lw	$sp, 0($t0)
	lw	$s0, 0($sp)
	lw	$s1, 4($sp)
	lw	$s2, 8($sp)
	lw	$s3, 12($sp)
	lw	$s4, 16($sp)
	lw	$s5, 20($sp)
	lw	$s6, 24($sp)
	lw	$s7, 28($sp)
	lw	$fp, 32($sp)
	lw	$gp, 36($sp)
	lw	$ra, 40($sp)
	jr	$ra
	 addiu	$sp, $sp, 48

	.bss
	.balign	4
refill_saved:
	.skip	4
sequence_stack:
	.skip	4
	.globl	exception_frame
exception_frame:
	.skip	4 * 34
	.balign	16
	.skip	4096
exception_stack_top:
	.skip	4096
stack_top:

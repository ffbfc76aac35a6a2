// SPDX-License-Identifier: BSD-2-Clause
/*
 * What tests run in user mode, in one page that is mapped there. Each routine ends in SYSCALL; none
 * needs a stack or knows where it lies.
 */
	.set	noreorder
	.set	noat

	.section .rodata.user_code, "a"
	.balign	4096
	.globl	user_page
user_page:

	.macro	routine name
	.globl	user_\name
user_\name:
	.endm

	.macro	finish
	syscall
	nop
	.endm

	routine	nothing
	finish

	/* v0 = the word at a0 */
	routine	load
	lw	$v0, 0($a0)
	finish

	/* the word at a0 = a1 */
	routine	store
	sw	$a1, 0($a0)
	finish

	/* Counts in the word at a0 until it is a1; v0 how often it was not what it should have been. */
	routine	count
	move	$v0, $zero
	move	$t0, $zero
	sw	$zero, 0($a0)
1:	lw	$t1, 0($a0)
	beq	$t1, $t0, 2f
	 addiu	$t0, $t0, 1
	addiu	$v0, $v0, 1
2:	bne	$t0, $a1, 1b
	 sw	$t0, 0($a0)
	finish

	/* To where a0 points. */
	routine	jump
	jr	$a0
	 nop
	finish

	/* Registers change in a loop of a0 rounds; v0 = 0 if none was lost. */
	routine	registers
	li	$k0, 0x26262626
	li	$k1, 0x27272727
	li	$at, 0x01010101
	li	$t9, 0x25252525
	mthi	$k0
	mtlo	$t9
1:	bnez	$a0, 1b
	 addiu	$a0, $a0, -1
	mfhi	$t0
	xori	$v0, $zero, 0
	li	$t1, 0x26262626
	xor	$t0, $t0, $t1
	or	$v0, $v0, $t0
	mflo	$t0
	xor	$t0, $t0, $t9
	or	$v0, $v0, $t0
	li	$t1, 0x01010101
	xor	$t0, $at, $t1
	or	$v0, $v0, $t0
	finish

	/* Where coprocessor 0 is enabled. */
	routine	mfc0
	mfc0	$v0, $15
	finish

	routine	mtc0
	mtc0	$zero, $12
	finish

	routine	di
	di
	finish

	routine	ei
	ei
	finish

	routine	eret
	eret
	finish

	routine	wait
	wait
	finish

	routine	tlbwi
	tlbwi
	finish

	routine	tlbp
	tlbp
	finish

	routine	cache
	cache	0x15, 0($a0)
	finish

	routine	mfc0_in_slot
	beqz	$zero, 1f
	 mfc0	$v0, $15
1:	finish

	/* v0 = the hardware register */
	routine	rdhwr_number
	rdhwr	$v0, $0
	finish

	routine	rdhwr_step
	rdhwr	$v0, $1
	finish

	routine	rdhwr_count
	rdhwr	$v0, $2
	finish

	routine	rdhwr_resolution
	rdhwr	$v0, $3
	finish

	routine	rdhwr_local
	rdhwr	$v0, $29
	finish

	/* In a delay slot, with the return address in it. */
	routine	rdhwr_in_slot
	li	$v0, 0
	bltzal	$zero, 1f
	 rdhwr	$v0, $1
	finish
1:	finish

	routine	break
	break
	finish

	routine	reserved
	.word	0xdc000000
	finish

	routine	synci
	synci	0($a0)
	finish

	/* Writes "v0 = a1" at a0, makes that known, and calls it: with SYNCI only. */
	routine	modify
	move	$t9, $ra
	lui	$t0, 0x03e0	/* jr ra */
	ori	$t0, $t0, 8
	sw	$t0, 0($a0)
	lui	$t0, 0x2402	/* li v0, .. */
	or	$t0, $t0, $a1
	sw	$t0, 4($a0)
	synci	0($a0)
	sync
	jalr.hb	$a0
	 li	$v0, -1
	move	$ra, $t9
	finish

	.balign	4096
	.globl	user_page_end
user_page_end:

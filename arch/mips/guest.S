// SPDX-License-Identifier: BSD-2-Clause
/*
 * The way into a guest and out of it. What is done about an exit is exits.c.
 *
 * A guest runs in user mode. Whose it is stands in KScratch1, which is 0 while Corbel runs, or where
 * there is none in vcpu_loaded: such processors are alone on their board.
 */
#include "offsets.h"
#include "processor.h"

	.set noreorder
	.set noat

/*
 * Where the processor has KScratch1, the instruction that follows is replaced by this one before
 * anything is run: see traps_init().
 */
.macro KSCRATCH_ELSE instruction:vararg
	.pushsection .kscratch_patches, "a", @progbits
	.word 771f
	\instruction
	.popsection
771:
.endm

#define HOST_FRAME_SIZE (SWITCH_FRAME_SIZE + ARGUMENT_AREA_SIZE)

/*
 * Out of a guest, with its k0 in ErrorEPC. Everything is saved: emulation may need any register, and
 * the guest may not go on for long.
 */
	.section .text.exception, "ax", @progbits
	.globl exception_from_guest
exception_from_guest:
	KSCRATCH_ELSE mfc0 $k0, C0_KSCRATCH1
	lui $k0, %hi(vcpu_loaded)
	KSCRATCH_ELSE nop
	lw $k0, %lo(vcpu_loaded)($k0)
	sw $k1, VCPU_R_OF(27)($k0)
	mfc0 $k1, C0_ERROREPC
	sw $at, VCPU_R_OF(1)($k0)
	sw $v0, VCPU_R_OF(2)($k0)
	sw $v1, VCPU_R_OF(3)($k0)
	sw $a0, VCPU_R_OF(4)($k0)
	sw $a1, VCPU_R_OF(5)($k0)
	sw $a2, VCPU_R_OF(6)($k0)
	sw $a3, VCPU_R_OF(7)($k0)
	sw $t0, VCPU_R_OF(8)($k0)
	sw $t1, VCPU_R_OF(9)($k0)
	sw $t2, VCPU_R_OF(10)($k0)
	sw $t3, VCPU_R_OF(11)($k0)
	sw $t4, VCPU_R_OF(12)($k0)
	sw $t5, VCPU_R_OF(13)($k0)
	sw $t6, VCPU_R_OF(14)($k0)
	sw $t7, VCPU_R_OF(15)($k0)
	sw $s0, VCPU_R_OF(16)($k0)
	sw $s1, VCPU_R_OF(17)($k0)
	sw $s2, VCPU_R_OF(18)($k0)
	sw $s3, VCPU_R_OF(19)($k0)
	sw $s4, VCPU_R_OF(20)($k0)
	sw $s5, VCPU_R_OF(21)($k0)
	sw $s6, VCPU_R_OF(22)($k0)
	sw $s7, VCPU_R_OF(23)($k0)
	sw $t8, VCPU_R_OF(24)($k0)
	sw $t9, VCPU_R_OF(25)($k0)
	sw $k1, VCPU_R_OF(26)($k0)
	sw $gp, VCPU_R_OF(28)($k0)
	sw $sp, VCPU_R_OF(29)($k0)
	sw $fp, VCPU_R_OF(30)($k0)
	sw $ra, VCPU_R_OF(31)($k0)
	mfhi $t0
	mflo $t1
	mfc0 $t2, C0_EPC
	mfc0 $t3, C0_CAUSE
	mfc0 $t4, C0_BADVADDR
	KSCRATCH_ELSE mtc0 $zero, C0_KSCRATCH1
	nop
	mfc0 $t5, C0_BADINSTR
	mfc0 $t6, C0_BADINSTRP
	mfc0 $t7, C0_STATUS
	sw $t0, VCPU_HI($k0)
	sw $t1, VCPU_LO($k0)
	sw $t2, VCPU_PC($k0)
	srl $t8, $t3, 31
	sw $t8, VCPU_DELAY_SLOT($k0)
	sw $t3, VCPU_HOST_CAUSE($k0)
	sw $t4, VCPU_HOST_BADVADDR($k0)
	sw $t5, VCPU_HOST_BADINSTR($k0)
	sw $t6, VCPU_HOST_BADINSTRP($k0)
	/* Of Status only the interrupt mask is Corbel's too: kernel mode, exceptions possible again. */
	andi $t7, $t7, 0xff00
	mtc0 $t7, C0_STATUS
	ehb
	lw $sp, VCPU_HOST_SP($k0)
	lw $gp, VCPU_HOST_THREAD($k0)
	jal exit_handle
	 move $a0, $k0
	lw $a0, HOST_FRAME_SIZE($sp)
	bnez $v0, guest_resume
	 nop

	/* Back to whoever called vcpu_enter(). */
	lw $s0, ARGUMENT_AREA_SIZE+0($sp)
	lw $s1, ARGUMENT_AREA_SIZE+4($sp)
	lw $s2, ARGUMENT_AREA_SIZE+8($sp)
	lw $s3, ARGUMENT_AREA_SIZE+12($sp)
	lw $s4, ARGUMENT_AREA_SIZE+16($sp)
	lw $s5, ARGUMENT_AREA_SIZE+20($sp)
	lw $s6, ARGUMENT_AREA_SIZE+24($sp)
	lw $s7, ARGUMENT_AREA_SIZE+28($sp)
	lw $fp, ARGUMENT_AREA_SIZE+32($sp)
	lw $ra, ARGUMENT_AREA_SIZE+SWITCH_FRAME_RA($sp)
	jr $ra
	 addiu $sp, $sp, HOST_FRAME_SIZE

/*
 * void vcpu_enter(struct vcpu *vcpu): runs the guest until exit_handle() wants to leave. Interrupts
 * off.
 */
	.globl vcpu_enter
	.type vcpu_enter, @function
vcpu_enter:
	addiu $sp, $sp, -HOST_FRAME_SIZE
	sw $s0, ARGUMENT_AREA_SIZE+0($sp)
	sw $s1, ARGUMENT_AREA_SIZE+4($sp)
	sw $s2, ARGUMENT_AREA_SIZE+8($sp)
	sw $s3, ARGUMENT_AREA_SIZE+12($sp)
	sw $s4, ARGUMENT_AREA_SIZE+16($sp)
	sw $s5, ARGUMENT_AREA_SIZE+20($sp)
	sw $s6, ARGUMENT_AREA_SIZE+24($sp)
	sw $s7, ARGUMENT_AREA_SIZE+28($sp)
	sw $fp, ARGUMENT_AREA_SIZE+32($sp)
	sw $ra, ARGUMENT_AREA_SIZE+SWITCH_FRAME_RA($sp)
	/* The caller's room for its first argument. */
	sw $a0, HOST_FRAME_SIZE($sp)
	sw $sp, VCPU_HOST_SP($a0)
	sw $gp, VCPU_HOST_THREAD($a0)

	/* The VCPU is in a0. With EXL set nothing interrupts until the guest runs. */
guest_resume:
	move $k0, $a0
	KSCRATCH_ELSE mtc0 $a0, C0_KSCRATCH1
	nop
	lw $t0, VCPU_ENTRY_STATUS($k0)
	lw $t1, VCPU_PC($k0)
	lw $t2, VCPU_HI($k0)
	lw $t3, VCPU_LO($k0)
	mtc0 $t0, C0_STATUS
	ehb
	mtc0 $t1, C0_EPC
	mthi $t2
	mtlo $t3
	lw $at, VCPU_R_OF(1)($k0)
	lw $v0, VCPU_R_OF(2)($k0)
	lw $v1, VCPU_R_OF(3)($k0)
	lw $a0, VCPU_R_OF(4)($k0)
	lw $a1, VCPU_R_OF(5)($k0)
	lw $a2, VCPU_R_OF(6)($k0)
	lw $a3, VCPU_R_OF(7)($k0)
	lw $t0, VCPU_R_OF(8)($k0)
	lw $t1, VCPU_R_OF(9)($k0)
	lw $t2, VCPU_R_OF(10)($k0)
	lw $t3, VCPU_R_OF(11)($k0)
	lw $t4, VCPU_R_OF(12)($k0)
	lw $t5, VCPU_R_OF(13)($k0)
	lw $t6, VCPU_R_OF(14)($k0)
	lw $t7, VCPU_R_OF(15)($k0)
	lw $s0, VCPU_R_OF(16)($k0)
	lw $s1, VCPU_R_OF(17)($k0)
	lw $s2, VCPU_R_OF(18)($k0)
	lw $s3, VCPU_R_OF(19)($k0)
	lw $s4, VCPU_R_OF(20)($k0)
	lw $s5, VCPU_R_OF(21)($k0)
	lw $s6, VCPU_R_OF(22)($k0)
	lw $s7, VCPU_R_OF(23)($k0)
	lw $t8, VCPU_R_OF(24)($k0)
	lw $t9, VCPU_R_OF(25)($k0)
	lw $gp, VCPU_R_OF(28)($k0)
	lw $sp, VCPU_R_OF(29)($k0)
	lw $fp, VCPU_R_OF(30)($k0)
	lw $ra, VCPU_R_OF(31)($k0)
	lw $k1, VCPU_ENTRY_CLEARS_LINK($k0)
	bnez $k1, 1f
	 lw $k1, VCPU_R_OF(27)($k0)
	lw $k0, VCPU_R_OF(26)($k0)
	ehb
	/* ERETNC: what the guest has linked stays so. */
	.word INSTRUCTION_ERETNC
1:	lw $k0, VCPU_R_OF(26)($k0)
	ehb
	eret
	.size vcpu_enter, . - vcpu_enter

	.section .data.vcpu_loaded, "aw", @progbits
	.balign 4
	.globl vcpu_loaded
vcpu_loaded:
	.word 0

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Routines with a privileged instruction in the delay slot of a branch, for each instruction and each
 * kind of branch one, in that order. They are called with a condition in a0, a value in a2, an address
 * in a3; back come in v0 which way the branch went (1 on, 2 taken) and in v1 what the instruction
 * gave, or 0.
 */
	.set	noreorder
	.set	noat

	.text

	/* The return address is kept in t9, the target of register jumps is in t8. */
	.macro	routine branch, arguments, slot:vararg
	.section .rodata.delay_slots, "a"
	.word	9f
	.text
9:	move	$t9, $ra
	li	$v0, 0
	li	$v1, 0
	la	$t8, 2f
	\branch	\arguments
	 \slot
	jr	$t9
	 li	$v0, 1
	nop
2:	jr	$t9
	 li	$v0, 2
	.endm

#define EVERY_BRANCH(...)				\
	routine	"beq", "$a0, $zero, 2f", __VA_ARGS__;	\
	routine	"bne", "$a0, $zero, 2f", __VA_ARGS__;	\
	routine	"blez", "$a0, 2f", __VA_ARGS__;		\
	routine	"bgtz", "$a0, 2f", __VA_ARGS__;		\
	routine	"bltz", "$a0, 2f", __VA_ARGS__;		\
	routine	"bgez", "$a0, 2f", __VA_ARGS__;		\
	routine	"bltzal", "$a0, 2f", __VA_ARGS__;	\
	routine	"bgezal", "$a0, 2f", __VA_ARGS__;	\
	routine	"beql", "$a0, $zero, 2f", __VA_ARGS__;	\
	routine	"bnel", "$a0, $zero, 2f", __VA_ARGS__;	\
	routine	"blezl", "$a0, 2f", __VA_ARGS__;	\
	routine	"bgtzl", "$a0, 2f", __VA_ARGS__;	\
	routine	"bltzl", "$a0, 2f", __VA_ARGS__;	\
	routine	"bgezl", "$a0, 2f", __VA_ARGS__;	\
	routine	"bltzall", "$a0, 2f", __VA_ARGS__;	\
	routine	"bgezall", "$a0, 2f", __VA_ARGS__;	\
	routine	"j", "2f", __VA_ARGS__;			\
	routine	"jal", "2f", __VA_ARGS__;		\
	routine	"jr", "$t8", __VA_ARGS__;		\
	routine	"jalr", "$t8", __VA_ARGS__

	.section .rodata.delay_slots, "a"
	.globl	delay_slot_routines
	.balign	4
delay_slot_routines:
	.text
	EVERY_BRANCH(mfc0 $v1, $15, 0)
	EVERY_BRANCH(mtc0 $a2, $14, 0)
	EVERY_BRANCH(mfc0 $a0, $15, 0)
	EVERY_BRANCH(di $v1)
	EVERY_BRANCH(tlbp)
	EVERY_BRANCH(tlbr)
	EVERY_BRANCH(cache 0x15, 0($a3))
	EVERY_BRANCH(rdhwr $v1, $1)
	EVERY_BRANCH(mtc0 $ra, $14, 0)

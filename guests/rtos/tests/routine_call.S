// SPDX-License-Identifier: BSD-2-Clause
/*
 * Calls a routine of routine.c with its registers set, and keeps what comes back.
 */
	.set	noreorder

	.text
	.globl	routine_call
	.ent	routine_call
routine_call:
	addiu	$sp, $sp, -32
	sw	$ra, 28($sp)
	sw	$s0, 24($sp)
	move	$s0, $a1
	move	$t0, $a0
	lw	$a0, 0($s0)
	lw	$a2, 4($s0)
	lw	$a3, 8($s0)
	jalr	$t0
	 lw	$v1, 12($s0)
	sw	$v1, 12($s0)
	sw	$v0, 16($s0)
	sw	$a1, 20($s0)
	lw	$ra, 28($sp)
	lw	$s0, 24($sp)
	jr	$ra
	 addiu	$sp, $sp, 32
	.end	routine_call

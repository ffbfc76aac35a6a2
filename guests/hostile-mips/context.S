// SPDX-License-Identifier: BSD-2-Clause
/*
 * The image's entry, the vectors, and contexts. Nothing here trusts a register or a stack of those
 * who ran: they may have done what they like.
 */
#include <rtos/map.h>

#include "context.h"

	.set	noreorder
	.set	noat

#define STATUS	 $12
#define CAUSE	 $13
#define EPC	 $14
#define BADVADDR $8
/* What keeps k0 and k1 at an exception. */
#define ERROREPC $30
#define TAGLO	 $28

	.section .text.start, "ax"
	.globl	start
start:
	b	1f
	 nop
	/* For the boot ROM's vectors. */
	.word	context_end
1:	lui	$t0, 0x0040
	mtc0	$t0, STATUS
	ehb
	la	$t0, bss_start
	la	$t1, bss_end
2:	sw	$zero, 0($t0)
	addiu	$t0, $t0, 4
	sltu	$t2, $t0, $t1
	bnez	$t2, 2b
	 nop
	la	$sp, stack_top - 16
	j	hostile_main
	 move	$ra, $zero

	.section .vectors, "ax"
	.globl	vectors
	.balign	0x2000
vectors:
	.set	offset, 0
	.rept	0x2000 / 32
	mtc0	$k0, ERROREPC
	mtc0	$k1, TAGLO
	j	context_end
	 ori	$k1, $zero, offset
	.space	16
	.set	offset, offset + 32
	.endr

	.text
	.globl	context_end
	.ent	context_end
context_end:
	lui	$k0, %hi(context_now)
	lw	$k0, %lo(context_now)($k0)
	beqz	$k0, 1f
	 nop
	sw	$k1, CONTEXT_VECTOR($k0)
	.irp	number, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,28,29,30,31
	sw	$\number, CONTEXT_GPR(\number)($k0)
	.endr
	sw	$zero, CONTEXT_GPR(0)($k0)
	mfc0	$t0, ERROREPC
	mfc0	$t1, TAGLO
	mfhi	$t2
	mflo	$t3
	mfc0	$t4, STATUS
	mfc0	$t5, EPC
	mfc0	$t6, CAUSE
	mfc0	$t7, BADVADDR
	sw	$t0, CONTEXT_GPR(26)($k0)
	sw	$t1, CONTEXT_GPR(27)($k0)
	sw	$t2, CONTEXT_HI($k0)
	sw	$t3, CONTEXT_LO($k0)
	sw	$t4, CONTEXT_STATUS($k0)
	sw	$t5, CONTEXT_EPC($k0)
	sw	$t6, CONTEXT_CAUSE($k0)
	sw	$t7, CONTEXT_BADVADDR($k0)
	mtc0	$zero, STATUS
	ehb
	la	$t0, context_now
	sw	$zero, 0($t0)
	la	$t0, saved
	.irp	number, 16,17,18,19,20,21,22,23,28,29,30,31
	lw	$\number, 4 * (\number - 16)($t0)
	.endr
	jr	$ra
	 nop
	/* Not out of a context. */
1:	mfc0	$a0, CAUSE
	mfc0	$a1, EPC
	mfc0	$a2, BADVADDR
	mtc0	$zero, STATUS
	ehb
	la	$sp, stack_top - 16
	j	hostile_lost
	 move	$ra, $zero
	.end	context_end

	.globl	context_run
	.ent	context_run
context_run:
	la	$t0, saved
	.irp	number, 16,17,18,19,20,21,22,23,28,29,30,31
	sw	$\number, 4 * (\number - 16)($t0)
	.endr
	la	$t0, context_now
	sw	$a0, 0($t0)
	move	$k0, $a0
	lw	$t0, CONTEXT_HI($k0)
	lw	$t1, CONTEXT_LO($k0)
	lw	$k1, CONTEXT_EPC($k0)
	mthi	$t0
	mtlo	$t1
	lw	$t0, CONTEXT_STATUS($k0)
	andi	$t1, $t0, 6
	bnez	$t1, 1f
	 ori	$t1, $t0, 2
	mtc0	$t1, STATUS
	ehb
	mtc0	$k1, EPC
	.macro	registers_load
	.irp	number, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,28,29,30,31
	lw	$\number, CONTEXT_GPR(\number)($k0)
	.endr
	.endm
	registers_load
	lw	$k1, CONTEXT_GPR(27)($k0)
	lw	$k0, CONTEXT_GPR(26)($k0)
	ehb
	eret
	/* In a level from which ERET would lead out. */
1:	mtc0	$t0, STATUS
	ehb
	registers_load
	jr	$k1
	 lw	$k0, CONTEXT_GPR(26)($k0)
	.end	context_run

	.bss
	.balign	16
saved:	.space	64
context_now:
	.space	16
	.space	8192
stack_top:

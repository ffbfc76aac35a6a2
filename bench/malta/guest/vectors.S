// SPDX-License-Identifier: BSD-2-Clause
/*
 * The exception vectors of the measuring guest and what it runs in user mode; see bench.h. Between
 * the exception and the return there is as little as can be: what is measured is the way.
 */
#include <rtos/map.h>

	.set	noreorder
	.set	noat

#define STATUS $12
#define EPC    $14

#define STATUS_EXL 0x02
#define STATUS_UM  0x10

/* k1 is 0 as long as the user's loop goes on. */
	.macro	go_on
	bnez	$k1, user_end
	 nop
	mtc0	$k0, EPC
	ehb
	eret
	.endm

	.text
	.balign	0x1000
	.globl	bench_vectors
bench_vectors:
	/* What a kernel does at least: an entry pair out of a table in unmapped memory. */
	mfc0	$k0, $4
	lw	$k1, 0($k0)
	mtc0	$k1, $2
	lw	$k1, 8($k0)
	mtc0	$k1, $3
	ehb
	tlbwr
	eret
	.org	bench_vectors + 0x180
	go_on

	.org	bench_vectors + 0x1000
	.globl	bench_vectors_quick
bench_vectors_quick:
	go_on
	.org	bench_vectors_quick + 0x180
	go_on
	.org	bench_vectors_quick + 0x1000

user_end:
	lui	$sp, %hi(user_sp)
	lw	$sp, %lo(user_sp)($sp)
	mfc0	$t0, STATUS
	li	$t1, ~(STATUS_EXL | STATUS_UM)
	and	$t0, $t0, $t1
	mtc0	$t0, STATUS
	ehb
	mfc0	$t1, $9
	lw	$t0, 56($sp)
	lw	$16, 16($sp)
	lw	$17, 20($sp)
	lw	$18, 24($sp)
	lw	$19, 28($sp)
	lw	$20, 32($sp)
	lw	$21, 36($sp)
	lw	$22, 40($sp)
	lw	$23, 44($sp)
	lw	$30, 48($sp)
	lw	$31, 52($sp)
	subu	$v0, $t1, $t0
	jr	$ra
	 addiu	$sp, $sp, 64

/* uint32_t user_call(uint32_t pc, uint32_t next, uint32_t rounds, uint32_t address) */
	.globl	user_call
	.ent	user_call
user_call:
	addiu	$sp, $sp, -64
	sw	$16, 16($sp)
	sw	$17, 20($sp)
	sw	$18, 24($sp)
	sw	$19, 28($sp)
	sw	$20, 32($sp)
	sw	$21, 36($sp)
	sw	$22, 40($sp)
	sw	$23, 44($sp)
	sw	$30, 48($sp)
	sw	$31, 52($sp)
	lui	$t0, %hi(user_sp)
	sw	$sp, %lo(user_sp)($t0)
	mfc0	$t0, STATUS
	ori	$t0, $t0, STATUS_EXL | STATUS_UM
	mtc0	$t0, STATUS
	ehb
	mtc0	$a0, EPC
	move	$k0, $a1
	move	$k1, $zero
	move	$a0, $a2
	move	$a1, $a3
	mfc0	$t0, $9
	sw	$t0, 56($sp)
	ehb
	eret
	.end	user_call

	.data
	.balign	4
user_sp:
	.word	0

/* ---- user mode ---- */

	.section .rodata.user_code, "a", @progbits
	.balign	4096
	.globl	user_page
user_page:

/* One operation per round, to be met by the label NAME_next when the kernel goes on. */
	.macro	user_loop name, operation:vararg
	.globl	\name, \name\()_next
\name:
	\operation
\name\()_next:
	addiu	$a0, $a0, -1
	bnez	$a0, \name
	 nop
	li	$k1, 1
	syscall
	.endm

	user_loop user_empty
	user_loop user_syscall, syscall
	user_loop user_touch, lw $zero, 0($a1)
	user_loop user_rdhwr, rdhwr $t0, $2

/* A page pair further each round, 512 of them over and over. */
	.globl	user_walk, user_walk_next
user_walk:
	move	$t0, $a1
	lui	$t1, 512 * 8192 >> 16
	addu	$t1, $t1, $a1
1:	lw	$zero, 0($t0)
user_walk_next:
	addiu	$t0, $t0, 8192
	bne	$t0, $t1, 2f
	 addiu	$a0, $a0, -1
	move	$t0, $a1
2:	bnez	$a0, 1b
	 nop
	li	$k1, 1
	syscall

	.org	user_page + 4096

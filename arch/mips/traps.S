// SPDX-License-Identifier: BSD-2-Clause
/*
 * The exception vectors, traps out of Corbel itself, thread switches, idling. The way into a guest
 * and out of it is guest.S; what is done about a trap, traps.c.
 *
 * k0 and k1 belong to the guest while it runs and to the vectors while Corbel does: compiled code
 * never touches them.
 */
#include "offsets.h"
#include "processor.h"

	.set noreorder
	.set noat

/* Copied to each vector. Whoever comes from a guest finds its k0 in ErrorEPC. */
	.section .text.exception, "ax", @progbits
	.globl vector_code, vector_code_end
vector_code:
	j exception_entry
	 mtc0 $k0, C0_ERROREPC
vector_code_end:

	.globl exception_entry
exception_entry:
	mfc0 $k0, C0_STATUS
	andi $k0, $k0, HOST_STATUS_UM
	bnez $k0, exception_from_guest
	 nop

	.globl trap_from_host
trap_from_host:
	/*
	 * A trap while Corbel runs: the whole state onto the stack of the thread, if there is room.
	 * Interrupts stay off, but exceptions are possible again: whoever handles this may switch to
	 * another thread.
	 */
	addiu $k0, $sp, -(TRAP_FRAME_SIZE + ARGUMENT_AREA_SIZE)
	lw $k1, THREAD_STACK($gp)
	addiu $k1, $k1, STACK_RESERVE
	sltu $k1, $k0, $k1
	bnez $k1, stack_overflow
	 move $k1, $sp
	move $sp, $k0
	addiu $k0, $k0, ARGUMENT_AREA_SIZE
	sw $at, TRAP_FRAME_R_OF(1)($k0)
	sw $v0, TRAP_FRAME_R_OF(2)($k0)
	sw $v1, TRAP_FRAME_R_OF(3)($k0)
	sw $a0, TRAP_FRAME_R_OF(4)($k0)
	sw $a1, TRAP_FRAME_R_OF(5)($k0)
	sw $a2, TRAP_FRAME_R_OF(6)($k0)
	sw $a3, TRAP_FRAME_R_OF(7)($k0)
	sw $t0, TRAP_FRAME_R_OF(8)($k0)
	sw $t1, TRAP_FRAME_R_OF(9)($k0)
	sw $t2, TRAP_FRAME_R_OF(10)($k0)
	sw $t3, TRAP_FRAME_R_OF(11)($k0)
	sw $t4, TRAP_FRAME_R_OF(12)($k0)
	sw $t5, TRAP_FRAME_R_OF(13)($k0)
	sw $t6, TRAP_FRAME_R_OF(14)($k0)
	sw $t7, TRAP_FRAME_R_OF(15)($k0)
	sw $t8, TRAP_FRAME_R_OF(24)($k0)
	sw $t9, TRAP_FRAME_R_OF(25)($k0)
	sw $k1, TRAP_FRAME_R_OF(29)($k0)
	sw $ra, TRAP_FRAME_R_OF(31)($k0)
	mfhi $t0
	mflo $t1
	mfc0 $t2, C0_EPC
	mfc0 $t3, C0_STATUS
	mfc0 $t4, C0_CAUSE
	mfc0 $t5, C0_BADVADDR
	sw $t0, TRAP_FRAME_HI($k0)
	sw $t1, TRAP_FRAME_LO($k0)
	sw $t2, TRAP_FRAME_EPC($k0)
	sw $t3, TRAP_FRAME_STATUS($k0)
	sw $t4, TRAP_FRAME_CAUSE($k0)
	sw $t5, TRAP_FRAME_BADVADDR($k0)
	li $t0, ~(HOST_STATUS_IE | HOST_STATUS_EXL)
	and $t3, $t3, $t0
	mtc0 $t3, C0_STATUS
	ehb
	jal trap_handle
	 move $a0, $k0
	.globl trap_return
trap_return:
	addiu $k0, $sp, ARGUMENT_AREA_SIZE
	lw $t0, TRAP_FRAME_HI($k0)
	lw $t1, TRAP_FRAME_LO($k0)
	lw $t2, TRAP_FRAME_EPC($k0)
	lw $t3, TRAP_FRAME_STATUS($k0)
	mthi $t0
	mtlo $t1
	mtc0 $t3, C0_STATUS
	ehb
	mtc0 $t2, C0_EPC
	lw $at, TRAP_FRAME_R_OF(1)($k0)
	lw $v0, TRAP_FRAME_R_OF(2)($k0)
	lw $v1, TRAP_FRAME_R_OF(3)($k0)
	lw $a0, TRAP_FRAME_R_OF(4)($k0)
	lw $a1, TRAP_FRAME_R_OF(5)($k0)
	lw $a2, TRAP_FRAME_R_OF(6)($k0)
	lw $a3, TRAP_FRAME_R_OF(7)($k0)
	lw $t0, TRAP_FRAME_R_OF(8)($k0)
	lw $t1, TRAP_FRAME_R_OF(9)($k0)
	lw $t2, TRAP_FRAME_R_OF(10)($k0)
	lw $t3, TRAP_FRAME_R_OF(11)($k0)
	lw $t4, TRAP_FRAME_R_OF(12)($k0)
	lw $t5, TRAP_FRAME_R_OF(13)($k0)
	lw $t6, TRAP_FRAME_R_OF(14)($k0)
	lw $t7, TRAP_FRAME_R_OF(15)($k0)
	lw $t8, TRAP_FRAME_R_OF(24)($k0)
	lw $t9, TRAP_FRAME_R_OF(25)($k0)
	lw $ra, TRAP_FRAME_R_OF(31)($k0)
	lw $sp, TRAP_FRAME_R_OF(29)($k0)
	ehb
	eret

	/* Only to say so: on a stack that is kept for this. */
stack_overflow:
	mfc0 $t0, C0_STATUS
	li $t1, ~(HOST_STATUS_IE | HOST_STATUS_EXL)
	and $t0, $t0, $t1
	mfc0 $a1, C0_EPC
	mtc0 $t0, C0_STATUS
	ehb
	la $sp, overflow_stack_top - ARGUMENT_AREA_SIZE
	jal stack_overflow_report
	 move $a0, $k1

/*
 * void thread_switch(struct thread *previous, struct thread *next): the registers that C expects to
 * survive a call.
 */
	.section .text.thread_switch, "ax", @progbits
	.globl thread_switch
	.type thread_switch, @function
thread_switch:
	addiu $sp, $sp, -SWITCH_FRAME_SIZE
	sw $s0, 0($sp)
	sw $s1, 4($sp)
	sw $s2, 8($sp)
	sw $s3, 12($sp)
	sw $s4, 16($sp)
	sw $s5, 20($sp)
	sw $s6, 24($sp)
	sw $s7, 28($sp)
	sw $fp, 32($sp)
	sw $ra, SWITCH_FRAME_RA($sp)
	sw $sp, THREAD_SP($a0)
	lw $t0, THREAD_CPU($a0)
	sw $t0, THREAD_CPU($a1)
	move $gp, $a1
	lw $sp, THREAD_SP($a1)
	lw $s0, 0($sp)
	lw $s1, 4($sp)
	lw $s2, 8($sp)
	lw $s3, 12($sp)
	lw $s4, 16($sp)
	lw $s5, 20($sp)
	lw $s6, 24($sp)
	lw $s7, 28($sp)
	lw $fp, 32($sp)
	lw $ra, SWITCH_FRAME_RA($sp)
	jr $ra
	 addiu $sp, $sp, SWITCH_FRAME_SIZE
	.size thread_switch, . - thread_switch

/* The first return address of a new thread: ends its chain of calls and goes to C. */
	.globl thread_trampoline
	.type thread_trampoline, @function
thread_trampoline:
	j thread_begin
	 move $ra, $zero
	.size thread_trampoline, . - thread_trampoline

/*
 * void arch_cpu_idle(void): sleeps with interrupts on, for not every processor wakes up with them
 * off. One that comes before the WAIT leads behind it: see idle_leave().
 */
	.section .text.arch_cpu_idle, "ax", @progbits
	.globl arch_cpu_idle, cpu_idle_begin, cpu_idle_end
	.type arch_cpu_idle, @function
arch_cpu_idle:
cpu_idle_begin:
	ei
	ehb
	wait
cpu_idle_end:
	di
	ehb
	jr $ra
	 nop
	.size arch_cpu_idle, . - arch_cpu_idle

/* bool probe_read32(const volatile void *address, uint32_t *value) */
	.section .text.probe_read32, "ax", @progbits
	.globl probe_read32
	.type probe_read32, @function
probe_read32:
1:	lw $v1, 0($a0)
	/* A bus error may come late. */
	sync
	li $v0, 1
	jr $ra
	 sw $v1, 0($a1)
2:	jr $ra
	 move $v0, $zero
	.pushsection .trap_fixups, "a", @progbits
	.balign 4
	.word 1b, 2b
	.popsection
	.size probe_read32, . - probe_read32

	.section .bss.overflow_stack, "aw", @nobits
	.balign 16
	.skip 4096
overflow_stack_top:

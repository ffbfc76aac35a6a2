// SPDX-License-Identifier: BSD-2-Clause
/*
 * The first instructions on the boot CPU, from the firmware, in kseg0.
 * Handover: YAMON (a0 = count of arguments, a1 = their addresses, a2 = pairs of names and values of
 * the environment, a3 = bytes of RAM at physical 0).
 */
#include "offsets.h"
#include "processor.h"

	.set noreorder
	.section .text.entry, "ax", @progbits
	.globl image_entry
image_entry:
	/* Interrupts off, kernel mode; the firmware's exception vectors until there are others. */
	lui $t0, HOST_STATUS_BEV >> 16
	mtc0 $t0, C0_STATUS
	mtc0 $zero, C0_CAUSE
	ehb

	la $t0, __bss_start
	la $t1, __bss_end
1:	sw $zero, 0($t0)
	addiu $t0, $t0, 4
	bne $t0, $t1, 1b
	 nop

	la $sp, __boot_stack_top - ARGUMENT_AREA_SIZE
	la $gp, boot_thread
	la $t0, boot_cpu
	sw $t0, THREAD_CPU($gp)
	la $t0, __boot_stack
	sw $t0, THREAD_STACK($gp)
	la $t9, boot_main
	jr $t9
	 move $ra, $zero

/*
 * Another CPU out of its reset, in kseg1 and with ERL set. Where its thread is may be reached only
 * once its segments are set up, so it begins on a small stack of the image.
 */
	.section .text.secondary_entry, "ax", @progbits
	.balign 4096
	.globl secondary_entry
secondary_entry:
	lui $t0, HOST_STATUS_BEV >> 16
	mtc0 $t0, C0_STATUS
	mtc0 $zero, C0_CAUSE
	ehb
	la $t9, 1f
	jr $t9
	 nop
1:	la $sp, secondary_stack_end - ARGUMENT_AREA_SIZE
	jal mmu_segments_init
	 nop
	la $t0, secondary_thread
	lw $gp, 0($t0)
	la $t0, secondary_stack_top
	lw $sp, 0($t0)
	la $t9, secondary_main
	jr $t9
	 move $ra, $zero

	.section .bss.secondary_stack, "aw", @nobits
	.balign 16
	.skip 512
secondary_stack_end:

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Where the image is entered: by the boot ROM, a firmware, an emulator or a boot loader, in kernel
 * mode, anywhere in KSEG0.
 */
#include <rtos/map.h>

	.set	noreorder

	.section .text.start, "ax"
	.globl	start
start:
	b	1f
	 nop
	/* For the boot ROM's vectors. */
	.word	exception_enter
1:
	/* No interrupts, no error level; vectors stay the ROM's until ours are set. */
	lui	$t0, 0x0040
	mtc0	$t0, $12
	mtc0	$zero, $13
	ehb
	la	$t0, bss_start
	la	$t1, bss_end
1:	sltu	$t2, $t0, $t1
	beqz	$t2, 2f
	 nop
	sw	$zero, 0($t0)
	b	1b
	 addiu	$t0, $t0, 4
2:	la	$t0, boot_arguments
	sw	$v0, 0($t0)
	sw	$a0, 4($t0)
	sw	$a1, 8($t0)
	sw	$a2, 12($t0)
	sw	$a3, 16($t0)
	/* From the boot ROM; anything else if from somebody else. */
	sw	$s0, 20($t0)
	sw	$s1, 24($t0)
	sw	$s2, 28($t0)
	sw	$s3, 32($t0)
	sw	$s4, 36($t0)
	sw	$s5, 40($t0)
	la	$sp, boot_stack + MAP_STACK_SIZE * 2 - 16
	move	$fp, $zero
	j	rtos_main
	 move	$ra, $zero

	.section .bss.stack, "aw", @nobits
	.balign	16
boot_stack:
	.space	MAP_STACK_SIZE * 2

// SPDX-License-Identifier: BSD-2-Clause
/*
 * The boot ROM: where the processor is after a reset. Copies the image behind it to RAM and goes
 * there with what a0 to a3 hold; afterwards its exception vectors lead to ours.
 */
#include <rtos/frame.h>
#include <rtos/map.h>

	.set	noreorder
	.set	noat

	.text
rom_start:
	/* What the reset has left, for the image to judge. */
	mfc0	$s0, $12
	mfc0	$s1, $13
	mfc0	$s2, $6
	mfc0	$s3, $1
	bal	1f
	 mfc0	$s4, $15, 1
1:	move	$s5, $ra
	la	$t0, rom_image
	la	$t1, rom_image_end
	li	$t2, MAP_KSEG0 + MAP_IMAGE_OFFSET
1:	lw	$t3, 0($t0)
	addiu	$t0, $t0, 4
	sw	$t3, 0($t2)
	/* What was written as data is fetched as code soon. */
	synci	0($t2)
	bne	$t0, $t1, 1b
	 addiu	$t2, $t2, 4
	sync
	/* "RTOS": tells the image by whom it was started. */
	li	$v0, 0x52544f53
	li	$t2, MAP_KSEG0 + MAP_IMAGE_OFFSET
	jr.hb	$t2
	 nop

	/*
	 * While Status.BEV is set: TLB refill, cache error, general, interrupt. The image's third word
	 * is where its handler begins, which wants to be told the vector in k1.
	 */
	.macro	boot_vector offset
	.org	rom_start + \offset
	li	$k1, VECTOR_BOOT + \offset
	lui	$k0, (MAP_KSEG0 + MAP_IMAGE_OFFSET) >> 16
	lw	$k0, 8($k0)
	jr	$k0
	 nop
	.endm
	boot_vector 0x200
	boot_vector 0x300
	boot_vector 0x380
	boot_vector 0x400
	.org	rom_start + 0x480

	.balign	16
rom_image:
	.incbin RTOS_IMAGE
	.balign	16
rom_image_end:

// SPDX-License-Identifier: BSD-2-Clause
/*
 * The first instructions: on the boot hart from the firmware, on the others from SBI HSM. Both come
 * with translation off and leave for C at the linked address.
 * Handover: SBI specification, chapter 9 (a0 = hart id, a1 = tree or the opaque value).
 */
#include "csr.h"
#include "offsets.h"

	.option norelax
	.section .text.entry, "ax", @progbits
	.globl image_entry
image_entry:
	csrw CSR_SIE, zero
	csrw CSR_SSCRATCH, zero
	mv s0, a0
	mv s1, a1

	la t0, __bss_start
	la t1, __bss_end
1:	bgeu t0, t1, 2f
	sd zero, 0(t0)
	addi t0, t0, 8
	j 1b
2:
	/* Tables that map the image where it is linked and all physical memory; still runs unmapped. */
	la sp, __boot_stack_top
	la a0, __image_start
	call mmu_boot_tables
	/* a0: satp. The instruction behind the write is not mapped: it traps to the linked address. */
	la t0, 3f
	la t1, __image_start
	sub t0, t0, t1
	li t1, 0xffffffff80000000
	add t0, t0, t1
	csrw CSR_STVEC, t0
	sfence.vma
	csrw CSR_SATP, a0
	nop
	.balign 4
3:
	/* All `la` are relative to the program counter, so from here on they give linked addresses. */
	la t0, trap_vector
	csrw CSR_STVEC, t0
	la sp, __boot_stack_top
	la tp, boot_thread
	la t0, boot_cpu
	sd t0, THREAD_CPU(tp)
	mv a0, s0
	mv a1, s1
	mv s0, zero
	mv ra, zero
	tail boot_main

/* Another hart: a1 = physical address of its struct secondary_start. */
	.globl secondary_entry
secondary_entry:
	csrw CSR_SIE, zero
	csrw CSR_SSCRATCH, zero
	ld a0, 0(a1)
	ld t0, 8(a1)
	ld tp, 16(a1)
	ld s2, 24(a1)
	csrw CSR_STVEC, t0
	sfence.vma
	csrw CSR_SATP, a0
	nop
	.balign 4
	.globl secondary_mapped
secondary_mapped:
	la t0, trap_vector
	csrw CSR_STVEC, t0
	mv sp, s2
	mv s0, zero
	mv ra, zero
	tail secondary_main

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Moves FPU and vector registers between a hart and memory. sstatus.FS or .VS must be on.
 */
#include "csr.h"

	.option norelax

	.macro FUNCTION name
	.section .text.\name, "ax", @progbits
	.globl \name
	.type \name, @function
\name:
	.endm

	.option push
	.option arch, +d

	FUNCTION fpu_registers_save
	.irp number, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	fsd f\number, 8 * \number(a0)
	.endr
	ret

	FUNCTION fpu_registers_load
	.irp number, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	fld f\number, 8 * \number(a0)
	.endr
	ret

	/* Each register's two instructions take 8 bytes, without compression. */
	.option norvc
	FUNCTION fpu_register_read
	la t0, 1f
	andi a0, a0, 31
	slli a0, a0, 3
	add t0, t0, a0
	jr t0
1:
	.irp number, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	fmv.x.d a0, f\number
	ret
	.endr

	FUNCTION fpu_register_write
	la t0, 1f
	andi a0, a0, 31
	slli a0, a0, 3
	add t0, t0, a0
	jr t0
1:
	.irp number, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	fmv.d.x f\number, a1
	ret
	.endr
	.option pop

	.option push
	.option arch, +v

	/* a0: vstart, vcsr, vl, vtype; a1: the registers, in four groups of eight. */
	FUNCTION vector_registers_save
	csrr t4, CSR_VSTART
	csrr t1, CSR_VCSR
	csrr t2, CSR_VL
	csrr t3, CSR_VTYPE
	sd t4, 0(a0)
	sd t1, 8(a0)
	sd t2, 16(a0)
	sd t3, 24(a0)
	csrw CSR_VSTART, zero
	csrr t0, CSR_VLENB
	slli t0, t0, 3
	vs8r.v v0, (a1)
	add a1, a1, t0
	vs8r.v v8, (a1)
	add a1, a1, t0
	vs8r.v v16, (a1)
	add a1, a1, t0
	vs8r.v v24, (a1)
	/* The VCPU may come back to what the unit holds. */
	csrw CSR_VSTART, t4
	ret

	/* vl and vtype are set last but vstart: only an instruction sets them, and it clears vstart. */
	FUNCTION vector_registers_load
	csrw CSR_VSTART, zero
	csrr t0, CSR_VLENB
	slli t0, t0, 3
	vl8re8.v v0, (a1)
	add a1, a1, t0
	vl8re8.v v8, (a1)
	add a1, a1, t0
	vl8re8.v v16, (a1)
	add a1, a1, t0
	vl8re8.v v24, (a1)
	ld t1, 8(a0)
	ld t2, 16(a0)
	ld t3, 24(a0)
	ld t0, 0(a0)
	vsetvl zero, t2, t3
	csrw CSR_VCSR, t1
	csrw CSR_VSTART, t0
	ret
	.option pop

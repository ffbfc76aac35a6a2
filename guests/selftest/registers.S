// SPDX-License-Identifier: BSD-2-Clause
/*
 * All floating-point or vector registers to memory and back. The caller has switched the unit on. The
 * compiler uses neither in this program, so they keep what they are given.
 */
	.option	arch, +f, +d

	.text
/* void floating_registers_load(const uint64_t values[32]) */
	.globl	floating_registers_load
floating_registers_load:
	.irp	number, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	fld	f\number, \number * 8(a0)
	.endr
	.irp	number, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	fld	f\number, \number * 8(a0)
	.endr
	ret

/* void floating_registers_store(uint64_t values[32]) */
	.globl	floating_registers_store
floating_registers_store:
	.irp	number, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	fsd	f\number, \number * 8(a0)
	.endr
	.irp	number, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	fsd	f\number, \number * 8(a0)
	.endr
	ret

	.option	arch, +v
/* void vector_registers_load(const void *values), 32 times vlenb bytes */
	.globl	vector_registers_load
vector_registers_load:
	csrr	t0, vlenb
	slli	t0, t0, 3
	vl8re8.v	v0, (a0)
	add	a0, a0, t0
	vl8re8.v	v8, (a0)
	add	a0, a0, t0
	vl8re8.v	v16, (a0)
	add	a0, a0, t0
	vl8re8.v	v24, (a0)
	ret

/* void vector_registers_store(void *values) */
	.globl	vector_registers_store
vector_registers_store:
	csrr	t0, vlenb
	slli	t0, t0, 3
	vs8r.v	v0, (a0)
	add	a0, a0, t0
	vs8r.v	v8, (a0)
	add	a0, a0, t0
	vs8r.v	v16, (a0)
	add	a0, a0, t0
	vs8r.v	v24, (a0)
	ret

/* unsigned long vector_configure(unsigned long length): 8-bit elements, one register; the new vl */
	.globl	vector_configure
vector_configure:
	vsetvli	a0, a0, e8, m1, ta, ma
	ret

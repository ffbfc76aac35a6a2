// SPDX-License-Identifier: BSD-2-Clause
/*
 * Where assembly finds the fields of C structures; offsets.c makes the compiler check each.
 */
#ifndef RISCV_OFFSETS_H
#define RISCV_OFFSETS_H

#define VCPU_X		  0
#define VCPU_X_OF(number) (VCPU_X + 8 * (number))
#define VCPU_PC		  256
#define VCPU_SSTATUS	  264
#define VCPU_HSTATUS	  272
#define VCPU_HOST_SP	  280
#define VCPU_HOST_THREAD  288

#define THREAD_SP  0
#define THREAD_CPU 8

/* What the vector saves when a trap comes while Corbel runs. */
#define TRAP_FRAME_X_OF(number) (8 * (number))
#define TRAP_FRAME_SEPC		256
#define TRAP_FRAME_SSTATUS	264
#define TRAP_FRAME_SCAUSE	272
#define TRAP_FRAME_STVAL	280
#define TRAP_FRAME_SIZE		288

/* A stack is 2^14 bytes, in a slot of twice that. THREAD_STACK_SIZE is the same. */
#define STACK_SHIFT 14

/* The one that is kept for reporting an overflow. */
#define OVERFLOW_STACK_SIZE 4096

#endif

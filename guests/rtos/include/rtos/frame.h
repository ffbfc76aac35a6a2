/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an exception leaves on the stack, and where assembly finds the fields of C structures. For C
 * and assembly; frame.c makes the compiler check each.
 */
#ifndef RTOS_FRAME_H
#define RTOS_FRAME_H

#define FRAME_GPR(number) (4 * (number))
#define FRAME_HI	  128
#define FRAME_LO	  132
#define FRAME_STATUS	  136
#define FRAME_CAUSE	  140
#define FRAME_EPC	  144
#define FRAME_BADVADDR	  148
#define FRAME_VECTOR	  152
#define FRAME_SIZE	  160

/* Room for four arguments, which every callee may use. */
#define FRAME_ARGUMENTS 16

#define THREAD_SP	 0
#define THREAD_KERNEL_SP 4

/* Vectors that are not offsets from EBase: through the boot ROM. */
#define VECTOR_BOOT 0x10000

#ifndef __ASSEMBLER__
#include <stdint.h>

struct frame {
	uint32_t gpr[32];
	uint32_t hi, lo;
	uint32_t status, cause, epc, badvaddr;
	uint32_t vector; /* offset from EBase; from the boot ROM, with VECTOR_BOOT */
	uint32_t reserved;
};
#endif

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Code that is run with registers of its own until it takes an exception: the way in and out. For C
 * and assembly; main.c makes the compiler check the offsets.
 */
#ifndef CONTEXT_H
#define CONTEXT_H

#define CONTEXT_GPR(number) (4 * (number))
#define CONTEXT_HI	    128
#define CONTEXT_LO	    132
#define CONTEXT_STATUS	    136
#define CONTEXT_EPC	    140
#define CONTEXT_CAUSE	    144
#define CONTEXT_BADVADDR    148
#define CONTEXT_VECTOR	    152
#define CONTEXT_SIZE	    156

/* Vectors in the boot ROM; added to the offset. */
#define VECTOR_BOOT 0x10000

#ifndef __ASSEMBLER__
#include <stdint.h>

/* What to enter with, then what was at the exception. */
struct context {
	uint32_t gpr[32];
	uint32_t hi, lo;
	uint32_t status, epc;
	/* Of the exception only. */
	uint32_t cause, badvaddr;
	uint32_t vector; /* offset */
};

/*
 * Runs the code at context->epc with these registers and Status until an exception. With EXL or ERL
 * in Status k1 is not as given. Afterwards Status is 0.
 */
void context_run(struct context *context);

/* Each 32 bytes from the first on are a vector. */
extern char vectors[];
void context_end(void);
#endif

#endif

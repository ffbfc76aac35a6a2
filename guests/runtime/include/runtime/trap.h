// SPDX-License-Identifier: BSD-2-Clause
/*
 * Traps of our own guests, above all those that a test wants: a context is a set of registers that
 * runs until it takes an exception, which ends it and is told. Interrupts are counted and masked;
 * whoever waits for one enables it again.
 */
#ifndef RUNTIME_TRAP_H
#define RUNTIME_TRAP_H

#include <runtime/csr.h>

/* Byte offsets that start.S uses; trap.c checks them. */
#define FRAME_PC     256
#define FRAME_STATUS 264
#define FRAME_CAUSE  272
#define FRAME_VALUE  280
#define FRAME_SIZE   288
#define CONTEXT_SP   288

#ifndef __ASSEMBLER__

#include <corbel/types.h>

struct trap_frame {
	uint64_t x[32];
	uint64_t pc;
	uint64_t status; /* sstatus */
	uint64_t cause;	 /* scause */
	uint64_t value;	 /* stval */
};

struct context {
	struct trap_frame frame;
	uint64_t resume_sp;
	uint64_t resume_interrupts;
	struct context *outer;
};

/* Registers all zero but pc, and sstatus as it is now, to run in S-mode. */
void context_init(struct context *context, uint64_t pc);

/*
 * Runs it until it takes an exception; afterwards the frame holds the registers at that moment. The
 * floating-point and vector registers are the caller's. May nest.
 */
void context_run(struct context *context);

/* What came of a probe. */
struct trap {
	bool taken;
	uint64_t cause;
	uint64_t value;
	uint64_t pc;
};

/* Calls the function on the caller's stack; a trap ends it there. */
struct trap trap_catch(void (*function)(void *argument), void *argument);

/*
 * Runs one instruction, of 2 or 4 bytes, with the context's registers (pc is set here). An access
 * of its own code pages must be possible: paging off or the program mapped one to one.
 */
struct trap context_execute(struct context *context, uint32_t instruction);

/* The same with all registers zero. */
struct trap trap_execute(uint32_t instruction);

/* `bytes` is 1, 2, 4 or 8. */
struct trap trap_load(uint64_t address, unsigned int bytes, uint64_t *value);
struct trap trap_store(uint64_t address, unsigned int bytes, uint64_t value);
/* Jumps there; what comes back is the exception that it ended in. */
struct trap trap_jump(uint64_t address);

/* One line that describes an exception, for the unexpected ones. */
const char *trap_cause_name(uint64_t cause);

void trap_handle(void);

#endif
#endif

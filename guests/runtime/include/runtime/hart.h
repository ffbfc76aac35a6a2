// SPDX-License-Identifier: BSD-2-Clause
/*
 * The guest's harts: what each keeps for itself (tp and sscratch point to it), and how a function
 * is run on another hart.
 */
#ifndef RUNTIME_HART_H
#define RUNTIME_HART_H

#include <runtime/trap.h>

/* Byte offsets that start.S uses; hart.c checks them. */
#define HART_FRAME	0
#define HART_TRAP_STACK (FRAME_SIZE)
#define HART_STACK	(FRAME_SIZE + 8)
#define HART_ENTRY	(FRAME_SIZE + 16)

#define HART_MAX	8
#define HART_STACK_SIZE 16384
#define TRAP_STACK_SIZE 4096

/* Byte offsets in struct entry_state. */
#define ENTRY_A0      0
#define ENTRY_A1      8
#define ENTRY_SATP    16
#define ENTRY_SSTATUS 24
#define ENTRY_SIE     32
#define ENTRY_SIP     40

#ifndef __ASSEMBLER__

/* What a hart found when it was started. */
struct entry_state {
	uint64_t a0, a1;
	uint64_t satp, sstatus, sie, sip;
};

struct hart {
	struct trap_frame frame; /* of the last trap */
	void *trap_stack;	 /* its end */
	void *stack;		 /* its end */
	struct entry_state entry;
	uint64_t id;
	unsigned int index;
	struct context *context;
	bool in_trap;
	volatile uint64_t interrupts[INTERRUPT_MAX]; /* how many were taken */
	struct trap_frame interrupted;		     /* at the last one of them */
	void (*function)(void *argument);
	void *argument;
};

extern struct hart harts[HART_MAX];
/* How many the tree names (at most HART_MAX); harts[0] is the one that was started first. */
extern unsigned int hart_count;

static inline struct hart *hart_self(void)
{
	struct hart *hart;

	__asm__ volatile("mv %0, tp" : "=r"(hart));
	return hart;
}

/* Each hart's stack, by its index. */
extern char hart_stacks[HART_MAX][HART_STACK_SIZE];

/* The program: called on harts[0]; the guest powers off when it returns. */
void guest_main(void);

/* Fills in the harts other than the first, from the machine's tree. */
void hart_init(void);

/* Starts the hart, which calls the function and stops itself. 0 or the SBI's error. */
long hart_run(unsigned int index, void (*function)(void *argument), void *argument);
/* Waits until it has stopped; false: still not after five seconds. */
bool hart_join(unsigned int index);
/* Waits until it is in that state of the HSM extension. */
bool hart_wait_state(unsigned int index, unsigned long state);

/* Masks this hart's interrupts all, and withdraws what was asked for. */
void hart_quiet(void);

void hart_main(struct hart *hart) __attribute__((noreturn));
void hart_start_entry(void);

#endif
#endif

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Routines that are made while the tests run: one branch or jump of any kind with one instruction
 * in its delay slot, in kernel or user mode. What the instruction should have done is the tests'
 * affair.
 */
#ifndef RTOS_TESTS_ROUTINE_H
#define RTOS_TESTS_ROUTINE_H

#include <stdbool.h>
#include <stdint.h>

/* Instructions; `rt`, `rd`, `base` are numbers of registers. */
#define WORD_NOP	      0x00000000u
#define WORD_MFC0(rt, index)  (0x40000000u | (rt) << 16 | ((index) >> 3) << 11 | ((index)&7))
#define WORD_MTC0(rt, index)  (0x40800000u | (rt) << 16 | ((index) >> 3) << 11 | ((index)&7))
/* A register of coprocessor 0 as a number. */
#define INDEX(number, select) ((number) << 3 | (select))

/* Registers of a routine. */
enum {
	REG_ZERO = 0,
	REG_VALUE = 3,	   /* v1: what the slot's instruction gives; SLOT_UNTOUCHED before */
	REG_CONDITION = 4, /* a0: what conditional branches look at, -1, 0 or 1 */
	REG_OPERAND = 6,   /* a2 */
	REG_ADDRESS = 7,   /* a3 */
	REG_TARGET = 24,   /* t8: where jumps by register lead */
	REG_LINK = 31,
};
#define SLOT_UNTOUCHED 0x0badcafeu

struct branch {
	const char *name;
	uint32_t word; /* without its target */
	bool taken[3]; /* for each condition */
	bool is_likely;
	uint8_t link;	/* the register that gets the return address; 0: none */
	bool is_region; /* J, JAL */
};

/* The first is no branch at all, but a NOP: its slot is executed and not one. */
extern const struct branch branches[];
extern const unsigned int branch_count;

#define ROUTINE_WORDS  14u
#define ROUTINE_BRANCH 4u /* word of the branch; its slot is behind it, the way on behind that */

struct routine {
	uint32_t words[ROUTINE_WORDS];
	uint32_t va; /* where it is made to lie */
};

/* In user mode a routine ends with SYSCALL, in kernel mode it returns. */
void routine_make(struct routine *routine, uint32_t va, const struct branch *branch, uint32_t slot,
		  bool is_user);

static inline uint32_t routine_branch_va(const struct routine *routine)
{
	return routine->va + 4 * ROUTINE_BRANCH;
}

/* What goes in and comes out. */
struct routine_run {
	uint32_t condition, operand, address, value; /* offsets are routine_call.S's too */
	uint32_t way;				     /* 1: on behind the slot; 2: to the target */
	uint32_t link;				     /* the link register, if the branch has one */
};

/* Runs what lies at `va` in kernel mode. */
void routine_call(uint32_t va, struct routine_run *run);
/* Makes it at a place of its own in KSEG0 and runs it. */
void routine_run(struct routine *routine, const struct branch *branch, uint32_t slot,
		 struct routine_run *run);

/* Whether the way and the link are the branch's. */
void routine_check(const struct routine *routine, const struct branch *branch,
		   const struct routine_run *run);
/* Whether the branch has its slot executed. */
static inline bool slot_is_executed(const struct branch *branch, uint32_t condition)
{
	return !branch->is_likely || branch->taken[condition + 1];
}

#endif

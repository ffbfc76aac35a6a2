// SPDX-License-Identifier: BSD-2-Clause
/*
 * Makes routines with a branch and its delay slot: all branches and jumps of MIPS32r2 that need no
 * floating point. Its compact ones are of other instruction sets (MIPS16, microMIPS).
 */
#include <stddef.h>
#include <string.h>

#include <rtos/paging.h>
#include <rtos/test.h>

#include "routine.h"

#define NEVER                       \
	{                           \
		false, false, false \
	}
#define ALWAYS                   \
	{                        \
		true, true, true \
	}
#define NEGATIVE                   \
	{                          \
		true, false, false \
	}
#define ZERO                       \
	{                          \
		false, true, false \
	}
#define POSITIVE                   \
	{                          \
		false, false, true \
	}
#define NOT_ZERO                  \
	{                         \
		true, false, true \
	}
#define NOT_ABOVE                 \
	{                         \
		true, true, false \
	}
#define NOT_BELOW                 \
	{                         \
		false, true, true \
	}

/* Conditional branches compare a0 with zero; jumps go to t8. */
const struct branch branches[] = {
	{ "nop", 0x00000000, NEVER, false, 0, false },
	{ "beq", 0x10800000, ZERO, false, 0, false },
	{ "bne", 0x14800000, NOT_ZERO, false, 0, false },
	{ "blez", 0x18800000, NOT_ABOVE, false, 0, false },
	{ "bgtz", 0x1c800000, POSITIVE, false, 0, false },
	{ "bltz", 0x04800000, NEGATIVE, false, 0, false },
	{ "bgez", 0x04810000, NOT_BELOW, false, 0, false },
	{ "bltzal", 0x04900000, NEGATIVE, false, REG_LINK, false },
	{ "bgezal", 0x04910000, NOT_BELOW, false, REG_LINK, false },
	{ "beql", 0x50800000, ZERO, true, 0, false },
	{ "bnel", 0x54800000, NOT_ZERO, true, 0, false },
	{ "blezl", 0x58800000, NOT_ABOVE, true, 0, false },
	{ "bgtzl", 0x5c800000, POSITIVE, true, 0, false },
	{ "bltzl", 0x04820000, NEGATIVE, true, 0, false },
	{ "bgezl", 0x04830000, NOT_BELOW, true, 0, false },
	{ "bltzall", 0x04920000, NEGATIVE, true, REG_LINK, false },
	{ "bgezall", 0x04930000, NOT_BELOW, true, REG_LINK, false },
	{ "b", 0x10000000, ALWAYS, false, 0, false },
	{ "bal", 0x04110000, ALWAYS, false, REG_LINK, false },
	{ "j", 0x08000000, ALWAYS, false, 0, true },
	{ "jal", 0x0c000000, ALWAYS, false, REG_LINK, true },
	{ "jr", 0x03000008, ALWAYS, false, 0, false },
	{ "jr.hb", 0x03000408, ALWAYS, false, 0, false },
	{ "jalr", 0x0300f809, ALWAYS, false, REG_LINK, false },
	{ "jalr.hb", 0x0300fc09, ALWAYS, false, REG_LINK, false },
	{ "jalr t7", 0x03007809, ALWAYS, false, 15, false },
};
const unsigned int branch_count = sizeof(branches) / sizeof(branches[0]);

#define WORD_JR_T9	   0x03200008u
#define WORD_SYSCALL	   0x0000000cu
#define WORD_MOVE(rd, rs)  (0x00000025u | (rs) << 21 | (rd) << 11)
#define WORD_LI(rt, value) (0x24000000u | (rt) << 16 | (value))

#define WORD_ON	    (ROUTINE_BRANCH + 2)
#define WORD_TARGET (ROUTINE_BRANCH + 6)

/* `way` in v0, the link register in a1. */
static void ending_make(uint32_t *words, uint32_t way, uint32_t link, bool is_user)
{
	words[0] = WORD_MOVE(5u, link);
	words[1] = WORD_LI(2u, way);
	words[2] = is_user ? WORD_SYSCALL : WORD_JR_T9;
	words[3] = WORD_NOP;
}

static uint32_t branch_word(const struct branch *branch, uint32_t target)
{
	uint32_t opcode = branch->word >> 26;

	if (branch->is_region)
		return branch->word | (target >> 2 & 0x03ffffff);
	/* Jumps by register, and NOP, have the opcode 0. */
	return opcode == 0 ? branch->word : branch->word | (WORD_TARGET - ROUTINE_BRANCH - 1);
}

void routine_make(struct routine *routine, uint32_t va, const struct branch *branch, uint32_t slot,
		  bool is_user)
{
	uint32_t *words = routine->words, target = va + 4 * WORD_TARGET;
	uint32_t link = branch->link != 0 ? branch->link : REG_LINK;

	routine->va = va;
	words[0] = WORD_MOVE(25u, REG_LINK);
	words[1] = 0x3c000000u | REG_TARGET << 16 | target >> 16;
	words[2] = 0x34000000u | REG_TARGET << 21 | REG_TARGET << 16 | (target & 0xffff);
	words[3] = WORD_NOP;
	words[ROUTINE_BRANCH] = branch_word(branch, target);
	words[ROUTINE_BRANCH + 1] = slot;
	ending_make(&words[WORD_ON], 1, link, is_user);
	ending_make(&words[WORD_TARGET], 2, link, is_user);
}

void routine_run(struct routine *routine, const struct branch *branch, uint32_t slot,
		 struct routine_run *run)
{
	static uint32_t place[ROUTINE_WORDS] __attribute__((aligned(64)));

	routine_make(routine, (uint32_t)(uintptr_t)place, branch, slot, false);
	memcpy(place, routine->words, sizeof(place));
	code_synchronize(place, sizeof(place));
	routine_call(routine->va, run);
}

void routine_check(const struct routine *routine, const struct branch *branch,
		   const struct routine_run *run)
{
	CHECK_EQUAL(run->way, branch->taken[run->condition + 1] ? 2 : 1);
	if (branch->link != 0)
		CHECK_EQUAL(run->link, routine->va + 4 * WORD_ON);
}

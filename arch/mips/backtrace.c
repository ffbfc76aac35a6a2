// SPDX-License-Identifier: BSD-2-Clause
/*
 * Call frames of Corbel itself. O32 code leaves no chain of frames, so each function's prologue is
 * read: by how much it moves sp and where it puts ra. The symbol table says where it begins.
 */
#include <corbel/arch.h>
#include <corbel/symbols.h>
#include <corbel/thread.h>

#include "offsets.h"
#include "traps.h"

#define BACKTRACE_DEPTH_MAX 32

#define INSTRUCTION_ADDIU_SP 0x27bd0000u /* addiu sp, sp, immediate */
#define INSTRUCTION_SW_RA    0xafbf0000u /* sw ra, immediate(sp) */

extern const char __image_start[], __text_end[], trap_return[];

/* A function that is being executed. */
struct frame {
	uint32_t pc, sp;
	uint32_t ra;	  /* as the register stands; 0: not known */
	bool interrupted; /* `pc` is what comes next, not where a call returns to */
};

/* Behind a call that never returns there may be another function. */
#define CALL_SIZE 8u

static bool is_code(uint32_t address)
{
	return IS_ALIGNED(address, 4) && address >= (uintptr_t)__image_start &&
	       address < (uintptr_t)__text_end;
}

static bool stack_holds(uint32_t address, uint32_t size)
{
	uint32_t stack = (uint32_t)(uintptr_t)thread_current()->stack;

	return stack != 0 && IS_ALIGNED(address, 4) && address >= stack &&
	       address - stack <= THREAD_STACK_SIZE - size;
}

/* How far the function's prologue has come when it reaches the frame's pc. */
static void prologue_read(const struct frame *frame, uint32_t *frame_size, int32_t *ra_offset)
{
	uint32_t inside = frame->interrupted ? frame->pc : frame->pc - CALL_SIZE;
	uintptr_t offset = 0;
	const uint32_t *code;

	*frame_size = 0;
	*ra_offset = -1;
	if (symbol_find(inside, &offset) == NULL)
		return;
	for (code = (const uint32_t *)(inside - offset);
	     code < (const uint32_t *)(uintptr_t)frame->pc; code++) {
		int32_t immediate = (int16_t)*code;

		if ((*code & 0xffff0000u) == INSTRUCTION_ADDIU_SP && immediate < 0 &&
		    *frame_size == 0)
			*frame_size = (uint32_t)-immediate;
		else if ((*code & 0xffff0000u) == INSTRUCTION_SW_RA && *ra_offset < 0)
			*ra_offset = immediate;
	}
}

/* Below trap_handle() lies what was interrupted. */
static bool step_over_trap(struct frame *frame)
{
	const struct trap_frame *trap =
		(const struct trap_frame *)(uintptr_t)(frame->sp + ARGUMENT_AREA_SIZE);

	if (!stack_holds((uint32_t)(uintptr_t)trap, sizeof(*trap)))
		return false;
	*frame = (struct frame){ .pc = trap->epc,
				 .sp = trap->r[29],
				 .ra = trap->r[31],
				 .interrupted = true };
	return is_code(frame->pc);
}

/* To the function that called; false where that is not to be found. */
static bool step(struct frame *frame)
{
	uint32_t size;
	int32_t ra_offset;

	if (frame->pc == (uintptr_t)trap_return)
		return step_over_trap(frame);
	prologue_read(frame, &size, &ra_offset);
	if (ra_offset >= 0) {
		if (!stack_holds(frame->sp + (uint32_t)ra_offset, sizeof(uint32_t)))
			return false;
		frame->ra = *(const uint32_t *)(uintptr_t)(frame->sp + (uint32_t)ra_offset);
	}
	frame->pc = frame->ra;
	frame->sp += size;
	frame->ra = 0;
	frame->interrupted = false;
	return is_code(frame->pc);
}

void arch_backtrace(void (*visit)(uintptr_t address, void *argument), void *argument)
{
	struct frame frame;

	__asm__ volatile("move %0, $29\n\tla %1, 1f\n1:" : "=r"(frame.sp), "=r"(frame.pc));
	frame.ra = 0;
	frame.interrupted = true;
	for (int depth = 0; depth < BACKTRACE_DEPTH_MAX && step(&frame); depth++)
		visit(frame.pc, argument);
}

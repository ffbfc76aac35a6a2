// SPDX-License-Identifier: BSD-2-Clause
/*
 * Exceptions behind the assembly: interrupts, user code's, those that a test waits for; else the
 * end.
 */
#include <stddef.h>

#include <rtos/console.h>
#include <rtos/cp0.h>
#include <rtos/exception.h>
#include <rtos/thread.h>

_Static_assert(offsetof(struct frame, hi) == FRAME_HI, "frame.h");
_Static_assert(offsetof(struct frame, lo) == FRAME_LO, "frame.h");
_Static_assert(offsetof(struct frame, status) == FRAME_STATUS, "frame.h");
_Static_assert(offsetof(struct frame, cause) == FRAME_CAUSE, "frame.h");
_Static_assert(offsetof(struct frame, epc) == FRAME_EPC, "frame.h");
_Static_assert(offsetof(struct frame, badvaddr) == FRAME_BADVADDR, "frame.h");
_Static_assert(offsetof(struct frame, vector) == FRAME_VECTOR, "frame.h");
_Static_assert(sizeof(struct frame) == FRAME_SIZE, "frame.h");
_Static_assert(offsetof(struct thread, sp) == THREAD_SP, "frame.h");
_Static_assert(offsetof(struct thread, kernel_sp) == THREAD_KERNEL_SP, "frame.h");

static interrupt_function_t *handlers[8];

/* What the running test waits for. */
static struct {
	struct fault *fault;
	struct jump jump;
} catching;

void exception_init(void)
{
	cp0_write(CP0_EBASE, (uint32_t)(uintptr_t)exception_vectors);
	cp0_write(CP0_CAUSE, CAUSE_IV);
	cp0_write(CP0_STATUS, 0);
}

/* ---- interrupts ---- */

void interrupt_handler_set(unsigned int input, interrupt_function_t *function)
{
	handlers[input] = function;
}

void interrupt_mask_set(unsigned int input, bool enabled)
{
	uint32_t flags = irq_save();
	uint32_t bit = 1u << (8 + input);

	/* Also in what irq_restore() has: it only ever looks at IE. */
	cp0_write(CP0_STATUS, enabled ? cp0_read(CP0_STATUS) | bit : cp0_read(CP0_STATUS) & ~bit);
	irq_restore(flags);
}

static void interrupts_handle(const struct frame *frame)
{
	uint32_t pending = frame->cause & frame->status & STATUS_IM;

	for (unsigned int input = 0; input < 8; input++) {
		if ((pending >> (8 + input) & 1) == 0)
			continue;
		if (handlers[input] == NULL)
			console_panic("interrupt %u, which nobody handles", input);
		handlers[input](input, frame);
	}
}

/* ---- exceptions ---- */

static void dump(const struct frame *frame)
{
	console_print(
		"exception %u at 0x%08x, vector 0x%x, status 0x%08x cause 0x%08x badvaddr 0x%08x\n",
		(unsigned int)(frame->cause >> 2 & 31), (unsigned int)frame->epc,
		(unsigned int)frame->vector, (unsigned int)frame->status,
		(unsigned int)frame->cause, (unsigned int)frame->badvaddr);
	for (unsigned int i = 0; i < 32; i++)
		console_print("$%-2u %08x%s", i, (unsigned int)frame->gpr[i],
			      i % 8 == 7 ? "\n" : "  ");
}

static void fault_take(const struct frame *frame)
{
	struct fault *fault = catching.fault;

	fault->taken = true;
	fault->code = frame->cause >> 2 & 31;
	fault->cause = frame->cause;
	fault->status = frame->status;
	fault->epc = frame->epc;
	fault->badvaddr = frame->badvaddr;
	fault->entryhi = cp0_read(CP0_ENTRYHI);
	fault->context = cp0_read(CP0_CONTEXT);
	fault->vector = frame->vector;
	for (unsigned int i = 0; i < 32; i++)
		fault->gpr[i] = frame->gpr[i];
	catching.fault = NULL;
}

struct frame *exception_handle(struct frame *frame)
{
	uint32_t code = frame->cause >> 2 & 31;

	if (code == CODE_INTERRUPT) {
		interrupts_handle(frame);
		thread_reschedule();
		return frame;
	}
	if ((frame->status & STATUS_UM) != 0 && thread_running->user != NULL) {
		thread_running->user->frame = *frame;
		user_leave(thread_running->kernel_sp);
	}
	if (catching.fault != NULL) {
		fault_take(frame);
		/* What the test had before it called, but for what it has done to EXL and ERL. */
		cp0_write(CP0_STATUS, cp0_read(CP0_STATUS) & ~(STATUS_ERL | STATUS_EXL));
		jump_load(&catching.jump);
	}
	dump(frame);
	console_panic("an exception that nobody waited for");
}

struct fault fault_catch(void (*function)(uint32_t argument), uint32_t argument)
{
	static struct fault fault;
	uint32_t status = cp0_read(CP0_STATUS);

	fault = (struct fault){ .taken = false };
	catching.fault = &fault;
	if (jump_save(&catching.jump) == 0)
		function(argument);
	catching.fault = NULL;
	cp0_write(CP0_STATUS, status);
	return fault;
}

/* ---- user mode ---- */

void user_run(struct user *user)
{
	uint32_t flags = irq_save();
	uint32_t status = cp0_read(CP0_STATUS);

	user->frame.status |= (status & ~STATUS_EXL) | STATUS_UM | STATUS_IE | STATUS_EXL;
	thread_running->user = user;
	user_enter(&user->frame, &thread_running->kernel_sp);
	thread_running->user = NULL;
	cp0_write(CP0_STATUS, status);
	irq_restore(flags);
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Exceptions: those that a test expects, those of user code, interrupts. Anything else ends the
 * guest with a dump.
 */
#ifndef RTOS_EXCEPTION_H
#define RTOS_EXCEPTION_H

#include <stdbool.h>
#include <stdint.h>

#include <rtos/frame.h>

/* Switches from the boot ROM's vectors to ours, at EBase. */
void exception_init(void);

/* ---- exceptions that are expected ---- */

/* As found in coprocessor 0 by the handler. */
struct fault {
	bool taken;
	uint32_t code;
	uint32_t cause, status, epc, badvaddr, entryhi, context, vector;
	uint32_t gpr[32];
};

/* Calls the function; an exception in it ends it. What its handler found. Interrupts as they are.
 */
struct fault fault_catch(void (*function)(uint32_t argument), uint32_t argument);

/* ---- user mode ---- */

struct user {
	struct frame frame; /* registers to enter with, then those at the exception that ended it */
};

/*
 * Runs user code from user->frame.epc with user->frame.gpr until it takes an exception that is not
 * an interrupt; the cause is in user->frame then. Interrupts are on meanwhile.
 */
void user_run(struct user *user);
/* The code of the exception that ended it. */
static inline uint32_t user_code(const struct user *user)
{
	return user->frame.cause >> 2 & 31;
}

/* ---- interrupts ---- */

/* Called with interrupts off for each pending and enabled input, 0 to 7, lowest first; NULL: none.
 */
typedef void interrupt_function_t(unsigned int input, const struct frame *frame);
void interrupt_handler_set(unsigned int input, interrupt_function_t *function);
/* The input's bit in Status.IM. */
void interrupt_mask_set(unsigned int input, bool enabled);

/* ---- assembly ---- */

extern char exception_vectors[];
void exception_enter(void);
struct frame *exception_handle(struct frame *frame);
/* setjmp and longjmp by other names: `save` returns 0, then 1 when `load` is called. */
struct jump {
	uint32_t registers[12];
};
__attribute__((returns_twice)) int jump_save(struct jump *jump);
__attribute__((noreturn)) void jump_load(const struct jump *jump);
void user_enter(const struct frame *frame, uint32_t *kernel_sp);
__attribute__((noreturn)) void user_leave(uint32_t kernel_sp);

#endif

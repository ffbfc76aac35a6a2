// SPDX-License-Identifier: BSD-2-Clause
/*
 * Checks offsets.h against the structures. Generates no code.
 */
#include <corbel/thread.h>
#include <corbel/vcpu.h>

#include "offsets.h"
#include "traps.h"

_Static_assert(offsetof(struct thread, arch.sp) == THREAD_SP, "THREAD_SP");
_Static_assert(offsetof(struct thread, arch.cpu) == THREAD_CPU, "THREAD_CPU");
_Static_assert(offsetof(struct thread, stack) == THREAD_STACK, "THREAD_STACK");
_Static_assert(offsetof(struct trap_frame, hi) == TRAP_FRAME_HI, "TRAP_FRAME_HI");
_Static_assert(offsetof(struct trap_frame, lo) == TRAP_FRAME_LO, "TRAP_FRAME_LO");
_Static_assert(offsetof(struct trap_frame, epc) == TRAP_FRAME_EPC, "TRAP_FRAME_EPC");
_Static_assert(offsetof(struct trap_frame, status) == TRAP_FRAME_STATUS, "TRAP_FRAME_STATUS");
_Static_assert(offsetof(struct trap_frame, cause) == TRAP_FRAME_CAUSE, "TRAP_FRAME_CAUSE");
_Static_assert(offsetof(struct trap_frame, badvaddr) == TRAP_FRAME_BADVADDR, "TRAP_FRAME_BADVADDR");
_Static_assert(sizeof(struct trap_frame) == TRAP_FRAME_SIZE, "TRAP_FRAME_SIZE");
_Static_assert(THREAD_STACK_SIZE == (size_t)1 << STACK_SHIFT, "STACK_SHIFT");

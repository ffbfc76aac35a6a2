// SPDX-License-Identifier: BSD-2-Clause
/*
 * Checks offsets.h against the structures. Generates no code.
 */
#include <corbel/thread.h>
#include <corbel/vcpu.h>

#include "offsets.h"
#include "traps.h"

_Static_assert(offsetof(struct vcpu, arch.x) == VCPU_X, "VCPU_X");
_Static_assert(offsetof(struct vcpu, arch.pc) == VCPU_PC, "VCPU_PC");
_Static_assert(offsetof(struct vcpu, arch.sstatus) == VCPU_SSTATUS, "VCPU_SSTATUS");
_Static_assert(offsetof(struct vcpu, arch.hstatus) == VCPU_HSTATUS, "VCPU_HSTATUS");
_Static_assert(offsetof(struct vcpu, arch.host_sp) == VCPU_HOST_SP, "VCPU_HOST_SP");
_Static_assert(offsetof(struct vcpu, arch.host_thread) == VCPU_HOST_THREAD, "VCPU_HOST_THREAD");
_Static_assert(offsetof(struct thread, arch.sp) == THREAD_SP, "THREAD_SP");
_Static_assert(offsetof(struct thread, arch.cpu) == THREAD_CPU, "THREAD_CPU");
_Static_assert(offsetof(struct trap_frame, sepc) == TRAP_FRAME_SEPC, "TRAP_FRAME_SEPC");
_Static_assert(offsetof(struct trap_frame, sstatus) == TRAP_FRAME_SSTATUS, "TRAP_FRAME_SSTATUS");
_Static_assert(offsetof(struct trap_frame, scause) == TRAP_FRAME_SCAUSE, "TRAP_FRAME_SCAUSE");
_Static_assert(offsetof(struct trap_frame, stval) == TRAP_FRAME_STVAL, "TRAP_FRAME_STVAL");
_Static_assert(sizeof(struct trap_frame) == TRAP_FRAME_SIZE, "TRAP_FRAME_SIZE");
_Static_assert(THREAD_STACK_SIZE == (size_t)1 << STACK_SHIFT, "STACK_SHIFT");

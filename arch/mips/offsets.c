// SPDX-License-Identifier: BSD-2-Clause
/*
 * Checks offsets.h against the structures. Generates no code.
 */
#include <corbel/thread.h>
#include <corbel/vcpu.h>

#include "offsets.h"
#include "traps.h"

_Static_assert(offsetof(struct vcpu, arch.gpr) == VCPU_R_OF(0), "VCPU_R_OF");
_Static_assert(offsetof(struct vcpu, arch.hi) == VCPU_HI, "VCPU_HI");
_Static_assert(offsetof(struct vcpu, arch.lo) == VCPU_LO, "VCPU_LO");
_Static_assert(offsetof(struct vcpu, arch.pc) == VCPU_PC, "VCPU_PC");
_Static_assert(offsetof(struct vcpu, arch.delay_slot) == VCPU_DELAY_SLOT, "VCPU_DELAY_SLOT");
_Static_assert(offsetof(struct vcpu, arch.host_sp) == VCPU_HOST_SP, "VCPU_HOST_SP");
_Static_assert(offsetof(struct vcpu, arch.host_thread) == VCPU_HOST_THREAD, "VCPU_HOST_THREAD");
_Static_assert(offsetof(struct vcpu, arch.host_cause) == VCPU_HOST_CAUSE, "VCPU_HOST_CAUSE");
_Static_assert(offsetof(struct vcpu, arch.host_badvaddr) == VCPU_HOST_BADVADDR,
	       "VCPU_HOST_BADVADDR");
_Static_assert(offsetof(struct vcpu, arch.host_badinstr) == VCPU_HOST_BADINSTR,
	       "VCPU_HOST_BADINSTR");
_Static_assert(offsetof(struct vcpu, arch.host_badinstrp) == VCPU_HOST_BADINSTRP,
	       "VCPU_HOST_BADINSTRP");
_Static_assert(offsetof(struct vcpu, arch.entry_status) == VCPU_ENTRY_STATUS, "VCPU_ENTRY_STATUS");
_Static_assert(offsetof(struct vcpu, arch.entry_clears_link) == VCPU_ENTRY_CLEARS_LINK,
	       "VCPU_ENTRY_CLEARS_LINK");
_Static_assert(offsetof(struct vcpu, arch.cp0) == VCPU_CP0, "VCPU_CP0");
_Static_assert(offsetof(struct vcpu, arch.irq_level) == VCPU_IRQ_LEVEL, "VCPU_IRQ_LEVEL");
_Static_assert(offsetof(struct vcpu, arch.fast_table) == VCPU_FAST_TABLE, "VCPU_FAST_TABLE");
_Static_assert(offsetof(struct vcpu, arch.entryhi_user) == VCPU_ENTRYHI_USER, "VCPU_ENTRYHI_USER");
_Static_assert(offsetof(struct vcpu, arch.entryhi_kernel) == VCPU_ENTRYHI_KERNEL,
	       "VCPU_ENTRYHI_KERNEL");
_Static_assert(offsetof(struct vcpu, arch.status_mask) == VCPU_STATUS_MASK, "VCPU_STATUS_MASK");
_Static_assert(offsetof(struct vcpu, arch.fast_cp0_count) == VCPU_FAST_CP0_COUNT,
	       "VCPU_FAST_CP0_COUNT");
_Static_assert(offsetof(struct vcpu, arch.fast_syscall_count) == VCPU_FAST_SYSCALL_COUNT,
	       "VCPU_FAST_SYSCALL_COUNT");
_Static_assert(offsetof(struct vcpu, arch.fast_epc) == VCPU_FAST_EPC, "VCPU_FAST_EPC");
_Static_assert(offsetof(struct vcpu, arch.fast_branch) == VCPU_FAST_BRANCH, "VCPU_FAST_BRANCH");
_Static_assert(offsetof(struct vcpu, arch.shadow_asids) == VCPU_USER_ASIDS, "VCPU_USER_ASIDS");
_Static_assert(offsetof(struct vcpu, arch.shadow_generation) == VCPU_SHADOW_GENERATION,
	       "VCPU_SHADOW_GENERATION");
_Static_assert(offsetof(struct vcpu, arch.count_is_host) == VCPU_COUNT_IS_HOST,
	       "VCPU_COUNT_IS_HOST");
_Static_assert(offsetof(struct vcpu, arch.count_offset) == VCPU_COUNT_OFFSET, "VCPU_COUNT_OFFSET");
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

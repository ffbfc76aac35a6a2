// SPDX-License-Identifier: BSD-2-Clause
/*
 * Where assembly finds the fields of C structures; offsets.c makes the compiler check each.
 */
#ifndef MIPS_OFFSETS_H
#define MIPS_OFFSETS_H

#define VCPU_R_OF(number)      (4 * (number))
#define VCPU_HI		       128
#define VCPU_LO		       132
#define VCPU_PC		       140
#define VCPU_DELAY_SLOT	       144
#define VCPU_HOST_SP	       2720
#define VCPU_HOST_THREAD       2724
#define VCPU_HOST_CAUSE	       2728
#define VCPU_HOST_BADVADDR     2732
#define VCPU_HOST_BADINSTR     2736
#define VCPU_HOST_BADINSTRP    2740
#define VCPU_ENTRY_STATUS      2744
#define VCPU_ENTRY_CLEARS_LINK 2748

#define VCPU_CP0		148
#define VCPU_IRQ_LEVEL		1172
#define VCPU_FAST_TABLE		2752
#define VCPU_ENTRYHI_USER	2756
#define VCPU_ENTRYHI_KERNEL	2760
#define VCPU_COUNT_IS_HOST	2640
#define VCPU_COUNT_OFFSET	2644
#define VCPU_STATUS_MASK	2764
#define VCPU_FAST_CP0_COUNT	2768
#define VCPU_FAST_SYSCALL_COUNT 2772
#define VCPU_FAST_EPC		2776
#define VCPU_FAST_BRANCH	2780
#define VCPU_USER_ASIDS		3360
#define VCPU_KERNEL_ASIDS	(VCPU_USER_ASIDS + 4 * 256)
#define VCPU_SHADOW_GENERATION	6432

#define THREAD_SP    0
#define THREAD_CPU   4
#define THREAD_STACK 80

/* What the vector saves when a trap comes while Corbel runs; below it, room for four arguments. */
#define TRAP_FRAME_R_OF(number) (4 * (number))
#define TRAP_FRAME_HI		128
#define TRAP_FRAME_LO		132
#define TRAP_FRAME_EPC		136
#define TRAP_FRAME_STATUS	140
#define TRAP_FRAME_CAUSE	144
#define TRAP_FRAME_BADVADDR	148
#define TRAP_FRAME_SIZE		152
#define ARGUMENT_AREA_SIZE	16

/* What arch_thread_switch() saves: s0 to s7, fp, ra. */
#define SWITCH_FRAME_RA	  36
#define SWITCH_FRAME_SIZE 40

/* A trap is a stack overflow where it would leave less than this for its handler. */
#define STACK_RESERVE 1024

/* A stack is 2^14 bytes. THREAD_STACK_SIZE is the same. */
#define STACK_SHIFT 14

#endif

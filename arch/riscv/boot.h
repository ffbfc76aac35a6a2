// SPDX-License-Identifier: BSD-2-Clause
/*
 * Entry points that boot.S calls.
 */
#ifndef RISCV_BOOT_H
#define RISCV_BOOT_H

#include <corbel/thread.h>

/* The boot hart's own, from the first C code on: tp and arch.cpu point here. */
extern struct thread boot_thread;
extern struct cpu boot_cpu;

__attribute__((noreturn)) void boot_main(uint64_t hart, uint64_t tree_address);
__attribute__((noreturn)) void secondary_main(void);

#endif

// SPDX-License-Identifier: BSD-2-Clause
/*
 * What the boot code leaves to the rest of the port.
 */
#ifndef MIPS_BOOT_H
#define MIPS_BOOT_H

#include <corbel/cpu.h>
#include <corbel/thread.h>

extern struct thread boot_thread;
extern struct cpu boot_cpu;

/* First C code, called by boot.S with what YAMON handed over. */
__attribute__((noreturn)) void boot_main(uint32_t argument_count, const char *const *arguments,
					 const char *const *environment, uint32_t low_memory);

/* The same on another CPU, on its idle thread's stack. */
__attribute__((noreturn)) void secondary_main(void);

#endif

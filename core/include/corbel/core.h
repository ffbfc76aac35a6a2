// SPDX-License-Identifier: BSD-2-Clause
/*
 * Where a port enters core at boot.
 */
#ifndef CORBEL_CORE_H
#define CORBEL_CORE_H

#include <corbel/types.h>

/* What the port's boot code found out. */
struct boot_information {
	const void *host_tree; /* flattened tree, mapped; from the firmware or built in */
	uint64_t boot_hardware_id;
	hpa_t image_base; /* Corbel itself, as loaded */
	uint64_t image_size;
};

/*
 * Boots the hypervisor and becomes the boot CPU's idle thread. Context: the boot CPU, interrupts
 * off, on the boot stack.
 */
__attribute__((noreturn)) void core_main(const struct boot_information *boot);

/* Prints why this machine cannot be used, in one sentence, and ends it. Boot. */
struct error;
__attribute__((noreturn)) void core_refuse(const struct error *error);

/* "0.1-12-gabcdef" or "unknown". */
extern const char corbel_version[];

#endif

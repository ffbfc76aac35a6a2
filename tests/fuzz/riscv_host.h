// SPDX-License-Identifier: BSD-2-Clause
/*
 * What the RISC-V port's exit path needs of a hart, of core and of the rest of the port, as a model
 * that checks what it is asked for.
 */
#ifndef TESTS_FUZZ_RISCV_HOST_H
#define TESTS_FUZZ_RISCV_HOST_H

#include <corbel/guest.h>

#include "input.h"

/* Host memory, from HOST_RAM on. */
#define HOST_RAM      UINT64_C(0x80000000)
#define HOST_RAM_SIZE UINT64_C(0x800000)

/* Empties memory; what answers accesses and fetches comes from the input from now on. */
void host_begin(struct fuzz_input *input);
/* Pages that are allocated and not freed. */
unsigned int host_pages_used(void);

/* What was asked of core since somebody cleared it. */
struct host_calls {
	unsigned int requests; /* enum guest_request bits */
	unsigned int power_ons, kicks, crashes, accesses;
	size_t debug_bytes;
};

extern struct host_calls host_calls;

#endif

// SPDX-License-Identifier: BSD-2-Clause
/*
 * A model of the MIPS host's TLB under the shadow, and the checks of what is written to it: only
 * memory of the guest that runs, no two entries for one address.
 */
#ifndef TESTS_FUZZ_MIPS_HOST_H
#define TESTS_FUZZ_MIPS_HOST_H

#include <corbel/vcpu.h>

#define HOST_CPUS	 2u
/* Each guest's memory lies in a range of the host's of its own. */
#define HOST_MEMORY_SIZE UINT64_C(0x40000000)

struct host_entry {
	bool used;
	uint32_t first, page, asid;
	uint32_t entrylo[2];
};

/* Begins with empty TLBs of so many entries, with pages up to `page`, and CPU 0. */
void host_begin(unsigned int entries, uint32_t page);
/* The CPU that runs from now on, and the VCPU that is loaded on it. */
void host_switch(unsigned int cpu, struct vcpu *vcpu);
/* The entry that the processor would use; NULL: it would take a refill exception. */
const struct host_entry *host_lookup(uint32_t va);
/* Where an entry leads; false: nowhere, or it must not be written. */
bool host_entry_address(const struct host_entry *entry, uint32_t va, bool store, uint64_t *out);

#endif

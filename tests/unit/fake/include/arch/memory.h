// SPDX-License-Identifier: BSD-2-Clause
/*
 * The fake machine's RAM: an arena that stands for host physical memory from FAKE_RAM_BASE on, so
 * that an address taken for a pointer, or the other way round, does not pass unseen.
 */
#ifndef ARCH_MEMORY_H
#define ARCH_MEMORY_H

#include <corbel/types.h>

#define FAKE_RAM_BASE UINT64_C(0x80000000)
#define FAKE_RAM_SIZE ((size_t)1 << 31)

/* Both end the test where the address lies outside. */
void *fake_ram_pointer(uint64_t address);
uint64_t fake_ram_address(const void *pointer);

static inline void *arch_hpa_to_pointer(hpa_t address)
{
	return fake_ram_pointer(address.raw);
}

static inline hpa_t arch_pointer_to_hpa(const void *pointer)
{
	return HPA(fake_ram_address(pointer));
}

#endif

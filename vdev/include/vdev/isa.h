// SPDX-License-Identifier: BSD-2-Clause
/*
 * What devices on an ISA bus have in common: ports of one byte each. Not a bus: a port is a
 * register in its device's own region.
 */
#ifndef VDEV_ISA_H
#define VDEV_ISA_H

#include <corbel/types.h>

/*
 * The bridge makes as many byte cycles of a wider access, lowest port first; what it reads, and
 * what it writes, is little-endian. These two loops are that bridge: `port` is a function of the
 * device that reads or writes the port at an offset.
 */
static inline uint64_t isa_read(void *device, uint8_t (*port)(void *device, uint64_t offset),
				uint64_t offset, unsigned int size)
{
	uint64_t value = 0;

	for (unsigned int i = 0; i < size; i++)
		value |= (uint64_t)port(device, offset + i) << (8 * i);
	return value;
}

static inline void isa_write(void *device,
			     void (*port)(void *device, uint64_t offset, uint8_t value),
			     uint64_t offset, unsigned int size, uint64_t value)
{
	for (unsigned int i = 0; i < size; i++)
		port(device, offset + i, (uint8_t)(value >> (8 * i)));
}

#endif

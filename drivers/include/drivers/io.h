// SPDX-License-Identifier: BSD-2-Clause
/*
 * Access to memory-mapped device registers: each call is one access of exactly that width, in the
 * order of the program. Not for RAM.
 */
#ifndef DRIVERS_IO_H
#define DRIVERS_IO_H

#include <corbel/types.h>

static inline uint8_t io_read8(const volatile void *base, size_t offset)
{
	return *(const volatile uint8_t *)((const volatile char *)base + offset);
}

static inline uint16_t io_read16(const volatile void *base, size_t offset)
{
	return *(const volatile uint16_t *)((const volatile char *)base + offset);
}

static inline uint32_t io_read32(const volatile void *base, size_t offset)
{
	return *(const volatile uint32_t *)((const volatile char *)base + offset);
}

static inline void io_write8(volatile void *base, size_t offset, uint8_t value)
{
	*(volatile uint8_t *)((volatile char *)base + offset) = value;
}

static inline void io_write16(volatile void *base, size_t offset, uint16_t value)
{
	*(volatile uint16_t *)((volatile char *)base + offset) = value;
}

static inline void io_write32(volatile void *base, size_t offset, uint32_t value)
{
	*(volatile uint32_t *)((volatile char *)base + offset) = value;
}

#endif

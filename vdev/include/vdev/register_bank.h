// SPDX-License-Identifier: BSD-2-Clause
/*
 * Registers that do nothing but keep what is written to them, of which each bit is constant,
 * writable, or cleared by writing a one: PCI configuration space is mostly that. What else a
 * register does is its device's affair. No locks: the device's holds.
 */
#ifndef VDEV_REGISTER_BANK_H
#define VDEV_REGISTER_BANK_H

#include <corbel/types.h>

#define REGISTER_BANK_SIZE 256u

/* Little-endian, 1 to 4 bytes at an offset. What no entry describes is zero and stays so. */
struct register_entry {
	uint8_t offset;
	uint8_t size;
	uint32_t reset;
	uint32_t writable;
	uint32_t clearable; /* by writing ones */
};

struct register_bank {
	uint8_t value[REGISTER_BANK_SIZE];
	uint8_t writable[REGISTER_BANK_SIZE];
	uint8_t clearable[REGISTER_BANK_SIZE];
};

/* Sets the bank up as it is after a reset. */
void register_bank_reset(struct register_bank *bank, const struct register_entry *entries,
			 unsigned int count);

/* Up to 8 bytes, little-endian. Behind the end is nothing, which reads as ones. */
uint64_t register_bank_read(const struct register_bank *bank, uint64_t offset, unsigned int size);
void register_bank_write(struct register_bank *bank, uint64_t offset, unsigned int size,
			 uint64_t value);

#endif

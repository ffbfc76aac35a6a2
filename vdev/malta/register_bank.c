// SPDX-License-Identifier: BSD-2-Clause
/*
 * Banks of registers that only keep what is written to them. Not a device.
 */
#include <string.h>

#include <corbel/panic.h>
#include <vdev/register_bank.h>

static void entry_reset(struct register_bank *bank, const struct register_entry *entry)
{
	ASSERT(entry->size <= 4 && entry->offset + entry->size <= REGISTER_BANK_SIZE);
	for (unsigned int i = 0; i < entry->size; i++) {
		bank->value[entry->offset + i] = (uint8_t)(entry->reset >> (8 * i));
		bank->writable[entry->offset + i] = (uint8_t)(entry->writable >> (8 * i));
		bank->clearable[entry->offset + i] = (uint8_t)(entry->clearable >> (8 * i));
	}
}

void register_bank_reset(struct register_bank *bank, const struct register_entry *entries,
			 unsigned int count)
{
	memset(bank, 0, sizeof(*bank));
	for (unsigned int i = 0; i < count; i++)
		entry_reset(bank, &entries[i]);
}

uint64_t register_bank_read(const struct register_bank *bank, uint64_t offset, unsigned int size)
{
	uint64_t value = 0;

	for (unsigned int i = 0; i < size; i++) {
		uint8_t byte = offset < REGISTER_BANK_SIZE - i ? bank->value[offset + i] : 0xff;

		value |= (uint64_t)byte << (8 * i);
	}
	return value;
}

static void byte_write(struct register_bank *bank, uint64_t offset, uint8_t value)
{
	uint8_t writable = bank->writable[offset];

	bank->value[offset] &= (uint8_t) ~(value & bank->clearable[offset]);
	bank->value[offset] = (bank->value[offset] & (uint8_t)~writable) | (value & writable);
}

void register_bank_write(struct register_bank *bank, uint64_t offset, unsigned int size,
			 uint64_t value)
{
	for (unsigned int i = 0; i < size && offset < REGISTER_BANK_SIZE - i; i++)
		byte_write(bank, offset + i, (uint8_t)(value >> (8 * i)));
}

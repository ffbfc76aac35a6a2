// SPDX-License-Identifier: BSD-2-Clause
/*
 * Looks up functions in the table that the build linked in.
 */
#include <corbel/symbols.h>

/* Where the image and its code lie; from the linker script. */
extern const char __image_start[];
extern const char __text_end[];

const char *symbol_find(uintptr_t address, uintptr_t *offset)
{
	uintptr_t start = (uintptr_t)__image_start;
	uint32_t low = 0, high = symbol_count;

	if (address < start || address >= (uintptr_t)__text_end)
		return NULL;
	/* The last entry that does not lie behind the address is low - 1 in the end. */
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (symbol_table[middle].offset <= address - start)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0)
		return NULL;
	*offset = address - start - symbol_table[low - 1].offset;
	return symbol_names + symbol_table[low - 1].name;
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * What it costs to touch memory that was not touched before.
 */
#include "bench.h"

#define TOUCH_PAGES 1024

/* The upper half of RAM up to where the tree may lie: the image is in the lower, and so is nothing
 * else. */
BENCH(first_touch, "first-touch-of-page")
{
	uint64_t address = machine.ram_base + machine.ram_size / 2;
	uint64_t start = instret();

	for (unsigned int page = 0; page < TOUCH_PAGES; page++)
		*(volatile uint8_t *)(address + page * 4096ul) = 1;
	return (instret() - start) / TOUCH_PAGES;
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Corbel's own view of memory. Nothing of it goes through the TLB, which is the guests':
 *
 *	0x80000000  kseg0, cached: image, RAM below 256 MiB, stacks
 *	0xa0000000  kseg1, uncached: the same, and device registers
 *	0xc0000000  with segmentation control: the flat view of RAM at physical 0x80000000, cached
 *
 * With segmentation control these segments are unmapped for the kernel only (access mode MUSUK):
 *for user mode, in which all of a guest runs, the whole address space is translated.
 */
#include <errno.h>

#include <corbel/arch.h>
#include <corbel/page.h>
#include <corbel/panic.h>

#include "mmu.h"
#include "probe.h"
#include "processor.h"
#include "stack.h"

/* A segment's configuration: physical bits 31:29, access mode MUSUK, cacheability. PRA, "SegCtl".
 */
#define SEGMENT(physical, cca) ((physical) >> 29 << 9 | 4u << 4 | (cca))
#define CCA_UNCACHED	       2u
#define CCA_CACHED	       3u

/* Short of the end of the address space, so that the end of an object there is an address too. */
#define WINDOW_SIZE (0x40000000u - 0x00100000u)

void mmu_segments_init(void)
{
	if (!processor_has(PROCESSOR_SEGMENTS))
		return;
	c0_write(C0_SEGCTL0,
		 SEGMENT(0x80000000u, CCA_CACHED) << 16 | SEGMENT(0xa0000000u, CCA_CACHED));
	c0_write(C0_SEGCTL1, SEGMENT(0u, CCA_CACHED) << 16 | SEGMENT(0u, CCA_UNCACHED));
	c0_hazard_barrier();
}

uint32_t mmu_window_size(void)
{
	return processor_has(PROCESSOR_SEGMENTS) ? WINDOW_SIZE : 0;
}

int arch_memory_init(struct error *error)
{
	(void)error;
	return 0;
}

static unsigned int stack_order(size_t size)
{
	unsigned int order = 0;

	while (PAGE_SIZE << order < size)
		order++;
	return order;
}

void *arch_stack_alloc(size_t size)
{
	hpa_t stack;
	void *pointer;

	if (page_alloc(stack_order(size), PAGE_USE_STACK, &stack) != 0)
		return NULL;
	pointer = arch_hpa_to_pointer(stack);
	stack_canary_set(pointer);
	return pointer;
}

void arch_stack_free(void *stack, size_t size)
{
	ASSERT(stack_canary_is_whole(stack));
	page_free(arch_pointer_to_hpa(stack), stack_order(size), PAGE_USE_STACK);
}

volatile void *arch_io_map(hpa_t base, size_t size)
{
	if (base.raw > MEMORY_KSEG0_SIZE || size > MEMORY_KSEG0_SIZE - base.raw)
		return NULL;
	return (volatile void *)(uintptr_t)(MEMORY_KSEG1_BASE + (uint32_t)base.raw);
}

void arch_memory_zero(void *page_aligned, size_t size)
{
	uint32_t *word = page_aligned;

	for (uint32_t *end = word + size / sizeof(*word); word != end; word += 8) {
		word[0] = 0;
		word[1] = 0;
		word[2] = 0;
		word[3] = 0;
		word[4] = 0;
		word[5] = 0;
		word[6] = 0;
		word[7] = 0;
	}
}

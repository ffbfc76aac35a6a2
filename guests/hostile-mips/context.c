// SPDX-License-Identifier: BSD-2-Clause
/*
 * Contexts but for their assembly, and the TLB: what attacks are made of.
 */
#include "hostile.h"

#define CODE_WORDS_MAX 256u

/* What an exception may be for; the rest are machine checks, debug, and units that there are not.
 */
#define CODES_KNOWN 0x3fffu

/* ---- coprocessor 0 ---- */

/* What a context may have changed; Status is restored already. */
void processor_restore(void)
{
	cp0_write(CP0_EBASE, (uint32_t)(uintptr_t)vectors);
	cp0_write(CP0_CAUSE, CAUSE_IV);
	cp0_write(CP0_COMPARE, cp0_read(CP0_COUNT) - 1);
	cp0_write(CP0_CONFIG, 3);
	cp0_write(CP0_INTCTL, 0);
	cp0_write(CP0_WIRED, 0);
	cp0_write(CP0_PAGEMASK, 0);
	cp0_write(CP0_HWRENA, 0);
}

/* ---- contexts ---- */

void context_init(struct context *context)
{
	*context = (struct context){ .hi = random_word(), .lo = random_word() };
	for (unsigned int i = 1; i < 32; i++)
		context->gpr[i] = random_odd();
}

static void line_synchronize(const uint32_t *word)
{
	__asm__ volatile("synci 0(%0)" : : "r"(word) : "memory");
}

uint32_t code_put(const uint32_t *words, unsigned int count)
{
	uint32_t physical = CODE_BASE + PAGE * random_below(CODE_SIZE / PAGE);
	uint32_t *page = memory_at(physical);

	for (unsigned int i = 0; i < count && i < CODE_WORDS_MAX; i++)
		page[i] = words[i];
	page[count] = INSTRUCTION_BREAK;
	page[count + 1] = INSTRUCTION_NOP;
	for (unsigned int i = 0; i < count + 2; i++)
		line_synchronize(&page[i]);
	__asm__ volatile("sync\n\tehb" : : : "memory");
	return physical;
}

void context_watch(struct context *context, uint32_t ticks)
{
	uint32_t compare;

	/* Count may have gone past it by the time that it is written. */
	do {
		compare = cp0_read(CP0_COUNT) + ticks;
		cp0_write(CP0_COMPARE, compare);
		ticks += 1 + ticks;
	} while ((int32_t)(compare - cp0_read(CP0_COUNT)) <= 0 &&
		 (cp0_read(CP0_CAUSE) & CAUSE_TI) == 0);
	context->status |= STATUS_IE | 0x8000;
}

void context_try(struct context *context)
{
	context_run(context);
	if ((CODES_KNOWN >> context_code(context) & 1) == 0)
		wrong("the cause of an exception", context->cause, 0);
	processor_restore();
}

/* ---- the TLB ---- */

void tlb_set(unsigned int index, const struct page *page)
{
	cp0_write(CP0_INDEX, index);
	cp0_write(CP0_ENTRYHI, page->entryhi);
	cp0_write(CP0_PAGEMASK, page->mask);
	cp0_write(CP0_ENTRYLO0, page->entrylo0);
	cp0_write(CP0_ENTRYLO1, page->entrylo1);
	tlb_instruction("tlbwi");
	cp0_write(CP0_PAGEMASK, 0);
}

unsigned int tlb_find(uint32_t entryhi, unsigned int otherwise)
{
	uint32_t index;

	cp0_write(CP0_ENTRYHI, entryhi);
	tlb_instruction("tlbp");
	index = cp0_read(CP0_INDEX);
	return (index & INDEX_P) == 0 ? index : otherwise;
}

void tlb_clear(void)
{
	struct page page = { 0 };

	for (unsigned int i = 0; i < tlb_size; i++) {
		page.entryhi = MAP_UNUSED + 2 * PAGE * i;
		tlb_set(i, &page);
	}
	cp0_write(CP0_ENTRYHI, 0);
}

void code_map(uint32_t physical, uint32_t asid)
{
	struct page page = { .entryhi = (physical & ~(2 * PAGE - 1)) | asid };

	page.entrylo0 = entrylo_of(physical & ~PAGE, ENTRYLO_V);
	page.entrylo1 = entrylo_of(physical | PAGE, ENTRYLO_V);
	tlb_set(0, &page);
}

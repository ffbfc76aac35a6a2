// SPDX-License-Identifier: BSD-2-Clause
/*
 * Attacks by addresses: a TLB full of anything, segments, devices, and code that changes.
 */
#include <stddef.h>

#include "hostile.h"

#define REGISTER_T0 8u
#define REGISTER_T1 9u
#define REGISTER_V0 2u

#define WORD_LW_T1_T0 0x8d090000u
#define MASKS	      9u

/* One map's uncached segment reaches devices only. */
#define KSEG1_HAS_MEMORY ((uint32_t)MAP_KSEG1 - (uint32_t)MAP_KSEG0 == 0x20000000u)

/* How an access ends where memory, a device or nobody answers. */
enum answer {
	ANSWER_MEMORY,
	ANSWER_UNKNOWN,
	ANSWER_NOBODY,
};

static enum answer answer_at(uint32_t physical)
{
	if (physical < ram_size)
		return ANSWER_MEMORY;
	if (board_is_open || (physical & ~7u) == UART_BASE || physical - FPGA_BASE < FPGA_SIZE ||
	    physical - ROM_BASE < 0x100000)
		return ANSWER_UNKNOWN;
	return ANSWER_NOBODY;
}

/* A load that leads to a physical address, as it was found and as it must be. */
static void answer_check(const struct context *context, uint32_t physical)
{
	unsigned int code = context_code(context);
	uint32_t found = context->gpr[REGISTER_T1];

	switch (answer_at(physical)) {
	case ANSWER_MEMORY:
		if (code != CODE_BREAK)
			wrong("the exception of a load from memory", code, CODE_BREAK);
		else if (found != *(const uint32_t *)memory_at(physical))
			wrong("a word of memory", found, *(const uint32_t *)memory_at(physical));
		break;
	case ANSWER_NOBODY:
		if (code != CODE_BUS_DATA)
			wrong("the exception of a load from nowhere", code, CODE_BUS_DATA);
		break;
	case ANSWER_UNKNOWN:
		break;
	}
}

/* Loads the word there, in kernel mode or in user mode with that ASID. */
static void load_try(struct context *context, uint32_t va, bool user, uint32_t asid)
{
	static const uint32_t words[] = { WORD_LW_T1_T0 };
	uint32_t physical = code_put(words, 1);

	context_init(context);
	context->gpr[REGISTER_T0] = va;
	context->epc = MAP_KSEG0 + physical;
	if (user) {
		code_map(physical, asid);
		context->epc = physical;
		context->status = STATUS_UM;
	}
	cp0_write(CP0_ENTRYHI, asid);
	context_try(context);
}

/* ---- the TLB ---- */

static struct page pages[64];

static bool entry_matches(const struct page *page, uint32_t va, uint32_t asid)
{
	bool global = (page->entrylo0 & page->entrylo1 & ENTRYLO_G) != 0;

	return ((page->entryhi ^ va) & ~(page->mask | 0x1fff)) == 0 &&
	       (global || (page->entryhi & 0xff) == asid);
}

/* Of entries that overlap nobody knows which one counts. */
static const struct page *entry_find(uint32_t va, uint32_t asid, unsigned int *count)
{
	const struct page *found = NULL;

	*count = 0;
	for (unsigned int i = 1; i < tlb_size; i++) {
		if (!entry_matches(&pages[i], va, asid))
			continue;
		found = &pages[i];
		(*count)++;
	}
	return found;
}

static struct page page_any(uint32_t asid)
{
	struct page page = { .mask = (1u << (13 + 2 * random_below(MASKS))) - 0x2000 };
	uint32_t base = random_below(2) != 0 ? MAP_KSEG2 : 0x01000000;
	uint32_t global = random_below(8) == 0 ? ENTRYLO_G : 0;

	if (random_below(2) != 0)
		page.mask = 0;
	page.entryhi = ((base + random_below(0x400000)) & ~(page.mask | 0x1fff)) |
		       (asid ^ (random_below(4) == 0));
	page.entrylo0 = entrylo_of(random_below(ram_size), global);
	page.entrylo1 = entrylo_of(random_below(8) == 0 ? random_word() : PATTERN_BASE, global);
	page.entrylo0 |= random_below(4) != 0 ? ENTRYLO_V : 0;
	page.entrylo1 |= random_below(4) != 0 ? ENTRYLO_V : 0;
	return page;
}

static uint32_t physical_of(const struct page *page, uint32_t va, uint32_t *entrylo)
{
	uint32_t size = ((page->mask | 0x1fff) + 1) / 2;

	*entrylo = (va & size) != 0 ? page->entrylo1 : page->entrylo0;
	return (((*entrylo & 0x03ffffc0) << 6) & ~(size - 1)) | (va & (size - 1));
}

static bool is_mapped(uint32_t va, bool user)
{
	if (va < 0x01000000)
		return false; /* where the code is */
	if (user)
		return va < 0x40000000;
	return va - MAP_KSEG2 < 0x20000000 || (MAP_KSEG0 != 0 && va < 0x40000000);
}

static void translation_check(uint32_t va, bool user, uint32_t asid)
{
	static struct context context;
	uint32_t entrylo = 0, physical;
	unsigned int count;
	const struct page *page = entry_find(va, asid, &count);

	if (!is_mapped(va, user) || count > 1)
		return;
	load_try(&context, va, user, asid);
	if (page != NULL)
		physical = physical_of(page, va, &entrylo);
	if ((entrylo & ENTRYLO_V) != 0) {
		answer_check(&context, physical);
		return;
	}
	if (context_code(&context) != CODE_TLB_LOAD)
		wrong("the exception of a load that is not mapped", context_code(&context),
		      CODE_TLB_LOAD);
	if (context.vector != (page == NULL ? 0 : 0x180))
		wrong("its vector", context.vector, page == NULL ? 0 : 0x180);
	if (context.badvaddr != va)
		wrong("its address", context.badvaddr, va);
}

/* Entries that overlap each other and come and go, and whether those that do not are right. */
void attack_tlb(void)
{
	uint32_t asid = random_below(256);

	for (unsigned int i = 1; i < tlb_size; i++) {
		pages[i] = page_any(asid);
		tlb_set(i, &pages[i]);
	}
	for (unsigned int i = 0; i < 64; i++) {
		unsigned int index = 1 + random_below(tlb_size - 1);
		const struct page *page = &pages[index];
		uint32_t va = (page->entryhi & ~0x1fffu) + random_below(page->mask + 0x2000);

		translation_check(va & ~3u, random_below(3) == 0, asid ^ random_below(2));
		if (random_below(2) == 0)
			continue;
		pages[index] = page_any(asid);
		tlb_set(index, &pages[index]);
	}
	tlb_clear();
}

/* ---- segments ---- */

struct segment {
	uint32_t first, size;
};

/* Unmapped ones of kernel mode, each from physical 0 on. */
static const struct segment segments[] = {
	{ MAP_KSEG0, 0x20000000 },
	{ MAP_KSEG1, 0x20000000 },
};

static bool is_unmapped(uint32_t va, uint32_t *physical)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(segments); i++) {
		if (va - segments[i].first >= segments[i].size)
			continue;
		*physical = va - segments[i].first;
		return true;
	}
	return false;
}

/* The classic cached segment is there beside the map's own, on processors that can have it. */
static bool is_unmapped_elsewhere(uint32_t va)
{
	return !KSEG1_HAS_MEMORY && va - 0x80000000u < 0x20000000;
}

static void kernel_load_check(uint32_t va)
{
	static struct context context;
	uint32_t physical = 0;

	load_try(&context, va, false, 0);
	if ((va & 3) != 0) {
		if (context_code(&context) != CODE_ADDRESS_LOAD || context.badvaddr != va)
			wrong("the exception of a misaligned load", context_code(&context),
			      CODE_ADDRESS_LOAD);
	} else if (is_unmapped(va, &physical)) {
		if (va - MAP_KSEG1 >= 0x20000000 || KSEG1_HAS_MEMORY)
			answer_check(&context, physical);
	} else if (context_code(&context) == CODE_BREAK && !is_unmapped_elsewhere(va)) {
		wrong("a load from what is not mapped", context.gpr[REGISTER_T1], va);
	}
}

/* Whatever user mode loads, it is not there: nothing but its code is mapped. */
static void user_load_check(uint32_t va)
{
	static struct context context;
	unsigned int code;

	load_try(&context, va, true, 0);
	code = context_code(&context);
	if (code != CODE_ADDRESS_LOAD && code != CODE_TLB_LOAD && va - CODE_BASE >= CODE_SIZE)
		wrong("a load out of user mode", code, CODE_TLB_LOAD);
}

/* Jumps to where there is no code; of user mode's there is none at all. */
static void jump_check(uint32_t va, bool user)
{
	static struct context context;
	uint32_t physical;

	if ((va & 3) == 0 && !user && is_unmapped(va, &physical) &&
	    answer_at(physical) != ANSWER_NOBODY)
		return;
	context_init(&context);
	context.epc = va;
	context.status = user ? STATUS_UM : 0;
	context_watch(&context, 20000);
	context_try(&context);
	if (context_code(&context) == CODE_BREAK)
		wrong("code that is not there", va, 0);
	if ((va & 3) == 0 || context_code(&context) == CODE_INTERRUPT)
		return;
	if (context_code(&context) != CODE_ADDRESS_LOAD || context.badvaddr != va ||
	    context.epc != va)
		wrong("the exception of a misaligned jump", context.epc, va);
}

void attack_addresses(void)
{
	uint32_t va = random_odd();

	switch (random_below(4)) {
	case 0:
		user_load_check(va);
		break;
	case 1:
		jump_check(va, random_below(2) != 0);
		break;
	case 2:
		va &= ~3u;
		/* falls through */
	default:
		kernel_load_check(va);
		break;
	}
	tlb_clear();
}

/* ---- devices ---- */

struct window {
	uint32_t base, size;
};

/* None that ends the guest, nor the line that it prints to. */
static const struct window plain_windows[] = {
	{ UART_BASE + 2, 1 },
	{ UART_BASE + 5, 3 },
	{ FPGA_BASE, 0x500 },
	{ FPGA_BASE + 0x508, 0x3f8 },
};

static const struct window malta_windows[] = {
	{ 0x18000020, 2 },     { 0x180000a0, 2 },	   { 0x180004d0, 2 },
	{ 0x18000040, 4 },     { 0x18000061, 1 },	   { 0x18000060, 8 },
	{ 0x18000070, 4 },     { 0x180002f8, 8 },	   { 0x1f000900, 0x40 },
	{ GT_BASE, 0x1000 },   { GT_BASE + 0xc00, 0x100 }, { 0x14000000, 0x1000 },
	{ 0x18001006, 0x3a },  { UART_BASE + 5, 3 },	   { FPGA_BASE, 0x500 },
	{ 0x10000000, 0x100 }, { 0x18000300, 0x10 },
};

static const struct window *window_any(void)
{
	if (board_is_open)
		return &malta_windows[random_below(ARRAY_SIZE(malta_windows))];
	return &plain_windows[random_below(ARRAY_SIZE(plain_windows))];
}

/* Loads and stores of every kind; interrupts that come of it end the next one. */
void attack_devices(void)
{
	static const uint32_t opcodes[] = { 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26,
					    0x28, 0x29, 0x2a, 0x2b, 0x2e, 0x30, 0x38 };
	static struct context context;
	uint32_t words[8];

	for (unsigned int i = 0; i < ARRAY_SIZE(words); i++) {
		const struct window *window = window_any();
		/* From t0 + i to itself or zero: registers 16 on hold addresses. */
		words[i] = opcodes[random_below(ARRAY_SIZE(opcodes))] << 26 | (16 + i) << 21 |
			   (1 + random_below(15)) << 16;
		context.gpr[16 + i] = MAP_KSEG1 + window->base + random_below(window->size);
		if (window->size < 8)
			words[i] = (random_below(2) != 0 ? 0x20u : 0x28u) << 26 |
				   (words[i] & 0x03ffffff);
	}
	for (unsigned int i = 1; i < 16; i++)
		context.gpr[i] = random_below(2) != 0 ? random_below(256) : random_word();
	context.status = random_below(2) * 0xff01;
	context.epc = MAP_KSEG0 + code_put(words, ARRAY_SIZE(words));
	context_try(&context);
}

/* ---- code ---- */

/* How a program says that it has changed its code. */
static void code_changed(const uint32_t *word)
{
	switch (random_below(3)) {
	case 0:
		__asm__ volatile("cache 0x15, 0(%0)\n\tsync\n\tcache 0x10, 0(%0)"
				 :
				 : "r"(word)
				 : "memory");
		break;
	case 1:
		__asm__ volatile("cache 0x19, 0(%0)\n\tsync\n\tcache 0x00, 0(%0)"
				 :
				 : "r"(word)
				 : "memory");
		break;
	default:
		__asm__ volatile("synci 0(%0)" : : "r"(word) : "memory");
		break;
	}
	__asm__ volatile("sync\n\tehb" : : : "memory");
}

/* Changes one instruction of its own again and again, and looks which is executed. */
void attack_code(void)
{
	static struct context context;
	uint32_t word = INSTRUCTION_NOP, physical = code_put(&word, 1);
	bool user = random_below(2) != 0;

	for (unsigned int i = 0; i < 8; i++) {
		uint32_t number = random_below(0x8000);
		uint32_t *code = memory_at(physical);

		/* ori v0, zero, number; or what traps and is emulated. */
		code[0] = 0x34020000 | number;
		if (!user && random_below(4) == 0) {
			code[0] = 0x40027800; /* mfc0 v0, PRId */
			number = cp0_read(CP0_PRID);
		}
		code_changed(code);
		context_init(&context);
		context.epc = user ? physical : MAP_KSEG0 + physical;
		context.status = user ? STATUS_UM : 0;
		if (user)
			code_map(physical, 0);
		context_try(&context);
		if (context.gpr[REGISTER_V0] != number)
			wrong("what changed code did", context.gpr[REGISTER_V0], number);
	}
	tlb_clear();
}

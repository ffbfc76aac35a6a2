// SPDX-License-Identifier: BSD-2-Clause
/*
 * A guest that does at random what it should not, without end. It checks only that what is its own
 * stays right; that nobody else notices is for others to check. It tells its seed at the start, and
 * every so often how far it is: `hostile: N attacks, M wrong`.
 */
#include <stddef.h>

#include <rtos/console.h>

#include "hostile.h"

#define REPORT_INTERVAL 500u
#define CHECK_INTERVAL	100u

#define HOSTILE_SEED 0x1badcafeu

_Static_assert(offsetof(struct context, hi) == CONTEXT_HI, "context.h");
_Static_assert(offsetof(struct context, lo) == CONTEXT_LO, "context.h");
_Static_assert(offsetof(struct context, status) == CONTEXT_STATUS, "context.h");
_Static_assert(offsetof(struct context, epc) == CONTEXT_EPC, "context.h");
_Static_assert(offsetof(struct context, cause) == CONTEXT_CAUSE, "context.h");
_Static_assert(offsetof(struct context, badvaddr) == CONTEXT_BADVADDR, "context.h");
_Static_assert(offsetof(struct context, vector) == CONTEXT_VECTOR, "context.h");
_Static_assert(sizeof(struct context) == CONTEXT_SIZE, "context.h");

__attribute__((noreturn)) void hostile_main(uint32_t ram_low, uint32_t ram_high, uint32_t size_low,
					    uint32_t size_high);
__attribute__((noreturn)) void hostile_lost(uint32_t cause, uint32_t epc, uint32_t badvaddr);

bool board_is_open;
uint32_t ram_size;
unsigned int tlb_size;
static uint32_t random_state = HOSTILE_SEED;
static uint32_t wrong_count, program_sum;
static const char *attack_name = "start";

/* Both ends of what does not change. */
extern const uint32_t start[], data_start[];

/* ---- chance ---- */

uint32_t random_word(void)
{
	/* Xorshift, 32 bits. */
	random_state ^= random_state << 13;
	random_state ^= random_state >> 17;
	random_state ^= random_state << 5;
	return random_state;
}

uint32_t random_below(uint32_t limit)
{
	return (uint32_t)((uint64_t)random_word() * limit >> 32);
}

uint32_t random_odd(void)
{
	static const uint32_t edges[] = { MAP_KSEG0,   MAP_KSEG1,   MAP_KSEG2,	0x80000000u,
					  0xa0000000u, 0xc0000000u, 0xe0000000u };

	switch (random_below(8)) {
	case 0:
		return 1u << random_below(32);
	case 1:
		return -(1u << random_below(32));
	case 2:
		return random_below(16) - 8;
	case 3:
		return edges[random_below(ARRAY_SIZE(edges))] + random_below(32) - 16;
	case 4:
		return edges[random_below(ARRAY_SIZE(edges))] + random_below(2 * ram_size);
	case 5:
		return MAP_KSEG0 + SCRATCH_BASE + random_below(SCRATCH_SIZE);
	default:
		return random_word();
	}
}

/* ---- what must stay ---- */

void wrong(const char *what, uint32_t found, uint32_t expected)
{
	if (wrong_count++ < 100)
		console_print("hostile: %s: %s: 0x%08x instead of 0x%08x\n", attack_name, what,
			      (unsigned int)found, (unsigned int)expected);
}

void hostile_lost(uint32_t cause, uint32_t epc, uint32_t badvaddr)
{
	console_print("hostile: %s: lost: cause 0x%08x at 0x%08x, address 0x%08x\n", attack_name,
		      (unsigned int)cause, (unsigned int)epc, (unsigned int)badvaddr);
	for (;;)
		__asm__ volatile("wait");
}

static uint32_t program_sum_get(void)
{
	uint32_t sum = 0;

	for (const uint32_t *word = start; word < data_start; word++)
		sum = (sum << 1 | sum >> 31) ^ *word;
	return sum;
}

static void memory_fill(void)
{
	for (uint32_t at = KEPT_BASE; at < KEPT_BASE + KEPT_SIZE; at += 4)
		*(uint32_t *)memory_at(at) = pattern_at(at);
	for (uint32_t at = PATTERN_BASE; at < PATTERN_END; at += 4)
		*(uint32_t *)memory_at(at) = pattern_at(at);
	program_sum = program_sum_get();
}

static void memory_check(void)
{
	for (uint32_t at = KEPT_BASE; at < KEPT_BASE + KEPT_SIZE; at += 4)
		if (*(const uint32_t *)memory_at(at) != pattern_at(at))
			wrong("a word that nobody may write", *(const uint32_t *)memory_at(at),
			      pattern_at(at));
	if (program_sum_get() != program_sum)
		wrong("the sum of the program", program_sum_get(), program_sum);
}

/* ---- attacking ---- */

static const struct {
	const char *name;
	void (*run)(void);
} attacks[] = {
	{ "instructions", attack_instructions },
	{ "user code", attack_user_code },
	{ "levels", attack_levels },
	{ "tlb", attack_tlb },
	{ "addresses", attack_addresses },
	{ "devices", attack_devices },
	{ "time", attack_time },
	{ "code", attack_code },
};

static void processor_find(void)
{
	static struct context context;
	/* lw zero, 0(t0) */
	static const uint32_t load = 0x8d000000;

	tlb_size = (cp0_read(CP0_CONFIG1) >> 25 & 63) + 1;
	context_init(&context);
	context.gpr[8] = MAP_KSEG1 + GT_BASE;
	context.epc = MAP_KSEG0 + code_put(&load, 1);
	context_try(&context);
	board_is_open = context_code(&context) != CODE_BUS_DATA;
}

void hostile_main(uint32_t ram_low, uint32_t ram_high, uint32_t size_low, uint32_t size_high)
{
	(void)ram_low;
	(void)ram_high;
	/* A 64-bit argument; the half that is not 0 is the size. */
	ram_size = size_low | size_high;
	memory_fill();
	processor_restore();
	tlb_clear();
	processor_find();
	console_print("hostile: seed 0x%08x, map %s, %s, %u KiB\n", (unsigned int)HOSTILE_SEED,
		      MAP_NAME, board_is_open ? "Malta" : "plain", (unsigned int)(ram_size >> 10));
	for (uint32_t done = 1;; done++) {
		unsigned int number = random_below(ARRAY_SIZE(attacks));

		attack_name = attacks[number].name;
		attacks[number].run();
		if (done % CHECK_INTERVAL == 0)
			memory_check();
		if (done % REPORT_INTERVAL == 0)
			console_print("hostile: %u attacks, %u wrong\n", (unsigned int)done,
				      (unsigned int)wrong_count);
	}
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Attacks by instructions: one in each mode, in and out of delay slots, and random user programs.
 */
#include "hostile.h"

#define STATUS_MODES (STATUS_UM | STATUS_EXL | STATUS_ERL)

#define REGISTER_T0 8u
#define REGISTER_T9 25u
#define REGISTER_RA 31u

#define OPCODE(word)   ((word) >> 26)
#define RS(word)       ((word) >> 21 & 31)
#define RT(word)       ((word) >> 16 & 31)
#define FUNCTION(word) ((word)&63)

#define WATCH_TICKS 20000u

/* ---- instructions ---- */

/* What some processor has, and another has not or has for its kernel. */
static const uint32_t special_words[] = {
	0x42000001, 0x42000002, 0x42000003, 0x42000004, 0x42000006, 0x42000008, /* TLB */
	0x42000018, 0x42000058, 0x42000020, 0x42000038, 0x4200001f, /* ERET, ERETNC, WAIT, IACK,
								       DERET */
	0x7000003f, 0x70000fff,					    /* SDBBP */
	0x7d00f009, 0x7d000009, 0x7c0a4808,			    /* YIELD, FORK */
	0x41000000, 0x41800000, 0x41610001, 0x41610021, 0x41610bc1, 0x41610be1, /* MFTR to EVPE */
	0x40600000, 0x40600200, 0x40600400, 0x42000028,				/* virtualization */
	0x40400000, 0x40c00000,							/* MFHC0, MTHC0 */
	0x7d08001b, 0x7d08002f, 0x7d08001e, 0x7d08002c, 0x7d08001d, /* CACHEE, LWE, SCE, LBE, SHE */
	0x7c00003d, 0x7c0000bd,					    /* GINVI, GINVT */
	0x7d0504b8, 0x7c08000a, 0x7d095018, 0x01094810, /* DSP: RDDSP, LWX, ..., MFHI ac1 */
	0x78000019, 0x787e0819,				/* MSA: CFCMSA, ... */
	0x46000000, 0xc5000000, 0xf5000000, 0x4d000000, 0x45000001, 0x00010001, /* FPU */
	0x48000000, 0xc9000000, 0xd9000000, 0x4bffffff,				/* coprocessor 2 */
	0x00000140, 0x0000000f, 0x000000c0, 0xcd000000, 0x041f0000, 0x053f0000, /* PAUSE to SYNCI */
	0xc1090000, 0xe1090000,							/* LL, SC */
	0x41606000, 0x41606020, 0x417f6000, 0x41606040, /* DI, EI, and nearly so */
	0x00000034, 0x00000000, 0x0000003f, 0xfc000000, 0xdc000000, 0x6c000000,
};

static uint32_t privileged_word(void)
{
	switch (random_below(4)) {
	case 0:
		return 0x40000000 | random_word() >> 6;
	case 1:
		return 0x42000000 | random_below(64) | (random_below(8) == 0 ? 0x40 : 0);
	case 2:
		return 0xbc000000 | random_word() >> 6;
	default:
		return 0x40000000 | random_below(2) << 23 | random_below(1024) << 11 |
		       random_below(8);
	}
}

static uint32_t word_any(void)
{
	switch (random_below(8)) {
	case 0:
	case 1:
	case 2:
		return privileged_word();
	case 3:
	case 4:
		return special_words[random_below(ARRAY_SIZE(special_words))];
	case 5:
		return (0x20 + random_below(32)) << 26 | random_word() >> 6;
	case 6:
		return (random_below(2) != 0 ? 0x70000000u : 0x7c000000u) | random_word() >> 6;
	default:
		return random_word();
	}
}

/* Branches and jumps, and what some processors have in their place. */
static bool is_branch(uint32_t word)
{
	uint32_t opcode = OPCODE(word);

	if (opcode == 0)
		return FUNCTION(word) == 8 || FUNCTION(word) == 9;
	if (opcode == 1)
		return (RT(word) & 0xc) == 0 || (RT(word) & 0x1e) == 0x1c;
	return (opcode >= 2 && opcode <= 7) || (opcode >= 0x14 && opcode <= 0x17) || opcode == 0x1d;
}

static bool is_store(uint32_t word)
{
	return (OPCODE(word) >= 0x28 && OPCODE(word) <= 0x2e) || OPCODE(word) == 0x38;
}

/* Up to three bytes on either side may be meant. */
static bool store_is_harmless(uint32_t address)
{
	uint32_t offset = (address & ~3u) - MAP_KSEG0 - SCRATCH_BASE;

	return offset < SCRATCH_SIZE ||
	       (address >= MAP_KSEG2 + 4 && address < MAP_KSEG2 + 0x10000000);
}

/* What would not leave this program as it is, in kernel mode with these registers. */
static bool is_own(uint32_t word, const struct context *context)
{
	if (is_branch(word))
		return true;
	if ((word & 0xffe0f807) == 0x40807801)
		return true; /* MTC0 EBase */
	return is_store(word) &&
	       !store_is_harmless(context->gpr[RS(word)] + (uint32_t)(int32_t)(int16_t)word);
}

/* ---- one instruction ---- */

/* Before it a branch behind it, or nothing. All but one execute it. */
static unsigned int branch_put(uint32_t *words, struct context *context, uint32_t end)
{
	const uint32_t branches[] = { 0x10000001, 0x50000001, 0x54000001, 0x04010001, 0x04110001,
				      0x58000001, 0x03200008, 0x0320f809, 0x08000000, 0x0c000000 };
	uint32_t word = branches[random_below(ARRAY_SIZE(branches))];

	if (random_below(2) != 0)
		return 0;
	context->gpr[REGISTER_T9] = end;
	if (word == 0x08000000 || word == 0x0c000000)
		word |= (end & 0x0fffffff) >> 2;
	words[0] = word;
	return 1;
}

/* At an instruction that was not executed nothing has changed. */
static void registers_check(const struct context *before, const struct context *after)
{
	unsigned int code = context_code(after);

	if ((code != CODE_RESERVED && code != CODE_COPROCESSOR) || after->vector >= VECTOR_BOOT)
		return;
	for (unsigned int i = 0; i < REGISTER_RA; i++)
		if (after->gpr[i] != before->gpr[i] && i != 26 && i != 27)
			wrong("a register", after->gpr[i], before->gpr[i]);
	if (after->hi != before->hi)
		wrong("HI", after->hi, before->hi);
	if (after->lo != before->lo)
		wrong("LO", after->lo, before->lo);
}

void attack_instructions(void)
{
	static const uint32_t modes[] = { 0,
					  STATUS_EXL,
					  STATUS_ERL,
					  STATUS_UM,
					  STATUS_UM | STATUS_CU0,
					  STATUS_EXL | STATUS_ERL | STATUS_UM };
	static struct context context, before;
	uint32_t mode = modes[random_below(ARRAY_SIZE(modes))];
	bool is_user = (mode & STATUS_MODES) == STATUS_UM;
	uint32_t words[3] = { 0 };
	uint32_t physical = code_put(words, 2);
	uint32_t base = is_user ? physical : MAP_KSEG0 + physical;
	unsigned int count;

	context_init(&context);
	count = branch_put(words, &context, base + 8);
	do {
		words[count] = word_any();
	} while (is_own(words[count], &context));
	for (unsigned int i = 0; i <= count; i++)
		((uint32_t *)memory_at(physical))[i] = words[i];
	((uint32_t *)memory_at(physical))[count + 1] = INSTRUCTION_BREAK;
	__asm__ volatile("synci 0(%0)\n\tsync\n\tehb" : : "r"(memory_at(physical)) : "memory");
	code_map(physical, 0);
	context.epc = base;
	context.status = mode;
	/* Where an ERET leads to. */
	cp0_write(CP0_EPC, base + 8);
	cp0_write(CP0_ERROREPC, base + 8);
	cp0_write(CP0_HWRENA, random_word());
	context_watch(&context, WATCH_TICKS);
	before = context;
	context_try(&context);
	registers_check(&before, &context);
	tlb_clear();
}

/* ---- user programs ---- */

#define PROGRAM_WORDS 48u
#define RESUMES_MAX   12u

/* A page that may be written is given where the program wanted one. */
static void page_give(const struct context *context, uint32_t asid)
{
	uint32_t entryhi = (context->badvaddr & ~(2 * PAGE - 1)) | asid;
	struct page page = { .entryhi = entryhi };

	page.entrylo0 = entrylo_of(SCRATCH_BASE + PAGE * random_below(SCRATCH_SIZE / PAGE),
				   ENTRYLO_V | random_below(2) * ENTRYLO_D);
	page.entrylo1 = entrylo_of(SCRATCH_BASE + PAGE * random_below(SCRATCH_SIZE / PAGE),
				   random_below(4) == 0 ? 0 : ENTRYLO_V | ENTRYLO_D);
	tlb_set(tlb_find(entryhi, 1 + random_below(tlb_size - 1)), &page);
}

static bool is_page_fault(const struct context *context)
{
	unsigned int code = context_code(context);

	return code == CODE_MODIFIED || code == CODE_TLB_LOAD || code == CODE_TLB_STORE;
}

/* Loads and stores in memory that it may have, among anything. */
static uint32_t program_word(void)
{
	switch (random_below(4)) {
	case 0:
		return random_word();
	case 1:
		return word_any();
	case 2:
		return (0x20 + random_below(15)) << 26 | random_word() >> 6;
	default:
		return random_below(0x10) << 26 | random_word() >> 6;
	}
}

void attack_user_code(void)
{
	static struct context context;
	static uint32_t words[PROGRAM_WORDS];
	uint32_t asid = random_below(256), physical, entered;

	for (unsigned int i = 0; i < PROGRAM_WORDS; i++)
		words[i] = program_word();
	physical = code_put(words, PROGRAM_WORDS);
	code_map(physical, asid);
	context_init(&context);
	context.epc = physical;
	context.status = STATUS_UM;
	for (unsigned int i = 0; i < RESUMES_MAX; i++) {
		cp0_write(CP0_ENTRYHI, asid);
		cp0_write(CP0_HWRENA, random_word());
		context_watch(&context, WATCH_TICKS);
		entered = context.status;
		context_try(&context);
		if (context.status != (entered | STATUS_EXL))
			wrong("Status out of user mode", context.status, entered | STATUS_EXL);
		context.status &= ~STATUS_EXL;
		if (!is_page_fault(&context))
			break;
		page_give(&context, asid);
	}
	tlb_clear();
}

/* ---- levels ---- */

/* A program that raises this exception, in kernel mode. */
static const struct {
	uint32_t word;
	unsigned int code;
	bool is_refill;
} raisers[] = {
	{ 0x0000000c, CODE_SYSCALL, false },	  { 0x0000000d, CODE_BREAK, false },
	{ 0x00000034, CODE_TRAP, false },	  { 0x7c00003f, CODE_RESERVED, false },
	{ 0x7000003f, CODE_RESERVED, false },	  { 0x46000000, CODE_COPROCESSOR, false },
	{ 0x8d090001, CODE_ADDRESS_LOAD, false }, { 0xad090002, CODE_ADDRESS_STORE, false },
	{ 0x8d090000, CODE_TLB_LOAD, true },	  { 0xad090000, CODE_TLB_STORE, true },
	{ 0x014a5020, CODE_OVERFLOW, false },
};

static uint32_t vector_expected(uint32_t status, bool is_refill)
{
	uint32_t offset = is_refill && (status & STATUS_EXL) == 0 ? 0 : 0x180;

	return (status & STATUS_BEV) != 0 ? VECTOR_BOOT + 0x200 + offset : offset;
}

static void expect(const char *what, uint32_t found, uint32_t expected)
{
	if (found != expected)
		wrong(what, found, expected);
}

/*
 * Where an exception leads, what it saves and what it keeps: within another one nothing but its
 * cause is saved.
 */
void attack_levels(void)
{
	static struct context context;
	unsigned int number = random_below(ARRAY_SIZE(raisers)), delayed = random_below(2);
	uint32_t status = random_below(2) * STATUS_EXL | random_below(2) * STATUS_ERL |
			  random_below(2) * STATUS_BEV | random_below(2) * STATUS_UM;
	uint32_t words[2] = { 0x10000001, raisers[number].word };
	uint32_t base = MAP_KSEG0 + code_put(words + 1 - delayed, 1 + delayed),
		 kept = random_word();

	context_init(&context);
	if ((status & (STATUS_EXL | STATUS_ERL)) == 0)
		status &= ~STATUS_UM;
	context.gpr[REGISTER_T0] = MAP_KSEG2 + 0x4000;
	context.gpr[10] = 0x7fffffff;
	context.epc = base;
	context.status = status;
	cp0_write(CP0_EPC, kept);
	context_try(&context);
	expect("the code of an exception", context_code(&context), raisers[number].code);
	expect("Status", context.status, status | STATUS_EXL);
	expect("the vector", context.vector, vector_expected(status, raisers[number].is_refill));
	if ((status & STATUS_EXL) != 0) {
		expect("EPC within an exception", context.epc, kept);
	} else {
		expect("EPC", context.epc, base);
		expect("Cause.BD", context.cause >> 31, delayed);
	}
}

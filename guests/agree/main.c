// SPDX-License-Identifier: BSD-2-Clause
/*
 * Runs random sequences of what traps on a processor without virtualization, and prints digests of
 * all that they can see. It knows nothing of what is right: the same must come out however the
 * hypervisor answers, in assembly or in C (boot argument corbel.fast=off), with code patched or
 * not. What depends on time is left out.
 */
#include <stddef.h>
#include <stdint.h>

#define KSEG0		  0x80000000u
#define UART		  0xb80003f8u
#define UART_LINE_STATUS  5
#define LINE_STATUS_EMPTY 0x20

#define SEQUENCES	 40000u
#define SEQUENCES_A_LINE 1000u
#define WORDS		 64u
#define EXCEPTIONS_MAX	 40u

/* Where stray loads and stores go: 32 pages, at a multiple of that. */
#define SCRATCH	     0x00200000u
#define SCRATCH_SIZE 0x20000u

#define STATUS_IE	 0x00000001u
#define STATUS_EXL	 0x00000002u
#define STATUS_UM	 0x00000010u
#define STATUS_IM_SOFT	 0x00000300u
#define STATUS_CU0	 0x10000000u
#define CAUSE_IP_SOFT	 0x00000300u
#define CAUSE_IV	 0x00800000u
#define CAUSE_BD	 0x80000000u
#define CAUSE_VISIBLE	 0xb080037cu
#define ENTRYLO_DIRTY	 0x00000004u
#define ENTRYLO_VALID	 0x00000002u
#define ENTRYLO_GLOBAL	 0x00000001u
#define ENTRYLO_CACHED	 0x00000018u
#define INDEX_PROBE_FAIL 0x80000000u

enum {
	CODE_INTERRUPT = 0,
	CODE_MODIFIED = 1,
	CODE_TLB_STORE = 3,
	CODE_SYSCALL = 8,
	CODE_COPROCESSOR = 11,
};

enum {
	C0_INDEX = 0,
	C0_ENTRYLO0 = 2,
	C0_ENTRYLO1 = 3,
	C0_CONTEXT = 4,
	C0_PAGEMASK = 5,
	C0_WIRED = 6,
	C0_BADVADDR = 8,
	C0_ENTRYHI = 10,
	C0_STATUS = 12,
	C0_CAUSE = 13,
	C0_EPC = 14,
	C0_EBASE = 15,
	C0_CONFIG = 16,
	C0_ERROREPC = 30,
};

#define mfc0(number, select)                                                                    \
	({                                                                                      \
		uint32_t value_;                                                                \
		__asm__ volatile("mfc0 %0, $%1, %2" : "=r"(value_) : "i"(number), "i"(select)); \
		value_;                                                                         \
	})
#define mtc0(number, select, value) \
	__asm__ volatile("mtc0 %z0, $%1, %2" : : "Jr"(value), "i"(number), "i"(select) : "memory")

/* run.S */
extern const uint32_t vector_refill[], vector_refill_end[];
extern const uint32_t vector_general[], vector_general_end[];
extern const uint32_t sequence_end[];
void sequence_run(void);

void agree_main(void);
void exception_handle(uint32_t *frame);

uint32_t sequence_registers[34];
const uint32_t *sequence_code;
uint32_t refill_pages, refill_count;

static uint32_t code[WORDS + 64];
static unsigned int length;
static unsigned int exceptions;
static uint32_t digest, seed;

/* ---- output ---- */

static void byte_print(char byte)
{
	volatile uint8_t *uart = (volatile uint8_t *)UART;

	while ((uart[UART_LINE_STATUS] & LINE_STATUS_EMPTY) == 0)
		;
	uart[0] = (uint8_t)byte;
}

static void text_print(const char *text)
{
	while (*text != '\0')
		byte_print(*text++);
}

static void number_print(uint32_t value)
{
	for (int shift = 28; shift >= 0; shift -= 4)
		byte_print("0123456789abcdef"[value >> shift & 15]);
}

/* ---- what is random ---- */

static uint32_t pick(uint32_t count)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return (uint32_t)((uint64_t)seed * count >> 32);
}

static uint32_t pick_word(void)
{
	return pick(0x10000) << 16 | pick(0x10000);
}

static unsigned int pick_register(void)
{
	return pick(31) + 1;
}

static void mix(uint32_t value)
{
	digest = (digest ^ value) * 16777619u;
	digest ^= digest >> 15;
}

/* ---- code ---- */

static void emit(uint32_t word)
{
	code[length++] = word;
}

static uint32_t type_i(unsigned int opcode, unsigned int rs, unsigned int rt, uint32_t immediate)
{
	return opcode << 26 | rs << 21 | rt << 16 | (immediate & 0xffff);
}

static uint32_t type_r(unsigned int rs, unsigned int rt, unsigned int rd, unsigned int function)
{
	return rs << 21 | rt << 16 | rd << 11 | function;
}

static void emit_load(unsigned int number, uint32_t value)
{
	emit(type_i(0x0f, 0, number, value >> 16));
	emit(type_i(0x0d, number, number, value));
}

static uint32_t encode_mfc0(unsigned int rt, unsigned int number, unsigned int select)
{
	return 0x40000000u | rt << 16 | number << 11 | select;
}

static uint32_t encode_mtc0(unsigned int rt, unsigned int number, unsigned int select)
{
	return 0x40800000u | rt << 16 | number << 11 | select;
}

/* An address in one of few pages, of which most are not in the TLB. */
static uint32_t pick_address(void)
{
	static const uint32_t bases[] = { 0x00400000, 0x7fff0000, 0xc0000000, 0xe0010000 };

	return bases[pick(4)] + pick(16) * 0x1000 + pick(0x1000 - 4);
}

static uint32_t pick_entryhi(void)
{
	return (pick_address() & 0xffffe000u) | pick(6);
}

static uint32_t pick_entrylo(void)
{
	static const uint32_t flags[] = { 0, ENTRYLO_VALID, ENTRYLO_VALID | ENTRYLO_DIRTY,
					  ENTRYLO_VALID | ENTRYLO_DIRTY };

	/* Where nothing is, if it is not valid anyway. */
	if (pick(8) == 0)
		return pick_word() << 7 | 0x02000000;
	return (SCRATCH + pick(32) * 0x1000) >> 6 | ENTRYLO_CACHED | flags[pick(4)];
}

/* No value of it makes anything else but itself random. */
static uint32_t pick_status(void)
{
	return (pick(2) * STATUS_IE) | (pick(4) << 8) | (pick(2) * STATUS_CU0);
}

static uint32_t encode_alu(void)
{
	static const uint8_t functions[] = { 0x21, 0x23, 0x24, 0x25, 0x26, 0x27, 0x2a, 0x2b };

	return type_r(pick(32), pick(32), pick_register(), functions[pick(8)]);
}

/* MFC0 of anything but Count: numbers that are not there too. */
static uint32_t encode_read(void)
{
	static const uint8_t often[] = { C0_ENTRYHI, C0_STATUS, C0_EPC,
					 C0_CONTEXT, C0_INDEX,	C0_BADVADDR };
	unsigned int number = pick(2) == 0 ? often[pick(6)] : pick(32);

	if (number == 9 || number == C0_CAUSE)
		number = C0_STATUS;
	return encode_mfc0(pick(32), number, pick(4) == 0 ? pick(8) : 0);
}

/* MTC0 of what any value does no harm to. */
static uint32_t encode_write(void)
{
	static const uint8_t numbers[] = { C0_CONTEXT, C0_EPC, C0_BADVADDR, C0_ERROREPC, 4, 1 };
	unsigned int which = pick(6);

	return encode_mtc0(pick(32), numbers[which], numbers[which] == 4 ? pick(4) & 2 : 0);
}

static uint32_t encode_memory(unsigned int base)
{
	static const uint8_t opcodes[] = { 0x20, 0x21, 0x22, 0x23, 0x24, 0x25,
					   0x26, 0x28, 0x29, 0x2a, 0x2b, 0x2e };

	return type_i(opcodes[pick(12)], base, pick(32), 0);
}

/* What fits anywhere, in delay slots too. */
static uint32_t encode_any(void)
{
	switch (pick(12)) {
	case 0:
	case 1:
		return encode_alu();
	case 2:
	case 3:
	case 4:
		return encode_read();
	case 5:
		return encode_write();
	case 6:
	case 7:
		return 0x41606000u | pick(32) << 16 | pick(2) << 5; /* DI, EI */
	case 8:
		return 0x42000008u; /* TLBP */
	case 9:
		return 0x42000001u; /* TLBR */
	case 10:
		return type_r(0, pick_register(), 29, 0x3b) | 0x1fu << 26; /* RDHWR */
	default:
		return pick(8) == 0 ? 0x40000000u | pick(0x2000000) : encode_alu();
	}
}

/* Two words of any branch, forward over none to three words. */
static void emit_branch(void)
{
	static const uint8_t opcodes[] = { 4, 5, 6, 7, 0x14, 0x15, 0x16, 0x17 };
	static const uint8_t regimm[] = { 0, 1, 2, 3, 0x10, 0x11, 0x12, 0x13 };
	unsigned int opcode = opcodes[pick(8)], over = pick(4);
	uint32_t target = (uint32_t)(uintptr_t)&code[length + 2 + over];

	switch (pick(6)) {
	case 0:
		emit(type_i(1, pick(32), regimm[pick(8)], over + 1));
		break;
	case 1:
		emit((2 + pick(2)) << 26 | (target >> 2 & 0x03ffffff));
		break;
	case 2:
		/* JR and JALR: two words more, so that the target is two further. */
		target += 8;
		emit_load(9, target);
		emit(pick(2) == 0 ? type_r(9, 0, 0, 8) : type_r(9, 0, pick(2) == 0 ? 31 : 10, 9));
		break;
	default:
		emit(type_i(opcode, pick(32), (opcode & 2) != 0 ? 0 : pick(32), over + 1));
		break;
	}
	emit(encode_any());
	while (over-- > 0)
		emit(encode_any());
}

/* An entry as kernels write it: over the one that matches, else anywhere. */
static void emit_tlb_write(void)
{
	uint32_t global = pick(6) == 0 ? ENTRYLO_GLOBAL : 0;

	emit_load(8, pick_entryhi());
	emit(encode_mtc0(8, C0_ENTRYHI, 0));
	emit_load(8, pick_entrylo() | global);
	emit(encode_mtc0(8, C0_ENTRYLO0, 0));
	emit_load(8, pick_entrylo() | global);
	emit(encode_mtc0(8, C0_ENTRYLO1, 0));
	emit(encode_mtc0(0, C0_PAGEMASK, 0));
	emit(0x42000008u); /* TLBP */
	emit(encode_mfc0(8, C0_INDEX, 0));
	emit(type_i(1, 8, 1, 4)); /* BGEZ */
	emit(0);
	emit(0x42000006u); /* TLBWR */
	emit(type_i(4, 0, 0, 2));
	emit(0);
	emit(0x42000002u); /* TLBWI */
}

/* Until it succeeds: an interrupt of the host's may come between. */
static void emit_linked(void)
{
	emit_load(8, KSEG0 + SCRATCH + pick(256) * 4);
	emit(type_i(0x30, 8, 10, 0));
	emit(encode_mfc0(11, C0_STATUS, 0));
	emit(type_i(9, 10, 10, 1));
	emit(type_i(0x38, 8, 10, 0));
	emit(type_i(4, 10, 0, 0xfffb));
	emit(encode_any());
}

static void emit_cache(void)
{
	static const uint8_t operations[] = { 0x00, 0x01, 0x10, 0x11, 0x15, 0x19 };

	emit_load(12, pick(2) == 0 ? pick_address() : KSEG0 + SCRATCH + pick(SCRATCH_SIZE));
	emit(pick(4) == 0 ? type_i(1, 12, 0x1f, 0) : type_i(0x2f, 12, operations[pick(6)], 0));
}

/* Asks for a software interrupt and lets it in, or not. */
static void emit_interrupt(void)
{
	emit_load(8, pick(4) << 8 | CAUSE_IV);
	emit(encode_mtc0(8, C0_CAUSE, 0));
	emit_load(8, pick_status());
	emit(encode_mtc0(8, C0_STATUS, 0));
	if (pick(2) == 0)
		emit(0x41606020u | pick(32) << 16);
}

/* On by way of ERET: in kernel mode, or into user mode at the same place in another page. */
static void emit_return(void)
{
	uint32_t status = pick_status() | STATUS_EXL;

	emit_load(8, status);
	emit(encode_mtc0(8, C0_STATUS, 0));
	emit_load(8, (uint32_t)(uintptr_t)&code[length + 4]);
	emit(encode_mtc0(8, C0_EPC, 0));
	emit(0x42000018u);
}

/* For the rest of the sequence, which is a short one of user code in the scratch area. */
static void emit_user(void)
{
	uint32_t page = pick(32), *user = (uint32_t *)(KSEG0 + SCRATCH + page * 0x1000);
	unsigned int words = pick(8);

	for (unsigned int i = 0; i < words; i++)
		user[i] = pick(3) == 0 ? encode_any() : encode_alu();
	user[words] = 0x0000000cu; /* SYSCALL */
	for (unsigned int i = 0; i <= words; i++)
		__asm__ volatile("synci 0(%0)" : : "r"(&user[i]) : "memory");
	emit_load(8, pick_status() | STATUS_EXL | STATUS_UM);
	emit(encode_mtc0(8, C0_STATUS, 0));
	/* By the refill's pages, of which address bits 13 and up name the pair. */
	emit_load(8, 0x00400000u + page * 0x1000);
	emit(encode_mtc0(8, C0_EPC, 0));
	emit(0x42000018u);
}

static void emit_something(void)
{
	switch (pick(16)) {
	case 0:
	case 1:
		emit_tlb_write();
		break;
	case 2:
	case 3:
	case 4:
		emit_load(12, pick_address());
		emit(encode_memory(12));
		break;
	case 5:
		emit_linked();
		break;
	case 6:
		emit_cache();
		break;
	case 7:
		emit_interrupt();
		break;
	case 8:
		emit_return();
		break;
	case 9:
		emit_load(8, pick_entryhi());
		emit(encode_mtc0(8, C0_ENTRYHI, 0));
		break;
	case 10:
		emit(pick(3) == 0 ? 0x0000000cu : encode_any()); /* SYSCALL */
		break;
	case 11:
	case 12:
	case 13:
		emit_branch();
		break;
	default:
		emit(encode_any());
		break;
	}
}

static void sequence_make(void)
{
	length = 0;
	while (length < WORDS - 24)
		emit_something();
	if (pick(3) == 0)
		emit_user();
	emit(2u << 26 | ((uint32_t)(uintptr_t)sequence_end >> 2 & 0x03ffffff));
	emit(0);
	for (unsigned int i = 0; i < length; i++)
		__asm__ volatile("synci 0(%0)" : : "r"(&code[i]) : "memory");
	__asm__ volatile("sync" : : : "memory");
	for (unsigned int i = 1; i < 32; i++)
		sequence_registers[i] = pick(3) == 0 ? pick(4) - 2 : pick_word();
}

/* ---- what is seen ---- */

static void registers_mix(const uint32_t *registers)
{
	for (unsigned int i = 1; i < 32; i++)
		mix(registers[i]);
	mix(mfc0(C0_INDEX, 0));
	mix(mfc0(C0_ENTRYLO0, 0));
	mix(mfc0(C0_ENTRYLO1, 0));
	mix(mfc0(C0_CONTEXT, 0));
	mix(mfc0(C0_CONTEXT, 2));
	mix(mfc0(C0_PAGEMASK, 0));
	mix(mfc0(C0_BADVADDR, 0));
	mix(mfc0(C0_ENTRYHI, 0));
	mix(mfc0(C0_STATUS, 0));
	mix(mfc0(C0_CAUSE, 0) & CAUSE_VISIBLE);
	mix(mfc0(C0_EPC, 0));
}

/* Ends the sequence, in kernel mode. */
static void sequence_give_up(void)
{
	mtc0(C0_STATUS, 0, STATUS_EXL);
	mtc0(C0_EPC, 0, (uint32_t)(uintptr_t)sequence_end);
}

/* A page that is not to be written, or not valid, becomes both. */
static void page_allow(void)
{
	uint32_t hi = mfc0(C0_ENTRYHI, 0);

	__asm__ volatile("tlbp" : : : "memory");
	if ((mfc0(C0_INDEX, 0) & INDEX_PROBE_FAIL) != 0) {
		sequence_give_up();
		return;
	}
	__asm__ volatile("tlbr" : : : "memory");
	mtc0(C0_ENTRYLO0, 0, mfc0(C0_ENTRYLO0, 0) | ENTRYLO_VALID | ENTRYLO_DIRTY);
	mtc0(C0_ENTRYLO1, 0, mfc0(C0_ENTRYLO1, 0) | ENTRYLO_VALID | ENTRYLO_DIRTY);
	mtc0(C0_ENTRYHI, 0, hi);
	__asm__ volatile("tlbwi" : : : "memory");
}

void exception_handle(uint32_t *frame)
{
	uint32_t cause = mfc0(C0_CAUSE, 0), which = cause >> 2 & 31;

	registers_mix(frame);
	exceptions++;
	if (exceptions > EXCEPTIONS_MAX)
		sequence_give_up();
	else if (which == CODE_INTERRUPT)
		mtc0(C0_CAUSE, 0, CAUSE_IV);
	else if (which >= CODE_MODIFIED && which <= CODE_TLB_STORE)
		page_allow();
	else if (which == CODE_SYSCALL && (cause & CAUSE_BD) == 0 &&
		 (mfc0(C0_STATUS, 0) & STATUS_UM) == 0)
		mtc0(C0_EPC, 0, mfc0(C0_EPC, 0) + 4);
	else
		sequence_give_up();
}

/* ---- all of it ---- */

static void vector_install(uint32_t offset, const uint32_t *from, const uint32_t *end)
{
	volatile uint32_t *to = (volatile uint32_t *)(KSEG0 + offset);

	for (; from != end; from++, to++) {
		*to = *from;
		__asm__ volatile("synci 0(%0)" : : "r"(to) : "memory");
	}
	__asm__ volatile("sync" : : : "memory");
}

static void memory_mix(void)
{
	const uint32_t *words = (const uint32_t *)(KSEG0 + SCRATCH);

	for (unsigned int i = 0; i < SCRATCH_SIZE / 4; i++)
		mix(words[i]);
}

/* What the exception handlers leave does not depend on where a sequence broke off. */
static void sequence_do(void)
{
	sequence_make();
	exceptions = 0;
	refill_count = 0;
	mtc0(C0_WIRED, 0, pick(4));
	sequence_run();
	registers_mix(sequence_registers);
	mtc0(C0_STATUS, 0, 0);
	mtc0(C0_CAUSE, 0, CAUSE_IV);
	mix(refill_count);
	mix(exceptions);
}

void agree_main(void)
{
	digest = 0;
	seed = 0x12345678;
	refill_pages = SCRATCH >> 6;
	sequence_code = code;
	mtc0(C0_EBASE, 1, KSEG0);
	vector_install(0x000, vector_refill, vector_refill_end);
	vector_install(0x180, vector_general, vector_general_end);
	vector_install(0x200, vector_general, vector_general_end);
	text_print("agree: begins\r\n");
	for (uint32_t i = 1; i <= SEQUENCES; i++) {
		sequence_do();
		if (i % SEQUENCES_A_LINE != 0)
			continue;
		memory_mix();
		text_print("agree: ");
		number_print(i);
		text_print(" ");
		number_print(digest);
		text_print("\r\n");
	}
	text_print("agree: done\r\n");
	for (;;)
		__asm__ volatile("wait");
}

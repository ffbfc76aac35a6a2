// SPDX-License-Identifier: BSD-2-Clause
/*
 * Accesses to devices by every load and store, of and into every register; the hypervisor, if there
 * is one, carries them out one by one. Registers that keep a value serve: the UART's scratch
 * register for a byte, a word of the PLIC's enable bits for four; wider and narrower accesses of
 * the UART give the register's value, zero-extended.
 */
#include <runtime/device.h>

#include "selftest.h"

#define OPCODE_LOAD	0x03u
#define OPCODE_STORE	0x23u
#define OPCODE_LOAD_FP	0x07u
#define OPCODE_STORE_FP 0x27u

#define LOAD_B	0
#define LOAD_H	1
#define LOAD_W	2
#define LOAD_D	3
#define LOAD_BU 4
#define LOAD_HU 5
#define LOAD_WU 6

#define JUNK 0xdeadbeefcafef00dul

static uint32_t load_instruction(unsigned int width, unsigned int rd, unsigned int rs1,
				 unsigned int offset)
{
	return (offset & 0xfff) << 20 | rs1 << 15 | width << 12 | rd << 7 | OPCODE_LOAD;
}

static uint32_t store_instruction(unsigned int width, unsigned int rs2, unsigned int rs1,
				  unsigned int offset)
{
	return (offset >> 5 & 0x7f) << 25 | rs2 << 20 | rs1 << 15 | width << 12 |
	       (offset & 31) << 7 | OPCODE_STORE;
}

/* Registers full of what nobody expects, each different. */
static void context_junk(struct context *context)
{
	context_init(context, 0);
	for (unsigned int i = 1; i < 32; i++)
		context->frame.x[i] = JUNK + i;
}

/* After the instruction, register `changed` (0: none) holds `value`, and the others what they did.
 */
static void expect_registers(uint32_t instruction, const struct context *before,
			     const struct context *after, unsigned int changed, uint64_t value)
{
	for (unsigned int i = 0; i < 32; i++) {
		uint64_t expected = i == changed && i != 0 ? value : before->frame.x[i];

		if (after->frame.x[i] != expected)
			test_fail("%08x: expected 0x%lx in x%u, got 0x%lx", instruction, expected,
				  i, after->frame.x[i]);
	}
}

static void expect_load(unsigned int width, unsigned int rd, unsigned int rs1, uint64_t address,
			uint64_t value)
{
	uint32_t instruction = load_instruction(width, rd, rs1, 0);
	struct context before, after;

	context_junk(&before);
	before.frame.x[rs1] = address;
	after = before;
	EXPECT_NO_TRAP(context_execute(&after, instruction));
	expect_registers(instruction, &before, &after, rd, value);
}

static uint64_t scratch_register(void)
{
	return machine.uart + UART_SCR;
}

/* A word of enable bits: keeps any value but bit 0; sources whose priority is 0 do no harm. */
static uint64_t word_register(void)
{
	return machine.plic + PLIC_ENABLE(machine_plic_context(hart_self()->id));
}

TEST(load_every_register, "device: a load reaches every register from every base")
{
	uart_write(UART_SCR, 0x96);
	for (unsigned int rd = 0; rd < 32; rd++) {
		expect_load(LOAD_BU, rd, 11, scratch_register(), 0x96);
		expect_load(LOAD_B, rd, 11, scratch_register(), (uint64_t)(int8_t)0x96);
	}
	for (unsigned int rs1 = 1; rs1 < 32; rs1++) {
		expect_load(LOAD_BU, 10, rs1, scratch_register(), 0x96);
		expect_load(LOAD_BU, rs1, rs1, scratch_register(), 0x96);
	}
}

TEST(load_words, "device: words are sign- or zero-extended")
{
	write32(word_register(), 0x80000400);
	for (unsigned int rd = 0; rd < 32; rd++) {
		expect_load(LOAD_W, rd, 11, word_register(), 0xffffffff80000400ul);
		expect_load(LOAD_WU, rd, 11, word_register(), 0x80000400ul);
	}
	write32(word_register(), 0x00000400);
	expect_load(LOAD_W, 10, 11, word_register(), 0x400);
	write32(word_register(), 0);
}

/* MCR keeps five bits; its register is what any width reads there. */
TEST(load_widths, "device: the UART's registers can be read at any width")
{
	uint64_t control = machine.uart + UART_MCR;

	uart_write(UART_MCR, UART_MCR_DTR | UART_MCR_RTS);
	expect_load(LOAD_B, 10, 11, control, UART_MCR_DTR | UART_MCR_RTS);
	expect_load(LOAD_H, 10, 11, control, UART_MCR_DTR | UART_MCR_RTS);
	expect_load(LOAD_HU, 10, 11, control, UART_MCR_DTR | UART_MCR_RTS);
	expect_load(LOAD_W, 10, 11, control, UART_MCR_DTR | UART_MCR_RTS);
	expect_load(LOAD_WU, 10, 11, control, UART_MCR_DTR | UART_MCR_RTS);
	console_flush();
	uart_write(UART_LCR, UART_LCR_8N1 | UART_LCR_DLAB);
	uart_write(UART_DLL, 0xa5);
	expect_load(LOAD_D, 10, 11, machine.uart, 0xa5);
	expect_load(LOAD_HU, 10, 11, machine.uart, 0xa5);
	uart_write(UART_DLL, 1);
	uart_write(UART_LCR, UART_LCR_8N1);
}

/* `kept` is what of the value the register holds. */
static void expect_store(unsigned int width, unsigned int rs2, unsigned int rs1, uint64_t address,
			 uint64_t value)
{
	uint32_t instruction = store_instruction(width, rs2, rs1, 0);
	struct context before, after;

	context_junk(&before);
	if (rs2 != 0)
		before.frame.x[rs2] = value;
	before.frame.x[rs1] = address;
	after = before;
	EXPECT_NO_TRAP(context_execute(&after, instruction));
	expect_registers(instruction, &before, &after, 0, 0);
}

TEST(store_every_register, "device: a store takes every register, over every base")
{
	for (unsigned int rs2 = 0; rs2 < 32; rs2++) {
		if (rs2 == 11)
			continue;
		uart_write(UART_SCR, 0xff);
		expect_store(LOAD_B, rs2, 11, scratch_register(), 0xabcdef00 + 0x40 + rs2);
		EXPECT_EQUAL(uart_read(UART_SCR), rs2 == 0 ? 0 : 0x40 + rs2);
	}
	for (unsigned int rs1 = 1; rs1 < 32; rs1++) {
		if (rs1 == 10)
			continue;
		expect_store(LOAD_B, 10, rs1, scratch_register(), 0x80 + rs1);
		EXPECT_EQUAL(uart_read(UART_SCR), 0x80 + rs1);
	}
}

TEST(store_words, "device: a word is stored without what the register holds above it")
{
	for (unsigned int rs2 = 0; rs2 < 32; rs2++) {
		if (rs2 == 11)
			continue;
		write32(word_register(), 0);
		expect_store(LOAD_W, rs2, 11, word_register(), 0x1234567880000000ul + 2 * rs2);
		EXPECT_EQUAL(read32(word_register()), rs2 == 0 ? 0 : 0x80000000ul + 2 * rs2);
	}
	write32(word_register(), 0);
}

TEST(offsets, "device: positive and negative offsets of instructions count")
{
	struct context context;

	uart_write(UART_SCR, 0x3c);
	context_junk(&context);
	context.frame.x[11] = scratch_register() - 2047;
	EXPECT_NO_TRAP(context_execute(&context, load_instruction(LOAD_BU, 10, 11, 2047)));
	EXPECT_EQUAL(context.frame.x[10], 0x3c);
	context_junk(&context);
	context.frame.x[11] = scratch_register() + 2048;
	EXPECT_NO_TRAP(context_execute(&context, load_instruction(LOAD_BU, 10, 11, -2048u)));
	EXPECT_EQUAL(context.frame.x[10], 0x3c);
	context_junk(&context);
	context.frame.x[10] = 0x77;
	context.frame.x[11] = scratch_register() + 1365;
	EXPECT_NO_TRAP(context_execute(&context, store_instruction(LOAD_B, 10, 11, -1365u)));
	EXPECT_EQUAL(uart_read(UART_SCR), 0x77);
}

/* c.lw and c.sw with their eight registers, c.lwsp and c.swsp with all. */
static uint32_t compressed_word(bool store, unsigned int data, unsigned int base)
{
	return 0x4000u | (store ? 0x8000u : 0) | (base - 8) << 7 | (data - 8) << 2;
}

TEST(compressed_words, "device: compressed loads and stores of words")
{
	struct context before, after;

	for (unsigned int data = 8; data < 16; data++) {
		unsigned int base = data == 15 ? 8 : data + 1;

		context_junk(&before);
		before.frame.x[base] = word_register();
		before.frame.x[data] = 0x5555000080000000ul + 2 * data;
		after = before;
		EXPECT_NO_TRAP(context_execute(&after, compressed_word(true, data, base)));
		expect_registers(compressed_word(true, data, base), &before, &after, 0, 0);
		EXPECT_EQUAL(read32(word_register()), 0x80000000ul + 2 * data);
		after.frame.x[data] = 0;
		before.frame.x[data] = 0;
		EXPECT_NO_TRAP(context_execute(&after, compressed_word(false, data, base)));
		expect_registers(compressed_word(false, data, base), &before, &after, data,
				 0xffffffff80000000ul + 2 * data);
	}
	write32(word_register(), 0);
}

TEST(compressed_stack, "device: compressed loads and stores over the stack pointer")
{
	struct context before, after;

	for (unsigned int data = 1; data < 32; data++) {
		uint32_t store = 0xc002u | data << 2;
		uint32_t load = 0x4002u | data << 7;

		if (data == 2)
			continue;
		context_junk(&before);
		before.frame.x[2] = word_register();
		before.frame.x[data] = 0x6666000000000000ul + 2 * data;
		after = before;
		EXPECT_NO_TRAP(context_execute(&after, store));
		EXPECT_EQUAL(read32(word_register()), 2 * data);
		EXPECT_NO_TRAP(context_execute(&after, load));
		expect_registers(load, &before, &after, data, 2 * data);
	}
	write32(word_register(), 0);
}

TEST(compressed_double, "device: compressed loads and stores of doublewords")
{
	struct context before, after;

	console_flush();
	uart_write(UART_LCR, UART_LCR_8N1 | UART_LCR_DLAB);
	context_junk(&before);
	before.frame.x[11] = machine.uart;
	before.frame.x[10] = 0xffffffffffffff5aul;
	after = before;
	EXPECT_NO_TRAP(context_execute(&after, 0xe188)); /* c.sd a0, 0(a1) */
	EXPECT_EQUAL(uart_read(UART_DLL), 0x5a);
	EXPECT_NO_TRAP(context_execute(&after, 0x6188)); /* c.ld a0, 0(a1) */
	expect_registers(0x6188, &before, &after, 10, 0x5a);
	uart_write(UART_DLL, 1);
	uart_write(UART_LCR, UART_LCR_8N1);
}

TEST(compressed_bytes, "device: compressed loads and stores of bytes")
{
	struct context context;

	SKIP_UNLESS(machine_has_extension("zcb"), "no Zcb");
	context_junk(&context);
	context.frame.x[11] = scratch_register();
	context.frame.x[10] = 0x1199;
	EXPECT_NO_TRAP(context_execute(&context, 0x8988)); /* c.sb a0, 0(a1) */
	EXPECT_EQUAL(uart_read(UART_SCR), 0x99);
	EXPECT_NO_TRAP(context_execute(&context, 0x8188)); /* c.lbu a0, 0(a1) */
	EXPECT_EQUAL(context.frame.x[10], 0x99);
}

static void floating_store(unsigned int number, uint64_t bits)
{
	static uint64_t memory;
	struct context context;

	memory = bits;
	context_init(&context, 0);
	context.frame.status |= SSTATUS_FS_INITIAL;
	context.frame.x[11] = (uintptr_t)&memory;
	context_execute(&context, 11u << 15 | 3u << 12 | number << 7 | OPCODE_LOAD_FP);
}

static uint64_t floating_load(unsigned int number)
{
	static volatile uint64_t memory;
	struct context context;

	context_init(&context, 0);
	context.frame.status |= SSTATUS_FS_INITIAL;
	context.frame.x[11] = (uintptr_t)&memory;
	context_execute(&context, number << 20 | 11u << 15 | 3u << 12 | OPCODE_STORE_FP);
	return memory;
}

static struct trap floating_access(uint32_t instruction, uint64_t address)
{
	struct context context;

	context_init(&context, 0);
	context.frame.status |= SSTATUS_FS_INITIAL;
	context.frame.x[11] = address;
	return context_execute(&context, instruction);
}

TEST(floating_words, "device: floating-point words, boxed as NaNs when loaded")
{
	SKIP_UNLESS(machine_has_extension("f"), "no F");
	for (unsigned int number = 0; number < 32; number++) {
		floating_store(number, 0xffffffff40000000ul + 2 * number);
		EXPECT_NO_TRAP(floating_access(
			number << 20 | 11u << 15 | 2u << 12 | OPCODE_STORE_FP, word_register()));
		EXPECT_EQUAL(read32(word_register()), 0x40000000ul + 2 * number);
		floating_store(number, 0);
		EXPECT_NO_TRAP(floating_access(11u << 15 | 2u << 12 | number << 7 | OPCODE_LOAD_FP,
					       word_register()));
		EXPECT_EQUAL(floating_load(number), 0xffffffff40000000ul + 2 * number);
	}
	write32(word_register(), 0);
}

TEST(floating_doubles, "device: floating-point doublewords")
{
	SKIP_UNLESS(machine_has_extension("d"), "no D");
	console_flush();
	uart_write(UART_LCR, UART_LCR_8N1 | UART_LCR_DLAB);
	for (unsigned int number = 0; number < 32; number++) {
		floating_store(number, 0x1122334455667700ul + number);
		EXPECT_NO_TRAP(floating_access(
			number << 20 | 11u << 15 | 3u << 12 | OPCODE_STORE_FP, machine.uart));
		EXPECT_EQUAL(uart_read(UART_DLL), number);
		EXPECT_NO_TRAP(floating_access(11u << 15 | 3u << 12 | number << 7 | OPCODE_LOAD_FP,
					       machine.uart));
		EXPECT_EQUAL(floating_load(number), number);
	}
	uart_write(UART_DLL, 1);
	uart_write(UART_LCR, UART_LCR_8N1);
}

/* A misaligned or oversized access of a register that takes words only: refused, and survived. */
static void expect_refused(struct trap trap, uint64_t access, uint64_t misaligned)
{
	if (!trap.taken || (trap.cause != access && trap.cause != misaligned))
		test_fail("expected %s, got %s", trap_cause_name(access),
			  trap.taken ? trap_cause_name(trap.cause) : "no exception");
}

TEST(misaligned_device, "device: misaligned and wrong-sized accesses to the PLIC are refused")
{
	SKIP_UNLESS(!machine.bare, "QEMU splits them");
	for (unsigned int offset = 1; offset < 4; offset++) {
		uint64_t address = machine.plic + PLIC_PRIORITY(1) + offset;

		expect_refused(trap_load(address, 4, NULL), CAUSE_LOAD_ACCESS,
			       CAUSE_LOAD_MISALIGNED);
		expect_refused(trap_store(address, 4, 0), CAUSE_STORE_ACCESS,
			       CAUSE_STORE_MISALIGNED);
		expect_refused(trap_load(address, 8, NULL), CAUSE_LOAD_ACCESS,
			       CAUSE_LOAD_MISALIGNED);
	}
	for (unsigned int bytes = 1; bytes <= 8; bytes *= 2) {
		if (bytes == 4)
			continue;
		expect_refused(trap_load(machine.plic + PLIC_PRIORITY(2), bytes, NULL),
			       CAUSE_LOAD_ACCESS, CAUSE_LOAD_ACCESS);
		expect_refused(trap_store(machine.plic + PLIC_PRIORITY(2), bytes, 0),
			       CAUSE_STORE_ACCESS, CAUSE_STORE_ACCESS);
	}
}

TEST(user_device, "device: U-mode can use a device where paging is off")
{
	struct context context;

	uart_write(UART_SCR, 0x42);
	context_junk(&context);
	context.frame.status &= ~SSTATUS_SPP;
	context.frame.x[11] = scratch_register();
	EXPECT_NO_TRAP(context_execute(&context, load_instruction(LOAD_BU, 10, 11, 0)));
	EXPECT_EQUAL(context.frame.x[10], 0x42);
}

/* The same sequence every time. */
static uint64_t random_next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* What comes of an access that nobody planned: it is done, or it is the guest's own fault. */
static void expect_done_or_fault(struct trap trap, uint64_t address)
{
	if (trap.taken && trap.cause != CAUSE_LOAD_ACCESS && trap.cause != CAUSE_STORE_ACCESS &&
	    trap.cause != CAUSE_LOAD_MISALIGNED && trap.cause != CAUSE_STORE_MISALIGNED)
		test_fail("0x%lx: expected an access fault or none, got %s", address,
			  trap_cause_name(trap.cause));
}

TEST(random_accesses, "device: ten thousand accesses at random are done or refused, each")
{
	uint64_t state = 88172645463325252ul;

	SKIP_UNLESS(!machine.bare, "the emulator's affair");
	for (unsigned int i = 0; i < 5000; i++) {
		uint64_t random = random_next(&state);
		uint64_t address = machine.plic + random % 0x600000;
		unsigned int bytes = 1u << (random >> 60 & 3);

		expect_done_or_fault(trap_store(address, bytes, random_next(&state)), address);
		address = (random >> 32 & 1 ? machine.rtc : machine.uart) + random % 0x100;
		expect_done_or_fault(trap_load(address, bytes, NULL), address);
	}
	for (uint32_t source = 1; source <= machine.plic_sources; source++)
		write32(machine.plic + PLIC_PRIORITY(source), 0);
	write32(word_register(), 0);
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Exceptions that the kernel itself causes: codes, where they come from, what they leave.
 */
#include <stddef.h>

#include <rtos/cp0.h>
#include <rtos/exception.h>
#include <rtos/paging.h>
#include <rtos/test.h>

static uint32_t words[4] __attribute__((aligned(16)));

#define BYTES ((uint32_t)(uintptr_t)words)

/* ---- what causes them ---- */

static void syscall(uint32_t argument)
{
	(void)argument;
	__asm__ volatile("syscall");
}

static void breakpoint(uint32_t argument)
{
	(void)argument;
	__asm__ volatile("break 5");
}

static void trap_if_zero(uint32_t argument)
{
	__asm__ volatile("teq %0, $0" : : "r"(argument));
}

static void add(uint32_t argument)
{
	uint32_t sum;

	__asm__ volatile("add %0, %1, %1" : "=r"(sum) : "r"(argument));
}

static void reserved(uint32_t argument)
{
	(void)argument;
	/* A 64-bit load and an opcode that nobody has. */
	__asm__ volatile(".word 0xdc000000");
}

static void load_word(uint32_t address)
{
	uint32_t value;

	__asm__ volatile("lw %0, 0(%1)" : "=r"(value) : "r"(address));
}

static void load_half(uint32_t address)
{
	uint32_t value;

	__asm__ volatile("lh %0, 0(%1)" : "=r"(value) : "r"(address));
}

static void store_word(uint32_t address)
{
	__asm__ volatile("sw $0, 0(%0)" : : "r"(address) : "memory");
}

static void store_half(uint32_t address)
{
	__asm__ volatile("sh $0, 0(%0)" : : "r"(address) : "memory");
}

static void jump(uint32_t address)
{
	((void (*)(void))(uintptr_t)address)();
}

static void floating(uint32_t argument)
{
	__asm__ volatile(".set push\n\t.set hardfloat\n\tmtc1 %0, $f0\n\t.set pop"
			 :
			 : "r"(argument));
}

static void coprocessor2(uint32_t argument)
{
	(void)argument;
	__asm__ volatile(".word 0x48020000"); /* mfc2 v0, $0 */
}

/* ---- tests ---- */

TEST(exception_codes)
{
	CHECK_EQUAL(fault_catch(syscall, 0).code, CODE_SYSCALL);
	CHECK_EQUAL(fault_catch(breakpoint, 0).code, CODE_BREAK);
	CHECK_EQUAL(fault_catch(trap_if_zero, 0).code, CODE_TRAP);
	CHECK(!fault_catch(trap_if_zero, 1).taken);
	CHECK_EQUAL(fault_catch(add, 0x7fffffff).code, CODE_OVERFLOW);
	CHECK(!fault_catch(add, 0x3fffffff).taken);
	CHECK_EQUAL(fault_catch(reserved, 0).code, CODE_RESERVED);
}

TEST(exception_leaves_state)
{
	struct fault fault = fault_catch(syscall, 0);

	CHECK(fault.taken);
	CHECK_EQUAL(fault.vector, 0x180);
	/* Not in a delay slot, so at the instruction itself. */
	CHECK_EQUAL(fault.cause & CAUSE_BD, 0);
	CHECK_EQUAL(*(uint32_t *)(uintptr_t)fault.epc, 0x0000000c);
	CHECK_EQUAL(fault.status & (STATUS_EXL | STATUS_IE), STATUS_EXL | STATUS_IE);
	CHECK_EQUAL(cp0_read(CP0_STATUS) & (STATUS_EXL | STATUS_IE), STATUS_IE);
}

TEST(address_errors)
{
	static const struct {
		void (*function)(uint32_t address);
		uint32_t offset, code;
	} cases[] = {
		{ load_word, 1, CODE_ADDRESS_LOAD },   { load_word, 2, CODE_ADDRESS_LOAD },
		{ load_half, 1, CODE_ADDRESS_LOAD },   { store_word, 1, CODE_ADDRESS_STORE },
		{ store_word, 2, CODE_ADDRESS_STORE }, { store_half, 3, CODE_ADDRESS_STORE },
		{ jump, 2, CODE_ADDRESS_LOAD },
	};

	for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fault fault = fault_catch(cases[i].function, BYTES + cases[i].offset);

		CHECK(fault.taken);
		CHECK_EQUAL(fault.code, cases[i].code);
		CHECK_EQUAL(fault.badvaddr, BYTES + cases[i].offset);
		if (cases[i].function == jump)
			CHECK_EQUAL(fault.epc, BYTES + cases[i].offset);
	}
	CHECK(!fault_catch(load_word, BYTES).taken);
}

/* A unit that is not enabled, whether it is there or not. */
TEST(coprocessor_unusable)
{
	struct fault fault = fault_catch(floating, 0);

	CHECK_EQUAL(fault.code, CODE_COPROCESSOR);
	CHECK_EQUAL(fault.cause & CAUSE_CE, 1u << 28);
	fault = fault_catch(coprocessor2, 0);
	/* A processor may have no such unit at all. */
	CHECK(fault.code == CODE_COPROCESSOR || fault.code == CODE_RESERVED);
	if (fault.code == CODE_COPROCESSOR)
		CHECK_EQUAL(fault.cause & CAUSE_CE, 2u << 28);
}

/* ---- delay slots ---- */

static void syscall_in_slot(uint32_t condition)
{
	__asm__ volatile(".set push\n\t.set noreorder\n\t"
			 "beqz %0, 1f\n\t"
			 "syscall\n"
			 "1:\n\t.set pop"
			 :
			 : "r"(condition));
}

static void load_in_slot(uint32_t address)
{
	__asm__ volatile(".set push\n\t.set noreorder\n\t"
			 "jal 1f\n\t"
			 "lw $3, 0(%0)\n"
			 "1:\n\t.set pop"
			 :
			 : "r"(address)
			 : "$3", "$31");
}

/* A branch likely that is not taken does not execute it. */
static void nullified_in_slot(uint32_t condition)
{
	__asm__ volatile(".set push\n\t.set noreorder\n\t"
			 "bnel %0, %0, 1f\n\t"
			 "syscall\n"
			 "1:\n\t.set pop"
			 :
			 : "r"(condition));
}

TEST(exceptions_in_delay_slots)
{
	for (uint32_t condition = 0; condition < 2; condition++) {
		struct fault fault = fault_catch(syscall_in_slot, condition);

		CHECK_EQUAL(fault.code, CODE_SYSCALL);
		CHECK_EQUAL(fault.cause & CAUSE_BD, CAUSE_BD);
		/* EPC is at the branch. */
		CHECK_EQUAL(*(uint32_t *)(uintptr_t)fault.epc >> 26, 4);
		CHECK_EQUAL(*(uint32_t *)(uintptr_t)(fault.epc + 4), 0x0000000c);
	}
	CHECK_EQUAL(fault_catch(load_in_slot, BYTES + 1).cause & CAUSE_BD, CAUSE_BD);
	CHECK_EQUAL(fault_catch(load_in_slot, BYTES + 1).code, CODE_ADDRESS_LOAD);
	CHECK(!fault_catch(load_in_slot, BYTES).taken);
	CHECK(!fault_catch(nullified_in_slot, 1).taken);
}

/* ---- nested ---- */

#define EPC_SENTINEL 0x12345670u

static void syscall_at_exception_level(uint32_t argument)
{
	(void)argument;
	cp0_write(CP0_STATUS, cp0_read(CP0_STATUS) | STATUS_EXL);
	cp0_write(CP0_EPC, EPC_SENTINEL);
	__asm__ volatile("syscall");
}

TEST(nested_exception_keeps_epc)
{
	uint32_t flags = irq_save();
	struct fault fault = fault_catch(syscall_at_exception_level, 0);

	CHECK_EQUAL(fault.code, CODE_SYSCALL);
	CHECK_EQUAL(fault.epc, EPC_SENTINEL);
	CHECK_EQUAL(fault.vector, 0x180);
	irq_restore(flags);
}

/* A TLB miss at exception level goes to the general vector. */
static void miss_at_exception_level(uint32_t address)
{
	cp0_write(CP0_STATUS, cp0_read(CP0_STATUS) | STATUS_EXL);
	cp0_write(CP0_EPC, EPC_SENTINEL);
	load_word(address);
}

TEST(nested_miss)
{
	uint32_t flags = irq_save();
	struct fault fault = fault_catch(miss_at_exception_level, MAP_KERNEL + 0x5008);

	CHECK_EQUAL(fault.code, CODE_TLB_LOAD);
	CHECK_EQUAL(fault.vector, 0x180);
	CHECK_EQUAL(fault.epc, EPC_SENTINEL);
	CHECK_EQUAL(fault.badvaddr, MAP_KERNEL + 0x5008);
	CHECK_EQUAL(fault.entryhi & ~0x1fffu, MAP_KERNEL + 0x4000);
	irq_restore(flags);
}

/* ---- returns ---- */

/* ERET at error level goes to ErrorEPC and leaves EXL as it is. */
TEST(return_from_error_level)
{
	uint32_t flags = irq_save(), status = cp0_read(CP0_STATUS), after;

	cp0_write(CP0_EPC, 0);
	__asm__ volatile(".set push\n\t.set noreorder\n\t.set noat\n\t"
			 "la $1, 1f\n\t"
			 "mtc0 $1, $30\n\t"
			 "ori $1, %1, 6\n\t"
			 "mtc0 $1, $12\n\t"
			 "ehb\n\t"
			 "eret\n"
			 "1:\tmfc0 %0, $12\n\t.set pop"
			 : "=&r"(after)
			 : "r"(status)
			 : "memory");
	cp0_write(CP0_STATUS, status);
	CHECK_EQUAL(after & 7, STATUS_EXL);
	irq_restore(flags);
}

/* ---- error level ---- */

static void syscall_at_error_level(uint32_t argument)
{
	(void)argument;
	cp0_write(CP0_EPC, EPC_SENTINEL);
	cp0_write(CP0_STATUS, cp0_read(CP0_STATUS) | STATUS_ERL);
	__asm__ volatile("syscall");
}

/* Only EXL keeps EPC as it is: an exception at error level has its own. */
TEST(exception_at_error_level)
{
	uint32_t flags = irq_save();
	struct fault fault = fault_catch(syscall_at_error_level, 0);

	CHECK_EQUAL(fault.code, CODE_SYSCALL);
	CHECK_EQUAL(fault.vector, 0x180);
	CHECK_EQUAL(fault.status & (STATUS_ERL | STATUS_EXL), STATUS_ERL | STATUS_EXL);
	CHECK(fault.epc != EPC_SENTINEL);
	CHECK_EQUAL(*(uint32_t *)(uintptr_t)fault.epc, 0x0000000c);
	irq_restore(flags);
}

static uint32_t low_address;

static void load_low(uint32_t address)
{
	low_address = *(volatile uint32_t *)(uintptr_t)address;
}

/* Then the lowest addresses are physical ones, whatever they are otherwise. */
TEST(error_level_has_low_addresses_unmapped)
{
	static uint32_t word __attribute__((aligned(16)));
	uint32_t flags = irq_save(), status = cp0_read(CP0_STATUS);
	uint32_t physical = page_physical(&word);

	*(volatile uint32_t *)&word = 0x10add;
	/* Uncached ones: the word must be in memory. */
	__asm__ volatile("cache 0x15, 0(%0)\n\tsync" : : "r"(&word) : "memory");
	if (MAP_KSEG0 != 0)
		CHECK(fault_catch(load_low, physical).taken);
	low_address = 0;
	cp0_write(CP0_STATUS, status | STATUS_ERL);
	load_low(physical);
	cp0_write(CP0_STATUS, status);
	CHECK_EQUAL(low_address, 0x10add);
	if (MAP_KSEG0 != 0)
		CHECK(fault_catch(load_low, physical).taken);
	irq_restore(flags);
}

/* ---- registers that nobody else may touch ---- */

/* k0 and k1 are for handlers: with interrupts off they are as safe as any. */
TEST(registers_survive_privileged_instructions)
{
	uint32_t flags = irq_save(), k0 = 0, k1 = 0, hi = 0, lo = 0, at = 0;

	__asm__ volatile(".set push\n\t.set noreorder\n\t.set noat\n\t"
			 "li $26, 0x26262626\n\t"
			 "li $27, 0x27272727\n\t"
			 "li $1, 0x01010101\n\t"
			 "mthi $26\n\t"
			 "mtlo $27\n\t"
			 "mfc0 $8, $15\n\t"
			 "mtc0 $0, $2\n\t"
			 "mfc0 $8, $9\n\t"
			 "tlbp\n\t"
			 "ehb\n\t"
			 "move %0, $26\n\t"
			 "move %1, $27\n\t"
			 "mfhi %2\n\t"
			 "mflo %3\n\t"
			 "move %4, $1\n\t.set pop"
			 : "=&r"(k0), "=&r"(k1), "=&r"(hi), "=&r"(lo), "=&r"(at)
			 :
			 : "$8", "$26", "$27", "hi", "lo", "memory");
	irq_restore(flags);
	CHECK_EQUAL(k0, 0x26262626);
	CHECK_EQUAL(k1, 0x27272727);
	CHECK_EQUAL(hi, 0x26262626);
	CHECK_EQUAL(lo, 0x27272727);
	CHECK_EQUAL(at, 0x01010101);
}

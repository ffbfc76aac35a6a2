// SPDX-License-Identifier: BSD-2-Clause
/*
 * Instructions that a hypervisor has to do something about, one by one.
 */
#include <stddef.h>

#include <rtos/clock.h>
#include <rtos/cp0.h>
#include <rtos/exception.h>
#include <rtos/paging.h>
#include <rtos/test.h>

/* ---- interrupt enable ---- */

TEST(di_and_ei_give_status)
{
	uint32_t before = cp0_read(CP0_STATUS), at_di, between, at_ei, after;

	__asm__ volatile("di %0\n\tehb" : "=r"(at_di) : : "memory");
	between = cp0_read(CP0_STATUS);
	__asm__ volatile("ei %0\n\tehb" : "=r"(at_ei) : : "memory");
	after = cp0_read(CP0_STATUS);
	CHECK_EQUAL(at_di, before);
	CHECK_EQUAL(between, before & ~STATUS_IE);
	CHECK_EQUAL(at_ei, between);
	CHECK_EQUAL(after, before);
	/* The zero register takes nothing. */
	__asm__ volatile("di $0\n\tehb\n\tei $0\n\tehb" : : : "memory");
	CHECK_EQUAL(cp0_read(CP0_STATUS), before);
}

/* ---- WAIT ---- */

TEST(wait_ends_by_the_tick)
{
	uint32_t start = clock_ticks();

	for (unsigned int i = 0; i < 3; i++)
		__asm__ volatile("wait");
	CHECK(clock_ticks() - start >= 2);
}

/*
 * What pends when WAIT is reached ends it, interrupts off or not. Processors differ there; one that
 * has it so is presented.
 */
TEST(wait_with_something_pending)
{
	uint32_t flags, status;

	if (!booted_from_rom()) {
		test_skipped("not every processor ends it");
		return;
	}
	flags = irq_save();
	status = cp0_read(CP0_STATUS);
	cp0_write(CP0_STATUS, (status & ~STATUS_IM) | CAUSE_IP0);
	cp0_write(CP0_CAUSE, cp0_read(CP0_CAUSE) | CAUSE_IP0);
	__asm__ volatile("wait");
	cp0_write(CP0_STATUS, cp0_read(CP0_STATUS) | STATUS_EXL | STATUS_IE);
	__asm__ volatile("wait");
	cp0_write(CP0_CAUSE, cp0_read(CP0_CAUSE) & ~CAUSE_IP0);
	cp0_write(CP0_STATUS, status);
	irq_restore(flags);
}

/* ---- LL and SC ---- */

static volatile uint32_t linked_word;

static uint32_t linked_add(uint32_t amount)
{
	uint32_t loaded, stored;

	__asm__ volatile("ll %0, %2\n\t"
			 "addu %1, %0, %3\n\t"
			 "sc %1, %2"
			 : "=&r"(loaded), "=&r"(stored), "+m"(linked_word)
			 : "r"(amount)
			 : "memory");
	return stored;
}

TEST(ll_sc)
{
	unsigned int done = 0;

	linked_word = 0;
	for (unsigned int i = 0; i < 1000; i++)
		done += linked_add(3);
	CHECK_EQUAL(linked_word, 3 * done);
	/* Interrupts may spoil a few. */
	CHECK(done > 900);
}

/* A return from an exception breaks the link. */
TEST(sc_fails_behind_eret)
{
	uint32_t flags = irq_save(), stored;

	linked_word = 1;
	__asm__ volatile(".set push\n\t.set noreorder\n\t.set noat\n\t"
			 "ll $8, %1\n\t"
			 "la $1, 1f\n\t"
			 "mtc0 $1, $14\n\t"
			 "mfc0 $1, $12\n\t"
			 "ori $1, $1, 2\n\t"
			 "mtc0 $1, $12\n\t"
			 "ehb\n\t"
			 "eret\n"
			 "1:\tli %0, 7\n\t"
			 "sc %0, %1\n\t.set pop"
			 : "=&r"(stored), "+m"(linked_word)
			 :
			 : "$8", "memory");
	irq_restore(flags);
	CHECK_EQUAL(stored, 0);
	CHECK_EQUAL(linked_word, 1);
}

/* What kernels do in their TLB handlers: it must succeed in the end, trap or not. */
TEST(sc_behind_privileged_instructions)
{
	uint32_t flags = irq_save(), stored = 0;
	unsigned int tries = 0;

	linked_word = 5;
	while (stored == 0 && tries++ < 1000)
		__asm__ volatile("ll $8, %1\n\t"
				 "tlbp\n\t"
				 "mfc0 $9, $0\n\t"
				 "addiu %0, $8, 1\n\t"
				 "sc %0, %1"
				 : "=&r"(stored), "+m"(linked_word)
				 :
				 : "$8", "$9", "memory");
	irq_restore(flags);
	CHECK_EQUAL(stored, 1);
	CHECK_EQUAL(linked_word, 6);
}

/*
 * Between LL and SC one instruction that traps and another one, which must do what it does
 * elsewhere: a hypervisor may have to do it itself.
 */
static const uint32_t followed[] = {
	0x01095021, /* addu t2, t0, t1 */
	0x01095020, /* add */
	0x01095023, /* subu */
	0x01095022, /* sub */
	0x01095024, /* and */
	0x01095025, /* or */
	0x01095026, /* xor */
	0x01095027, /* nor */
	0x0109502a, /* slt */
	0x0109502b, /* sltu */
	0x00095140, /* sll t2, t1, 5 */
	0x00095142, /* srl */
	0x00295142, /* rotr */
	0x00095143, /* sra */
	0x01095004, /* sllv t2, t1, t0 */
	0x01095006, /* srlv */
	0x01095046, /* rotrv */
	0x01095007, /* srav */
	0x0109500a, /* movz t2, t0, t1 */
	0x0109500b, /* movn */
	0x210a0123, /* addi t2, t0, 0x123 */
	0x250a8123, /* addiu */
	0x290a0123, /* slti */
	0x2d0a8123, /* sltiu */
	0x310a8765, /* andi */
	0x350a8765, /* ori */
	0x390a8765, /* xori */
	0x3c0a8765, /* lui */
	0x71095002, /* mul */
	0x710a5020, /* clz t2, t0 */
	0x710a5021, /* clo */
	0x7d0a3900, /* ext t2, t0, 4, 8 */
	0x7d0a5904, /* ins t2, t0, 4, 8 */
	0x7c0850a0, /* wsbh t2, t0 */
	0x7c085420, /* seb */
	0x7c085620, /* seh */
	0x8caa0000, /* lw t2, 0(a1) */
	0x80aa0001, /* lb t2, 1(a1) */
	0x90aa0002, /* lbu */
	0x84aa0002, /* lh */
	0x94aa0002, /* lhu */
	0x88aa0001, /* lwl t2, 1(a1) */
	0x98aa0001, /* lwr */
	0xaca9000c, /* sw t1, 12(a1) */
	0xa0a9000d, /* sb */
	0xa4a9000e, /* sh */
	0xa8a9000d, /* swl */
	0xb8a9000d, /* swr */
	0x0000000f, /* sync */
	0x11000001, /* beq t0, zero, over what follows */
	0x15000001, /* bne */
	0x51000001, /* beql */
	0x55000001, /* bnel */
	0x05110001, /* bgezal t0 */
};

static uint32_t followed_code[24] __attribute__((aligned(64)));

struct followed_run {
	uint32_t t0, t1, t2, scratch, ra;
};

/* `linked`: with LL, a trap and SC around; else without. Returns what SC gave. */
static uint32_t followed_run(uint32_t instruction, bool linked, struct followed_run *run)
{
	uint32_t *at = followed_code, stored;

	*at++ = 0x03e0c825;			  /* move t9, ra */
	*at++ = 0x8ca80000;			  /* lw t0, 0(a1) */
	*at++ = 0x8ca90004;			  /* lw t1, 4(a1) */
	*at++ = 0x8caa0008;			  /* lw t2, 8(a1) */
	*at++ = linked ? 0xc0830000 : 0x8c830000; /* ll or lw v1, 0(a0) */
	*at++ = linked ? 0x40027800 : 0x00000000; /* mfc0 v0, PRId */
	*at++ = instruction;
	*at++ = 0x254a0001; /* addiu t2, t2, 1: in the slot where that is a branch */
	*at++ = 0x254a0010; /* addiu t2, t2, 16: what branches lead over */
	*at++ = 0x24630001; /* addiu v1, v1, 1 */
	*at++ = linked ? 0xe0830000 : 0xac830000; /* sc or sw v1, 0(a0) */
	*at++ = 0xacaa0008;			  /* sw t2, 8(a1) */
	*at++ = 0xacbf0010;			  /* sw ra, 16(a1) */
	*at++ = 0x03200008;			  /* jr t9 */
	*at++ = 0x00601025;			  /* move v0, v1 */
	code_synchronize(followed_code, sizeof(followed_code));
	stored = ((uint32_t(*)(volatile uint32_t *, struct followed_run *))(
		uintptr_t)followed_code)(&linked_word, run);
	/* Only a link of its own counts. */
	run->ra -= (uint32_t)(uintptr_t)followed_code;
	run->ra = run->ra < sizeof(followed_code) ? run->ra : 0;
	return stored;
}

TEST(sc_behind_other_instructions)
{
	static const uint32_t values[][2] = { { 0x12345678, 0x9abcdef0 },
					      { 0, 0 },
					      { 0xffffffff, 5 },
					      { 0x7ffffe00, 0x101 } };
	const unsigned int count = sizeof(followed) / sizeof(followed[0]);

	for (unsigned int i = 0; i < count * 4; i++) {
		uint32_t t0 = values[i % 4][0], t1 = values[i % 4][1], flags = irq_save();
		struct followed_run plain = { t0, t1, 0x5a5a5a5a, 0x01020304, 0 }, linked = plain;
		uint32_t stored = 0;

		followed_run(followed[i / 4], false, &plain);
		linked_word = 100 + i;
		/* Whoever translates what is touched first may come between once or twice. */
		for (unsigned int tries = 0; tries < 5 && stored != 1; tries++) {
			linked = (struct followed_run){ t0, t1, 0x5a5a5a5a, 0x01020304, 0 };
			stored = followed_run(followed[i / 4], true, &linked);
		}
		irq_restore(flags);
		CHECK_EQUAL(stored, 1);
		CHECK_EQUAL(linked_word, 101 + i);
		CHECK_EQUAL(linked.t2, plain.t2);
		CHECK_EQUAL(linked.scratch, plain.scratch);
		CHECK_EQUAL(linked.ra, plain.ra);
	}
}

/* SC stores where LL has loaded, and nowhere else. */
TEST(sc_elsewhere)
{
	static volatile uint32_t others[64] __attribute__((aligned(64)));
	uint32_t flags = irq_save(), stored;

	if (!booted_from_rom()) {
		irq_restore(flags);
		test_skipped("what happens is not defined");
		return;
	}
	linked_word = 1;
	others[32] = 2;
	__asm__ volatile("ll $8, %1\n\t"
			 "mfc0 $9, $15\n\t"
			 "li %0, 7\n\t"
			 "sc %0, %2"
			 : "=&r"(stored), "+m"(linked_word), "+m"(others[32])
			 :
			 : "$8", "$9", "memory");
	irq_restore(flags);
	CHECK_EQUAL(others[32], stored != 0 ? 7 : 2);
	CHECK_EQUAL(linked_word, 1);
}

/* ---- RDHWR in kernel mode ---- */

TEST(rdhwr_in_kernel_mode)
{
	uint32_t number, step, first, second, resolution;

	__asm__ volatile("rdhwr %0, $0" : "=r"(number));
	__asm__ volatile("rdhwr %0, $1" : "=r"(step));
	__asm__ volatile("rdhwr %0, $2" : "=r"(first));
	for (unsigned int i = 0; i < 1000; i++)
		__asm__ volatile("nop");
	__asm__ volatile("rdhwr %0, $2" : "=r"(second));
	__asm__ volatile("rdhwr %0, $3" : "=r"(resolution));
	CHECK_EQUAL(number, cp0_read(CP0_EBASE) & 0x3ff);
	CHECK(step <= 128 && (step & (step - 1)) == 0);
	CHECK(second - first < 0x10000000);
	CHECK(resolution == 1 || resolution == 2);
	if ((cp0_read(CP0_CONFIG3) & CONFIG3_ULRI) != 0) {
		uint32_t local;

		cp0_write(CP0_USERLOCAL, 0xabcd1234);
		__asm__ volatile("rdhwr %0, $29" : "=r"(local));
		CHECK_EQUAL(local, 0xabcd1234);
		cp0_write(CP0_USERLOCAL, 0);
	}
}

/* The two clocks are one. */
TEST(rdhwr_count_is_count)
{
	uint32_t before = cp0_read(CP0_COUNT), between, after;

	__asm__ volatile("rdhwr %0, $2" : "=r"(between));
	after = cp0_read(CP0_COUNT);
	CHECK(between - before <= after - before);
}

/* ---- register sets ---- */

TEST(previous_register_set)
{
	uint32_t flags = irq_save(), got;

	/* There is one set, which is its own predecessor. */
	__asm__ volatile("li $8, 0x1234\n\t"
			 "rdpgpr %0, $8"
			 : "=r"(got)
			 :
			 : "$8");
	CHECK_EQUAL(got, 0x1234);
	__asm__ volatile("li $8, 0x5678\n\t"
			 "wrpgpr $9, $8\n\t"
			 "move %0, $9"
			 : "=r"(got)
			 :
			 : "$8", "$9");
	CHECK_EQUAL(got, 0x5678);
	irq_restore(flags);
}

/* ---- caches, and code that changes ---- */

static uint8_t lines[256] __attribute__((aligned(64)));

TEST(cache_operations_keep_data)
{
	for (unsigned int i = 0; i < sizeof(lines); i++)
		lines[i] = (uint8_t)(i ^ 0x5a);
	for (unsigned int i = 0; i < sizeof(lines); i += 16) {
		__asm__ volatile("cache 0x19, 0(%0)" : : "r"(&lines[i]) : "memory");
		__asm__ volatile("cache 0x15, 0(%0)" : : "r"(&lines[i]) : "memory");
		__asm__ volatile("cache 0x10, 0(%0)" : : "r"(&lines[i]) : "memory");
		__asm__ volatile("cache 0x01, 0(%0)" : : "r"(&lines[i]) : "memory");
		__asm__ volatile("cache 0x00, 0(%0)" : : "r"(&lines[i]) : "memory");
	}
	for (unsigned int i = 0; i < sizeof(lines); i++)
		CHECK_EQUAL(lines[i], (uint8_t)(i ^ 0x5a));
}

/* By an address that is not mapped an operation misses as a load does. Emulators may not bother. */
static void cache_by_address(uint32_t address)
{
	__asm__ volatile("cache 0x15, 0(%0)" : : "r"(address) : "memory");
}

TEST(cache_operation_misses)
{
	struct fault fault = fault_catch(cache_by_address, MAP_KERNEL + 0x7000);

	if (fault.taken) {
		CHECK_EQUAL(fault.code, CODE_TLB_LOAD);
		CHECK_EQUAL(fault.badvaddr, MAP_KERNEL + 0x7000);
	}
	tlb_invalidate_all();
}

static uint32_t code[8] __attribute__((aligned(64)));

/* jr ra; li v0, VALUE */
static uint32_t code_make(uint32_t value)
{
	code[0] = 0x03e00008;
	code[1] = 0x24020000 | value;
	code_synchronize(code, sizeof(code));
	return ((uint32_t(*)(void))(uintptr_t)code)();
}

TEST(code_that_is_written)
{
	for (uint32_t value = 1; value < 100; value++)
		CHECK_EQUAL(code_make(value), value);
}

/* jr ra; mfc0 v0, REGISTER: what a hypervisor may have put there must not be run again. */
TEST(privileged_code_that_is_written)
{
	for (unsigned int i = 0; i < 20; i++) {
		uint32_t value;

		code[0] = 0x03e00008;
		code[1] = i % 2 == 0 ? 0x40027800 : 0x40028000; /* PRId, Config */
		code_synchronize(code, sizeof(code));
		value = ((uint32_t(*)(void))(uintptr_t)code)();
		CHECK_EQUAL(value, i % 2 == 0 ? cp0_read(CP0_PRID) : cp0_read(CP0_CONFIG));
		/* And it reads back as it was written. */
		CHECK_EQUAL(((volatile uint32_t *)code)[1], i % 2 == 0 ? 0x40027800 : 0x40028000);
	}
}

/* The same with CACHE: data back to memory, instructions forgotten, line by line and by index. */
static void code_flush(bool by_index)
{
	for (uint32_t at = (uint32_t)(uintptr_t)code; at < (uint32_t)(uintptr_t)(code + 8);
	     at += 16) {
		if (by_index)
			__asm__ volatile("cache 0x01, 0(%0)\n\tsync\n\tcache 0x00, 0(%0)"
					 :
					 : "r"(at)
					 : "memory");
		else
			__asm__ volatile("cache 0x19, 0(%0)\n\tsync\n\tcache 0x10, 0(%0)"
					 :
					 : "r"(at)
					 : "memory");
	}
	__asm__ volatile("sync\n\tehb" : : : "memory");
}

TEST(code_that_is_flushed)
{
	for (uint32_t value = 1; value < 100; value++) {
		code[0] = 0x03e00008;
		code[1] = 0x24020000 | value;
		/* By index only where a line of that index is in one way: not on every processor.
		 */
		code_flush(value % 2 == 0 && booted_from_rom());
		CHECK_EQUAL(((uint32_t(*)(void))(uintptr_t)code)(), value);
	}
}

/* Written by one address, executed by another that the TLB maps. */
TEST(code_by_another_address)
{
	static uint32_t page[PAGE_SIZE / 4] __attribute__((aligned(4096)));
	const uint32_t va = MAP_KERNEL + 0x70000;

	page_table_set(va, page_entrylo(page, ENTRYLO_CACHED | ENTRYLO_V | ENTRYLO_D | ENTRYLO_G));
	for (uint32_t value = 1; value < 100; value++) {
		volatile uint32_t *at = value % 2 == 0 ? page : (uint32_t *)(uintptr_t)va;

		at[0] = 0x03e00008;
		at[1] = 0x24020000 | value;
		code_synchronize((const void *)at, 8);
		CHECK_EQUAL(((uint32_t(*)(void))(uintptr_t)va)(), value);
	}
	page_table_set(va, 0);
}

/* What is written to the ROM is as if it had not been. */
TEST(rom_is_not_written)
{
	volatile uint32_t *rom = (volatile uint32_t *)(uintptr_t)MAP_ROM;
	uint32_t first, second;

	if (!booted_from_rom()) {
		test_skipped("the ROM is not ours");
		return;
	}
	first = rom[0];
	second = rom[1];
	rom[0] = ~first;
	((volatile uint8_t *)rom)[5] = (uint8_t)~second;
	((volatile uint16_t *)rom)[2] = (uint16_t)~second;
	CHECK_EQUAL(rom[0], first);
	CHECK_EQUAL(rom[1], second);
	CHECK(first != second);
}

TEST(uncached_alias)
{
	static volatile uint32_t word __attribute__((aligned(64)));
	volatile uint32_t *uncached = page_uncached((const void *)&word);

	word = 0x12345678;
	__asm__ volatile("cache 0x15, 0(%0)\n\tsync" : : "r"(&word) : "memory");
	CHECK_EQUAL(*uncached, 0x12345678);
	*uncached = 0x9abcdef0;
	CHECK_EQUAL(word, 0x9abcdef0);
	/* In the kvm-te map each of these is emulated. */
	((volatile uint8_t *)uncached)[1] = 0x55;
	CHECK_EQUAL(((volatile uint8_t *)&word)[1], 0x55);
	CHECK_EQUAL(((volatile uint16_t *)uncached)[1], ((volatile uint16_t *)&word)[1]);
}

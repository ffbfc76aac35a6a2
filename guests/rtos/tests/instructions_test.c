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

/* What pends when WAIT is reached ends it, interrupts off or not. */
TEST(wait_with_something_pending)
{
	uint32_t flags = irq_save(), status = cp0_read(CP0_STATUS);

	cp0_write(CP0_STATUS, (status & ~STATUS_IM) | CAUSE_IP0 | STATUS_IE | STATUS_EXL);
	cp0_write(CP0_CAUSE, cp0_read(CP0_CAUSE) | CAUSE_IP0);
	__asm__ volatile("nop");
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

TEST(uncached_alias)
{
#ifdef RTOS_MAP_KVM
	test_skipped("this map has no uncached memory");
#else
	static volatile uint32_t word __attribute__((aligned(64)));
	volatile uint32_t *uncached = page_uncached((const void *)&word);

	word = 0x12345678;
	__asm__ volatile("cache 0x15, 0(%0)\n\tsync" : : "r"(&word) : "memory");
	CHECK_EQUAL(*uncached, 0x12345678);
	*uncached = 0x9abcdef0;
	CHECK_EQUAL(word, 0x9abcdef0);
#endif
}

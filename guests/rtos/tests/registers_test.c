// SPDX-License-Identifier: BSD-2-Clause
/*
 * Coprocessor 0's registers: which bits are kept, which are the processor's own.
 */
#include <stddef.h>

#include <rtos/clock.h>
#include <rtos/cp0.h>
#include <rtos/paging.h>
#include <rtos/test.h>

/* With interrupts off: writes, reads back, restores. The bits of `mask` must be as written. */
#define CHECK_KEEPS(reg, value, mask)                                      \
	do {                                                               \
		uint32_t flags_ = irq_save(), old_ = cp0_read(reg), read_; \
		cp0_write(reg, value);                                     \
		read_ = cp0_read(reg);                                     \
		cp0_write(reg, old_);                                      \
		irq_restore(flags_);                                       \
		CHECK_EQUAL(read_ &(mask), (uint32_t)(value) & (mask));    \
	} while (0)

/* And here those of `mask` must be as they were. */
#define CHECK_IGNORES(reg, mask)                                           \
	do {                                                               \
		uint32_t flags_ = irq_save(), old_ = cp0_read(reg), read_; \
		cp0_write(reg, ~old_);                                     \
		read_ = cp0_read(reg);                                     \
		cp0_write(reg, old_);                                      \
		irq_restore(flags_);                                       \
		CHECK_EQUAL(read_ &(mask), old_ &(mask));                  \
	} while (0)

/* The same where the other bits are not to be touched: some processors have a lock among them. */
#define CHECK_IGNORES_ONLY(reg, mask)                                      \
	do {                                                               \
		uint32_t flags_ = irq_save(), old_ = cp0_read(reg), read_; \
		cp0_write(reg, old_ ^ (mask));                             \
		read_ = cp0_read(reg);                                     \
		cp0_write(reg, old_);                                      \
		irq_restore(flags_);                                       \
		CHECK_EQUAL(read_, old_);                                  \
	} while (0)

#define CHECK_PATTERNS(reg, mask)                   \
	do {                                        \
		CHECK_KEEPS(reg, 0xffffffff, mask); \
		CHECK_KEEPS(reg, 0x00000000, mask); \
		CHECK_KEEPS(reg, 0xa5a5a5a5, mask); \
		CHECK_KEEPS(reg, 0x5a5a5a5a, mask); \
	} while (0)

TEST(registers_of_addresses)
{
	CHECK_PATTERNS(CP0_EPC, 0xffffffff);
	CHECK_PATTERNS(CP0_ERROREPC, 0xffffffff);
	CHECK_PATTERNS(CP0_CONTEXT, 0xff800000);
	CHECK_IGNORES(CP0_CONTEXT, 0x0000000f);
	CHECK_IGNORES(CP0_BADVADDR, 0xffffffff);
	CHECK_KEEPS(CP0_EBASE, MAP_KSEG0 | 0x00345000, 0x1ffff000);
	CHECK_IGNORES_ONLY(CP0_EBASE, 0x000003ff);
}

TEST(registers_of_tlb)
{
	CHECK_PATTERNS(CP0_ENTRYLO0, 0x03ffffff);
	CHECK_PATTERNS(CP0_ENTRYLO1, 0x03ffffff);
	CHECK_PATTERNS(CP0_ENTRYHI, 0xffffe0ff);
	for (uint32_t index = 0; index < tlb_size(); index++) {
		CHECK_KEEPS(CP0_INDEX, index, 0x7fffffff);
		CHECK_KEEPS(CP0_WIRED, index, 0xffffffff);
	}
	for (uint32_t mask = 0; mask <= 0x01ffe000; mask = mask << 2 | 0x6000)
		CHECK_KEEPS(CP0_PAGEMASK, mask, 0xffffffff);
}

TEST(random_stays_above_wired)
{
	uint32_t flags = irq_save(), wired = tlb_wired();

	for (uint32_t bound = 0; bound < tlb_size(); bound += 5) {
		cp0_write(CP0_WIRED, bound);
		for (unsigned int i = 0; i < 100; i++) {
			uint32_t random = cp0_read(CP0_RANDOM);

			CHECK(random >= bound && random < tlb_size());
		}
	}
	cp0_write(CP0_WIRED, wired);
	irq_restore(flags);
}

/* EXL keeps us in kernel mode whatever else is written. */
TEST(status_fields)
{
	const uint32_t exl = STATUS_EXL;

	CHECK_KEEPS(CP0_STATUS, exl | STATUS_IM, STATUS_IM | STATUS_UM | 7);
	CHECK_KEEPS(CP0_STATUS, exl | 0x5500, STATUS_IM | STATUS_UM | 7);
	CHECK_KEEPS(CP0_STATUS, exl | STATUS_UM, STATUS_IM | STATUS_UM | 7);
	CHECK_KEEPS(CP0_STATUS, exl | STATUS_IE, STATUS_IM | STATUS_UM | 7);
	CHECK_KEEPS(CP0_STATUS, exl | STATUS_ERL, STATUS_ERL | STATUS_EXL);
	CHECK_KEEPS(CP0_STATUS, exl | STATUS_BEV, STATUS_BEV);
	CHECK_KEEPS(CP0_STATUS, exl | STATUS_CU0, STATUS_CU0);
	/* What is not there stays 0: 64-bit addressing, soft reset and NMI. */
	CHECK_KEEPS(CP0_STATUS, exl, 0x001800e0);
}

TEST(cause_fields)
{
	CHECK_KEEPS(CP0_CAUSE, CAUSE_IV | CAUSE_IP0, CAUSE_IV | 0x300);
	CHECK_KEEPS(CP0_CAUSE, CAUSE_IP1, CAUSE_IV | 0x300);
	CHECK_KEEPS(CP0_CAUSE, CAUSE_DC | CAUSE_IV, CAUSE_DC | CAUSE_IV);
	CHECK_IGNORES(CP0_CAUSE, CAUSE_BD | CAUSE_CE | CAUSE_CODE | 0x7c00);
}

TEST(configuration)
{
	uint32_t config = cp0_read(CP0_CONFIG), config1 = cp0_read(CP0_CONFIG1);

	CHECK_EQUAL(config & CONFIG_MORE, CONFIG_MORE);
	/* Release 2 or later, a TLB, this endianness. */
	CHECK((config >> 10 & 7) >= 1);
	CHECK_EQUAL(config >> 7 & 7, (config >> 7 & 7) == 4 ? 4 : 1);
#ifdef __MIPSEB__
	CHECK_EQUAL(config >> 15 & 1, 1);
#else
	CHECK_EQUAL(config >> 15 & 1, 0);
#endif
	CHECK(tlb_size() >= 16);
	CHECK((config1 & 0x00380000) != 0);
	CHECK_KEEPS(CP0_CONFIG, (config & ~7u) | 2, 7);
	CHECK_KEEPS(CP0_CONFIG, (config & ~7u) | 3, 7);
	CHECK_IGNORES(CP0_PRID, 0xffffffff);
	CHECK_IGNORES(CP0_CONFIG1, 0xffffffff);
	CHECK_IGNORES(CP0_CONFIG2, 0xf0000000);
	CHECK_IGNORES(CP0_CONFIG3, 0x0000ffff);
}

/* A register only grows while nobody looks. */
TEST(count_runs)
{
	uint32_t before = cp0_read(CP0_COUNT), after = before;

	for (unsigned int i = 0; i < 1000000 && after == before; i++)
		after = cp0_read(CP0_COUNT);
	CHECK((int32_t)(after - before) > 0);
}

/* Writing Compare may have taken back a match: then the next tick is soon. */
static void compare_restore(uint32_t compare)
{
	cp0_write(CP0_COMPARE, compare);
	if ((int32_t)(cp0_read(CP0_COUNT) - compare) >= 0)
		clock_match_set(10000);
}

TEST(count_is_written)
{
	uint32_t flags = irq_save(), count = cp0_read(CP0_COUNT), compare = cp0_read(CP0_COMPARE);
	uint32_t read;

	cp0_write(CP0_COUNT, 0x12340000);
	read = cp0_read(CP0_COUNT);
	CHECK(read - 0x12340000 < 0x1000000);
	cp0_write(CP0_COUNT, count);
	compare_restore(compare);
	irq_restore(flags);
}

TEST(count_stops)
{
	uint32_t flags = irq_save(), cause = cp0_read(CP0_CAUSE), before, after;

	cp0_write(CP0_CAUSE, cause | CAUSE_DC);
	before = cp0_read(CP0_COUNT);
	for (unsigned int i = 0; i < 10000; i++)
		__asm__ volatile("nop");
	after = cp0_read(CP0_COUNT);
	CHECK_EQUAL(after, before);
	cp0_write(CP0_CAUSE, cause & ~CAUSE_DC);
	for (unsigned int i = 0; i < 1000000 && after == before; i++)
		after = cp0_read(CP0_COUNT);
	CHECK(after != before);
	irq_restore(flags);
}

/* An emulator's timer may be late, but not much. */
static void match_wait(void)
{
	uint32_t start;

	clock_match_set(20000);
	start = cp0_read(CP0_COUNT);
	while (cp0_read(CP0_COUNT) - start < 100 * COUNTS_PER_TICK)
		if ((cp0_read(CP0_CAUSE) & CAUSE_TI) != 0)
			break;
}

/* A match sets TI and IP7 until Compare is written. */
TEST(compare_matches)
{
	uint32_t flags = irq_save(), compare = cp0_read(CP0_COMPARE);

	cp0_write(CP0_COMPARE, cp0_read(CP0_COUNT) - 1);
	CHECK_EQUAL(cp0_read(CP0_CAUSE) & (CAUSE_TI | CAUSE_IP7), 0);
	match_wait();
	CHECK_EQUAL(cp0_read(CP0_CAUSE) & (CAUSE_TI | CAUSE_IP7), CAUSE_TI | CAUSE_IP7);
	CHECK((int32_t)(cp0_read(CP0_COUNT) - cp0_read(CP0_COMPARE)) >= 0);
	cp0_write(CP0_COMPARE, cp0_read(CP0_COUNT) - 1);
	CHECK_EQUAL(cp0_read(CP0_CAUSE) & (CAUSE_TI | CAUSE_IP7), 0);
	compare_restore(compare);
	irq_restore(flags);
}

TEST(user_local)
{
	if ((cp0_read(CP0_CONFIG3) & CONFIG3_ULRI) == 0) {
		test_skipped("the processor has none");
		return;
	}
	CHECK_PATTERNS(CP0_USERLOCAL, 0xffffffff);
}

TEST(hardware_enable)
{
	CHECK_PATTERNS(CP0_HWRENA, 0x0000000f);
	if ((cp0_read(CP0_CONFIG3) & CONFIG3_ULRI) != 0)
		CHECK_PATTERNS(CP0_HWRENA, 0x2000000f);
}

TEST(interrupt_control)
{
	if ((cp0_read(CP0_CONFIG3) & CONFIG3_VINT) == 0) {
		test_skipped("no vectored interrupts");
		return;
	}
	CHECK_KEEPS(CP0_INTCTL, 0x20, 0x3e0);
	CHECK_KEEPS(CP0_INTCTL, 0x200, 0x3e0);
	CHECK_EQUAL(cp0_read(CP0_INTCTL) >> 29, 7);
}

TEST(boot_arguments_from_rom)
{
	uint64_t base, size;

	if (!booted_from_rom()) {
		test_skipped("not started by the boot ROM");
		return;
	}
	/* Two 64-bit arguments of the o32 calling convention. */
#ifdef __MIPSEB__
	base = (uint64_t)boot_arguments.a0 << 32 | boot_arguments.a1;
	size = (uint64_t)boot_arguments.a2 << 32 | boot_arguments.a3;
#else
	base = (uint64_t)boot_arguments.a1 << 32 | boot_arguments.a0;
	size = (uint64_t)boot_arguments.a3 << 32 | boot_arguments.a2;
#endif
	CHECK_EQUAL((uint32_t)base, 0);
	CHECK_EQUAL((uint32_t)(base >> 32), 0);
	CHECK(size >= 0x400000 && size <= 0x10000000);
}

/* PRA, "Reset Exception": what software may rely on. */
TEST(state_after_reset)
{
	if (!booted_from_rom()) {
		test_skipped("not started by the boot ROM");
		return;
	}
	CHECK_EQUAL(boot_arguments.pc & ~0xffu, MAP_ROM);
	CHECK_EQUAL(boot_arguments.status & (STATUS_ERL | STATUS_BEV), STATUS_ERL | STATUS_BEV);
	CHECK_EQUAL(boot_arguments.status & (STATUS_UM | STATUS_EXL | STATUS_IE | 0x00180000), 0);
	CHECK_EQUAL(boot_arguments.cause & (CAUSE_DC | CAUSE_TI | CAUSE_IV | 0x0000ff00), 0);
	CHECK_EQUAL(boot_arguments.wired, 0);
	CHECK_EQUAL(boot_arguments.random, tlb_size() - 1);
	CHECK_EQUAL(boot_arguments.ebase, MAP_EBASE);
}

/* What Config1 says that there is not must not be half there. */
TEST(units_that_are_not_there)
{
	uint32_t config1 = cp0_read(CP0_CONFIG1), flags = irq_save();
	uint32_t status = cp0_read(CP0_STATUS);

	if ((config1 & CONFIG1_FP) == 0) {
		cp0_write(CP0_STATUS, status | STATUS_CU1);
		CHECK_EQUAL(cp0_read(CP0_STATUS) & STATUS_CU1, 0);
	}
	/* Coprocessor 2, and the 64-bit and MIPS MX modes. */
	if ((config1 & 0x40) == 0) {
		cp0_write(CP0_STATUS, status | 0x40000000);
		CHECK_EQUAL(cp0_read(CP0_STATUS) & 0x40000000, 0);
	}
	cp0_write(CP0_STATUS, status | 0x008000e0);
	CHECK_EQUAL(cp0_read(CP0_STATUS) & 0x008000e0, 0);
	cp0_write(CP0_STATUS, status);
	irq_restore(flags);
}

/* Count goes on from what is written, at the same rate, and a match is found there too. */
TEST(count_is_offset)
{
	uint32_t flags = irq_save(), before = cp0_read(CP0_COUNT), start;

	cp0_write(CP0_COUNT, 0xfffff000);
	start = cp0_read(CP0_COUNT);
	CHECK(start - 0xfffff000 < 0x1000000);
	/* Over the end and on. */
	cp0_write(CP0_COMPARE, 0x00020000);
	while (cp0_read(CP0_COUNT) - start < 200 * COUNTS_PER_TICK)
		if ((cp0_read(CP0_CAUSE) & CAUSE_TI) != 0)
			break;
	CHECK_EQUAL(cp0_read(CP0_CAUSE) & CAUSE_TI, CAUSE_TI);
	CHECK(cp0_read(CP0_COUNT) >= 0x00020000 && cp0_read(CP0_COUNT) < 0x10000000);
	cp0_write(CP0_COUNT, before);
	clock_match_set(COUNTS_PER_TICK);
	irq_restore(flags);
}

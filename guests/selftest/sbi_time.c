// SPDX-License-Identifier: BSD-2-Clause
/*
 * Time: the counter, timer interrupts by the SBI's TIME extension and by stimecmp, waiting for
 * them. (SBI specification, ch. 6; Sstc.)
 */
#include <runtime/sbi.h>

#include "selftest.h"

#define TIMER_BIT (1ul << INTERRUPT_TIMER)

static bool timer_pending(void)
{
	return (csr_read(CSR_SIP) & TIMER_BIT) != 0;
}

TEST(time_moves, "time: the counter moves and never goes back")
{
	uint64_t last = time_now();
	uint64_t first = last;

	for (unsigned int i = 0; i < 100000; i++) {
		uint64_t now = time_now();

		if (now < last)
			test_fail("time went back from %lu to %lu", last, now);
		last = now;
	}
	EXPECT(last > first);
}

TEST(set_timer_clears, "time: set_timer into the future withdraws a pending interrupt")
{
	EXPECT_EQUAL(sbi_call(SBI_EXTENSION_TIME, 0, 0).error, SBI_SUCCESS);
	EXPECT(time_wait_for(timer_pending(), TIME_PATIENCE));
	EXPECT_EQUAL(sbi_call(SBI_EXTENSION_TIME, 0, -1ul).error, SBI_SUCCESS);
	EXPECT(!timer_pending());
}

/* Whether the timer is pending although its time has not come. The order of the two reads matters.
 */
static bool timer_early(uint64_t deadline)
{
	return timer_pending() && time_now() < deadline;
}

/* The interrupt with everything enabled: taken once, and not before it is due. */
static void timer_taken(uint64_t deadline)
{
	struct hart *hart = hart_self();
	uint64_t before = hart->interrupts[INTERRUPT_TIMER];

	csr_set(CSR_SIE, TIMER_BIT);
	csr_set(CSR_SSTATUS, SSTATUS_SIE);
	REQUIRE(time_wait_for(hart->interrupts[INTERRUPT_TIMER] != before, TIME_PATIENCE));
	EXPECT(time_now() >= deadline);
	EXPECT_EQUAL(hart->interrupts[INTERRUPT_TIMER], before + 1);
}

TEST(set_timer_interrupt, "time: set_timer interrupts when the time has come")
{
	uint64_t deadline = time_now() + time_ticks(2000);

	EXPECT_EQUAL(sbi_call(SBI_EXTENSION_TIME, 0, deadline).error, SBI_SUCCESS);
	EXPECT(!timer_early(deadline));
	timer_taken(deadline);
}

TEST(set_timer_past, "time: set_timer into the past interrupts at once")
{
	uint64_t deadline = time_now() - 1;

	EXPECT_EQUAL(sbi_call(SBI_EXTENSION_TIME, 0, deadline).error, SBI_SUCCESS);
	timer_taken(deadline);
}

TEST(stimecmp_interrupt, "time: stimecmp interrupts when the time has come")
{
	uint64_t deadline;

	SKIP_UNLESS(machine_has_extension("sstc"), "no Sstc");
	deadline = time_now() + time_ticks(2000);
	csr_write(CSR_STIMECMP, deadline);
	EXPECT_EQUAL(csr_read(CSR_STIMECMP), deadline);
	EXPECT(!timer_early(deadline));
	timer_taken(deadline);
	csr_write(CSR_STIMECMP, -1ul);
	EXPECT(!timer_pending());
}

TEST(stimecmp_and_sbi, "time: set_timer and stimecmp are one timer")
{
	SKIP_UNLESS(machine_has_extension("sstc"), "no Sstc");
	sbi_call(SBI_EXTENSION_TIME, 0, 0x0123456789abcdeful);
	EXPECT_EQUAL(csr_read(CSR_STIMECMP), 0x0123456789abcdeful);
}

TEST(stimecmp_absent, "time: without Sstc, stimecmp is an illegal instruction")
{
	SKIP_UNLESS(!machine_has_extension("sstc"), "Sstc is there");
	EXPECT_TRAP(trap_execute(0x14d02573), CAUSE_ILLEGAL_INSTRUCTION);
}

TEST(sip_timer_read_only, "time: sip.STIP cannot be written")
{
	csr_set(CSR_SIP, TIMER_BIT);
	EXPECT(!timer_pending());
	sbi_call(SBI_EXTENSION_TIME, 0, 0);
	EXPECT(time_wait_for(timer_pending(), TIME_PATIENCE));
	csr_clear(CSR_SIP, TIMER_BIT);
	EXPECT(timer_pending());
}

/* Sleeps until due; true unless it came back too early a hundred times (WFI may, but not for ever).
 */
static bool sleep_until(uint64_t deadline)
{
	unsigned int wakes = 0;

	while (time_now() < deadline && wakes < 100) {
		__asm__ volatile("wfi");
		wakes++;
	}
	return time_now() >= deadline;
}

TEST(wfi_timer_masked, "wfi: a timer that is enabled in sie alone ends it, without a trap")
{
	struct hart *hart = hart_self();
	uint64_t before = hart->interrupts[INTERRUPT_TIMER];
	uint64_t deadline = time_now() + time_ticks(3000);

	csr_clear(CSR_SSTATUS, SSTATUS_SIE);
	timer_set(deadline);
	csr_set(CSR_SIE, TIMER_BIT);
	EXPECT(sleep_until(deadline));
	EXPECT(timer_pending());
	EXPECT_EQUAL(hart->interrupts[INTERRUPT_TIMER], before);
	EXPECT(time_now() < deadline + machine.timebase);
}

TEST(wfi_timer_taken, "wfi: a timer interrupt is taken at the instruction behind it")
{
	struct hart *hart = hart_self();
	uint64_t before = hart->interrupts[INTERRUPT_TIMER];
	uint64_t deadline = time_now() + time_ticks(3000);

	timer_set(deadline);
	csr_set(CSR_SIE, TIMER_BIT);
	csr_set(CSR_SSTATUS, SSTATUS_SIE);
	EXPECT(sleep_until(deadline));
	EXPECT(time_wait_for(hart->interrupts[INTERRUPT_TIMER] == before + 1, TIME_PATIENCE));
}

TEST(wfi_pending, "wfi: falls through when an enabled interrupt is pending already")
{
	timer_set(0);
	csr_set(CSR_SIE, TIMER_BIT);
	for (unsigned int i = 0; i < 1000; i++)
		__asm__ volatile("wfi");
	EXPECT(timer_pending());
}

TEST(wfi_not_enabled, "wfi: an interrupt pending but not in sie does not keep a later one away")
{
	uint64_t deadline = time_now() + time_ticks(3000);

	csr_set(CSR_SIP, 1ul << INTERRUPT_SOFTWARE);
	timer_set(deadline);
	csr_set(CSR_SIE, TIMER_BIT);
	EXPECT(sleep_until(deadline));
}

TEST(wfi_short_sleeps, "wfi: two hundred short sleeps in a row all end in time")
{
	uint64_t start = time_now();

	csr_set(CSR_SIE, TIMER_BIT);
	for (unsigned int i = 0; i < 200; i++) {
		uint64_t deadline = time_now() + time_ticks(100);

		timer_set(deadline);
		REQUIRE(sleep_until(deadline));
	}
	EXPECT(time_now() - start < 5 * machine.timebase);
}

static struct time_exchange {
	volatile uint64_t stamp;
	volatile uint64_t answer;
	volatile bool stop;
} time_exchange;

static void time_answer(void *argument)
{
	struct time_exchange *exchange = argument;
	uint64_t seen = 0;

	while (!exchange->stop) {
		uint64_t stamp = exchange->stamp;

		if (stamp == seen)
			continue;
		seen = stamp;
		__asm__ volatile("fence rw, rw" : : : "memory");
		exchange->answer = time_now();
	}
}

TEST(time_across_harts, "time: one hart's time is never behind what another has read before")
{
	struct time_exchange *exchange = &time_exchange;

	SKIP_UNLESS(hart_count > 1, "one hart only");
	EXPECT_EQUAL(hart_run(1, time_answer, exchange), SBI_SUCCESS);
	for (unsigned int i = 0; i < 200; i++) {
		uint64_t sent = time_now();

		exchange->answer = 0;
		__asm__ volatile("fence rw, rw" : : : "memory");
		exchange->stamp = sent;
		if (!time_wait_for(exchange->answer != 0, TIME_PATIENCE))
			test_fail("no answer to stamp %u", i);
		if (exchange->answer < sent || time_now() < exchange->answer)
			test_fail("sent at %lu, answered at %lu, read at %lu", sent,
				  exchange->answer, time_now());
	}
	exchange->stop = true;
	EXPECT(hart_join(1));
}

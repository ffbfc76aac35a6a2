// SPDX-License-Identifier: BSD-2-Clause
/*
 * SBI: starting, stopping and suspending harts. (SBI specification, ch. 9.)
 */
#include <runtime/sbi.h>

#include "selftest.h"

#define SOFTWARE_BIT (1ul << INTERRUPT_SOFTWARE)
#define TIMER_BIT    (1ul << INTERRUPT_TIMER)
#define ABSENT_HART  1000

static struct sbi_result hart_status(uint64_t id)
{
	return sbi_call(SBI_EXTENSION_HSM, SBI_HSM_STATUS, id);
}

static long hart_start(uint64_t id, uint64_t address)
{
	return sbi_call(SBI_EXTENSION_HSM, SBI_HSM_START, id, address, 0).error;
}

static long hart_suspend(uint64_t type, uint64_t address)
{
	return sbi_call(SBI_EXTENSION_HSM, SBI_HSM_SUSPEND, type, address, 0).error;
}

TEST(hsm_status, "hsm: this hart is started, the others are stopped")
{
	struct sbi_result result = hart_status(hart_self()->id);

	EXPECT_EQUAL(result.error, SBI_SUCCESS);
	EXPECT_EQUAL(result.value, SBI_HSM_STARTED);
	for (unsigned int index = 1; index < hart_count; index++) {
		result = hart_status(harts[index].id);
		EXPECT_EQUAL(result.error, SBI_SUCCESS);
		EXPECT_EQUAL(result.value, SBI_HSM_STOPPED);
	}
}

TEST(hsm_absent, "hsm: a hart that does not exist is an invalid parameter")
{
	EXPECT_EQUAL(hart_status(ABSENT_HART).error, SBI_INVALID_PARAM);
	EXPECT_EQUAL(hart_status(-1ul).error, SBI_INVALID_PARAM);
	EXPECT_EQUAL(hart_start(ABSENT_HART, (uintptr_t)hart_start_entry), SBI_INVALID_PARAM);
	EXPECT_EQUAL(hart_start(-1ul, (uintptr_t)hart_start_entry), SBI_INVALID_PARAM);
}

TEST(hsm_started, "hsm: starting a started hart says that it is already available")
{
	EXPECT_EQUAL(hart_start(hart_self()->id, (uintptr_t)hart_start_entry),
		     SBI_ALREADY_AVAILABLE);
}

TEST(hsm_bad_address, "hsm: a start address outside of RAM is an invalid address")
{
	uint64_t ram_end = machine.ram_base + machine.ram_size;

	SKIP_UNLESS(hart_count > 1, "one hart only");
	SKIP_UNLESS(!machine.bare, "the firmware knows its own memory only");
	EXPECT_EQUAL(hart_start(harts[1].id, NOTHING_ADDRESS), SBI_INVALID_ADDRESS);
	EXPECT_EQUAL(hart_start(harts[1].id, ram_end), SBI_INVALID_ADDRESS);
	EXPECT_EQUAL(hart_start(harts[1].id, machine.uart), SBI_INVALID_ADDRESS);
	EXPECT_EQUAL(hart_start(harts[1].id, -4096ul), SBI_INVALID_ADDRESS);
	EXPECT_EQUAL(hart_start(harts[1].id, 1ul << 63 | machine.ram_base), SBI_INVALID_ADDRESS);
	EXPECT_EQUAL(hart_status(harts[1].id).value, SBI_HSM_STOPPED);
}

static void count_up(void *argument)
{
	(*(volatile uint64_t *)argument)++;
}

static volatile uint64_t starts;

TEST(hsm_start, "hsm: a hart starts with its id, the opaque value, paging and interrupts off")
{
	SKIP_UNLESS(hart_count > 1, "one hart only");
	for (unsigned int index = 1; index < hart_count; index++) {
		const struct entry_state *entry = &harts[index].entry;

		starts = 0;
		EXPECT_EQUAL(hart_run(index, count_up, (void *)&starts), SBI_SUCCESS);
		REQUIRE(hart_join(index));
		EXPECT_EQUAL(starts, 1);
		EXPECT_EQUAL(entry->a0, harts[index].id);
		EXPECT_EQUAL(entry->a1, (uintptr_t)&harts[index]);
		EXPECT_EQUAL(entry->satp, 0);
		EXPECT_EQUAL(entry->sstatus & SSTATUS_SIE, 0);
	}
}

TEST(hsm_restart, "hsm: harts start and stop a hundred times")
{
	SKIP_UNLESS(hart_count > 1, "one hart only");
	starts = 0;
	for (unsigned int i = 0; i < 100; i++) {
		unsigned int index = 1 + i % (hart_count - 1);

		EXPECT_EQUAL(hart_run(index, count_up, (void *)&starts), SBI_SUCCESS);
		REQUIRE(hart_join(index));
	}
	EXPECT_EQUAL(starts, 100);
}

/* Makes sure that a new start finds paging off even if the hart stopped with other registers set.
 */
static void leave_dirty(void *argument)
{
	(void)argument;
	csr_write(CSR_SSCRATCH, 0);
	csr_set(CSR_SIE, SOFTWARE_BIT | TIMER_BIT);
	csr_set(CSR_SIP, SOFTWARE_BIT);
	sbi_call(SBI_EXTENSION_HSM, SBI_HSM_STOP);
}

TEST(hsm_stop_dirty, "hsm: what a hart left behind when it stopped does not disturb its next start")
{
	SKIP_UNLESS(hart_count > 1, "one hart only");
	starts = 0;
	EXPECT_EQUAL(hart_run(1, leave_dirty, NULL), SBI_SUCCESS);
	REQUIRE(hart_join(1));
	EXPECT_EQUAL(hart_run(1, count_up, (void *)&starts), SBI_SUCCESS);
	REQUIRE(hart_join(1));
	EXPECT_EQUAL(starts, 1);
	EXPECT_EQUAL(harts[1].entry.sstatus & SSTATUS_SIE, 0);
}

static volatile bool spin_stop;

static void spin(void *argument)
{
	(void)argument;
	while (!spin_stop)
		;
}

TEST(hsm_start_twice, "hsm: a second start while the hart runs says already available")
{
	SKIP_UNLESS(hart_count > 1, "one hart only");
	spin_stop = false;
	EXPECT_EQUAL(hart_run(1, spin, NULL), SBI_SUCCESS);
	EXPECT(hart_wait_state(1, SBI_HSM_STARTED));
	EXPECT_EQUAL(hart_start(harts[1].id, (uintptr_t)hart_start_entry), SBI_ALREADY_AVAILABLE);
	spin_stop = true;
	EXPECT(hart_join(1));
}

TEST(hsm_suspend_retentive, "hsm: a retentive suspend comes back by a timer")
{
	uint64_t deadline = time_now() + time_ticks(3000);

	timer_set(deadline);
	csr_set(CSR_SIE, TIMER_BIT);
	EXPECT_EQUAL(hart_suspend(SBI_HSM_SUSPEND_RETENTIVE, 0), SBI_SUCCESS);
	EXPECT(time_wait_for(time_now() >= deadline, TIME_PATIENCE));
}

TEST(hsm_suspend_pending, "hsm: a suspend with an interrupt pending comes back at once")
{
	csr_set(CSR_SIE, SOFTWARE_BIT);
	csr_set(CSR_SIP, SOFTWARE_BIT);
	EXPECT_EQUAL(hart_suspend(SBI_HSM_SUSPEND_RETENTIVE, 0), SBI_SUCCESS);
	EXPECT((csr_read(CSR_SIP) & SOFTWARE_BIT) != 0);
}

TEST(hsm_suspend_reserved, "hsm: reserved kinds of suspend are invalid parameters")
{
	EXPECT_EQUAL(hart_suspend(0x00000001, 0), SBI_INVALID_PARAM);
	EXPECT_EQUAL(hart_suspend(0x0fffffff, 0), SBI_INVALID_PARAM);
	EXPECT_EQUAL(hart_suspend(0x80000001, 0), SBI_INVALID_PARAM);
	EXPECT_EQUAL(hart_suspend(0x8fffffff, 0), SBI_INVALID_PARAM);
}

TEST(hsm_suspend_platform, "hsm: kinds of suspend of a platform are refused")
{
	EXPECT(hart_suspend(0x10000000, 0) < 0);
	EXPECT(hart_suspend(0x90000000, 0) < 0);
}

TEST(hsm_suspend_bad_address, "hsm: a resume address outside of RAM is an invalid address")
{
	SKIP_UNLESS(!machine.bare, "the firmware knows its own memory only");
	EXPECT_EQUAL(hart_suspend(SBI_HSM_SUSPEND_NON_RETENTIVE, NOTHING_ADDRESS),
		     SBI_INVALID_ADDRESS);
}

static void suspend_retentive(void *argument)
{
	(void)argument;
	csr_set(CSR_SIE, SOFTWARE_BIT);
	hart_suspend(SBI_HSM_SUSPEND_RETENTIVE, 0);
}

TEST(hsm_suspend_other, "hsm: another hart is seen suspended, and an IPI resumes it")
{
	SKIP_UNLESS(hart_count > 1, "one hart only");
	EXPECT_EQUAL(hart_run(1, suspend_retentive, NULL), SBI_SUCCESS);
	EXPECT(hart_wait_state(1, SBI_HSM_SUSPENDED));
	EXPECT_EQUAL(sbi_call(SBI_EXTENSION_IPI, 0, 1, harts[1].id).error, SBI_SUCCESS);
	EXPECT(hart_join(1));
}

static volatile long suspend_error;

/* On waking it enters hart_start_entry() again, and there this function, which then returns. */
static void suspend_non_retentive(void *argument)
{
	struct hart *hart = hart_self();

	if (++*(volatile uint64_t *)argument > 1)
		return;
	csr_set(CSR_SIE, SOFTWARE_BIT);
	suspend_error = sbi_call(SBI_EXTENSION_HSM, SBI_HSM_SUSPEND, SBI_HSM_SUSPEND_NON_RETENTIVE,
				 (uintptr_t)hart_start_entry, (uintptr_t)hart)
				.error;
}

TEST(hsm_suspend_non_retentive, "hsm: a non-retentive suspend resumes at its address")
{
	SKIP_UNLESS(hart_count > 1, "one hart only");
	starts = 0;
	suspend_error = 0;
	EXPECT_EQUAL(hart_run(1, suspend_non_retentive, (void *)&starts), SBI_SUCCESS);
	if (!time_wait_for(hart_status(harts[1].id).value == SBI_HSM_SUSPENDED ||
				   suspend_error != 0,
			   TIME_PATIENCE))
		test_fail("hart 1 was never seen suspended");
	if (suspend_error != 0) {
		EXPECT(hart_join(1));
		EXPECT_EQUAL(suspend_error, SBI_NOT_SUPPORTED);
		test_skip("not supported");
		return;
	}
	EXPECT_EQUAL(sbi_call(SBI_EXTENSION_IPI, 0, 1, harts[1].id).error, SBI_SUCCESS);
	EXPECT(hart_join(1));
	EXPECT_EQUAL(starts, 2);
	EXPECT_EQUAL(harts[1].entry.a0, harts[1].id);
	EXPECT_EQUAL(harts[1].entry.satp, 0);
	EXPECT_EQUAL(harts[1].entry.sstatus & SSTATUS_SIE, 0);
}

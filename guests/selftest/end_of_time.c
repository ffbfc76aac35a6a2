// SPDX-License-Identifier: BSD-2-Clause
/*
 * Deadlines where the clocks end: they must come to nothing, for the guest and for whoever else
 * runs on the machine.
 */
#include <runtime/device.h>
#include <runtime/sbi.h>

#include "selftest.h"

#define TIMER_BIT (1ul << INTERRUPT_TIMER)

static void sleep_ticks(uint64_t ticks)
{
	uint64_t deadline = time_now() + ticks;

	timer_set(deadline);
	csr_set(CSR_SIE, TIMER_BIT);
	while (time_now() < deadline)
		__asm__ volatile("wfi");
	csr_clear(CSR_SIE, TIMER_BIT);
	timer_set(UINT64_MAX);
}

/* Deadlines that a conversion between ticks and nanoseconds could wrap. */
static uint64_t deadline_at(unsigned int number)
{
	if (number < 64)
		return -(1ul << number);
	return UINT64_MAX / 100 + number - 64;
}

TEST(timer_end, "end of time: a timer set for it does not interrupt, nor keep a later one away")
{
	for (unsigned int i = 0; i < 128; i++) {
		timer_set(deadline_at(i));
		EXPECT((csr_read(CSR_SIP) & TIMER_BIT) == 0);
		sleep_ticks(time_ticks(20));
	}
}

static uint64_t rtc_read(void)
{
	uint64_t low = read32(machine.rtc + RTC_TIME_LOW);

	return low | (uint64_t)read32(machine.rtc + RTC_TIME_HIGH) << 32;
}

static void rtc_write(uint64_t offset, uint64_t value)
{
	write32(machine.rtc + offset + 4, (uint32_t)(value >> 32));
	write32(machine.rtc + offset, (uint32_t)value);
}

#define RTC_ALARM 0x08

/*
 * An alarm in the last nanoseconds that a host's clock can count. Where that is on the RTC's own
 * scale depends on when the RTC is read, so a few thousand neighbours are tried.
 */
TEST(alarm_end, "end of time: an alarm set for it does not stop anybody")
{
	uint64_t ns_per_tick, before, saved, latest;

	SKIP_UNLESS(machine.rtc != 0, "no RTC");
	ns_per_tick = 1000000000 / machine.timebase;
	saved = rtc_read();
	/* A little behind the counter, so that the last ns of the counter can be named. */
	rtc_write(RTC_TIME_LOW, time_now() * ns_per_tick);
	rtc_write(RTC_TIME_LOW, time_now() * ns_per_tick);
	/* Whatever else has a deadline on this processor passes meanwhile. */
	sleep_ticks(time_ticks(50000));
	before = time_now() * ns_per_tick;
	latest = rtc_read() - before;
	for (uint64_t back = 0; back < 5000; back++)
		rtc_write(RTC_ALARM, latest - back * ns_per_tick - 2);
	sleep_ticks(time_ticks(1000));
	rtc_write(RTC_ALARM, 0);
	rtc_write(RTC_TIME_LOW, saved);
	EXPECT(time_now() * ns_per_tick > before);
}

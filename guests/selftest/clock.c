// SPDX-License-Identifier: BSD-2-Clause
/*
 * The real-time clock beside the time counter.
 */
#include <runtime/device.h>

#include "selftest.h"

#define NS_2020 1577836800000000000ul
#define NS_2100 4102444800000000000ul

static uint64_t rtc_now(void)
{
	uint64_t low = read32(machine.rtc + RTC_TIME_LOW);

	return (uint64_t)read32(machine.rtc + RTC_TIME_HIGH) << 32 | low;
}

TEST(rtc_plausible, "rtc: it is between 2020 and 2100")
{
	EXPECT(machine.rtc != 0);
	EXPECT(rtc_now() > NS_2020);
	EXPECT(rtc_now() < NS_2100);
}

TEST(rtc_moves, "rtc: it moves on and never back, over the carry between its halves as well")
{
	uint64_t last = rtc_now();
	uint64_t end = time_now() + time_ticks(20000);

	while (time_now() < end) {
		uint64_t now = rtc_now();

		if (now < last)
			test_fail("went from %lu back to %lu", last, now);
		last = now;
	}
}

/* Generous, for hosts are busy; a wrong frequency is off by a factor. */
TEST(rtc_against_time, "rtc: timebase-frequency is that of the time counter")
{
	uint64_t rtc = rtc_now();
	uint64_t time = time_now();
	uint64_t rtc_passed, time_passed;

	time_wait_for(false, 1);
	rtc_passed = rtc_now() - rtc;
	time_passed = (time_now() - time) * 1000 / (machine.timebase / 1000000);
	EXPECT(rtc_passed > time_passed / 2);
	EXPECT(rtc_passed < time_passed * 2);
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * The Gregorian calendar, for clocks that keep dates where others keep seconds. UTC; no leap
 * seconds.
 */
#ifndef LIB_CALENDAR_H
#define LIB_CALENDAR_H

#include <stdint.h>

struct calendar {
	uint32_t second, minute, hour;
	uint32_t weekday; /* 1: Sunday */
	uint32_t day, month, year;
};

/* The date and time so many seconds after 1970 began, up to the year 10000 and further. */
void calendar_from_seconds(uint64_t seconds, struct calendar *out);
/*
 * The other way round; `weekday` is not looked at. From 1970 on; month 1 to 12, the others need not
 * be in range: the 31st of February is the 2nd or 3rd of March.
 */
uint64_t calendar_to_seconds(const struct calendar *calendar);

#endif

// SPDX-License-Identifier: BSD-2-Clause
/*
 * The Gregorian calendar in closed form. Years begin in March here, so that the odd day of a leap
 * year is its last and months have lengths that a straight line goes through.
 */
#include <lib/calendar.h>

#define SECONDS_PER_DAY	 86400u
#define DAYS_PER_ERA	 146097u /* 400 years */
#define DAYS_PER_CENTURY 36524u
#define DAYS_PER_4_YEARS 1461u
#define DAYS_PER_YEAR	 365u
#define DAYS_TO_1970	 719468u /* from the first of March of the year 0 */
#define THURSDAY	 4u	 /* 1970-01-01, from Sunday on */

static uint32_t days_of(uint32_t year, uint32_t month, uint32_t day)
{
	uint32_t march_year = month > 2 ? year : year - 1;
	uint32_t march_month = month > 2 ? month - 3 : month + 9;
	uint32_t days =
		DAYS_PER_YEAR * march_year + march_year / 4 - march_year / 100 + march_year / 400;

	return days + (153 * march_month + 2) / 5 + day - 1 - DAYS_TO_1970;
}

uint64_t calendar_to_seconds(const struct calendar *calendar)
{
	uint32_t days = days_of(calendar->year, calendar->month, calendar->day);

	return (uint64_t)days * SECONDS_PER_DAY + calendar->hour * 3600 + calendar->minute * 60 +
	       calendar->second;
}

static void date_set(uint32_t days, struct calendar *out)
{
	uint32_t era, day, year, month;

	out->weekday = (days + THURSDAY) % 7 + 1;
	days += DAYS_TO_1970;
	era = days / DAYS_PER_ERA;
	day = days % DAYS_PER_ERA;
	/* Without the leap days before it, but with those that centuries leave out. */
	year = (day - day / (DAYS_PER_4_YEARS - 1) + day / DAYS_PER_CENTURY -
		day / (DAYS_PER_ERA - 1)) /
	       DAYS_PER_YEAR;
	day -= DAYS_PER_YEAR * year + year / 4 - year / 100;
	month = (5 * day + 2) / 153;
	out->day = day - (153 * month + 2) / 5 + 1;
	out->month = month < 10 ? month + 3 : month - 9;
	out->year = 400 * era + year + (month >= 10);
}

void calendar_from_seconds(uint64_t seconds, struct calendar *out)
{
	uint32_t of_day = (uint32_t)(seconds % SECONDS_PER_DAY);

	out->second = of_day % 60;
	out->minute = of_day / 60 % 60;
	out->hour = of_day / 3600;
	date_set((uint32_t)(seconds / SECONDS_PER_DAY), out);
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Driver for the host's MC146818 real-time clock, as in PCs' south bridges: it is asked once, at
 * boot. Not the clock that guests see: that is in vdev/.
 */
#include <errno.h>

#include <corbel/arch.h>
#include <corbel/driver.h>
#include <corbel/time.h>
#include <corbel/tree.h>
#include <corbel/wall_clock.h>
#include <drivers/io.h>
#include <lib/calendar.h>

#define PORT_INDEX 0u
#define PORT_DATA  1u

/* MC146818 data sheet, "Address Map". */
enum {
	RTC_SECONDS = 0x00,
	RTC_MINUTES = 0x02,
	RTC_HOURS = 0x04,
	RTC_DAY = 0x07,
	RTC_MONTH = 0x08,
	RTC_YEAR = 0x09,
	RTC_A = 0x0a,
	RTC_B = 0x0b,
};

#define A_UPDATING 0x80u
#define B_24_HOURS 0x02u
#define B_BINARY   0x04u
#define HOUR_PM	   0x80u

/* An update takes 2 ms and comes once a second. */
#define PATIENCE_NS (10 * NS_PER_MS)
#define ATTEMPTS    3u

static uint8_t rtc_read(volatile void *ports, uint8_t number)
{
	io_write8(ports, PORT_INDEX, number);
	return io_read8(ports, PORT_DATA);
}

static uint32_t number_decode(uint8_t value, uint8_t format)
{
	return (format & B_BINARY) != 0 ? value : (value >> 4) * 10u + (value & 15u);
}

static uint32_t hour_decode(uint8_t value, uint8_t format)
{
	uint32_t hour;

	if ((format & B_24_HOURS) != 0)
		return number_decode(value, format);
	hour = number_decode(value & (uint8_t)~HOUR_PM, format) % 12;
	return (value & HOUR_PM) != 0 ? hour + 12 : hour;
}

/* What the registers say, the year without its century; no value is checked. */
static struct calendar calendar_read(volatile void *ports)
{
	uint8_t format = rtc_read(ports, RTC_B);

	return (struct calendar){
		.second = number_decode(rtc_read(ports, RTC_SECONDS), format),
		.minute = number_decode(rtc_read(ports, RTC_MINUTES), format),
		.hour = hour_decode(rtc_read(ports, RTC_HOURS), format),
		.day = number_decode(rtc_read(ports, RTC_DAY), format),
		.month = number_decode(rtc_read(ports, RTC_MONTH), format),
		.year = number_decode(rtc_read(ports, RTC_YEAR), format),
	};
}

/* The time as it is between two updates; an update may come in between. */
static uint64_t seconds_read(volatile void *ports)
{
	uint64_t end = time_now() + PATIENCE_NS;
	struct calendar now;

	while ((rtc_read(ports, RTC_A) & A_UPDATING) != 0 && time_now() < end)
		arch_cpu_relax();
	now = calendar_read(ports);
	if (now.second > 59 || now.minute > 59 || now.hour > 23 || now.day < 1 || now.day > 31 ||
	    now.month < 1 || now.month > 12 || now.year > 99)
		return 0;
	now.year += now.year < 70 ? 2000 : 1900;
	return calendar_to_seconds(&now);
}

static int mc146818_probe(const void *fdt, int node)
{
	volatile void *ports;
	uint64_t base, size, now, last;
	int result = tree_reg_get(fdt, node, 0, &base, &size);

	if (result < 0)
		return result;
	if (size < PORT_DATA + 1)
		return -EINVAL;
	ports = arch_io_map(HPA(base), size);
	if (ports == NULL)
		return -ENOMEM;
	now = seconds_read(ports);
	for (unsigned int i = 0; i < ATTEMPTS; i++) {
		last = now;
		now = seconds_read(ports);
		if (now == last)
			break;
	}
	if (now == 0)
		return -EIO;
	wall_clock_set(now * NS_PER_S);
	return 0;
}

static const struct driver mc146818_driver = {
	.name = "mc146818",
	.class = DRIVER_OTHER,
	.compatible = (const char *const[]){ "motorola,mc146818", NULL },
	.probe = mc146818_probe,
};
DRIVER_REGISTER(mc146818_driver);

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Driver for the host's Goldfish real-time clock: it is asked once, at boot. Not the clock that
 * guests see: that is vdev/goldfish_rtc.c.
 */
#include <errno.h>

#include <corbel/arch.h>
#include <corbel/driver.h>
#include <corbel/tree.h>
#include <corbel/wall_clock.h>
#include <drivers/io.h>

/* Nanoseconds since 1970. Reading the low word latches the high one. */
#define RTC_TIME_LOW  0x00u
#define RTC_TIME_HIGH 0x04u

static int goldfish_probe(const void *fdt, int node)
{
	volatile void *registers;
	uint64_t base, size, now;
	int result = tree_reg_get(fdt, node, 0, &base, &size);

	if (result < 0)
		return result;
	if (size < RTC_TIME_HIGH + 4)
		return -EINVAL;
	registers = arch_io_map(HPA(base), size);
	if (registers == NULL)
		return -ENOMEM;
	now = io_read32(registers, RTC_TIME_LOW);
	now |= (uint64_t)io_read32(registers, RTC_TIME_HIGH) << 32;
	wall_clock_set(now);
	return 0;
}

static const struct driver goldfish_driver = {
	.name = "goldfish-rtc",
	.class = DRIVER_OTHER,
	.compatible = (const char *const[]){ "google,goldfish-rtc", NULL },
	.probe = goldfish_probe,
};
DRIVER_REGISTER(goldfish_driver);

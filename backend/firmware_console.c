// SPDX-License-Identifier: BSD-2-Clause
/*
 * The firmware's console as a host serial port, for hosts whose own port has no driver. It knows no
 * interrupts: it is polled, and takes all that is written at once.
 */
#include <corbel/arch.h>
#include "console_private.h"

static size_t firmware_write(struct host_serial *serial, const uint8_t *bytes, size_t count)
{
	(void)serial;
	arch_early_console_write((const char *)bytes, count);
	return count;
}

static size_t firmware_read(struct host_serial *serial, uint8_t *bytes, size_t capacity)
{
	size_t count = 0;

	(void)serial;
	while (count < capacity) {
		int byte = arch_early_console_read();

		if (byte < 0)
			break;
		bytes[count++] = (uint8_t)byte;
	}
	return count;
}

static const struct host_serial_ops firmware_ops = {
	.write = firmware_write,
	.read = firmware_read,
};

struct host_serial firmware_console = {
	.name = "firmware",
	.ops = &firmware_ops,
	.polled = true,
};

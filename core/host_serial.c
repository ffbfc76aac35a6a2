// SPDX-License-Identifier: BSD-2-Clause
/*
 * Which serial port of the host is the console: the first one whose driver says that it has one.
 */
#include <corbel/host_serial.h>

#include <errno.h>

static struct host_serial *console;

int host_serial_register(struct host_serial *serial)
{
	if (console != NULL)
		return -EBUSY;
	console = serial;
	return 0;
}

struct host_serial *host_serial_get(void)
{
	return console;
}

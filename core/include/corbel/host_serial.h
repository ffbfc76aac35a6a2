// SPDX-License-Identifier: BSD-2-Clause
/*
 * The host's serial port as its driver offers it. The console back end is its only user.
 */
#ifndef CORBEL_HOST_SERIAL_H
#define CORBEL_HOST_SERIAL_H

#include <corbel/types.h>

struct host_serial;

struct host_serial_ops {
	/* Hands over as many bytes as the hardware takes at once; returns how many. Irq-off. */
	size_t (*write)(struct host_serial *serial, const uint8_t *bytes, size_t count);
	/* Takes what has arrived; returns how many. Irq-off. */
	size_t (*read)(struct host_serial *serial, uint8_t *bytes, size_t capacity);
	/* Whether to interrupt when there is room to write. Irq-off. NULL: write() takes all. */
	void (*notify_room)(struct host_serial *serial, bool on);
};

struct host_serial {
	const char *name;
	const struct host_serial_ops *ops;
	bool polled; /* no interrupt: its user must ask read() from time to time */
	/* Set by its user: bytes have arrived or there is room again. Irq-off, interrupt context.
	 */
	void (*event)(struct host_serial *serial);
};

/* The first one to register is the console. -EBUSY for later ones. Boot. */
int host_serial_register(struct host_serial *serial);
/* NULL before one has registered. */
struct host_serial *host_serial_get(void);

#endif

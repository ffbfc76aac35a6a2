// SPDX-License-Identifier: BSD-2-Clause
/*
 * A guest's serial line: on one end the virtual device, on the other a back end. They meet only
 * here: vdev/ does not know backend/, and the other way round.
 */
#ifndef CORBEL_SERIAL_H
#define CORBEL_SERIAL_H

#include <corbel/error.h>
#include <corbel/types.h>

struct guest;
struct serial_backend;
struct serial_line;

/* The device's end. Any context, no lock of the device held. */
struct serial_device_ops {
	/* Bytes for the guest; returns how many it took. When it has room again: peer's room(). */
	size_t (*input)(struct serial_line *line, const uint8_t *bytes, size_t count);
	/* The peer can take output again. */
	void (*output_ready)(struct serial_line *line);
};

/* The back end's. Any context, irq-off allowed; must not sleep. */
struct serial_peer_ops {
	/* Bytes from the guest; returns how many it took. A line that took fewer calls
	 * output_ready() later. */
	size_t (*output)(struct serial_line *line, const uint8_t *bytes, size_t count);
	/* The device can take input again. */
	void (*room)(struct serial_line *line);
};

struct serial_line {
	struct guest *guest;
	const char *name; /* of the device, e.g. "serial@10000000" */
	const struct serial_device_ops *device;
	const struct serial_peer_ops *peer; /* NULL: output is dropped */
	void *peer_data;
	const struct serial_backend *backend; /* NULL while not attached; set by core */
};

/* Registered by back ends; `name` is what a tree's `corbel,backend` says. */
struct serial_backend {
	const char *name;
	int (*attach)(struct serial_line *line, struct error *error); /* sets peer. Thread. */
	void (*detach)(struct serial_line *line);		      /* Thread. */
};

#define SERIAL_BACKEND_REGISTER(backend) \
	REGISTER_IN(corbel_serial_backends, struct serial_backend, backend)
DECLARE_REGISTRY(corbel_serial_backends, struct serial_backend);

/*
 * Called by a virtual device when it is made: guest, name and device are filled in. `backend` NULL
 * means "console". -ENOENT: no such back end. Context: thread. Detaching a line that is not
 * attached does nothing.
 */
int serial_line_attach(struct serial_line *line, const char *backend, struct error *error);
void serial_line_detach(struct serial_line *line);

/*
 * Output of the guest that comes by another way than a device, onto its first serial line; returns
 * how many bytes were taken. Any context, irq-off allowed.
 */
size_t serial_debug_write(struct guest *guest, const uint8_t *bytes, size_t count);

#endif

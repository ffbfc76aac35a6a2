// SPDX-License-Identifier: BSD-2-Clause
/*
 * Drivers for the host's devices. Each is one file in drivers/ that registers itself; at boot every
 * node of the host's tree is offered to the driver that its `compatible` names.
 */
#ifndef CORBEL_DRIVER_H
#define CORBEL_DRIVER_H

#include <corbel/printer.h>
#include <corbel/types.h>

/* Probed in this order, whatever the order in the tree. */
enum driver_class {
	DRIVER_INTERRUPT_CONTROLLER,
	DRIVER_SERIAL,
	DRIVER_OTHER,
	DRIVER_CLASS_COUNT,
};

struct driver {
	const char *name;
	enum driver_class class;
	const char *const *compatible; /* NULL-terminated */
	/* Takes the device into use. Errors are logged and the node stays without a driver. Boot.
	 */
	int (*probe)(const void *fdt, int node);
};

#define DRIVER_REGISTER(name) REGISTER_IN(corbel_drivers, struct driver, name)
DECLARE_REGISTRY(corbel_drivers, struct driver);

/* Whether a driver of Corbel's has taken the node of the host's tree. Any context after boot. */
bool driver_is_bound(int node);

/* Boot: offers every enabled node of the host's tree to its driver. */
void drivers_probe(void);
/* One aligned row per bound device: path, driver, address. Context: thread. */
void drivers_print(struct printer *printer);

#endif

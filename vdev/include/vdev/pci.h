// SPDX-License-Identifier: BSD-2-Clause
/*
 * A virtual PCI bus as far as configuration goes: what a host bridge and the devices behind it
 * know of each other. Their registers outside of configuration space are regions of their own in
 * the guest's tree, where the board has them after its firmware ran.
 */
#ifndef VDEV_PCI_H
#define VDEV_PCI_H

#include <corbel/types.h>
#include <corbel/vdev.h>

#define PCI_FUNCTION_COUNT	   256u
#define PCI_SLOT(device, function) ((device) << 3 | (function))

/* One function of a device; embedded in its owner. */
struct pci_function {
	/*
	 * Accesses to configuration space: offset + size lies inside an aligned word of it. No lock
	 * of the host bridge is held. Context: VCPU's thread, interrupts off.
	 */
	uint32_t (*read)(struct pci_function *function, unsigned int offset, unsigned int size);
	void (*write)(struct pci_function *function, unsigned int offset, unsigned int size,
		      uint32_t value);
};

/*
 * Bus 0 of a host bridge. Functions enter in their device's create() and leave in its destroy(),
 * when no VCPU runs; the host bridge outlives them.
 */
struct pci_bus {
	struct pci_function *functions[PCI_FUNCTION_COUNT]; /* by PCI_SLOT(); NULL: nothing there */
};

/* The bus behind a host bridge; NULL: the device is none. */
struct pci_bus *pci_bus_of(struct vdev *host);

#endif

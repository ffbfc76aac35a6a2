// SPDX-License-Identifier: BSD-2-Clause
/*
 * What must hold of each virtual device whatever a guest did to it. The checks are made through
 * registers, as a guest that knows the data sheet would.
 */
#ifndef TESTS_FUZZ_DEVICE_CHECKS_H
#define TESTS_FUZZ_DEVICE_CHECKS_H

#include <corbel/types.h>

struct fake_board;
struct vdev;

/* Devices of the two boards; the first is the interrupt controller. */
enum {
	CHECK_PLIC = 0,
	CHECK_I8259 = 0,
	CHECK_UART,
	CHECK_GOLDFISH,
	CHECK_SYSCON,
	CHECK_HOST = 2,
	CHECK_BRIDGE,
	CHECK_I8254,
	CHECK_MC146818,
	CHECK_FPGA,
	CHECK_FPGA_BIG,
	CHECK_OPEN_BUS,
	CHECK_DEVICE_MAX,
};

struct check_board {
	struct fake_board *board;
	bool malta;
	bool direct; /* devices are wired to the fake controller, where their outputs can be seen */
	struct vdev *devices[CHECK_DEVICE_MAX];
};

/* Sources 1 to 95. Context 0 leads nowhere; the others' VCPU and input follow from their number. */
#define CHECK_PLIC_SOURCES  96u
#define CHECK_PLIC_CONTEXTS 6u
/* Of VCPU 0. */
#define CHECK_I8259_OUTPUT  2u

/* Checks one device, as far as there is something to check. It may read registers. */
void check_device(struct check_board *check, unsigned int which);
/* An interrupt acknowledged, on the PLIC in one of its contexts: it must be the right one. */
void check_acknowledge(struct check_board *check, unsigned int choice);
/* Whether a write to the device may power the guest off or reboot it. */
bool check_may_request(const struct check_board *check, unsigned int which);

#endif

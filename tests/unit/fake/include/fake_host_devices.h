// SPDX-License-Identifier: BSD-2-Clause
/*
 * Devices of the fake host, which guests may be given: a tree, an interrupt controller whose lines
 * the test raises, and a guest's tree that asks for one of them. The devices have no registers.
 */
#ifndef FAKE_HOST_DEVICES_H
#define FAKE_HOST_DEVICES_H

#include <corbel/types.h>

struct guest;
struct vdev;

#define FAKE_HOST_LINES	   16u
/* /soc/adder@10001000: two entries of `reg`, 4 and 8 KiB, and two lines. */
#define FAKE_ADDER	   "/soc/adder@10001000"
#define FAKE_ADDER_BASE	   UINT64_C(0x10001000)
#define FAKE_ADDER_BASE_2  UINT64_C(0x10010000)
#define FAKE_ADDER_LINE	   3u
#define FAKE_ADDER_LINE_2  4u
/* The same device in the guest's tree, and the inputs of the guest's controller. */
#define FAKE_GUEST_ADDER   "/soc/adder@5000000"
#define FAKE_GUEST_BASE	   UINT64_C(0x5000000)
#define FAKE_GUEST_BASE_2  UINT64_C(0x5001000)
#define FAKE_GUEST_INPUT   7u
#define FAKE_GUEST_INPUT_2 9u
#define FAKE_GUEST_INPUTS  16u

/*
 * Makes the host's tree and its interrupt controller, once for each program. Beside the adder:
 * /soc/serial@10003000, which a driver has; disabled@10004000; crumb@10005200, no whole page;
 * lock@10006000, whose line is 5; comb@10020000 with lines 1 to 9; leaf@10007000, whose interrupt
 * leads to a controller that nobody drives; /bridge/behind@1000, on a bus that translates; and
 * /reserved/firmware@80000000 in RAM.
 */
void fake_host_devices_init(void);

/*
 * What the controller knows of a line. The level is the device's; one that is claimed interrupts
 * again only when it is completed, which the controller ignores while the line is disabled.
 */
struct fake_line {
	bool level, enabled, masked, claimed;
	unsigned int count; /* of claims */
};

struct fake_line fake_line_get(unsigned int line);
void fake_line_set(unsigned int line, bool level);
/* Takes all interrupts that there are, on this CPU. */
void fake_lines_take(void);

/*
 * Adds an interrupt controller, /soc/plic@c000000, and the adder to the tree of
 * fake_tree_begin().
 */
void fake_tree_adder_add(void *fdt);
struct vdev *fake_guest_plic(const struct guest *guest);
/* As the guest, VCPU 0: enables an input; claims (0: none); completes. */
void fake_guest_enable(const struct guest *guest, unsigned int input);
uint32_t fake_guest_claim(const struct guest *guest);
void fake_guest_complete(const struct guest *guest, uint32_t input);
/* Whether the guest has an interrupt of the input to claim. */
bool fake_guest_pending(const struct guest *guest, unsigned int input);

#endif

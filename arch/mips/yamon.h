// SPDX-License-Identifier: BSD-2-Clause
/*
 * What guests on an emulated Malta board are handed over: as by the board's firmware, YAMON. What
 * Corbel itself gets from the host's is firmware.h.
 */
#ifndef MIPS_YAMON_H
#define MIPS_YAMON_H

#include <corbel/vcpu.h>

/*
 * Puts arguments and environment into the guest's RAM, where YAMON has them, and the registers that
 * lead there. Bootargs and initrd are those of the tree at `tree`. VCPU's thread.
 */
void yamon_hand_over(struct vcpu *vcpu, gpa_t tree);

#endif

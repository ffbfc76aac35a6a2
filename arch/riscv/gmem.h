// SPDX-License-Identifier: BSD-2-Clause
/*
 * Guests' second-stage (G-stage) address spaces as the rest of the port uses them.
 */
#ifndef RISCV_GMEM_H
#define RISCV_GMEM_H

#include <corbel/guest.h>

/* Finds out which modes and how many VMID bits the hart has. Boot, before the first guest. */
int gmem_init(void);
const char *gmem_mode_name(void);
unsigned int gmem_vmid_bits(void);

/* True where all guests share VMID 0, so that a change of guest must forget every translation. */
bool gmem_vmid_is_shared(void);

#endif

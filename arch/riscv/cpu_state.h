// SPDX-License-Identifier: BSD-2-Clause
/*
 * What a host hart was set up to grant its guests.
 */
#ifndef RISCV_CPU_STATE_H
#define RISCV_CPU_STATE_H

#include <corbel/types.h>

/* henvcfg as the hart took it: bits that it lacks read 0. */
uint64_t henvcfg_granted(void);

#endif

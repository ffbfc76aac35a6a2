// SPDX-License-Identifier: BSD-2-Clause
/*
 * What a load or store instruction does. Pure functions over the instruction; no state.
 */
#ifndef RISCV_DECODE_H
#define RISCV_DECODE_H

#include <stdbool.h>
#include <stdint.h>

#include "include/arch/access.h"

/*
 * Decodes a load or store: all widths, integer and floating, 32-bit and compressed. False for
 * anything else: AMO, LR/SC, vector and cache-block instructions are faults on device memory.
 * "RV32/64G Instruction Set Listings" and "C" chapter of the unprivileged specification.
 */
bool access_decode(uint32_t instruction, struct arch_access *out);

/*
 * The same for htinst, which holds the instruction transformed: addressing fields cleared, bit 1
 * clear where the original was compressed. Priv 15.6.3. False also for 0 and for the
 * pseudo-instructions of page-table walks.
 */
bool access_decode_transformed(uint64_t htinst, struct arch_access *out);

#endif

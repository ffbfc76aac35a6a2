// SPDX-License-Identifier: BSD-2-Clause
/*
 * A guest's own page tables (VS-stage), read in software. The hardware walks them itself; this is
 * for questions that it leaves open.
 */
#ifndef RISCV_WALK_H
#define RISCV_WALK_H

#include <corbel/vcpu.h>

/*
 * Where the guest's tables, as `satp` says, lead the address, whatever the rights. False where they
 * lead nowhere or lie outside of its RAM. Any context.
 */
bool guest_walk(const struct vcpu *vcpu, uint64_t satp, uint64_t address, gpa_t *out);

#endif

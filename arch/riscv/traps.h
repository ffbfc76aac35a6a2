// SPDX-License-Identifier: BSD-2-Clause
/*
 * Traps taken while Corbel itself runs. Exits of guests are exits.h's affair.
 */
#ifndef RISCV_TRAPS_H
#define RISCV_TRAPS_H

#include <corbel/types.h>

/* Laid out by traps.S; the offsets are in offsets.h. */
struct trap_frame {
	uint64_t x[32]; /* x[0] is unused; x[2] is the interrupted sp */
	uint64_t sepc, sstatus, scause, stval;
};

/* Points this hart's traps at the vector. */
void traps_cpu_init(void);

/* A trap out of Corbel; called by the vector, interrupts off. */
void trap_handle(struct trap_frame *frame);

/* What scause or vscause says, without the bit of interrupts. */
const char *exception_name(uint64_t cause);

/* Serves a host interrupt by its number in scause. Interrupts off. */
void interrupt_handle(uint64_t number);

/*
 * Reads a CSR that may not exist: false where the read traps. For probing at boot, and for what
 * only some processors have.
 */
bool csr_probe_hgatp(uint64_t *value);
bool csr_probe_hstateen0(uint64_t *value);
bool csr_probe_stimecmp(uint64_t *value);

/*
 * Fetches the 16 bits of guest code at a guest virtual address with the rights of the guest's own
 * fetch (HLVX.HU). False where that faults. Clobbers the trap CSRs. VCPU loaded, interrupts off.
 */
bool guest_fetch_half(uint64_t address, uint16_t *value);

#endif

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Calls to the firmware below. What guests call is in sbi/.
 * Numbers: RISC-V SBI specification, version 2.0; chapters in sbi_numbers.h.
 */
#ifndef RISCV_SBI_HOST_H
#define RISCV_SBI_HOST_H

#include <corbel/types.h>

#include "sbi_numbers.h"

struct sbi_return {
	int64_t error;
	uint64_t value;
};

/* Any context; the firmware may take its time. */
struct sbi_return sbi_host_call(uint64_t extension, uint64_t function, uint64_t a0, uint64_t a1,
				uint64_t a2, uint64_t a3, uint64_t a4);

/* Learns which extensions there are. Boot. */
void sbi_host_init(void);
bool sbi_host_has(uint64_t extension);

/* One byte to the firmware's console. Any context. */
void sbi_host_console_put(char byte);
/* -1: none now. */
int sbi_host_console_get(void);

void sbi_host_timer_set(uint64_t ticks);
void sbi_host_ipi_send(uint64_t hart);
/* On all harts, for Corbel's own addresses. */
void sbi_host_remote_sfence(uint64_t address, uint64_t size);
/* On all harts: every G-stage translation of the VMID. */
void sbi_host_remote_hfence_gvma(uint64_t vmid);

#endif

// SPDX-License-Identifier: BSD-2-Clause
/*
 * What the tree tells of the machine that our own guest runs on.
 */
#ifndef RUNTIME_MACHINE_H
#define RUNTIME_MACHINE_H

#include <corbel/types.h>

struct machine {
	const void *tree;
	bool bare; /* QEMU's own tree: there is no hypervisor below */
	uint64_t ram_base, ram_size;
	uint64_t uart, plic, rtc, syscon; /* addresses of registers; 0: there is none */
	uint64_t syscon_size;
	uint32_t uart_irq;
	uint32_t plic_sources;
	uint32_t poweroff_value;
	uint64_t timebase; /* ticks per second */
	const char *isa;   /* riscv,isa of the first hart, or "" */
};

extern struct machine machine;

/* Reads the tree. What is missing in it stays 0. */
void machine_init(const void *tree);

/* Whether each hart's riscv,isa-extensions has the name. */
bool machine_has_extension(const char *name);

/* The PLIC's context for that hart's S-mode; -1: none. */
int machine_plic_context(uint64_t hart_id);

/* The hart ids, in the order of the tree; the number of them (at most `limit` are stored). */
unsigned int machine_hart_ids(uint64_t *ids, unsigned int limit);

#endif

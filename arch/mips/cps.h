// SPDX-License-Identifier: BSD-2-Clause
/*
 * The coherent processing system that joins several CPUs: its global registers (GCR), interrupt
 * controller (GIC) and power controller (CPC). A board with one CPU has none.
 */
#ifndef MIPS_CPS_H
#define MIPS_CPS_H

#include <corbel/types.h>

/* Lines of Cause.IP that the GIC drives, by its pins 0 and 1. */
#define CPS_LINE_EXTERNAL 2u
#define CPS_LINE_IPI	  3u

/* Looks whether there is one, and sets it up. Boot. */
void cps_init(void);
bool cps_exists(void);
unsigned int cps_cpu_count(void);

/* Lets a CPU out of reset: it begins at `address`, which is 4 KiB aligned and in kseg1. Boot. */
void cps_cpu_start(unsigned int number, uint32_t address);

/* Silences what the system has for this CPU alone. On each CPU, before it has interrupts on. */
void cps_cpu_init(void);

/* Interrupts a CPU on CPS_LINE_IPI. Any context. */
void cps_ipi_send(unsigned int number);
/* Takes the interrupt back. On that CPU, irq-off. */
void cps_ipi_clear(unsigned int number);

#endif

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Included before all else where files of the RISC-V port are compiled for the build machine: the
 * port's CSR numbers as they are, but a model of a hart behind them (riscv_host.c).
 */
#ifndef TESTS_FUZZ_RISCV_CSR_H
#define TESTS_FUZZ_RISCV_CSR_H

/* For assembly csr.h has the numbers only. */
#define __ASSEMBLER__ 1
#include "../../arch/riscv/csr.h"
#undef __ASSEMBLER__

#define HART_CSR_COUNT 4096u

extern unsigned long hart_csrs[HART_CSR_COUNT];
/* Translations forgotten and code fetched anew: how often, since somebody cleared it. */
extern unsigned int hart_fences;

static inline unsigned long hart_csr_write(unsigned int number, unsigned long value)
{
	return hart_csrs[number] = value;
}

#define csr_read(number)	 (hart_csrs[number])
#define csr_write(number, value) ((void)hart_csr_write(number, (unsigned long)(value)))
#define csr_set(number, bits)	 ((void)(hart_csrs[number] |= (unsigned long)(bits)))
#define csr_clear(number, bits)	 ((void)(hart_csrs[number] &= ~(unsigned long)(bits)))

static inline void hfence_vvma_all(void)
{
	hart_fences++;
}

static inline void hfence_vvma_address(unsigned long address)
{
	(void)address;
	hart_fences++;
}

static inline void hfence_vvma_address_asid(unsigned long address, unsigned long asid)
{
	(void)address;
	(void)asid;
	hart_fences++;
}

static inline void hfence_vvma_asid(unsigned long asid)
{
	(void)asid;
	hart_fences++;
}

static inline void hfence_gvma_all(void)
{
	hart_fences++;
}

static inline void fence_code(void)
{
	hart_fences++;
}

#endif

// SPDX-License-Identifier: BSD-2-Clause
/*
 * The host processor's CP0 registers, for C and assembly. What guests see of theirs is cp0.h.
 * Numbers and bits: MIPS32 Privileged Resource Architecture ("PRA"), chapter "CP0 Registers".
 */
#ifndef MIPS_PROCESSOR_H
#define MIPS_PROCESSOR_H

#ifdef __ASSEMBLER__
#define C0_REGISTER(number, select) $number, select
#else
#define C0_REGISTER(number, select) number, select
#endif

#define C0_INDEX     C0_REGISTER(0, 0)
#define C0_ENTRYLO0  C0_REGISTER(2, 0)
#define C0_ENTRYLO1  C0_REGISTER(3, 0)
#define C0_USERLOCAL C0_REGISTER(4, 2)
#define C0_PAGEMASK  C0_REGISTER(5, 0)
#define C0_PAGEGRAIN C0_REGISTER(5, 1)
#define C0_SEGCTL0   C0_REGISTER(5, 2)
#define C0_SEGCTL1   C0_REGISTER(5, 3)
#define C0_SEGCTL2   C0_REGISTER(5, 4)
#define C0_WIRED     C0_REGISTER(6, 0)
#define C0_HWRENA    C0_REGISTER(7, 0)
#define C0_BADVADDR  C0_REGISTER(8, 0)
#define C0_BADINSTR  C0_REGISTER(8, 1)
#define C0_BADINSTRP C0_REGISTER(8, 2)
#define C0_COUNT     C0_REGISTER(9, 0)
#define C0_ENTRYHI   C0_REGISTER(10, 0)
#define C0_COMPARE   C0_REGISTER(11, 0)
#define C0_STATUS    C0_REGISTER(12, 0)
#define C0_INTCTL    C0_REGISTER(12, 1)
#define C0_CAUSE     C0_REGISTER(13, 0)
#define C0_EPC	     C0_REGISTER(14, 0)
#define C0_PRID	     C0_REGISTER(15, 0)
#define C0_EBASE     C0_REGISTER(15, 1)
#define C0_CONFIG    C0_REGISTER(16, 0)
#define C0_CONFIG1   C0_REGISTER(16, 1)
#define C0_CONFIG2   C0_REGISTER(16, 2)
#define C0_CONFIG3   C0_REGISTER(16, 3)
#define C0_CONFIG4   C0_REGISTER(16, 4)
#define C0_CONFIG5   C0_REGISTER(16, 5)
#define C0_LLADDR    C0_REGISTER(17, 0)
#define C0_DEBUG     C0_REGISTER(23, 0)
#define C0_DEPC	     C0_REGISTER(24, 0)
#define C0_TAGLO     C0_REGISTER(28, 0)
#define C0_ERROREPC  C0_REGISTER(30, 0)
#define C0_KSCRATCH1 C0_REGISTER(31, 2)
#define C0_KSCRATCH2 C0_REGISTER(31, 3)

#define HOST_STATUS_IE	     0x00000001
#define HOST_STATUS_EXL	     0x00000002
#define HOST_STATUS_ERL	     0x00000004
#define HOST_STATUS_UM	     0x00000010
#define HOST_STATUS_IM_SHIFT 8
#define HOST_STATUS_BEV	     0x00400000
#define HOST_STATUS_MX	     0x01000000
#define HOST_STATUS_FR	     0x04000000
#define HOST_STATUS_CU0	     0x10000000
#define HOST_STATUS_CU1	     0x20000000

#define HOST_CAUSE_CODE_SHIFT 2
#define HOST_CAUSE_CODE_MASK  0x1f
#define HOST_CAUSE_IP_SHIFT   8
#define HOST_CAUSE_IV	      0x00800000
#define HOST_CAUSE_CE_SHIFT   28
#define HOST_CAUSE_BD	      0x80000000

/* EJTAG Specification, "Debug Register". */
#define HOST_DEBUG_DM  0x40000000
#define HOST_DEBUG_DBD 0x80000000

/* Cause.ExcCode of the host beyond what guests know (cp0.h). */
#define HOST_EXCEPTION_READ_INHIBIT    19
#define HOST_EXCEPTION_EXECUTE_INHIBIT 20
#define HOST_EXCEPTION_MSA	       21
#define HOST_EXCEPTION_MDMX	       22
#define HOST_EXCEPTION_WATCH	       23
#define HOST_EXCEPTION_THREAD	       25
#define HOST_EXCEPTION_DSP	       26
#define HOST_EXCEPTION_CACHE	       30

#define INSTRUCTION_ERETNC 0x42000058 /* release 5; older assemblers do not know it */

/* Lines of the interrupt pending and mask fields. */
#define HOST_LINE_EXTERNAL 2

#ifndef __ASSEMBLER__

#include <stdint.h>

#define C0_READ_(number, select)                                                    \
	({                                                                          \
		uint32_t value_;                                                    \
		__asm__ volatile("mfc0 %0, $" #number ", " #select : "=r"(value_)); \
		value_;                                                             \
	})
#define C0_WRITE_(number, select, value) \
	__asm__ volatile("mtc0 %z0, $" #number ", " #select : : "Jr"((uint32_t)(value)) : "memory")
#define C0_READ_EXPANDED(...)  C0_READ_(__VA_ARGS__)
#define C0_WRITE_EXPANDED(...) C0_WRITE_(__VA_ARGS__)

/* `reg` is one of the names above. */
#define c0_read(reg)	     C0_READ_EXPANDED(reg)
#define c0_write(reg, value) C0_WRITE_EXPANDED(reg, value)

/* What follows sees the CP0 registers written before. PRA, "CP0 Hazards". */
static inline void c0_hazard_barrier(void)
{
	__asm__ volatile("ehb" : : : "memory");
}

#endif

#endif

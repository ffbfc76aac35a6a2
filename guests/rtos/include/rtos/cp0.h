// SPDX-License-Identifier: BSD-2-Clause
/*
 * Coprocessor 0 as this guest uses it: access by number and select, and the fields of registers.
 */
#ifndef RTOS_CP0_H
#define RTOS_CP0_H

#include <stdbool.h>
#include <stdint.h>

#define CP0_INDEX     "$0, 0"
#define CP0_RANDOM    "$1, 0"
#define CP0_ENTRYLO0  "$2, 0"
#define CP0_ENTRYLO1  "$3, 0"
#define CP0_CONTEXT   "$4, 0"
#define CP0_USERLOCAL "$4, 2"
#define CP0_PAGEMASK  "$5, 0"
#define CP0_WIRED     "$6, 0"
#define CP0_HWRENA    "$7, 0"
#define CP0_BADVADDR  "$8, 0"
#define CP0_COUNT     "$9, 0"
#define CP0_ENTRYHI   "$10, 0"
#define CP0_COMPARE   "$11, 0"
#define CP0_STATUS    "$12, 0"
#define CP0_INTCTL    "$12, 1"
#define CP0_SRSCTL    "$12, 2"
#define CP0_CAUSE     "$13, 0"
#define CP0_EPC	      "$14, 0"
#define CP0_PRID      "$15, 0"
#define CP0_EBASE     "$15, 1"
#define CP0_CONFIG    "$16, 0"
#define CP0_CONFIG1   "$16, 1"
#define CP0_CONFIG2   "$16, 2"
#define CP0_CONFIG3   "$16, 3"
#define CP0_CONFIG4   "$16, 4"
#define CP0_CONFIG5   "$16, 5"
#define CP0_CONFIG6   "$16, 6"
#define CP0_CONFIG7   "$16, 7"
#define CP0_LLADDR    "$17, 0"
#define CP0_TAGLO     "$28, 0"
#define CP0_ERROREPC  "$30, 0"

#define STATUS_IE  0x00000001u
#define STATUS_EXL 0x00000002u
#define STATUS_ERL 0x00000004u
#define STATUS_UM  0x00000010u
#define STATUS_IM  0x0000ff00u
#define STATUS_BEV 0x00400000u
#define STATUS_CU0 0x10000000u
#define STATUS_CU1 0x20000000u

#define CAUSE_CODE 0x0000007cu
#define CAUSE_IP0  0x00000100u
#define CAUSE_IP1  0x00000200u
#define CAUSE_IP7  0x00008000u
#define CAUSE_IV   0x00800000u
#define CAUSE_DC   0x08000000u
#define CAUSE_CE   0x30000000u
#define CAUSE_TI   0x40000000u
#define CAUSE_BD   0x80000000u

#define CONFIG1_FP     0x00000001u
#define CONFIG3_VINT   0x00000020u
#define CONFIG3_ULRI   0x00002000u
#define CONFIG4_IE     0x60000000u
#define CONFIG_MORE    0x80000000u
#define ENTRYHI_EHINV  0x00000400u
#define ENTRYLO_CACHED (3u << 3)
#define ENTRYLO_D      0x4u
#define ENTRYLO_V      0x2u
#define ENTRYLO_G      0x1u
#define INDEX_P	       0x80000000u

/* Causes of exceptions. */
enum {
	CODE_INTERRUPT = 0,
	CODE_MODIFIED = 1,
	CODE_TLB_LOAD = 2,
	CODE_TLB_STORE = 3,
	CODE_ADDRESS_LOAD = 4,
	CODE_ADDRESS_STORE = 5,
	CODE_BUS_FETCH = 6,
	CODE_BUS_DATA = 7,
	CODE_SYSCALL = 8,
	CODE_BREAK = 9,
	CODE_RESERVED = 10,
	CODE_COPROCESSOR = 11,
	CODE_OVERFLOW = 12,
	CODE_TRAP = 13,
};

/* The register is one of the names above. */
#define cp0_read(reg)                                                          \
	({                                                                     \
		uint32_t value_;                                               \
		__asm__ volatile("mfc0 %0, " reg : "=r"(value_) : : "memory"); \
		value_;                                                        \
	})

/* With the hazard behind it. */
#define cp0_write(reg, value) \
	__asm__ volatile("mtc0 %z0, " reg "\n\tehb" : : "Jr"((uint32_t)(value)) : "memory")

#define tlb_instruction(name) __asm__ volatile("ehb\n\t" name "\n\tehb" : : : "memory")

/* Interrupts off; the former Status. */
static inline uint32_t irq_save(void)
{
	uint32_t status;

	__asm__ volatile("di %0\n\tehb" : "=r"(status) : : "memory");
	return status;
}

static inline void irq_enable(void)
{
	__asm__ volatile("ei\n\tehb" : : : "memory");
}

static inline void irq_restore(uint32_t status)
{
	if ((status & STATUS_IE) != 0)
		irq_enable();
}

#endif

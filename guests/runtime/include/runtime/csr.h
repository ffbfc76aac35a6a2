// SPDX-License-Identifier: BSD-2-Clause
/*
 * RISC-V control and status registers as our own guests use them: numbers, bits, access. Numbers
 * rather than names, for the assembler does not know all of them. (Privileged specification,
 * ch. 2.)
 */
#ifndef RUNTIME_CSR_H
#define RUNTIME_CSR_H

#define CSR_FFLAGS     0x001
#define CSR_FRM	       0x002
#define CSR_FCSR       0x003
#define CSR_VSTART     0x008
#define CSR_SEED       0x015
#define CSR_CYCLE      0xc00
#define CSR_TIME       0xc01
#define CSR_INSTRET    0xc02
#define CSR_VL	       0xc20
#define CSR_VTYPE      0xc21
#define CSR_VLENB      0xc22
#define CSR_SSTATUS    0x100
#define CSR_SIE	       0x104
#define CSR_STVEC      0x105
#define CSR_SCOUNTEREN 0x106
#define CSR_SENVCFG    0x10a
#define CSR_SSTATEEN0  0x10c
#define CSR_SSCRATCH   0x140
#define CSR_SEPC       0x141
#define CSR_SCAUSE     0x142
#define CSR_STVAL      0x143
#define CSR_SIP	       0x144
#define CSR_STIMECMP   0x14d
#define CSR_SATP       0x180
#define CSR_SCOUNTOVF  0xda0

#define SSTATUS_SIE  (1ul << 1)
#define SSTATUS_SPIE (1ul << 5)
#define SSTATUS_SPP  (1ul << 8)
#define SSTATUS_VS   (3ul << 9)
#define SSTATUS_FS   (3ul << 13)
#define SSTATUS_SUM  (1ul << 18)
#define SSTATUS_MXR  (1ul << 19)

#define SSTATUS_FS_INITIAL (1ul << 13)
#define SSTATUS_FS_CLEAN   (2ul << 13)
#define SSTATUS_FS_DIRTY   (3ul << 13)
#define SSTATUS_VS_INITIAL (1ul << 9)

/* Interrupt numbers, which are bits of sie and sip. */
#define INTERRUPT_SOFTWARE 1
#define INTERRUPT_TIMER	   5
#define INTERRUPT_EXTERNAL 9
#define INTERRUPT_MAX	   16

#define SCAUSE_INTERRUPT (1ul << 63)

#ifndef __ASSEMBLER__

enum trap_cause {
	CAUSE_FETCH_MISALIGNED = 0,
	CAUSE_FETCH_ACCESS = 1,
	CAUSE_ILLEGAL_INSTRUCTION = 2,
	CAUSE_BREAKPOINT = 3,
	CAUSE_LOAD_MISALIGNED = 4,
	CAUSE_LOAD_ACCESS = 5,
	CAUSE_STORE_MISALIGNED = 6,
	CAUSE_STORE_ACCESS = 7,
	CAUSE_USER_ECALL = 8,
	CAUSE_FETCH_PAGE_FAULT = 12,
	CAUSE_LOAD_PAGE_FAULT = 13,
	CAUSE_STORE_PAGE_FAULT = 15,
	CAUSE_VIRTUAL_INSTRUCTION = 22,
};

#define csr_read(csr)                                                                     \
	({                                                                                \
		unsigned long value_read;                                                 \
		__asm__ volatile("csrr %0, %1" : "=r"(value_read) : "i"(csr) : "memory"); \
		value_read;                                                               \
	})

#define csr_write(csr, value) \
	__asm__ volatile("csrw %0, %1" : : "i"(csr), "r"((unsigned long)(value)) : "memory")

#define csr_set(csr, bits) \
	__asm__ volatile("csrs %0, %1" : : "i"(csr), "r"((unsigned long)(bits)) : "memory")

#define csr_clear(csr, bits) \
	__asm__ volatile("csrc %0, %1" : : "i"(csr), "r"((unsigned long)(bits)) : "memory")

#endif
#endif

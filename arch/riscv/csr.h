// SPDX-License-Identifier: BSD-2-Clause
/*
 * Control and status registers: numbers, fields, access. "Priv" in comments is the RISC-V
 * Privileged Architecture, version 20240411. Numbers instead of names, since older assemblers do
 * not know them all.
 */
#ifndef RISCV_CSR_H
#define RISCV_CSR_H

/* Supervisor, Priv chapter 10. */
#define CSR_SSTATUS    0x100
#define CSR_SIE	       0x104
#define CSR_STVEC      0x105
#define CSR_SCOUNTEREN 0x106
#define CSR_SENVCFG    0x10a
#define CSR_SSCRATCH   0x140
#define CSR_SEPC       0x141
#define CSR_SCAUSE     0x142
#define CSR_STVAL      0x143
#define CSR_SIP	       0x144
#define CSR_STIMECMP   0x14d
#define CSR_SATP       0x180
#define CSR_TIME       0xc01
#define CSR_VLENB      0xc22
/* Vector, "V" chapter 3; unprivileged CSRs that are part of a guest's state. */
#define CSR_FCSR       0x003
#define CSR_VSTART     0x008
#define CSR_VCSR       0x00f
#define CSR_VL	       0xc20
#define CSR_VTYPE      0xc21

/* Hypervisor and virtual supervisor, Priv chapter 15. */
#define CSR_VSSTATUS   0x200
#define CSR_VSIE       0x204
#define CSR_VSTVEC     0x205
#define CSR_VSSCRATCH  0x240
#define CSR_VSEPC      0x241
#define CSR_VSCAUSE    0x242
#define CSR_VSTVAL     0x243
#define CSR_VSIP       0x244
#define CSR_VSTIMECMP  0x24d
#define CSR_VSATP      0x280
#define CSR_HSTATUS    0x600
#define CSR_HEDELEG    0x602
#define CSR_HIDELEG    0x603
#define CSR_HIE	       0x604
#define CSR_HTIMEDELTA 0x605
#define CSR_HCOUNTEREN 0x606
#define CSR_HGEIE      0x607
#define CSR_HENVCFG    0x60a
#define CSR_HSTATEEN0  0x60c
#define CSR_HTVAL      0x643
#define CSR_HIP	       0x644
#define CSR_HVIP       0x645
#define CSR_HTINST     0x64a
#define CSR_HGATP      0x680

/* sstatus, also vsstatus. Priv 10.1.1. */
#define SSTATUS_SIE	   0x2ul
#define SSTATUS_SPIE	   0x20ul
#define SSTATUS_SPP	   0x100ul
#define SSTATUS_VS	   0x600ul
#define SSTATUS_VS_INITIAL 0x200ul
#define SSTATUS_VS_CLEAN   0x400ul
#define SSTATUS_FS	   0x6000ul
#define SSTATUS_FS_INITIAL 0x2000ul
#define SSTATUS_FS_CLEAN   0x4000ul
#define SSTATUS_SUM	   0x40000ul
#define SSTATUS_MXR	   0x80000ul
#define SSTATUS_UXL_64	   0x200000000ul

/* hstatus. Priv 15.2.1. */
#define HSTATUS_GVA	0x40ul
#define HSTATUS_SPV	0x80ul
#define HSTATUS_SPVP	0x100ul
#define HSTATUS_VTW	0x200000ul
#define HSTATUS_VSXL_64 0x200000000ul

/* henvcfg. Priv 15.2.8. */
#define HENVCFG_CBIE_FLUSH 0x10ul
#define HENVCFG_CBCFE	   0x40ul
#define HENVCFG_CBZE	   0x80ul
#define HENVCFG_ADUE	   (1ul << 61)
#define HENVCFG_PBMTE	   (1ul << 62)
#define HENVCFG_STCE	   (1ul << 63)

/* hstateen0. "Smstateen" chapter. */
#define HSTATEEN0_SENVCFG (1ul << 62)

/* Interrupt numbers: bits of sie/sip, and of hvip for the VS ones. */
#define IRQ_S_SOFT	1
#define IRQ_VS_SOFT	2
#define IRQ_S_TIMER	5
#define IRQ_VS_TIMER	6
#define IRQ_S_EXTERNAL	9
#define IRQ_VS_EXTERNAL 10
#define IRQ_BIT(number) (1ul << (number))
#define HVIP_MASK	(IRQ_BIT(IRQ_VS_SOFT) | IRQ_BIT(IRQ_VS_TIMER) | IRQ_BIT(IRQ_VS_EXTERNAL))

/* scause. Priv table 10.3 and 15.9. */
#define SCAUSE_INTERRUPT	  (1ul << 63)
#define CAUSE_FETCH_MISALIGNED	  0
#define CAUSE_FETCH_ACCESS	  1
#define CAUSE_ILLEGAL_INSTRUCTION 2
#define CAUSE_BREAKPOINT	  3
#define CAUSE_LOAD_MISALIGNED	  4
#define CAUSE_LOAD_ACCESS	  5
#define CAUSE_STORE_MISALIGNED	  6
#define CAUSE_STORE_ACCESS	  7
#define CAUSE_ECALL_U		  8
#define CAUSE_ECALL_HS		  9
#define CAUSE_ECALL_VS		  10
#define CAUSE_FETCH_PAGE	  12
#define CAUSE_LOAD_PAGE		  13
#define CAUSE_STORE_PAGE	  15
#define CAUSE_FETCH_GUEST_PAGE	  20
#define CAUSE_LOAD_GUEST_PAGE	  21
#define CAUSE_VIRTUAL_INSTRUCTION 22
#define CAUSE_STORE_GUEST_PAGE	  23

/* satp and hgatp. Priv 10.1.11 and 15.2.10. */
#define ATP_MODE_SHIFT	 60
#define SATP_MODE_SV39	 8ul
#define SATP_MODE_SV48	 9ul
#define SATP_MODE_SV57	 10ul
#define HGATP_VMID_SHIFT 44
#define HGATP_VMID_MASK	 0x3ffful

#ifndef __ASSEMBLER__

#define CSR_TEXT_(number) #number
#define CSR_TEXT(number)  CSR_TEXT_(number)

#define csr_read(number)                                                                    \
	({                                                                                  \
		unsigned long value_;                                                       \
		__asm__ volatile("csrr %0, " CSR_TEXT(number) : "=r"(value_) : : "memory"); \
		value_;                                                                     \
	})

#define csr_write(number, value)                         \
	__asm__ volatile("csrw " CSR_TEXT(number) ", %0" \
			 :                               \
			 : "rK"((unsigned long)(value))  \
			 : "memory")

#define csr_set(number, bits) \
	__asm__ volatile("csrs " CSR_TEXT(number) ", %0" : : "rK"((unsigned long)(bits)) : "memory")

#define csr_clear(number, bits) \
	__asm__ volatile("csrc " CSR_TEXT(number) ", %0" : : "rK"((unsigned long)(bits)) : "memory")

/* Fences of the hypervisor extension, in their encodings. Priv 15.3.2. */

/* All translations of the guest at the current hgatp.VMID, VS-stage. */
static inline void hfence_vvma_all(void)
{
	__asm__ volatile(".insn r 0x73, 0, 0x11, x0, x0, x0" : : : "memory");
}

static inline void hfence_vvma_address(unsigned long address)
{
	__asm__ volatile(".insn r 0x73, 0, 0x11, x0, %0, x0" : : "r"(address) : "memory");
}

static inline void hfence_vvma_address_asid(unsigned long address, unsigned long asid)
{
	__asm__ volatile(".insn r 0x73, 0, 0x11, x0, %0, %1"
			 :
			 : "r"(address), "r"(asid)
			 : "memory");
}

static inline void hfence_vvma_asid(unsigned long asid)
{
	__asm__ volatile(".insn r 0x73, 0, 0x11, x0, x0, %0" : : "r"(asid) : "memory");
}

static inline void hfence_gvma_vmid(unsigned long vmid)
{
	__asm__ volatile(".insn r 0x73, 0, 0x31, x0, x0, %0" : : "r"(vmid) : "memory");
}

static inline void hfence_gvma_all(void)
{
	__asm__ volatile(".insn r 0x73, 0, 0x31, x0, x0, x0" : : : "memory");
}

/* Makes code that was written be fetched anew, on this hart. */
static inline void fence_code(void)
{
	__asm__ volatile("fence.i" : : : "memory");
}

static inline void sfence_vma_all(void)
{
	__asm__ volatile("sfence.vma" : : : "memory");
}

#endif
#endif

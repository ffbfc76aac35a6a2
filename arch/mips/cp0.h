// SPDX-License-Identifier: BSD-2-Clause
/*
 * The virtual processor's coprocessor 0: register numbers and fields ("MIPS32 Architecture Volume
 * III: the Privileged Resource Architecture", PRA below), what reads and writes do, what a
 * processor shows of itself. Instructions that use them are emulate.h's.
 */
#ifndef MIPS_CP0_H
#define MIPS_CP0_H

#include <arch/types.h>

#include "amap.h"

#define CP0_INDEX     CP0(0, 0)
#define CP0_RANDOM    CP0(1, 0)
#define CP0_ENTRYLO0  CP0(2, 0)
#define CP0_ENTRYLO1  CP0(3, 0)
#define CP0_CONTEXT   CP0(4, 0)
#define CP0_USERLOCAL CP0(4, 2)
#define CP0_PAGEMASK  CP0(5, 0)
#define CP0_WIRED     CP0(6, 0)
#define CP0_HWRENA    CP0(7, 0)
#define CP0_BADVADDR  CP0(8, 0)
#define CP0_COUNT     CP0(9, 0)
#define CP0_ENTRYHI   CP0(10, 0)
#define CP0_COMPARE   CP0(11, 0)
#define CP0_STATUS    CP0(12, 0)
#define CP0_INTCTL    CP0(12, 1)
#define CP0_SRSCTL    CP0(12, 2)
#define CP0_SRSMAP    CP0(12, 3)
#define CP0_CAUSE     CP0(13, 0)
#define CP0_EPC	      CP0(14, 0)
#define CP0_PRID      CP0(15, 0)
#define CP0_EBASE     CP0(15, 1)
#define CP0_CONFIG    CP0(16, 0)
#define CP0_CONFIG1   CP0(16, 1)
#define CP0_CONFIG2   CP0(16, 2)
#define CP0_CONFIG3   CP0(16, 3)
#define CP0_CONFIG4   CP0(16, 4)
#define CP0_CONFIG5   CP0(16, 5)
#define CP0_CONFIG6   CP0(16, 6)
#define CP0_CONFIG7   CP0(16, 7)
#define CP0_LLADDR    CP0(17, 0)
#define CP0_WATCHLO   CP0(18, 0)
#define CP0_WATCHHI   CP0(19, 0)
#define CP0_DEBUG     CP0(23, 0)
#define CP0_PERFCTL   CP0(25, 0)
#define CP0_ERRCTL    CP0(26, 0)
#define CP0_CACHEERR  CP0(27, 0)
#define CP0_TAGLO     CP0(28, 0)
#define CP0_DATALO    CP0(28, 1)
#define CP0_DTAGLO    CP0(28, 2)
#define CP0_TAGHI     CP0(29, 0)
#define CP0_DTAGHI    CP0(29, 2)
#define CP0_ERROREPC  CP0(30, 0)
#define CP0_DESAVE    CP0(31, 0)

#define STATUS_IE  0x00000001u
#define STATUS_EXL 0x00000002u
#define STATUS_ERL 0x00000004u
#define STATUS_UM  0x00000010u
#define STATUS_IM  0x0000ff00u
#define STATUS_NMI 0x00080000u
#define STATUS_SR  0x00100000u
#define STATUS_TS  0x00200000u
#define STATUS_BEV 0x00400000u
#define STATUS_RP  0x08000000u
#define STATUS_CU0 0x10000000u
#define STATUS_CU1 0x20000000u
#define STATUS_FR  0x04000000u

#define CAUSE_CODE_SHIFT 2
#define CAUSE_CODE	 0x0000007cu
#define CAUSE_IP_SOFT	 0x00000300u
#define CAUSE_IP_DEVICES 0x0000fc00u
#define CAUSE_IP	 0x0000ff00u
#define CAUSE_IP7	 0x00008000u
#define CAUSE_IV	 0x00800000u
#define CAUSE_DC	 0x08000000u
#define CAUSE_CE_SHIFT	 28
#define CAUSE_CE	 0x30000000u
#define CAUSE_TI	 0x40000000u
#define CAUSE_BD	 0x80000000u

#define ENTRYHI_VPN2  0xffffe000u
#define ENTRYHI_EHINV 0x00000400u
#define ENTRYHI_ASID  0x000000ffu
#define ENTRYLO_PFN   0x03ffffc0u
#define ENTRYLO_CCA   0x00000038u
#define ENTRYLO_D     0x00000004u
#define ENTRYLO_V     0x00000002u
#define ENTRYLO_G     0x00000001u
#define INDEX_P	      0x80000000u

#define CONTEXT_PTEBASE 0xff800000u
#define CONTEXT_BADVPN2 0x007ffff0u

#define INTCTL_VS_MASK 0x000003e0u
#define EBASE_CPUNUM   0x000003ffu
#define EBASE_LOW      0x00000fffu /* not part of the address */

#define HWRENA_CPUNUM	  0x00000001u
#define HWRENA_SYNCI_STEP 0x00000002u
#define HWRENA_CC	  0x00000004u
#define HWRENA_CCRES	  0x00000008u
#define HWRENA_ULR	  0x20000000u

#define CONFIG3_VINT	      0x00000020u
#define CONFIG3_ULRI	      0x00002000u
#define CONFIG1_FP	      0x00000001u
#define CONFIG4_IE	      0x60000000u
#define CONFIG4_IE_INVALIDATE 0x40000000u /* EntryHi.EHINV, TLBINV and TLBINVF */
#define CONFIG5_LLB	      0x00000010u
#define CONFIG_K0	      0x00000007u
#define CONFIG_BE	      0x00008000u

/* Cause.ExcCode. PRA table "Cause Register ExcCode Field". */
enum guest_exception_code {
	EXCEPTION_INTERRUPT = 0,
	EXCEPTION_MODIFIED = 1,
	EXCEPTION_TLB_LOAD = 2, /* load or fetch */
	EXCEPTION_TLB_STORE = 3,
	EXCEPTION_ADDRESS_LOAD = 4, /* load or fetch */
	EXCEPTION_ADDRESS_STORE = 5,
	EXCEPTION_BUS_FETCH = 6,
	EXCEPTION_BUS_DATA = 7,
	EXCEPTION_SYSCALL = 8,
	EXCEPTION_BREAKPOINT = 9,
	EXCEPTION_RESERVED = 10,
	EXCEPTION_COPROCESSOR = 11,
	EXCEPTION_OVERFLOW = 12,
	EXCEPTION_TRAP = 13,
	EXCEPTION_FLOATING = 15,
	EXCEPTION_MACHINE_CHECK = 24,
};

/* What a processor shows of itself. */
struct processor_model {
	const char *compatible; /* of the guest's cpu node */
	uint32_t prid;
	uint32_t config[8]; /* Config to Config7 */
	uint32_t tlb_size;
};

/* By `compatible`; NULL: there is none. */
const struct processor_model *processor_model_find(const char *compatible);
/* The model at `index` from 0 on; NULL: no more. The first is the default. */
const struct processor_model *processor_model_get(unsigned int index);

static inline uint32_t guest_status(const struct arch_vcpu *vcpu)
{
	return vcpu->cp0[CP0_STATUS];
}

/* The mode that the guest believes to be in. */
static inline enum guest_mode guest_mode(const struct arch_vcpu *vcpu)
{
	uint32_t status = guest_status(vcpu);

	if ((status & STATUS_ERL) != 0)
		return GUEST_MODE_ERROR;
	return (status & (STATUS_EXL | STATUS_UM)) == STATUS_UM ? GUEST_MODE_USER :
								  GUEST_MODE_KERNEL;
}

static inline bool guest_in_kernel(const struct arch_vcpu *vcpu)
{
	return guest_mode(vcpu) != GUEST_MODE_USER;
}

/* Cause with all interrupt inputs as they are now. */
static inline uint32_t guest_cause(const struct arch_vcpu *vcpu)
{
	return vcpu->cp0[CP0_CAUSE] | READ_ONCE(vcpu->irq_level);
}

static inline uint32_t guest_asid(const struct arch_vcpu *vcpu)
{
	return vcpu->cp0[CP0_ENTRYHI] & ENTRYHI_ASID;
}

/* MFC0 of CP0(number, select). What is not there reads as 0. */
uint32_t cp0_read(struct arch_vcpu *vcpu, unsigned int index);
/* MTC0. Bits that are not writable, and registers that are not there, stay as they are. */
void cp0_write(struct arch_vcpu *vcpu, unsigned int index, uint32_t value);

/*
 * Whether MFC0 of the register is no more than a load of vcpu->cp0[index], for a fast path. Not
 * so of Cause, Count, Random.
 */
bool cp0_read_is_plain(unsigned int index);

/* The bits of Status that MTC0 writes. */
uint32_t cp0_status_writable(const struct arch_vcpu *vcpu);

/* All of coprocessor 0 as after a reset: ERL and BEV set, pc at the map's reset vector. */
void cp0_reset(struct arch_vcpu *vcpu, uint32_t features, unsigned int cpu_number);

#endif

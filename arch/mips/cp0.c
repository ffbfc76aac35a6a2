// SPDX-License-Identifier: BSD-2-Clause
/*
 * The virtual coprocessor 0: models of processors, reset values, what reads and writes do. PRA
 * chapter "Coprocessor 0 Registers". Count and Compare are vcount.c, the TLB is tlb.c.
 */
#include <string.h>

#include <corbel/panic.h>

#include "cp0.h"
#include "inject.h"
#include "tlb.h"
#include "vcount.h"

/* ---- models ---- */

#define CONFIG_MORE	  0x80000000u
#define CONFIG_R2_TLB	  0x00000482u /* AR: release 2, MT: standard TLB, K0: cached */
#define CONFIG1_TLB(size) (((size)-1) << 25)
/* 8 KiB each in 4 ways of 64 lines of 32 bytes: a way is no larger than a page, so no aliases. */
#define CONFIG1_CACHES	  0x00231180u

static const struct processor_model models[] = {
	{
		.compatible = "mips,mips24Kc",
		.prid = 0x00019300,
		.config = { CONFIG_MORE | CONFIG_R2_TLB,
			    CONFIG_MORE | CONFIG1_TLB(64u) | CONFIG1_CACHES, CONFIG_MORE,
			    CONFIG_MORE | CONFIG3_ULRI, CONFIG4_IE_INVALIDATE },
		.tlb_size = 64,
	},
	{
		.compatible = "mips,mips4KEc",
		.prid = 0x00019000,
		.config = { CONFIG_MORE | CONFIG_R2_TLB,
			    CONFIG_MORE | CONFIG1_TLB(16u) | CONFIG1_CACHES, CONFIG_MORE, 0 },
		.tlb_size = 16,
	},
};

const struct processor_model *processor_model_get(unsigned int index)
{
	return index < ARRAY_SIZE(models) ? &models[index] : NULL;
}

const struct processor_model *processor_model_find(const char *compatible)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(models); i++)
		if (strcmp(models[i].compatible, compatible) == 0)
			return &models[i];
	return NULL;
}

/* ---- reset ---- */

static void configuration_reset(struct arch_vcpu *vcpu, uint32_t features)
{
	uint32_t *config = &vcpu->cp0[CP0_CONFIG];

	memcpy(config, vcpu->model->config, sizeof(vcpu->model->config));
	if ((features & GUEST_FEATURE_BIG_ENDIAN) != 0)
		config[0] |= CONFIG_BE;
	if ((features & GUEST_FEATURE_FPU) != 0)
		config[1] |= CONFIG1_FP;
	if ((features & GUEST_FEATURE_VECTORED) != 0)
		config[3] |= CONFIG3_VINT;
}

void cp0_reset(struct arch_vcpu *vcpu, uint32_t features, unsigned int cpu_number)
{
	uint32_t *cp0 = vcpu->cp0;

	ASSERT(vcpu->model->tlb_size <= GUEST_TLB_MAX);
	memset(cp0, 0, sizeof(vcpu->cp0));
	configuration_reset(vcpu, features);
	cp0[CP0_PRID] = vcpu->model->prid;
	cp0[CP0_STATUS] = STATUS_BEV | STATUS_ERL;
	cp0[CP0_EBASE] = vcpu->map->ebase_fixed | (cpu_number & EBASE_CPUNUM);
	cp0[CP0_INTCTL] = 7u << 29; /* IPTI: the timer's is IP7 */
	vcpu->random = vcpu->tlb_size - 1;
	vcpu->pc = vcpu->map->reset_vector;
	vcpu->delay_slot = 0;
	vcpu->changes |=
		GUEST_CHANGE_MODE | GUEST_CHANGE_ASID | GUEST_CHANGE_USER | GUEST_CHANGE_LINKED;
}

/* ---- reading ---- */

bool cp0_read_is_plain(unsigned int index)
{
	return index != CP0_CAUSE && index != CP0_COUNT && index != CP0_RANDOM;
}

uint32_t cp0_read(struct arch_vcpu *vcpu, unsigned int index)
{
	ASSERT(index < CP0_REGISTERS);
	switch (index) {
	case CP0_RANDOM:
		return guest_random_next(vcpu);
	case CP0_COUNT:
		return vcount_read(vcpu);
	case CP0_CAUSE:
		/* The guest may poll with interrupts off: the timer must show up all the same. */
		vcount_update(vcpu);
		return guest_cause(vcpu);
	default:
		return vcpu->cp0[index];
	}
}

/* ---- writing ---- */

/* Registers of which some bits are written and nothing else happens. */
static uint32_t writable_bits(const struct arch_vcpu *vcpu, unsigned int index)
{
	switch (index) {
	case CP0_ENTRYLO0:
	case CP0_ENTRYLO1:
		return ENTRYLO_PFN | ENTRYLO_CCA | ENTRYLO_D | ENTRYLO_V | ENTRYLO_G;
	case CP0_INDEX:
		return vcpu->tlb_size - 1;
	case CP0_CONTEXT:
		return CONTEXT_PTEBASE;
	case CP0_INTCTL:
		return (vcpu->cp0[CP0_CONFIG3] & CONFIG3_VINT) != 0 ? INTCTL_VS_MASK : 0;
	case CP0_EBASE:
		return vcpu->map->ebase_writable;
	case CP0_CONFIG:
		return CONFIG_K0;
	case CP0_EPC:
	case CP0_ERROREPC:
	case CP0_TAGLO:
	case CP0_DTAGLO:
	case CP0_TAGHI:
	case CP0_DTAGHI:
		return UINT32_MAX;
	default:
		return 0;
	}
}

static uint32_t merge(uint32_t old, uint32_t value, uint32_t mask)
{
	return (old & ~mask) | (value & mask);
}

uint32_t cp0_status_writable(const struct arch_vcpu *vcpu)
{
	uint32_t mask = STATUS_CU0 | STATUS_RP | STATUS_BEV | STATUS_IM | STATUS_UM | STATUS_ERL |
			STATUS_EXL | STATUS_IE;

	if ((vcpu->cp0[CP0_CONFIG1] & CONFIG1_FP) != 0)
		mask |= STATUS_CU1 | STATUS_FR;
	return mask;
}

static void status_write(struct arch_vcpu *vcpu, uint32_t value)
{
	uint32_t old = vcpu->cp0[CP0_STATUS];
	enum guest_mode mode = guest_mode(vcpu);

	vcpu->cp0[CP0_STATUS] = merge(old, value, cp0_status_writable(vcpu));
	if (guest_mode(vcpu) != mode)
		vcpu->changes |= GUEST_CHANGE_MODE;
	if (((old ^ vcpu->cp0[CP0_STATUS]) & (STATUS_CU0 | STATUS_CU1 | STATUS_FR)) != 0)
		vcpu->changes |= GUEST_CHANGE_USER;
}

static void cause_write(struct arch_vcpu *vcpu, uint32_t value)
{
	vcount_stop_set(vcpu, (value & CAUSE_DC) != 0);
	vcpu->cp0[CP0_CAUSE] = merge(vcpu->cp0[CP0_CAUSE], value, CAUSE_IV | CAUSE_IP_SOFT);
}

static void entryhi_write(struct arch_vcpu *vcpu, uint32_t value)
{
	uint32_t mask = ENTRYHI_VPN2 | ENTRYHI_ASID;
	uint32_t old = guest_asid(vcpu);

	if ((vcpu->cp0[CP0_CONFIG4] & CONFIG4_IE) != 0)
		mask |= ENTRYHI_EHINV;
	vcpu->cp0[CP0_ENTRYHI] = value & mask;
	if (guest_asid(vcpu) != old)
		vcpu->changes |= GUEST_CHANGE_ASID;
}

/*
 * Sizes are powers of 4, so the mask is pairs of ones from bit 13 on. Of anything else the part
 * that is one counts. The largest page is 256 MiB.
 */
static uint32_t page_mask(uint32_t value)
{
	uint32_t mask = 0;

	while (mask < 0x1fffe000 && (value & (mask << 2 | 0x6000)) == (mask << 2 | 0x6000))
		mask = mask << 2 | 0x6000;
	return mask;
}

static void wired_write(struct arch_vcpu *vcpu, uint32_t value)
{
	vcpu->cp0[CP0_WIRED] = value & (vcpu->tlb_size - 1);
	vcpu->random = vcpu->tlb_size - 1;
}

static void hwrena_write(struct arch_vcpu *vcpu, uint32_t value)
{
	uint32_t mask = HWRENA_CPUNUM | HWRENA_SYNCI_STEP | HWRENA_CC | HWRENA_CCRES;

	if ((vcpu->cp0[CP0_CONFIG3] & CONFIG3_ULRI) != 0)
		mask |= HWRENA_ULR;
	vcpu->cp0[CP0_HWRENA] = value & mask;
	vcpu->changes |= GUEST_CHANGE_USER;
}

static void userlocal_write(struct arch_vcpu *vcpu, uint32_t value)
{
	if ((vcpu->cp0[CP0_CONFIG3] & CONFIG3_ULRI) == 0)
		return;
	vcpu->cp0[CP0_USERLOCAL] = value;
	vcpu->changes |= GUEST_CHANGE_USER;
}

void cp0_write(struct arch_vcpu *vcpu, unsigned int index, uint32_t value)
{
	uint32_t *cp0 = vcpu->cp0;

	ASSERT(index < CP0_REGISTERS);
	switch (index) {
	case CP0_STATUS:
		status_write(vcpu, value);
		break;
	case CP0_CAUSE:
		cause_write(vcpu, value);
		break;
	case CP0_COUNT:
		vcount_write(vcpu, value);
		break;
	case CP0_COMPARE:
		vcount_compare_write(vcpu, value);
		break;
	case CP0_ENTRYHI:
		entryhi_write(vcpu, value);
		break;
	case CP0_PAGEMASK:
		cp0[CP0_PAGEMASK] = page_mask(value);
		break;
	case CP0_WIRED:
		wired_write(vcpu, value);
		break;
	case CP0_HWRENA:
		hwrena_write(vcpu, value);
		break;
	case CP0_USERLOCAL:
		userlocal_write(vcpu, value);
		break;
	default:
		cp0[index] = merge(cp0[index], value, writable_bits(vcpu, index));
		break;
	}
}

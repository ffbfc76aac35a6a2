// SPDX-License-Identifier: BSD-2-Clause
/*
 * FPU and vector state of guests. The registers themselves are moved by fpu.S.
 *
 * sstatus.FS and .VS of the hart stand above the guest's own and tell whether it changed anything:
 * only then its state is saved. A loaded VCPU always has its own contents in the units, so that no
 * instruction of it needs to trap: a trap would come by way of the firmware, and costs far more
 * than loading. What the units still hold of this VCPU is not loaded again. Priv 10.1.1, 15.2.1.
 */
#include <errno.h>
#include <string.h>

#include <corbel/arch.h>
#include <corbel/object.h>
#include <corbel/panic.h>

#include "csr.h"
#include "features.h"
#include "fpu.h"

struct fpu_state {
	uint64_t f[32];
	uint64_t fcsr;
};

/* Followed by 32 registers of vlenb bytes. */
struct vector_state {
	uint64_t vstart, vcsr, vl, vtype;
	uint8_t registers[];
};

void fpu_registers_save(uint64_t *f);
void fpu_registers_load(const uint64_t *f);
uint64_t fpu_register_read(unsigned int number);
void fpu_register_write(unsigned int number, uint64_t value);
void vector_registers_save(struct vector_state *state, void *registers);
void vector_registers_load(const struct vector_state *state, const void *registers);

static size_t vector_size(void)
{
	size_t bytes;

	csr_set(CSR_SSTATUS, SSTATUS_VS);
	bytes = 32 * csr_read(CSR_VLENB);
	csr_clear(CSR_SSTATUS, SSTATUS_VS);
	return bytes;
}

int fpu_init(struct vcpu *vcpu)
{
	struct arch_vcpu *arch = &vcpu->arch;
	unsigned long flags = arch_irq_save();
	size_t size = cpu_has(FEATURE_V) ? vector_size() : 0;

	arch_irq_restore(flags);
	arch->fpu_cpu = UINT32_MAX;
	arch->fpu = object_alloc(sizeof(*arch->fpu));
	if (arch->fpu == NULL)
		return -ENOMEM;
	if (size == 0)
		return 0;
	arch->vector = object_alloc(sizeof(*arch->vector) + size);
	if (arch->vector == NULL) {
		fpu_destroy(vcpu);
		return -ENOMEM;
	}
	return 0;
}

void fpu_destroy(struct vcpu *vcpu)
{
	object_free(vcpu->arch.fpu);
	object_free(vcpu->arch.vector);
	vcpu->arch.fpu = NULL;
	vcpu->arch.vector = NULL;
}

void fpu_reset(struct vcpu *vcpu)
{
	struct arch_vcpu *arch = &vcpu->arch;
	unsigned long flags = arch_irq_save();

	memset(arch->fpu, 0, sizeof(*arch->fpu));
	if (arch->vector != NULL)
		memset(arch->vector, 0, sizeof(*arch->vector) + vector_size());
	arch_irq_restore(flags);
	arch->sstatus &= ~(SSTATUS_FS | SSTATUS_VS);
	arch->fpu_cpu = UINT32_MAX;
}

void fpu_load(struct vcpu *vcpu)
{
	struct arch_vcpu *arch = &vcpu->arch;
	struct cpu *cpu = cpu_self();
	bool kept = cpu->arch.fpu_owner == vcpu && arch->fpu_cpu == cpu->index;

	ASSERT((arch->sstatus & (SSTATUS_FS | SSTATUS_VS)) == 0);
	csr_set(CSR_SSTATUS, SSTATUS_FS | SSTATUS_VS);
	if (!kept && cpu_has(FEATURE_D)) {
		fpu_registers_load(arch->fpu->f);
		csr_write(CSR_FCSR, arch->fpu->fcsr);
	}
	if (!kept && arch->vector != NULL)
		vector_registers_load(arch->vector, arch->vector->registers);
	csr_clear(CSR_SSTATUS, SSTATUS_FS | SSTATUS_VS);
	if (cpu_has(FEATURE_D))
		arch->sstatus |= SSTATUS_FS_CLEAN;
	if (arch->vector != NULL)
		arch->sstatus |= SSTATUS_VS_CLEAN;
	cpu->arch.fpu_owner = vcpu;
	arch->fpu_cpu = cpu->index;
}

void fpu_save(struct vcpu *vcpu)
{
	struct arch_vcpu *arch = &vcpu->arch;

	if ((arch->sstatus & SSTATUS_FS) == SSTATUS_FS) {
		csr_set(CSR_SSTATUS, SSTATUS_FS);
		fpu_registers_save(arch->fpu->f);
		arch->fpu->fcsr = csr_read(CSR_FCSR);
	}
	if ((arch->sstatus & SSTATUS_VS) == SSTATUS_VS) {
		csr_set(CSR_SSTATUS, SSTATUS_VS);
		vector_registers_save(arch->vector, arch->vector->registers);
	}
	csr_clear(CSR_SSTATUS, SSTATUS_FS | SSTATUS_VS);
	arch->sstatus &= ~(SSTATUS_FS | SSTATUS_VS);
}

uint64_t fpu_register_get(unsigned int number)
{
	uint64_t value;

	csr_set(CSR_SSTATUS, SSTATUS_FS);
	value = fpu_register_read(number);
	csr_clear(CSR_SSTATUS, SSTATUS_FS);
	return value;
}

void fpu_register_set(struct vcpu *vcpu, unsigned int number, uint64_t value, unsigned int size)
{
	struct arch_vcpu *arch = &vcpu->arch;
	unsigned long flags = arch_irq_save();

	ASSERT((arch->sstatus & SSTATUS_FS) != 0);
	csr_set(CSR_SSTATUS, SSTATUS_FS);
	fpu_register_write(number, size == 4 ? value | 0xffffffff00000000ul : value);
	csr_clear(CSR_SSTATUS, SSTATUS_FS);
	/* The guest's own bits as well: it must know that its state has changed. */
	arch->sstatus |= SSTATUS_FS;
	csr_set(CSR_VSSTATUS, SSTATUS_FS);
	arch_irq_restore(flags);
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * The virtual SBI's dispatcher. The extensions are in sbi/.
 */
#include <corbel/guest.h>
#include <corbel/panic.h>

#include "exits.h"
#include "hypercall.h"
#include "vcpu.h"

const struct hypercall_extension *hypercall_find(uint64_t id)
{
	for_each_registered(entry, corbel_hypercalls, struct hypercall_extension) {
		if ((*entry)->id == id)
			return *entry;
	}
	return NULL;
}

void hypercall_leave(struct vcpu *vcpu, enum vcpu_exit_kind kind)
{
	vcpu->arch.leave = (uint8_t)(kind + 1);
}

struct vcpu *hypercall_fast(struct vcpu *vcpu)
{
	struct arch_vcpu *arch = &vcpu->arch;
	const struct hypercall_extension *extension = arch->last_extension;
	struct sbi_return result = { .error = SBI_ERR_NOT_SUPPORTED, .value = 0 };

	if (unlikely(extension == NULL || extension->id != arch->x[17])) {
		extension = hypercall_find(arch->x[17]);
		if (extension != NULL)
			arch->last_extension = extension;
	}
	vcpu->exit_counts[EXIT_HYPERCALL]++;
	/* Behind the call already: whoever leaves or suspends goes on from there. */
	csr_write(CSR_SEPC, csr_read(CSR_SEPC) + 4);
	if (likely(extension != NULL))
		result = extension->call(vcpu, arch->x[16], &arch->x[10]);
	arch->x[10] = (uint64_t)result.error;
	arch->x[11] = result.value;
	return exit_fast_end(vcpu);
}

int64_t hart_mask_read(const struct vcpu *vcpu, uint64_t mask, uint64_t base, uint64_t *out)
{
	unsigned int count = vcpu->guest->vcpu_count;
	uint64_t all = count == 64 ? UINT64_MAX : (UINT64_C(1) << count) - 1;

	_Static_assert(GUEST_VCPU_MAX <= 64, "a guest's VCPUs must fit a hart mask");
	if (base == UINT64_MAX) {
		*out = all;
		return SBI_SUCCESS;
	}
	if (mask == 0) {
		*out = 0;
		return SBI_SUCCESS;
	}
	if (base >= count || (mask & ~(all >> base)) != 0)
		return SBI_ERR_INVALID_PARAM;
	*out = mask << base;
	return SBI_SUCCESS;
}

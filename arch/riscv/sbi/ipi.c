// SPDX-License-Identifier: BSD-2-Clause
/*
 * SBI IPI extension for guests. SBI 2.0, chapter 7.
 */
#include <corbel/guest.h>

#include "../hypercall.h"
#include "../vcpu.h"

static struct sbi_return ipi_call(struct vcpu *vcpu, uint64_t function, const uint64_t *arguments)
{
	uint64_t harts;
	int64_t error;

	if (function != SBI_IPI_SEND)
		return hypercall_error(SBI_ERR_NOT_SUPPORTED);
	error = hart_mask_read(vcpu, arguments[0], arguments[1], &harts);
	if (error != SBI_SUCCESS)
		return hypercall_error(error);
	for (unsigned int i = 0; harts >> i != 0; i++)
		if ((harts >> i & 1) != 0)
			vcpu_soft_interrupt(vcpu->guest->vcpus[i]);
	return hypercall_value(0);
}

static const struct hypercall_extension ipi_extension = {
	.name = "ipi",
	.id = SBI_EXT_IPI,
	.call = ipi_call,
};
HYPERCALL_REGISTER(ipi_extension);

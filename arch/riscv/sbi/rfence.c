// SPDX-License-Identifier: BSD-2-Clause
/*
 * SBI RFENCE extension for guests. SBI 2.0, chapter 8. The calls for hypervisors (HFENCE) are not
 * there, since guests have no H extension.
 */
#include <corbel/guest.h>

#include "../hypercall.h"
#include "../vcpu.h"

/* Up to here page by page; beyond, everything. */
#define FENCE_PAGES_MAX 64

/* For the calling hart itself. `asid` -1: all of them. */
static void fence_here(uint64_t function, uint64_t start, uint64_t size, uint64_t asid)
{
	if (function == SBI_RFENCE_FENCE_I) {
		fence_code();
		return;
	}
	/* Both 0, or the size -1, means the whole address space. */
	if (size > FENCE_PAGES_MAX * PAGE_SIZE || (start == 0 && size == 0)) {
		if (function == SBI_RFENCE_SFENCE_VMA_ASID)
			hfence_vvma_asid(asid);
		else
			hfence_vvma_all();
		return;
	}
	/* A range that begins inside a page reaches one page more. */
	size += start % PAGE_SIZE;
	start = ALIGN_DOWN(start, PAGE_SIZE);
	for (uint64_t done = 0; done < size; done += PAGE_SIZE) {
		if (function == SBI_RFENCE_SFENCE_VMA_ASID)
			hfence_vvma_address_asid(start + done, asid);
		else
			hfence_vvma_address(start + done);
	}
}

static struct sbi_return rfence_call(struct vcpu *vcpu, uint64_t function,
				     const uint64_t *arguments)
{
	uint32_t request = function == SBI_RFENCE_FENCE_I ? FENCE_INSTRUCTION : FENCE_TRANSLATION;
	uint64_t harts;
	int64_t error;

	if (function > SBI_RFENCE_SFENCE_VMA_ASID)
		return hypercall_error(SBI_ERR_NOT_SUPPORTED);
	error = hart_mask_read(vcpu, arguments[0], arguments[1], &harts);
	if (error != SBI_SUCCESS)
		return hypercall_error(error);
	for (unsigned int i = 0; harts >> i != 0; i++) {
		if ((harts >> i & 1) == 0)
			continue;
		if (i == vcpu->index)
			fence_here(function, arguments[2], arguments[3], arguments[4]);
		else
			vcpu_fence_remote(vcpu, vcpu->guest->vcpus[i], request);
	}
	return hypercall_value(0);
}

static const struct hypercall_extension rfence_extension = {
	.name = "rfence",
	.id = SBI_EXT_RFENCE,
	.call = rfence_call,
};
HYPERCALL_REGISTER(rfence_extension);

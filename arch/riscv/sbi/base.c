// SPDX-License-Identifier: BSD-2-Clause
/*
 * SBI BASE extension for guests: what this firmware is. SBI 2.0, chapter 4.
 */
#include "../features.h"
#include "../hypercall.h"

/* Not registered with the specification; "Crbl" in ASCII. */
#define CORBEL_IMPLEMENTATION_ID      0x4372626c
#define CORBEL_IMPLEMENTATION_VERSION 1

/* The host's own: guests choose errata workarounds by them. */
static struct sbi_return machine_id(uint64_t function)
{
	return sbi_host_call(SBI_EXT_BASE, function, 0, 0, 0, 0, 0);
}

static struct sbi_return base_call(struct vcpu *vcpu, uint64_t function, const uint64_t *arguments)
{
	(void)vcpu;
	switch (function) {
	case SBI_BASE_GET_SPEC_VERSION:
		return hypercall_value(SBI_SPEC_VERSION_2_0);
	case SBI_BASE_GET_IMPL_ID:
		return hypercall_value(CORBEL_IMPLEMENTATION_ID);
	case SBI_BASE_GET_IMPL_VERSION:
		return hypercall_value(CORBEL_IMPLEMENTATION_VERSION);
	case SBI_BASE_PROBE_EXTENSION:
		return hypercall_value(hypercall_find(arguments[0]) != NULL);
	case SBI_BASE_GET_MVENDORID:
	case SBI_BASE_GET_MARCHID:
	case SBI_BASE_GET_MIMPID:
		return machine_id(function);
	default:
		return hypercall_error(SBI_ERR_NOT_SUPPORTED);
	}
}

static const struct hypercall_extension base_extension = {
	.name = "base",
	.id = SBI_EXT_BASE,
	.call = base_call,
};
HYPERCALL_REGISTER(base_extension);

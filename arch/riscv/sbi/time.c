// SPDX-License-Identifier: BSD-2-Clause
/*
 * SBI TIME extension for guests. SBI 2.0, chapter 6.
 */
#include "../hypercall.h"
#include "../vcpu.h"

static struct sbi_return time_call(struct vcpu *vcpu, uint64_t function, const uint64_t *arguments)
{
	if (function != SBI_TIME_SET_TIMER)
		return hypercall_error(SBI_ERR_NOT_SUPPORTED);
	vtimer_set(vcpu, arguments[0]);
	return hypercall_value(0);
}

static const struct hypercall_extension time_extension = {
	.name = "time",
	.id = SBI_EXT_TIME,
	.call = time_call,
};
HYPERCALL_REGISTER(time_extension);

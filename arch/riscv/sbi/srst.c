// SPDX-License-Identifier: BSD-2-Clause
/*
 * SBI SRST extension for guests: power off and reboot. SBI 2.0, chapter 10.
 */
#include <corbel/guest.h>

#include "../hypercall.h"
#include "../vcpu.h"

/* Who asks for a reboot gets that, whatever the reason. */
static enum guest_request request_of(uint32_t type, uint32_t reason)
{
	if (type != SBI_SRST_SHUTDOWN)
		return GUEST_REQUEST_REBOOT;
	return reason == SBI_SRST_REASON_FAILURE ? GUEST_REQUEST_CRASH : GUEST_REQUEST_POWEROFF;
}

static struct sbi_return srst_call(struct vcpu *vcpu, uint64_t function, const uint64_t *arguments)
{
	uint32_t type = (uint32_t)arguments[0];
	uint32_t reason = (uint32_t)arguments[1];

	if (function != SBI_SRST_SYSTEM_RESET)
		return hypercall_error(SBI_ERR_NOT_SUPPORTED);
	if (type > SBI_SRST_WARM_REBOOT || reason > SBI_SRST_REASON_FAILURE)
		return hypercall_error(SBI_ERR_INVALID_PARAM);
	guest_request(vcpu->guest, request_of(type, reason));
	hypercall_leave(vcpu, VCPU_EXIT_NONE);
	return hypercall_value(0);
}

static const struct hypercall_extension srst_extension = {
	.name = "srst",
	.id = SBI_EXT_SRST,
	.call = srst_call,
};
HYPERCALL_REGISTER(srst_extension);

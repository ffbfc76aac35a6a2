// SPDX-License-Identifier: BSD-2-Clause
/*
 * SBI HSM extension for guests: harts started, stopped, suspended. SBI 2.0, chapter 9.
 */
#include <errno.h>

#include <corbel/guest.h>

#include "../hypercall.h"
#include "../vcpu.h"

/* A hart can only start where there is an instruction to fetch. */
static bool start_address_is_valid(const struct vcpu *vcpu, uint64_t address)
{
	return (address & 1) == 0 && guest_memory_is_ram(vcpu->guest, GPA(address), 2);
}

static struct sbi_return hart_start(struct vcpu *vcpu, uint64_t hart, uint64_t address,
				    uint64_t opaque)
{
	const struct vcpu_start start = { .entry = GPA(address), .argument = opaque };

	if (guest_vcpu(vcpu->guest, hart) == NULL)
		return hypercall_error(SBI_ERR_INVALID_PARAM);
	if (!start_address_is_valid(vcpu, address))
		return hypercall_error(SBI_ERR_INVALID_ADDRESS);
	if (vcpu_power_on(vcpu->guest, (unsigned int)hart, &start) == -EALREADY)
		return hypercall_error(SBI_ERR_ALREADY_AVAILABLE);
	return hypercall_value(0);
}

static struct sbi_return hart_status(struct vcpu *vcpu, uint64_t hart)
{
	const struct vcpu *target = guest_vcpu(vcpu->guest, hart);

	if (target == NULL)
		return hypercall_error(SBI_ERR_INVALID_PARAM);
	if (!vcpu_is_on(target))
		return hypercall_value(SBI_HSM_STATE_STOPPED);
	if (READ_ONCE(target->start_pending))
		return hypercall_value(SBI_HSM_STATE_START_PENDING);
	if (READ_ONCE(target->arch.suspend) != SUSPEND_NONE)
		return hypercall_value(SBI_HSM_STATE_SUSPENDED);
	return hypercall_value(SBI_HSM_STATE_STARTED);
}

static struct sbi_return hart_suspend(struct vcpu *vcpu, uint32_t type, uint64_t address,
				      uint64_t opaque)
{
	struct arch_vcpu *arch = &vcpu->arch;

	if (type != SBI_HSM_SUSPEND_RETENTIVE && type != SBI_HSM_SUSPEND_NON_RETENTIVE)
		return hypercall_error(SBI_ERR_INVALID_PARAM);
	if (type == SBI_HSM_SUSPEND_NON_RETENTIVE) {
		if (!start_address_is_valid(vcpu, address))
			return hypercall_error(SBI_ERR_INVALID_ADDRESS);
		arch->resume_entry = address;
		arch->resume_argument = opaque;
		arch->suspend = SUSPEND_NON_RETENTIVE;
	} else {
		arch->suspend = SUSPEND_RETENTIVE;
	}
	hypercall_leave(vcpu, VCPU_EXIT_WAIT);
	return hypercall_value(0);
}

static struct sbi_return hsm_call(struct vcpu *vcpu, uint64_t function, const uint64_t *arguments)
{
	switch (function) {
	case SBI_HSM_HART_START:
		return hart_start(vcpu, arguments[0], arguments[1], arguments[2]);
	case SBI_HSM_HART_STOP:
		hypercall_leave(vcpu, VCPU_EXIT_OFF);
		return hypercall_value(0);
	case SBI_HSM_HART_GET_STATUS:
		return hart_status(vcpu, arguments[0]);
	case SBI_HSM_HART_SUSPEND:
		return hart_suspend(vcpu, (uint32_t)arguments[0], arguments[1], arguments[2]);
	default:
		return hypercall_error(SBI_ERR_NOT_SUPPORTED);
	}
}

static const struct hypercall_extension hsm_extension = {
	.name = "hsm",
	.id = SBI_EXT_HSM,
	.call = hsm_call,
};
HYPERCALL_REGISTER(hsm_extension);

// SPDX-License-Identifier: BSD-2-Clause
/*
 * SBI DBCN extension for guests: a console for early messages, on the guest's first serial line.
 * SBI 2.0, chapter 12.
 */
#include <corbel/guest.h>
#include <corbel/serial.h>

#include "../hypercall.h"
#include "../vcpu.h"

/* A call may take less than it was given; this bounds how long one lasts. */
#define WRITE_MAX 128u

/* Shared memory is named by two halves of an address. Section 3.2. */
static bool buffer_is_valid(const struct vcpu *vcpu, uint64_t count, uint64_t low, uint64_t high)
{
	return high == 0 && guest_memory_is_ram(vcpu->guest, GPA(low), count);
}

static struct sbi_return console_write(struct vcpu *vcpu, uint64_t count, uint64_t address)
{
	uint8_t bytes[WRITE_MAX];
	size_t length = MIN(count, WRITE_MAX);

	if (guest_memory_read(vcpu->guest, GPA(address), bytes, length) != 0)
		return hypercall_error(SBI_ERR_INVALID_PARAM);
	return hypercall_value(serial_debug_write(vcpu->guest, bytes, length));
}

static struct sbi_return dbcn_call(struct vcpu *vcpu, uint64_t function, const uint64_t *arguments)
{
	uint8_t byte;

	switch (function) {
	case SBI_DBCN_WRITE:
	case SBI_DBCN_READ:
		if (!buffer_is_valid(vcpu, arguments[0], arguments[1], arguments[2]))
			return hypercall_error(SBI_ERR_INVALID_PARAM);
		/* What is typed goes to the serial device; there is never anything to read here. */
		if (function == SBI_DBCN_READ || arguments[0] == 0)
			return hypercall_value(0);
		return console_write(vcpu, arguments[0], arguments[1]);
	case SBI_DBCN_WRITE_BYTE:
		byte = (uint8_t)arguments[0];
		if (serial_debug_write(vcpu->guest, &byte, 1) == 0)
			return hypercall_error(SBI_ERR_FAILED);
		return hypercall_value(0);
	default:
		return hypercall_error(SBI_ERR_NOT_SUPPORTED);
	}
}

static const struct hypercall_extension dbcn_extension = {
	.name = "dbcn",
	.id = SBI_EXT_DBCN,
	.call = dbcn_call,
};
HYPERCALL_REGISTER(dbcn_extension);

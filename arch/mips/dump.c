// SPDX-License-Identifier: BSD-2-Clause
/*
 * A VCPU that does not run as people look at it: why its guest was left, where its registers point.
 * Not the registers themselves, which are vcpu.c.
 */
#include <corbel/arch.h>
#include <corbel/vcpu.h>

#include "emulate.h"
#include "processor.h"
#include "traps.h"

/* vcpu->map is there from the first start on. */
static bool was_started(const struct arch_vcpu *arch)
{
	return arch->map != NULL;
}

static uint32_t code_of(uint32_t cause)
{
	return cause >> HOST_CAUSE_CODE_SHIFT & HOST_CAUSE_CODE_MASK;
}

void arch_vcpu_cause_print(const struct vcpu *vcpu, struct printer *printer)
{
	const struct arch_vcpu *arch = &vcpu->arch;
	uint32_t code;

	if (!was_started(arch)) {
		print(printer, "never started\n");
		return;
	}
	code = code_of(arch->host_cause);
	print(printer, "left for: %s (%u), address 0x%08x\n", exception_name(code),
	      (unsigned int)code, (unsigned int)arch->host_badvaddr);
	code = code_of(guest_cause(arch));
	print(printer, "its own last exception: %s (%u) at pc 0x%08x, address 0x%08x\n",
	      exception_name(code), (unsigned int)code, (unsigned int)arch->cp0[CP0_EPC],
	      (unsigned int)arch->cp0[CP0_BADVADDR]);
}

uint64_t arch_vcpu_pointer_get(const struct vcpu *vcpu, enum vcpu_pointer pointer)
{
	return pointer == VCPU_POINTER_PC ? vcpu->arch.pc : vcpu->arch.gpr[29];
}

bool arch_vcpu_translate(const struct vcpu *vcpu, uint64_t address, gpa_t *out)
{
	struct guest_translation translation;

	if (!was_started(&vcpu->arch) ||
	    !guest_translate(&vcpu->arch, (uint32_t)address, GUEST_ACCESS_LOAD, &translation))
		return false;
	*out = translation.gpa;
	return true;
}

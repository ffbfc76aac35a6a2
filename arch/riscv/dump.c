// SPDX-License-Identifier: BSD-2-Clause
/*
 * A VCPU that does not run as people look at it: why its guest was left, where its registers point.
 * Not the registers themselves, which are vcpu.c.
 */
#include <corbel/arch.h>
#include <corbel/vcpu.h>

#include "csr.h"
#include "traps.h"
#include "walk.h"

#define CAUSE_MASK (SCAUSE_INTERRUPT - 1)

static const char *interrupt_name(uint64_t number)
{
	switch (number) {
	case IRQ_S_SOFT:
		return "software interrupt";
	case IRQ_S_TIMER:
		return "timer interrupt";
	case IRQ_S_EXTERNAL:
		return "external interrupt";
	}
	return "interrupt";
}

static void exit_print(const struct arch_vcpu *arch, struct printer *printer)
{
	uint64_t number = arch->scause & CAUSE_MASK;

	if (arch->scause == 0) {
		print(printer, "never left\n");
	} else if ((arch->scause & SCAUSE_INTERRUPT) != 0) {
		print(printer, "left for: %s of the host (%lu)\n", interrupt_name(number), number);
	} else if (arch->scause == CAUSE_ECALL_VS) {
		print(printer, "left for: SBI call (%lu), extension 0x%lx, function %lu\n", number,
		      arch->x[17], arch->x[16]);
	} else if (arch->scause == CAUSE_FETCH_GUEST_PAGE ||
		   arch->scause == CAUSE_LOAD_GUEST_PAGE ||
		   arch->scause == CAUSE_STORE_GUEST_PAGE) {
		print(printer, "left for: %s (%lu), address 0x%lx, guest physical 0x%lx\n",
		      exception_name(number), number, arch->stval,
		      arch->htval << 2 | (arch->stval & 3));
	} else {
		print(printer, "left for: %s (%lu), value 0x%lx\n", exception_name(number), number,
		      arch->stval);
	}
}

/* What is in the guest's own registers: its last trap, unless it wrote them itself. */
static void own_trap_print(const struct arch_vcpu_csrs *csrs, struct printer *printer)
{
	uint64_t number = csrs->vscause & CAUSE_MASK;
	bool interrupt = (csrs->vscause & SCAUSE_INTERRUPT) != 0;

	if (csrs->vscause == 0 && csrs->vsepc == 0)
		print(printer, "its own last trap: none\n");
	else
		print(printer, "its own last trap: %s (%lu) at pc 0x%lx, value 0x%lx\n",
		      interrupt ? interrupt_name(number) : exception_name(number), number,
		      csrs->vsepc, csrs->vstval);
}

void arch_vcpu_cause_print(const struct vcpu *vcpu, struct printer *printer)
{
	exit_print(&vcpu->arch, printer);
	own_trap_print(&vcpu->arch.csrs, printer);
}

uint64_t arch_vcpu_pointer_get(const struct vcpu *vcpu, enum vcpu_pointer pointer)
{
	return pointer == VCPU_POINTER_PC ? vcpu->arch.pc : vcpu->arch.x[2];
}

bool arch_vcpu_translate(const struct vcpu *vcpu, uint64_t address, gpa_t *out)
{
	return guest_walk(vcpu, vcpu->arch.csrs.vsatp, address, out);
}

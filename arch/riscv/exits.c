// SPDX-License-Identifier: BSD-2-Clause
/*
 * What is done when a guest exits: the fast path, then the long way. Accesses are access.c,
 * hypercalls sbi/.
 */
#include <corbel/arch.h>
#include <corbel/panic.h>

#include "exits.h"
#include "hypercall.h"
#include "traps.h"
#include "vcpu.h"

const unsigned int arch_exit_cause_count = EXIT_CAUSE_COUNT;

const char *arch_exit_cause_name(unsigned int cause)
{
	static const char *const names[EXIT_CAUSE_COUNT] = {
		[EXIT_HYPERCALL] = "sbi", [EXIT_MMIO_READ] = "read",  [EXIT_MMIO_WRITE] = "write",
		[EXIT_WAIT] = "wfi",	  [EXIT_INTERRUPT] = "irq",   [EXIT_FAULT] = "fault",
		[EXIT_YIELD] = "yield",	  [EXIT_ILLEGAL] = "illegal",
	};

	ASSERT(cause < EXIT_CAUSE_COUNT);
	return names[cause];
}

struct vcpu *exit_fast(struct vcpu *vcpu)
{
	uint64_t cause = csr_read(CSR_SCAUSE);

	if (cause == CAUSE_ECALL_VS)
		return hypercall_fast(vcpu);
	if (cause == CAUSE_LOAD_GUEST_PAGE)
		return load_fast(vcpu);
	if (cause == CAUSE_STORE_GUEST_PAGE)
		return store_fast(vcpu);
	return NULL;
}

void guest_trap(struct vcpu *vcpu, uint64_t cause, uint64_t value)
{
	struct arch_vcpu *arch = &vcpu->arch;
	uint64_t status = csr_read(CSR_VSSTATUS);

	/* Priv 10.1.1: SPP and SPIE remember, SIE is cleared. */
	status &= ~(SSTATUS_SPP | SSTATUS_SPIE);
	status |= arch->sstatus & SSTATUS_SPP;
	status |= (status & SSTATUS_SIE) != 0 ? SSTATUS_SPIE : 0;
	status &= ~SSTATUS_SIE;
	csr_write(CSR_VSSTATUS, status);
	csr_write(CSR_VSEPC, arch->pc);
	csr_write(CSR_VSCAUSE, cause);
	csr_write(CSR_VSTVAL, value);
	/* Exceptions go to the base in either mode of stvec. */
	arch->pc = csr_read(CSR_VSTVEC) & ~3ul;
	arch->sstatus |= SSTATUS_SPP;
}

static void trap_state_read(struct arch_vcpu *arch)
{
	arch->pc = csr_read(CSR_SEPC);
	arch->sstatus = csr_read(CSR_SSTATUS);
	arch->hstatus = csr_read(CSR_HSTATUS);
	arch->scause = csr_read(CSR_SCAUSE);
	arch->stval = csr_read(CSR_STVAL);
	arch->htval = csr_read(CSR_HTVAL);
	arch->htinst = csr_read(CSR_HTINST);
}

#define INSTRUCTION_WFI	    0x10500073u
#define INSTRUCTION_WRS_NTO 0x00d00073u

/*
 * An instruction that H makes virtual. Two trap because of hstatus.VTW: WFI and, in any mode,
 * WRS.NTO, which may always end early. A machine without H would call the others illegal.
 * Priv 15.6.1.
 */
static bool virtual_instruction(struct vcpu *vcpu, struct vcpu_exit *exit)
{
	struct arch_vcpu *arch = &vcpu->arch;
	uint32_t instruction = (uint32_t)arch->stval;

	/* Processors may leave stval 0. Where the code is gone meanwhile the guest finds out
	 * itself. */
	if (instruction == 0 && !guest_fetch(vcpu, &instruction))
		return false;
	if (instruction == INSTRUCTION_WFI && (arch->sstatus & SSTATUS_SPP) != 0) {
		vcpu->exit_counts[EXIT_WAIT]++;
		arch->pc += 4;
		exit->kind = VCPU_EXIT_WAIT;
		return true;
	}
	if (instruction == INSTRUCTION_WRS_NTO) {
		vcpu->exit_counts[EXIT_YIELD]++;
		arch->pc += 4;
		exit->kind = VCPU_EXIT_YIELD;
		return true;
	}
	vcpu->exit_counts[EXIT_ILLEGAL]++;
	guest_trap(vcpu, CAUSE_ILLEGAL_INSTRUCTION, arch->stval);
	return false;
}

static void illegal_instruction(struct vcpu *vcpu)
{
	vcpu->exit_counts[EXIT_ILLEGAL]++;
	guest_trap(vcpu, CAUSE_ILLEGAL_INSTRUCTION, vcpu->arch.stval);
}

bool exit_handle(struct vcpu *vcpu, struct vcpu_exit *exit)
{
	struct arch_vcpu *arch = &vcpu->arch;

	trap_state_read(arch);
	if (arch->leave != 0) {
		/* The fast path has answered it and wants out. */
		exit->kind = arch->leave - 1;
		arch->leave = 0;
		return true;
	}
	if ((arch->scause & SCAUSE_INTERRUPT) != 0) {
		vcpu->exit_counts[EXIT_INTERRUPT]++;
		interrupt_handle(arch->scause & ~SCAUSE_INTERRUPT);
		return true;
	}
	switch (arch->scause) {
	case CAUSE_FETCH_GUEST_PAGE:
	case CAUSE_LOAD_GUEST_PAGE:
	case CAUSE_STORE_GUEST_PAGE:
		return access_handle(vcpu, exit);
	case CAUSE_VIRTUAL_INSTRUCTION:
		return virtual_instruction(vcpu, exit);
	case CAUSE_ILLEGAL_INSTRUCTION:
		illegal_instruction(vcpu);
		return false;
	default:
		/* Not delegated and not of the guest's making: a machine check or the like. */
		vcpu_crash(vcpu, "trap %lu at pc 0x%lx, address 0x%lx", arch->scause, arch->pc,
			   arch->stval);
		exit->kind = VCPU_EXIT_CRASH;
		return true;
	}
}

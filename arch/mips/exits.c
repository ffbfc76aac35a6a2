// SPDX-License-Identifier: BSD-2-Clause
/*
 * What is done when a guest exits. Loads and stores of devices are access.c, the emulation of
 * instructions emulate.c.
 */
#include <corbel/arch.h>
#include <corbel/panic.h>

#include "cache.h"
#include "emulate.h"
#include "exits.h"
#include "gmem.h"
#include "linked.h"
#include "probe.h"
#include "processor.h"
#include "shadow.h"
#include "traps.h"
#include "vcpu.h"

const unsigned int arch_exit_cause_count = EXIT_CAUSE_COUNT;

const char *arch_exit_cause_name(unsigned int cause)
{
	static const char *const names[EXIT_CAUSE_COUNT] = {
		[EXIT_CP0] = "cp0",	   [EXIT_CACHE] = "cache",	[EXIT_SHADOW] = "shadow",
		[EXIT_TLB] = "tlb",	   [EXIT_SYSCALL] = "syscall",	[EXIT_EXCEPTION] = "exc",
		[EXIT_MMIO_READ] = "read", [EXIT_MMIO_WRITE] = "write", [EXIT_WAIT] = "wait",
		[EXIT_INTERRUPT] = "irq",
	};

	ASSERT(cause < EXIT_CAUSE_COUNT);
	return names[cause];
}

bool guest_code_read(struct vcpu *vcpu, uint32_t va, uint32_t *out)
{
	struct guest_translation translation;
	const struct gmem_piece *piece;

	if ((va & 3) != 0 || !guest_translate(&vcpu->arch, va, GUEST_ACCESS_FETCH, &translation))
		return false;
	piece = gmem_find(vcpu->guest, translation.gpa);
	if (piece == NULL || (piece->flags & GMEM_DEVICE) != 0)
		return false;
	*out = READ_ONCE(*(const uint32_t *)arch_hpa_to_pointer(gmem_hpa(piece, translation.gpa)));
	return true;
}

/* The code there cannot be read: the guest gets the exception that fetching it gives. */
static bool code_fault(struct vcpu *vcpu, uint32_t va)
{
	struct guest_translation translation;

	vcpu->exit_counts[EXIT_EXCEPTION]++;
	if ((va & 3) != 0)
		guest_exception_address(&vcpu->arch, EXCEPTION_ADDRESS_LOAD, va);
	else if (!guest_translate(&vcpu->arch, va, GUEST_ACCESS_FETCH, &translation))
		guest_translation_fault(&vcpu->arch, va, GUEST_ACCESS_FETCH, &translation);
	else
		guest_exception(&vcpu->arch, EXCEPTION_BUS_FETCH);
	return false;
}

/*
 * The instruction that trapped and, where it stands in a delay slot, the branch before it. False:
 * the guest took an exception instead. Some hosts have 16-bit instructions, which guests'
 * processors have not: with them pc is odd.
 */
static bool trapped_code_get(struct vcpu *vcpu, uint32_t *instruction, uint32_t *branch)
{
	struct arch_vcpu *arch = &vcpu->arch;

	*branch = 0;
	if (processor_has(PROCESSOR_BADINSTR)) {
		*instruction = arch->host_badinstr;
		*branch = arch->host_badinstrp;
		return true;
	}
	if (arch->delay_slot != 0 && !guest_code_read(vcpu, arch->pc, branch)) {
		arch->delay_slot = 0;
		return code_fault(vcpu, arch->pc);
	}
	return guest_code_read(vcpu, arch->pc + 4 * arch->delay_slot, instruction) ||
	       code_fault(vcpu, arch->pc + 4 * arch->delay_slot);
}

static bool leave_for(struct vcpu *vcpu, enum vcpu_exit_kind kind)
{
	vcpu->arch.exit->kind = kind;
	return false;
}

/* ---- instructions ---- */

static bool instruction_trapped(struct vcpu *vcpu)
{
	uint32_t instruction, branch;

	if (!trapped_code_get(vcpu, &instruction, &branch))
		return true;
	switch (emulate_instruction(&vcpu->arch, instruction, branch)) {
	case EMULATE_DONE:
	case EMULATE_RETURN:
		vcpu->exit_counts[EXIT_CP0]++;
		return true;
	case EMULATE_EXCEPTION:
		vcpu->exit_counts[EXIT_EXCEPTION]++;
		return true;
	case EMULATE_WAIT:
		vcpu->exit_counts[EXIT_WAIT]++;
		return leave_for(vcpu, VCPU_EXIT_WAIT);
	case EMULATE_CACHE:
		vcpu->exit_counts[EXIT_CACHE]++;
		cache_guest_operate(vcpu);
		return true;
	case EMULATE_ACCESS:
	case EMULATE_NATIVE:
		break;
	}
	/* The presented processor has it, this one has not. */
	vcpu->exit_counts[EXIT_EXCEPTION]++;
	guest_exception(&vcpu->arch, EXCEPTION_RESERVED);
	return true;
}

/* ---- addresses ---- */

/* A load or store to where there is no memory. */
static bool nothing_there(struct vcpu *vcpu, enum guest_access access)
{
	uint32_t instruction, branch;

	if (access == GUEST_ACCESS_FETCH) {
		vcpu->exit_counts[EXIT_EXCEPTION]++;
		guest_exception(&vcpu->arch, EXCEPTION_BUS_FETCH);
		return true;
	}
	if (!trapped_code_get(vcpu, &instruction, &branch))
		return true;
	return access_begin(vcpu, instruction, branch);
}

static enum guest_access access_of(const struct arch_vcpu *arch, uint32_t code)
{
	if (code == EXCEPTION_TLB_STORE || code == EXCEPTION_MODIFIED ||
	    code == EXCEPTION_ADDRESS_STORE)
		return GUEST_ACCESS_STORE;
	return arch->host_badvaddr == arch->pc + 4 * arch->delay_slot ? GUEST_ACCESS_FETCH :
									GUEST_ACCESS_LOAD;
}

/* Whether the memory takes the access, once the host has its translation. */
static bool piece_allows(const struct gmem_piece *piece, enum guest_access access)
{
	return access != GUEST_ACCESS_STORE || (piece->flags & GMEM_WRITE) != 0;
}

static bool translation_missing(struct vcpu *vcpu, uint32_t code)
{
	uint32_t va = vcpu->arch.host_badvaddr;
	enum guest_access access = access_of(&vcpu->arch, code);
	struct guest_translation translation;
	const struct gmem_piece *piece;

	if (!guest_translate(&vcpu->arch, va, access, &translation)) {
		vcpu->exit_counts[EXIT_TLB]++;
		guest_translation_fault(&vcpu->arch, va, access, &translation);
		return true;
	}
	piece = gmem_find(vcpu->guest, translation.gpa);
	if (piece == NULL || !piece_allows(piece, access))
		return nothing_there(vcpu, access);
	vcpu->exit_counts[EXIT_SHADOW]++;
	shadow_fill(vcpu, va, &translation, piece);
	return true;
}

/*
 * Misaligned; or beyond what the host gives to user mode, where the guest's map may have a segment
 * all the same, which is reached by emulation only.
 */
static bool address_error(struct vcpu *vcpu, uint32_t code)
{
	uint32_t va = vcpu->arch.host_badvaddr;
	enum guest_access access = access_of(&vcpu->arch, code);
	struct guest_translation translation;

	if ((va >> 31) != 0 && access != GUEST_ACCESS_FETCH &&
	    guest_translate(&vcpu->arch, va, access, &translation))
		return nothing_there(vcpu, access);
	vcpu->exit_counts[EXIT_TLB]++;
	guest_exception_address(&vcpu->arch, (enum guest_exception_code)code, va);
	return true;
}

/* ---- debug mode ---- */

#define SDBBP_MASK 0xfc00003fu
#define SDBBP	   0x7000003fu

/* To where it was entered from, which is made to be here. */
static void debug_mode_leave(void)
{
	uint32_t address;

	__asm__ volatile(".set push\n\t"
			 ".set noreorder\n\t"
			 "la %0, 1f\n\t"
			 "mtc0 %0, $24\n\t"
			 "ehb\n\t"
			 "deret\n"
			 "1:\n\t"
			 ".set pop"
			 : "=r"(address)
			 :
			 : "memory");
}

/*
 * SDBBP does not trap: it takes the host into debug mode, where everything is allowed, and into the
 * board's ROM. That of the emulated board has nothing there but an instruction that is reserved: so
 * it becomes an exit, but one after which the guest would go on with debug mode's rights. True:
 * that is what the exit was. The guest's processor has no such mode, and SDBBP is reserved there.
 */
static bool debug_mode_was_entered(struct vcpu *vcpu)
{
	struct arch_vcpu *arch = &vcpu->arch;
	uint32_t debug = c0_read(C0_DEBUG), instruction;

	if (likely((debug & HOST_DEBUG_DM) == 0))
		return false;
	arch->pc = c0_read(C0_DEPC);
	debug_mode_leave();
	/* The emulator does not tell delay slots. */
	arch->delay_slot =
		(debug & HOST_DEBUG_DBD) != 0 || (guest_code_read(vcpu, arch->pc, &instruction) &&
						  (instruction & SDBBP_MASK) != SDBBP);
	return true;
}

/* ---- all of them ---- */

static bool exit_dispatch(struct vcpu *vcpu)
{
	struct arch_vcpu *arch = &vcpu->arch;
	uint32_t code = arch->host_cause >> HOST_CAUSE_CODE_SHIFT & HOST_CAUSE_CODE_MASK;

	if (debug_mode_was_entered(vcpu)) {
		vcpu->exit_counts[EXIT_EXCEPTION]++;
		guest_exception(arch, EXCEPTION_RESERVED);
		return true;
	}
	switch (code) {
	case EXCEPTION_INTERRUPT:
		vcpu->exit_counts[EXIT_INTERRUPT]++;
		interrupt_handle(arch->host_cause);
		return leave_for(vcpu, VCPU_EXIT_NONE);
	case EXCEPTION_MODIFIED:
	case EXCEPTION_TLB_LOAD:
	case EXCEPTION_TLB_STORE:
		return translation_missing(vcpu, code);
	case EXCEPTION_ADDRESS_LOAD:
	case EXCEPTION_ADDRESS_STORE:
		return address_error(vcpu, code);
	case EXCEPTION_COPROCESSOR:
	case EXCEPTION_RESERVED:
	case HOST_EXCEPTION_DSP:
	case HOST_EXCEPTION_MSA:
	case HOST_EXCEPTION_MDMX:
	case HOST_EXCEPTION_THREAD: /* YIELD */
		return instruction_trapped(vcpu);
	case EXCEPTION_SYSCALL:
		vcpu->exit_counts[EXIT_SYSCALL]++;
		guest_exception(arch, EXCEPTION_SYSCALL);
		return true;
	case EXCEPTION_BUS_FETCH: /* a device of the host's that is the guest's does not answer */
	case EXCEPTION_BUS_DATA:
	case EXCEPTION_BREAKPOINT:
	case EXCEPTION_OVERFLOW:
	case EXCEPTION_TRAP:
	case EXCEPTION_FLOATING:
		vcpu->exit_counts[EXIT_EXCEPTION]++;
		guest_exception(arch, (enum guest_exception_code)code);
		return true;
	default:
		vcpu_crash(vcpu, "exception %u of the host at pc 0x%08x, address 0x%08x",
			   (unsigned int)code, (unsigned int)arch->pc,
			   (unsigned int)arch->host_badvaddr);
		return leave_for(vcpu, VCPU_EXIT_CRASH);
	}
}

bool exit_handle(struct vcpu *vcpu)
{
	uint32_t lladdr = processor_has(PROCESSOR_ERETNC) ? 0 : link_get();

	if (!exit_dispatch(vcpu))
		return false;
	/* An exception or a return has broken the link. */
	if (unlikely(lladdr != 0) && (vcpu->arch.changes & GUEST_CHANGE_LINKED) == 0)
		link_follow(vcpu, lladdr);
	return vcpu_entry_prepare(vcpu);
}

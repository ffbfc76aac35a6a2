// SPDX-License-Identifier: BSD-2-Clause
/*
 * Follows a guest's code from an exit to its SC. Nobody can come between: interrupts are off, and
 * processors without ERETNC are alone on their board.
 */
#include <corbel/arch.h>

#include "cache.h"
#include "emulate.h"
#include "gmem.h"
#include "linked.h"
#include "plain.h"
#include "probe.h"
#include "processor.h"
#include "vcpu.h"

/* What is found in loops around LL and SC is a dozen at most. */
#define FOLLOW_MAX 64u

/* LLAddr may be the address itself, or shifted by as many bits. */
#define LLADDR_SHIFT_MAX 5u

/* Linked by Corbel, so that no link of a guest's is left. */
static uint32_t nobody_links;

static uint32_t lladdr_unlinked; /* what LLAddr is then */

void link_forget(void)
{
	uint32_t value;

	__asm__ volatile("ll %0, %1" : "=r"(value) : "m"(nobody_links));
	lladdr_unlinked = c0_read(C0_LLADDR);
}

uint32_t link_get(void)
{
	uint32_t lladdr = c0_read(C0_LLADDR);

	/* Emulators have 1 there behind an ERET, shifted or not. */
	return lladdr > 1 && lladdr != lladdr_unlinked ? lladdr : 0;
}

static bool link_is_of(uint32_t lladdr, uint32_t address)
{
	for (unsigned int shift = 0; shift <= LLADDR_SHIFT_MAX; shift++)
		if (address >> shift == lladdr)
			return true;
	return false;
}

/* ---- loads and stores ---- */

/* Where the present piece leads; false: the guest is to take a fault of its own there. */
static bool piece_translate(const struct arch_vcpu *arch, gpa_t *out)
{
	enum guest_access access = arch->access.write ? GUEST_ACCESS_STORE : GUEST_ACCESS_LOAD;
	struct guest_translation translation;

	if (!guest_translate(arch, arch->piece.va, access, &translation))
		return false;
	*out = translation.gpa;
	return true;
}

/* What LLAddr would be of that address; 0: there is no memory. */
static uint32_t memory_address(const struct guest *guest, gpa_t address)
{
	const struct gmem_piece *piece = gmem_find(guest, address);

	return piece != NULL ? (uint32_t)gmem_hpa(piece, address).raw : 0;
}

enum follow_result {
	FOLLOW_ON,
	FOLLOW_ENDS,
};

/* A load or store. What cannot be done here is left to the guest, at the same place. */
static enum follow_result access_follow(struct vcpu *vcpu, uint32_t instruction, uint32_t branch,
					uint32_t *lladdr)
{
	struct arch_vcpu *arch = &vcpu->arch;
	bool is_linked = true;
	uint64_t value;
	gpa_t address;

	switch (emulate_access(arch, instruction, branch)) {
	case EMULATE_ACCESS:
		break;
	case EMULATE_DONE:
		return FOLLOW_ON;
	default:
		return FOLLOW_ENDS;
	}
	do {
		if (!piece_translate(arch, &address))
			return FOLLOW_ENDS;
		value = arch->piece.value;
		if (arch->access.kind == ACCESS_CONDITIONAL)
			is_linked = link_is_of(*lladdr, memory_address(vcpu->guest, address));
		if (is_linked && vcpu_mmio_fast(vcpu, address, arch->piece.size, arch->access.write,
						&value) != 0)
			return FOLLOW_ENDS;
	} while (!guest_access_done(arch, (uint32_t)value));
	if (arch->access.kind == ACCESS_LINKED)
		*lladdr = memory_address(vcpu->guest, address);
	if (arch->access.kind != ACCESS_CONDITIONAL)
		return FOLLOW_ON;
	if (!is_linked && arch->access.data_register != 0)
		arch->gpr[arch->access.data_register] = 0;
	return FOLLOW_ENDS;
}

/* ---- instructions ---- */

static enum follow_result privileged_follow(struct vcpu *vcpu, uint32_t instruction,
					    uint32_t branch)
{
	switch (emulate_instruction(&vcpu->arch, instruction, branch)) {
	case EMULATE_DONE:
		return FOLLOW_ON;
	case EMULATE_CACHE:
		cache_guest_operate(vcpu);
		return FOLLOW_ON;
	default:
		return FOLLOW_ENDS;
	}
}

static enum follow_result plain_follow(struct arch_vcpu *arch, uint32_t instruction,
				       uint32_t branch)
{
	uint32_t next;

	if (guest_next_pc(arch, branch, &next) == BRANCH_GOES && !plain_execute(arch, instruction))
		return FOLLOW_ENDS;
	arch->pc = next;
	arch->delay_slot = 0;
	return FOLLOW_ON;
}

static enum follow_result instruction_follow(struct vcpu *vcpu, uint32_t instruction,
					     uint32_t branch, uint32_t *lladdr)
{
	switch (operation_decode(instruction)) {
	case OPERATION_ACCESS:
		return access_follow(vcpu, instruction, branch, lladdr);
	case OPERATION_OTHER:
		return plain_follow(&vcpu->arch, instruction, branch);
	case OPERATION_ERET:
	case OPERATION_ERETNC:
	case OPERATION_WAIT:
		return FOLLOW_ENDS;
	default:
		return privileged_follow(vcpu, instruction, branch);
	}
}

/* One instruction, or a branch and what is in its delay slot. */
static enum follow_result step_follow(struct vcpu *vcpu, uint32_t *lladdr)
{
	struct arch_vcpu *arch = &vcpu->arch;
	uint32_t instruction, branch = 0, target;

	arch->delay_slot = 0;
	if (!guest_code_read(vcpu, arch->pc, &instruction))
		return FOLLOW_ENDS;
	if (branch_evaluate(arch, instruction, &target) != BRANCH_NONE) {
		branch = instruction;
		if (!guest_code_read(vcpu, arch->pc + 4, &instruction))
			return FOLLOW_ENDS;
		arch->delay_slot = 1;
	}
	return instruction_follow(vcpu, instruction, branch, lladdr);
}

void link_follow(struct vcpu *vcpu, uint32_t lladdr)
{
	for (unsigned int i = 0; i < FOLLOW_MAX; i++)
		if (step_follow(vcpu, &lladdr) == FOLLOW_ENDS)
			break;
}

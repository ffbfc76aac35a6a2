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

static bool link_is_of(uint32_t lladdr, hpa_t address)
{
	for (unsigned int shift = 0; shift <= LLADDR_SHIFT_MAX; shift++)
		if ((uint32_t)address.raw >> shift == lladdr)
			return true;
	return false;
}

/* ---- memory ---- */

static uint32_t memory_read(const volatile void *memory, unsigned int size)
{
	switch (size) {
	case 1:
		return *(const volatile uint8_t *)memory;
	case 2:
		return *(const volatile uint16_t *)memory;
	default:
		return *(const volatile uint32_t *)memory;
	}
}

static void memory_write(volatile void *memory, unsigned int size, uint32_t value)
{
	switch (size) {
	case 1:
		*(volatile uint8_t *)memory = (uint8_t)value;
		break;
	case 2:
		*(volatile uint16_t *)memory = (uint16_t)value;
		break;
	default:
		*(volatile uint32_t *)memory = value;
		break;
	}
}

/* The guest's memory at arch->piece; false: there is none that it may use so. */
static bool piece_find(struct vcpu *vcpu, hpa_t *out)
{
	struct arch_vcpu *arch = &vcpu->arch;
	bool write = arch->access.write;
	struct guest_translation translation;
	const struct gmem_piece *piece;

	if (!guest_translate(arch, arch->piece.va, write ? GUEST_ACCESS_STORE : GUEST_ACCESS_LOAD,
			     &translation))
		return false;
	piece = gmem_find(vcpu->guest, translation.gpa);
	if (piece == NULL || (piece->flags & GMEM_DEVICE) != 0 ||
	    (write && (piece->flags & GMEM_WRITE) == 0))
		return false;
	*out = gmem_hpa(piece, translation.gpa);
	return true;
}

enum follow_result {
	FOLLOW_ON,
	FOLLOW_ENDS,
};

/* A load or store; whatever is not plain memory is left to the guest, at the same place. */
static enum follow_result access_follow(struct vcpu *vcpu, uint32_t instruction, uint32_t branch,
					uint32_t *lladdr)
{
	struct arch_vcpu *arch = &vcpu->arch;
	volatile void *memory;
	bool is_linked = true;
	hpa_t address;

	switch (emulate_access(arch, instruction, branch)) {
	case EMULATE_ACCESS:
		break;
	case EMULATE_DONE:
		return FOLLOW_ON;
	default:
		return FOLLOW_ENDS;
	}
	do {
		if (!piece_find(vcpu, &address))
			return FOLLOW_ENDS;
		memory = arch_hpa_to_pointer(address);
		if (arch->access.kind == ACCESS_CONDITIONAL)
			is_linked = link_is_of(*lladdr, address);
		if (!arch->access.write)
			arch->piece.value = memory_read(memory, arch->piece.size);
		else if (is_linked)
			memory_write(memory, arch->piece.size, arch->piece.value);
	} while (!guest_access_done(arch, arch->piece.value));
	if (arch->access.kind == ACCESS_LINKED)
		*lladdr = (uint32_t)address.raw;
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

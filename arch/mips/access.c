// SPDX-License-Identifier: BSD-2-Clause
/*
 * Loads and stores that lead to no memory: accesses to virtual devices, and to nothing. How they
 * are decoded and taken apart is emulate_access.c.
 */
#include <errno.h>

#include <corbel/arch.h>
#include <corbel/panic.h>

#include "emulate.h"
#include "exits.h"
#include "vcpu.h"

/* Where the present piece leads; false: the guest took a fault of its own translation. */
static bool piece_address(struct vcpu *vcpu, gpa_t *out)
{
	struct arch_vcpu *arch = &vcpu->arch;
	enum guest_access access = arch->access.write ? GUEST_ACCESS_STORE : GUEST_ACCESS_LOAD;
	struct guest_translation translation;

	if (!guest_translate(arch, arch->piece.va, access, &translation)) {
		guest_translation_fault(arch, arch->piece.va, access, &translation);
		return false;
	}
	*out = translation.gpa;
	return true;
}

static void piece_count(struct vcpu *vcpu)
{
	vcpu->exit_counts[vcpu->arch.access.write ? EXIT_MMIO_WRITE : EXIT_MMIO_READ]++;
}

static void nothing_answers(struct vcpu *vcpu)
{
	vcpu->exit_counts[EXIT_EXCEPTION]++;
	guest_access_fault(&vcpu->arch);
}

/* Does the pieces that are left, at most four. As access_begin(). */
static bool pieces_do(struct vcpu *vcpu)
{
	struct arch_vcpu *arch = &vcpu->arch;
	struct vcpu_exit *exit = arch->exit;

	for (;;) {
		if (!piece_address(vcpu, &exit->address))
			return true;
		exit->write = arch->access.write;
		exit->size = arch->piece.size;
		exit->value = exit->write ? arch->piece.value : 0;
		switch (vcpu_mmio_fast(vcpu, exit->address, exit->size, exit->write,
				       &exit->value)) {
		case 0:
			piece_count(vcpu);
			if (guest_access_done(arch, (uint32_t)exit->value))
				return true;
			break;
		case -EAGAIN:
			exit->kind = VCPU_EXIT_MMIO;
			return false;
		default:
			nothing_answers(vcpu);
			return true;
		}
	}
}

bool access_begin(struct vcpu *vcpu, uint32_t instruction, uint32_t branch)
{
	if (emulate_access(&vcpu->arch, instruction, branch) != EMULATE_ACCESS)
		return true;
	return pieces_do(vcpu);
}

/* What is left of the access is done before the guest goes on: access_resume(). */
void arch_vcpu_mmio_complete(struct vcpu *vcpu, const struct vcpu_exit *exit)
{
	piece_count(vcpu);
	vcpu->arch.access_pending = !guest_access_done(&vcpu->arch, (uint32_t)exit->value);
}

bool access_resume(struct vcpu *vcpu)
{
	vcpu->arch.access_pending = false;
	return pieces_do(vcpu);
}

void arch_vcpu_mmio_fault(struct vcpu *vcpu, const struct vcpu_exit *exit)
{
	(void)exit;
	nothing_answers(vcpu);
}

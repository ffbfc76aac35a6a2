// SPDX-License-Identifier: BSD-2-Clause
/*
 * Guest page faults: accesses to virtual devices, and to nothing. Other exits are exits.c.
 */
#include <errno.h>

#include <corbel/arch.h>
#include <corbel/bootargs.h>
#include <corbel/panic.h>

#include "csr.h"
#include "decode.h"
#include "exits.h"
#include "fpu.h"
#include "traps.h"
#include "vcpu.h"
#include "walk.h"

/*
 * The bits of htinst that tell an ordinary access; 0 where htinst is not to be believed, which then
 * is no access.
 */
static uint32_t htinst_fast_mask = 0xf807d;
static uint64_t htinst_mask = UINT64_MAX;

void access_init(void)
{
	/* As on processors that never fill it: the guest's code is read instead. For tests. */
	if (bootargs_has("corbel.htinst=ignore"))
		htinst_fast_mask = htinst_mask = 0;
}

/* x registers that the vector saves at every exit: ra, sp, tp, t0-t6, a0-a7, and zero. */
#define FAST_REGISTERS 0xf003fcf7u

/* Priv 15.6.2: htval is the address shifted right by 2, the low bits are those of stval. */
static gpa_t fault_address(uint64_t htval, uint64_t stval)
{
	return GPA(htval << 2 | (stval & 3));
}

static uint64_t truncate(uint64_t value, unsigned int size)
{
	return size == 8 ? value : value & ((UINT64_C(1) << (8 * size)) - 1);
}

static ALWAYS_INLINE uint64_t sign_extend(uint64_t value, unsigned int size)
{
	unsigned int unused = 64 - 8 * size;

	return (uint64_t)((int64_t)(value << unused) >> unused);
}

/*
 * An ordinary load or store as htinst tells it, whose register the vector has saved. Bits 15 to 19
 * would say that it crosses a page; bit 1 is clear where the original was compressed.
 */
static ALWAYS_INLINE bool is_fast_access(uint32_t instruction, bool write,
					 unsigned int data_register)
{
	return (instruction & htinst_fast_mask) == (write ? 0x21 : 0x01) &&
	       (FAST_REGISTERS >> data_register & 1) != 0;
}

static ALWAYS_INLINE struct vcpu *access_fast_end(struct vcpu *vcpu, uint32_t instruction)
{
	csr_write(CSR_SEPC, csr_read(CSR_SEPC) + 2 + (instruction & 2));
	return exit_fast_end(vcpu);
}

struct vcpu *load_fast(struct vcpu *vcpu)
{
	uint32_t instruction = (uint32_t)csr_read(CSR_HTINST);
	unsigned int data_register = instruction >> 7 & 31;
	unsigned int width = instruction >> 12 & 7;
	unsigned int size = 1u << (width & 3);
	uint64_t value;

	if (!is_fast_access(instruction, false, data_register) || width == 7 ||
	    vcpu_mmio_fast(vcpu, fault_address(csr_read(CSR_HTVAL), csr_read(CSR_STVAL)), size,
			   false, &value) != 0)
		return NULL;
	if (width < 4)
		value = sign_extend(value, size);
	if (data_register != 0)
		vcpu->arch.x[data_register] = value;
	vcpu->exit_counts[EXIT_MMIO_READ]++;
	return access_fast_end(vcpu, instruction);
}

struct vcpu *store_fast(struct vcpu *vcpu)
{
	uint32_t instruction = (uint32_t)csr_read(CSR_HTINST);
	unsigned int data_register = instruction >> 20 & 31;
	unsigned int width = instruction >> 12 & 7;

	/* vcpu_mmio_fast() hands on only as many bits as are written. */
	if (!is_fast_access(instruction, true, data_register) || width > 3 ||
	    vcpu_mmio_fast(vcpu, fault_address(csr_read(CSR_HTVAL), csr_read(CSR_STVAL)),
			   1u << width, true, &vcpu->arch.x[data_register]) != 0)
		return NULL;
	vcpu->exit_counts[EXIT_MMIO_WRITE]++;
	return access_fast_end(vcpu, instruction);
}

bool guest_fetch(const struct vcpu *vcpu, uint32_t *out)
{
	uint16_t low, high = 0;

	if (!guest_fetch_half(vcpu->arch.pc, &low))
		return false;
	if ((low & 3) == 3 && !guest_fetch_half(vcpu->arch.pc + 2, &high))
		return false;
	*out = (uint32_t)high << 16 | low;
	return true;
}

enum decode_result {
	DECODE_ACCESS, /* vcpu->arch.access tells what */
	DECODE_FAULT,  /* not an access that a device answers */
	DECODE_RETRY,  /* the guest's code is not there any more: let the guest find out */
};

/*
 * Whether the address that faulted is the one that the instruction names, not that of a page table
 * on the way to it. htinst tells; without it the guest's tables do.
 */
static bool is_explicit(const struct vcpu *vcpu)
{
	gpa_t named;

	return guest_walk(vcpu, csr_read(CSR_VSATP), vcpu->arch.stval, &named) &&
	       named.raw >> 2 == fault_address(vcpu->arch.htval, vcpu->arch.stval).raw >> 2;
}

static enum decode_result fault_decode(struct vcpu *vcpu)
{
	struct arch_vcpu *arch = &vcpu->arch;
	uint32_t instruction;

	arch->htinst &= htinst_mask;
	if (arch->htinst != 0) {
		/* Bits 15 to 19: this is the second part of an access that crosses pages. */
		if ((arch->htinst & 0xf8000) != 0 ||
		    !access_decode_transformed(arch->htinst, &arch->access))
			return DECODE_FAULT;
		return DECODE_ACCESS;
	}
	if (!guest_fetch(vcpu, &instruction))
		return DECODE_RETRY;
	if (!access_decode(instruction, &arch->access) || !is_explicit(vcpu))
		return DECODE_FAULT;
	return DECODE_ACCESS;
}

/* The access fault that hardware gives for the same access to nothing. */
static void access_fault(struct vcpu *vcpu)
{
	static const uint8_t faults[] = {
		[CAUSE_FETCH_GUEST_PAGE - 20] = CAUSE_FETCH_ACCESS,
		[CAUSE_LOAD_GUEST_PAGE - 20] = CAUSE_LOAD_ACCESS,
		[CAUSE_STORE_GUEST_PAGE - 20] = CAUSE_STORE_ACCESS,
	};

	vcpu->exit_counts[EXIT_FAULT]++;
	guest_trap(vcpu, faults[vcpu->arch.scause - 20], vcpu->arch.stval);
}

static uint64_t stored_value(const struct arch_vcpu *arch)
{
	const struct arch_access *access = &arch->access;
	uint64_t value = access->floating ? fpu_register_get(access->data_register) :
					    arch->x[access->data_register];

	return truncate(value, access->size);
}

bool access_handle(struct vcpu *vcpu, struct vcpu_exit *exit)
{
	struct arch_vcpu *arch = &vcpu->arch;

	if (arch->scause == CAUSE_FETCH_GUEST_PAGE) {
		access_fault(vcpu);
		return false;
	}
	switch (fault_decode(vcpu)) {
	case DECODE_RETRY:
		return false;
	case DECODE_FAULT:
		access_fault(vcpu);
		return false;
	case DECODE_ACCESS:
		break;
	}
	exit->write = arch->access.write;
	exit->size = arch->access.size;
	exit->address = fault_address(arch->htval, arch->stval);
	exit->value = exit->write ? stored_value(arch) : 0;
	switch (vcpu_mmio_fast(vcpu, exit->address, exit->size, exit->write, &exit->value)) {
	case 0:
		arch_vcpu_mmio_complete(vcpu, exit);
		return false;
	case -EAGAIN:
		exit->kind = VCPU_EXIT_MMIO;
		return true;
	default:
		access_fault(vcpu);
		return false;
	}
}

void arch_vcpu_mmio_complete(struct vcpu *vcpu, const struct vcpu_exit *exit)
{
	struct arch_vcpu *arch = &vcpu->arch;
	const struct arch_access *access = &arch->access;

	vcpu->exit_counts[exit->write ? EXIT_MMIO_WRITE : EXIT_MMIO_READ]++;
	arch->pc += access->instruction_length;
	if (exit->write)
		return;
	if (access->floating)
		fpu_register_set(vcpu, access->data_register, exit->value, access->size);
	else if (access->data_register != 0)
		arch->x[access->data_register] =
			access->sign_extend ? sign_extend(exit->value, access->size) : exit->value;
}

void arch_vcpu_mmio_fault(struct vcpu *vcpu, const struct vcpu_exit *exit)
{
	(void)exit;
	access_fault(vcpu);
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Instructions that trapped, executed on the virtual processor. Loads and stores of devices are
 * emulate_access.c, addresses are translate.c.
 */
#include <corbel/panic.h>

#include "emulate.h"

#define RDHWR_CPUNUM	 0u
#define RDHWR_SYNCI_STEP 1u
#define RDHWR_CC	 2u
#define RDHWR_CCRES	 3u
#define RDHWR_ULR	 29u

/* Cycles per tick of Count. */
#define COUNT_RESOLUTION 2u

static void gpr_set(struct arch_vcpu *vcpu, unsigned int number, uint32_t value)
{
	if (number != 0)
		vcpu->gpr[number] = value;
}

enum branch_result guest_next_pc(struct arch_vcpu *vcpu, uint32_t branch, uint32_t *next)
{
	*next = vcpu->pc + 4;
	if (vcpu->delay_slot == 0)
		return BRANCH_GOES;
	*next = vcpu->pc + 8;
	return branch_evaluate(vcpu, branch, next);
}

enum emulate_result guest_instruction_pass(struct arch_vcpu *vcpu, enum branch_result why,
					   uint32_t next)
{
	ASSERT(why != BRANCH_GOES);
	vcpu->delay_slot = 0;
	if (why == BRANCH_NONE) {
		guest_exception(vcpu, EXCEPTION_RESERVED);
		return EMULATE_EXCEPTION;
	}
	vcpu->pc = next;
	return EMULATE_DONE;
}

void guest_processor_reset(struct arch_vcpu *vcpu, const struct arch_guest *guest,
			   unsigned int cpu_number)
{
	ASSERT(guest->map != NULL && guest->model != NULL);
	for (unsigned int i = 0; i < ARRAY_SIZE(vcpu->gpr); i++)
		vcpu->gpr[i] = 0;
	vcpu->hi = 0;
	vcpu->lo = 0;
	vcpu->fcsr = 0;
	vcpu->access_bytes_left = 0;
	vcpu->map = guest->map;
	vcpu->model = guest->model;
	vcpu->tlb_size = guest->model->tlb_size;
	cp0_reset(vcpu, guest->features, cpu_number);
	guest_tlb_reset(vcpu);
	vcount_reset(vcpu, guest->count_hz, guest->count_start);
}

/* ---- coprocessor 0 ---- */

static unsigned int cp0_index(uint32_t instruction)
{
	return CP0(instruction_rd(instruction), instruction & 7);
}

/* DI and EI give Status as it was. */
static void interrupts_set(struct arch_vcpu *vcpu, uint32_t instruction, bool enabled)
{
	uint32_t status = guest_status(vcpu);

	gpr_set(vcpu, instruction_rt(instruction), status);
	vcpu->cp0[CP0_STATUS] = enabled ? status | STATUS_IE : status & ~STATUS_IE;
}

/* Of two levels the outer one, error, is left first. */
static void exception_return(struct arch_vcpu *vcpu)
{
	uint32_t *cp0 = vcpu->cp0;
	enum guest_mode mode = guest_mode(vcpu);

	if ((cp0[CP0_STATUS] & STATUS_ERL) != 0) {
		vcpu->pc = cp0[CP0_ERROREPC];
		cp0[CP0_STATUS] &= ~STATUS_ERL;
	} else {
		vcpu->pc = cp0[CP0_EPC];
		cp0[CP0_STATUS] &= ~STATUS_EXL;
	}
	if (guest_mode(vcpu) != mode)
		vcpu->changes |= GUEST_CHANGE_MODE;
}

/* ---- RDHWR ---- */

static uint32_t synci_step(const struct arch_vcpu *vcpu)
{
	/* Config1.DL: lines of 2 << DL bytes. */
	return 2u << (vcpu->cp0[CP0_CONFIG1] >> 10 & 7);
}

static uint32_t hardware_register_read(struct arch_vcpu *vcpu, unsigned int number)
{
	switch (number) {
	case RDHWR_CPUNUM:
		return vcpu->cp0[CP0_EBASE] & EBASE_CPUNUM;
	case RDHWR_SYNCI_STEP:
		return synci_step(vcpu);
	case RDHWR_CC:
		return vcount_read(vcpu);
	case RDHWR_CCRES:
		return COUNT_RESOLUTION;
	default:
		return vcpu->cp0[CP0_USERLOCAL];
	}
}

static bool cp0_is_usable(const struct arch_vcpu *vcpu)
{
	return guest_in_kernel(vcpu) || (guest_status(vcpu) & STATUS_CU0) != 0;
}

static bool hardware_register_exists(const struct arch_vcpu *vcpu, unsigned int number)
{
	if (number == RDHWR_ULR)
		return (vcpu->cp0[CP0_CONFIG3] & CONFIG3_ULRI) != 0;
	return number <= RDHWR_CCRES;
}

static enum emulate_result rdhwr(struct arch_vcpu *vcpu, uint32_t instruction, uint32_t next)
{
	unsigned int number = instruction_rd(instruction);
	bool enabled = (vcpu->cp0[CP0_HWRENA] >> number & 1) != 0;

	if (!hardware_register_exists(vcpu, number) || (!enabled && !cp0_is_usable(vcpu))) {
		guest_exception(vcpu, EXCEPTION_RESERVED);
		return EMULATE_EXCEPTION;
	}
	gpr_set(vcpu, instruction_rt(instruction), hardware_register_read(vcpu, number));
	vcpu->pc = next;
	vcpu->delay_slot = 0;
	return EMULATE_DONE;
}

/* ---- caches ---- */

#define ACTION_NONE 0xffu

/* By the operation's upper three bits, for the instruction and the data cache. */
static const uint8_t cache_actions[2][8] = {
	{ GUEST_CACHE_CODE_INDEX, ACTION_NONE, GUEST_CACHE_CODE_INDEX, ACTION_NONE,
	  GUEST_CACHE_CODE, ACTION_NONE, ACTION_NONE, ACTION_NONE },
	{ GUEST_CACHE_DATA_INDEX, ACTION_NONE, GUEST_CACHE_DATA_INDEX, ACTION_NONE,
	  GUEST_CACHE_DATA_DISCARD, GUEST_CACHE_DATA_DISCARD, GUEST_CACHE_DATA_WRITEBACK,
	  ACTION_NONE },
};

#define CACHE_INDEX_LOAD_TAG 1u

static bool action_has_address(uint8_t action)
{
	return action != GUEST_CACHE_CODE_INDEX && action != GUEST_CACHE_DATA_INDEX;
}

/* `action` on the address that the instruction names; may fault as a load. */
static enum emulate_result cache_operate(struct arch_vcpu *vcpu, uint32_t instruction,
					 uint32_t next, uint8_t action)
{
	uint32_t va = vcpu->gpr[instruction_rs(instruction)] +
		      (uint32_t)instruction_immediate(instruction);
	struct guest_translation translation = { 0 };

	if (action_has_address(action) &&
	    !guest_translate(vcpu, va, GUEST_ACCESS_LOAD, &translation)) {
		guest_translation_fault(vcpu, va, GUEST_ACCESS_LOAD, &translation);
		return EMULATE_EXCEPTION;
	}
	vcpu->cache.va = va;
	vcpu->cache.gpa = translation.gpa;
	vcpu->cache.action = action;
	vcpu->pc = next;
	vcpu->delay_slot = 0;
	return EMULATE_CACHE;
}

static enum emulate_result cache(struct arch_vcpu *vcpu, uint32_t instruction, uint32_t next)
{
	unsigned int which = instruction_rt(instruction) & 3;
	unsigned int what = instruction_rt(instruction) >> 2;
	/* There is no second or third level. */
	uint8_t action = which < 2 ? cache_actions[which][what] : ACTION_NONE;

	if (action != ACTION_NONE)
		return cache_operate(vcpu, instruction, next, action);
	if (what == CACHE_INDEX_LOAD_TAG && which < 2) {
		/* No line is valid at any time: true as far as software can tell. */
		vcpu->cp0[which == 0 ? CP0_TAGLO : CP0_DTAGLO] = 0;
		vcpu->cp0[CP0_DATALO] = 0;
	}
	vcpu->pc = next;
	vcpu->delay_slot = 0;
	return EMULATE_DONE;
}

/* ---- all of it ---- */

/* What has no effect but on registers and the TLB. False: not such an operation. */
static bool simple_execute(struct arch_vcpu *vcpu, enum operation operation, uint32_t instruction)
{
	unsigned int rt = instruction_rt(instruction), rd = instruction_rd(instruction);

	switch (operation) {
	case OPERATION_MFC0:
		gpr_set(vcpu, rt, cp0_read(vcpu, cp0_index(instruction)));
		return true;
	case OPERATION_MTC0:
		cp0_write(vcpu, cp0_index(instruction), vcpu->gpr[rt]);
		return true;
	case OPERATION_RDPGPR:
	case OPERATION_WRPGPR:
		/* The one register set is also the previous one. */
		gpr_set(vcpu, rd, vcpu->gpr[rt]);
		return true;
	case OPERATION_DI:
	case OPERATION_EI:
		interrupts_set(vcpu, instruction, operation == OPERATION_EI);
		return true;
	case OPERATION_TLBR:
		guest_tlbr(vcpu);
		return true;
	case OPERATION_TLBWI:
		guest_tlbwi(vcpu);
		return true;
	case OPERATION_TLBWR:
		guest_tlbwr(vcpu);
		return true;
	case OPERATION_TLBP:
		guest_tlbp(vcpu);
		return true;
	case OPERATION_TLBINV:
		guest_tlbinv(vcpu);
		return true;
	case OPERATION_TLBINVF:
		guest_tlbinvf(vcpu);
		return true;
	default:
		return false;
	}
}

/* Whether the presented processor has the operation at all. */
static bool operation_exists(const struct arch_vcpu *vcpu, enum operation operation)
{
	switch (operation) {
	case OPERATION_RESERVED:
		return false;
	case OPERATION_TLBINV:
	case OPERATION_TLBINVF:
		return (vcpu->cp0[CP0_CONFIG4] & CONFIG4_IE) == CONFIG4_IE_INVALIDATE;
	case OPERATION_ERETNC:
		return (vcpu->cp0[CP0_CONFIG5] & CONFIG5_LLB) != 0;
	default:
		return true;
	}
}

/* `next` is where execution goes on behind the instruction, which is not nullified. */
static enum emulate_result operation_execute(struct arch_vcpu *vcpu, enum operation operation,
					     uint32_t instruction, uint32_t next)
{
	switch (operation) {
	case OPERATION_RDHWR:
		return rdhwr(vcpu, instruction, next);
	case OPERATION_CACHE:
		return cache(vcpu, instruction, next);
	case OPERATION_SYNCI:
		return cache_operate(vcpu, instruction, next, GUEST_CACHE_SYNCHRONIZE);
	case OPERATION_ERET:
	case OPERATION_ERETNC:
		exception_return(vcpu);
		vcpu->delay_slot = 0;
		if (operation == OPERATION_ERETNC)
			return EMULATE_DONE;
		vcpu->changes |= GUEST_CHANGE_LINKED;
		return EMULATE_RETURN;
	default:
		break;
	}
	if (operation != OPERATION_WAIT && !simple_execute(vcpu, operation, instruction))
		return EMULATE_NATIVE;
	vcpu->pc = next;
	vcpu->delay_slot = 0;
	return operation == OPERATION_WAIT ? EMULATE_WAIT : EMULATE_DONE;
}

/* The unit that the operation needs and the guest has not enabled; -1: none. */
static int unit_missing(const struct arch_vcpu *vcpu, enum operation operation,
			uint32_t instruction)
{
	if (operation_is_privileged(instruction))
		return cp0_is_usable(vcpu) ? -1 : 0;
	if (operation == OPERATION_COPROCESSOR1)
		return (guest_status(vcpu) & STATUS_CU1) != 0 ? -1 : 1;
	return operation == OPERATION_COPROCESSOR2 ? 2 : -1;
}

enum emulate_result emulate_instruction(struct arch_vcpu *vcpu, uint32_t instruction,
					uint32_t branch)
{
	enum operation operation = operation_decode(instruction);
	int missing = unit_missing(vcpu, operation, instruction);
	enum branch_result way;
	uint32_t next;

	if ((vcpu->pc & 3) != 0) {
		guest_exception_address(vcpu, EXCEPTION_ADDRESS_LOAD, vcpu->pc);
		return EMULATE_EXCEPTION;
	}
	if (missing >= 0) {
		guest_exception_coprocessor(vcpu, (unsigned int)missing);
		return EMULATE_EXCEPTION;
	}
	if (!operation_exists(vcpu, operation)) {
		guest_exception(vcpu, EXCEPTION_RESERVED);
		return EMULATE_EXCEPTION;
	}
	way = guest_next_pc(vcpu, branch, &next);
	if (way != BRANCH_GOES)
		return guest_instruction_pass(vcpu, way, next);
	return operation_execute(vcpu, operation, instruction, next);
}

const char *guest_register_name(unsigned int number)
{
	static const char *const names[32] = {
		"zero", "at", "v0", "v1", "a0", "a1", "a2", "a3", "t0", "t1", "t2",
		"t3",	"t4", "t5", "t6", "t7", "s0", "s1", "s2", "s3", "s4", "s5",
		"s6",	"s7", "t8", "t9", "k0", "k1", "gp", "sp", "fp", "ra",
	};

	ASSERT(number < ARRAY_SIZE(names));
	return names[number];
}

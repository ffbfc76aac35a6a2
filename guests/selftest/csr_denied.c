// SPDX-License-Identifier: BSD-2-Clause
/*
 * What a supervisor without the H extension does not have: higher CSRs, instructions of
 * hypervisors, and its own privileged instructions in U-mode. All are illegal instructions, as on
 * hardware.
 */
#include "selftest.h"

#define CSRR_A0(csr)   ((uint32_t)(csr) << 20 | 0x00002573u) /* csrr a0, csr */
#define CSRW_ZERO(csr) ((uint32_t)(csr) << 20 | 0x00001073u) /* csrw csr, zero */

#define INSTRUCTION_SRET 0x10200073u
#define INSTRUCTION_MRET 0x30200073u
#define INSTRUCTION_WFI	 0x10500073u

/* On an illegal instruction stval is 0 or the instruction. */
static void expect_illegal(uint32_t instruction, struct trap trap, const char *where)
{
	if (!trap.taken || trap.cause != CAUSE_ILLEGAL_INSTRUCTION) {
		test_fail("%08x in %s: expected an illegal instruction, got %s (%ld)", instruction,
			  where, trap.taken ? trap_cause_name(trap.cause) : "no exception",
			  trap.taken ? (long)trap.cause : -1);
		return;
	}
	if (trap.value != 0 && trap.value != instruction)
		test_fail("%08x in %s: expected stval to be 0 or the instruction, got 0x%lx",
			  instruction, where, trap.value);
}

static void expect_illegal_supervisor(uint32_t instruction)
{
	expect_illegal(instruction, trap_execute(instruction), "S-mode");
}

static struct trap user_execute(uint32_t instruction)
{
	struct context context;

	context_init(&context, 0);
	context.frame.status &= ~SSTATUS_SPP;
	return context_execute(&context, instruction);
}

static void expect_illegal_user(uint32_t instruction)
{
	expect_illegal(instruction, user_execute(instruction), "U-mode");
}

static void expect_csrs_illegal(const uint16_t *csrs, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		expect_illegal_supervisor(CSRR_A0(csrs[i]));
		expect_illegal_supervisor(CSRW_ZERO(csrs[i]));
		expect_illegal_user(CSRR_A0(csrs[i]));
	}
}

static const uint16_t hypervisor_csrs[] = {
	0x600, /* hstatus */
	0x602, /* hedeleg */
	0x603, /* hideleg */
	0x604, /* hie */
	0x606, /* hcounteren */
	0x607, /* hgeie */
	0x60a, /* henvcfg */
	0x643, /* htval */
	0x644, /* hip */
	0x645, /* hvip */
	0x64a, /* htinst */
	0x680, /* hgatp */
	0x6a8, /* hcontext */
	0xe12, /* hgeip */
};

TEST(hypervisor_csrs_illegal, "denied: the hypervisor's CSRs are illegal instructions")
{
	static const uint16_t time_delta = 0x605;

	expect_csrs_illegal(hypervisor_csrs, ARRAY_SIZE(hypervisor_csrs));
	/* OpenSBI emulates this one even for a machine without the H extension. */
	if (!machine.bare)
		expect_csrs_illegal(&time_delta, 1);
}

static const uint16_t guest_csrs[] = {
	0x200, /* vsstatus */
	0x204, /* vsie */
	0x205, /* vstvec */
	0x240, /* vsscratch */
	0x241, /* vsepc */
	0x242, /* vscause */
	0x243, /* vstval */
	0x244, /* vsip */
	0x24d, /* vstimecmp */
	0x280, /* vsatp */
};

TEST(guest_csrs_illegal, "denied: the CSRs of a guest's guest are illegal instructions")
{
	expect_csrs_illegal(guest_csrs, ARRAY_SIZE(guest_csrs));
}

static const uint16_t machine_csrs[] = {
	0x300, /* mstatus */
	0x301, /* misa */
	0x302, /* medeleg */
	0x303, /* mideleg */
	0x304, /* mie */
	0x305, /* mtvec */
	0x306, /* mcounteren */
	0x30a, /* menvcfg */
	0x320, /* mcountinhibit */
	0x340, /* mscratch */
	0x341, /* mepc */
	0x342, /* mcause */
	0x343, /* mtval */
	0x344, /* mip */
	0x34a, /* mtinst */
	0x34b, /* mtval2 */
	0x3a0, /* pmpcfg0 */
	0x3b0, /* pmpaddr0 */
	0x747, /* mseccfg */
	0x7a0, /* tselect */
	0x7b0, /* dcsr */
	0xb00, /* mcycle */
	0xb02, /* minstret */
	0xf11, /* mvendorid */
	0xf14, /* mhartid */
};

TEST(machine_csrs_illegal, "denied: the machine's CSRs are illegal instructions")
{
	expect_csrs_illegal(machine_csrs, ARRAY_SIZE(machine_csrs));
}

static const uint16_t absent_csrs[] = {
	0x1ff, 0x5c0, 0x5ff, 0x6c0, 0x800, 0x8ff, 0x9c0, 0xac0, 0xcc0,
};

TEST(absent_csrs_illegal, "denied: CSRs that do not exist are illegal instructions")
{
	expect_csrs_illegal(absent_csrs, ARRAY_SIZE(absent_csrs));
}

TEST(read_only_csrs, "denied: writing a read-only CSR is an illegal instruction")
{
	expect_illegal_supervisor(CSRW_ZERO(CSR_CYCLE));
	expect_illegal_supervisor(CSRW_ZERO(CSR_TIME));
	expect_illegal_supervisor(CSRW_ZERO(CSR_INSTRET));
}

TEST(other_counters, "denied: a further counter reads or is an illegal instruction")
{
	for (uint32_t counter = 3; counter < 32; counter++) {
		struct trap trap = trap_execute(CSRR_A0(0xc00 + counter));

		if (trap.taken)
			expect_illegal(CSRR_A0(0xc00 + counter), trap, "S-mode");
	}
}

/* With a0 as address or operand, for those that take one. */
static const uint32_t hypervisor_instructions[] = {
	0x60054573, /* hlv.b a0, (a0) */
	0x60154573, /* hlv.bu */
	0x64054573, /* hlv.h */
	0x64154573, /* hlv.hu */
	0x68054573, /* hlv.w */
	0x68154573, /* hlv.wu */
	0x6c054573, /* hlv.d */
	0x64354573, /* hlvx.hu */
	0x68354573, /* hlvx.wu */
	0x62a54073, /* hsv.b a0, (a0) */
	0x66a54073, /* hsv.h */
	0x6aa54073, /* hsv.w */
	0x6ea54073, /* hsv.d */
	0x22000073, /* hfence.vvma */
	0x62000073, /* hfence.gvma */
	0x26000073, /* hinval.vvma */
	0x66000073, /* hinval.gvma */
};

TEST(hypervisor_instructions_illegal, "denied: a hypervisor's instructions are illegal")
{
	for (unsigned int i = 0; i < ARRAY_SIZE(hypervisor_instructions); i++) {
		expect_illegal_supervisor(hypervisor_instructions[i]);
		expect_illegal_user(hypervisor_instructions[i]);
	}
}

static const uint32_t absent_instructions[] = {
	0x7b200073, /* dret */
	0x00200073, /* uret */
	0x70200073, /* mnret */
	0xffffffff, /* all ones */
	0x0000707f, /* an unused length */
	0x0000000b, /* custom-0 */
	0x0000002b, /* custom-1 */
	0x0000700f, /* unused MISC-MEM */
};

TEST(absent_instructions_illegal, "denied: instructions that do not exist are illegal")
{
	for (unsigned int i = 0; i < ARRAY_SIZE(absent_instructions); i++) {
		expect_illegal_supervisor(absent_instructions[i]);
		expect_illegal_user(absent_instructions[i]);
	}
	expect_illegal_supervisor(0);
	/* For this one QEMU 10.0 gives a stale stval. */
	EXPECT_TRAP(trap_execute(INSTRUCTION_MRET), CAUSE_ILLEGAL_INSTRUCTION);
	EXPECT_TRAP(user_execute(INSTRUCTION_MRET), CAUSE_ILLEGAL_INSTRUCTION);
}

static const uint32_t supervisor_instructions[] = {
	INSTRUCTION_SRET, INSTRUCTION_WFI, 0x12000073, /* sfence.vma */
	0x10002573,				       /* csrr a0, sstatus */
	0x18002573,				       /* csrr a0, satp */
	0x14002573,				       /* csrr a0, sscratch */
	0x14d02573,				       /* csrr a0, stimecmp */
};

TEST(user_denied, "denied: in U-mode a supervisor's instructions are illegal")
{
	for (unsigned int i = 0; i < ARRAY_SIZE(supervisor_instructions); i++)
		expect_illegal_user(supervisor_instructions[i]);
}

TEST(breakpoints, "denied: a breakpoint is the guest's own, in both modes")
{
	struct context context;

	context_init(&context, 0);
	context_execute(&context, 0x00100073u);
	EXPECT_EQUAL(context.frame.cause, CAUSE_BREAKPOINT);
	context_init(&context, 0);
	context.frame.status &= ~SSTATUS_SPP;
	context_execute(&context, 0x00100073u);
	EXPECT_EQUAL(context.frame.cause, CAUSE_BREAKPOINT);
}

/* An exception must leave nothing of a hypervisor's in the registers that the guest sees. */
TEST(exception_state,
     "denied: after an illegal instruction every register but the trap's is as it was")
{
	struct context context;

	context_init(&context, 0);
	for (unsigned int i = 1; i < 32; i++)
		context.frame.x[i] = 0x0202020202020202ul * i;
	EXPECT_TRAP(context_execute(&context, CSRR_A0(0x600)), CAUSE_ILLEGAL_INSTRUCTION);
	for (unsigned long i = 1; i < 32; i++)
		if (context.frame.x[i] != 0x0202020202020202ul * i)
			test_fail("x%lu: expected it unchanged, got 0x%lx", i, context.frame.x[i]);
	EXPECT(context.frame.status & SSTATUS_SPP);
	EXPECT_EQUAL(context.frame.status & ~SSTATUS_SPP & 0x80, 0);
}

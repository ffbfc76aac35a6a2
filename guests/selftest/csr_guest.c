// SPDX-License-Identifier: BSD-2-Clause
/*
 * The guest's own CSRs: what can be written reads back, what is reserved
 * does not stick. (Privileged specification, ch. "Supervisor-Level ISA".)
 */
#include "paging.h"
#include "selftest.h"

#define SIE_BITS      (1ul << 1 | 1ul << 5 | 1ul << 9)
#define SIE_OVERFLOW  (1ul << 13) /* Sscofpmf */
#define PATTERN	      0x5a5aa5a55a5aa5a4ul
#define COUNTER_CYCLE (1ul << 0)
#define COUNTERS_BASE 7ul

#define SSTATUS_UXL (3ul << 32)
/* sstatus as a supervisor may see it: SIE SPIE UBE SPP VS FS XS SUM MXR SPELP SDT UXL SD. */
#define SSTATUS_VISIBLE                                                                  \
	(SSTATUS_SIE | SSTATUS_SPIE | 1ul << 6 | SSTATUS_SPP | SSTATUS_VS | SSTATUS_FS | \
	 3ul << 15 | SSTATUS_SUM | SSTATUS_MXR | 1ul << 23 | 1ul << 24 | SSTATUS_UXL | 1ul << 63)

#define RDCYCLE_A0 0xc0002573u

TEST(sscratch_reads_back, "csr: sscratch keeps all 64 bits")
{
	unsigned long old = csr_read(CSR_SSCRATCH);
	unsigned long seen[2];

	csr_write(CSR_SSCRATCH, PATTERN);
	seen[0] = csr_read(CSR_SSCRATCH);
	csr_write(CSR_SSCRATCH, ~PATTERN);
	seen[1] = csr_read(CSR_SSCRATCH);
	csr_write(CSR_SSCRATCH, old);
	EXPECT_EQUAL(seen[0], PATTERN);
	EXPECT_EQUAL(seen[1], ~PATTERN);
}

TEST(stvec_reads_back, "csr: stvec takes both modes and keeps out reserved ones")
{
	unsigned long old = csr_read(CSR_STVEC);
	unsigned long direct, vectored, reserved;

	csr_write(CSR_STVEC, 0x80345678ul);
	direct = csr_read(CSR_STVEC);
	csr_write(CSR_STVEC, 0x80345600ul | 1);
	vectored = csr_read(CSR_STVEC);
	csr_write(CSR_STVEC, 0x80345600ul | 3);
	reserved = csr_read(CSR_STVEC);
	csr_write(CSR_STVEC, old);
	EXPECT_EQUAL(direct, 0x80345678ul);
	EXPECT_EQUAL(vectored, 0x80345601ul);
	EXPECT((reserved & 3) < 2);
}

TEST(trap_registers, "csr: sepc, scause and stval read back")
{
	csr_write(CSR_SEPC, 0x0000003f12345678ul);
	EXPECT_EQUAL(csr_read(CSR_SEPC), 0x0000003f12345678ul);
	csr_write(CSR_SCAUSE, SCAUSE_INTERRUPT | 5);
	EXPECT_EQUAL(csr_read(CSR_SCAUSE), SCAUSE_INTERRUPT | 5);
	csr_write(CSR_STVAL, PATTERN);
	EXPECT_EQUAL(csr_read(CSR_STVAL), PATTERN);
}

TEST(sie_bits, "csr: sie holds the supervisor's interrupts and no others")
{
	unsigned long seen;

	csr_write(CSR_SIE, -1ul);
	seen = csr_read(CSR_SIE);
	csr_write(CSR_SIE, 0);
	EXPECT_EQUAL(seen & ~SIE_OVERFLOW, SIE_BITS);
	EXPECT_EQUAL(csr_read(CSR_SIE), 0);
}

TEST(sip_bits, "csr: of sip only the software interrupt can be written")
{
	unsigned long seen;

	csr_write(CSR_SIP, -1ul);
	seen = csr_read(CSR_SIP);
	csr_write(CSR_SIP, 0);
	EXPECT_EQUAL(seen & ~SIE_OVERFLOW, 1ul << INTERRUPT_SOFTWARE);
	EXPECT_EQUAL(csr_read(CSR_SIP) & ~SIE_OVERFLOW, 0);
}

TEST(sstatus_bits, "csr: sstatus shows nothing but a supervisor's fields")
{
	unsigned long old = csr_read(CSR_SSTATUS);
	unsigned long seen;

	csr_write(CSR_SSTATUS, (~SSTATUS_UXL & ~SSTATUS_SIE) | (old & SSTATUS_UXL));
	seen = csr_read(CSR_SSTATUS);
	csr_write(CSR_SSTATUS, old);
	EXPECT_EQUAL(seen & ~SSTATUS_VISIBLE, 0);
	EXPECT(seen & SSTATUS_SUM);
	EXPECT(seen & SSTATUS_MXR);
	EXPECT_EQUAL((seen & SSTATUS_UXL) >> 32, 2);
}

TEST(satp_modes, "csr: satp ignores a write with an unknown mode, and takes Sv39")
{
	unsigned long seen;

	for (unsigned long mode = 1; mode < 8; mode++) {
		csr_write(CSR_SATP, mode << 60 | 0x80200);
		EXPECT_EQUAL(csr_read(CSR_SATP), 0);
	}
	paging_prepare();
	paging_on();
	seen = csr_read(CSR_SATP);
	paging_off();
	EXPECT_EQUAL(seen & SATP_MODE, SATP_MODE_SV39);
	EXPECT_EQUAL(csr_read(CSR_SATP), 0);
}

TEST(scounteren_user, "csr: scounteren decides whether U-mode may read a counter")
{
	unsigned long old = csr_read(CSR_SCOUNTEREN);
	struct context context;

	EXPECT_EQUAL(old & COUNTERS_BASE, COUNTERS_BASE);
	csr_write(CSR_SCOUNTEREN, 0);
	EXPECT_EQUAL(csr_read(CSR_SCOUNTEREN), 0);
	context_init(&context, 0);
	context.frame.status &= ~SSTATUS_SPP;
	EXPECT_TRAP(context_execute(&context, RDCYCLE_A0), CAUSE_ILLEGAL_INSTRUCTION);
	csr_write(CSR_SCOUNTEREN, COUNTER_CYCLE);
	context_init(&context, 0);
	context.frame.status &= ~SSTATUS_SPP;
	EXPECT_NO_TRAP(context_execute(&context, RDCYCLE_A0));
	csr_write(CSR_SCOUNTEREN, old);
}

TEST(counters, "csr: cycle, time and instret can be read and move on")
{
	uint64_t cycle = csr_read(CSR_CYCLE);
	uint64_t instret = csr_read(CSR_INSTRET);

	EXPECT(time_wait_for(csr_read(CSR_CYCLE) != cycle, TIME_PATIENCE));
	EXPECT(time_wait_for(csr_read(CSR_INSTRET) != instret, TIME_PATIENCE));
}

TEST(senvcfg_reads_back, "csr: senvcfg can be cleared and set back")
{
	unsigned long old = csr_read(CSR_SENVCFG);

	csr_write(CSR_SENVCFG, 0);
	EXPECT_EQUAL(csr_read(CSR_SENVCFG), 0);
	csr_write(CSR_SENVCFG, old);
	EXPECT_EQUAL(csr_read(CSR_SENVCFG), old);
}

/* Each hart writes what is its own and looks after it for a while. */
static volatile uint64_t csr_changes;

static void csr_hold(void *argument)
{
	uint64_t mark = 0x1111111111111110ul * (hart_self()->index + 1);
	uint64_t end = time_now() + time_ticks(60000);

	(void)argument;
	csr_write(CSR_SEPC, mark);
	csr_write(CSR_STVAL, mark);
	csr_write(CSR_SENVCFG, 0);
	while (time_now() < end) {
		if (csr_read(CSR_SEPC) != mark || csr_read(CSR_STVAL) != mark ||
		    csr_read(CSR_SATP) != 0 || csr_read(CSR_SSCRATCH) != (uintptr_t)hart_self())
			__atomic_fetch_add(&csr_changes, 1, __ATOMIC_SEQ_CST);
	}
}

TEST(csr_per_hart, "csr: each hart keeps its own while they take turns")
{
	csr_changes = 0;
	for (unsigned int index = 1; index < hart_count; index++)
		EXPECT_EQUAL(hart_run(index, csr_hold, NULL), 0);
	csr_hold(NULL);
	for (unsigned int index = 1; index < hart_count; index++)
		EXPECT(hart_join(index));
	EXPECT_EQUAL(csr_changes, 0);
}

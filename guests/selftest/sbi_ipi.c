// SPDX-License-Identifier: BSD-2-Clause
/*
 * SBI: interrupts between harts. (SBI specification, ch. 7, and hart masks in ch. 3.)
 */
#include <runtime/sbi.h>

#include "selftest.h"

#define SOFTWARE_BIT (1ul << INTERRUPT_SOFTWARE)

static long send_ipi(unsigned long mask, unsigned long base)
{
	return sbi_call(SBI_EXTENSION_IPI, 0, mask, base).error;
}

static bool software_pending(void)
{
	return (csr_read(CSR_SIP) & SOFTWARE_BIT) != 0;
}

TEST(ipi_self, "ipi: to the caller itself")
{
	EXPECT_EQUAL(send_ipi(1, hart_self()->id), SBI_SUCCESS);
	EXPECT(time_wait_for(software_pending(), TIME_PATIENCE));
	csr_clear(CSR_SIP, SOFTWARE_BIT);
	EXPECT(!software_pending());
}

TEST(ipi_self_taken, "ipi: the interrupt is taken once")
{
	struct hart *hart = hart_self();
	uint64_t before = hart->interrupts[INTERRUPT_SOFTWARE];

	csr_set(CSR_SIE, SOFTWARE_BIT);
	csr_set(CSR_SSTATUS, SSTATUS_SIE);
	EXPECT_EQUAL(send_ipi(1, hart->id), SBI_SUCCESS);
	EXPECT(time_wait_for(hart->interrupts[INTERRUPT_SOFTWARE] == before + 1, TIME_PATIENCE));
	EXPECT(!software_pending());
}

TEST(ipi_sip_write, "ipi: sip.SSIP can be set and cleared by the hart itself")
{
	csr_set(CSR_SIP, SOFTWARE_BIT);
	EXPECT(software_pending());
	csr_clear(CSR_SIP, SOFTWARE_BIT);
	EXPECT(!software_pending());
}

TEST(ipi_all, "ipi: mask base -1 means every hart, whatever the mask says")
{
	EXPECT_EQUAL(send_ipi(0, -1ul), SBI_SUCCESS);
	EXPECT(time_wait_for(software_pending(), TIME_PATIENCE));
}

TEST(ipi_nobody, "ipi: an empty mask is no error and interrupts nobody")
{
	EXPECT_EQUAL(send_ipi(0, 0), SBI_SUCCESS);
	EXPECT(!software_pending());
}

TEST(ipi_bad_mask, "ipi: a mask or base beyond the harts is an invalid parameter")
{
	EXPECT_EQUAL(send_ipi(1, 1000), SBI_INVALID_PARAM);
	EXPECT_EQUAL(send_ipi(1, -2ul), SBI_INVALID_PARAM);
	EXPECT_EQUAL(send_ipi(1ul << 1, -2ul), SBI_INVALID_PARAM);
	/* OpenSBI passes over absent harts of a mask, and looks at the low 32 bits of the base
	 * only. */
	if (machine.bare)
		return;
	EXPECT_EQUAL(send_ipi(1ul << 63, 0), SBI_INVALID_PARAM);
	EXPECT_EQUAL(send_ipi(1, 1ul << 63), SBI_INVALID_PARAM);
}

TEST(ipi_wfi, "ipi: ends a wait of another hart's making")
{
	csr_set(CSR_SIE, SOFTWARE_BIT);
	EXPECT_EQUAL(send_ipi(1, hart_self()->id), SBI_SUCCESS);
	__asm__ volatile("wfi");
	EXPECT(time_wait_for(software_pending(), TIME_PATIENCE));
}

/* Static, for a hart that is late must not write to a stack that is gone. */
static struct ipi_peer {
	volatile bool ready;
	volatile uint64_t asked;
	volatile uint64_t taken;
} ipi_peer;

/* Sleeps until it is interrupted, so many times as `asked` says. */
static void ipi_sleeper(void *argument)
{
	struct ipi_peer *peer = argument;

	peer->ready = true;
	while (peer->taken < peer->asked) {
		csr_set(CSR_SIE, SOFTWARE_BIT);
		while (!software_pending())
			__asm__ volatile("wfi");
		csr_clear(CSR_SIP, SOFTWARE_BIT);
		__asm__ volatile("fence rw, rw" : : : "memory");
		peer->taken++;
	}
}

/* An interrupt that is sent before the hart runs may be lost, so wait for it. */
static bool ipi_peer_start(unsigned int index, uint64_t count)
{
	ipi_peer = (struct ipi_peer){ .asked = count };
	if (!EXPECT_EQUAL(hart_run(index, ipi_sleeper, &ipi_peer), SBI_SUCCESS))
		return false;
	return EXPECT(time_wait_for(ipi_peer.ready, TIME_PATIENCE));
}

TEST(ipi_other, "ipi: wakes each other hart out of WFI, a hundred times")
{
	SKIP_UNLESS(hart_count > 1, "one hart only");
	for (unsigned int index = 1; index < hart_count; index++) {
		REQUIRE(ipi_peer_start(index, 100));
		for (uint64_t i = 0; i < ipi_peer.asked; i++) {
			EXPECT_EQUAL(send_ipi(1, harts[index].id), SBI_SUCCESS);
			if (!time_wait_for(ipi_peer.taken > i, TIME_PATIENCE))
				test_fail("hart %lu: interrupt %lu was not taken", harts[index].id,
					  i);
		}
		EXPECT(hart_join(index));
	}
}

TEST(ipi_mask_base, "ipi: mask and base together pick the hart")
{
	SKIP_UNLESS(hart_count > 1, "one hart only");
	REQUIRE(ipi_peer_start(1, 1));
	EXPECT_EQUAL(send_ipi(1ul << harts[1].id, 0), SBI_SUCCESS);
	EXPECT(time_wait_for(ipi_peer.taken == 1, TIME_PATIENCE));
	EXPECT(!software_pending());
	EXPECT(hart_join(1));
}

TEST(ipi_stopped, "ipi: a stopped hart is not started by one")
{
	SKIP_UNLESS(hart_count > 1, "one hart only");
	EXPECT(hart_join(1));
	send_ipi(1, harts[1].id);
	EXPECT_EQUAL(sbi_call(SBI_EXTENSION_HSM, SBI_HSM_STATUS, harts[1].id).value,
		     SBI_HSM_STOPPED);
}

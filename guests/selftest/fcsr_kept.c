// SPDX-License-Identifier: BSD-2-Clause
/*
 * The CSRs of the floating-point and vector units where nothing else of the units is changed: kept
 * while harts take turns.
 */
#include "selftest.h"

#define CSR_VCSR 0x00f
#define ROUNDS	 40

static volatile bool stop;
static uint64_t wrong_values;

static void sleep_briefly(void)
{
	uint64_t deadline = time_now() + time_ticks(300);

	timer_set(deadline);
	csr_set(CSR_SIE, 1ul << INTERRUPT_TIMER);
	while (time_now() < deadline)
		__asm__ volatile("wfi");
	csr_clear(CSR_SIE, 1ul << INTERRUPT_TIMER);
}

/* Needs time of a processor, so that harts change places on it. */
static void compute(void *argument)
{
	(void)argument;
	while (!stop)
		__asm__ volatile("" ::: "memory");
}

static void busy_begin(void)
{
	stop = false;
	for (unsigned int index = 1; index < hart_count; index++)
		EXPECT_EQUAL(hart_run(index, compute, NULL), 0);
}

static void busy_end(void)
{
	stop = true;
	for (unsigned int index = 1; index < hart_count; index++)
		EXPECT(hart_join(index));
}

TEST(fcsr_kept, "fpu: rounding mode and flags written by themselves are kept")
{
	SKIP_UNLESS(machine_has_extension("d"), "no D");
	csr_set(CSR_SSTATUS, SSTATUS_FS);
	busy_begin();
	wrong_values = 0;
	for (uint64_t round = 0; round < ROUNDS; round++) {
		uint64_t value = (round * 37 + 1) & 0x7f;

		csr_write(CSR_FCSR, value);
		sleep_briefly();
		wrong_values += csr_read(CSR_FCSR) != value;
	}
	busy_end();
	csr_clear(CSR_SSTATUS, SSTATUS_FS);
	EXPECT_EQUAL(wrong_values, 0);
}

TEST(vcsr_kept, "vector: vcsr and vstart written by themselves are kept")
{
	SKIP_UNLESS(machine_has_extension("v"), "no V");
	csr_set(CSR_SSTATUS, SSTATUS_VS);
	busy_begin();
	wrong_values = 0;
	for (uint64_t round = 0; round < ROUNDS; round++) {
		csr_write(CSR_VCSR, round % 8);
		csr_write(CSR_VSTART, round % 2);
		sleep_briefly();
		wrong_values += csr_read(CSR_VCSR) != round % 8;
		wrong_values += csr_read(CSR_VSTART) != round % 2;
	}
	busy_end();
	/* Or the next vector instruction would leave out its first element. */
	csr_write(CSR_VSTART, 0);
	csr_clear(CSR_SSTATUS, SSTATUS_VS);
	EXPECT_EQUAL(wrong_values, 0);
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * The vector unit's state across whatever else happens on the processor: nobody but this hart's own
 * program changes it. ("V" extension, section 3.)
 */
#include "selftest.h"

#define CSR_VCSR 0x00f

struct vector_csrs {
	uint64_t vstart, vcsr, vl, vtype;
};

/* vl 3 of 16-bit elements in groups of two registers; every element of v8 is `value`. */
static void vector_set(uint64_t value)
{
	__asm__ volatile(".option push\n\t"
			 ".option arch, +v\n\t"
			 "vsetvli t0, zero, e64, m1, ta, ma\n\t"
			 "vmv.v.x v8, %0\n\t"
			 "li t0, 3\n\t"
			 "vsetvli t0, t0, e16, m2, tu, mu\n\t"
			 ".option pop"
			 :
			 : "r"(value)
			 : "t0", "memory");
	csr_write(CSR_VCSR, 5);
	/* Last, for each vector instruction clears it: as if the next had been interrupted. */
	csr_write(CSR_VSTART, 2);
}

static struct vector_csrs vector_csrs_get(void)
{
	return (struct vector_csrs){ csr_read(CSR_VSTART), csr_read(CSR_VCSR), csr_read(CSR_VL),
				     csr_read(CSR_VTYPE) };
}

static uint64_t vector_get(void)
{
	uint64_t value;

	__asm__ volatile(".option push\n\t"
			 ".option arch, +v\n\t"
			 "vsetvli t0, zero, e64, m1, ta, ma\n\t"
			 "vmv.x.s %0, v8\n\t"
			 ".option pop"
			 : "=r"(value)
			 :
			 : "t0", "memory");
	return value;
}

static void sleep_briefly(void)
{
	uint64_t deadline = time_now() + time_ticks(200);

	timer_set(deadline);
	csr_set(CSR_SIE, 1ul << INTERRUPT_TIMER);
	while (time_now() < deadline)
		__asm__ volatile("wfi");
	csr_clear(CSR_SIE, 1ul << INTERRUPT_TIMER);
}

TEST(vector_kept, "vector: registers and CSRs, vstart too, are kept while the hart sleeps")
{
	struct vector_csrs before, after;

	SKIP_UNLESS(machine_has_extension("v"), "no V");
	csr_set(CSR_SSTATUS, SSTATUS_VS);
	for (uint64_t round = 0; round < 50; round++) {
		vector_set(0x1234567890ul + round);
		before = vector_csrs_get();
		sleep_briefly();
		after = vector_csrs_get();
		EXPECT_EQUAL(before.vstart, 2);
		EXPECT_EQUAL(after.vstart, before.vstart);
		EXPECT_EQUAL(after.vcsr, before.vcsr);
		EXPECT_EQUAL(after.vl, before.vl);
		EXPECT_EQUAL(after.vtype, before.vtype);
		EXPECT_EQUAL(vector_get(), 0x1234567890ul + round);
	}
	csr_clear(CSR_SSTATUS, SSTATUS_VS);
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * The MIPS port's virtual Count and Compare against a clock that the test sets.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "mips/processor.h"

#define NS_PER_TICK 10u /* at TEST_COUNT_HZ */

static bool is_pending(struct arch_vcpu *vcpu)
{
	vcount_update(vcpu);
	return (vcpu->cp0[CP0_CAUSE] & CAUSE_TI) != 0;
}

static void test_count_runs(void **state)
{
	struct arch_vcpu *vcpu = processor_make(0);

	(void)state;
	assert_int_equal(vcount_read(vcpu), 0);
	processor_clock_ns = 1000;
	assert_in_range(vcount_read(vcpu), 99, 100);
	/* Around, after 42.9 s; in an hour less than 10 us are lost. */
	processor_clock_ns = UINT64_C(3600) * NS_PER_S;
	assert_in_range((uint32_t)(processor_clock_ns / NS_PER_TICK) - vcount_read(vcpu), 0, 1000);
}

static void test_count_is_written(void **state)
{
	struct arch_vcpu *vcpu = processor_make(0);

	(void)state;
	processor_clock_ns = 123456789;
	vcount_write(vcpu, 0xfffffff0);
	assert_int_equal(vcount_read(vcpu), 0xfffffff0);
	processor_clock_ns += 0x20 * NS_PER_TICK;
	assert_in_range(vcount_read(vcpu), 0xf, 0x10);
}

static void test_start_is_offset(void **state)
{
	struct arch_vcpu *vcpu = processor_make(0);

	(void)state;
	vcount_reset(vcpu, TEST_COUNT_HZ, 0x80000000);
	assert_int_equal(vcount_read(vcpu), 0x80000000);
}

static void test_match(void **state)
{
	struct arch_vcpu *vcpu = processor_make(0);
	uint64_t deadline;

	(void)state;
	assert_false(is_pending(vcpu));
	assert_int_equal(vcount_deadline(vcpu), TIME_NEVER);
	vcount_compare_write(vcpu, 100);
	assert_int_equal(vcpu->changes, GUEST_CHANGE_TIMER);
	deadline = vcount_deadline(vcpu);
	assert_in_range(deadline, 1000, 1001);
	processor_clock_ns = 999;
	assert_false(is_pending(vcpu));
	processor_clock_ns = deadline;
	assert_true(is_pending(vcpu));
	assert_int_equal(vcpu->cp0[CP0_CAUSE], CAUSE_TI | CAUSE_IP7);
	assert_int_equal(vcount_deadline(vcpu), TIME_NEVER);
	/* A new Compare ends it. */
	vcount_compare_write(vcpu, 200);
	assert_false(is_pending(vcpu));
	assert_in_range(vcount_deadline(vcpu), 2000, 2020);
}

/* Compare behind Count matches only after Count has gone around. */
static void test_match_in_the_past(void **state)
{
	struct arch_vcpu *vcpu = processor_make(0);

	(void)state;
	processor_clock_ns = 100000;
	vcount_compare_write(vcpu, vcount_read(vcpu) - 1);
	assert_false(is_pending(vcpu));
	processor_clock_ns += UINT64_C(0xfffffff0) * NS_PER_TICK;
	assert_false(is_pending(vcpu));
	processor_clock_ns += 0x20 * NS_PER_TICK;
	assert_true(is_pending(vcpu));
}

/* Following the deadlines leads to the match, however far, in few steps and not early. */
static void test_deadlines_lead_there(void **state)
{
	static const uint32_t rates[] = { COUNT_HZ_MIN, 1234567,   24000000,	100000000,
					  160000000,	333333333, COUNT_HZ_MAX };
	static const uint32_t distances[] = { 1, 2, 1000, 0x7fffffff, 0x80000001, 0xffffffff };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rates); i++)
		for (size_t j = 0; j < ARRAY_SIZE(distances); j++) {
			struct arch_vcpu *vcpu = processor_make(0);
			unsigned int steps = 0;

			processor_clock_ns = UINT64_C(987654321987);
			vcount_reset(vcpu, rates[i], 0);
			vcount_write(vcpu, 5);
			vcount_compare_write(vcpu, 5 + distances[j]);
			while (!is_pending(vcpu)) {
				uint64_t deadline = vcount_deadline(vcpu);

				assert_true(deadline > processor_clock_ns);
				processor_clock_ns = deadline;
				assert_true(++steps < 6);
			}
			/* On the tick, or one or two behind. */
			assert_in_range((uint32_t)(vcount_read(vcpu) - 5 - distances[j]), 0,
					2 + distances[j] / 100000);
		}
}

static void test_stopped(void **state)
{
	struct arch_vcpu *vcpu = processor_make(0);

	(void)state;
	vcount_compare_write(vcpu, 100);
	processor_clock_ns = 505;
	cp0_write(vcpu, CP0_CAUSE, CAUSE_DC);
	processor_clock_ns = 5000;
	assert_in_range(vcount_read(vcpu), 49, 50);
	assert_false(is_pending(vcpu));
	assert_int_equal(vcount_deadline(vcpu), TIME_NEVER);
	cp0_write(vcpu, CP0_CAUSE, 0);
	assert_in_range(vcount_read(vcpu), 49, 50);
	assert_in_range(vcount_deadline(vcpu), 5500, 5520);
	processor_clock_ns = 5530;
	assert_true(is_pending(vcpu));
	/* A match from before the stop is seen in it. */
	vcount_compare_write(vcpu, 200);
	processor_clock_ns = 10000;
	cp0_write(vcpu, CP0_CAUSE, CAUSE_DC);
	assert_true((cp0_read(vcpu, CP0_CAUSE) & CAUSE_TI) != 0);
	vcount_write(vcpu, 77);
	processor_clock_ns = 20000;
	assert_int_equal(vcount_read(vcpu), 77);
}

static void test_match_is_not_lost(void **state)
{
	struct arch_vcpu *vcpu = processor_make(0);

	(void)state;
	vcount_compare_write(vcpu, 100);
	processor_clock_ns = 2000;
	/* Nobody has looked yet. */
	cp0_write(vcpu, CP0_COUNT, 0);
	assert_true(is_pending(vcpu));
	vcpu = processor_make(0);
	vcount_compare_write(vcpu, 100);
	processor_clock_ns = 2000;
	assert_true((cp0_read(vcpu, CP0_CAUSE) & CAUSE_IP7) != 0);
}

static void test_interrupt(void **state)
{
	struct arch_vcpu *vcpu = processor_make(0);

	(void)state;
	cp0_write(vcpu, CP0_STATUS, STATUS_IE | CAUSE_IP7);
	cp0_write(vcpu, CP0_COMPARE, 10);
	assert_false(guest_interrupt_deliverable(vcpu));
	processor_clock_ns = 200;
	vcount_update(vcpu);
	assert_true(guest_interrupt_deliverable(vcpu));
	/* A device on the same input keeps it up. */
	guest_irq_level_set(vcpu, 7, true);
	cp0_write(vcpu, CP0_COMPARE, 1000);
	assert_true(guest_interrupt_deliverable(vcpu));
	guest_irq_level_set(vcpu, 7, false);
	assert_false(guest_interrupt_deliverable(vcpu));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_count_runs),
		cmocka_unit_test(test_count_is_written),
		cmocka_unit_test(test_start_is_offset),
		cmocka_unit_test(test_match),
		cmocka_unit_test(test_match_in_the_past),
		cmocka_unit_test(test_deadlines_lead_there),
		cmocka_unit_test(test_stopped),
		cmocka_unit_test(test_match_is_not_lost),
		cmocka_unit_test(test_interrupt),
	};

	return cmocka_run_group_tests_name("mips_count", tests, NULL, NULL);
}

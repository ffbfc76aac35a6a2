// SPDX-License-Identifier: BSD-2-Clause
/*
 * How a test is written. A test is a function that TEST() registers; it passes unless an
 * expectation fails, and the first that fails is told. Each area is one file.
 */
#ifndef SELFTEST_H
#define SELFTEST_H

#include <runtime/console.h>
#include <runtime/csr.h>
#include <runtime/hart.h>
#include <runtime/machine.h>
#include <runtime/time.h>
#include <runtime/trap.h>

struct guest_test {
	const char *name; /* "area: what must be so" */
	void (*run)(void);
};

DECLARE_REGISTRY(guest_tests, struct guest_test);

#define TEST(function, description)                                                   \
	static void function(void);                                                   \
	static const struct guest_test function##_test = { (description), function }; \
	REGISTER_IN(guest_tests, struct guest_test, function##_test);                 \
	static void function(void)

/* Records the failure unless an earlier one stands. */
void test_fail(const char *format, ...) PRINTF_LIKE(1, 2);
/* The test cannot be made here. */
void test_skip(const char *reason);

bool test_equal(const char *what, uint64_t actual, uint64_t expected);
bool test_true(const char *what, bool value);
bool test_no_trap(const char *what, struct trap trap);
bool test_trap(const char *what, struct trap trap, uint64_t cause);
/* The exception, and stval as well. */
bool test_trap_value(const char *what, struct trap trap, uint64_t cause, uint64_t value);

/* These go on after a failure... */
#define EXPECT(condition)	       test_true(#condition, (condition))
#define EXPECT_EQUAL(actual, expected) test_equal(#actual, (uint64_t)(actual), (uint64_t)(expected))
#define EXPECT_NO_TRAP(trap)	       test_no_trap(#trap, (trap))
#define EXPECT_TRAP(trap, cause)       test_trap(#trap, (trap), (cause))
#define EXPECT_TRAP_VALUE(trap, cause, value) \
	test_trap_value(#trap, (trap), (cause), (uint64_t)(value))

/* ...and these end the test. */
#define REQUIRE(condition)              \
	do {                            \
		if (!EXPECT(condition)) \
			return;         \
	} while (0)

#define SKIP_UNLESS(condition, reason)     \
	do {                               \
		if (!(condition)) {        \
			test_skip(reason); \
			return;            \
		}                          \
	} while (0)

/* Memory of its own for a test: pages that no other uses at the same time, not zeroed. */
#define SCRATCH_PAGES 32
extern uint8_t scratch[SCRATCH_PAGES][4096];

/* A physical address where no machine of ours has anything: neither RAM nor device. */
#define NOTHING_ADDRESS 0x00200000ul

#endif

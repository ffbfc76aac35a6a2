// SPDX-License-Identifier: BSD-2-Clause
/*
 * Runs every registered test on the hart that was started, each under a net that catches
 * exceptions, and tells the outcome as TAP lines. The last line is `selftest: N passed, N failed, N
 * skipped`.
 */
#include <stdarg.h>
#include <stdio.h>

#include "selftest.h"

#define MESSAGE_SIZE 512

enum outcome {
	OUTCOME_PASSED,
	OUTCOME_FAILED,
	OUTCOME_SKIPPED,
	OUTCOME_COUNT,
};

uint8_t scratch[SCRATCH_PAGES][4096] __attribute__((aligned(65536)));

static enum outcome outcome;
static char message[MESSAGE_SIZE];

void test_fail(const char *format, ...)
{
	va_list arguments;

	if (outcome == OUTCOME_FAILED)
		return;
	outcome = OUTCOME_FAILED;
	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
}

void test_skip(const char *reason)
{
	if (outcome == OUTCOME_FAILED)
		return;
	outcome = OUTCOME_SKIPPED;
	snprintf(message, sizeof(message), "%s", reason);
}

bool test_equal(const char *what, uint64_t actual, uint64_t expected)
{
	if (actual == expected)
		return true;
	test_fail("%s: expected 0x%lx, got 0x%lx", what, (unsigned long)expected,
		  (unsigned long)actual);
	return false;
}

bool test_true(const char *what, bool value)
{
	if (!value)
		test_fail("expected %s", what);
	return value;
}

bool test_no_trap(const char *what, struct trap trap)
{
	if (!trap.taken)
		return true;
	test_fail("%s: expected no exception, got %s (%lu), stval 0x%lx, at 0x%lx", what,
		  trap_cause_name(trap.cause), (unsigned long)trap.cause, (unsigned long)trap.value,
		  (unsigned long)trap.pc);
	return false;
}

bool test_trap(const char *what, struct trap trap, uint64_t cause)
{
	if (trap.taken && trap.cause == cause)
		return true;
	test_fail("%s: expected %s (%lu), got %s (%ld)", what, trap_cause_name(cause),
		  (unsigned long)cause, trap.taken ? trap_cause_name(trap.cause) : "no exception",
		  trap.taken ? (long)trap.cause : -1);
	return false;
}

bool test_trap_value(const char *what, struct trap trap, uint64_t cause, uint64_t value)
{
	if (!test_trap(what, trap, cause))
		return false;
	if (trap.value == value)
		return true;
	test_fail("%s: expected stval 0x%lx, got 0x%lx", what, (unsigned long)value,
		  (unsigned long)trap.value);
	return false;
}

static void test_call(void *argument)
{
	const struct guest_test *test = argument;

	test->run();
}

static enum outcome test_run(const struct guest_test *test)
{
	struct trap trap;

	outcome = OUTCOME_PASSED;
	trap = trap_catch(test_call, (void *)test);
	test_no_trap("the test itself", trap);
	hart_quiet();
	return outcome;
}

static void test_report(unsigned int number, const char *name, enum outcome result)
{
	switch (result) {
	case OUTCOME_PASSED:
		console_print("ok %u - %s\n", number, name);
		break;
	case OUTCOME_SKIPPED:
		console_print("ok %u - %s # SKIP %s\n", number, name, message);
		break;
	default:
		console_print("not ok %u - %s: %s\n", number, name, message);
	}
}

void guest_main(void)
{
	unsigned int count[OUTCOME_COUNT] = { 0 };
	unsigned int number = 0;

	console_print("selftest: %u harts, %s, isa %s\n", hart_count,
		      machine.bare ? "bare machine" : "hypervisor", machine.isa);
	console_print("1..%lu\n", (unsigned long)(__stop_guest_tests - __start_guest_tests));
	for_each_registered(test, guest_tests, struct guest_test) {
		enum outcome result = test_run(*test);

		test_report(++number, (*test)->name, result);
		count[result]++;
	}
	console_print("selftest: %u passed, %u failed, %u skipped\n", count[OUTCOME_PASSED],
		      count[OUTCOME_FAILED], count[OUTCOME_SKIPPED]);
	console_flush();
}

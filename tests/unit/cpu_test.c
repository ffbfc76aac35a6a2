// SPDX-License-Identifier: BSD-2-Clause
/*
 * CPUs: which come up, interrupts between them, calls on them. Six CPUs in turn, of which one
 * refuses to start and one never arrives.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <corbel/cpu.h>
#include <corbel/thread.h>
#include <corbel/time.h>
#include <fake.h>
#include <fake_machine.h>
#include <spawn.h>

#define CPU_COUNT 6
#define REFUSED	  UINT64_C(4)
#define SILENT	  UINT64_C(16)
#define ONLINE	  (UINT64_C(63) & ~(REFUSED | SILENT))
#define PRIORITY  THREAD_PRIORITY_GUEST

static int setup(void **state)
{
	(void)state;
	fake_cpus_refused = REFUSED;
	fake_cpus_silent = SILENT;
	fake_machine_start(CPU_COUNT);
	return 0;
}

static void sleep_ns(uint64_t duration_ns)
{
	thread_sleep_until(time_now() + duration_ns);
}

static void test_which_came_up(void **state)
{
	(void)state;
	assert_int_equal(cpu_count(), CPU_COUNT);
	assert_int_equal(cpu_online_mask(), ONLINE);
	for (unsigned int index = 0; index < CPU_COUNT; index++) {
		assert_int_equal(cpu_get(index)->index, index);
		assert_int_equal(cpu_get(index)->hardware_id, 100 + index);
		assert_int_equal(cpu_get(index)->online, ONLINE >> index & 1);
	}
	assert_ptr_equal(cpu_get(0), &fake_boot_cpu);
	assert_ptr_equal(cpu_get(0)->idle, &fake_boot_thread);
	assert_non_null(strstr(fake_console_text(),
			       "CPU 2 (hardware id 102) could not be started: no such device"));
	assert_non_null(
		strstr(fake_console_text(), "CPU 4 (hardware id 104) could not be started"));
	assert_null(strstr(fake_console_text(), "CPU 5"));
}

/* ---- calls ---- */

static unsigned int called[CPU_COUNT];

static void note_call(void *argument)
{
	assert_false(arch_irq_enabled());
	assert_ptr_equal(argument, called);
	called[cpu_self()->index]++;
}

static void call_all(void *argument)
{
	(void)argument;
	memset(called, 0, sizeof(called));
	cpu_call(CPUMASK_ALL, note_call, called);
	for (unsigned int index = 0; index < CPU_COUNT; index++)
		assert_int_equal(called[index], ONLINE >> index & 1);
	cpu_call(UINT64_C(2), note_call, called);
	assert_int_equal(called[1], 2);
	assert_int_equal(called[0], 1);
	cpu_call(UINT64_C(1) << cpu_self()->index, note_call, called);
	assert_int_equal(called[cpu_self()->index], 2);
	/* To nobody. */
	cpu_call(REFUSED | SILENT, note_call, called);
	cpu_call(0, note_call, called);
	assert_int_equal(called[2] + called[4], 0);
}

static void test_call(void **state)
{
	(void)state;
	fake_machine_run_as(call_all, NULL, THREAD_PRIORITY_SERVICE, 1);
}

static unsigned int crossings;

static void note_crossing(void *argument)
{
	(void)argument;
	__atomic_fetch_add(&crossings, 1, __ATOMIC_RELAXED);
}

static void call_often(void *argument)
{
	(void)argument;
	for (unsigned int i = 0; i < 50; i++) {
		unsigned int before = crossings;

		cpu_call(CPUMASK_ALL, note_crossing, NULL);
		assert_true(crossings >= before + 4);
	}
}

/* All call all at once; a CPU that waits for the others serves them meanwhile. */
static void call_crosswise(void *argument)
{
	struct thread *threads[CPU_COUNT];
	unsigned int count = 0;

	(void)argument;
	crossings = 0;
	for (unsigned int index = 0; index < CPU_COUNT; index++)
		if (ONLINE >> index & 1)
			threads[count++] = spawn(call_often, NULL, PRIORITY, UINT64_C(1) << index);
	join_all(threads, count);
	assert_int_equal(crossings, count * 50 * 4);
}

static void test_crosswise_calls(void **state)
{
	(void)state;
	fake_machine_run(call_crosswise, NULL);
}

/* ---- interrupts ---- */

/* Reasons that come together are one interrupt. */
static void coalesced(void *argument)
{
	struct cpu *cpu = cpu_get(3);
	uint64_t sent = cpu->arch.ipi_sent_count, taken;

	(void)argument;
	sleep_ns(NS_PER_MS);
	taken = cpu->ipi_count;
	cpu_ipi_send(cpu, CPU_IPI_RESCHEDULE);
	cpu_ipi_send(cpu, CPU_IPI_RESCHEDULE);
	cpu_ipi_send(cpu, CPU_IPI_CALL);
	assert_int_equal(cpu->arch.ipi_sent_count, sent + 1);
	sleep_ns(NS_PER_MS);
	assert_int_equal(cpu->ipi_count, taken + 1);
	assert_int_equal(cpu->ipi_pending, 0);
	cpu_ipi_send(cpu, CPU_IPI_RESCHEDULE);
	assert_int_equal(cpu->arch.ipi_sent_count, sent + 2);
	/* To oneself. */
	taken = cpu_self()->ipi_count;
	arch_irq_disable();
	cpu_ipi_send(cpu_self(), CPU_IPI_RESCHEDULE);
	arch_irq_enable();
	fake_work(FAKE_TICK_NS);
	assert_int_equal(cpu_self()->ipi_count, taken + 1);
}

static void test_ipis_are_merged(void **state)
{
	(void)state;
	fake_machine_run_as(coalesced, NULL, THREAD_PRIORITY_SERVICE, 1);
}

static void stop_other(void *argument)
{
	(void)argument;
	cpu_ipi_send(cpu_get(1), CPU_IPI_STOP);
	sleep_ns(NS_PER_MS);
}

static void run_stop(void *argument)
{
	(void)argument;
	fake_machine_run_as(stop_other, NULL, THREAD_PRIORITY_SERVICE, 1);
}

static void test_stop(void **state)
{
	(void)state;
	/* There is no panic, but the CPU is stopped, which ends the process. */
	assert_non_null(fake_run_until_stop(run_stop, NULL));
}

static void test_too_many(void **state)
{
	struct cpu *cpu;

	(void)state;
	for (unsigned int index = CPU_COUNT; index < CPU_MAX; index++)
		assert_int_equal(cpu_add(1000 + index, &cpu), 0);
	assert_int_equal(cpu->index, CPU_MAX - 1);
	assert_int_equal(cpu_add(5000, &cpu), -ENOSPC);
	assert_int_equal(cpu_count(), CPU_MAX);
	assert_int_equal(cpu_online_mask(), ONLINE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_which_came_up),
		cmocka_unit_test(test_call),
		cmocka_unit_test(test_crosswise_calls),
		cmocka_unit_test(test_ipis_are_merged),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_too_many),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}

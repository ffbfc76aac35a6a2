// SPDX-License-Identifier: BSD-2-Clause
/*
 * Timers: order, rearming, cancelling here and from another CPU, what the hardware timer is told.
 * On two CPUs in turn.
 */
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

#define CPU_COUNT 2
#define PRIORITY  THREAD_PRIORITY_GUEST

static int setup(void **state)
{
	(void)state;
	fake_machine_start(CPU_COUNT);
	return 0;
}

/* On CPU 0. */
static void run(void (*body)(void *argument))
{
	fake_machine_run_as(body, NULL, THREAD_PRIORITY_SERVICE, 1);
}

static void sleep_ns(uint64_t duration_ns)
{
	thread_sleep_until(time_now() + duration_ns);
}

struct alarm {
	struct timer timer;
	char letter;
	unsigned int count;
	uint64_t fired_ns;
	uint64_t period_ns;  /* arms itself anew if not 0 */
	uint64_t work_ns;    /* how long the function takes */
	struct cpu *cpu;     /* where it ran last */
	struct alarm *other; /* which it arms or cancels */
};

static void alarm_fire(struct timer *timer)
{
	struct alarm *alarm = container_of(timer, struct alarm, timer);

	assert_false(arch_irq_enabled());
	assert_true(time_now() >= alarm->timer.deadline_ns);
	assert_null(timer->cpu);
	alarm->count++;
	alarm->fired_ns = time_now();
	alarm->cpu = cpu_self();
	if (alarm->letter != '\0')
		trace(alarm->letter);
	if (alarm->work_ns != 0)
		fake_work(alarm->work_ns);
	if (alarm->period_ns != 0)
		timer_set(timer, timer->deadline_ns + alarm->period_ns);
}

static void alarm_init(struct alarm *alarm, char letter)
{
	*alarm = (struct alarm){ .letter = letter };
	timer_init(&alarm->timer, alarm_fire);
}

static void order(void *argument)
{
	const uint64_t after_ms[] = { 5, 1, 4, 2, 2, 3, 1 };
	struct alarm alarms[ARRAY_SIZE(after_ms)];
	uint64_t now_ns = time_now();

	(void)argument;
	trace_reset();
	for (unsigned int i = 0; i < ARRAY_SIZE(alarms); i++) {
		alarm_init(&alarms[i], (char)('a' + i));
		assert_null(alarms[i].timer.cpu);
		timer_set(&alarms[i].timer, now_ns + after_ms[i] * NS_PER_MS);
		assert_ptr_equal(alarms[i].timer.cpu, cpu_self());
	}
	sleep_ns(10 * NS_PER_MS);
	assert_string_equal(trace_text, "bgdefca");
	for (unsigned int i = 0; i < ARRAY_SIZE(alarms); i++) {
		assert_int_equal(alarms[i].count, 1);
		assert_in_range(alarms[i].fired_ns, now_ns + after_ms[i] * NS_PER_MS,
				now_ns + after_ms[i] * NS_PER_MS + FAKE_TICK_NS);
	}
}

static void test_order(void **state)
{
	(void)state;
	run(order);
}

static void replace(void *argument)
{
	struct alarm alarm;
	uint64_t now_ns = time_now();

	(void)argument;
	alarm_init(&alarm, '\0');
	timer_set(&alarm.timer, now_ns + NS_PER_MS);
	timer_set(&alarm.timer, now_ns + 5 * NS_PER_MS);
	sleep_ns(3 * NS_PER_MS);
	assert_int_equal(alarm.count, 0);
	timer_set(&alarm.timer, now_ns + 20 * NS_PER_MS);
	timer_set(&alarm.timer, now_ns + 4 * NS_PER_MS);
	sleep_ns(2 * NS_PER_MS);
	assert_int_equal(alarm.count, 1);
	sleep_ns(50 * NS_PER_MS);
	assert_int_equal(alarm.count, 1);
}

static void test_replace(void **state)
{
	(void)state;
	run(replace);
}

static void cancel(void *argument)
{
	struct alarm alarm, other;

	(void)argument;
	alarm_init(&alarm, '\0');
	alarm_init(&other, '\0');
	timer_set(&alarm.timer, time_now() + NS_PER_MS);
	timer_set(&other.timer, time_now() + 2 * NS_PER_MS);
	timer_cancel(&alarm.timer);
	assert_null(alarm.timer.cpu);
	/* One that is not armed, one that never was: nothing happens. */
	timer_cancel(&alarm.timer);
	sleep_ns(5 * NS_PER_MS);
	assert_int_equal(alarm.count, 0);
	assert_int_equal(other.count, 1);
	timer_cancel(&other.timer);
	timer_set(&alarm.timer, time_now() + NS_PER_MS);
	sleep_ns(5 * NS_PER_MS);
	assert_int_equal(alarm.count, 1);
}

static void test_cancel(void **state)
{
	(void)state;
	run(cancel);
}

/* At once, but from an interrupt and not from within timer_set(). */
static void past(void *argument)
{
	struct alarm alarm;

	(void)argument;
	alarm_init(&alarm, '\0');
	arch_irq_disable();
	timer_set(&alarm.timer, 0);
	assert_int_equal(alarm.count, 0);
	arch_irq_enable();
	fake_work(2 * FAKE_TICK_NS);
	assert_int_equal(alarm.count, 1);
}

static void test_deadline_in_the_past(void **state)
{
	(void)state;
	run(past);
}

static void never(void *argument)
{
	struct alarm alarm;

	(void)argument;
	alarm_init(&alarm, '\0');
	timer_set(&alarm.timer, TIME_NEVER);
	sleep_ns(NS_PER_S);
	assert_int_equal(alarm.count, 0);
	timer_cancel(&alarm.timer);
}

static void test_never(void **state)
{
	(void)state;
	run(never);
}

static void periodic(void *argument)
{
	struct alarm alarm;

	(void)argument;
	alarm_init(&alarm, '\0');
	alarm.period_ns = NS_PER_MS;
	timer_set(&alarm.timer, time_now() + NS_PER_MS);
	sleep_ns(100 * NS_PER_MS + NS_PER_MS / 2);
	timer_cancel(&alarm.timer);
	assert_int_equal(alarm.count, 100);
	sleep_ns(10 * NS_PER_MS);
	assert_int_equal(alarm.count, 100);
}

static void test_rearm_in_the_function(void **state)
{
	(void)state;
	run(periodic);
}

static void fire_for_the_past(struct timer *timer)
{
	struct alarm *alarm = container_of(timer, struct alarm, timer);

	alarm->count++;
	timer_set(timer, 0);
}

/* An interrupt calls what was due when it came, even if that arms itself for the past again. */
static void greedy(void *argument)
{
	struct alarm alarm;
	uint64_t before;

	(void)argument;
	alarm_init(&alarm, '\0');
	timer_init(&alarm.timer, fire_for_the_past);
	arch_irq_disable();
	timer_set(&alarm.timer, 0);
	fake_time_ns += NS_PER_MS;
	before = cpu_self()->interrupt_count;
	timer_interrupt();
	assert_int_equal(alarm.count, 1);
	assert_int_equal(cpu_self()->interrupt_count, before + 1);
	timer_cancel(&alarm.timer);
	arch_irq_enable();
}

static void test_rearm_for_the_past_does_not_hold_the_cpu(void **state)
{
	(void)state;
	run(greedy);
}

static void fire_and_cancel_other(struct timer *timer)
{
	struct alarm *alarm = container_of(timer, struct alarm, timer);

	alarm->count++;
	timer_cancel(&alarm->other->timer);
}

/* Both are due in the same interrupt. */
static void cancel_other(void *argument)
{
	struct alarm alarms[2];
	uint64_t deadline_ns = time_now() + NS_PER_MS;

	(void)argument;
	alarm_init(&alarms[0], '\0');
	alarm_init(&alarms[1], '\0');
	timer_init(&alarms[0].timer, fire_and_cancel_other);
	alarms[0].other = &alarms[1];
	timer_set(&alarms[0].timer, deadline_ns);
	timer_set(&alarms[1].timer, deadline_ns);
	sleep_ns(5 * NS_PER_MS);
	assert_int_equal(alarms[0].count, 1);
	assert_int_equal(alarms[1].count, 0);
}

static void test_cancel_another_in_the_function(void **state)
{
	(void)state;
	run(cancel_other);
}

/* ---- two CPUs ---- */

static void arm_entry(void *argument)
{
	struct alarm *alarm = argument;

	timer_set(&alarm->timer, time_now() + 5 * NS_PER_MS);
}

static void arm_on_cpu_1(struct alarm *alarm)
{
	thread_join(spawn(arm_entry, alarm, PRIORITY, 2));
	assert_ptr_equal(alarm->timer.cpu, cpu_get(1));
}

static void remote(void *argument)
{
	struct alarm alarm;

	(void)argument;
	/* It fires where it was armed. */
	alarm_init(&alarm, '\0');
	arm_on_cpu_1(&alarm);
	sleep_ns(10 * NS_PER_MS);
	assert_int_equal(alarm.count, 1);
	assert_ptr_equal(alarm.cpu, cpu_get(1));
	/* Cancelled from here. */
	arm_on_cpu_1(&alarm);
	timer_cancel(&alarm.timer);
	sleep_ns(10 * NS_PER_MS);
	assert_int_equal(alarm.count, 1);
	/* Taken over by this CPU. */
	arm_on_cpu_1(&alarm);
	timer_set(&alarm.timer, time_now() + NS_PER_MS);
	assert_ptr_equal(alarm.timer.cpu, cpu_get(0));
	sleep_ns(20 * NS_PER_MS);
	assert_int_equal(alarm.count, 2);
	assert_ptr_equal(alarm.cpu, cpu_get(0));
}

static void test_timers_of_another_cpu(void **state)
{
	(void)state;
	run(remote);
}

static void cancel_running(void *argument)
{
	struct alarm alarm;

	(void)argument;
	alarm_init(&alarm, '\0');
	alarm.work_ns = 10 * NS_PER_MS;
	/* It would even arm itself anew at the end. */
	alarm.period_ns = 20 * NS_PER_MS;
	arm_on_cpu_1(&alarm);
	while (alarm.count == 0)
		fake_work(FAKE_TICK_NS);
	assert_null(alarm.timer.cpu);
	timer_cancel(&alarm.timer);
	assert_true(time_now() >= alarm.fired_ns + alarm.work_ns);
	assert_null(alarm.timer.cpu);
	/* Now the memory may be used for something else. */
	memset(&alarm, 0xff, sizeof(alarm));
	sleep_ns(50 * NS_PER_MS);
}

static void test_cancel_waits_for_the_function(void **state)
{
	(void)state;
	run(cancel_running);
}

/* Armed here while the function runs there: still only one cancel is needed. */
static void cancel_running_and_armed(void *argument)
{
	struct alarm alarm;

	(void)argument;
	alarm_init(&alarm, '\0');
	alarm.work_ns = 10 * NS_PER_MS;
	arm_on_cpu_1(&alarm);
	while (alarm.count == 0)
		fake_work(FAKE_TICK_NS);
	timer_set(&alarm.timer, time_now() + 30 * NS_PER_MS);
	timer_cancel(&alarm.timer);
	assert_true(time_now() >= alarm.fired_ns + alarm.work_ns);
	sleep_ns(50 * NS_PER_MS);
	assert_int_equal(alarm.count, 1);
}

static void test_cancel_of_a_timer_armed_while_it_runs(void **state)
{
	(void)state;
	run(cancel_running_and_armed);
}

/* ---- the hardware timer ---- */

static void programming(void *argument)
{
	struct alarm early, late;
	uint64_t now_ns, sets;

	(void)argument;
	sleep_ns(NS_PER_S);
	alarm_init(&early, '\0');
	alarm_init(&late, '\0');
	now_ns = time_now();
	assert_int_equal(fake_timer_deadline(0), TIME_NEVER);
	sets = fake_timer_set_count(0);
	timer_set(&early.timer, now_ns + 10 * NS_PER_MS);
	assert_int_equal(fake_timer_deadline(0), now_ns + 10 * NS_PER_MS);
	assert_int_equal(fake_timer_set_count(0), sets + 1);
	/* A later one changes nothing. */
	timer_set(&late.timer, now_ns + 20 * NS_PER_MS);
	assert_int_equal(fake_timer_set_count(0), sets + 1);
	fake_work(15 * NS_PER_MS);
	assert_int_equal(early.count, 1);
	assert_int_equal(fake_timer_deadline(0), now_ns + 20 * NS_PER_MS);
	fake_work(10 * NS_PER_MS);
	assert_int_equal(late.count, 1);
	assert_int_equal(fake_timer_deadline(0), TIME_NEVER);
}

static void test_hardware_timer(void **state)
{
	(void)state;
	run(programming);
}

/* ---- many ---- */

/* Each fires once, in order, unless it was cancelled. */
static void many(void *argument)
{
	static struct alarm alarms[300];
	static uint64_t deadlines_ns[300];
	uint64_t start_ns = time_now();
	unsigned int seed = 1;

	(void)argument;
	for (unsigned int i = 0; i < ARRAY_SIZE(alarms); i++)
		alarm_init(&alarms[i], '\0');
	for (unsigned int round = 0; round < 3; round++) {
		for (unsigned int i = 0; i < ARRAY_SIZE(alarms); i++) {
			seed = seed * 1103515245 + 12345;
			deadlines_ns[i] =
				start_ns + 50 * NS_PER_MS + (seed >> 16) % 1000 * NS_PER_MS / 10;
			timer_set(&alarms[i].timer, deadlines_ns[i]);
		}
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(alarms); i += 7)
		timer_cancel(&alarms[i].timer);
	sleep_ns(200 * NS_PER_MS);
	for (unsigned int i = 0; i < ARRAY_SIZE(alarms); i++) {
		assert_int_equal(alarms[i].count, i % 7 == 0 ? 0 : 1);
		if (i % 7 != 0)
			assert_in_range(alarms[i].fired_ns, deadlines_ns[i],
					deadlines_ns[i] + FAKE_TICK_NS);
	}
}

static void test_many(void **state)
{
	(void)state;
	run(many);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_replace),
		cmocka_unit_test(test_cancel),
		cmocka_unit_test(test_deadline_in_the_past),
		cmocka_unit_test(test_never),
		cmocka_unit_test(test_rearm_in_the_function),
		cmocka_unit_test(test_rearm_for_the_past_does_not_hold_the_cpu),
		cmocka_unit_test(test_cancel_another_in_the_function),
		cmocka_unit_test(test_timers_of_another_cpu),
		cmocka_unit_test(test_cancel_waits_for_the_function),
		cmocka_unit_test(test_cancel_of_a_timer_armed_while_it_runs),
		cmocka_unit_test(test_hardware_timer),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}

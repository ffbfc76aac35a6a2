// SPDX-License-Identifier: BSD-2-Clause
/*
 * The life of threads: start, end, join, pause, sleep, the list of all. On two CPUs in turn.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <arch/memory.h>
#include <corbel/cpu.h>
#include <corbel/object.h>
#include <corbel/page.h>
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

static void sleep_ns(uint64_t duration_ns)
{
	thread_sleep_until(time_now() + duration_ns);
}

static void set_flag(void *argument)
{
	*(bool *)argument = true;
}

static void start_and_join(void *argument)
{
	bool ran = false;
	struct thread *thread = spawn_new(set_flag, &ran, PRIORITY, 0);

	(void)argument;
	assert_int_equal(thread->state, THREAD_NEW);
	sleep_ns(NS_PER_MS);
	assert_false(ran);
	thread_start(thread);
	thread_join(thread);
	assert_true(ran);
}

static void test_start_and_join(void **state)
{
	(void)state;
	fake_machine_run(start_and_join, NULL);
}

static void join_dead(void *argument)
{
	bool ran = false;
	struct thread *thread = spawn(set_flag, &ran, PRIORITY, 0);

	(void)argument;
	sleep_ns(NS_PER_MS);
	assert_true(ran);
	assert_int_equal(thread->state, THREAD_DEAD);
	thread_join(thread);
}

static void test_join_of_a_dead_thread(void **state)
{
	(void)state;
	fake_machine_run(join_dead, NULL);
}

static void exit_early(void *argument)
{
	thread_exit();
	*(bool *)argument = true;
}

static void exit_and_join(void *argument)
{
	bool went_on = false;

	(void)argument;
	thread_join(spawn(exit_early, &went_on, PRIORITY, 0));
	assert_false(went_on);
}

static void test_exit(void **state)
{
	(void)state;
	fake_machine_run(exit_and_join, NULL);
}

static void create_errors(void *argument)
{
	struct thread_parameters parameters = { .name = "t", .entry = set_flag };
	struct thread *thread;

	(void)argument;
	parameters.priority = THREAD_PRIORITY_COUNT;
	assert_int_equal(thread_create(&parameters, &thread), -EINVAL);
	parameters.priority = THREAD_PRIORITY_HIGHEST;
	parameters.affinity = (cpumask_t)1 << CPU_COUNT;
	assert_int_equal(thread_create(&parameters, &thread), -EINVAL);
	parameters.affinity = 0;
	parameters.name = "a name that is longer than the place for it";
	assert_int_equal(thread_create(&parameters, &thread), 0);
	assert_string_equal(thread->name, "a name that is longer t");
	assert_int_equal(thread_affinity_set(thread, (cpumask_t)1 << CPU_COUNT), -EINVAL);
	assert_int_equal(thread_affinity_set(thread, 0), -EINVAL);
	assert_int_equal(thread_affinity_set(thread, 2), 0);
	assert_int_equal(thread_priority_set(thread, THREAD_PRIORITY_COUNT), -EINVAL);
	assert_int_equal(thread_priority_set(thread, 0), 0);
	assert_int_equal(thread->affinity, 2);
	thread_destroy(thread);
}

static void test_create_errors(void **state)
{
	(void)state;
	fake_machine_run(create_errors, NULL);
}

/* ---- memory ---- */

static void many_threads(void *argument)
{
	struct thread *threads[20];
	bool ran[20] = { false };

	(void)argument;
	for (unsigned int i = 0; i < ARRAY_SIZE(threads); i++)
		threads[i] = spawn(set_flag, &ran[i], PRIORITY, 0);
	join_all(threads, ARRAY_SIZE(threads));
	for (unsigned int i = 0; i < ARRAY_SIZE(threads); i++)
		assert_true(ran[i]);
}

static uint64_t free_bytes(void)
{
	struct page_statistics statistics;

	object_trim();
	page_statistics_get(&statistics);
	return statistics.free_bytes;
}

static void test_nothing_leaks(void **state)
{
	uint64_t before;

	(void)state;
	fake_machine_run(many_threads, NULL);
	before = free_bytes();
	fake_machine_run(many_threads, NULL);
	assert_int_equal(free_bytes(), before);
}

/* Takes memory until no more thread can be made; then a failed attempt must take nothing. */
static void no_memory(void *argument)
{
	const struct thread_parameters parameters = { .name = "t", .entry = set_flag };
	struct thread *thread;
	hpa_t page, pages = HPA(0);
	uint64_t before;

	(void)argument;
	for (unsigned int order = PAGE_ORDER_MAX + 1; order-- > 0;) {
		while (page_alloc(order, PAGE_USE_OTHER, &page) == 0) {
			*(uint64_t *)arch_hpa_to_pointer(page) = pages.raw | order;
			pages = page;
		}
	}
	before = free_bytes();
	assert_int_equal(thread_create(&parameters, &thread), -ENOMEM);
	assert_int_equal(free_bytes(), before);
	while (pages.raw != 0) {
		uint64_t note = *(uint64_t *)arch_hpa_to_pointer(pages);

		page_free(pages, note & (PAGE_SIZE - 1), PAGE_USE_OTHER);
		pages = HPA(ALIGN_DOWN(note, PAGE_SIZE));
	}
	assert_int_equal(thread_create(&parameters, &thread), 0);
	thread_destroy(thread);
}

static void test_no_memory(void **state)
{
	(void)state;
	fake_machine_run(no_memory, NULL);
}

/* ---- pause and resume ---- */

struct counter {
	unsigned int count;
	bool stop;
};

static void count_work(void *argument)
{
	struct counter *counter = argument;

	while (!counter->stop) {
		fake_work(FAKE_TICK_NS);
		counter->count++;
	}
}

static void assert_stands_still(struct thread *thread, const struct counter *counter)
{
	unsigned int before;

	sleep_ns(NS_PER_MS);
	assert_int_equal(thread->state, THREAD_PAUSED);
	before = counter->count;
	sleep_ns(5 * NS_PER_MS);
	assert_int_equal(counter->count, before);
}

/* The other CPU runs it: it must be interrupted. */
static void pause_running(void *argument)
{
	struct counter counter = { 0 };
	struct thread *thread = spawn(count_work, &counter, PRIORITY, 2);

	(void)argument;
	sleep_ns(NS_PER_MS);
	assert_int_equal(thread->state, THREAD_RUNNING);
	assert_true(counter.count > 0);
	thread_pause(thread);
	thread_pause(thread);
	assert_stands_still(thread, &counter);
	thread_resume(thread);
	thread_resume(thread);
	sleep_ns(NS_PER_MS);
	assert_int_equal(thread->state, THREAD_RUNNING);
	counter.stop = true;
	thread_join(thread);
}

static void test_pause_of_a_running_thread(void **state)
{
	(void)state;
	fake_machine_run_as(pause_running, NULL, THREAD_PRIORITY_SERVICE, 1);
}

/* Ready behind us on our own CPU. */
static void pause_ready(void *argument)
{
	struct counter counter = { 0 };
	struct thread *thread = spawn(count_work, &counter, PRIORITY, 1);

	(void)argument;
	assert_int_equal(thread->state, THREAD_READY);
	thread_pause(thread);
	assert_int_equal(thread->state, THREAD_PAUSED);
	assert_stands_still(thread, &counter);
	assert_int_equal(counter.count, 0);
	thread_resume(thread);
	assert_int_equal(thread->state, THREAD_READY);
	counter.stop = true;
	thread_join(thread);
}

static void test_pause_of_a_ready_thread(void **state)
{
	(void)state;
	fake_machine_run_as(pause_ready, NULL, THREAD_PRIORITY_SERVICE, 1);
}

static void pause_new(void *argument)
{
	bool ran = false;
	struct thread *thread = spawn_new(set_flag, &ran, PRIORITY, 0);

	(void)argument;
	thread_pause(thread);
	assert_int_equal(thread->state, THREAD_NEW);
	thread_start(thread);
	sleep_ns(NS_PER_MS);
	assert_int_equal(thread->state, THREAD_PAUSED);
	assert_false(ran);
	thread_resume(thread);
	thread_join(thread);
	assert_true(ran);
}

static void test_pause_of_a_new_thread(void **state)
{
	(void)state;
	fake_machine_run(pause_new, NULL);
}

static void block_once(void *argument)
{
	thread_block_prepare();
	thread_block();
	*(bool *)argument = true;
}

/* A wake-up that comes during the pause is not lost, and does not end the pause. */
static void pause_blocked(void *argument)
{
	bool woken = false;
	struct thread *thread = spawn(block_once, &woken, PRIORITY, 0);

	(void)argument;
	sleep_ns(NS_PER_MS);
	assert_int_equal(thread->state, THREAD_BLOCKED);
	thread_pause(thread);
	assert_int_equal(thread->state, THREAD_BLOCKED);
	thread_wake(thread);
	sleep_ns(NS_PER_MS);
	assert_int_equal(thread->state, THREAD_PAUSED);
	assert_false(woken);
	thread_resume(thread);
	thread_join(thread);
	assert_true(woken);
}

static void test_pause_of_a_blocked_thread(void **state)
{
	(void)state;
	fake_machine_run(pause_blocked, NULL);
}

static void pause_self(void *argument)
{
	thread_pause(thread_current());
	*(bool *)argument = true;
}

static void pause_of_oneself(void *argument)
{
	bool went_on = false;
	struct thread *thread = spawn(pause_self, &went_on, PRIORITY, 0);

	(void)argument;
	sleep_ns(NS_PER_MS);
	assert_int_equal(thread->state, THREAD_PAUSED);
	assert_false(went_on);
	thread_resume(thread);
	thread_join(thread);
	assert_true(went_on);
}

static void test_pause_of_oneself(void **state)
{
	(void)state;
	fake_machine_run(pause_of_oneself, NULL);
}

/* ---- sleep ---- */

struct sleeper {
	uint64_t deadline_ns;
	char letter;
};

static void sleep_and_trace(void *argument)
{
	const struct sleeper *sleeper = argument;

	thread_sleep_until(sleeper->deadline_ns);
	assert_true(time_now() >= sleeper->deadline_ns);
	assert_true(time_now() <= sleeper->deadline_ns + 2 * FAKE_TICK_NS);
	trace(sleeper->letter);
}

static void sleep_order(void *argument)
{
	uint64_t now_ns = time_now();
	struct sleeper sleepers[] = {
		{ now_ns + 30 * NS_PER_MS, 'd' },
		{ now_ns + 10 * NS_PER_MS, 'b' },
		{ now_ns + 40 * NS_PER_MS, 'e' },
		{ now_ns + 20 * NS_PER_MS, 'c' },
		{ now_ns, 'a' },
	};
	struct thread *threads[ARRAY_SIZE(sleepers)];

	(void)argument;
	trace_reset();
	for (unsigned int i = 0; i < ARRAY_SIZE(sleepers); i++)
		threads[i] = spawn(sleep_and_trace, &sleepers[i], PRIORITY, 0);
	join_all(threads, ARRAY_SIZE(threads));
	assert_string_equal(trace_text, "abcde");
}

static void test_sleep_order(void **state)
{
	(void)state;
	fake_machine_run(sleep_order, NULL);
}

/* Other wake-ups do not end a sleep. */
static void sleep_disturbed(void *argument)
{
	struct sleeper sleeper = { time_now() + 10 * NS_PER_MS, 'a' };
	struct thread *thread = spawn(sleep_and_trace, &sleeper, PRIORITY, 0);

	(void)argument;
	trace_reset();
	for (int i = 0; i < 5; i++) {
		sleep_ns(NS_PER_MS);
		thread_wake(thread);
	}
	assert_string_equal(trace_text, "");
	thread_join(thread);
	assert_string_equal(trace_text, "a");
}

static void test_sleep_is_not_cut_short(void **state)
{
	(void)state;
	fake_machine_run(sleep_disturbed, NULL);
}

/* ---- what is told about threads ---- */

static void work_10_ms(void *argument)
{
	(void)argument;
	fake_work(10 * NS_PER_MS);
	thread_pause(thread_current());
}

static void run_time(void *argument)
{
	struct thread *thread = spawn(work_10_ms, NULL, PRIORITY, 2);
	uint64_t used_ns;

	(void)argument;
	sleep_ns(5 * NS_PER_MS);
	used_ns = thread_run_time(thread);
	assert_in_range(used_ns, 4 * NS_PER_MS, 6 * NS_PER_MS);
	assert_int_equal(thread->run_time_ns, 0);
	assert_true(thread_is_running(thread));
	sleep_ns(50 * NS_PER_MS);
	used_ns = thread_run_time(thread);
	assert_in_range(used_ns, 10 * NS_PER_MS, 11 * NS_PER_MS);
	assert_int_equal(thread->run_time_ns, used_ns);
	assert_false(thread_is_running(thread));
	thread_resume(thread);
	thread_join(thread);
}

static void test_run_time(void **state)
{
	(void)state;
	fake_machine_run_as(run_time, NULL, THREAD_PRIORITY_SERVICE, 1);
}

static void idle_time(void *argument)
{
	bool ran = false;
	uint64_t before_ns;

	(void)argument;
	thread_join(spawn(set_flag, &ran, PRIORITY, 2));
	before_ns = cpu_get(1)->idle_time_ns;
	sleep_ns(30 * NS_PER_MS);
	/* Counted at the switch away from it. */
	assert_int_equal(cpu_get(1)->idle_time_ns, before_ns);
	thread_join(spawn(set_flag, &ran, PRIORITY, 2));
	assert_in_range(cpu_get(1)->idle_time_ns - before_ns, 30 * NS_PER_MS, 31 * NS_PER_MS);
}

static void test_idle_time(void **state)
{
	(void)state;
	fake_machine_run_as(idle_time, NULL, THREAD_PRIORITY_SERVICE, 1);
}

static void visit_find(struct thread *thread, void *argument)
{
	struct thread **found = argument;

	if (strcmp(thread->name, "worker") == 0)
		*found = thread;
}

static void visit_count_idle(struct thread *thread, void *argument)
{
	if (strncmp(thread->name, "idle/", 5) == 0)
		++*(unsigned int *)argument;
}

static void list_all(void *argument)
{
	struct thread *found = NULL, *thread = spawn_new(set_flag, NULL, PRIORITY, 0);
	unsigned int idle_count = 0;

	(void)argument;
	thread_for_each(visit_find, &found);
	assert_ptr_equal(found, thread);
	thread_destroy(thread);
	found = NULL;
	thread_for_each(visit_find, &found);
	assert_null(found);
	thread_for_each(visit_count_idle, &idle_count);
	assert_int_equal(idle_count, CPU_COUNT);
}

static void test_list(void **state)
{
	(void)state;
	fake_machine_run(list_all, NULL);
}

static void test_state_names(void **state)
{
	(void)state;
	assert_string_equal(thread_state_name(THREAD_NEW), "new");
	assert_string_equal(thread_state_name(THREAD_BLOCKED), "blocked");
	assert_string_equal(thread_state_name(THREAD_DEAD), "dead");
}

/* ---- our own mistakes ---- */

static void start_twice(void *argument)
{
	bool ran;
	struct thread *thread = spawn(set_flag, &ran, PRIORITY, 0);

	(void)argument;
	thread_start(thread);
}

static void block_with_interrupts_off(void *argument)
{
	(void)argument;
	thread_block_prepare();
	arch_irq_disable();
	thread_block();
}

static void run_in_machine(void *argument)
{
	fake_machine_run((void (*)(void *))argument, NULL);
}

static void test_mistakes_are_found(void **state)
{
	(void)state;
	assert_panics(run_in_machine, start_twice, "started");
	assert_panics(run_in_machine, block_with_interrupts_off, "arch_irq_enabled()");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_start_and_join),
		cmocka_unit_test(test_join_of_a_dead_thread),
		cmocka_unit_test(test_exit),
		cmocka_unit_test(test_create_errors),
		cmocka_unit_test(test_nothing_leaks),
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_pause_of_a_running_thread),
		cmocka_unit_test(test_pause_of_a_ready_thread),
		cmocka_unit_test(test_pause_of_a_new_thread),
		cmocka_unit_test(test_pause_of_a_blocked_thread),
		cmocka_unit_test(test_pause_of_oneself),
		cmocka_unit_test(test_sleep_order),
		cmocka_unit_test(test_sleep_is_not_cut_short),
		cmocka_unit_test(test_run_time),
		cmocka_unit_test(test_idle_time),
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_state_names),
		cmocka_unit_test(test_mistakes_are_found),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}

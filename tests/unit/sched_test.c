// SPDX-License-Identifier: BSD-2-Clause
/*
 * Who runs when and where: priorities, slices, affinity, balance. On four CPUs in turn; tests that
 * need fewer confine their threads by affinity.
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
#include <corbel/vcpu.h>
#include <fake.h>
#include <fake_guest.h>
#include <fake_machine.h>
#include <spawn.h>

#define CPU_COUNT 4
#define PRIORITY  THREAD_PRIORITY_GUEST

#define CPU_0	 UINT64_C(1)
#define CPU_1	 UINT64_C(2)
#define CPU_2	 UINT64_C(4)
#define CPU_3	 UINT64_C(8)
#define ALL_CPUS UINT64_C(15)

static int setup(void **state)
{
	(void)state;
	fake_machine_start(CPU_COUNT);
	return 0;
}

/* The tests themselves run on CPU 0, above what they test. */
static void run(void (*body)(void *argument))
{
	fake_machine_run_as(body, NULL, THREAD_PRIORITY_SERVICE, CPU_0);
}

static void sleep_ns(uint64_t duration_ns)
{
	thread_sleep_until(time_now() + duration_ns);
}

/* A thread that works in pieces, each of which it notes by its letter if it has one. */
struct worker {
	char letter;
	unsigned int pieces;
	uint64_t piece_ns;
	bool yield;
	bool stop;	/* no further piece */
	cpumask_t seen; /* CPUs that it ran on */
	struct thread *thread;
};

static void worker_entry(void *argument)
{
	struct worker *worker = argument;

	for (unsigned int i = 0; i < worker->pieces && !worker->stop; i++) {
		worker->seen |= UINT64_C(1) << thread_current()->cpu->index;
		if (worker->letter != '\0')
			trace(worker->letter);
		fake_work(worker->piece_ns);
		if (worker->yield)
			thread_yield();
	}
}

static void worker_start(struct worker *worker, unsigned int priority, cpumask_t affinity)
{
	worker->thread = spawn(worker_entry, worker, priority, affinity);
}

static void workers_join(struct worker *workers, size_t count)
{
	for (size_t i = 0; i < count; i++)
		thread_join(workers[i].thread);
}

static void workers_stop(struct worker *workers, size_t count)
{
	for (size_t i = 0; i < count; i++)
		workers[i].stop = true;
	workers_join(workers, count);
}

/* Works without end. */
#define HOG                                                    \
	{                                                      \
		.pieces = UINT32_MAX, .piece_ns = FAKE_TICK_NS \
	}

/* Works a tick each millisecond. */
static void nap_often(void *argument)
{
	struct worker *worker = argument;

	while (!worker->stop) {
		worker->seen |= UINT64_C(1) << thread_current()->cpu->index;
		fake_work(FAKE_TICK_NS);
		sleep_ns(NS_PER_MS);
	}
}

/* ---- one CPU ---- */

static void priorities(void *argument)
{
	const unsigned int levels[] = { 0, 5, 2, 7, 2 };
	struct worker workers[] = {
		{ .letter = 'e', .pieces = 1 }, { .letter = 'b', .pieces = 1 },
		{ .letter = 'c', .pieces = 1 }, { .letter = 'a', .pieces = 1 },
		{ .letter = 'd', .pieces = 1 },
	};

	(void)argument;
	trace_reset();
	for (unsigned int i = 0; i < ARRAY_SIZE(workers); i++)
		worker_start(&workers[i], levels[i], CPU_0);
	assert_string_equal(trace_text, "");
	workers_join(workers, ARRAY_SIZE(workers));
	assert_string_equal(trace_text, "abcde");
}

static void test_priorities(void **state)
{
	(void)state;
	run(priorities);
}

/* A thread that has worked for `a` is preempted by `b` and goes on afterwards. */
static void preemption(void *argument)
{
	struct worker low = { .letter = 'l', .pieces = 4, .piece_ns = NS_PER_MS };
	struct worker high = { .letter = 'h', .pieces = 2, .piece_ns = NS_PER_MS };

	(void)argument;
	trace_reset();
	worker_start(&low, PRIORITY, CPU_1);
	sleep_ns(3 * NS_PER_MS / 2);
	worker_start(&high, PRIORITY + 1, CPU_1);
	workers_join(&low, 1);
	workers_join(&high, 1);
	assert_string_equal(trace_text, "llhhll");
}

static void test_preemption(void **state)
{
	(void)state;
	run(preemption);
}

static void yielding(void *argument)
{
	struct worker workers[] = {
		{ .letter = 'a', .pieces = 3, .yield = true },
		{ .letter = 'b', .pieces = 3, .yield = true },
		{ .letter = '0', .pieces = 3, .yield = true },
	};

	(void)argument;
	trace_reset();
	worker_start(&workers[2], PRIORITY - 1, CPU_0);
	worker_start(&workers[0], PRIORITY, CPU_0);
	worker_start(&workers[1], PRIORITY, CPU_0);
	workers_join(workers, ARRAY_SIZE(workers));
	assert_string_equal(trace_text, "ababab000");
}

static void test_yield(void **state)
{
	(void)state;
	run(yielding);
}

/* Each piece is half a slice. */
static void round_robin(void *argument)
{
	struct worker workers[] = {
		{ .letter = 'a', .pieces = 4, .piece_ns = THREAD_SLICE_NS / 2 },
		{ .letter = 'b', .pieces = 4, .piece_ns = THREAD_SLICE_NS / 2 },
		{ .letter = 'c', .pieces = 4, .piece_ns = THREAD_SLICE_NS / 2 },
	};

	(void)argument;
	trace_reset();
	for (unsigned int i = 0; i < ARRAY_SIZE(workers); i++)
		worker_start(&workers[i], PRIORITY, CPU_0);
	workers_join(workers, ARRAY_SIZE(workers));
	assert_string_equal(trace_text, "aabbccaabbcc");
}

static void test_round_robin(void **state)
{
	(void)state;
	run(round_robin);
}

/* Who is preempted by a higher priority keeps his place and what is left of his slice. */
static void slice_is_kept(void *argument)
{
	struct worker workers[] = {
		{ .letter = 'a', .pieces = 4, .piece_ns = THREAD_SLICE_NS / 4 },
		{ .letter = 'b', .pieces = 4, .piece_ns = THREAD_SLICE_NS / 4 },
		{ .letter = 'h', .pieces = 1, .piece_ns = 3 * THREAD_SLICE_NS },
	};

	(void)argument;
	trace_reset();
	worker_start(&workers[0], PRIORITY, CPU_1);
	worker_start(&workers[1], PRIORITY, CPU_1);
	sleep_ns(THREAD_SLICE_NS / 8);
	worker_start(&workers[2], PRIORITY + 1, CPU_1);
	workers_join(workers, ARRAY_SIZE(workers));
	assert_string_equal(trace_text, "ahaaabbbb");
}

static void test_slice_is_kept_over_a_preemption(void **state)
{
	(void)state;
	run(slice_is_kept);
}

/* No timer runs for a thread that has the CPU for itself, nor one for idle CPUs. */
static void tickless(void *argument)
{
	struct worker hogs[] = { HOG, HOG };
	uint64_t timer_sets, ipis;

	(void)argument;
	worker_start(&hogs[0], PRIORITY, CPU_1);
	/* An interrupt may still come for a slice that was over early. */
	sleep_ns(2 * THREAD_SLICE_NS);
	timer_sets = fake_timer_set_count(1);
	ipis = cpu_get(1)->ipi_count;
	sleep_ns(100 * THREAD_SLICE_NS);
	assert_int_equal(fake_timer_set_count(1), timer_sets);
	assert_int_equal(cpu_get(1)->ipi_count, ipis);
	assert_int_equal(fake_timer_deadline(1), TIME_NEVER);
	/* With a second one there is a slice to end. */
	worker_start(&hogs[1], PRIORITY, CPU_1);
	sleep_ns(NS_PER_MS);
	assert_in_range(fake_timer_deadline(1), time_now(), time_now() + THREAD_SLICE_NS);
	workers_stop(hogs, 2);
	sleep_ns(2 * THREAD_SLICE_NS);
	assert_int_equal(fake_timer_deadline(1), TIME_NEVER);
}

static void test_tickless(void **state)
{
	(void)state;
	run(tickless);
}

/* A thread that ran alone for long gives way to a second one at once, not a slice later. */
static void newcomer(void *argument)
{
	struct worker hog = HOG;
	struct worker late = { .letter = 'x', .pieces = 1 };

	(void)argument;
	trace_reset();
	worker_start(&hog, PRIORITY, CPU_1);
	sleep_ns(5 * THREAD_SLICE_NS);
	worker_start(&late, PRIORITY, CPU_1);
	sleep_ns(NS_PER_MS);
	assert_string_equal(trace_text, "x");
	workers_join(&late, 1);
	workers_stop(&hog, 1);
}

static void test_newcomer_does_not_wait_long(void **state)
{
	(void)state;
	run(newcomer);
}

/* A thread that wakes beside one that never sleeps gets its turn, though that has no slice yet. */
static void sleeper_beside_hog(void *argument)
{
	struct worker hog = HOG, napper = { 0 };

	(void)argument;
	napper.thread = spawn(nap_often, &napper, PRIORITY, CPU_1);
	sleep_ns(NS_PER_MS / 2);
	worker_start(&hog, PRIORITY, CPU_1);
	sleep_ns(NS_PER_S);
	assert_in_range(thread_run_time(napper.thread), 5 * NS_PER_MS, 200 * NS_PER_MS);
	workers_stop(&napper, 1);
	workers_stop(&hog, 1);
}

static void test_sleeper_beside_a_hog(void **state)
{
	(void)state;
	run(sleeper_beside_hog);
}

/* ---- changes under way ---- */

static void priority_changes(void *argument)
{
	struct worker hogs[] = { HOG, HOG };

	(void)argument;
	worker_start(&hogs[0], PRIORITY, CPU_1);
	worker_start(&hogs[1], PRIORITY - 1, CPU_1);
	sleep_ns(NS_PER_MS);
	assert_int_equal(hogs[0].thread->state, THREAD_RUNNING);
	assert_int_equal(hogs[1].thread->state, THREAD_READY);
	/* Of the one that waits. */
	assert_int_equal(thread_priority_set(hogs[1].thread, PRIORITY + 1), 0);
	sleep_ns(NS_PER_MS);
	assert_int_equal(hogs[0].thread->state, THREAD_READY);
	assert_int_equal(hogs[1].thread->state, THREAD_RUNNING);
	/* Of the one that runs. */
	assert_int_equal(thread_priority_set(hogs[1].thread, 0), 0);
	sleep_ns(NS_PER_MS);
	assert_int_equal(hogs[0].thread->state, THREAD_RUNNING);
	assert_int_equal(hogs[1].thread->state, THREAD_READY);
	workers_stop(hogs, 2);
}

static void test_priority_changes(void **state)
{
	(void)state;
	run(priority_changes);
}

static void affinity_changes(void *argument)
{
	struct worker hogs[] = { HOG, HOG };

	(void)argument;
	worker_start(&hogs[0], PRIORITY + 1, CPU_1);
	worker_start(&hogs[1], PRIORITY, CPU_1);
	sleep_ns(5 * NS_PER_MS);
	assert_int_equal(hogs[0].seen, CPU_1);
	assert_int_equal(hogs[1].seen, 0);
	/* Of the one that waits: it gets a CPU of its own. */
	assert_int_equal(thread_affinity_set(hogs[1].thread, CPU_2), 0);
	sleep_ns(NS_PER_MS);
	assert_int_equal(hogs[1].seen, CPU_2);
	/* Of the one that runs: now they meet there. */
	hogs[0].seen = 0;
	assert_int_equal(thread_affinity_set(hogs[0].thread, CPU_2), 0);
	sleep_ns(NS_PER_MS);
	assert_true(hogs[0].seen & CPU_2);
	hogs[0].seen = hogs[1].seen = 0;
	sleep_ns(NS_PER_MS);
	assert_int_equal(hogs[0].seen, CPU_2);
	assert_int_equal(hogs[1].seen, 0);
	assert_int_equal(hogs[1].thread->state, THREAD_READY);
	workers_stop(hogs, 2);
}

static void test_affinity_changes(void **state)
{
	(void)state;
	run(affinity_changes);
}

static void move_oneself(void *argument)
{
	(void)argument;
	for (unsigned int index = 0; index < CPU_COUNT; index++) {
		assert_int_equal(thread_affinity_set(thread_current(), UINT64_C(1) << index), 0);
		/* It need not be called twice: the change is a scheduling point. */
		assert_int_equal(thread_current()->cpu->index, index);
	}
}

static void test_affinity_of_oneself(void **state)
{
	(void)state;
	run(move_oneself);
}

/* ---- VCPUs ---- */

static struct vcpu vcpus[2];
static const struct cpu *loaded_on[2];
static unsigned int load_count;

static void note_switch(struct vcpu *vcpu, bool load)
{
	const struct cpu **loaded = &loaded_on[vcpu - vcpus];

	assert_false(arch_irq_enabled());
	assert_ptr_equal(thread_current()->vcpu, vcpu);
	assert_ptr_equal(*loaded, load ? NULL : cpu_self());
	*loaded = load ? cpu_self() : NULL;
	load_count += load;
}

static void vcpu_entry(void *argument)
{
	struct vcpu *vcpu = argument;

	for (unsigned int i = 0; i < 50; i++) {
		assert_ptr_equal(loaded_on[vcpu - vcpus], cpu_self());
		fake_work(NS_PER_MS);
		if (i % 10 == 0)
			sleep_ns(NS_PER_MS);
	}
}

/* Each is loaded where its thread runs and nowhere else, also when it is moved about. */
static void vcpu_switches(void *argument)
{
	struct thread_parameters parameters = {
		.name = "vcpu",
		.entry = vcpu_entry,
		.priority = PRIORITY,
		.affinity = CPU_1,
	};
	struct thread *threads[2];

	(void)argument;
	for (unsigned int i = 0; i < ARRAY_SIZE(threads); i++) {
		parameters.vcpu = &vcpus[i];
		parameters.argument = &vcpus[i];
		assert_int_equal(thread_create(&parameters, &threads[i]), 0);
		thread_start(threads[i]);
	}
	sleep_ns(25 * NS_PER_MS);
	thread_affinity_set(threads[0], CPU_2 | CPU_3);
	sleep_ns(15 * NS_PER_MS);
	thread_affinity_set(threads[0], CPU_1);
	join_all(threads, ARRAY_SIZE(threads));
	assert_null(loaded_on[0]);
	assert_null(loaded_on[1]);
	assert_true(load_count > 10);
}

static void test_vcpus_are_saved_and_loaded(void **state)
{
	(void)state;
	fake_vcpu_switch_hook = note_switch;
	run(vcpu_switches);
	fake_vcpu_switch_hook = NULL;
}

/* ---- several CPUs ---- */

static void spread(void *argument)
{
	struct worker hogs[] = { HOG, HOG, HOG };

	(void)argument;
	for (unsigned int i = 0; i < ARRAY_SIZE(hogs); i++)
		worker_start(&hogs[i], PRIORITY, CPU_1 | CPU_2 | CPU_3);
	sleep_ns(NS_PER_MS);
	for (unsigned int i = 0; i < ARRAY_SIZE(hogs); i++)
		assert_int_equal(hogs[i].thread->state, THREAD_RUNNING);
	sleep_ns(10 * THREAD_SLICE_NS);
	/* There is a CPU for each: none has to move. */
	assert_int_equal(hogs[0].seen | hogs[1].seen | hogs[2].seen, CPU_1 | CPU_2 | CPU_3);
	assert_int_equal(hogs[0].seen & hogs[1].seen, 0);
	assert_int_equal(hogs[0].seen & hogs[2].seen, 0);
	assert_int_equal(hogs[1].seen & hogs[2].seen, 0);
	workers_stop(hogs, ARRAY_SIZE(hogs));
}

static void test_spread_over_idle_cpus(void **state)
{
	(void)state;
	run(spread);
}

/* The lower thread may use both CPUs and moves when its own is taken from it. */
static void preempted_moves(void *argument)
{
	struct worker low = HOG, high = HOG;

	(void)argument;
	worker_start(&low, PRIORITY, CPU_1 | CPU_2);
	sleep_ns(NS_PER_MS);
	assert_int_equal(low.seen, CPU_1);
	worker_start(&high, PRIORITY + 1, CPU_1);
	sleep_ns(NS_PER_MS);
	assert_int_equal(high.thread->state, THREAD_RUNNING);
	assert_int_equal(low.thread->state, THREAD_RUNNING);
	assert_int_equal(low.thread->cpu->index, 2);
	workers_stop(&low, 1);
	workers_stop(&high, 1);
}

static void test_preempted_thread_goes_to_an_idle_cpu(void **state)
{
	(void)state;
	run(preempted_moves);
}

/* Both CPUs are busy; when one has nothing to do any more it fetches who waits at the other. */
static void idle_pulls(void *argument)
{
	struct worker blocker = { .pieces = 1, .piece_ns = 5 * NS_PER_MS };
	struct worker hogs[] = { HOG, HOG };

	(void)argument;
	worker_start(&hogs[0], PRIORITY + 1, CPU_1);
	worker_start(&blocker, PRIORITY + 1, CPU_2);
	sleep_ns(NS_PER_MS);
	worker_start(&hogs[1], PRIORITY, CPU_1 | CPU_2);
	sleep_ns(NS_PER_MS);
	assert_int_equal(hogs[1].thread->state, THREAD_READY);
	sleep_ns(5 * NS_PER_MS);
	assert_int_equal(hogs[1].thread->state, THREAD_RUNNING);
	assert_int_equal(hogs[1].seen, CPU_2);
	workers_join(&blocker, 1);
	workers_stop(hogs, 2);
}

static void test_idle_cpu_pulls(void **state)
{
	(void)state;
	run(idle_pulls);
}

/* But not a thread whose affinity forbids it. */
static void pull_minds_affinity(void *argument)
{
	struct worker hogs[] = { HOG, HOG, HOG };

	(void)argument;
	worker_start(&hogs[0], PRIORITY + 1, CPU_1);
	worker_start(&hogs[1], PRIORITY, CPU_1);
	worker_start(&hogs[2], PRIORITY - 1, CPU_1 | CPU_3);
	sleep_ns(10 * NS_PER_MS);
	assert_int_equal(hogs[1].seen, 0);
	assert_int_equal(hogs[2].seen, CPU_3);
	workers_stop(hogs, ARRAY_SIZE(hogs));
}

static void test_pull_minds_affinity(void **state)
{
	(void)state;
	run(pull_minds_affinity);
}

/* A thread that wakes again and again stays where its cache is warm. */
static void wakes_at_home(void *argument)
{
	struct worker worker = { 0 };

	(void)argument;
	worker.thread = spawn(nap_often, &worker, PRIORITY, ALL_CPUS & ~CPU_0);
	sleep_ns(50 * NS_PER_MS);
	assert_true(worker.seen == CPU_1 || worker.seen == CPU_2 || worker.seen == CPU_3);
	workers_stop(&worker, 1);
}

static void test_wakes_where_it_slept(void **state)
{
	(void)state;
	run(wakes_at_home);
}

/* Of the waking of a more important thread on a busy CPU: at once, by an interrupt. */
static void remote_preemption(void *argument)
{
	struct worker hog = HOG, napper = { 0 };
	uint64_t before_ns;

	(void)argument;
	napper.thread = spawn(nap_often, &napper, PRIORITY + 1, CPU_1);
	worker_start(&hog, PRIORITY, CPU_1);
	sleep_ns(20 * NS_PER_MS);
	before_ns = thread_run_time(napper.thread);
	sleep_ns(110 * NS_PER_MS);
	/* It works a tick of each eleven. */
	assert_in_range(thread_run_time(napper.thread) - before_ns, 8 * NS_PER_MS, 11 * NS_PER_MS);
	workers_stop(&napper, 1);
	workers_stop(&hog, 1);
}

static void test_waking_preempts_another_cpu(void **state)
{
	(void)state;
	run(remote_preemption);
}

/* A thread that would have to wait goes where something less important runs. */
static void wakes_elsewhere(void *argument)
{
	struct worker hogs[] = { HOG, HOG }, napper = { 0 };

	(void)argument;
	napper.thread = spawn(nap_often, &napper, PRIORITY, CPU_1 | CPU_2);
	sleep_ns(10 * NS_PER_MS);
	assert_int_equal(napper.seen, CPU_1);
	worker_start(&hogs[0], PRIORITY, CPU_1);
	worker_start(&hogs[1], PRIORITY - 1, CPU_2);
	sleep_ns(10 * NS_PER_MS);
	napper.seen = 0;
	sleep_ns(10 * NS_PER_MS);
	assert_int_equal(napper.seen, CPU_2);
	workers_stop(&napper, 1);
	workers_stop(hogs, 2);
}

static void test_wakes_where_less_important_work_runs(void **state)
{
	(void)state;
	run(wakes_elsewhere);
}

/*
 * Three that are equal on two CPUs, one of which sleeps most of the time: who may only have what is
 * left over gets nothing, wherever the balance has sent the others.
 */
static void nothing_left_over(void *argument)
{
	struct worker hogs[] = { HOG, HOG }, napper = { 0 }, low = HOG;

	(void)argument;
	worker_start(&hogs[0], PRIORITY, CPU_1 | CPU_2);
	worker_start(&hogs[1], PRIORITY, CPU_1 | CPU_2);
	worker_start(&low, PRIORITY - 1, CPU_1);
	napper.thread = spawn(nap_often, &napper, PRIORITY, CPU_1);
	sleep_ns(2 * NS_PER_S);
	assert_in_range(thread_run_time(napper.thread), 10 * NS_PER_MS, 400 * NS_PER_MS);
	assert_in_range(thread_run_time(low.thread), 0, 5 * NS_PER_MS);
	workers_stop(&napper, 1);
	workers_stop(hogs, 2);
	workers_stop(&low, 1);
}

static void test_nothing_is_left_over(void **state)
{
	(void)state;
	run(nothing_left_over);
}

/* ---- fairness ---- */

struct fairness {
	unsigned int thread_count;
	cpumask_t cpus;
	unsigned int tolerance_percent;
	unsigned int switches_max; /* in two seconds, of all threads together */
};

static unsigned int count_cpus(cpumask_t mask)
{
	unsigned int count = 0;

	for (; mask != 0; mask &= mask - 1)
		count++;
	return count;
}

/* Each of the threads gets its share of the CPUs over two seconds. */
static void fair_shares(void *argument)
{
	const struct fairness *fairness = argument;
	struct worker hogs[16];
	uint64_t before_ns[16], switches = 0, share_ns = 2 * NS_PER_S;
	unsigned int count = fairness->thread_count;

	share_ns = share_ns * count_cpus(fairness->cpus) / count;
	for (unsigned int i = 0; i < count; i++) {
		hogs[i] = (struct worker)HOG;
		worker_start(&hogs[i], PRIORITY, fairness->cpus);
	}
	sleep_ns(10 * THREAD_SLICE_NS);
	for (unsigned int i = 0; i < count; i++)
		before_ns[i] = thread_run_time(hogs[i].thread);
	for (unsigned int i = 0; i < count; i++)
		switches -= hogs[i].thread->switch_count;
	sleep_ns(2 * NS_PER_S);
	for (unsigned int i = 0; i < count; i++)
		switches += hogs[i].thread->switch_count;
	assert_in_range(switches, 1, fairness->switches_max);
	for (unsigned int i = 0; i < count; i++) {
		uint64_t got_ns = thread_run_time(hogs[i].thread) - before_ns[i];

		assert_in_range(got_ns * 100 / share_ns, 100 - fairness->tolerance_percent,
				100 + fairness->tolerance_percent);
	}
	workers_stop(hogs, count);
}

static void test_fair_shares(void **state)
{
	/* One switch for each slice of each CPU on which a thread waits. */
	const struct fairness cases[] = {
		{ 2, CPU_1, 2, 202 },
		{ 7, CPU_1, 5, 202 },
		{ 4, CPU_1 | CPU_2, 2, 404 },
		{ 3, CPU_1 | CPU_2, 5, 202 },
		{ 5, CPU_1 | CPU_2, 20, 404 },
		{ 4, CPU_1 | CPU_2 | CPU_3, 15, 202 },
		{ 5, CPU_1 | CPU_2 | CPU_3, 15, 404 },
		{ 16, CPU_1 | CPU_2 | CPU_3, 15, 606 },
	};

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++)
		fake_machine_run_as(fair_shares, (void *)&cases[i], THREAD_PRIORITY_SERVICE, CPU_0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_priorities),
		cmocka_unit_test(test_preemption),
		cmocka_unit_test(test_yield),
		cmocka_unit_test(test_round_robin),
		cmocka_unit_test(test_slice_is_kept_over_a_preemption),
		cmocka_unit_test(test_tickless),
		cmocka_unit_test(test_newcomer_does_not_wait_long),
		cmocka_unit_test(test_sleeper_beside_a_hog),
		cmocka_unit_test(test_priority_changes),
		cmocka_unit_test(test_affinity_changes),
		cmocka_unit_test(test_affinity_of_oneself),
		cmocka_unit_test(test_vcpus_are_saved_and_loaded),
		cmocka_unit_test(test_spread_over_idle_cpus),
		cmocka_unit_test(test_preempted_thread_goes_to_an_idle_cpu),
		cmocka_unit_test(test_idle_cpu_pulls),
		cmocka_unit_test(test_pull_minds_affinity),
		cmocka_unit_test(test_wakes_where_it_slept),
		cmocka_unit_test(test_waking_preempts_another_cpu),
		cmocka_unit_test(test_wakes_where_less_important_work_runs),
		cmocka_unit_test(test_nothing_is_left_over),
		cmocka_unit_test(test_fair_shares),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * The fake port's threads, clock, timers and interrupts between CPUs; and the machine that runs
 * them, as fake_machine.h tells. Without a machine these hooks only remember what they were told.
 */
#include <errno.h>
#include <pthread.h>
#include <sanitizer/asan_interface.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include <cmocka.h>

#include <corbel/arch.h>
#include <corbel/sched.h>
#include <corbel/thread.h>
#include <corbel/time.h>
#include <fake.h>
#include <fake_machine.h>

#define MACHINE_CPU_MAX	   16
#define CONTEXT_STACK_SIZE ((size_t)256 << 10)
#define FAKE_LIMIT_NS	   (3600 * NS_PER_S)
#define REAL_LIMIT_S	   200
#define IDLE_POLL_US	   50
#define HARDWARE_ID_BASE   100

/* Where a thread, or the test itself, goes on. */
struct fake_context {
	ucontext_t context;
	volatile bool resumed;
	const void *stack; /* lowest byte; of the machine's own threads known once they were left */
	size_t stack_size;
	void *sanitizer_stack; /* what the sanitizer keeps of it while it is left */
	const void *key;       /* the stack that core gave, for which this is a larger one */
	struct fake_context *next;
};

/* What a CPU has beyond struct cpu. */
struct fake_cpu {
	struct cpu *cpu;
	struct thread *thread; /* who goes on when it is this CPU's turn */
	bool irq_enabled;      /* the same */
	bool idle;
	bool ipi_raised; /* atomic */
	uint64_t timer_set_count;
	struct fake_context own_context; /* parallel: of the idle thread */
	pthread_t machine_thread;
};

uint64_t fake_time_ns;
uint64_t fake_cpus_refused, fake_cpus_silent;
void (*fake_relax_hook)(void);

static struct fake_cpu fake_cpus[MACHINE_CPU_MAX];
static unsigned int fake_cpu_count; /* 0: there is no machine */
static bool parallel;
static bool in_test = true; /* the test's own context runs, no CPU's */
static struct fake_context test_context;
static struct fake_context *contexts;
static pthread_mutex_t contexts_mutex = PTHREAD_MUTEX_INITIALIZER;

static struct fake_cpu *fake_self(void)
{
	return &fake_cpus[arch_cpu_self()->index];
}

/* ---- contexts ---- */

/* Of the machine's thread, which may be another one after a switch: hence a call each time. */
__attribute__((noinline)) static struct fake_context **left_context(void)
{
	static __thread struct fake_context *left;

	return &left;
}

/* What comes first after a switch to `self`. */
static void context_arrived(struct fake_context *self)
{
	struct fake_context *left = *left_context();
	const void *bottom;
	size_t size;

	__sanitizer_finish_switch_fiber(self->sanitizer_stack, &bottom, &size);
	if (left->stack == NULL) {
		left->stack = bottom;
		left->stack_size = size;
	}
}

static void context_switch(struct fake_context *from, struct fake_context *to)
{
	*left_context() = from;
	from->resumed = false;
	__sanitizer_start_switch_fiber(&from->sanitizer_stack, to->stack, to->stack_size);
	/* Not swapcontext(), with which the sanitizer meddles. */
	getcontext(&from->context);
	if (!from->resumed) {
		from->resumed = true;
		setcontext(&to->context);
	}
	context_arrived(from);
}

static struct fake_context *context_find(const void *key)
{
	struct fake_context *context;

	for (context = contexts; context != NULL; context = context->next)
		if (context->key == key)
			return context;
	context = calloc(1, sizeof(*context));
	assert_non_null(context);
	context->stack_size = CONTEXT_STACK_SIZE;
	context->stack = mmap(NULL, CONTEXT_STACK_SIZE, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(context->stack != MAP_FAILED);
	context->key = key;
	context->next = contexts;
	contexts = context;
	return context;
}

static void context_prepare(struct fake_context *context, void (*entry)(void))
{
	/* A thread that ended never returned from its functions. */
	ASAN_UNPOISON_MEMORY_REGION(context->stack, context->stack_size);
	context->sanitizer_stack = NULL;
	getcontext(&context->context);
	context->context.uc_stack.ss_sp = (void *)context->stack;
	context->context.uc_stack.ss_size = context->stack_size;
	context->context.uc_link = NULL;
	makecontext(&context->context, entry, 0);
}

/* A context that begins in the function. Core's stacks are too small for the C library. */
static struct fake_context *context_create(const void *key, void (*entry)(void))
{
	struct fake_context *context;

	pthread_mutex_lock(&contexts_mutex);
	context = context_find(key);
	pthread_mutex_unlock(&contexts_mutex);
	context_prepare(context, entry);
	return context;
}

static void thread_entry(void)
{
	context_arrived(arch_thread_current()->arch.data);
	thread_begin();
}

void arch_thread_init(struct thread *thread, void *stack, size_t size)
{
	assert_true(size >= THREAD_STACK_SIZE);
	thread->arch.data = context_create(stack, thread_entry);
}

void arch_thread_switch(struct thread *previous, struct thread *next)
{
	assert_false(arch_irq_enabled());
	assert_ptr_equal(arch_thread_current(), previous);
	fake_processor()->thread = next;
	context_switch(previous->arch.data, next->arch.data);
}

/* ---- clock, timer, interrupts ---- */

uint64_t arch_time_now(void)
{
	struct timespec now;

	if (!parallel)
		return fake_time_ns;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

void arch_timer_set(uint64_t deadline_ns)
{
	assert_false(arch_irq_enabled());
	arch_cpu_self()->arch.timer_deadline_ns = deadline_ns;
	fake_self()->timer_set_count++;
}

uint64_t fake_timer_set_count(unsigned int cpu_index)
{
	return fake_cpus[cpu_index].timer_set_count;
}

uint64_t fake_timer_deadline(unsigned int cpu_index)
{
	return cpu_get(cpu_index)->arch.timer_deadline_ns;
}

void arch_ipi_send(struct cpu *target)
{
	__atomic_fetch_add(&target->arch.ipi_sent_count, 1, __ATOMIC_RELAXED);
	__atomic_store_n(&fake_cpus[target->index].ipi_raised, true, __ATOMIC_SEQ_CST);
}

static bool interrupt_pending(const struct fake_cpu *me)
{
	return __atomic_load_n(&me->ipi_raised, __ATOMIC_SEQ_CST) ||
	       me->cpu->arch.timer_deadline_ns <= arch_time_now();
}

/* Takes what is pending on this CPU; interrupts are on. Afterwards it may be another CPU. */
static void interrupts_take(void)
{
	for (;;) {
		struct fake_cpu *me;

		fake_processor()->irq_enabled = false;
		me = fake_self();
		if (__atomic_exchange_n(&me->ipi_raised, false, __ATOMIC_SEQ_CST)) {
			cpu_ipi_handle();
		} else if (interrupt_pending(me)) {
			timer_interrupt();
		} else {
			fake_processor()->irq_enabled = true;
			return;
		}
		sched_preempt();
	}
}

/* Ends this CPU's turn; returns when it has the next. */
static void turn_end(void)
{
	struct fake_cpu *me = fake_self();

	me->thread = arch_thread_current();
	me->irq_enabled = arch_irq_enabled();
	context_switch(me->thread->arch.data, &test_context);
}

static void irq_enabled_hook(void)
{
	if (!in_test)
		interrupts_take();
}

static void relax_hook(void)
{
	if (in_test || parallel)
		sched_yield();
	else
		turn_end();
	if (!in_test && arch_irq_enabled())
		interrupts_take();
}

void fake_work(uint64_t duration_ns)
{
	uint64_t end_ns = arch_time_now() + duration_ns;

	assert_false(in_test);
	for (uint64_t done_ns = 0; parallel ? arch_time_now() < end_ns : done_ns < duration_ns;
	     done_ns += FAKE_TICK_NS) {
		if (!parallel)
			turn_end();
		if (arch_irq_enabled())
			interrupts_take();
	}
}

/* ---- CPUs ---- */

static bool run_done; /* atomic: the thread of fake_machine_run() has called its function */

void arch_cpu_idle(void)
{
	struct fake_cpu *me = fake_self();

	assert_false(arch_irq_enabled());
	if (fake_cpu_count == 0)
		return;
	me->idle = true;
	if (!parallel || (me == &fake_cpus[0] && __atomic_load_n(&run_done, __ATOMIC_ACQUIRE)))
		turn_end();
	else if (!interrupt_pending(me))
		usleep(IDLE_POLL_US);
	me->idle = false;
}

static void boot_entry(void)
{
	context_arrived(arch_thread_current()->arch.data);
	cpu_boot_init(HARDWARE_ID_BASE);
	assert_int_equal(timer_cpu_init(cpu_self()), 0);
	assert_int_equal(sched_cpu_init(cpu_self()), 0);
	for (unsigned int index = 1; index < fake_cpu_count; index++) {
		struct cpu *cpu;

		assert_int_equal(cpu_add(HARDWARE_ID_BASE + index, &cpu), 0);
	}
	cpu_start_others();
	__atomic_store_n(&run_done, true, __ATOMIC_RELEASE);
	sched_idle_loop();
}

static void secondary_entry(void)
{
	context_arrived(arch_thread_current()->arch.data);
	cpu_secondary_main();
}

static void *parallel_entry(void *argument)
{
	struct fake_cpu *me = argument;

	*fake_processor() = (struct fake_processor){ .cpu = me->cpu, .thread = me->thread };
	cpu_secondary_main();
}

int arch_cpu_start(struct cpu *cpu)
{
	struct fake_cpu *me = &fake_cpus[cpu->index];

	if (fake_cpu_count == 0 || (fake_cpus_refused >> cpu->index & 1) != 0)
		return -ENODEV;
	if ((fake_cpus_silent >> cpu->index & 1) != 0)
		return 0;
	me->cpu = cpu;
	me->thread = cpu->idle;
	cpu->arch.timer_deadline_ns = TIME_NEVER;
	if (parallel) {
		cpu->idle->arch.data = &me->own_context;
		return -pthread_create(&me->machine_thread, NULL, parallel_entry, me);
	}
	cpu->idle->arch.data = context_create(cpu->idle->stack, secondary_entry);
	return 0;
}

/* ---- the test's side ---- */

/* Between runs the test may call core as if it were the boot CPU's idle thread. */
static void test_processor_set(void)
{
	*fake_processor() =
		(struct fake_processor){ .cpu = &fake_boot_cpu, .thread = &fake_boot_thread };
	in_test = true;
}

static void cpu_turn(struct fake_cpu *me)
{
	*fake_processor() = (struct fake_processor){
		.cpu = me->cpu,
		.thread = me->thread,
		.irq_enabled = me->irq_enabled,
	};
	in_test = false;
	context_switch(&test_context, me->thread->arch.data);
	test_processor_set();
}

/* Every CPU that is not asleep has its turn; false if all were. */
static bool round_run(void)
{
	bool any = false;

	for (unsigned int index = 0; index < fake_cpu_count; index++) {
		struct fake_cpu *me = &fake_cpus[index];

		if (me->cpu != NULL && (!me->idle || interrupt_pending(me))) {
			cpu_turn(me);
			any = true;
		}
	}
	return any;
}

/* The clock goes on to the next timer of a CPU; false where there is none. */
static bool time_jump(void)
{
	uint64_t next_ns = TIME_NEVER;

	for (unsigned int index = 0; index < fake_cpu_count; index++)
		if (fake_cpus[index].cpu != NULL)
			next_ns = MIN(next_ns, fake_cpus[index].cpu->arch.timer_deadline_ns);
	if (next_ns == TIME_NEVER)
		return false;
	fake_time_ns = MAX(fake_time_ns, next_ns);
	return true;
}

/* In turn: until everything sleeps and the run is done. */
static void rounds_run(void)
{
	uint64_t limit_ns = fake_time_ns + FAKE_LIMIT_NS;

	for (;;) {
		if (round_run())
			fake_time_ns += FAKE_TICK_NS;
		else if (run_done)
			return;
		else if (!time_jump())
			fail_msg("all CPUs sleep for ever");
		if (fake_time_ns > limit_ns)
			fail_msg("the machine does not come to rest");
	}
}

static void machine_start(unsigned int cpu_count, bool in_parallel)
{
	if (fake_cpu_count != 0) {
		assert_int_equal(fake_cpu_count, cpu_count);
		assert_int_equal(parallel, in_parallel);
		return;
	}
	assert_true(cpu_count >= 1 && cpu_count <= MACHINE_CPU_MAX);
	assert_int_equal(fake_memory_setup(NULL), 0);
	fake_cpu_count = cpu_count;
	parallel = in_parallel;
	fake_irq_enabled_hook = irq_enabled_hook;
	fake_relax_hook = relax_hook;
	fake_boot_cpu.arch.timer_deadline_ns = TIME_NEVER;
	fake_cpus[0].cpu = &fake_boot_cpu;
	fake_cpus[0].thread = &fake_boot_thread;
	fake_boot_thread.arch.data = context_create(&fake_boot_thread, boot_entry);
	if (parallel)
		cpu_turn(&fake_cpus[0]);
	else
		rounds_run();
	assert_int_equal(cpu_online_mask(), ((UINT64_C(1) << cpu_count) - 1) &
						    ~(fake_cpus_refused | fake_cpus_silent));
}

void fake_machine_start(unsigned int cpu_count)
{
	machine_start(cpu_count, false);
}

void fake_machine_start_parallel(unsigned int cpu_count)
{
	machine_start(cpu_count, true);
}

int fake_machine_setup(void **state)
{
	(void)state;
	fake_machine_start(1);
	return 0;
}

struct fake_run {
	void (*body)(void *argument);
	void *argument;
};

static void run_entry(void *argument)
{
	struct fake_run *run = argument;

	run->body(run->argument);
	__atomic_store_n(&run_done, true, __ATOMIC_RELEASE);
}

static void run_until_done(const struct thread *thread)
{
	fake_cpus[0].idle = false;
	if (!parallel) {
		rounds_run();
		return;
	}
	alarm(REAL_LIMIT_S);
	do
		cpu_turn(&fake_cpus[0]);
	while (READ_ONCE(thread->state) != THREAD_DEAD);
	alarm(0);
}

void fake_machine_run_as(void (*body)(void *argument), void *argument, unsigned int priority,
			 uint64_t affinity)
{
	struct fake_run run = { .body = body, .argument = argument };
	const struct thread_parameters parameters = {
		.name = "test",
		.entry = run_entry,
		.argument = &run,
		.priority = priority,
		.affinity = affinity,
	};
	struct thread *thread;

	assert_true(fake_cpu_count != 0);
	if (!in_test || !run_done) {
		/* A check failed in the midst of a thread: nothing more can be learnt. */
		fprintf(stderr, "[  FAILED  ] an earlier test left the fake machine in disorder\n");
		fflush(NULL);
		_exit(EXIT_FAILURE);
	}
	run_done = false;
	assert_int_equal(thread_create(&parameters, &thread), 0);
	thread_start(thread);
	run_until_done(thread);
	thread_join(thread);
}

void fake_machine_run(void (*body)(void *argument), void *argument)
{
	fake_machine_run_as(body, argument, THREAD_PRIORITY_SERVICE, 0);
}

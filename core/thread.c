// SPDX-License-Identifier: BSD-2-Clause
/*
 * The life of threads: made, started, held back, ended, joined; the list of all of them. When
 * and where they run is the scheduler's affair.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <corbel/arch.h>
#include <corbel/object.h>
#include <corbel/panic.h>
#include <corbel/time.h>
#include <corbel/wait.h>

#include "run_queue.h"

static struct mutex list_mutex = MUTEX_INIT(list_mutex);
static struct list all_threads = LIST_INIT(all_threads);
static unsigned int last_id;

static void thread_list_add(struct thread *thread)
{
	mutex_lock(&list_mutex);
	list_add_last(&all_threads, &thread->all_node);
	mutex_unlock(&list_mutex);
}

static void thread_list_remove(struct thread *thread)
{
	mutex_lock(&list_mutex);
	list_remove(&thread->all_node);
	mutex_unlock(&list_mutex);
}

void thread_for_each(void (*visit)(struct thread *thread, void *argument), void *argument)
{
	mutex_lock(&list_mutex);
	list_for_each(&all_threads, node)
		visit(list_entry(node, struct thread, all_node), argument);
	mutex_unlock(&list_mutex);
}

static void thread_name_set(struct thread *thread, const char *name)
{
	size_t length = strnlen(name, THREAD_NAME_SIZE - 1);

	memcpy(thread->name, name, length);
	thread->name[length] = '\0';
}

/* What all threads have in common, from a zeroed structure. */
static void thread_setup(struct thread *thread, const struct thread_parameters *parameters,
			 struct cpu *cpu)
{
	thread_name_set(thread, parameters->name);
	thread->entry = parameters->entry;
	thread->argument = parameters->argument;
	thread->priority = parameters->priority;
	thread->affinity = parameters->affinity != 0 ? parameters->affinity : CPUMASK_ALL;
	thread->vcpu = parameters->vcpu;
	thread->cpu = cpu;
	thread->state = THREAD_NEW;
	thread->slice_ns = THREAD_SLICE_NS;
	thread->id = __atomic_fetch_add(&last_id, 1, __ATOMIC_RELAXED);
}

/* A thread with a stack, not yet known to anybody. */
static struct thread *thread_allocate(const struct thread_parameters *parameters, struct cpu *cpu)
{
	struct thread *thread = object_alloc(sizeof(*thread));

	if (thread == NULL)
		return NULL;
	thread->stack = arch_stack_alloc(THREAD_STACK_SIZE);
	if (thread->stack == NULL) {
		object_free(thread);
		return NULL;
	}
	thread_setup(thread, parameters, cpu);
	return thread;
}

static void thread_free(struct thread *thread)
{
	thread_list_remove(thread);
	arch_stack_free(thread->stack, THREAD_STACK_SIZE);
	object_free(thread);
}

int thread_create(const struct thread_parameters *parameters, struct thread **out)
{
	struct thread *thread;

	ASSERT(parameters->name != NULL && parameters->entry != NULL);
	if (parameters->priority >= THREAD_PRIORITY_COUNT)
		return -EINVAL;
	if (parameters->affinity != 0 && (parameters->affinity & cpu_online_mask()) == 0)
		return -EINVAL;
	thread = thread_allocate(parameters, cpu_get(0));
	if (thread == NULL)
		return -ENOMEM;
	arch_thread_init(thread, thread->stack, THREAD_STACK_SIZE);
	thread_list_add(thread);
	*out = thread;
	return 0;
}

static void idle_parameters_get(const struct cpu *cpu, struct thread_parameters *out, char *name,
				size_t size)
{
	snprintf(name, size, "idle/%u", cpu->index);
	*out = (struct thread_parameters){
		.name = name,
		.priority = THREAD_PRIORITY_IDLE,
		.affinity = cpumask_of(cpu->index),
	};
}

void thread_setup_idle(struct thread *thread, struct cpu *cpu)
{
	struct thread_parameters parameters;
	char name[THREAD_NAME_SIZE];

	idle_parameters_get(cpu, &parameters, name, sizeof(name));
	thread_setup(thread, &parameters, cpu);
	thread_list_add(thread);
}

struct thread *thread_create_idle(struct cpu *cpu)
{
	struct thread_parameters parameters;
	char name[THREAD_NAME_SIZE];
	struct thread *thread;

	idle_parameters_get(cpu, &parameters, name, sizeof(name));
	thread = thread_allocate(&parameters, cpu);
	if (thread != NULL)
		thread_list_add(thread);
	return thread;
}

void thread_destroy(struct thread *thread)
{
	ASSERT(thread->state == THREAD_NEW);
	thread_free(thread);
}

void thread_start(struct thread *thread)
{
	bool enabled = sched_irq_save();
	cpumask_t kick = 0;
	bool started = sched_make_ready(thread, THREAD_NEW, &kick);

	ASSERT(started);
	(void)started;
	sched_kick_and_restore(kick, enabled);
}

void thread_begin(void)
{
	struct thread *thread = thread_current();

	sched_switch_finish();
	arch_irq_enable();
	thread->entry(thread->argument);
	thread_exit();
}

void thread_exit(void)
{
	arch_irq_disable();
	sched_exit();
}

/*
 * The last access to the dead thread. Its joiner waits for that, so that it exists until it has
 * been woken.
 */
void thread_joiner_release(struct thread *dead, struct thread *joiner)
{
	sched_kick(sched_wake(joiner));
	__atomic_store_n(&dead->joiner, NULL, __ATOMIC_RELEASE);
}

/* Whether the thread is dead; else the caller is noted as the one to be woken when it is. */
static bool join_check(struct thread *thread)
{
	bool enabled = sched_irq_save();
	struct run_queue *queue = sched_lock(thread);
	bool dead = thread->state == THREAD_DEAD;

	ASSERT(thread->joiner == NULL || thread->joiner == thread_current());
	if (!dead)
		thread->joiner = thread_current();
	spin_unlock(&queue->lock);
	sched_kick_and_restore(0, enabled);
	return dead;
}

void thread_join(struct thread *thread)
{
	ASSERT(thread != thread_current());
	for (;;) {
		thread_block_prepare();
		if (join_check(thread))
			break;
		thread_block();
	}
	thread_block_cancel();
	/* Who woke us has interrupts off: this is short. */
	while (__atomic_load_n(&thread->joiner, __ATOMIC_ACQUIRE) != NULL)
		arch_cpu_relax();
	thread_free(thread);
}

void thread_pause(struct thread *thread)
{
	sched_pause(thread);
}

void thread_resume(struct thread *thread)
{
	sched_resume(thread);
}

int thread_affinity_set(struct thread *thread, cpumask_t affinity)
{
	if ((affinity & cpu_online_mask()) == 0)
		return -EINVAL;
	sched_affinity_set(thread, affinity);
	return 0;
}

int thread_priority_set(struct thread *thread, unsigned int priority)
{
	if (priority >= THREAD_PRIORITY_COUNT)
		return -EINVAL;
	sched_priority_set(thread, priority);
	return 0;
}

void thread_sleep_until(uint64_t deadline_ns)
{
	do
		thread_block_prepare();
	while (wait_block_until(deadline_ns));
}

uint64_t thread_run_time(const struct thread *thread)
{
	bool enabled = sched_irq_save();
	struct run_queue *queue = sched_lock(thread);
	uint64_t time_ns = thread->run_time_ns, now_ns = time_now();

	if (thread->state == THREAD_RUNNING && now_ns > thread->switched_in_ns)
		time_ns += now_ns - thread->switched_in_ns;
	spin_unlock(&queue->lock);
	sched_kick_and_restore(0, enabled);
	return time_ns;
}

bool thread_is_running(const struct thread *thread)
{
	bool enabled = sched_irq_save();
	struct run_queue *queue = sched_lock(thread);
	bool running = thread->state == THREAD_RUNNING;

	spin_unlock(&queue->lock);
	sched_kick_and_restore(0, enabled);
	return running;
}

const char *thread_state_name(enum thread_state state)
{
	static const char *const names[] = {
		[THREAD_NEW] = "new",	      [THREAD_READY] = "ready",
		[THREAD_RUNNING] = "running", [THREAD_BLOCKED] = "blocked",
		[THREAD_PAUSED] = "paused",   [THREAD_DEAD] = "dead",
	};

	ASSERT((size_t)state < ARRAY_SIZE(names));
	return names[state];
}

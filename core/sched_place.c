// SPDX-License-Identifier: BSD-2-Clause
/*
 * The scheduler across CPUs: where a thread goes when it becomes READY, and how work moves to CPUs
 * that have less of it. Nothing here lies on the path of an ordinary switch.
 */
#include <corbel/arch.h>
#include <corbel/panic.h>
#include <corbel/time.h>

#include "run_queue.h"
#include "timer_internal.h"

/* How many threads of one other CPU a CPU looks at that has nothing better to do. */
#define PULL_SEARCH_MAX 32u
/* How many CPUs are looked at for a thread that would have to wait. */
#define CPU_SEARCH_MAX	8u

/*
 * CPUs that have nothing to do. Such a CPU says so before it looks for work elsewhere; whoever
 * gives it some, or tells it to look, takes it out, so that the next goes to another one.
 */
static struct shared_cpumask idle_cpus;

/*
 * CPUs on which threads may be waiting: none waits on the others. Set by who adds a thread, cleared
 * by who looked for one in vain, both under the run queue's lock.
 */
static struct shared_cpumask waiting_cpus;

void sched_place_waiting_set(const struct cpu *cpu)
{
	if (!shared_cpumask_has(&waiting_cpus, cpu->index))
		shared_cpumask_set(&waiting_cpus, cpu->index);
}

void sched_place_idle_set(const struct cpu *cpu, bool idle)
{
	if (idle)
		shared_cpumask_set(&idle_cpus, cpu->index);
	else
		shared_cpumask_clear(&idle_cpus, cpu->index);
}

cpumask_t sched_place_idle(const struct run_queue *queue, cpumask_t allowed)
{
	cpumask_t idle = shared_cpumask_get(&idle_cpus) & allowed;
	unsigned int index;

	idle &= ~cpumask_of(queue->cpu->index);
	if (idle == 0)
		return 0;
	index = cpumask_next(idle, queue->cpu->index);
	shared_cpumask_clear(&idle_cpus, index);
	return cpumask_of(index);
}

static void lock_two(struct run_queue *one, struct run_queue *other)
{
	ASSERT(one != other);
	if (one->cpu->index > other->cpu->index) {
		spin_lock(&other->lock);
		spin_lock(&one->lock);
	} else {
		spin_lock(&one->lock);
		spin_lock(&other->lock);
	}
}

static void unlock_two(struct run_queue *one, struct run_queue *other)
{
	spin_unlock(&one->lock);
	spin_unlock(&other->lock);
}

cpumask_t sched_place_notify(struct run_queue *queue, const struct thread *thread)
{
	struct cpu *cpu = queue->cpu;
	const struct list *level = &queue->levels[thread->priority];
	cpumask_t kick = 0;

	ASSERT(spin_is_held(&queue->lock));
	/* A CPU that becomes idle sets its bit first and looks at the queues then. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if ((int)thread->priority > queue->running_priority) {
		kick = cpumask_of(cpu->index);
		if (queue->running_priority == RUN_QUEUE_IDLE) {
			shared_cpumask_clear(&idle_cpus, cpu->index);
			if (queue->ready_count > 1)
				kick |= sched_place_idle(queue, CPUMASK_ALL);
		}
		return kick;
	}
	if ((int)thread->priority == queue->running_priority &&
	    list_next(level, list_first(level)) == NULL) {
		/* The first to wait for the running thread's slice to end. */
		if (cpu == cpu_self())
			timer_slice_set(cpu, cpu->current->slice_ns);
		else
			kick = cpumask_of(cpu->index);
	}
	return kick | sched_place_idle(queue, thread->affinity);
}

/* The allowed CPU on which the fewest threads wait. */
static struct cpu *least_loaded(cpumask_t allowed)
{
	struct cpu *best = NULL;
	unsigned int best_count = 0;

	for (; allowed != 0; allowed &= allowed - 1) {
		struct cpu *cpu = cpu_get(cpumask_first(allowed));
		unsigned int count = READ_ONCE(cpu->run_queue->ready_count);

		if (best == NULL || count < best_count) {
			best = cpu;
			best_count = count;
		}
	}
	return best;
}

/* An allowed CPU that runs something less important, of the first few; NULL where there is none. */
static struct cpu *less_important(cpumask_t allowed, const struct thread *thread)
{
	for (unsigned int seen = 0; allowed != 0 && seen < CPU_SEARCH_MAX; seen++) {
		struct cpu *cpu = cpu_get(cpumask_first(allowed));
		const struct run_queue *queue = cpu->run_queue;

		if (READ_ONCE(queue->running_priority) < (int)thread->priority &&
		    run_queue_waiting(queue, thread->priority) == 0)
			return cpu;
		allowed &= allowed - 1;
	}
	return NULL;
}

/*
 * Where a thread that becomes READY should go: to the CPU that it ran on last if it would run
 * there at once, else to an idle one, else to one that runs something less important, else to the
 * last or, if it must leave that or is new, to the one with the shortest queue. Context: the
 * thread's run queue locked.
 */
static struct cpu *placement(const struct thread *thread)
{
	cpumask_t allowed = thread->affinity & cpu_online_mask();
	const struct run_queue *last = thread->cpu->run_queue;
	bool stay = (allowed & cpumask_of(thread->cpu->index)) != 0;
	struct cpu *cpu;
	cpumask_t idle;

	ASSERT(allowed != 0);
	if (stay && last->ready_count == 0 && last->running_priority < (int)thread->priority)
		return thread->cpu;
	idle = shared_cpumask_get(&idle_cpus) & allowed;
	if (idle != 0)
		return cpu_get(cpumask_next(idle, thread->cpu->index));
	cpu = less_important(allowed, thread);
	if (cpu != NULL)
		return cpu;
	return stay && thread->state != THREAD_NEW ? thread->cpu : least_loaded(allowed);
}

bool sched_make_ready(struct thread *thread, enum thread_state from, cpumask_t *kick)
{
	struct run_queue *queue = sched_lock(thread);
	bool moved = false;

	while (thread->state == from) {
		struct cpu *target = placement(thread);

		if (target == queue->cpu || (moved && thread_may_run_on(thread, queue->cpu))) {
			thread->state = thread->pause_requested ? THREAD_PAUSED : THREAD_READY;
			if (thread->state == THREAD_READY) {
				run_queue_add(queue, thread, false);
				*kick |= sched_place_notify(queue, thread);
			}
			spin_unlock(&queue->lock);
			return true;
		}
		/* It is on no queue: it may change its CPU under one lock, then go on under the
		 * other. */
		WRITE_ONCE(thread->cpu, target);
		spin_unlock(&queue->lock);
		queue = sched_lock(thread);
		moved = true;
	}
	if (from == THREAD_BLOCKED)
		thread->wake_pending = true;
	spin_unlock(&queue->lock);
	return false;
}

cpumask_t sched_wake(struct thread *thread)
{
	cpumask_t kick = 0;

	ASSERT(!arch_irq_enabled());
	sched_make_ready(thread, THREAD_BLOCKED, &kick);
	return kick;
}

/* Moves a READY thread from one queue to the other; both locked. */
static cpumask_t move_ready(struct run_queue *from, struct run_queue *to, struct thread *thread)
{
	ASSERT(thread_may_run_on(thread, to->cpu));
	run_queue_remove(from, thread);
	WRITE_ONCE(thread->cpu, to->cpu);
	run_queue_add(to, thread, false);
	return sched_place_notify(to, thread);
}

/*
 * One other CPU is looked at each time, in turn. Where fewer threads wait there than here, and for
 * none that is worse, waiting there is shorter; and since all take part in turn, three threads on
 * two CPUs get two thirds of a CPU each.
 */
struct run_queue *sched_place_balance(struct run_queue *queue, const struct thread *thread)
{
	cpumask_t others = cpu_online_mask() & ~cpumask_of(queue->cpu->index);
	struct run_queue *target;

	if (others == 0)
		return NULL;
	target = cpu_get(cpumask_next(others, queue->balance_next))->run_queue;
	if (!thread_may_run_on(thread, target->cpu) ||
	    run_queue_waiting(target, thread->priority) >=
		    run_queue_waiting(queue, thread->priority) ||
	    READ_ONCE(target->running_priority) > (int)thread->priority) {
		queue->balance_next = target->cpu->index;
		return NULL;
	}
	return target;
}

/*
 * The running thread gets a whole slice before who was sent to wait behind it: it may have run
 * alone for long, and would otherwise always lose its CPU to whom the balance sends.
 */
static void renew_slice(struct run_queue *queue, const struct thread *newcomer)
{
	struct thread *current = queue->cpu->current;

	if (!run_queue_has(queue, newcomer->priority) &&
	    queue->running_priority == (int)newcomer->priority)
		current->slice_ns = time_now() + THREAD_SLICE_NS;
}

/* Moves the first outgoing thread; false where there is none any more. */
static bool move_outgoing(struct run_queue *queue, cpumask_t *kick)
{
	struct thread *thread;
	struct run_queue *target;
	struct list_node *node;
	bool must_leave;

	spin_lock(&queue->lock);
	node = list_first(&queue->outgoing);
	if (node == NULL) {
		spin_unlock(&queue->lock);
		return false;
	}
	thread = list_entry(node, struct thread, run_node);
	must_leave = !thread_may_run_on(thread, queue->cpu);
	target = must_leave ? placement(thread)->run_queue : sched_place_balance(queue, thread);
	if (target == NULL) {
		run_queue_remove(queue, thread);
		run_queue_add(queue, thread, false);
		*kick |= sched_place_notify(queue, thread);
		spin_unlock(&queue->lock);
		return true;
	}
	spin_unlock(&queue->lock);
	/* Only this CPU adds to the list: if the thread is not the first, it is gone. */
	lock_two(queue, target);
	if (list_first(&queue->outgoing) == node && thread_may_run_on(thread, target->cpu)) {
		if (!must_leave)
			renew_slice(target, thread);
		*kick |= move_ready(queue, target, thread);
		queue->balance_next = target->cpu->index;
	}
	unlock_two(queue, target);
	return true;
}

void sched_place_outgoing(struct run_queue *queue)
{
	cpumask_t kick = 0;

	ASSERT(queue->cpu == cpu_self());
	while (move_outgoing(queue, &kick))
		;
	sched_kick(kick);
}

/* The best thread of the queue that may run on the CPU and is above the priority. */
static struct thread *pull_candidate(const struct run_queue *queue, const struct cpu *cpu,
				     int above)
{
	unsigned int seen = 0;

	for (uint32_t levels = queue->levels_used; levels != 0;) {
		unsigned int level = bit_last(levels);

		if ((int)level <= above)
			return NULL;
		list_for_each(&queue->levels[level], node) {
			struct thread *thread = list_entry(node, struct thread, run_node);

			if (thread_may_run_on(thread, cpu))
				return thread;
			if (++seen == PULL_SEARCH_MAX)
				return NULL;
		}
		levels &= ~(UINT32_C(1) << level);
	}
	return NULL;
}

static bool pull_from(struct run_queue *queue, struct run_queue *from, int above)
{
	struct thread *thread = NULL;

	lock_two(queue, from);
	if (from->ready_count == 0)
		shared_cpumask_clear(&waiting_cpus, from->cpu->index);
	else if (from->ready_count > 1 || from->running_priority != RUN_QUEUE_IDLE)
		/* A single thread on a CPU that still idles is about to run there. */
		thread = pull_candidate(from, queue->cpu, above);
	if (thread != NULL)
		move_ready(from, queue, thread);
	unlock_two(queue, from);
	return thread != NULL;
}

bool sched_place_pull(struct run_queue *queue, int above)
{
	cpumask_t others;
	unsigned int index = queue->cpu->index;

	ASSERT(!arch_irq_enabled() && queue->cpu == cpu_self());
	others = shared_cpumask_get(&waiting_cpus) & ~cpumask_of(index);
	for (; others != 0; others &= ~cpumask_of(index)) {
		index = cpumask_next(others, index);
		if (pull_from(queue, cpu_get(index)->run_queue, above))
			return true;
	}
	return false;
}

/* Moves a READY thread off a CPU that it may no longer use. Context: interrupts off, no lock. */
static cpumask_t relocate(struct thread *thread)
{
	for (;;) {
		struct run_queue *queue = sched_lock(thread), *target;
		cpumask_t kick = 0;
		bool done = false;

		if (thread->state != THREAD_READY || thread_may_run_on(thread, queue->cpu)) {
			spin_unlock(&queue->lock);
			return 0;
		}
		target = placement(thread)->run_queue;
		spin_unlock(&queue->lock);
		lock_two(queue, target);
		if (thread->cpu == queue->cpu && thread->state == THREAD_READY &&
		    thread_may_run_on(thread, target->cpu)) {
			kick = move_ready(queue, target, thread);
			done = true;
		}
		unlock_two(queue, target);
		if (done)
			return kick;
	}
}

void sched_affinity_set(struct thread *thread, cpumask_t affinity)
{
	bool enabled = sched_irq_save();
	struct run_queue *queue = sched_lock(thread);
	cpumask_t kick = 0;
	enum thread_state state = thread->state;

	thread->affinity = affinity;
	if (state == THREAD_RUNNING && !thread_may_run_on(thread, queue->cpu))
		kick = cpumask_of(queue->cpu->index);
	spin_unlock(&queue->lock);
	if (state == THREAD_READY)
		kick |= relocate(thread);
	sched_kick_and_restore(kick, enabled);
}

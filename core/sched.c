// SPDX-License-Identifier: BSD-2-Clause
/*
 * The scheduler on one CPU: who runs next, and the switch. Which CPU a thread goes to is decided
 * in sched_place.c; how threads are made and end, in thread.c.
 *
 * The run queue's lock is held across a switch: taken by the thread that leaves, released by the
 * one that comes (sched_switch_finish()). So nobody finds a thread READY or DEAD whose registers
 * are not saved yet or whose stack is still in use.
 */
#include <errno.h>

#include <corbel/arch.h>
#include <corbel/object.h>
#include <corbel/panic.h>
#include <corbel/time.h>

#include "run_queue.h"
#include "timer_internal.h"

struct run_queue *sched_lock(const struct thread *thread)
{
	for (;;) {
		struct run_queue *queue = READ_ONCE(thread->cpu)->run_queue;

		spin_lock(&queue->lock);
		if (thread->cpu == queue->cpu)
			return queue;
		spin_unlock(&queue->lock);
	}
}

static struct run_queue *lock_own_queue(void)
{
	struct run_queue *queue = cpu_self()->run_queue;

	ASSERT(!arch_irq_enabled());
	spin_lock(&queue->lock);
	ASSERT(queue->cpu->current == thread_current());
	ASSERT(thread_current()->state == THREAD_RUNNING && thread_current()->cpu == queue->cpu);
	return queue;
}

/* The slice of a thread matters only while another of its priority waits. */
static void arm_slice(struct run_queue *queue, const struct thread *thread)
{
	bool contended = !thread_is_idle(thread) && run_queue_has(queue, thread->priority);

	timer_slice_set(queue->cpu, contended ? thread->slice_ns : TIME_NEVER);
}

static void charge(struct cpu *cpu, struct thread *thread, uint64_t now_ns)
{
	uint64_t used_ns = now_ns - thread->switched_in_ns;

	thread->run_time_ns += used_ns;
	if (thread == cpu->idle)
		cpu->idle_time_ns += used_ns;
	if (thread->state == THREAD_READY && thread->slice_ns > now_ns)
		thread->slice_ns -= now_ns;
	else
		thread->slice_ns = THREAD_SLICE_NS;
}

/* The bookkeeping of a switch from one thread to another. */
static void account_switch(struct run_queue *queue, struct thread *previous, struct thread *next,
			   uint64_t now_ns)
{
	struct cpu *cpu = queue->cpu;

	charge(cpu, previous, now_ns);
	if (previous == cpu->idle)
		sched_place_idle_set(cpu, false);
	if (next == cpu->idle)
		sched_place_idle_set(cpu, true);
	next->state = THREAD_RUNNING;
	next->switched_in_ns = now_ns;
	next->slice_ns += now_ns;
	next->switch_count++;
	queue->running_priority = next == cpu->idle ? RUN_QUEUE_IDLE : (int)next->priority;
	queue->previous = previous;
	cpu->current = next;
	arm_slice(queue, next);
}

/*
 * Leaves the current thread, whose state already says where it stands, for the best that is READY.
 * Returns when the thread is continued, perhaps on another CPU. Releases the lock.
 */
static void sched_switch(struct run_queue *queue, uint64_t now_ns)
{
	struct cpu *cpu = queue->cpu;
	struct thread *previous = cpu->current;
	struct thread *next = run_queue_take(queue);

	ASSERT(spin_is_held(&queue->lock));
	ASSERT(previous->state != THREAD_RUNNING);
	if (next == NULL)
		next = cpu->idle;
	ASSERT(next != previous && next->state == THREAD_READY && next->cpu == cpu);
	WRITE_ONCE(cpu->reschedule, false);
	if (previous->vcpu != NULL)
		arch_vcpu_save(previous->vcpu);
	account_switch(queue, previous, next, now_ns);
	arch_thread_switch(previous, next);
	sched_switch_finish();
}

void sched_switch_finish(void)
{
	struct cpu *cpu = cpu_self();
	struct run_queue *queue = cpu->run_queue;
	struct thread *previous = queue->previous;
	struct thread *joiner = NULL;
	cpumask_t kick = queue->kick;

	ASSERT(!arch_irq_enabled() && spin_is_held(&queue->lock));
	ASSERT(cpu->current == thread_current());
	if (unlikely(previous->state == THREAD_DEAD))
		joiner = previous->joiner;
	queue->kick = 0;
	spin_unlock(&queue->lock);
	if (cpu->current->vcpu != NULL)
		arch_vcpu_load(cpu->current->vcpu);
	if (unlikely(joiner != NULL))
		thread_joiner_release(previous, joiner);
	if (unlikely(!list_is_empty(&queue->outgoing)))
		sched_place_outgoing(queue);
	if (unlikely(kick != 0))
		sched_kick(kick);
}

/* Makes the current thread READY: it has been preempted or gives way. */
static void put_current_back(struct run_queue *queue, struct thread *thread, bool expired)
{
	thread->state = THREAD_READY;
	if (!thread_may_run_on(thread, queue->cpu) ||
	    (expired && sched_place_balance(queue, thread) != NULL)) {
		run_queue_add_outgoing(queue, thread);
		return;
	}
	run_queue_add(queue, thread, !expired);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	queue->kick |= sched_place_idle(queue, thread->affinity);
}

/*
 * Whether the current thread must leave the CPU now; it is then no longer RUNNING. `expired`: it
 * gives way to others of its priority.
 */
static bool current_must_leave(struct run_queue *queue, bool expired)
{
	struct thread *thread = queue->cpu->current;
	int best = run_queue_best(queue);

	if (thread_is_idle(thread)) {
		if (best == RUN_QUEUE_IDLE)
			return false;
		thread->state = THREAD_READY;
	} else if (thread->pause_requested) {
		thread->state = THREAD_PAUSED;
	} else if (!thread_may_run_on(thread, queue->cpu) || best > (int)thread->priority ||
		   (best == (int)thread->priority && expired)) {
		put_current_back(queue, thread, expired);
	} else {
		return false;
	}
	return true;
}

/* Switches if the current thread must leave; releases the lock. */
static void reconsider(struct run_queue *queue, bool give_way)
{
	uint64_t now_ns = time_now();
	struct thread *thread = queue->cpu->current;

	WRITE_ONCE(queue->cpu->reschedule, false);
	if (current_must_leave(queue, give_way || thread->slice_ns <= now_ns)) {
		sched_switch(queue, now_ns);
		return;
	}
	arm_slice(queue, thread);
	spin_unlock(&queue->lock);
}

void sched_preempt(void)
{
	ASSERT(!arch_irq_enabled());
	if (READ_ONCE(cpu_self()->reschedule))
		reconsider(lock_own_queue(), false);
}

void thread_yield(void)
{
	ASSERT(arch_irq_enabled());
	arch_irq_disable();
	reconsider(lock_own_queue(), true);
	arch_irq_enable();
}

void thread_block_prepare(void)
{
	struct thread *thread = thread_current();
	bool enabled = sched_irq_save();
	struct run_queue *queue = sched_lock(thread);

	/*
	 * Under the lock, so that of a waker that came before, what it did before it called
	 * thread_wake() is visible to the check that follows.
	 */
	thread->wake_pending = false;
	spin_unlock(&queue->lock);
	sched_kick_and_restore(0, enabled);
}

void thread_block_cancel(void)
{
	ASSERT(thread_current()->state == THREAD_RUNNING);
}

/*
 * Before this thread gives up the CPU to something less important: whether somebody better waits
 * elsewhere. What is left to the idle thread finds its work in the same way.
 */
static void look_around(const struct thread *thread)
{
	struct run_queue *queue = cpu_self()->run_queue;
	int best;

	ASSERT(!arch_irq_enabled());
	best = run_queue_best(queue);
	if (best != RUN_QUEUE_IDLE && best < (int)thread->priority)
		sched_place_pull(queue, best);
}

void thread_block(void)
{
	struct thread *thread = thread_current();
	struct run_queue *queue;

	ASSERT(arch_irq_enabled());
	arch_irq_disable();
	look_around(thread);
	queue = lock_own_queue();
	ASSERT(!thread_is_idle(thread));
	if (thread->wake_pending) {
		thread->wake_pending = false;
		spin_unlock(&queue->lock);
	} else {
		thread->state = THREAD_BLOCKED;
		sched_switch(queue, time_now());
	}
	arch_irq_enable();
}

void thread_wake(struct thread *thread)
{
	bool enabled = sched_irq_save();

	sched_kick_and_restore(sched_wake(thread), enabled);
}

void sched_exit(void)
{
	struct run_queue *queue;

	look_around(thread_current());
	queue = lock_own_queue();

	ASSERT(!thread_is_idle(thread_current()));
	thread_current()->state = THREAD_DEAD;
	sched_switch(queue, time_now());
	panic("a dead thread was continued");
}

void sched_pause(struct thread *thread)
{
	bool enabled = sched_irq_save();
	struct run_queue *queue = sched_lock(thread);
	cpumask_t kick = 0;

	ASSERT(!thread_is_idle(thread));
	thread->pause_requested = true;
	if (thread->state == THREAD_RUNNING) {
		kick = cpumask_of(queue->cpu->index);
	} else if (thread->state == THREAD_READY) {
		run_queue_remove(queue, thread);
		thread->state = THREAD_PAUSED;
	}
	spin_unlock(&queue->lock);
	sched_kick_and_restore(kick, enabled);
}

void sched_resume(struct thread *thread)
{
	bool enabled = sched_irq_save();
	struct run_queue *queue = sched_lock(thread);
	cpumask_t kick = 0;

	thread->pause_requested = false;
	spin_unlock(&queue->lock);
	sched_make_ready(thread, THREAD_PAUSED, &kick);
	sched_kick_and_restore(kick, enabled);
}

void sched_priority_set(struct thread *thread, unsigned int priority)
{
	bool enabled = sched_irq_save();
	struct run_queue *queue = sched_lock(thread);
	cpumask_t kick = 0;

	ASSERT(!thread_is_idle(thread));
	if (thread->state == THREAD_READY && thread_may_run_on(thread, queue->cpu)) {
		run_queue_remove(queue, thread);
		thread->priority = priority;
		run_queue_add(queue, thread, false);
		kick = sched_place_notify(queue, thread);
	} else if (thread->state == THREAD_READY) {
		run_queue_remove(queue, thread);
		thread->priority = priority;
		run_queue_add_outgoing(queue, thread);
	} else {
		thread->priority = priority;
		if (thread->state == THREAD_RUNNING) {
			queue->running_priority = (int)priority;
			kick = cpumask_of(queue->cpu->index);
		}
	}
	spin_unlock(&queue->lock);
	sched_kick_and_restore(kick, enabled);
}

void sched_kick(cpumask_t cpus)
{
	struct cpu *self = cpu_self();

	ASSERT(!arch_irq_enabled());
	for (; cpus != 0; cpus &= cpus - 1) {
		struct cpu *cpu = cpu_get(cpumask_first(cpus));

		if (cpu == self)
			WRITE_ONCE(self->reschedule, true);
		/* The end of an interrupt and the idle loop look at `reschedule` by themselves. */
		if (cpu != self || (!self->in_interrupt && self->current != self->idle))
			cpu_ipi_send(cpu, CPU_IPI_RESCHEDULE);
	}
}

void sched_kick_and_restore(cpumask_t cpus, bool enabled)
{
	if (!enabled) {
		sched_kick(cpus);
		return;
	}
	if (cpus & cpumask_of(cpu_self()->index)) {
		cpus &= ~cpumask_of(cpu_self()->index);
		WRITE_ONCE(cpu_self()->reschedule, true);
	}
	sched_kick(cpus);
	sched_preempt();
	arch_irq_enable();
}

void sched_idle_loop(void)
{
	ASSERT(thread_is_idle(thread_current()));
	for (;;) {
		struct cpu *cpu;

		arch_irq_disable();
		cpu = cpu_self();
		/* Idle before looking for work: who adds some from now on tells us. */
		sched_place_idle_set(cpu, true);
		if (READ_ONCE(cpu->run_queue->levels_used) != 0 ||
		    sched_place_pull(cpu->run_queue, RUN_QUEUE_IDLE)) {
			WRITE_ONCE(cpu->reschedule, true);
			sched_preempt();
		} else {
			arch_cpu_idle();
		}
		/* What ended the sleep is taken here, and may switch to another thread. */
		arch_irq_enable();
	}
}

static struct run_queue *run_queue_create(struct cpu *cpu)
{
	struct run_queue *queue = object_alloc(sizeof(*queue));

	if (queue == NULL)
		return NULL;
	spin_init(&queue->lock);
	queue->cpu = cpu;
	queue->running_priority = RUN_QUEUE_IDLE;
	queue->balance_next = cpu->index;
	for (unsigned int level = 0; level < THREAD_PRIORITY_COUNT; level++)
		list_init(&queue->levels[level]);
	list_init(&queue->outgoing);
	return queue;
}

int sched_cpu_init(struct cpu *cpu)
{
	struct thread *idle = thread_current();

	ASSERT(!arch_irq_enabled() && cpu == cpu_self() && cpu->run_queue == NULL);
	cpu->run_queue = run_queue_create(cpu);
	if (cpu->run_queue == NULL)
		return -ENOMEM;
	if (cpu->idle == NULL) {
		/* The boot CPU: the boot code itself becomes the idle thread. */
		thread_setup_idle(idle, cpu);
		cpu->idle = idle;
	}
	ASSERT(cpu->idle == idle);
	idle->state = THREAD_RUNNING;
	idle->switched_in_ns = time_now();
	cpu->current = idle;
	sched_place_idle_set(cpu, true);
	return 0;
}

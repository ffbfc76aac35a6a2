// SPDX-License-Identifier: BSD-2-Clause
/*
 * What thread.c, wait.c and the tests need of the scheduler beyond its public headers.
 *
 * Locks: each run queue has one, which also guards the state of every thread whose `cpu` is that
 * queue's. `cpu` itself changes only under the lock of the queue that is left. Two queues are
 * locked in the order of their CPUs' indices. A run queue's lock comes after those of wait queues
 * and before those of timer queues.
 */
#ifndef CORE_SCHED_INTERNAL_H
#define CORE_SCHED_INTERNAL_H

#include <corbel/sched.h>
#include <corbel/spinlock.h>
#include <corbel/thread.h>
#include <lib/list.h>

/* Below every thread's priority: what an idle CPU runs at. */
#define RUN_QUEUE_IDLE (-1)

struct run_queue {
	struct spinlock lock;
	struct cpu *cpu;
	int running_priority;			      /* of the current thread or RUN_QUEUE_IDLE */
	uint32_t levels_used;			      /* bit n: levels[n] is not empty */
	unsigned int ready_count;		      /* threads on the levels and outgoing */
	uint16_t level_counts[THREAD_PRIORITY_COUNT]; /* the same, by priority */
	struct list levels[THREAD_PRIORITY_COUNT];
	struct list outgoing;	   /* READY threads that this CPU is about to give to others */
	struct thread *previous;   /* who was left by the switch that is under way */
	cpumask_t kick;		   /* who must be told once that switch is done */
	unsigned int balance_next; /* index of the CPU that was last offered a thread */
};

/*
 * Makes a thread that is on no queue READY if it is in the state `from`, on the CPU that suits it
 * best; PAUSED instead if that was asked for. Where it is in another state: nothing, and false.
 * The returned CPUs must be passed to sched_kick(). Context: interrupts off.
 */
bool sched_make_ready(struct thread *thread, enum thread_state from, cpumask_t *kick);

/* thread_wake() without its last step: the same contract as sched_make_ready(). */
cpumask_t sched_wake(struct thread *thread);

/*
 * Makes the CPUs look at their run queues. On this CPU that happens at the end of the interrupt
 * that is being handled, or as soon as interrupts are on again. Context: interrupts off.
 */
void sched_kick(cpumask_t cpus);

/*
 * The last step of what may have woken others. `enabled`: interrupts were on before, so that this
 * is where the CPU may be given away; they are on again afterwards. Context: interrupts off.
 */
void sched_kick_and_restore(cpumask_t cpus, bool enabled);

/* Interrupts off; whether they were on. To be ended by sched_kick_and_restore(). */
static inline bool sched_irq_save(void)
{
	bool enabled = arch_irq_enabled();

	arch_irq_disable();
	return enabled;
}

/* Locks the run queue that the thread belongs to. Context: interrupts off. */
struct run_queue *sched_lock(const struct thread *thread);

/* Leaves the current thread for good. Context: interrupts off. */
__attribute__((noreturn)) void sched_exit(void);

/* What comes right after each switch, on the side of the thread that was switched to. */
void sched_switch_finish(void);

/* The scheduler's part of thread_affinity_set(); the mask names an online CPU. Any context. */
void sched_affinity_set(struct thread *thread, cpumask_t affinity);

/* The scheduler's part of thread_pause(), thread_resume(), thread_priority_set(). Any context. */
void sched_pause(struct thread *thread);
void sched_resume(struct thread *thread);
void sched_priority_set(struct thread *thread, unsigned int priority);

/* ---- thread.c ---- */

/* Makes the boot CPU's provisional thread its idle thread. Context: boot. */
void thread_setup_idle(struct thread *thread, struct cpu *cpu);
/* An idle thread for a CPU that is to be started; NULL: no memory. Context: boot. */
struct thread *thread_create_idle(struct cpu *cpu);

/* The dead thread has left its stack for good: lets the one who waits in thread_join() go on. */
void thread_joiner_release(struct thread *dead, struct thread *joiner);

#endif

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Threads: the one schedulable thing. A VCPU is a thread whose body runs a guest; everything else
 * that Corbel does outside interrupts is a thread too.
 *
 * Scheduling: fixed priorities (a higher number runs first), round robin inside one, an affinity
 * mask, one run queue per CPU, work moved to idle CPUs. A thread is preempted wherever interrupts
 * are on.
 */
#ifndef CORBEL_THREAD_H
#define CORBEL_THREAD_H

#include <arch/cpu.h>
#include <arch/types.h>
#include <corbel/types.h>
#include <lib/list.h>

#define THREAD_NAME_SIZE      24
#define THREAD_STACK_SIZE     ((size_t)16384)
#define THREAD_PRIORITY_COUNT 32u

#define THREAD_PRIORITY_IDLE	0u
#define THREAD_PRIORITY_GUEST	8u  /* a VCPU's default */
#define THREAD_PRIORITY_SERVICE 16u /* consoles, the management terminal */
#define THREAD_PRIORITY_HIGHEST 31u

#define THREAD_SLICE_NS (10 * NS_PER_MS)

struct cpu;
struct vcpu;
struct thread;

enum thread_state {
	THREAD_NEW,	/* created, not yet started */
	THREAD_READY,	/* on a run queue */
	THREAD_RUNNING, /* on a CPU */
	THREAD_BLOCKED, /* waits for a wake-up */
	THREAD_PAUSED,	/* held back by thread_pause() */
	THREAD_DEAD,	/* has returned; waits to be destroyed */
};

struct thread_parameters {
	const char *name; /* copied, cut at THREAD_NAME_SIZE - 1 */
	void (*entry)(void *argument);
	void *argument;
	unsigned int priority; /* 0 to THREAD_PRIORITY_COUNT - 1 */
	cpumask_t affinity;    /* 0 means every CPU */
	struct vcpu *vcpu;     /* set for VCPU threads: the port saves and loads it at switches */
};

struct thread {
	struct arch_thread arch; /* first: the port's switch saves here */
	struct vcpu *vcpu;	 /* constant; NULL for all but VCPU threads */
	struct cpu *cpu;	 /* runs there, or ran last; its run queue's lock */
	enum thread_state state; /* the run queue's lock of `cpu` */
	bool pause_requested;	 /* the same lock */
	bool wake_pending;	 /* a wake-up that came between prepare and block; the same lock */
	unsigned int priority;	 /* the same lock */
	cpumask_t affinity;	 /* the same lock */
	struct list_node run_node;
	uint64_t slice_ns;    /* of the slice: its end while RUNNING, else what is left */
	uint64_t run_time_ns; /* on a CPU, up to the last switch away */
	uint64_t switched_in_ns;
	uint64_t switch_count;
	void *stack; /* lowest mapped byte */
	unsigned int id;
	char name[THREAD_NAME_SIZE];
	void (*entry)(void *argument);
	void *argument;
	struct list_node all_node; /* in the list behind thread_for_each() */
	struct thread *joiner;	   /* who waits in thread_join() */
};

/*
 * Makes a thread in state NEW with a stack of its own. Context: thread; may sleep.
 * -ENOMEM, -EINVAL (priority out of range, affinity that names no CPU).
 */
int thread_create(const struct thread_parameters *parameters, struct thread **out);

/* Lets a NEW thread run. Any context. */
void thread_start(struct thread *thread);

/* Ends the calling thread; also what returning from its entry does. */
__attribute__((noreturn)) void thread_exit(void);

/* Waits until the thread is DEAD, then frees it. Context: another thread; sleeps. */
void thread_join(struct thread *thread);

/* Frees a thread that is NEW (never started). Context: thread. */
void thread_destroy(struct thread *thread);

/* Holds a thread back at its next scheduling point, and lets it go on. Idempotent. Any context. */
void thread_pause(struct thread *thread);
void thread_resume(struct thread *thread);

/* Gives way to threads of the same priority. Context: thread. */
void thread_yield(void);

/* Sleeps until the clock reads `deadline_ns` (see time.h). Context: thread. */
void thread_sleep_until(uint64_t deadline_ns);

/* -EINVAL where the mask names no known CPU or the priority is out of range. Any context. */
int thread_affinity_set(struct thread *thread, cpumask_t affinity);
int thread_priority_set(struct thread *thread, unsigned int priority);

/*
 * The lowest-level wait. Between prepare and block a wake-up is remembered, so that this order
 * loses none:
 *	thread_block_prepare();
 *	if (condition) thread_block_cancel(); else thread_block();
 * Context: thread, interrupts on.
 */
void thread_block_prepare(void);
void thread_block_cancel(void);
void thread_block(void);
/* Wakes a blocked thread; where it is about to block, it will not. Any context. */
void thread_wake(struct thread *thread);

/*
 * Calls `visit` for each thread under the list's mutex; `visit` must not create or join threads.
 * Context: thread; sleeps.
 */
void thread_for_each(void (*visit)(struct thread *thread, void *argument), void *argument);

/* CPU time used so far, in ns, including the slice that now runs. Any context. */
uint64_t thread_run_time(const struct thread *thread);
/* Whether it has a CPU right now; once it has not, what it had in the CPU is in memory. Any
 * context. */
bool thread_is_running(const struct thread *thread);
const char *thread_state_name(enum thread_state state);

/* First C code of a new thread, called by the port's trampoline with interrupts off. */
__attribute__((noreturn)) void thread_begin(void);

/* Who executes this. Any context. */
static inline struct thread *thread_current(void)
{
	return arch_thread_current();
}

#endif

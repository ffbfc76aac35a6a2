// SPDX-License-Identifier: BSD-2-Clause
/*
 * The host's processors (harts, cores) as core sees them. Not the guests' VCPUs.
 */
#ifndef CORBEL_CPU_H
#define CORBEL_CPU_H

#include <arch/cpu.h>
#include <arch/types.h>
#include <corbel/types.h>

struct thread;
struct vcpu;
struct run_queue;
struct timer_queue;

/*
 * One host CPU. Static storage for the boot CPU, allocated for the others; never freed. A field
 * without a note belongs to its own CPU and is touched there with interrupts off.
 */
struct cpu {
	struct arch_cpu arch;	/* first: ports reach it from assembly */
	struct thread *current; /* never NULL once threads run */
	struct thread *idle;	/* runs when nothing else can */
	bool reschedule;	/* any CPU may set it; call the scheduler before going on */
	unsigned int index;	/* dense, 0 is the boot CPU; constant */
	uint64_t hardware_id;	/* hart id, APIC id, ...; constant */
	bool in_interrupt;	/* core handles one; the port calls sched_preempt() afterwards */
	bool online;		/* written once, with release */
	uint32_t ipi_pending;	/* enum cpu_ipi bits, atomic */
	struct run_queue *run_queue;
	struct timer_queue *timers;
	uint64_t idle_time_ns;	  /* spent in the idle thread up to its last switch */
	uint64_t interrupt_count; /* timer, IPI, devices; counted by core's entry points */
	uint64_t ipi_count;
};

/* Why one CPU interrupts another; a set of bits. */
enum cpu_ipi {
	CPU_IPI_RESCHEDULE = 1u << 0, /* look at the run queue, or leave the guest for a moment */
	CPU_IPI_STOP = 1u << 1,	      /* panic elsewhere: stop for good */
	CPU_IPI_CALL = 1u << 2,	      /* run what cpu_call() left */
};

/* The CPU that executes this. Stable only with interrupts off. */
static inline struct cpu *cpu_self(void)
{
	return arch_cpu_self();
}

/* How many CPUs are known (index 0 to cpu_count() - 1); all of them are online after boot. */
unsigned int cpu_count(void);
struct cpu *cpu_get(unsigned int index);
/* Of the CPUs that are online. */
cpumask_t cpu_online_mask(void);

/* Adds a CPU found in the host's description; boot only. -ENOSPC above CPU_MAX, -ENOMEM. */
int cpu_add(uint64_t hardware_id, struct cpu **out);
/* Prepares the boot CPU's own structure, before anything else runs. */
void cpu_boot_init(uint64_t hardware_id);
/* Starts every other CPU and waits (bounded) until each is online; logs those that fail. */
void cpu_start_others(void);
/* Entry of a secondary CPU from the port, on its idle thread's stack, interrupts off. */
__attribute__((noreturn)) void cpu_secondary_main(void);

/* Raises the IPI bits on the CPU. Any context. Sending to oneself is allowed. */
void cpu_ipi_send(struct cpu *cpu, uint32_t reasons);
/* The port calls it when an IPI arrives, interrupts off. */
void cpu_ipi_handle(void);

/*
 * Runs `function(argument)` on each online CPU of the mask (this one included where named), in
 * interrupt context with interrupts off, and returns when all are done. Context: thread,
 * interrupts on, no spinlock held.
 */
void cpu_call(cpumask_t mask, void (*function)(void *argument), void *argument);

#endif

// SPDX-License-Identifier: BSD-2-Clause
/*
 * The host's CPUs: which there are, how the others are started, how one interrupts another.
 */
#include <errno.h>
#include <inttypes.h>

#include <corbel/arch.h>
#include <corbel/irq.h>
#include <corbel/log.h>
#include <corbel/object.h>
#include <corbel/panic.h>
#include <corbel/sched.h>
#include <corbel/spinlock.h>
#include <corbel/thread.h>
#include <corbel/time.h>
#include <lib/list.h>

#include "cpumask.h"
#include "sched_internal.h"

/* How long a CPU may take from arch_cpu_start() until it is online. */
#define CPU_START_NS NS_PER_S

/* A cpu_call() that is under way; on its caller's stack. */
struct cpu_call {
	struct list_node node;
	void (*function)(void *argument);
	void *argument;
	cpumask_t to_start;	 /* CPUs that have not begun; call_lock */
	unsigned int unfinished; /* how many have not ended; atomic */
};

static struct cpu *cpus[CPU_MAX];
static unsigned int known_count;
static struct shared_cpumask online_cpus;
static struct spinlock call_lock = SPINLOCK_INIT;
static struct list calls = LIST_INIT(calls);

unsigned int cpu_count(void)
{
	return known_count;
}

struct cpu *cpu_get(unsigned int index)
{
	ASSERT(index < known_count);
	return cpus[index];
}

cpumask_t cpu_online_mask(void)
{
	return shared_cpumask_get(&online_cpus);
}

static void mark_online(struct cpu *cpu)
{
	shared_cpumask_set(&online_cpus, cpu->index);
	__atomic_store_n(&cpu->online, true, __ATOMIC_RELEASE);
}

void cpu_boot_init(uint64_t hardware_id)
{
	struct cpu *cpu = cpu_self();

	ASSERT(known_count == 0);
	cpu->index = 0;
	cpu->hardware_id = hardware_id;
	cpus[0] = cpu;
	known_count = 1;
	mark_online(cpu);
}

int cpu_add(uint64_t hardware_id, struct cpu **out)
{
	struct cpu *cpu;

	ASSERT(known_count > 0);
	if (known_count == CPU_MAX)
		return -ENOSPC;
	cpu = object_alloc(sizeof(*cpu));
	if (cpu == NULL)
		return -ENOMEM;
	cpu->index = known_count;
	cpu->hardware_id = hardware_id;
	cpus[known_count++] = cpu;
	*out = cpu;
	return 0;
}

static int cpu_start(struct cpu *cpu)
{
	uint64_t deadline_ns;
	int result;

	cpu->idle = thread_create_idle(cpu);
	if (cpu->idle == NULL)
		return -ENOMEM;
	result = arch_cpu_start(cpu);
	if (result < 0) {
		thread_destroy(cpu->idle);
		cpu->idle = NULL;
		return result;
	}
	deadline_ns = time_now() + CPU_START_NS;
	while (!__atomic_load_n(&cpu->online, __ATOMIC_ACQUIRE)) {
		/* It may still come, so its stack stays. */
		if (time_now() > deadline_ns)
			return -ETIMEDOUT;
		arch_cpu_relax();
	}
	return 0;
}

void cpu_start_others(void)
{
	for (unsigned int index = 1; index < known_count; index++) {
		int result = cpu_start(cpus[index]);

		if (result < 0)
			log_error("CPU %u (hardware id %" PRIu64 ") could not be started: %s",
				  index, cpus[index]->hardware_id, error_name(result));
	}
}

void cpu_secondary_main(void)
{
	struct cpu *cpu = cpu_self();

	ASSERT(!arch_irq_enabled() && thread_current() == cpu->idle);
	arch_cpu_init(cpu);
	if (timer_cpu_init(cpu) < 0 || sched_cpu_init(cpu) < 0) {
		log_error("CPU %u: no memory for its queues", cpu->index);
		arch_cpu_stop();
	}
	irq_cpu_init();
	mark_online(cpu);
	sched_idle_loop();
}

void cpu_ipi_send(struct cpu *cpu, uint32_t reasons)
{
	unsigned long flags = arch_irq_save();

	/*
	 * One interrupt for all reasons that have not been looked at yet. Interrupts are off so
	 * that between the two steps nobody else relies on ours.
	 */
	if (__atomic_fetch_or(&cpu->ipi_pending, reasons, __ATOMIC_SEQ_CST) == 0)
		arch_ipi_send(cpu);
	arch_irq_restore(flags);
}

/* The next call that this CPU has to take part in, as begun; NULL where there is none. */
static struct cpu_call *call_take(const struct cpu *cpu)
{
	struct cpu_call *found = NULL;

	spin_lock(&call_lock);
	list_for_each(&calls, node) {
		struct cpu_call *call = list_entry(node, struct cpu_call, node);

		if (call->to_start & cpumask_of(cpu->index)) {
			call->to_start &= ~cpumask_of(cpu->index);
			found = call;
			break;
		}
	}
	spin_unlock(&call_lock);
	return found;
}

static void calls_run(const struct cpu *cpu)
{
	struct cpu_call *call;

	while ((call = call_take(cpu)) != NULL) {
		call->function(call->argument);
		ASSERT(!arch_irq_enabled());
		/* The last access: the caller may return now. */
		__atomic_fetch_sub(&call->unfinished, 1, __ATOMIC_RELEASE);
	}
}

void cpu_ipi_handle(void)
{
	struct cpu *cpu = cpu_self();
	uint32_t pending = __atomic_exchange_n(&cpu->ipi_pending, 0, __ATOMIC_SEQ_CST);

	ASSERT(!arch_irq_enabled());
	cpu->in_interrupt = true;
	cpu->interrupt_count++;
	cpu->ipi_count++;
	if (pending & CPU_IPI_STOP)
		arch_cpu_stop();
	if (pending & CPU_IPI_CALL)
		calls_run(cpu);
	if (pending & CPU_IPI_RESCHEDULE)
		WRITE_ONCE(cpu->reschedule, true);
	cpu->in_interrupt = false;
}

/* Makes the call known and begins it on the other CPUs. Context: interrupts off. */
static void call_start(struct cpu_call *call)
{
	cpumask_t others = call->to_start & ~cpumask_of(cpu_self()->index);

	spin_lock(&call_lock);
	list_add_last(&calls, &call->node);
	spin_unlock(&call_lock);
	for (; others != 0; others &= others - 1)
		cpu_ipi_send(cpu_get(cpumask_first(others)), CPU_IPI_CALL);
}

void cpu_call(cpumask_t mask, void (*function)(void *argument), void *argument)
{
	struct cpu_call call = {
		.function = function,
		.argument = argument,
		.to_start = mask & cpu_online_mask(),
	};

	ASSERT(arch_irq_enabled());
	call.unfinished = bit_count(call.to_start);
	arch_irq_disable();
	call_start(&call);
	calls_run(cpu_self());
	arch_irq_enable();
	/* Interrupts are on: who calls us meanwhile is served. */
	while (__atomic_load_n(&call.unfinished, __ATOMIC_ACQUIRE) != 0)
		arch_cpu_relax();
	arch_irq_disable();
	spin_lock(&call_lock);
	list_remove(&call.node);
	spin_unlock(&call_lock);
	arch_irq_enable();
}

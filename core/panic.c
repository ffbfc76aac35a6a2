// SPDX-License-Identifier: BSD-2-Clause
/*
 * The end of the machine, told as well as it still can be. Nothing here waits for a lock that
 * could be held for ever.
 */
#include <corbel/arch.h>
#include <corbel/cpu.h>
#include <corbel/log.h>
#include <corbel/panic.h>
#include <corbel/symbols.h>
#include <corbel/thread.h>

#include <stdarg.h>
#include <stdio.h>

#define REASON_SIZE 224

static struct cpu *panic_cpu; /* who panicked first; atomic */

bool panic_in_progress(void)
{
	return __atomic_load_n(&panic_cpu, __ATOMIC_RELAXED) != NULL;
}

/* Makes this CPU the one that reports. One that comes later only stops. */
static void panic_claim(void)
{
	static const char nested[] = "panic: another fault while reporting this one\r\n";
	struct cpu *expected = NULL;

	if (__atomic_compare_exchange_n(&panic_cpu, &expected, cpu_self(), false, __ATOMIC_ACQ_REL,
					__ATOMIC_ACQUIRE))
		return;
	if (expected == cpu_self())
		arch_early_console_write(nested, sizeof(nested) - 1);
	arch_cpu_stop();
}

static void stop_others(void)
{
	for (unsigned int i = 0; i < cpu_count(); i++) {
		struct cpu *cpu = cpu_get(i);

		if (cpu == cpu_self() || !READ_ONCE(cpu->online))
			continue;
		__atomic_fetch_or(&cpu->ipi_pending, CPU_IPI_STOP, __ATOMIC_RELEASE);
		arch_ipi_send(cpu);
	}
}

static void frame_print(uintptr_t address, void *argument)
{
	unsigned int *index = argument;
	uintptr_t offset = 0;
	/* A return address may lie behind the last instruction of the function that called. */
	const char *name = symbol_find(address - 1, &offset);

	if (name != NULL)
		log_info("  #%-2u %p %s+0x%lx", *index, (void *)address, name,
			 (unsigned long)offset + 1);
	else
		log_info("  #%-2u %p", *index, (void *)address);
	(*index)++;
}

void panic(const char *format, ...)
{
	const struct thread *thread = thread_current();
	char reason[REASON_SIZE];
	unsigned int frame_count = 0;
	va_list arguments;

	arch_irq_disable();
	panic_claim();
	stop_others();
	va_start(arguments, format);
	(void)vsnprintf(reason, sizeof(reason), format, arguments);
	va_end(arguments);
	/* As plain lines: each saying that it is an error would only make them longer. */
	log_info("panic: %s", reason);
	log_info("  on CPU %u, thread \"%s\"", cpu_self()->index,
		 thread == NULL ? "none" : thread->name);
	arch_backtrace(frame_print, &frame_count);
	log_info("Corbel has stopped");
	arch_cpu_stop();
}

void assert_failed(const char *condition, const char *file, int line)
{
	panic("assertion \"%s\" failed at %s:%d", condition, file, line);
}

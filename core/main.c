// SPDX-License-Identifier: BSD-2-Clause
/*
 * The order in which the hypervisor comes up, from the port's handover to the first threads.
 */
#include <errno.h>

#include <corbel/arch.h>
#include <corbel/bundle.h>
#include <corbel/core.h>
#include <corbel/driver.h>
#include <corbel/guest.h>
#include <corbel/host_memory.h>
#include <corbel/irq.h>
#include <corbel/log.h>
#include <corbel/page.h>
#include <corbel/panic.h>
#include <corbel/sched.h>
#include <corbel/service.h>
#include <corbel/thread.h>
#include <corbel/time.h>
#include <corbel/tree.h>

__attribute__((noreturn)) void core_refuse(const struct error *error)
{
	log_error("Corbel cannot run here: %s", error->text);
	arch_host_poweroff();
	arch_cpu_stop();
}

/* Guests come from the bundle; without one there is still a prompt. */
static void bundle_mount(void)
{
	struct error error = { "" };
	uint64_t base, size;

	if (host_bundle_get(&base, &size) != 0) {
		log_error("no bundle: give QEMU one with -initrd, or the boot loader with "
			  "linux,initrd-start and -end in /chosen");
		return;
	}
	if (bundle_init(arch_hpa_to_pointer(HPA(base)), size, &error) != 0)
		log_error("%s", error.text);
}

static void services_start(void)
{
	for (unsigned int stage = 0; stage < SERVICE_STAGE_COUNT; stage++) {
		for_each_registered(entry, corbel_services, struct service) {
			int result;

			if ((*entry)->stage != stage)
				continue;
			result = (*entry)->start();
			if (result != 0)
				log_error("service %s did not start: %s", (*entry)->name,
					  error_name(result));
		}
	}
}

/* The first thread: once the services are up there is nothing left to do but to serve guests. */
static void first_thread(void *argument)
{
	(void)argument;
	services_start();
	guest_manager_run();
}

static void first_thread_start(void)
{
	const struct thread_parameters parameters = {
		.name = "guests",
		.entry = first_thread,
		.priority = THREAD_PRIORITY_SERVICE,
	};
	struct thread *thread;

	if (thread_create(&parameters, &thread) != 0)
		panic("no memory for the first thread");
	thread_start(thread);
}

static void memory_report(void)
{
	struct page_statistics statistics;

	page_statistics_get(&statistics);
	log_info("%u CPUs, %lu MiB of memory free", cpu_count(),
		 (unsigned long)(statistics.free_bytes >> 20));
}

__attribute__((noreturn)) void core_main(const struct boot_information *boot)
{
	struct error error = { "" };
	struct cpu *cpu;

	cpu_boot_init(boot->boot_hardware_id);
	cpu = cpu_self();
	if (arch_boot_init(&error) != 0)
		core_refuse(&error);
	log_info("Corbel %s, boot CPU %lu", corbel_version, (unsigned long)boot->boot_hardware_id);
	if (tree_check(boot->host_tree, SIZE_MAX, "host tree", &error) != 0 ||
	    host_memory_init(boot, &error) != 0 || arch_memory_init(&error) != 0)
		core_refuse(&error);
	if (timer_cpu_init(cpu) != 0 || sched_cpu_init(cpu) != 0)
		panic("no memory for the boot CPU's queues");
	arch_cpu_init(cpu);
	if (arch_cpu_enumerate() != 0)
		log_error("not every CPU of the host could be taken into use");
	drivers_probe();
	irq_cpu_init();
	bundle_mount();
	cpu_start_others();
	memory_report();
	first_thread_start();
	sched_idle_loop();
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * From the first C code to core_main() on the boot CPU. What the processor is asked before core can
 * run at all.
 */
#include <errno.h>

#include <libfdt.h>

#include <corbel/arch.h>
#include <corbel/core.h>
#include <corbel/thread.h>
#include <corbel/tree.h>

#include "boot.h"
#include "cps.h"
#include "firmware.h"
#include "mmu.h"
#include "offsets.h"
#include "probe.h"
#include "processor.h"
#include "stack.h"
#include "timer.h"
#include "traps.h"

struct thread boot_thread;
struct cpu boot_cpu;

extern char __image_start[], __image_end[], __boot_stack[];

__attribute__((noreturn)) void boot_main(uint32_t argument_count, const char *const *arguments,
					 const char *const *environment, uint32_t low_memory)
{
	const struct firmware_handover handover = {
		.argument_count = argument_count,
		.arguments = arguments,
		.environment = environment,
		.low_memory = low_memory,
	};
	struct boot_information information = {
		.boot_hardware_id = processor_number(),
		.image_base = arch_pointer_to_hpa(__image_start),
		.image_size = (uint64_t)(__image_end - __image_start),
	};
	struct error error = { "" };

	stack_canary_set(__boot_stack);
	processor_probe();
	mmu_segments_init();
	information.host_tree = firmware_tree_make(&handover);
	if (information.host_tree == NULL) {
		error_set(&error, -ENODEV, "the firmware's handover does not fit the board's tree");
		core_refuse(&error);
	}
	host_tree_set(information.host_tree);
	core_main(&information);
}

int arch_boot_init(struct error *error)
{
	uint32_t frequency = 0;
	int cpus = fdt_path_offset(host_tree(), "/cpus");

	cps_init();
	traps_init();
	if (!processor_has(PROCESSOR_TLB))
		return error_set(error, -ENODEV,
				 "this processor has no TLB (MMU type 1): guests need one");
	if (cpus < 0 || tree_u32_get(host_tree(), cpus, "mips-hpt-frequency", &frequency) != 0 ||
	    frequency == 0)
		return error_set(error, -ENODEV,
				 "the board's tree has no mips-hpt-frequency in /cpus");
	timer_frequency_set(frequency);
	return 0;
}

int arch_cpu_enumerate(void)
{
	for (unsigned int number = 1; number < cps_cpu_count(); number++) {
		struct cpu *cpu;
		int result = cpu_add(number, &cpu);

		if (result != 0)
			return result;
	}
	return 0;
}

/* Read by secondary_entry: one CPU starts at a time, so one of each does. */
struct thread *secondary_thread;
uint32_t secondary_stack_top;

extern char secondary_entry[];

int arch_cpu_start(struct cpu *cpu)
{
	uintptr_t entry = (uintptr_t)secondary_entry;

	secondary_thread = cpu->idle;
	secondary_stack_top =
		(uint32_t)((uintptr_t)cpu->idle->stack + THREAD_STACK_SIZE - ARGUMENT_AREA_SIZE);
	cpu->idle->arch.cpu = cpu;
	timer_cpu_align(cpu);
	__asm__ volatile("sync" : : : "memory");
	/* Its caches are not to be trusted yet: through kseg1. */
	cps_cpu_start((unsigned int)cpu->hardware_id,
		      (uint32_t)(entry - MEMORY_KSEG0_BASE + MEMORY_KSEG1_BASE));
	return 0;
}

__attribute__((noreturn)) void secondary_main(void)
{
	cpu_secondary_main();
}

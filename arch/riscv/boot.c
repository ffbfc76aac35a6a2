// SPDX-License-Identifier: BSD-2-Clause
/*
 * From the first C code to core_main() on the boot hart, and from the entry of a secondary hart to
 * core. What the processor is asked before core can run at all.
 */
#include <errno.h>

#include <libfdt.h>

#include <corbel/arch.h>
#include <corbel/core.h>
#include <corbel/host_memory.h>
#include <corbel/log.h>
#include <corbel/thread.h>
#include <corbel/tree.h>

#include "boot.h"
#include "csr.h"
#include "features.h"
#include "gmem.h"
#include "mmu.h"
#include "sbi_host.h"
#include "traps.h"
#include "timer.h"
#include "vcpu.h"

struct thread boot_thread;
struct cpu boot_cpu;

extern char __image_start[], __image_end[], __boot_stack[], __boot_stack_top[];

/* The tree as the firmware gave it; the direct map is that of the mode that is in force. */
static const void *tree_at(uint64_t address)
{
	const void *fdt = arch_hpa_to_pointer(HPA(address));

	return fdt_check_header(fdt) == 0 ? fdt : NULL;
}

static void paging_choose(uint64_t tree_address)
{
	const void *fdt = host_tree();
	struct error error = { "" };
	uint64_t base, size, end = 0;

	for (unsigned int i = 0; host_memory_get(i, &base, &size) == 0; i++)
		end = MAX(end, base + size);
	/* The tree itself may lie behind what it calls memory. */
	end = MAX(end, tree_address + fdt_totalsize(fdt));
	if (mmu_mode_select(end, &error) != 0)
		core_refuse(&error);
	host_tree_set(arch_hpa_to_pointer(HPA(tree_address)));
}

__attribute__((noreturn)) void boot_main(uint64_t hart, uint64_t tree_address)
{
	struct boot_information information = {
		.boot_hardware_id = hart,
		.image_base = arch_pointer_to_hpa(__image_start),
		.image_size = (uint64_t)(__image_end - __image_start),
	};
	struct error error = { "" };

	boot_thread.cpu = &boot_cpu;
	boot_thread.stack = __boot_stack;
	sbi_host_init();
	information.host_tree = tree_at(tree_address);
	if (information.host_tree == NULL) {
		error_set(&error, -ENODEV, "the firmware gave no device tree (a1 = 0x%lx)",
			  tree_address);
		core_refuse(&error);
	}
	host_tree_set(information.host_tree);
	paging_choose(tree_address);
	information.host_tree = host_tree();
	core_main(&information);
}

int arch_boot_init(struct error *error)
{
	uint32_t frequency = timebase_frequency_get(host_tree());
	uint64_t value;

	traps_cpu_init();
	features_init();
	if (!csr_probe_hgatp(&value))
		return error_set(error, -ENODEV,
				 "this processor has no H extension (hypervisor); on QEMU use "
				 "-cpu rv64,h=true");
	access_init();
	if (gmem_init() != 0)
		return error_set(error, -ENODEV, "none of the processor's G-stage modes is usable");
	if (frequency == 0)
		return error_set(error, -ENODEV,
				 "the firmware's tree has no timebase-frequency in /cpus");
	timer_frequency_set(frequency);
	if (!sbi_host_has(SBI_EXT_HSM) || !sbi_host_has(SBI_EXT_IPI) ||
	    !sbi_host_has(SBI_EXT_RFENCE) || !sbi_host_has(SBI_EXT_TIME))
		return error_set(error, -ENODEV,
				 "the firmware lacks one of the SBI extensions HSM, IPI, RFENCE, "
				 "TIME; OpenSBI 1.0 or newer has them");
	return 0;
}

/* Read by secondary_entry with translation off: the layout is boot.S's. */
struct secondary_start {
	uint64_t satp;
	uint64_t mapped_address; /* of secondary_mapped, where the satp write traps to */
	uint64_t thread;
	uint64_t stack_top;
};

extern char secondary_entry[], secondary_mapped[];

int arch_cpu_start(struct cpu *cpu)
{
	/* One for each: a hart that core no longer waits for may still come. */
	static struct secondary_start starts[CPU_MAX];
	struct secondary_start *start = &starts[cpu->index];
	struct sbi_return result;

	start->satp = mmu_satp();
	start->mapped_address = (uint64_t)secondary_mapped;
	start->thread = (uint64_t)cpu->idle;
	start->stack_top = (uint64_t)cpu->idle->stack + THREAD_STACK_SIZE;
	cpu->idle->arch.cpu = cpu;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	result = sbi_host_call(SBI_EXT_HSM, SBI_HSM_HART_START, cpu->hardware_id,
			       arch_pointer_to_hpa(secondary_entry).raw,
			       arch_pointer_to_hpa(start).raw, 0, 0);
	return result.error == SBI_SUCCESS ? 0 : -ENODEV;
}

__attribute__((noreturn)) void secondary_main(void)
{
	cpu_secondary_main();
}

int arch_cpu_enumerate(void)
{
	const void *fdt = host_tree();
	int result = 0;

	for (int node = cpu_node_next(fdt, -1); node >= 0; node = cpu_node_next(fdt, node)) {
		uint64_t hart;
		struct cpu *cpu;

		if (tree_reg_get(fdt, node, 0, &hart, NULL) != 0) {
			log_warning("a cpu node of the host's tree has no valid reg: left out");
			continue;
		}
		if (hart == cpu_get(0)->hardware_id)
			continue;
		result = cpu_add(hart, &cpu);
		if (result != 0)
			return result;
	}
	return 0;
}

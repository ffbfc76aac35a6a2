// SPDX-License-Identifier: BSD-2-Clause
/*
 * Stands before a Linux kernel, which lies 2 MiB above it: tells the time and enters the kernel as
 * the firmware would. So the way there (firmware, hypervisor, loading) does not count.
 */
#include <runtime/console.h>
#include <runtime/hart.h>
#include <runtime/time.h>

#define KERNEL_ADDRESS 0x80400000ul

void guest_main(void)
{
	void (*kernel)(uint64_t hart, uint64_t tree) = (void (*)(uint64_t, uint64_t))KERNEL_ADDRESS;
	const struct entry_state *entry = &hart_self()->entry;

	console_print("bench kernel-entry %lu\n", time_now());
	kernel(entry->a0, entry->a1);
}

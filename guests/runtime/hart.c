// SPDX-License-Identifier: BSD-2-Clause
/*
 * Harts of our own guests: the first enters main(), the others run one function each time that they
 * are started.
 */
#include <runtime/hart.h>
#include <runtime/sbi.h>
#include <runtime/time.h>

_Static_assert(offsetof(struct hart, frame) == HART_FRAME, "start.S");
_Static_assert(offsetof(struct hart, trap_stack) == HART_TRAP_STACK, "start.S");
_Static_assert(offsetof(struct hart, stack) == HART_STACK, "start.S");
_Static_assert(offsetof(struct hart, entry) == HART_ENTRY, "start.S");
_Static_assert(offsetof(struct entry_state, a1) == ENTRY_A1, "start.S");
_Static_assert(offsetof(struct entry_state, satp) == ENTRY_SATP, "start.S");
_Static_assert(offsetof(struct entry_state, sstatus) == ENTRY_SSTATUS, "start.S");
_Static_assert(offsetof(struct entry_state, sie) == ENTRY_SIE, "start.S");
_Static_assert(offsetof(struct entry_state, sip) == ENTRY_SIP, "start.S");

struct hart harts[HART_MAX];
unsigned int hart_count = 1;

char hart_stacks[HART_MAX][HART_STACK_SIZE] __attribute__((aligned(16)));
static char trap_stacks[HART_MAX][TRAP_STACK_SIZE] __attribute__((aligned(16)));

void hart_main(struct hart *hart)
{
	if (hart == &harts[0]) {
		hart->trap_stack = trap_stacks[0] + TRAP_STACK_SIZE;
		hart->id = hart->entry.a0;
		machine_init((const void *)hart->entry.a1);
		hart_init();
		guest_main();
		sbi_shutdown();
	}
	hart->function(hart->argument);
	hart_quiet();
	sbi_call(SBI_EXTENSION_HSM, SBI_HSM_STOP);
	sbi_shutdown();
}

void hart_init(void)
{
	uint64_t ids[HART_MAX];
	unsigned int count = machine_hart_ids(ids, HART_MAX);

	for (unsigned int i = 0; i < count && i < HART_MAX && hart_count < HART_MAX; i++) {
		struct hart *hart = &harts[hart_count];

		if (ids[i] == harts[0].id)
			continue;
		hart->id = ids[i];
		hart->index = hart_count;
		hart->stack = hart_stacks[hart_count] + HART_STACK_SIZE;
		hart->trap_stack = trap_stacks[hart_count] + TRAP_STACK_SIZE;
		hart_count++;
	}
}

long hart_run(unsigned int index, void (*function)(void *argument), void *argument)
{
	struct hart *hart = &harts[index];

	hart->function = function;
	hart->argument = argument;
	hart->context = NULL;
	__asm__ volatile("fence rw, rw" : : : "memory");
	return sbi_call(SBI_EXTENSION_HSM, SBI_HSM_START, hart->id, (uintptr_t)hart_start_entry,
			(uintptr_t)hart)
		.error;
}

static unsigned long hart_state(unsigned int index)
{
	return sbi_call(SBI_EXTENSION_HSM, SBI_HSM_STATUS, harts[index].id).value;
}

bool hart_wait_state(unsigned int index, unsigned long state)
{
	return time_wait_for(hart_state(index) == state, 5);
}

bool hart_join(unsigned int index)
{
	return hart_wait_state(index, SBI_HSM_STOPPED);
}

void hart_quiet(void)
{
	csr_write(CSR_SIE, 0);
	csr_clear(CSR_SSTATUS, SSTATUS_SIE);
	csr_clear(CSR_SIP, 1ul << INTERRUPT_SOFTWARE);
	timer_set(UINT64_MAX);
}

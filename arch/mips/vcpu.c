// SPDX-License-Identifier: BSD-2-Clause
/*
 * A VCPU on this processor: its state at start, at thread switches, its interrupts, its runs. What
 * is done about its exits is exits.c, its timer vtimer.c.
 */
#include <errno.h>

#include <corbel/arch.h>
#include <corbel/guest.h>
#include <corbel/panic.h>
#include <corbel/thread.h>

#include "cache.h"
#include "cps.h"
#include "emulate.h"
#include "exits.h"
#include "linked.h"
#include "probe.h"
#include "processor.h"
#include "shadow.h"
#include "traps.h"
#include "vcpu.h"
#include "yamon.h"

/* guest.S: whose the guest is that runs, where the processor has no KScratch1. */
extern struct vcpu *vcpu_loaded;

/* Input numbers are those of Cause.IP ("mti,cpu-interrupt-controller"). */
int arch_vcpu_irq_set(struct vcpu *vcpu, unsigned int input, bool level)
{
	unsigned long flags;

	if (!guest_irq_level_set(&vcpu->arch, input, level))
		return -EINVAL;
	if (!level)
		return 0;
	/* On this CPU it is seen before the guest is entered next. */
	flags = arch_irq_save();
	if (cpu_self()->arch.loaded != vcpu || vcpu->arch.waiting)
		vcpu_kick(vcpu);
	arch_irq_restore(flags);
	return 0;
}

int arch_vcpu_init(struct vcpu *vcpu, struct error *error)
{
	(void)error;
	vtimer_init(vcpu);
	shadow_forget(vcpu);
	return 0;
}

void arch_vcpu_destroy(struct vcpu *vcpu)
{
	vtimer_destroy(vcpu);
}

/* ---- start ---- */

/* The lowest RAM, as the boot protocol of the useg map hands it over. */
static const struct region *ram_first(const struct guest *guest)
{
	for (unsigned int i = 0; i < guest->region_count; i++)
		if (guest->regions[i].kind == REGION_RAM)
			return &guest->regions[i];
	return NULL;
}

/* Two 64-bit arguments as O32 passes them: the word that is first in memory comes first. */
static void argument_pair_set(struct arch_vcpu *arch, unsigned int number, uint64_t value)
{
	bool big = (arch->cp0[CP0_CONFIG] & CONFIG_BE) != 0;

	arch->gpr[number] = (uint32_t)(big ? value >> 32 : value);
	arch->gpr[number + 1] = (uint32_t)(big ? value : value >> 32);
}

/* As at power on: RAM's physical address and size in a0 to a3. */
static void reset_hand_over(struct vcpu *vcpu)
{
	const struct region *ram = ram_first(vcpu->guest);

	if (ram == NULL)
		return;
	argument_pair_set(&vcpu->arch, 4, ram->base.raw);
	argument_pair_set(&vcpu->arch, 6, ram->size);
}

/* Whether the guest is loaded where its processor begins, so that nothing need be pretended. */
static bool starts_at_reset(const struct arch_vcpu *arch, gpa_t entry)
{
	struct guest_translation translation;

	return guest_translate(arch, arch->map->reset_vector, GUEST_ACCESS_FETCH, &translation) &&
	       translation.gpa.raw == entry.raw;
}

/* The first virtual address by which kernel mode reaches the entry, unmapped. */
static uint32_t entry_address(const struct address_map *map, gpa_t entry)
{
	for (unsigned int i = 0; i < ADDRESS_MAP_SEGMENTS; i++) {
		const struct segment *segment = &map->segments[i];
		uint64_t offset = entry.raw - segment->physical;

		if (segment->kind == SEGMENT_CACHED && (segment->modes & GUEST_MODE_KERNEL) != 0 &&
		    offset <= segment->last - segment->first)
			return segment->first + (uint32_t)offset;
	}
	return map->reset_vector;
}

static void processor_reset(struct vcpu *vcpu)
{
	struct arch_vcpu *arch = &vcpu->arch;
	/* Not to be switched away from in between. */
	unsigned long flags = arch_irq_save();

	timer_cancel(&arch->timer);
	guest_processor_reset(arch, &vcpu->guest->arch, vcpu->index);
	arch->status_mask = cp0_status_writable(arch);
	shadow_forget(vcpu);
	arch->access_pending = false;
	arch->timer_due = false;
	arch_irq_restore(flags);
}

/*
 * What is loaded at the reset vector starts as a board's ROM does. Another kernel starts as if the
 * board's firmware had loaded it: at its entry, with the firmware's handover.
 */
void arch_vcpu_reset(struct vcpu *vcpu, const struct vcpu_start *start)
{
	struct arch_vcpu *arch = &vcpu->arch;

	processor_reset(vcpu);
	if (starts_at_reset(arch, start->entry)) {
		reset_hand_over(vcpu);
	} else {
		arch->pc = entry_address(arch->map, start->entry);
		yamon_hand_over(vcpu, GPA(start->argument));
	}
	/* The guest's files were written as data. */
	cache_forget_all();
}

/* ---- switches ---- */

void arch_vcpu_load(struct vcpu *vcpu)
{
	struct cpu *cpu = cpu_self();

	ASSERT(cpu->arch.loaded == NULL);
	cpu->arch.loaded = vcpu;
	if (!processor_has(PROCESSOR_KSCRATCH))
		vcpu_loaded = vcpu;
	/* What the guest wrote as code it has made known to the CPU that it was on. */
	if (shadow_load(vcpu) && cps_exists())
		cache_forget_all();
	vcpu->arch.changes |= GUEST_CHANGE_USER | GUEST_CHANGE_LINKED;
}

void arch_vcpu_save(struct vcpu *vcpu)
{
	struct cpu *cpu = cpu_self();

	ASSERT(cpu->arch.loaded == vcpu);
	cpu->arch.loaded = NULL;
	(void)vcpu;
}

/* ---- interrupts ---- */

static void timer_look(struct vcpu *vcpu)
{
	if (!__atomic_exchange_n(&vcpu->arch.timer_due, false, __ATOMIC_ACQUIRE))
		return;
	vcount_update(&vcpu->arch);
	vtimer_arm(vcpu);
}

bool arch_vcpu_irq_pending(struct vcpu *vcpu)
{
	/* The timer of the wait fires when Count has come there: whoever asks then must see it. */
	vcount_update(&vcpu->arch);
	return guest_wait_ends(&vcpu->arch);
}

void arch_vcpu_wait_begin(struct vcpu *vcpu)
{
	WRITE_ONCE(vcpu->arch.waiting, true);
	vtimer_arm(vcpu);
}

void arch_vcpu_wait_end(struct vcpu *vcpu)
{
	WRITE_ONCE(vcpu->arch.waiting, false);
}

/* ---- running ---- */

/* What user code of the guest reads without an exit. */
static void user_registers_load(const struct arch_vcpu *arch)
{
	uint32_t enabled = 0;

	if (processor_has(PROCESSOR_USERLOCAL)) {
		c0_write(C0_USERLOCAL, arch->cp0[CP0_USERLOCAL]);
		enabled = arch->cp0[CP0_HWRENA] & HWRENA_ULR;
	}
	c0_write(C0_HWRENA, enabled);
}

static void changes_apply(struct vcpu *vcpu)
{
	struct arch_vcpu *arch = &vcpu->arch;
	uint32_t changes = arch->changes;

	if ((changes & (GUEST_CHANGE_MODE | GUEST_CHANGE_ASID)) != 0)
		shadow_space_enter(vcpu);
	arch->changes = 0;
	if ((changes & GUEST_CHANGE_TIMER) != 0)
		vtimer_arm(vcpu);
	if ((changes & GUEST_CHANGE_USER) != 0)
		user_registers_load(arch);
	if ((changes & GUEST_CHANGE_LINKED) != 0)
		arch->entry_clears_link = 1;
}

bool vcpu_entry_prepare(struct vcpu *vcpu)
{
	struct arch_vcpu *arch = &vcpu->arch;

	if (unlikely(vcpu_must_leave(vcpu))) {
		arch->exit->kind = VCPU_EXIT_NONE;
		return false;
	}
	arch->entry_clears_link = processor_has(PROCESSOR_ERETNC) ? 0 : 1;
	if (unlikely(READ_ONCE(arch->timer_due)))
		timer_look(vcpu);
	if (guest_interrupt_deliverable(arch))
		guest_interrupt(arch);
	/* An ERET of the host's to an odd address would turn it to 16-bit instructions. */
	if (unlikely((arch->pc & 3) != 0))
		guest_exception_address(arch, EXCEPTION_ADDRESS_LOAD, arch->pc);
	if (arch->changes != 0)
		changes_apply(vcpu);
	if (!processor_has(PROCESSOR_ERETNC))
		link_forget();
	return true;
}

/* fast.S counts in words of its own. */
static void fast_counts_take(struct vcpu *vcpu)
{
	vcpu->exit_counts[EXIT_CP0] += vcpu->arch.fast_cp0_count;
	vcpu->exit_counts[EXIT_SYSCALL] += vcpu->arch.fast_syscall_count;
	vcpu->arch.fast_cp0_count = 0;
	vcpu->arch.fast_syscall_count = 0;
}

void arch_vcpu_run(struct vcpu *vcpu, struct vcpu_exit *exit)
{
	ASSERT(!arch_irq_enabled());
	ASSERT(cpu_self()->arch.loaded == vcpu);
	exit->kind = VCPU_EXIT_NONE;
	vcpu->arch.exit = exit;
	fast_counts_take(vcpu);
	vcpu->arch.entry_status = host_status() | HOST_STATUS_IE | HOST_STATUS_EXL | HOST_STATUS_UM;
	if (vcpu->arch.access_pending && !access_resume(vcpu))
		return;
	if (vcpu_entry_prepare(vcpu))
		vcpu_enter(vcpu);
}

void arch_vcpu_registers_print(const struct vcpu *vcpu, struct printer *printer)
{
	static const struct {
		const char *name;
		unsigned int index;
	} registers[] = {
		{ "status", CP0_STATUS },     { "cause", CP0_CAUSE },
		{ "epc", CP0_EPC },	      { "badvaddr", CP0_BADVADDR },
		{ "ebase", CP0_EBASE },	      { "errorepc", CP0_ERROREPC },
		{ "entryhi", CP0_ENTRYHI },   { "entrylo0", CP0_ENTRYLO0 },
		{ "entrylo1", CP0_ENTRYLO1 }, { "context", CP0_CONTEXT },
		{ "index", CP0_INDEX },	      { "wired", CP0_WIRED },
		{ "compare", CP0_COMPARE },
	};
	const struct arch_vcpu *arch = &vcpu->arch;

	print(printer, "%-8s %08x  %-8s %08x  %-8s %08x  mode %s\n", "pc", (unsigned int)arch->pc,
	      "hi", (unsigned int)arch->hi, "lo", (unsigned int)arch->lo,
	      guest_in_kernel(arch) ? "kernel" : "user");
	for (unsigned int i = 1; i < 32; i++)
		print(printer, "%-8s %08x%s", guest_register_name(i), (unsigned int)arch->gpr[i],
		      i % 4 == 0 ? "\n" : "  ");
	print(printer, "\n");
	for (unsigned int i = 0; i < ARRAY_SIZE(registers); i++)
		print(printer, "%-8s %08x%s", registers[i].name,
		      (unsigned int)(registers[i].index == CP0_CAUSE ?
					     guest_cause(arch) :
					     arch->cp0[registers[i].index]),
		      i % 4 == 3 ? "\n" : "  ");
	print(printer, "\n%-8s %08x  %-8s %08x\n", "x-cause", (unsigned int)arch->host_cause,
	      "x-addr", (unsigned int)arch->host_badvaddr);
}

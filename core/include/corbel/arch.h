// SPDX-License-Identifier: BSD-2-Clause
/*
 * The contract between core and a port: everything that core asks of an architecture, in one place.
 * What a port may call is in the other headers of this folder. docs/porting.md walks through it.
 *
 * A port also provides these headers under arch/<name>/include/arch/:
 *   types.h   struct arch_cpu, arch_thread, arch_vcpu, arch_guest: the port's part of core's
 *             structures; ARCH_STACK_ALIGNMENT; nothing else is looked at by core.
 *   cpu.h     as inline functions:
 *               unsigned long arch_irq_save(void)    interrupts off; returns the former state
 *               void arch_irq_restore(unsigned long) back to that state
 *               void arch_irq_enable(void)           on
 *               void arch_irq_disable(void)          off
 *               bool arch_irq_enabled(void)
 *               void arch_cpu_relax(void)            inside a spin loop
 *               struct cpu *arch_cpu_self(void)      valid from the first C code on
 *               struct thread *arch_thread_current(void)
 *   memory.h  as inline functions, valid for all RAM once core_main() runs:
 *               void *arch_hpa_to_pointer(hpa_t)
 *               hpa_t arch_pointer_to_hpa(const void *)   of the image or of RAM
 *
 * The port's boot code calls core_main() (core.h) on one CPU with interrupts off, `struct cpu` and
 * a boot thread reachable, and enough memory mapped for the hooks' own contexts below.
 *
 * "Context" says what a hook may rely on: "boot" is the boot CPU before threads, interrupts off;
 * "thread" may sleep; "irq-off" has interrupts off and must be short.
 */
#ifndef CORBEL_ARCH_H
#define CORBEL_ARCH_H

#include <arch/cpu.h>
#include <arch/memory.h>
#include <arch/types.h>
#include <corbel/cpu.h>
#include <corbel/error.h>
#include <corbel/printer.h>
#include <corbel/types.h>

struct guest;
struct thread;
struct vcpu;
struct vcpu_exit;
struct vcpu_start;

/* ---- the host processor ---- */

/* Writes to whatever console the firmware or board offers before drivers run. Any context. */
void arch_early_console_write(const char *text, size_t length);
/* A byte from it, or -1 where there is none now or there is no such console. Any context. */
int arch_early_console_read(void);

/*
 * Probes the processor and sets up traps on the boot CPU. A processor that Corbel cannot run on
 * is a negative errno value and one sentence. Context: boot.
 */
int arch_boot_init(struct error *error);

/*
 * Final page tables: all RAM mapped without execute permission, the image with each section's own
 * rights (no page both writable and executable). Context: boot, after the page allocator is ready.
 */
int arch_memory_init(struct error *error);

/* The port's part of a CPU that comes up: traps, interrupt enables, features. Context: irq-off. */
void arch_cpu_init(struct cpu *cpu);

/*
 * Starts a secondary CPU: it must end up in cpu_secondary_main() on the idle thread's stack that
 * cpu->idle has. -ENODEV where the firmware refuses. Context: boot.
 */
int arch_cpu_start(struct cpu *cpu);

/* Finds the host's CPUs in its description and calls cpu_add() for all but the boot CPU. Boot. */
int arch_cpu_enumerate(void);

/* Waits for an interrupt; returns after one is pending, interrupts still off. Context: irq-off. */
void arch_cpu_idle(void);
/* Stops this CPU for good, interrupts off. */
__attribute__((noreturn)) void arch_cpu_stop(void);
/* Interrupts another CPU, which calls cpu_ipi_handle(). Context: any. */
void arch_ipi_send(struct cpu *target);

/* Ends the machine. Returns only if the firmware refuses. Any context. */
void arch_host_poweroff(void);
void arch_host_reboot(void);

/* Prints the processor's name, features and what of them Corbel uses. Context: thread. */
void arch_host_describe(struct printer *printer);

/* ---- memory of Corbel itself ---- */

/*
 * A stack for a thread; returns its lowest usable byte. Where the port can, the page below is not
 * mapped; where it cannot, the port checks a canary at each switch. NULL: no memory. Context:
 * thread or boot.
 */
void *arch_stack_alloc(size_t size);
void arch_stack_free(void *stack, size_t size);

/* Maps device registers, uncached. NULL: no address space or tables left. Context: thread, boot. */
volatile void *arch_io_map(hpa_t base, size_t size);

/* Fills pages with zeros by the cheapest means. Any context. */
void arch_memory_zero(void *page_aligned, size_t size);

/* ---- time ---- */

/* Nanoseconds since some moment of boot, monotonic, the same on all CPUs. Any context. */
uint64_t arch_time_now(void);
/*
 * Asks for timer_interrupt() on this CPU at `deadline_ns` (TIME_NEVER: none). May be early by
 * nothing and late by the clock's resolution. A deadline in the past fires at once. Irq-off.
 */
void arch_timer_set(uint64_t deadline_ns);

/* ---- threads ---- */

/* Prepares thread->arch so that the first switch to it runs thread_begin() on its stack. */
void arch_thread_init(struct thread *thread, void *stack, size_t size);
/*
 * Leaves `previous` and continues `next` on this CPU; returns when `previous` is continued,
 * perhaps elsewhere. arch_cpu_self() and arch_thread_current() follow. Context: irq-off.
 */
void arch_thread_switch(struct thread *previous, struct thread *next);

/*
 * Walks the call frames of the caller: visit(return address). Bounded, faults on nothing.
 * Any context.
 */
void arch_backtrace(void (*visit)(uintptr_t address, void *argument), void *argument);

/* ---- guests ---- */

/* The port's part of a guest (address-space root, tag, ...). -ENOMEM. Context: thread. */
int arch_guest_init(struct guest *guest, struct error *error);
/* Frees all that the guest's part holds, mappings included. Context: thread, no VCPU left. */
void arch_guest_destroy(struct guest *guest);

enum gmem_flags {
	GMEM_READ = 1u << 0,
	GMEM_WRITE = 1u << 1,
	GMEM_EXECUTE = 1u << 2,
	GMEM_DEVICE = 1u << 3, /* host device registers: uncached, ordered */
};

/*
 * Makes [gpa, gpa + size) the guest's, backed by [hpa, hpa + size); all page aligned; the largest
 * pages that alignment allows. A port without a second stage records the pair for its own tables.
 * -ENOMEM, -EEXIST (part of it is mapped already: nothing is changed), -ERANGE (beyond what the
 * processor can map). On error nothing of the call remains. Context: thread, VCPUs not running.
 */
int arch_gmem_map(struct guest *guest, gpa_t gpa, hpa_t hpa, uint64_t size, unsigned int flags);
/* Takes it away and makes every CPU forget it. Unmapped parts are skipped. Context: thread. */
void arch_gmem_unmap(struct guest *guest, gpa_t gpa, uint64_t size);
/* One past the highest guest physical address that can be mapped. */
uint64_t arch_gmem_limit(const struct guest *guest);

/* A part of a kernel's file that is loaded as it is. */
struct image_part {
	uint64_t file_offset;
	uint64_t size;
	uint64_t offset; /* from the load address */
};

#define IMAGE_PART_MAX 4u

/* How a kernel image wants to be placed, as its own header says. */
struct image_placement {
	uint64_t alignment;	 /* of the load address, a power of two */
	uint64_t offset;	 /* from an aligned RAM base to the load address */
	uint64_t memory_size;	 /* what it needs from there on; what no part fills is zeroed */
	uint64_t entry_offset;	 /* of the first instruction from the load address */
	unsigned int part_count; /* 0: the file as a whole is loaded */
	struct image_part parts[IMAGE_PART_MAX]; /* disjoint; inside the file and memory_size */
};

/*
 * Reads the header of a kernel image (a whole file, untrusted). -ENOEXEC: not a kind that the port
 * knows, core then loads it as a raw binary if the guest's tree says where. -EINVAL: a known kind
 * but malformed. Context: thread.
 */
int arch_image_inspect(const void *image, size_t size, struct image_placement *out,
		       struct error *error);

/*
 * Completes the tree that the guest will be given with what only the port knows: cpu nodes'
 * properties, the timebase. `fdt` has free space; a libfdt error is returned as -ENOSPC or -EINVAL.
 * Context: thread.
 */
int arch_guest_tree_complete(struct guest *guest, void *fdt, struct error *error);

/* ---- VCPUs ---- */

/* The port's part of a VCPU. Context: thread. -ENOMEM. */
int arch_vcpu_init(struct vcpu *vcpu, struct error *error);
void arch_vcpu_destroy(struct vcpu *vcpu);

/*
 * Registers as at the start of the guest's boot protocol: everything cleared, pending interrupts
 * gone. Context: the VCPU's own thread, outside of arch_vcpu_run(); the VCPU may be loaded.
 */
void arch_vcpu_reset(struct vcpu *vcpu, const struct vcpu_start *start);

/* Parts with and takes up the processor state of the VCPU at a thread switch. Context: irq-off. */
void arch_vcpu_save(struct vcpu *vcpu);
void arch_vcpu_load(struct vcpu *vcpu);

/*
 * Runs the guest until something needs core, and says what. What the port can answer by itself
 * (hypercalls, its own traps) never returns from here; what core's fast entry points answer
 * (vcpu_mmio_fast()) neither. Host interrupts are taken inside; it returns VCPU_EXIT_NONE after one
 * that may have changed what this VCPU should do. Context: VCPU's thread, called and returns with
 * interrupts off, VCPU loaded.
 */
void arch_vcpu_run(struct vcpu *vcpu, struct vcpu_exit *exit);

/*
 * Ends an access that arch_vcpu_run() returned as VCPU_EXIT_MMIO: the register gets `exit->value`
 * (a read), the guest goes on behind the instruction. Context: VCPU's thread.
 */
void arch_vcpu_mmio_complete(struct vcpu *vcpu, const struct vcpu_exit *exit);
/* Or the guest gets the fault that hardware would give for an access to nothing. */
void arch_vcpu_mmio_fault(struct vcpu *vcpu, const struct vcpu_exit *exit);

/*
 * Sets the level of one of the VCPU's own interrupt inputs, numbered as in the binding of the
 * processor's interrupt controller (`interrupts-extended = <&cpu0_intc N>`). -EINVAL: no such
 * input. Wakes or kicks the VCPU as needed. Any context.
 */
int arch_vcpu_irq_set(struct vcpu *vcpu, unsigned int input, bool level);
/* Whether something pends that ends the guest's wait instruction. VCPU's thread, any irq state. */
bool arch_vcpu_irq_pending(struct vcpu *vcpu);
/*
 * Makes a timer of the guest that is due while the VCPU is not loaded call vcpu_kick(). Called
 * before the VCPU's thread blocks for a wait, after which arch_vcpu_wait_end() always follows.
 * Context: VCPU's thread, interrupts on.
 */
void arch_vcpu_wait_begin(struct vcpu *vcpu);
void arch_vcpu_wait_end(struct vcpu *vcpu);

/* ---- VCPUs as people look at them: not running (paused, stopped, crashed). Thread ---- */

/* Registers as a person reads them. */
void arch_vcpu_registers_print(const struct vcpu *vcpu, struct printer *printer);
/* Decoded, a line each: why the guest was left last, and what exception it took itself last. */
void arch_vcpu_cause_print(const struct vcpu *vcpu, struct printer *printer);

enum vcpu_pointer {
	VCPU_POINTER_PC,
	VCPU_POINTER_STACK,
};

/* A virtual address out of the VCPU's registers. */
uint64_t arch_vcpu_pointer_get(const struct vcpu *vcpu, enum vcpu_pointer pointer);
/*
 * Where the guest's own translation, whatever the rights, leads a virtual address and the rest of
 * its page (PAGE_SIZE). False: nowhere, or the VCPU was never started. Changes nothing.
 */
bool arch_vcpu_translate(const struct vcpu *vcpu, uint64_t address, gpa_t *out);

/* The port's names for what vcpu->exit_counts[] counts; below arch_exit_cause_count. */
extern const unsigned int arch_exit_cause_count; /* at most VCPU_EXIT_CAUSE_MAX */
const char *arch_exit_cause_name(unsigned int cause);

#endif

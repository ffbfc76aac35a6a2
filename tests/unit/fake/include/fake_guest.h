// SPDX-License-Identifier: BSD-2-Clause
/*
 * The fake port's guests and VCPUs as tests see them: what a VCPU does when it is run is a function
 * of the test's, and what core asks of the port is counted.
 */
#ifndef FAKE_GUEST_H
#define FAKE_GUEST_H

#include <corbel/guest.h>
#include <corbel/types.h>
#include <corbel/vcpu.h>

/* What the fake VCPU has been told. */
struct fake_vcpu {
	unsigned int reset_count;
	unsigned int run_count;
	unsigned int complete_count;
	unsigned int fault_count;
	unsigned int wait_begin_count;
	unsigned int wait_end_count;
	struct vcpu_start start;    /* of the last reset */
	struct vcpu_exit completed; /* the last access that was completed */
	uint64_t pc, sp;	    /* what arch_vcpu_pointer_get() says */
};

/* Guest physical addresses have virtual addresses from here on; below there is no translation. */
#define FAKE_VIRTUAL_BASE UINT64_C(0xffff000000000000)

struct fake_vcpu *fake_vcpu(const struct vcpu *vcpu);

/*
 * Takes the guest's place in arch_vcpu_run(), with interrupts off; not called when the VCPU is
 * asked to leave. NULL: every VCPU waits for interrupts and takes them.
 */
extern void (*fake_vcpu_program)(struct vcpu *vcpu, struct vcpu_exit *exit);

/* Lowers all inputs, as if the guest had served its devices; which they were. */
uint32_t fake_vcpu_interrupts_take(struct vcpu *vcpu);

/* Called when a VCPU is saved and loaded at a switch of threads, interrupts off; may be NULL. */
extern void (*fake_vcpu_switch_hook)(struct vcpu *vcpu, bool load);

/* A kernel image that the fake port knows begins so. */
#define FAKE_IMAGE_MAGIC UINT64_C(0x4547414d49454b46)
struct fake_image {
	uint64_t magic;
	uint64_t alignment; /* not a power of two: malformed */
	uint64_t offset;
	uint64_t memory_size;
	uint64_t entry_offset;
};

/* What arch_gmem_limit() says. */
extern uint64_t fake_gmem_limit;
/* What arch_guest_tree_complete() returns; it adds /cpus fake,complete when that is 0. */
extern int fake_tree_complete_result;

/*
 * Mappings of the guest: how many there are, the HPA behind an address, its GMEM_* flags; 0 where
 * there is none.
 */
unsigned int fake_gmem_count(const struct guest *guest);
uint64_t fake_gmem_translate(const struct guest *guest, gpa_t address);
unsigned int fake_gmem_flags(const struct guest *guest, gpa_t address);

/* Starts a thread that serves what guests ask for, as the boot does. 0, or a negative errno value.
 */
int fake_guest_manager_start(void);

#endif

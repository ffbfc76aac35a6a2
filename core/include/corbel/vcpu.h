// SPDX-License-Identifier: BSD-2-Clause
/*
 * A VCPU: a thread that runs a guest. The life of one, its exits, and what ports call.
 */
#ifndef CORBEL_VCPU_H
#define CORBEL_VCPU_H

#include <arch/types.h>
#include <corbel/thread.h>
#include <corbel/types.h>
#include <corbel/vdev.h>

#define VCPU_EXIT_CAUSE_MAX  16u
#define VCPU_CRASH_TEXT_SIZE 128

struct guest;
struct region;

/* Where and with what a VCPU starts; the port knows in which registers. */
struct vcpu_start {
	gpa_t entry;
	uint64_t argument; /* boot VCPU: GPA of the tree; others: what the guest passed */
};

enum vcpu_exit_kind {
	VCPU_EXIT_NONE,	 /* look at requests and come back */
	VCPU_EXIT_MMIO,	 /* an access that core must serve */
	VCPU_EXIT_WAIT,	 /* the guest waits for an interrupt */
	VCPU_EXIT_YIELD, /* the guest spins for another VCPU: others may go first */
	VCPU_EXIT_OFF,	 /* the VCPU turned itself off */
	VCPU_EXIT_CRASH, /* the guest cannot go on; vcpu->crash_text says why */
};

struct vcpu_exit {
	enum vcpu_exit_kind kind;
	/* VCPU_EXIT_MMIO: */
	bool write;
	uint8_t size; /* 1, 2, 4 or 8 bytes */
	gpa_t address;
	uint64_t value; /* to write; or what was read, for arch_vcpu_mmio_complete() */
};

struct vcpu {
	struct arch_vcpu arch; /* first: ports reach it from assembly */
	struct guest *guest;   /* constant */
	unsigned int index;    /* in the guest, from 0; constant */
	struct thread *thread; /* constant */
	struct vdev inputs;    /* its own interrupt inputs, as devices are wired to them */
	bool on;	       /* powered; guest->vcpu_lock */
	bool start_pending;    /* `start` is to be applied before the next entry; the same lock */
	struct vcpu_start start;
	bool parked;			  /* stands still between entries; the same lock */
	bool ending;			  /* its thread is to return; the same lock */
	bool idle;			  /* atomic: its thread blocks or is about to */
	uint32_t interrupted;		  /* atomic: leave the guest and look at requests */
	const struct region *last_region; /* of the last access served; VCPU's thread only */
	uint64_t exit_counts[VCPU_EXIT_CAUSE_MAX]; /* VCPU's thread writes, others may read */
	char crash_text[VCPU_CRASH_TEXT_SIZE];
};

/*
 * Turns a VCPU of a running guest on, to start as `start` says. Any context.
 * -EALREADY: it is on; -EINVAL: the guest has no such VCPU.
 */
int vcpu_power_on(struct guest *guest, unsigned int index, const struct vcpu_start *start);
bool vcpu_is_on(const struct vcpu *vcpu);

/*
 * Makes a VCPU that waits or runs anywhere look at its interrupts and requests again. Any context.
 */
void vcpu_kick(struct vcpu *vcpu);

/* Whether the VCPU is asked to leave the guest; checked by the port right before each entry with
 * interrupts off. */
static inline bool vcpu_must_leave(const struct vcpu *vcpu)
{
	return READ_ONCE(vcpu->interrupted) != 0;
}

/*
 * Serves an access to a device, or to memory that the processor did not let the guest reach by
 * itself, without leaving arch_vcpu_run(). 0: done, `*value` holds what was read. -EAGAIN: return
 * VCPU_EXIT_MMIO instead. -EFAULT: nothing there, the guest gets its access fault. Context: the
 * VCPU's thread, interrupts off.
 */
int vcpu_mmio_fast(struct vcpu *vcpu, gpa_t address, unsigned int size, bool write,
		   uint64_t *value);

/* Writes crash_text; the port then returns VCPU_EXIT_CRASH. VCPU's thread. */
void vcpu_crash(struct vcpu *vcpu, const char *format, ...) PRINTF_LIKE(2, 3);

/* "running", "waiting", "off", "paused", ... for tables. Any context; a snapshot. */
const char *vcpu_state_name(const struct vcpu *vcpu);

/* For core itself: makes and frees a VCPU with its thread. Context: thread. */
struct error;
int vcpu_create(struct guest *guest, unsigned int index, unsigned int priority, cpumask_t affinity,
		struct vcpu **out, struct error *error);
void vcpu_destroy(struct vcpu *vcpu);
/* Makes `inputs` usable; guest and index are set. Any context. */
void vcpu_inputs_init(struct vcpu *vcpu);

#endif

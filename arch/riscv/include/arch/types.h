// SPDX-License-Identifier: BSD-2-Clause
/*
 * The RISC-V port's part of core's structures. The offsets that assembly uses are checked in
 * offsets.h.
 */
#ifndef ARCH_TYPES_H
#define ARCH_TYPES_H

#include <arch/access.h>
#include <corbel/time.h>
#include <corbel/types.h>

struct cpu;
struct fpu_state;
struct hypercall_extension;
struct vcpu;
struct vector_state;

#define ARCH_STACK_ALIGNMENT 16

/* First in struct cpu. */
struct arch_cpu {
	struct vcpu *loaded;	/* whose VS CSRs this hart holds; NULL: nobody's */
	struct vcpu *fpu_owner; /* whose state was last in the FPU and vector units; may be gone */
};

/* First in struct thread. `tp` points here whenever Corbel runs. */
struct arch_thread {
	uint64_t sp;	 /* while not running: below the callee-saved registers */
	struct cpu *cpu; /* while running */
};

/* A guest's address space. */
struct arch_guest {
	hpa_t root;	     /* of the G-stage tables, 16 KiB */
	uint64_t hgatp;	     /* what the hart gets */
	unsigned int levels; /* 3, 4 or 5 */
	unsigned int vmid;
	struct vcpu *last_vcpu[CPU_MAX]; /* which VCPU of the guest last used each hart's TLB */
};

/* CSRs that the guest owns while it is loaded, kept here while it is not. */
struct arch_vcpu_csrs {
	uint64_t vsstatus, vsie, vstvec, vsscratch, vsepc, vscause, vstval, vsatp;
	uint64_t vstimecmp;
	uint64_t scounteren, senvcfg;
};

/* What the guest's firmware interface calls a hart's suspend. */
enum vcpu_suspend {
	SUSPEND_NONE,
	SUSPEND_RETENTIVE,
	SUSPEND_NON_RETENTIVE, /* goes on as resume_entry and resume_argument say */
};

/* First in struct vcpu. `sscratch` points here while the guest runs. */
struct arch_vcpu {
	uint64_t x[32];	  /* x[0] stays 0 */
	uint64_t pc;	  /* this and the next two: while the guest is out of the fast path */
	uint64_t sstatus; /* SPP, FS, VS for the next entry */
	uint64_t hstatus;
	uint64_t host_sp; /* of the VCPU's thread, while the guest runs */
	struct arch_thread *host_thread;
	uint64_t scause, stval, htval, htinst; /* of the last exit that took the long way */
	struct arch_vcpu_csrs csrs;
	uint32_t irq_level;	 /* atomic: VS interrupts that are high, as hvip bits */
	uint32_t irq_sync;	 /* atomic: hvip bits that the next entry takes from irq_level */
	uint32_t fence_requests; /* atomic, enum fence_request */
	bool in_guest;		 /* runs the guest, or will without another look at the requests */
	bool waiting;		 /* between arch_vcpu_wait_begin() and _end() */
	uint8_t suspend;	 /* enum vcpu_suspend */
	uint8_t leave;		 /* enum vcpu_exit_kind + 1: a hypercall asks to leave; 0: none */
	unsigned int last_cpu;	 /* index; whose TLB may hold its translations */
	struct arch_access access;
	uint64_t resume_entry, resume_argument;
	const struct hypercall_extension *last_extension;
	struct timer timer;   /* wakes a wait; without Sstc also the guest's timer */
	uint64_t timer_ticks; /* without Sstc: what the guest set */
	unsigned int fpu_cpu; /* index; whose units have this state if their owner says so too */
	struct fpu_state *fpu;
	struct vector_state *vector; /* NULL where the host has no V */
};

#endif

// SPDX-License-Identifier: BSD-2-Clause
/*
 * The RISC-V port's part of core's structures. The offsets that assembly uses are checked in
 * offsets.h.
 */
#ifndef ARCH_TYPES_H
#define ARCH_TYPES_H

#include <corbel/types.h>

struct cpu;
struct fpu_state;
struct vcpu;
struct vector_state;

#define ARCH_STACK_ALIGNMENT 16

/* First in struct cpu. */
struct arch_cpu {
	struct vcpu *loaded;	       /* whose VS CSRs this hart holds; NULL: nobody's */
	uint64_t timer_deadline_ticks; /* what the hardware timer is set to */
};

/* First in struct thread. `tp` points here whenever Corbel runs. */
struct arch_thread {
	uint64_t sp;	 /* while not running: below the callee-saved registers */
	struct cpu *cpu; /* while running */
};

/* A guest's address space. */
struct arch_guest {
	hpa_t root;	     /* G-stage root, 16 KiB */
	uint64_t hgatp;	     /* what the hart gets */
	unsigned int levels; /* 3, 4, 5 */
	unsigned int vmid;
	struct vcpu *last_vcpu[CPU_MAX]; /* which VCPU of the guest last used each hart's TLB */
	void *isa;			 /* the ISA string that the guest is told; isa.c */
};

/* CSRs that the guest owns while it is loaded, kept here while it is not. */
struct arch_vcpu_csrs {
	uint64_t vsstatus, vsie, vstvec, vsscratch, vsepc, vscause, vstval, vsatp;
	uint64_t vstimecmp;
	uint64_t scounteren, senvcfg;
};

/* First in struct vcpu. `sscratch` points here while the guest runs. */
struct arch_vcpu {
	uint64_t x[32]; /* x[0]: scratch of the trap vector */
	uint64_t pc;
	uint64_t sstatus; /* for the next entry: SPP, FS, VS */
	uint64_t hstatus;
	uint64_t host_sp; /* of the VCPU's thread, while the guest runs */
	struct arch_thread *host_thread;
	/* What the trap CSRs held at an exit that takes the long way. */
	uint64_t scause, stval, htval, htinst;
	struct arch_vcpu_csrs csrs;
	uint64_t hgatp;
	uint32_t irq_level; /* atomic: inputs that are high, as hvip bits */
	uint32_t irq_sync;  /* atomic: hvip bits that the next entry must take from irq_level */
	uint32_t fence_requests; /* atomic: fences to do before the next entry */
	unsigned int last_cpu;	 /* index; whose TLB may hold its translations */
	uint8_t access_register; /* of the MMIO read that is under way */
	uint8_t access_length;	 /* of its instruction */
	uint8_t access_size;
	bool access_signed;
	bool timer_armed; /* `timer` wakes the wait or raises the guest's timer interrupt */
	void *timer;	  /* struct vcpu_timer; timer.c */
	struct fpu_state *fpu;
	struct vector_state *vector;
};

#endif

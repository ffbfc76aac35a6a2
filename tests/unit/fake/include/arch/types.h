// SPDX-License-Identifier: BSD-2-Clause
/*
 * The fake port's part of core's structures: what its hooks in tests/unit/fake and the tests
 * themselves want to remember.
 */
#ifndef ARCH_TYPES_H
#define ARCH_TYPES_H

#include <corbel/types.h>

#define ARCH_STACK_ALIGNMENT 16

struct arch_cpu {
	uint64_t timer_deadline_ns; /* what arch_timer_set() was last told */
	uint64_t ipi_sent_count;
	void *data; /* for the fake scheduler hooks */
};

struct arch_thread {
	void *data; /* for the fake scheduler hooks */
};

struct arch_guest {
	void *data; /* for the fake guest hooks */
};

struct arch_vcpu {
	uint32_t irq_levels; /* bit N: input N is high */
	void *data;	     /* for the fake guest hooks */
};

#endif

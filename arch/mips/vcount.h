// SPDX-License-Identifier: BSD-2-Clause
/*
 * The virtual Count and Compare, as functions of the host's clock. What arms a host timer is
 * vtimer.c.
 */
#ifndef MIPS_VCOUNT_H
#define MIPS_VCOUNT_H

#include <arch/types.h>

/* The host's clock in ns, monotonic, the same on all CPUs: of the port's timer.c, or of a test. */
uint64_t vcount_clock_ns(void);
/*
 * The counter that it is made of, as 64 bits, and its frequency; 0: it cannot be read directly. A
 * guest with the same frequency reads it without an exit's C code (fast.S).
 */
uint64_t vcount_clock_ticks(void);
uint32_t vcount_clock_hz(void);

#define COUNT_HZ_MIN 1000000u
#define COUNT_HZ_MAX 1000000000u

/* Count runs from `start` at 0 ns on, with `hz`; Compare as after reset, no interrupt pending. */
void vcount_reset(struct arch_vcpu *vcpu, uint32_t hz, uint64_t start);

/* What MFC0 Count gives now. */
uint32_t vcount_read(const struct arch_vcpu *vcpu);
/* MTC0 Count, MTC0 Compare. */
void vcount_write(struct arch_vcpu *vcpu, uint32_t value);
void vcount_compare_write(struct arch_vcpu *vcpu, uint32_t value);
/* Cause.DC: Count stands still while it is set. */
void vcount_stop_set(struct arch_vcpu *vcpu, bool stopped);

/*
 * Raises Cause.TI and its IP bit where Compare has matched until now. To be called when
 * vcount_deadline() has come; also before each look at pending interrupts costs nothing but time.
 */
void vcount_update(struct arch_vcpu *vcpu);
/* When, in ns of the host's clock, the next match is due; TIME_NEVER: none. */
uint64_t vcount_deadline(const struct arch_vcpu *vcpu);

#endif

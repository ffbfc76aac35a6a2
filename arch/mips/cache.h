// SPDX-License-Identifier: BSD-2-Clause
/*
 * The host's caches: what must be done so that written code is executed, and what guests ask for.
 */
#ifndef MIPS_CACHE_H
#define MIPS_CACHE_H

#include <corbel/vcpu.h>

/* Makes this CPU fetch what was stored in [address, address + size), unmapped memory. */
void cache_code_written(const void *address, size_t size);

/* Writes back and forgets everything in this CPU's first-level caches. */
void cache_forget_all(void);

/* Does vcpu->arch.cache on this CPU. Irq-off. */
void cache_guest_operate(struct vcpu *vcpu);

#endif

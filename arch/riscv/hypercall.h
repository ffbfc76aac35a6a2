// SPDX-License-Identifier: BSD-2-Clause
/*
 * Calls of a guest to its firmware, the virtual SBI. Each extension is one file in sbi/ that
 * registers itself. Numbers and chapters: sbi_numbers.h.
 */
#ifndef RISCV_HYPERCALL_H
#define RISCV_HYPERCALL_H

#include <corbel/vcpu.h>

#include "sbi_host.h"

struct hypercall_extension {
	const char *name;
	uint64_t id;
	/*
	 * Serves a call: `arguments` are a0 to a5, read once; the result goes to a0 and a1.
	 * Context: the fast path, so interrupts off, short, no other register of the guest than a0
	 * to a7. What needs core calls hypercall_leave().
	 */
	struct sbi_return (*call)(struct vcpu *vcpu, uint64_t function, const uint64_t *arguments);
};

#define HYPERCALL_REGISTER(extension) \
	REGISTER_IN(corbel_hypercalls, struct hypercall_extension, extension)
DECLARE_REGISTRY(corbel_hypercalls, struct hypercall_extension);

/* As exit_fast(), for an environment call of the guest's supervisor. */
struct vcpu *hypercall_fast(struct vcpu *vcpu);

/* After the call the VCPU returns to core with this kind of exit. */
void hypercall_leave(struct vcpu *vcpu, enum vcpu_exit_kind kind);

/* NULL: no such extension. */
const struct hypercall_extension *hypercall_find(uint64_t id);

static inline struct sbi_return hypercall_error(int64_t error)
{
	return (struct sbi_return){ .error = error, .value = 0 };
}

static inline struct sbi_return hypercall_value(uint64_t value)
{
	return (struct sbi_return){ .error = SBI_SUCCESS, .value = value };
}

/*
 * A hart mask as SBI passes it: bit n of `mask` is hart `base` + n; base -1 is every hart. Fills
 * `*out` with the guest's VCPUs by index. SBI_ERR_INVALID_PARAM where it names a hart that is none.
 * SBI 2.0, section 3.1.
 */
int64_t hart_mask_read(const struct vcpu *vcpu, uint64_t mask, uint64_t base, uint64_t *out);

#endif

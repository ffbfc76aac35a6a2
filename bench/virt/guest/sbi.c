// SPDX-License-Identifier: BSD-2-Clause
/*
 * What calls into the SBI cost, and interrupts and fences that a hart sends to itself.
 */
#include <runtime/sbi.h>

#include "bench.h"

#define SELF_IPI_ROUNDS 100

/* In line, for the call itself is to be measured and not how C comes to it. */
static inline void call(unsigned long extension, unsigned long function, unsigned long argument0,
			unsigned long argument1, unsigned long argument2, unsigned long argument3)
{
	register unsigned long a0 __asm__("a0") = argument0;
	register unsigned long a1 __asm__("a1") = argument1;
	register unsigned long a2 __asm__("a2") = argument2;
	register unsigned long a3 __asm__("a3") = argument3;
	register unsigned long a6 __asm__("a6") = function;
	register unsigned long a7 __asm__("a7") = extension;

	__asm__ volatile("ecall"
			 : "+r"(a0), "+r"(a1)
			 : "r"(a2), "r"(a3), "r"(a6), "r"(a7)
			 : "memory");
}

BENCH(sbi_version, "sbi-get-spec-version")
{
	return bench_loop(call(SBI_EXTENSION_BASE, SBI_BASE_SPEC_VERSION, 0, 0, 0, 0));
}

BENCH(sbi_set_timer, "sbi-set-timer")
{
	return bench_loop(call(SBI_EXTENSION_TIME, 0, -1ul, 0, 0, 0));
}

BENCH(stimecmp_write, "stimecmp-write")
{
	if (!machine_has_extension("sstc"))
		return BENCH_ABSENT;
	return bench_loop(csr_write(CSR_STIMECMP, -1ul));
}

BENCH(self_ipi, "self-ipi-until-taken")
{
	uint64_t id = hart_self()->id;
	uint64_t total = 0;

	for (unsigned int i = 0; i < SELF_IPI_ROUNDS; i++) {
		uint64_t taken = latency_taken;
		uint64_t start;

		latency_begin(INTERRUPT_SOFTWARE);
		start = instret();
		call(SBI_EXTENSION_IPI, 0, 1, id, 0, 0);
		while (latency_taken == taken)
			;
		total += latency_instret - start;
	}
	latency_end();
	return total / SELF_IPI_ROUNDS;
}

BENCH(remote_fence, "remote-fence-to-self")
{
	uint64_t id = hart_self()->id;

	return bench_loop(call(SBI_EXTENSION_RFENCE, SBI_RFENCE_SFENCE_VMA, 1, id, 0, -1ul));
}

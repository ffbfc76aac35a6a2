// SPDX-License-Identifier: BSD-2-Clause
/*
 * A virtual processor of the MIPS port for unit tests, with a clock and a shadow that they control.
 */
#ifndef TESTS_MIPS_PROCESSOR_H
#define TESTS_MIPS_PROCESSOR_H

#include "../../../arch/mips/emulate.h"

/* Between two ticks of Count at this rate are 10 ns. */
#define TEST_COUNT_HZ 100000000u

extern uint64_t processor_clock_ns;

/* What shadow_entry_drop() was told since the last processor_make(), if it is shadow_told.c's. */
extern unsigned int shadow_drops;
extern struct guest_tlb_entry shadow_dropped;

/* The one processor there is: reset, of the first model, in that map. Features: enum guest_feature.
 */
struct arch_vcpu *processor_make_in(const char *map, uint32_t features);
/* In the classic map, out of the reset's ERL and BEV: kernel mode, interrupts off, pc 0x80100000.
 */
struct arch_vcpu *processor_make(uint32_t features);
/* The same in user mode, pc 0x00400000. */
struct arch_vcpu *processor_make_user(uint32_t features);

/* Fills a TLB entry as the guest would. */
struct processor_page {
	unsigned int index;
	uint32_t entryhi, mask, entrylo0, entrylo1;
};

void processor_page_set(struct arch_vcpu *vcpu, struct processor_page page);

/* The same numbers in the same order every time. */
uint32_t processor_random(void);
void processor_random_seed(uint32_t seed);

/* Words of instructions. */
#define ENCODE_MFC0(rt, rd, sel) (0x40000000u | (uint32_t)(rt) << 16 | (uint32_t)(rd) << 11 | (sel))
#define ENCODE_MTC0(rt, rd, sel) (0x40800000u | (uint32_t)(rt) << 16 | (uint32_t)(rd) << 11 | (sel))
#define ENCODE_DI(rt)		 (0x41606000u | (uint32_t)(rt) << 16)
#define ENCODE_EI(rt)		 (0x41606020u | (uint32_t)(rt) << 16)
#define ENCODE_TLBR		 0x42000001u
#define ENCODE_TLBWI		 0x42000002u
#define ENCODE_TLBINV		 0x42000003u
#define ENCODE_TLBINVF		 0x42000004u
#define ENCODE_TLBWR		 0x42000006u
#define ENCODE_TLBP		 0x42000008u
#define ENCODE_ERET		 0x42000018u
#define ENCODE_ERETNC		 0x42000058u
#define ENCODE_WAIT		 0x42000020u
#define ENCODE_RDHWR(rt, rd)	 (0x7c00003bu | (uint32_t)(rt) << 16 | (uint32_t)(rd) << 11)
#define ENCODE_CACHE(op, base, offset) \
	(0xbc000000u | (uint32_t)(base) << 21 | (uint32_t)(op) << 16 | ((offset)&0xffff))
#define ENCODE_SYNCI(base, offset) (0x041f0000u | (uint32_t)(base) << 21 | ((offset)&0xffff))
#define ENCODE_NOP		   0u

#endif

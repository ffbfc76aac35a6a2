// SPDX-License-Identifier: BSD-2-Clause
/*
 * The virtual processor that the MIPS tests share, and what it calls of a port.
 */
#include <string.h>

#include "processor.h"

uint64_t processor_clock_ns;
unsigned int shadow_drops;
struct guest_tlb_entry shadow_dropped;
static struct arch_vcpu processor;
static uint32_t random_state = 1;

/* Read by ns only, as on a host whose Counts differ. */
uint64_t vcount_clock_ticks(void)
{
	return 0;
}

uint32_t vcount_clock_hz(void)
{
	return 0;
}

uint64_t vcount_clock_ns(void)
{
	return processor_clock_ns;
}

struct arch_vcpu *processor_make_in(const char *map, uint32_t features)
{
	struct arch_guest guest = {
		.map = address_map_find(map),
		.model = processor_model_get(0),
		.count_hz = TEST_COUNT_HZ,
		.features = features,
	};

	processor_clock_ns = 0;
	memset(&processor, 0x5a, sizeof(processor));
	processor.irq_level = 0;
	processor.changes = 0;
	guest_processor_reset(&processor, &guest, 0);
	shadow_drops = 0;
	return &processor;
}

struct arch_vcpu *processor_make(uint32_t features)
{
	struct arch_vcpu *vcpu = processor_make_in("segctl", features);

	cp0_write(vcpu, CP0_STATUS, 0);
	vcpu->pc = 0x80100000;
	vcpu->changes = 0;
	return vcpu;
}

struct arch_vcpu *processor_make_user(uint32_t features)
{
	struct arch_vcpu *vcpu = processor_make(features);

	cp0_write(vcpu, CP0_STATUS, STATUS_UM);
	vcpu->pc = 0x00400000;
	vcpu->changes = 0;
	return vcpu;
}

void processor_page_set(struct arch_vcpu *vcpu, struct processor_page page)
{
	cp0_write(vcpu, CP0_INDEX, page.index);
	cp0_write(vcpu, CP0_ENTRYHI, page.entryhi);
	cp0_write(vcpu, CP0_PAGEMASK, page.mask);
	cp0_write(vcpu, CP0_ENTRYLO0, page.entrylo0);
	cp0_write(vcpu, CP0_ENTRYLO1, page.entrylo1);
	guest_tlbwi(vcpu);
}

void processor_random_seed(uint32_t seed)
{
	random_state = seed;
}

uint32_t processor_random(void)
{
	/* An xorshift generator: any state but 0 will do. */
	random_state ^= random_state << 13;
	random_state ^= random_state >> 17;
	random_state ^= random_state << 5;
	return random_state;
}

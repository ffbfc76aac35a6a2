// SPDX-License-Identifier: BSD-2-Clause
/*
 * Whatever a guest executes, the MIPS port's virtual processor stays one: random instructions on
 * random state, with fixed seeds, in all maps, models and feature sets. What must always hold is
 * checked after each; the sanitizers check the rest.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "mips/processor.h"

#define STEPS 200000u

static uint32_t pick(uint32_t count)
{
	return (uint32_t)((uint64_t)processor_random() * count >> 32);
}

/* One of a few interesting values, or anything. */
static uint32_t value(void)
{
	static const uint32_t values[] = { 0,	       1,	   0xffffffff, 0x7fffffff,
					   0x80000000, 0x80000180, 0xa0000000, 0xbfc00000,
					   0xc0000000, 0x3fc00000, 0x20000000, 0x40000000,
					   0x60000000, 0x1fffe000, 0xb80003f8 };

	return pick(2) == 0 ? values[pick(ARRAY_SIZE(values))] : processor_random();
}

/* A word that traps more often than not. */
static uint32_t instruction(void)
{
	static const uint32_t words[] = { ENCODE_TLBR,	  ENCODE_TLBWI,	 ENCODE_TLBINV,
					  ENCODE_TLBINVF, ENCODE_TLBWR,	 ENCODE_TLBP,
					  ENCODE_ERET,	  ENCODE_ERETNC, ENCODE_WAIT };

	switch (pick(8)) {
	case 0:
		return ENCODE_MFC0(pick(32), pick(32), pick(8));
	case 1:
	case 2:
		return ENCODE_MTC0(pick(32), pick(32), pick(8));
	case 3:
		return pick(3) == 0 ? ENCODE_DI(pick(32)) | pick(2) << 5 :
				      words[pick(ARRAY_SIZE(words))];
	case 4:
		return 0x40000000 | processor_random() >> 6;
	case 5:
		return ENCODE_CACHE(pick(32), pick(32), processor_random());
	case 6:
		return pick(2) == 0 ? ENCODE_RDHWR(pick(32), pick(32)) :
				      (0x20u + pick(0x20)) << 26 | processor_random() >> 6;
	default:
		return processor_random();
	}
}

static struct arch_vcpu *make(unsigned int map, unsigned int model, uint32_t features)
{
	struct arch_guest guest = {
		.map = address_map_get(map),
		.model = processor_model_get(model),
		.count_hz = processor_random(),
		.count_start = processor_random(),
		.features = features,
	};
	struct arch_vcpu *vcpu = processor_make_in("segctl", 0);

	guest_processor_reset(vcpu, &guest, pick(32));
	return vcpu;
}

/* What a guest must not be able to change, and what the rest of the port relies on. */
static void check(const struct arch_vcpu *vcpu)
{
	const uint32_t *cp0 = vcpu->cp0;

	assert_int_equal(vcpu->gpr[0], 0);
	assert_true(vcpu->delay_slot <= 1);
	assert_int_equal(cp0[CP0_STATUS] & ~0x3c40ff17u, 0);
	assert_int_equal(cp0[CP0_CAUSE] & 0x07007c83u, 0);
	assert_int_equal((cp0[CP0_EBASE] ^ vcpu->map->ebase_fixed) &
				 ~(vcpu->map->ebase_writable | EBASE_LOW),
			 0);
	assert_int_equal(cp0[CP0_PRID], vcpu->model->prid);
	assert_true((cp0[CP0_INDEX] & ~INDEX_P) < vcpu->tlb_size);
	assert_true(cp0[CP0_WIRED] < vcpu->tlb_size);
	assert_true(vcpu->random < vcpu->tlb_size);
	assert_int_equal(vcpu->tlb_size, vcpu->model->tlb_size);
	assert_true(vcpu->access_bytes_left <= 4);
	for (unsigned int i = 0; i < vcpu->tlb_size; i++) {
		const struct guest_tlb_entry *entry = &vcpu->tlb[i];

		assert_int_equal(entry->mask & ~0x1fffe000u, 0);
		assert_int_equal(entry->vpn2 & (entry->mask | 0x1fff), 0);
		assert_int_equal(entry->entrylo[0] & ~0x03fffffeu, 0);
		assert_int_equal(entry->entrylo[1] & ~0x03fffffeu, 0);
	}
}

static void check_translation(const struct arch_vcpu *vcpu)
{
	struct guest_translation out;
	uint32_t va = value();

	if (!guest_translate(vcpu, va, (enum guest_access)pick(3), &out))
		return;
	assert_true(va - out.va_base < out.size);
	assert_int_equal(out.gpa.raw - out.gpa_base.raw, va - out.va_base);
	assert_true(out.gpa.raw >> 32 == 0);
	if (!guest_in_kernel(vcpu))
		assert_true(out.mapped);
	if (out.mapped)
		assert_in_range(out.tlb_index, 0, vcpu->tlb_size - 1);
}

static void access_finish(struct arch_vcpu *vcpu)
{
	for (unsigned int pieces = 0; pieces < 4; pieces++) {
		assert_int_equal(vcpu->piece.va % vcpu->piece.size, 0);
		if (pick(16) == 0) {
			guest_access_fault(vcpu);
			return;
		}
		if (guest_access_done(vcpu, processor_random()))
			return;
	}
	fail_msg("an access in more than 4 pieces");
}

static void disturb(struct arch_vcpu *vcpu)
{
	vcpu->gpr[1 + pick(31)] = value();
	processor_clock_ns += pick(1000000);
	guest_irq_level_set(vcpu, 2 + pick(6), pick(2) != 0);
	vcpu->delay_slot = pick(2);
	if (pick(4) == 0)
		vcpu->pc = value();
}

static void step(struct arch_vcpu *vcpu)
{
	uint32_t branch = pick(2) == 0 ? processor_random() : 0x10000000 | processor_random() >> 4;
	enum emulate_result result;

	disturb(vcpu);
	if (pick(4) == 0)
		result = emulate_access(vcpu, instruction(), branch);
	else
		result = emulate_instruction(vcpu, instruction(), branch);
	assert_in_range(result, EMULATE_DONE, EMULATE_NATIVE);
	if (result == EMULATE_ACCESS)
		access_finish(vcpu);
	if (result == EMULATE_CACHE)
		assert_in_range(vcpu->cache.action, GUEST_CACHE_CODE_INDEX,
				GUEST_CACHE_SYNCHRONIZE);
	if (result == EMULATE_EXCEPTION)
		assert_true(guest_in_kernel(vcpu) && vcpu->delay_slot == 0);
	vcount_update(vcpu);
	assert_true(vcount_deadline(vcpu) >= processor_clock_ns);
	if (guest_interrupt_deliverable(vcpu)) {
		guest_interrupt(vcpu);
		assert_false(guest_interrupt_deliverable(vcpu));
	}
	check_translation(vcpu);
}

static void test_random_instructions(void **state)
{
	(void)state;
	for (unsigned int map = 0; address_map_get(map) != NULL; map++)
		for (unsigned int model = 0; processor_model_get(model) != NULL; model++)
			for (uint32_t features = 0; features < 8; features += 7) {
				struct arch_vcpu *vcpu;

				processor_random_seed(0xc0ffee + map * 64 + model * 8 + features);
				vcpu = make(map, model, features);
				for (unsigned int i = 0; i < STEPS / 10; i++) {
					step(vcpu);
					check(vcpu);
				}
			}
}

/* Long enough for the TLB to be full of everything; checked now and then. */
static void test_long_run(void **state)
{
	struct arch_vcpu *vcpu;

	(void)state;
	processor_random_seed(42);
	vcpu = make(2, 0, GUEST_FEATURE_VECTORED);
	for (unsigned int i = 0; i < 10 * STEPS; i++) {
		step(vcpu);
		if (i % 64 == 0)
			check(vcpu);
	}
	check(vcpu);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_instructions),
		cmocka_unit_test(test_long_run),
	};

	return cmocka_run_group_tests_name("mips_random", tests, NULL, NULL);
}

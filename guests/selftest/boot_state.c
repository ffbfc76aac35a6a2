// SPDX-License-Identifier: BSD-2-Clause
/*
 * What harts are started with, looked at before anything else has changed it: the name of this file
 * puts it first.
 */
#include "registers.h"
#include "selftest.h"

static uint64_t floating[HART_MAX][32];
static uint64_t floating_control[HART_MAX];
static uint8_t vector[HART_MAX][VECTOR_BYTES_MAX];

TEST(entry_registers,
     "start: the first hart gets its id and the tree, paging and interrupts are off")
{
	const struct entry_state *entry = &harts[0].entry;

	EXPECT_EQUAL(entry->a0, harts[0].id);
	EXPECT_EQUAL(entry->a1 % 8, 0);
	EXPECT(machine.tree != NULL);
	EXPECT_EQUAL(entry->satp, 0);
	EXPECT_EQUAL(entry->sstatus & SSTATUS_SIE, 0);
	EXPECT_EQUAL(entry->sstatus & SSTATUS_SUM, 0);
}

static void read_floating(void *argument)
{
	unsigned int index = hart_self()->index;

	(void)argument;
	csr_set(CSR_SSTATUS, SSTATUS_FS_INITIAL);
	floating_registers_store(floating[index]);
	floating_control[index] = csr_read(CSR_FCSR);
	csr_clear(CSR_SSTATUS, SSTATUS_FS);
}

static void read_vector(void *argument)
{
	(void)argument;
	csr_set(CSR_SSTATUS, SSTATUS_VS_INITIAL);
	if (csr_read(CSR_VLENB) * 32 <= VECTOR_BYTES_MAX)
		vector_registers_store(vector[hart_self()->index]);
	csr_clear(CSR_SSTATUS, SSTATUS_VS);
}

/* Runs the function on every hart, one after the other. */
static bool on_every_hart(void (*function)(void *argument))
{
	function(NULL);
	for (unsigned int index = 1; index < hart_count; index++)
		if (!EXPECT_EQUAL(hart_run(index, function, NULL), 0) || !EXPECT(hart_join(index)))
			return false;
	return true;
}

/* OpenSBI writes single-precision zeros, which are boxed. */
#define BOXED_ZERO 0xffffffff00000000ul

TEST(floating_zero, "start: every hart's floating-point registers are zero, nobody's left-overs")
{
	SKIP_UNLESS(machine_has_extension("d"), "no D");
	REQUIRE(on_every_hart(read_floating));
	for (unsigned int index = 0; index < hart_count; index++) {
		for (unsigned int number = 0; number < 32; number++)
			if (floating[index][number] != 0 &&
			    !(machine.bare && floating[index][number] == BOXED_ZERO))
				test_fail("hart %lu: expected 0 in f%u, got 0x%lx", harts[index].id,
					  number, floating[index][number]);
		EXPECT_EQUAL(floating_control[index], 0);
	}
}

TEST(vector_zero, "start: every hart's vector registers are zero, nobody's left-overs")
{
	SKIP_UNLESS(machine_has_extension("v"), "no V");
	REQUIRE(on_every_hart(read_vector));
	for (unsigned int index = 0; index < hart_count; index++)
		for (unsigned int at = 0; at < VECTOR_BYTES_MAX; at++)
			if (vector[index][at] != 0)
				test_fail("hart %lu: expected 0 in byte %u, got 0x%x",
					  harts[index].id, at, vector[index][at]);
}

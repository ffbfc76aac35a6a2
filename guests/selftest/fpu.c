// SPDX-License-Identifier: BSD-2-Clause
/*
 * Floating-point and vector registers: they are off when the guest says so, and each hart keeps its
 * own while harts take turns, sleep and call the SBI, whatever it says of their state in sstatus.
 */
#include <runtime/sbi.h>

#include "registers.h"
#include "selftest.h"

#define SPIN_MS 100

#define FADD_D	0x02007053u /* fadd.d f0, f0, f0 */
#define FRCSR	0x00302573u /* csrr a0, fcsr */
#define VADD_VV 0x02000057u /* vadd.vv v0, v0, v0 */
#define CSRR_VL 0xc2002573u /* csrr a0, vl */

static struct trap execute_with(uint64_t off, uint64_t on, uint32_t instruction, uint64_t *status)
{
	struct context context;
	struct trap trap;

	context_init(&context, 0);
	context.frame.status = (context.frame.status & ~off) | on;
	trap = context_execute(&context, instruction);
	if (status != NULL)
		*status = context.frame.status;
	return trap;
}

TEST(floating_off, "fpu: while sstatus.FS is off its instructions are illegal")
{
	EXPECT_TRAP(execute_with(SSTATUS_FS, 0, FADD_D, NULL), CAUSE_ILLEGAL_INSTRUCTION);
	EXPECT_TRAP(execute_with(SSTATUS_FS, 0, FRCSR, NULL), CAUSE_ILLEGAL_INSTRUCTION);
	EXPECT_TRAP(execute_with(SSTATUS_FS, 0, 0x0005b507u, NULL), CAUSE_ILLEGAL_INSTRUCTION);
}

TEST(floating_dirty, "fpu: an instruction that changes a register makes FS dirty")
{
	uint64_t status;

	SKIP_UNLESS(machine_has_extension("d"), "no D");
	EXPECT_NO_TRAP(execute_with(SSTATUS_FS, SSTATUS_FS_INITIAL, FADD_D, &status));
	EXPECT_EQUAL(status & SSTATUS_FS, SSTATUS_FS_DIRTY);
	EXPECT(status >> 63 == 1);
}

TEST(vector_off, "vector: while sstatus.VS is off its instructions are illegal")
{
	EXPECT_TRAP(execute_with(SSTATUS_VS, 0, VADD_VV, NULL), CAUSE_ILLEGAL_INSTRUCTION);
	EXPECT_TRAP(execute_with(SSTATUS_VS, 0, CSRR_VL, NULL), CAUSE_ILLEGAL_INSTRUCTION);
}

static volatile uint64_t losses;
static volatile unsigned int holders;

static void fill(uint64_t *values, unsigned int count, uint64_t seed)
{
	for (unsigned int i = 0; i < count; i++)
		values[i] = (seed + 1) * 0x0123456789abcdeful + i * 0x1000000000001ul;
}

static void count_losses(const uint64_t *left, const uint64_t *right, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		if (left[i] != right[i])
			__atomic_fetch_add(&losses, 1, __ATOMIC_SEQ_CST);
}

/* Waits for all harts of the test, so that they do take turns. */
static void holders_meet(void)
{
	__atomic_fetch_add(&holders, 1, __ATOMIC_SEQ_CST);
	time_wait_for(holders >= hart_count, 5);
}

static void pause_spin(void)
{
	for (unsigned int i = 0; i < 20000; i++)
		__asm__ volatile("" : : : "memory");
}

static void pause_sleep(void)
{
	timer_set(time_now() + time_ticks(500));
	csr_set(CSR_SIE, 1ul << INTERRUPT_TIMER);
	__asm__ volatile("wfi");
}

static void pause_call(void)
{
	sbi_call(SBI_EXTENSION_RFENCE, SBI_RFENCE_SFENCE_VMA, 0, -1ul, 0, -1ul);
}

/* How a hart spends the time, and what it says of the registers meanwhile. */
struct hold {
	void (*pause)(void);
	uint64_t state; /* for FS or VS while it pauses */
};

static void floating_hold(void *argument)
{
	const struct hold *hold = argument;
	unsigned int index = hart_self()->index;
	uint64_t values[32], seen[32];
	uint64_t control = index + 1;
	uint64_t end;

	csr_set(CSR_SSTATUS, SSTATUS_FS_INITIAL);
	fill(values, 32, index);
	floating_registers_load(values);
	csr_write(CSR_FCSR, control);
	holders_meet();
	end = time_now() + time_ticks(SPIN_MS * 1000);
	while (time_now() < end) {
		csr_clear(CSR_SSTATUS, SSTATUS_FS);
		csr_set(CSR_SSTATUS, hold->state);
		hold->pause();
		csr_set(CSR_SSTATUS, SSTATUS_FS_DIRTY);
		floating_registers_store(seen);
		count_losses(values, seen, 32);
		if (csr_read(CSR_FCSR) != control)
			__atomic_fetch_add(&losses, 1, __ATOMIC_SEQ_CST);
	}
	csr_clear(CSR_SSTATUS, SSTATUS_FS);
}

static uint64_t vector_seen[HART_MAX][VECTOR_BYTES_MAX / 8];
static uint64_t vector_values[HART_MAX][VECTOR_BYTES_MAX / 8];

static void vector_hold(void *argument)
{
	const struct hold *hold = argument;
	unsigned int index = hart_self()->index;
	unsigned int count;
	uint64_t end;

	csr_set(CSR_SSTATUS, SSTATUS_VS_INITIAL);
	count = (unsigned int)csr_read(CSR_VLENB) * 32 / 8;
	fill(vector_values[index], count, index);
	vector_registers_load(vector_values[index]);
	vector_configure(index + 3);
	holders_meet();
	end = time_now() + time_ticks(SPIN_MS * 1000);
	while (time_now() < end) {
		csr_clear(CSR_SSTATUS, SSTATUS_VS);
		csr_set(CSR_SSTATUS, hold->state);
		hold->pause();
		csr_set(CSR_SSTATUS, SSTATUS_VS);
		vector_registers_store(vector_seen[index]);
		count_losses(vector_values[index], vector_seen[index], count);
		if (csr_read(CSR_VL) != index + 3)
			__atomic_fetch_add(&losses, 1, __ATOMIC_SEQ_CST);
	}
	csr_clear(CSR_SSTATUS, SSTATUS_VS);
}

static void hold_on_every_hart(void (*holder)(void *argument), struct hold *hold)
{
	losses = 0;
	holders = 0;
	for (unsigned int index = 1; index < hart_count; index++)
		EXPECT_EQUAL(hart_run(index, holder, hold), 0);
	holder(hold);
	for (unsigned int index = 1; index < hart_count; index++)
		EXPECT(hart_join(index));
	EXPECT_EQUAL(losses, 0);
}

TEST(floating_spin, "fpu: registers survive while all harts compute")
{
	struct hold hold = { pause_spin, SSTATUS_FS_DIRTY };

	SKIP_UNLESS(machine_has_extension("d"), "no D");
	hold_on_every_hart(floating_hold, &hold);
}

TEST(floating_clean, "fpu: registers survive also while the guest calls them clean")
{
	struct hold hold = { pause_spin, SSTATUS_FS_CLEAN };

	SKIP_UNLESS(machine_has_extension("d"), "no D");
	hold_on_every_hart(floating_hold, &hold);
}

TEST(floating_switched_off, "fpu: registers survive while the guest has switched them off")
{
	struct hold hold = { pause_spin, 0 };

	SKIP_UNLESS(machine_has_extension("d"), "no D");
	hold_on_every_hart(floating_hold, &hold);
}

TEST(floating_sleep, "fpu: registers survive sleep")
{
	struct hold hold = { pause_sleep, SSTATUS_FS_CLEAN };

	SKIP_UNLESS(machine_has_extension("d"), "no D");
	hold_on_every_hart(floating_hold, &hold);
}

TEST(floating_call, "fpu: registers survive calls of the SBI")
{
	struct hold hold = { pause_call, SSTATUS_FS_DIRTY };

	SKIP_UNLESS(machine_has_extension("d"), "no D");
	hold_on_every_hart(floating_hold, &hold);
}

TEST(vector_spin, "vector: registers survive while all harts compute")
{
	struct hold hold = { pause_spin, SSTATUS_VS };

	SKIP_UNLESS(machine_has_extension("v"), "no V");
	hold_on_every_hart(vector_hold, &hold);
}

TEST(vector_switched_off, "vector: registers survive while the guest has switched them off")
{
	struct hold hold = { pause_spin, 0 };

	SKIP_UNLESS(machine_has_extension("v"), "no V");
	hold_on_every_hart(vector_hold, &hold);
}

TEST(vector_sleep, "vector: registers survive sleep")
{
	struct hold hold = { pause_sleep, SSTATUS_VS_INITIAL };

	SKIP_UNLESS(machine_has_extension("v"), "no V");
	hold_on_every_hart(vector_hold, &hold);
}

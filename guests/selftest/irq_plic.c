// SPDX-License-Identifier: BSD-2-Clause
/*
 * The PLIC: registers, and the way of an interrupt from the UART's transmitter through claim and
 * completion. (RISC-V PLIC specification 1.0.)
 */
#include <runtime/device.h>
#include <runtime/sbi.h>

#include "selftest.h"

#define EXTERNAL_BIT  (1ul << INTERRUPT_EXTERNAL)
#define TIMER_BIT     (1ul << INTERRUPT_TIMER)
#define ABSENT_SOURCE 1000

static unsigned int context_of(unsigned int index)
{
	return (unsigned int)machine_plic_context(harts[index].id);
}

static unsigned int own_context(void)
{
	return context_of(hart_self()->index);
}

static bool external_pending(void)
{
	return (csr_read(CSR_SIP) & EXTERNAL_BIT) != 0;
}

static uint64_t enable_word(unsigned int context, uint32_t source)
{
	return PLIC_ENABLE(context) + source / 32 * 4;
}

static bool source_pending(uint32_t source)
{
	return (plic_read(PLIC_PENDING(source)) >> source % 32 & 1) != 0;
}

static uint32_t plic_claim(void)
{
	return plic_read(PLIC_CLAIM(own_context()));
}

static void plic_complete(uint32_t source)
{
	plic_write(PLIC_CLAIM(own_context()), source);
}

/* Everything silent: no source enabled anywhere, the UART asks for nothing, nothing is in service.
 */
static void plic_silence(void)
{
	console_flush();
	uart_write(UART_IER, 0);
	uart_read(UART_IIR);
	for (unsigned int index = 0; index < hart_count; index++) {
		plic_write(PLIC_THRESHOLD(context_of(index)), 0);
		for (uint32_t source = 0; source <= machine.plic_sources; source += 32)
			plic_write(enable_word(context_of(index), source), 0);
	}
	plic_write(PLIC_PRIORITY(machine.uart_irq), 1);
	plic_write(enable_word(own_context(), machine.uart_irq), 1u << machine.uart_irq % 32);
	plic_complete(machine.uart_irq);
	for (unsigned int i = 0; i < 4; i++)
		plic_complete(plic_claim());
	plic_write(enable_word(own_context(), machine.uart_irq), 0);
}

/* The UART's source goes to that hart, and the empty transmitter raises it. */
static void uart_raise(unsigned int index)
{
	plic_write(PLIC_PRIORITY(machine.uart_irq), 1);
	plic_write(enable_word(context_of(index), machine.uart_irq), 1u << machine.uart_irq % 32);
	uart_write(UART_IER, UART_IER_THRI);
}

TEST(plic_contexts, "plic: each hart has a context for its S-mode")
{
	for (unsigned int index = 0; index < hart_count; index++)
		EXPECT(machine_plic_context(harts[index].id) >= 0);
	EXPECT(machine.plic_sources >= machine.uart_irq);
}

TEST(plic_priorities, "plic: priorities of sources keep their values, that of source 0 none")
{
	for (uint32_t source = 1; source <= machine.plic_sources; source++) {
		plic_write(PLIC_PRIORITY(source), 1);
		EXPECT_EQUAL(plic_read(PLIC_PRIORITY(source)), 1);
		plic_write(PLIC_PRIORITY(source), 0);
		EXPECT_EQUAL(plic_read(PLIC_PRIORITY(source)), 0);
	}
	plic_write(PLIC_PRIORITY(0), 1);
	EXPECT_EQUAL(plic_read(PLIC_PRIORITY(0)), 0);
}

TEST(plic_enable, "plic: enable bits are kept, but for source 0 and those beyond the last")
{
	unsigned int context = own_context();
	uint32_t last = machine.plic_sources;

	plic_silence();
	for (uint32_t source = 0; source <= last; source += 32) {
		uint32_t expected = source == 0 ? ~1u : ~0u;
		/* QEMU's keeps the bit of source 0. */
		uint32_t keep = source == 0 && machine.bare ? ~1u : ~0u;

		if (last - source < 31)
			expected &= (2u << (last - source)) - 1;
		for (uint32_t other = 1; other <= last; other++)
			plic_write(PLIC_PRIORITY(other), 0);
		plic_write(enable_word(context, source), ~0u);
		EXPECT_EQUAL(plic_read(enable_word(context, source)) & keep, expected);
		plic_write(enable_word(context, source), 0);
		EXPECT_EQUAL(plic_read(enable_word(context, source)), 0);
	}
}

TEST(plic_threshold, "plic: a threshold is kept for each context by itself")
{
	for (unsigned int index = 0; index < hart_count; index++)
		plic_write(PLIC_THRESHOLD(context_of(index)), index + 1);
	for (unsigned int index = 0; index < hart_count; index++) {
		EXPECT_EQUAL(plic_read(PLIC_THRESHOLD(context_of(index))), index + 1);
		plic_write(PLIC_THRESHOLD(context_of(index)), 0);
	}
}

TEST(plic_pending_read_only, "plic: pending bits cannot be written")
{
	plic_silence();
	plic_write(PLIC_PENDING(machine.uart_irq), ~0u);
	EXPECT_EQUAL(plic_read(PLIC_PENDING(machine.uart_irq)), 0);
}

TEST(plic_nothing, "plic: a claim of nothing gives 0, a completion of anything is harmless")
{
	static const uint32_t sources[] = { 0, 1, ABSENT_SOURCE, 0x80000000u, 0xffffffffu };

	plic_silence();
	EXPECT_EQUAL(plic_claim(), 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(sources); i++)
		plic_complete(sources[i]);
	EXPECT_EQUAL(plic_claim(), 0);
	EXPECT(!external_pending());
}

TEST(plic_round, "plic: pending, claimed, completed: an interrupt's whole way")
{
	plic_silence();
	uart_raise(0);
	EXPECT(time_wait_for(external_pending(), 1));
	EXPECT(source_pending(machine.uart_irq));
	EXPECT_EQUAL(plic_claim(), machine.uart_irq);
	EXPECT(!source_pending(machine.uart_irq));
	EXPECT(!external_pending());
	EXPECT_EQUAL(plic_claim(), 0);
	EXPECT_EQUAL(uart_read(UART_IIR) & UART_IIR_ID, UART_IIR_THRI);
	plic_complete(machine.uart_irq);
	EXPECT(!external_pending());
	plic_silence();
}

/* QEMU's notices changes of the level only. */
TEST(plic_level, "plic: a level that still stands at completion is pending again")
{
	SKIP_UNLESS(!machine.bare, "QEMU's PLIC looks at edges");
	plic_silence();
	uart_raise(0);
	for (unsigned int i = 0; i < 10; i++) {
		EXPECT(time_wait_for(external_pending(), 1));
		EXPECT_EQUAL(plic_claim(), machine.uart_irq);
		plic_complete(machine.uart_irq);
	}
	EXPECT(external_pending());
	plic_silence();
	EXPECT(!external_pending());
}

TEST(plic_threshold_masks, "plic: a threshold masks what is not above it")
{
	plic_silence();
	uart_raise(0);
	EXPECT(time_wait_for(external_pending(), 1));
	plic_write(PLIC_THRESHOLD(own_context()), 1);
	EXPECT(!external_pending());
	EXPECT(source_pending(machine.uart_irq));
	plic_write(PLIC_PRIORITY(machine.uart_irq), 2);
	EXPECT(external_pending());
	plic_write(PLIC_PRIORITY(machine.uart_irq), 0);
	plic_write(PLIC_THRESHOLD(own_context()), 0);
	EXPECT(!external_pending());
	plic_silence();
}

TEST(plic_disabled, "plic: a source that is not enabled is pending but interrupts nobody")
{
	plic_silence();
	uart_write(UART_IER, UART_IER_THRI);
	EXPECT(time_wait_for(source_pending(machine.uart_irq), 1));
	EXPECT(!external_pending());
	EXPECT_EQUAL(plic_claim(), 0);
	plic_write(enable_word(own_context(), machine.uart_irq), 1u << machine.uart_irq % 32);
	/* QEMU's does not look again when enable bits change. */
	plic_write(PLIC_THRESHOLD(own_context()), 0);
	EXPECT(external_pending());
	plic_silence();
}

TEST(plic_foreign_completion,
     "plic: a completion by a context that has not the source enabled is ignored")
{
	SKIP_UNLESS(!machine.bare, "QEMU's PLIC looks at edges");
	plic_silence();
	uart_raise(0);
	EXPECT(time_wait_for(external_pending(), 1));
	EXPECT_EQUAL(plic_claim(), machine.uart_irq);
	plic_write(enable_word(own_context(), machine.uart_irq), 0);
	plic_complete(machine.uart_irq);
	plic_write(enable_word(own_context(), machine.uart_irq), 1u << machine.uart_irq % 32);
	EXPECT(!external_pending());
	plic_complete(machine.uart_irq);
	EXPECT(external_pending());
	plic_silence();
}

TEST(plic_taken, "plic: the interrupt is taken by the hart")
{
	struct hart *hart = hart_self();
	uint64_t before = hart->interrupts[INTERRUPT_EXTERNAL];

	plic_silence();
	csr_set(CSR_SIE, EXTERNAL_BIT);
	csr_set(CSR_SSTATUS, SSTATUS_SIE);
	uart_raise(0);
	EXPECT(time_wait_for(hart->interrupts[INTERRUPT_EXTERNAL] == before + 1, 1));
	csr_clear(CSR_SSTATUS, SSTATUS_SIE);
	EXPECT_EQUAL(plic_claim(), machine.uart_irq);
	plic_complete(machine.uart_irq);
	plic_silence();
}

/* The other hart sleeps until the UART interrupts it, and claims. */
static struct claimer {
	volatile bool ready;
	volatile uint32_t claimed;
} claimer;

static void sleep_and_claim(void *argument)
{
	uint64_t deadline = time_now() + 5 * machine.timebase;

	(void)argument;
	/* Firmware may have closed it when the hart was started. */
	plic_write(PLIC_THRESHOLD(own_context()), 0);
	timer_set(deadline);
	csr_set(CSR_SIE, EXTERNAL_BIT | TIMER_BIT);
	claimer.ready = true;
	while (!external_pending() && time_now() < deadline)
		__asm__ volatile("wfi");
	claimer.claimed = plic_claim();
	uart_write(UART_IER, 0);
	plic_complete(claimer.claimed);
}

TEST(plic_other_hart, "plic: an interrupt goes to the hart that enabled it, and ends its WFI")
{
	for (unsigned int index = 1; index < hart_count; index++) {
		plic_silence();
		claimer = (struct claimer){ .ready = false };
		EXPECT_EQUAL(hart_run(index, sleep_and_claim, NULL), 0);
		EXPECT(time_wait_for(claimer.ready, 5));
		uart_raise(index);
		EXPECT(hart_join(index));
		EXPECT(!external_pending());
		EXPECT_EQUAL(claimer.claimed, machine.uart_irq);
	}
	plic_silence();
	if (hart_count == 1)
		test_skip("one hart only");
}

TEST(plic_wfi, "wfi: an external interrupt enabled in sie alone ends it, without a trap")
{
	struct hart *hart = hart_self();
	uint64_t before = hart->interrupts[INTERRUPT_EXTERNAL];

	plic_silence();
	csr_clear(CSR_SSTATUS, SSTATUS_SIE);
	csr_set(CSR_SIE, EXTERNAL_BIT);
	uart_raise(0);
	while (!external_pending())
		__asm__ volatile("wfi");
	EXPECT_EQUAL(hart->interrupts[INTERRUPT_EXTERNAL], before);
	plic_silence();
}

TEST(plic_beyond, "plic: registers of absent sources and contexts give nothing away")
{
	uint64_t value;

	SKIP_UNLESS(!machine.bare, "the emulator's affair");
	/* Either there is nothing, or it reads as zero. */
	if (!trap_load(machine.plic + PLIC_PRIORITY(1000), 4, &value).taken)
		EXPECT_EQUAL(value, 0);
	if (!trap_load(machine.plic + PLIC_ENABLE(1000), 4, &value).taken)
		EXPECT_EQUAL(value, 0);
	trap_store(machine.plic + PLIC_THRESHOLD(100), 4, ~0u);
	if (!trap_load(machine.plic + PLIC_CLAIM(100), 4, &value).taken)
		EXPECT_EQUAL(value, 0);
}

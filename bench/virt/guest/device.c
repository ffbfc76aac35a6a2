// SPDX-License-Identifier: BSD-2-Clause
/*
 * What registers of devices cost, and an interrupt from its cause to its end.
 */
#include <runtime/device.h>

#include "bench.h"

#define TRANSMIT_ROUNDS 64

static unsigned int plic_context(void)
{
	return (unsigned int)machine_plic_context(hart_self()->id);
}

BENCH(uart_register_read, "uart-read")
{
	uint64_t address = machine.uart + UART_LSR;

	return bench_loop(read8(address));
}

BENCH(plic_priority_read, "plic-priority-read")
{
	uint64_t address = machine.plic + PLIC_PRIORITY(machine.uart_irq);

	return bench_loop(read32(address));
}

BENCH(plic_priority_write, "plic-priority-write")
{
	uint64_t address = machine.plic + PLIC_PRIORITY(machine.uart_irq);

	return bench_loop(write32(address, 1));
}

BENCH(plic_claim, "plic-claim")
{
	uint64_t address = machine.plic + PLIC_CLAIM(plic_context());

	return bench_loop(read32(address));
}

/*
 * A driver's round: a character is written, the transmitter's interrupt comes, is claimed, told by
 * IIR and completed. The wait for it is part of the round.
 */
static void transmit_one(uint64_t claim, uint64_t taken)
{
	uart_write(UART_THR, '\0');
	while (latency_taken == taken)
		;
	if (read32(claim) != machine.uart_irq)
		return;
	uart_read(UART_IIR);
	write32(claim, machine.uart_irq);
}

BENCH(uart_transmit, "uart-transmit-interrupt")
{
	unsigned int context = plic_context();
	uint64_t claim = machine.plic + PLIC_CLAIM(context);
	uint64_t total = 0;

	plic_write(PLIC_PRIORITY(machine.uart_irq), 1);
	plic_write(PLIC_THRESHOLD(context), 0);
	plic_write(PLIC_ENABLE(context), 1u << machine.uart_irq);
	uart_write(UART_FCR, UART_FCR_ENABLE);
	uart_write(UART_IER, UART_IER_THRI);
	/* The transmitter is empty already, which is an interrupt of its own. */
	uart_read(UART_IIR);
	write32(claim, read32(claim));
	for (unsigned int i = 0; i < TRANSMIT_ROUNDS; i++) {
		uint64_t start;

		latency_begin(INTERRUPT_EXTERNAL);
		start = instret();
		transmit_one(claim, latency_taken);
		total += instret() - start;
	}
	latency_end();
	uart_write(UART_IER, 0);
	plic_write(PLIC_ENABLE(context), 0);
	return total / TRANSMIT_ROUNDS;
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * The 16550 UART as drivers know it: registers, loopback, FIFOs, reasons of interrupts. What a test
 * writes stays inside, in loopback. (National Semiconductor PC16550D.)
 */
#include <runtime/device.h>

#include "selftest.h"

#define FIFO_SIZE 16
#define MSR_CTS	  0x10
#define MSR_DSR	  0x20
#define MSR_RI	  0x40
#define MSR_DCD	  0x80

static void uart_plain(void)
{
	uart_write(UART_IER, 0);
	uart_write(UART_FCR, UART_FCR_ENABLE | UART_FCR_CLEAR);
	uart_write(UART_LCR, UART_LCR_8N1);
	uart_write(UART_MCR, UART_MCR_DTR | UART_MCR_RTS | UART_MCR_OUT2);
}

static void loopback_begin(void)
{
	console_flush();
	uart_write(UART_MCR, UART_MCR_LOOP);
	uart_write(UART_FCR, UART_FCR_ENABLE | UART_FCR_CLEAR);
	uart_read(UART_RBR);
	uart_read(UART_LSR);
}

static bool data_ready(void)
{
	return (uart_read(UART_LSR) & UART_LSR_DR) != 0;
}

TEST(uart_registers, "uart: scratch, line control and divisor keep their values")
{
	console_flush();
	for (unsigned int value = 0; value < 256; value += 5) {
		uart_write(UART_SCR, (uint8_t)value);
		EXPECT_EQUAL(uart_read(UART_SCR), value);
	}
	uart_write(UART_LCR, UART_LCR_8N1 | UART_LCR_DLAB);
	uart_write(UART_DLL, 0x12);
	uart_write(UART_DLM, 0x34);
	EXPECT_EQUAL(uart_read(UART_DLL), 0x12);
	EXPECT_EQUAL(uart_read(UART_DLM), 0x34);
	EXPECT_EQUAL(uart_read(UART_LCR), UART_LCR_8N1 | UART_LCR_DLAB);
	uart_write(UART_DLL, 1);
	uart_write(UART_DLM, 0);
	uart_write(UART_LCR, UART_LCR_8N1);
	EXPECT_EQUAL(uart_read(UART_LCR), UART_LCR_8N1);
	uart_plain();
}

TEST(uart_divisor_apart, "uart: the divisor is another register than data and interrupt enable")
{
	console_flush();
	uart_write(UART_IER, 0x05);
	uart_write(UART_LCR, UART_LCR_8N1 | UART_LCR_DLAB);
	uart_write(UART_DLM, 0);
	uart_write(UART_LCR, UART_LCR_8N1);
	EXPECT_EQUAL(uart_read(UART_IER), 0x05);
	uart_write(UART_IER, 0xff);
	EXPECT_EQUAL(uart_read(UART_IER), 0x0f);
	uart_plain();
}

TEST(uart_fifo_told, "uart: IIR tells that FIFOs are there")
{
	console_flush();
	uart_write(UART_FCR, UART_FCR_ENABLE);
	EXPECT_EQUAL(uart_read(UART_IIR) & 0xc0, 0xc0);
	uart_write(UART_FCR, 0);
	EXPECT_EQUAL(uart_read(UART_IIR) & 0xc0, 0);
	uart_plain();
}

TEST(uart_empty, "uart: at rest the transmitter is empty and no interrupt is told")
{
	console_flush();
	uart_plain();
	EXPECT_EQUAL(uart_read(UART_LSR) & (UART_LSR_THRE | UART_LSR_TEMT),
		     UART_LSR_THRE | UART_LSR_TEMT);
	EXPECT_EQUAL(uart_read(UART_IIR) & UART_IIR_NONE, UART_IIR_NONE);
}

TEST(uart_loopback_data, "uart: what is sent in loopback is received, each value")
{
	loopback_begin();
	for (unsigned int value = 0; value < 256; value++) {
		uart_write(UART_THR, (uint8_t)value);
		if (!EXPECT(time_wait_for(data_ready(), 1)))
			break;
		EXPECT_EQUAL(uart_read(UART_RBR), value);
		EXPECT(!data_ready());
	}
	uart_plain();
}

TEST(uart_loopback_lines, "uart: in loopback the modem's outputs are its inputs")
{
	static const struct {
		uint8_t control, status;
	} lines[] = {
		{ UART_MCR_DTR, MSR_DSR },
		{ UART_MCR_RTS, MSR_CTS },
		{ UART_MCR_OUT1, MSR_RI },
		{ UART_MCR_OUT2, MSR_DCD },
	};

	loopback_begin();
	for (unsigned int i = 0; i < ARRAY_SIZE(lines); i++) {
		uart_write(UART_MCR, UART_MCR_LOOP | lines[i].control);
		EXPECT_EQUAL(uart_read(UART_MSR) & 0xf0, lines[i].status);
	}
	uart_plain();
}

TEST(uart_fifo_depth, "uart: the receiver's FIFO holds sixteen characters in their order")
{
	loopback_begin();
	for (unsigned int i = 0; i < FIFO_SIZE; i++) {
		EXPECT(time_wait_for((uart_read(UART_LSR) & UART_LSR_TEMT) != 0, 1));
		uart_write(UART_THR, (uint8_t)(0x40 + i));
	}
	EXPECT(time_wait_for((uart_read(UART_LSR) & UART_LSR_TEMT) != 0, 1));
	for (unsigned int i = 0; i < FIFO_SIZE; i++) {
		EXPECT(data_ready());
		EXPECT_EQUAL(uart_read(UART_RBR), 0x40 + i);
	}
	EXPECT(!data_ready());
	uart_plain();
}

TEST(uart_overrun, "uart: one character too many is an overrun, told once")
{
	uint8_t status = 0;

	loopback_begin();
	for (unsigned int i = 0; i < FIFO_SIZE + 1; i++) {
		EXPECT(time_wait_for(((status |= uart_read(UART_LSR)) & UART_LSR_TEMT) != 0, 1));
		uart_write(UART_THR, (uint8_t)i);
	}
	EXPECT(time_wait_for(((status |= uart_read(UART_LSR)) & UART_LSR_OE) != 0, 1));
	EXPECT((uart_read(UART_LSR) & UART_LSR_OE) == 0);
	uart_plain();
	EXPECT(!data_ready());
}

TEST(uart_fifo_clear, "uart: clearing the FIFO drops what was received")
{
	loopback_begin();
	uart_write(UART_THR, 'x');
	EXPECT(time_wait_for(data_ready(), 1));
	uart_write(UART_FCR, UART_FCR_ENABLE | UART_FCR_CLEAR);
	EXPECT(!data_ready());
	uart_plain();
}

TEST(uart_receive_reason, "uart: received data is told by IIR until it is read")
{
	uint8_t reason;

	loopback_begin();
	uart_write(UART_IER, UART_IER_RDI);
	uart_write(UART_THR, 'y');
	EXPECT(time_wait_for((uart_read(UART_IIR) & UART_IIR_NONE) == 0, 1));
	reason = uart_read(UART_IIR) & UART_IIR_ID;
	EXPECT(reason == UART_IIR_RDI || reason == UART_IIR_TIMEOUT);
	EXPECT_EQUAL(uart_read(UART_RBR), 'y');
	EXPECT_EQUAL(uart_read(UART_IIR) & UART_IIR_NONE, UART_IIR_NONE);
	uart_plain();
}

TEST(uart_transmit_reason, "uart: an empty transmitter is told by IIR once")
{
	loopback_begin();
	uart_write(UART_IER, UART_IER_THRI);
	EXPECT_EQUAL(uart_read(UART_IIR) & UART_IIR_ID, UART_IIR_THRI);
	EXPECT_EQUAL(uart_read(UART_IIR) & UART_IIR_NONE, UART_IIR_NONE);
	uart_write(UART_THR, 'z');
	EXPECT(time_wait_for((uart_read(UART_IIR) & UART_IIR_ID) == UART_IIR_THRI, 1));
	uart_plain();
}

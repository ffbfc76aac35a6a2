// SPDX-License-Identifier: BSD-2-Clause
/*
 * Registers of the devices that our own guests meet: 16550 UART, PLIC, goldfish RTC, and access to
 * them. Addresses are those that machine.h tells.
 */
#ifndef RUNTIME_DEVICE_H
#define RUNTIME_DEVICE_H

#include <runtime/machine.h>

#define UART_RBR 0 /* read */
#define UART_THR 0 /* write */
#define UART_DLL 0 /* with LCR_DLAB */
#define UART_IER 1
#define UART_DLM 1 /* with LCR_DLAB */
#define UART_IIR 2 /* read */
#define UART_FCR 2 /* write */
#define UART_LCR 3
#define UART_MCR 4
#define UART_LSR 5
#define UART_MSR 6
#define UART_SCR 7

#define UART_IER_RDI	 0x01
#define UART_IER_THRI	 0x02
#define UART_IIR_NONE	 0x01
#define UART_IIR_ID	 0x0f
#define UART_IIR_THRI	 0x02
#define UART_IIR_RDI	 0x04
#define UART_IIR_TIMEOUT 0x0c
#define UART_FCR_ENABLE	 0x01
#define UART_FCR_CLEAR	 0x06
#define UART_LCR_8N1	 0x03
#define UART_LCR_DLAB	 0x80
#define UART_MCR_DTR	 0x01
#define UART_MCR_RTS	 0x02
#define UART_MCR_OUT1	 0x04
#define UART_MCR_OUT2	 0x08
#define UART_MCR_LOOP	 0x10
#define UART_LSR_DR	 0x01
#define UART_LSR_OE	 0x02
#define UART_LSR_THRE	 0x20
#define UART_LSR_TEMT	 0x40

#define PLIC_PRIORITY(source)	((uint64_t)(source)*4)
#define PLIC_PENDING(source)	(0x1000 + (uint64_t)(source) / 32 * 4)
#define PLIC_ENABLE(context)	(0x2000 + (uint64_t)(context)*0x80)
#define PLIC_THRESHOLD(context) (0x200000 + (uint64_t)(context)*0x1000)
#define PLIC_CLAIM(context)	(0x200004 + (uint64_t)(context)*0x1000)

#define RTC_TIME_LOW  0x00 /* ns since 1970; reading it latches the high half */
#define RTC_TIME_HIGH 0x04

static inline uint8_t read8(uint64_t address)
{
	return *(volatile uint8_t *)address;
}

static inline void write8(uint64_t address, uint8_t value)
{
	*(volatile uint8_t *)address = value;
}

static inline uint32_t read32(uint64_t address)
{
	return *(volatile uint32_t *)address;
}

static inline void write32(uint64_t address, uint32_t value)
{
	*(volatile uint32_t *)address = value;
}

static inline uint64_t read64(uint64_t address)
{
	return *(volatile uint64_t *)address;
}

static inline void write64(uint64_t address, uint64_t value)
{
	*(volatile uint64_t *)address = value;
}

static inline uint8_t uart_read(unsigned int number)
{
	return read8(machine.uart + number);
}

static inline void uart_write(unsigned int number, uint8_t value)
{
	write8(machine.uart + number, value);
}

static inline uint32_t plic_read(uint64_t offset)
{
	return read32(machine.plic + offset);
}

static inline void plic_write(uint64_t offset, uint32_t value)
{
	write32(machine.plic + offset, value);
}

#endif

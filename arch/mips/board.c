// SPDX-License-Identifier: BSD-2-Clause
/*
 * What the port itself asks of the Malta board, beside drivers: the first serial port as the early
 * console, power off, reset. MIPS Malta User's Manual, "Memory Map"; GT-64120 data sheet, "PCI
 * Configuration"; 82371AB (PIIX4) data sheet, "Power Management".
 */
#include <corbel/arch.h>
#include <drivers/io.h>

#define ISA_IO_BASE   0x18000000u
#define COM1	      0x3f8u
#define COM_DATA      0u
#define COM_LSR	      5u
#define LSR_DATA      0x01u
#define LSR_THR_FREE  0x20u
#define TRANSMIT_SPIN 100000u

#define FPGA_BASE    0x1f000000u
#define FPGA_SOFTRES 0x500u
#define SOFTRES_GO   0x42u

#define GT_BASE	       0x1be00000u
#define GT_PCI_ADDRESS 0xcf8u
#define GT_PCI_DATA    0xcfcu
#define PCI_ENABLE     0x80000000u

/* Function 3 of the PIIX4, which is device 10. */
#define PIIX4_POWER	 (10u << 11 | 3u << 8)
#define PIIX4_PMBA	 0x40u
#define PIIX4_PMREGMISC	 0x80u
#define PM_IO_BASE	 0x1000u
#define PM_CONTROL	 4u
#define PM_CONTROL_SLEEP 0x2000u /* SLP_EN with type 0: soft off */

static volatile void *device(uint32_t physical)
{
	return (volatile void *)(uintptr_t)(MEMORY_KSEG1_BASE + physical);
}

static void early_put(char byte)
{
	volatile void *com = device(ISA_IO_BASE + COM1);

	for (unsigned int i = 0; i < TRANSMIT_SPIN; i++)
		if ((io_read8(com, COM_LSR) & LSR_THR_FREE) != 0)
			break;
	io_write8(com, COM_DATA, (uint8_t)byte);
}

void arch_early_console_write(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		early_put(text[i]);
}

int arch_early_console_read(void)
{
	volatile void *com = device(ISA_IO_BASE + COM1);

	return (io_read8(com, COM_LSR) & LSR_DATA) != 0 ? io_read8(com, COM_DATA) : -1;
}

#define IS_BIG_ENDIAN (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)

/* The bridge's own registers are little endian, what it passes through as data is not touched. */

static void pci_config_write(uint32_t function, uint32_t offset, uint32_t value)
{
	volatile void *bridge = device(GT_BASE);
	uint32_t address = PCI_ENABLE | function | offset;

	io_write32(bridge, GT_PCI_ADDRESS, IS_BIG_ENDIAN ? __builtin_bswap32(address) : address);
	io_write32(bridge, GT_PCI_DATA, value);
}

void arch_host_poweroff(void)
{
	pci_config_write(PIIX4_POWER, PIIX4_PMBA, PM_IO_BASE | 1);
	pci_config_write(PIIX4_POWER, PIIX4_PMREGMISC, 1);
	/* Bytes keep their places on the way to the bus. */
	io_write16(device(ISA_IO_BASE + PM_IO_BASE), PM_CONTROL,
		   IS_BIG_ENDIAN ? __builtin_bswap16(PM_CONTROL_SLEEP) : PM_CONTROL_SLEEP);
}

void arch_host_reboot(void)
{
	io_write32(device(FPGA_BASE), FPGA_SOFTRES, SOFTRES_GO);
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Calls to the firmware below, and what core needs that is one such call. What guests call is in
 * sbi/.
 */
#include <errno.h>

#include <corbel/arch.h>

#include "sbi_host.h"

static bool has_debug_console;

/* "Binary encoding" of the SBI specification: extension in a7, function in a6. */
struct sbi_return sbi_host_call(uint64_t extension, uint64_t function, uint64_t arg0, uint64_t arg1,
				uint64_t arg2, uint64_t arg3, uint64_t arg4)
{
	register uint64_t a0 __asm__("a0") = arg0;
	register uint64_t a1 __asm__("a1") = arg1;
	register uint64_t a2 __asm__("a2") = arg2;
	register uint64_t a3 __asm__("a3") = arg3;
	register uint64_t a4 __asm__("a4") = arg4;
	register uint64_t a6 __asm__("a6") = function;
	register uint64_t a7 __asm__("a7") = extension;

	__asm__ volatile("ecall"
			 : "+r"(a0), "+r"(a1)
			 : "r"(a2), "r"(a3), "r"(a4), "r"(a6), "r"(a7)
			 : "memory");
	return (struct sbi_return){ .error = (int64_t)a0, .value = a1 };
}

bool sbi_host_has(uint64_t extension)
{
	struct sbi_return result =
		sbi_host_call(SBI_EXT_BASE, SBI_BASE_PROBE_EXTENSION, extension, 0, 0, 0, 0);

	return result.error == SBI_SUCCESS && result.value != 0;
}

void sbi_host_init(void)
{
	has_debug_console = sbi_host_has(SBI_EXT_DBCN);
}

void sbi_host_console_put(char byte)
{
	if (has_debug_console)
		sbi_host_call(SBI_EXT_DBCN, SBI_DBCN_WRITE_BYTE, (uint8_t)byte, 0, 0, 0, 0);
	else
		sbi_host_call(SBI_LEGACY_CONSOLE_PUTCHAR, 0, (uint8_t)byte, 0, 0, 0, 0);
}

int sbi_host_console_get(void)
{
	static uint8_t byte;
	struct sbi_return result;

	if (!has_debug_console)
		return (int)sbi_host_call(SBI_LEGACY_CONSOLE_GETCHAR, 0, 0, 0, 0, 0, 0).error;
	result = sbi_host_call(SBI_EXT_DBCN, SBI_DBCN_READ, 1, arch_pointer_to_hpa(&byte).raw, 0, 0,
			       0);
	return result.error == SBI_SUCCESS && result.value == 1 ? byte : -1;
}

void sbi_host_timer_set(uint64_t ticks)
{
	sbi_host_call(SBI_EXT_TIME, SBI_TIME_SET_TIMER, ticks, 0, 0, 0, 0);
}

void sbi_host_ipi_send(uint64_t hart)
{
	sbi_host_call(SBI_EXT_IPI, SBI_IPI_SEND, 1, hart, 0, 0, 0);
}

/* A hart mask base of -1 means every hart. Chapter 8. */
#define ALL_HARTS UINT64_MAX

void sbi_host_remote_sfence(uint64_t address, uint64_t size)
{
	sbi_host_call(SBI_EXT_RFENCE, SBI_RFENCE_SFENCE_VMA, 0, ALL_HARTS, address, size, 0);
}

void sbi_host_remote_hfence_gvma(uint64_t vmid)
{
	sbi_host_call(SBI_EXT_RFENCE, SBI_RFENCE_HFENCE_GVMA_VMID, 0, ALL_HARTS, 0, UINT64_MAX,
		      vmid);
}

void arch_early_console_write(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		sbi_host_console_put(text[i]);
}

int arch_early_console_read(void)
{
	return sbi_host_console_get();
}

void arch_host_poweroff(void)
{
	sbi_host_call(SBI_EXT_SRST, SBI_SRST_SYSTEM_RESET, SBI_SRST_SHUTDOWN, SBI_SRST_REASON_NONE,
		      0, 0, 0);
}

void arch_host_reboot(void)
{
	sbi_host_call(SBI_EXT_SRST, SBI_SRST_SYSTEM_RESET, SBI_SRST_COLD_REBOOT,
		      SBI_SRST_REASON_NONE, 0, 0, 0);
}

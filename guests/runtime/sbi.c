// SPDX-License-Identifier: BSD-2-Clause
/*
 * The SBI call itself, and what is made of it alone.
 */
#include <runtime/machine.h>
#include <runtime/sbi.h>
#include <runtime/time.h>

struct sbi_result sbi_call_list(unsigned long extension, unsigned long function,
				const unsigned long arguments[6])
{
	register unsigned long a0 __asm__("a0") = arguments[0];
	register unsigned long a1 __asm__("a1") = arguments[1];
	register unsigned long a2 __asm__("a2") = arguments[2];
	register unsigned long a3 __asm__("a3") = arguments[3];
	register unsigned long a4 __asm__("a4") = arguments[4];
	register unsigned long a5 __asm__("a5") = arguments[5];
	register unsigned long a6 __asm__("a6") = function;
	register unsigned long a7 __asm__("a7") = extension;

	__asm__ volatile("ecall"
			 : "+r"(a0), "+r"(a1)
			 : "r"(a2), "r"(a3), "r"(a4), "r"(a5), "r"(a6), "r"(a7)
			 : "memory");
	return (struct sbi_result){ .error = (long)a0, .value = a1 };
}

int sbi_probe(unsigned long extension)
{
	return sbi_call(SBI_EXTENSION_BASE, SBI_BASE_PROBE, extension).value != 0;
}

void timer_set(uint64_t deadline)
{
	sbi_call(SBI_EXTENSION_TIME, 0, deadline);
}

void sbi_shutdown(void)
{
	sbi_call(SBI_EXTENSION_SRST, 0, SBI_SRST_SHUTDOWN, 0);
	if (machine.syscon != 0)
		*(volatile uint32_t *)machine.syscon = machine.poweroff_value;
	while (true)
		__asm__ volatile("wfi");
}

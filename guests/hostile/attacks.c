// SPDX-License-Identifier: BSD-2-Clause
/*
 * What the hostile guest tries. Each attack returns; what it leaves behind is part of the game.
 */
#include "hostile.h"

#define TIMER_BIT    (1ul << INTERRUPT_TIMER)
#define SOFTWARE_BIT (1ul << INTERRUPT_SOFTWARE)

#define REGISTER_A0 10

/* ---- devices ---- */

static void access_devices(void)
{
	uint64_t address = random_device_address();
	unsigned int bytes = 1u << random_below(4);

	if (address_is_own(address))
		return;
	if (random_below(2) != 0)
		trap_load(address, bytes, NULL);
	else
		trap_store(address, bytes, random_odd());
}

/* All but what is needed to print: no loopback, no divisor, nothing to the transmitter. */
static void access_uart(void)
{
	uint8_t value = (uint8_t)random_odd();
	unsigned int number = 1 + (unsigned int)random_below(7);

	if (random_below(2) != 0) {
		uart_read((unsigned int)random_below(8));
		return;
	}
	if (number == UART_LCR)
		value &= (uint8_t)~UART_LCR_DLAB;
	if (number == UART_MCR)
		value &= (uint8_t)~UART_MCR_LOOP;
	uart_write(number, value);
}

#define RTC_ALARM_LOW  0x08
#define RTC_ALARM_HIGH 0x0c
#define RTC_IRQ	       0x10
#define RTC_CLEAR      0x1c

/* Alarms in the past, soon, and where time ends. */
static void set_alarms(void)
{
	uint64_t alarm = random_odd();

	if (random_below(2) != 0) {
		alarm = time_now() * 100;
		write32(machine.rtc + RTC_TIME_HIGH, (uint32_t)(alarm >> 32));
		write32(machine.rtc + RTC_TIME_LOW, (uint32_t)alarm);
		alarm += random_below(1000000);
	}
	write32(machine.rtc + RTC_ALARM_HIGH, (uint32_t)(alarm >> 32));
	write32(machine.rtc + RTC_ALARM_LOW, (uint32_t)alarm);
	write32(machine.rtc + RTC_IRQ, (uint32_t)random_below(2));
	if (random_below(2) != 0)
		write32(machine.rtc + RTC_CLEAR, 1);
}

/* ---- instructions ---- */

static void execute_odd_instructions(void)
{
	static const uint32_t instructions[] = {
		0x00000000,		/* defined to be illegal */
		0xffffffff, 0x600022f3, /* csrr t0, hstatus */
		0x30002573,		/* csrr a0, mstatus */
		0xc0302573,		/* csrr a0, hpmcounter3 */
		0x15002573,		/* csrr a0, siselect */
		0x35c02573,		/* csrr a0, mtopei */
		0x30200073,		/* mret */
		0x62000073,		/* hfence.gvma */
		0x22000073,		/* hfence.vvma */
		0x6c004573,		/* hlv.d a0, (zero) */
		0x0005200f,		/* cbo.inval (a0) */
		0x0025200f,		/* cbo.flush (a0) */
		0x0045200f,		/* cbo.zero (a0) */
		0x1005252f,		/* lr.w a0, (a0) */
		0x00a5252f,		/* amoadd.w a0, a0, (a0) */
		0x00a53027,		/* fsd fa0, (a0) */
	};
	struct context context;

	context_init(&context, 0);
	context.frame.x[REGISTER_A0] = random_device_address();
	if (address_is_own(context.frame.x[REGISTER_A0]))
		return;
	if (random_below(2) != 0)
		context.frame.status &= ~SSTATUS_SPP;
	context_execute(&context, instructions[random_below(ARRAY_SIZE(instructions))]);
}

static void jump_anywhere(void)
{
	uint64_t address = random_device_address() & ~1ul;

	if (!address_is_own(address))
		trap_jump(address);
}

/* ---- calls ---- */

/* Not those that end the guest or its harts: they have attacks of their own. */
static bool call_is_harmless(unsigned long extension, unsigned long function)
{
	if (extension == SBI_EXTENSION_HSM)
		return function == SBI_HSM_STATUS || function > SBI_HSM_SUSPEND;
	return extension != SBI_EXTENSION_SRST;
}

static void call_with_odd_arguments(void)
{
	static const unsigned long extensions[] = { SBI_EXTENSION_BASE,	  SBI_EXTENSION_TIME,
						    SBI_EXTENSION_IPI,	  SBI_EXTENSION_RFENCE,
						    SBI_EXTENSION_HSM,	  SBI_EXTENSION_NONE,
						    SBI_EXTENSION_RFENCE, 0 };
	unsigned long extension = extensions[random_below(ARRAY_SIZE(extensions))];
	unsigned long function = random_below(8) == 0 ? random_odd() : random_below(5);

	if (random_below(16) == 0)
		extension = random_odd();
	if (call_is_harmless(extension, function))
		sbi_call(extension, function, random_odd(), random_odd(), random_odd(),
			 random_odd(), random_odd(), random_odd());
}

/* Buffers that cannot be right, so that nothing is printed. */
static void call_the_console(void)
{
	uint64_t address = random_odd();

	if (address >= machine.ram_base && address - machine.ram_base < machine.ram_size)
		address = machine.ram_base + machine.ram_size - 1;
	sbi_call(SBI_EXTENSION_DBCN, random_below(2), 2 + random_below(1ul << 60), address,
		 random_below(2));
}

static void fence_others(void)
{
	struct sbi_result result =
		sbi_call(SBI_EXTENSION_RFENCE, random_below(3), random_below(1ul << hart_count),
			 random_below(4) == 0 ? -1ul : 0, random_odd(), random_odd(), random_odd());

	if (result.error != SBI_SUCCESS)
		wrong("the error of a fence", (uint64_t)result.error, SBI_SUCCESS);
}

static void interrupt_others(void)
{
	sbi_call(SBI_EXTENSION_IPI, 0, random_below(1ul << hart_count), 0);
}

/* ---- harts ---- */

/* Until the timer pends, by WFI, WRS.NTO and suspends. */
static void sleep_until_pending(void)
{
	while ((csr_read(CSR_SIP) & TIMER_BIT) == 0) {
		switch (random_below(8)) {
		case 0:
			sbi_call(SBI_EXTENSION_HSM, SBI_HSM_SUSPEND, SBI_HSM_SUSPEND_RETENTIVE);
			break;
		case 1:
			trap_execute(0x00d00073); /* wrs.nto */
			break;
		default:
			__asm__ volatile("wfi");
		}
	}
}

static void sleep_briefly(void)
{
	uint64_t deadline = time_now() + random_below(time_ticks(3000));

	if (random_below(2) != 0 && machine_has_extension("sstc"))
		csr_write(CSR_STIMECMP, deadline);
	else
		timer_set(deadline);
	csr_set(CSR_SIE, TIMER_BIT);
	sleep_until_pending();
	if (time_now() < deadline)
		wrong("the time of a timer interrupt", time_now(), deadline);
	csr_clear(CSR_SIE, TIMER_BIT);
	timer_set(UINT64_MAX);
}

static void start_others(void)
{
	unsigned int index = 1 + (unsigned int)random_below(hart_count);

	if (index < hart_count &&
	    sbi_call(SBI_EXTENSION_HSM, SBI_HSM_STATUS, harts[index].id).value == SBI_HSM_STOPPED)
		hart_run(index, hart_attack, NULL);
}

/* The first hart stays: it prints. */
static void stop_or_suspend(void)
{
	struct hart *hart = hart_self();

	if (hart->index == 0 || random_below(20) != 0)
		return;
	hart_quiet();
	if (random_below(2) != 0)
		sbi_call(SBI_EXTENSION_HSM, SBI_HSM_STOP);
	csr_set(CSR_SIP, random_below(2) * SOFTWARE_BIT);
	timer_set(time_now() + random_below(time_ticks(1000)));
	csr_set(CSR_SIE, TIMER_BIT | SOFTWARE_BIT);
	sbi_call(SBI_EXTENSION_HSM, SBI_HSM_SUSPEND, SBI_HSM_SUSPEND_NON_RETENTIVE,
		 (uintptr_t)hart_start_entry, (uintptr_t)hart);
	wrong("what came behind a stop", 1, 0);
}

void attack(void)
{
	static void (*const attacks[])(void) = {
		access_devices,	  access_uart,
		set_alarms,	  execute_odd_instructions,
		jump_anywhere,	  call_with_odd_arguments,
		call_the_console, fence_others,
		interrupt_others, sleep_briefly,
		start_others,	  stop_or_suspend,
	};

	attacks[random_below(ARRAY_SIZE(attacks))]();
}

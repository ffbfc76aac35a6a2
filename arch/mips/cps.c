// SPDX-License-Identifier: BSD-2-Clause
/*
 * The coherent processing system. MIPS Coherence Manager and Global Interrupt Controller manuals,
 * register maps. CPUs are the virtual processors of one core, which is how QEMU's board has them.
 */
#include <corbel/arch.h>
#include <corbel/cpu.h>
#include <drivers/io.h>

#include "cps.h"
#include "traps.h"

#define GCR_PHYSICAL 0x1fbf8000u
#define GIC_PHYSICAL 0x1bdc0000u
#define CPC_PHYSICAL 0x1bde0000u
#define BASE_ENABLE  1u

#define GCR_BASE		0x0008u
#define GCR_GIC_BASE		0x0080u
#define GCR_CPC_BASE		0x0088u
#define GCR_LOCAL_CONFIG	0x2010u
#define GCR_LOCAL_OTHER		0x2018u
#define GCR_OTHER_RESET_BASE	0x4020u
#define GCR_BASE_MASK		0xffff8000u
#define LOCAL_CONFIG_PROCESSORS 0x3ffu

#define CPC_LOCAL_RUN 0x2028u

#define GIC_POLARITY		  0x0100u
#define GIC_TRIGGER		  0x0180u
#define GIC_WEDGE		  0x0280u
#define GIC_SET_MASK		  0x0380u
#define GIC_MAP_PIN(source)	  (0x0500u + 4 * (source))
#define GIC_MAP_PROCESSOR(source) (0x2000u + 0x20 * (source))
#define GIC_LOCAL_RESET_MASK	  0x800cu
#define WEDGE_SET		  0x80000000u
#define MAP_TO_PIN		  0x80000000u

/* The board wires its i8259 pair to source 3. For IPIs a source that nothing is wired to each. */
#define SOURCE_EXTERNAL 3u
#define SOURCE_IPI	40u
#define IPI_MAX		16u

static unsigned int cpu_total; /* 0: there is no such system */

static volatile void *registers(uint32_t physical)
{
	return (volatile void *)(uintptr_t)(MEMORY_KSEG1_BASE + physical);
}

static void gcr_write(uint32_t offset, uint32_t value)
{
	io_write32(registers(GCR_PHYSICAL), offset, value);
}

static void gic_write(uint32_t offset, uint32_t value)
{
	io_write32(registers(GIC_PHYSICAL), offset, value);
}

/* Its registers begin with where they are. */
static bool gcr_is_there(void)
{
	uint32_t base;

	return probe_read32(registers(GCR_PHYSICAL + GCR_BASE), &base) &&
	       (base & GCR_BASE_MASK) == GCR_PHYSICAL;
}

/* An interrupt source to a pin of one CPU, active high. */
static void source_connect(unsigned int source, unsigned int pin, unsigned int cpu, bool edge)
{
	volatile void *gic = registers(GIC_PHYSICAL);
	uint32_t word = source / 32 * 4, bit = 1u << source % 32;
	uint32_t trigger = io_read32(gic, GIC_TRIGGER + word);

	io_write32(gic, GIC_POLARITY + word, io_read32(gic, GIC_POLARITY + word) | bit);
	io_write32(gic, GIC_TRIGGER + word, edge ? trigger | bit : trigger & ~bit);
	gic_write(GIC_MAP_PIN(source), MAP_TO_PIN | pin);
	gic_write(GIC_MAP_PROCESSOR(source), 1u << cpu);
	gic_write(GIC_SET_MASK + word, bit);
}

void cps_init(void)
{
	if (!gcr_is_there())
		return;
	cpu_total =
		(io_read32(registers(GCR_PHYSICAL), GCR_LOCAL_CONFIG) & LOCAL_CONFIG_PROCESSORS) +
		1;
	cpu_total = MIN(cpu_total, IPI_MAX);
	gcr_write(GCR_GIC_BASE, GIC_PHYSICAL | BASE_ENABLE);
	gcr_write(GCR_CPC_BASE, CPC_PHYSICAL | BASE_ENABLE);
	source_connect(SOURCE_EXTERNAL, CPS_LINE_EXTERNAL - 2, 0, false);
	for (unsigned int cpu = 0; cpu < cpu_total; cpu++)
		source_connect(SOURCE_IPI + cpu, CPS_LINE_IPI - 2, cpu, true);
}

void cps_cpu_init(void)
{
	/*
	 * Its own sources are of no use here, and one of them is on after reset: a timer on the pin
	 * of the external interrupts, which comes to its end within a minute.
	 */
	gic_write(GIC_LOCAL_RESET_MASK, UINT32_MAX);
}

bool cps_exists(void)
{
	return cpu_total > 0;
}

unsigned int cps_cpu_count(void)
{
	return MAX(cpu_total, 1u);
}

void cps_cpu_start(unsigned int number, uint32_t address)
{
	gcr_write(GCR_LOCAL_OTHER, number);
	gcr_write(GCR_OTHER_RESET_BASE, address);
	io_write32(registers(CPC_PHYSICAL), CPC_LOCAL_RUN, 1u << number);
}

void cps_ipi_send(unsigned int number)
{
	/* What the receiver is to see must be there before the interrupt is. */
	__asm__ volatile("sync" : : : "memory");
	gic_write(GIC_WEDGE, WEDGE_SET | (SOURCE_IPI + number));
}

void cps_ipi_clear(unsigned int number)
{
	gic_write(GIC_WEDGE, SOURCE_IPI + number);
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * What the host's processor is and has, by its Config registers. PRA, "Configuration Register".
 */
#include <stdio.h>

#include <corbel/panic.h>

#include "probe.h"
#include "processor.h"

#define CONFIG_MORE (1u << 31) /* there is a next one */

static uint32_t features;
static unsigned int tlb_size;
static char name[32];

static void feature_note(enum processor_feature feature, bool present)
{
	if (present)
		features |= 1u << feature;
}

/* Config4.MMUExtDef says what Config1's six bits of the TLB's size are extended by. */
static unsigned int tlb_size_get(uint32_t config1, uint32_t config4)
{
	unsigned int size = config1 >> 25 & 0x3f;

	if ((config4 >> 14 & 3) == 1)
		size |= (config4 & 0xff) << 6;
	else if ((config4 >> 14 & 3) == 3)
		size |= (config4 >> 24 & 0xf) << 6;
	return size + 1;
}

static void name_find(void)
{
	static const struct {
		uint8_t id;
		const char *name;
	} known[] = {
		{ 0x80, "4Kc" },   { 0x90, "4KEc" },  { 0x91, "4KEm" }, { 0x93, "24K" },
		{ 0x95, "34K" },   { 0x96, "24KE" },  { 0x97, "74K" },	{ 0x9b, "M14K" },
		{ 0x9c, "M14Kc" }, { 0xa8, "P5600" },
	};
	uint32_t prid = c0_read(C0_PRID);

	for (unsigned int i = 0; i < ARRAY_SIZE(known); i++)
		if (known[i].id == (prid >> 8 & 0xff))
			snprintf(name, sizeof(name), "MIPS %s", known[i].name);
	if (name[0] == '\0')
		snprintf(name, sizeof(name), "MIPS, PRId 0x%08x", (unsigned int)prid);
}

void processor_probe(void)
{
	uint32_t config = c0_read(C0_CONFIG), config1 = c0_read(C0_CONFIG1);
	uint32_t config2 = 0, config3 = 0, config4 = 0, config5 = 0;

	if ((config1 & CONFIG_MORE) != 0)
		config2 = c0_read(C0_CONFIG2);
	if ((config2 & CONFIG_MORE) != 0)
		config3 = c0_read(C0_CONFIG3);
	if ((config3 & CONFIG_MORE) != 0)
		config4 = c0_read(C0_CONFIG4);
	if ((config4 & CONFIG_MORE) != 0)
		config5 = c0_read(C0_CONFIG5);
	feature_note(PROCESSOR_TLB, (config >> 7 & 7) == 1 || (config >> 7 & 7) == 4);
	feature_note(PROCESSOR_FPU, (config1 & 1) != 0);
	feature_note(PROCESSOR_DSP, (config3 >> 10 & 1) != 0);
	feature_note(PROCESSOR_SEGMENTS, (config3 >> 25 & 1) != 0);
	feature_note(PROCESSOR_KSCRATCH, (config4 >> 16 & 0x1c) == 0x1c);
	feature_note(PROCESSOR_BADINSTR, (config3 >> 26 & 3) == 3);
	feature_note(PROCESSOR_EHINV, (config4 >> 29 & 3) != 0);
	feature_note(PROCESSOR_ERETNC, (config5 >> 4 & 1) != 0);
	feature_note(PROCESSOR_USERLOCAL, (config3 >> 13 & 1) != 0);
	feature_note(PROCESSOR_VIRTUALIZATION, (config3 >> 23 & 1) != 0);
	tlb_size = tlb_size_get(config1, config4);
	name_find();
}

bool processor_has(enum processor_feature feature)
{
	return (features >> feature & 1) != 0;
}

bool processor_is_fast(void)
{
	return processor_has(PROCESSOR_KSCRATCH) && processor_has(PROCESSOR_BADINSTR) &&
	       processor_has(PROCESSOR_ERETNC) && processor_has(PROCESSOR_USERLOCAL);
}

const char *processor_feature_name(enum processor_feature feature)
{
	static const char *const names[PROCESSOR_FEATURE_COUNT] = {
		[PROCESSOR_TLB] = "tlb",
		[PROCESSOR_FPU] = "fpu",
		[PROCESSOR_DSP] = "dsp",
		[PROCESSOR_SEGMENTS] = "segctl",
		[PROCESSOR_KSCRATCH] = "kscratch",
		[PROCESSOR_BADINSTR] = "badinstr",
		[PROCESSOR_EHINV] = "ehinv",
		[PROCESSOR_ERETNC] = "eretnc",
		[PROCESSOR_USERLOCAL] = "userlocal",
		[PROCESSOR_VIRTUALIZATION] = "vz (not used)",
	};

	ASSERT(feature < PROCESSOR_FEATURE_COUNT);
	return names[feature];
}

const char *processor_name(void)
{
	return name;
}

uint32_t processor_number(void)
{
	return c0_read(C0_EBASE) & 0x3ff;
}

unsigned int processor_tlb_size(void)
{
	return tlb_size;
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * What the host's processor is and has.
 */
#ifndef MIPS_PROBE_H
#define MIPS_PROBE_H

#include <corbel/types.h>

enum processor_feature {
	PROCESSOR_TLB,		  /* Config.MT = 1 or 4 */
	PROCESSOR_FPU,		  /* Config1.FP */
	PROCESSOR_DSP,		  /* Config3.DSPP */
	PROCESSOR_SEGMENTS,	  /* Config3.SC: segmentation control */
	PROCESSOR_KSCRATCH,	  /* Config4.KScrExist: KScratch1 to 3 */
	PROCESSOR_BADINSTR,	  /* Config3.BI and BP: BadInstr, BadInstrP */
	PROCESSOR_EHINV,	  /* Config4.IE: EntryHi.EHINV */
	PROCESSOR_ERETNC,	  /* Config5.LLB: ERETNC, and LLbit as software sees it */
	PROCESSOR_USERLOCAL,	  /* Config3.ULRI */
	PROCESSOR_VIRTUALIZATION, /* Config3.VZ: not used */
	PROCESSOR_FEATURE_COUNT,
};

/* Boot, before the others. */
void processor_probe(void);
bool processor_has(enum processor_feature feature);
/* Whether it has all that fast.S uses. */
bool processor_is_fast(void);
const char *processor_feature_name(enum processor_feature feature);
/* "24Kf" where it is one that is known, else what PRId says. */
const char *processor_name(void);
/* EBase.CPUNum of this CPU. */
uint32_t processor_number(void);
/* Entries of the TLB. */
unsigned int processor_tlb_size(void);

#endif

// SPDX-License-Identifier: BSD-2-Clause
/*
 * What the parts of the hostile guest share. Physical memory:
 *
 *	0x00100000  this program
 *	0x00200000  code that is run as a context: one page for each attack, at random
 *	0x00300000  what nobody may write: checked now and then
 *	0x00400000  what attacks may write
 *	0x00800000  each word holds what pattern_at() says, for reading
 */
#ifndef HOSTILE_H
#define HOSTILE_H

#include <stdbool.h>
#include <stdint.h>

#include <rtos/cp0.h>
#include <rtos/map.h>

#include "context.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#define PROGRAM_BASE 0x00100000u
#define CODE_BASE    0x00200000u
#define KEPT_BASE    0x00300000u
#define SCRATCH_BASE 0x00400000u
#define PATTERN_BASE 0x00800000u
#define PATTERN_END  0x00c00000u
#define KEPT_SIZE    0x00010000u
#define CODE_SIZE    0x00100000u
#define SCRATCH_SIZE (PATTERN_BASE - SCRATCH_BASE)

#define UART_BASE 0x180003f8u
#define ROM_BASE  0x1fc00000u
#define GT_BASE	  0x1be00000u
#define FPGA_BASE 0x1f000000u
#define FPGA_SIZE 0x00000900u

#define PAGE 4096u

#define INSTRUCTION_NOP	    0x00000000u
#define INSTRUCTION_SYSCALL 0x0000000cu
#define INSTRUCTION_BREAK   0x0000000du

/* The board: has it a Malta's devices, and with them addresses where nothing complains. */
extern bool board_is_open;
extern uint32_t ram_size;
extern unsigned int tlb_size;

/* A number below `limit`, which is not 0, of one sequence that the seed gives. */
uint32_t random_below(uint32_t limit);
uint32_t random_word(void);
/* A number as careless programs take for an address, a length or a mask. */
uint32_t random_odd(void);

/* Our own memory, cached and not. */
static inline void *memory_at(uint32_t physical)
{
	return (void *)(uintptr_t)(MAP_KSEG0 + physical);
}

static inline uint32_t pattern_at(uint32_t physical)
{
	return (physical & ~3u) * 0x9e3779b1u ^ 0x5bd1e995u;
}

/* Tells that something is not as it must be. */
void wrong(const char *what, uint32_t found, uint32_t expected);

/* ---- contexts ---- */

static inline unsigned int context_code(const struct context *context)
{
	return context->cause >> 2 & 31;
}

/* Random registers; kernel mode, interrupts off. */
void context_init(struct context *context);
/*
 * Writes words to a page of code, a BREAK behind them, makes them executable, and returns their
 * physical address.
 */
uint32_t code_put(const uint32_t *words, unsigned int count);
/* Has the timer interrupt after so many ticks, and the context see it. */
void context_watch(struct context *context, uint32_t ticks);
/* Runs it, looks at how it ended, and makes coprocessor 0 what the program needs. */
void context_try(struct context *context);
void processor_restore(void);

/* ---- the TLB ---- */

struct page {
	uint32_t entryhi, mask, entrylo0, entrylo1;
};

void tlb_set(unsigned int index, const struct page *page);
/* The entry that matches EntryHi; `otherwise` if none does. */
unsigned int tlb_find(uint32_t entryhi, unsigned int otherwise);
void tlb_clear(void);
/* EntryLo of a page of memory. */
static inline uint32_t entrylo_of(uint32_t physical, uint32_t flags)
{
	return physical >> 12 << 6 | ENTRYLO_CACHED | flags;
}

/*
 * Maps a page of code where its physical address is, in user mode too, for the ASID: so the code is
 * the same in whatever mode it finds itself.
 */
void code_map(uint32_t physical, uint32_t asid);

/* ---- attacks ---- */

void attack_instructions(void);
void attack_user_code(void);
void attack_levels(void);
void attack_tlb(void);
void attack_addresses(void);
void attack_devices(void);
void attack_time(void);
void attack_code(void);

#endif

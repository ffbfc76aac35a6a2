// SPDX-License-Identifier: BSD-2-Clause
/*
 * What guests on an emulated Malta board are handed over. YAMON Reference Manual, "Application
 * Interface": a0 counts the arguments, a1 leads to them, a2 to the environment, a3 is the size of
 * the RAM. The initrd goes by rd_start= and rd_size= on the command line.
 */
#include <stdio.h>
#include <string.h>

#include <libfdt.h>

#include <corbel/arch.h>
#include <corbel/guest.h>
#include <corbel/object.h>
#include <corbel/tree.h>

#include "yamon.h"

/* Where YAMON has its own; kernels are linked above. */
#define BLOCK_GPA  0x2000u
#define BLOCK_SIZE 0x1000u
#define STACK_GPA  0x1fc0u
#define KSEG0	   0x80000000u
#define RAM_MAX	   0x10000000u

#define WORD_COUNT 16u
#define TREE_MAX   KIB(256)
#define SEED_MAX   32u

/* Words that lead to texts behind them; read by the guest in its own byte order, which is ours. */
struct handover_block {
	uint32_t words[WORD_COUNT];
	unsigned int word_count;
	char text[BLOCK_SIZE - WORD_COUNT * sizeof(uint32_t)];
	size_t text_size;
};

static uint32_t word_address(unsigned int index)
{
	return KSEG0 + BLOCK_GPA + index * (uint32_t)sizeof(uint32_t);
}

static void text_add(struct handover_block *block, const char *text)
{
	size_t size = strlen(text) + 1;

	if (block->word_count >= WORD_COUNT - 1 || size > sizeof(block->text) - block->text_size)
		return;
	memcpy(block->text + block->text_size, text, size);
	block->words[block->word_count++] = word_address(WORD_COUNT) + (uint32_t)block->text_size;
	block->text_size += size;
}

static void number_add(struct handover_block *block, const char *name, uint32_t value)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", (unsigned int)value);
	text_add(block, name);
	text_add(block, text);
}

/* The seed of the guest's tree as hexadecimal digits, where kernels look for it. */
static void seed_add(struct handover_block *block, const void *fdt)
{
	int chosen = fdt != NULL ? fdt_path_offset(fdt, "/chosen") : -1;
	int size = 0;
	const uint8_t *seed = chosen >= 0 ? fdt_getprop(fdt, chosen, "rng-seed", &size) : NULL;
	char text[2 * SEED_MAX + 1] = "";

	if (seed == NULL)
		return;
	for (int i = 0; i < MIN(size, (int)SEED_MAX); i++)
		snprintf(text + 2 * i, 3, "%02x", (unsigned int)seed[i]);
	text_add(block, "rngseed");
	text_add(block, text);
}

/* RAM from 0 on without a gap. */
static uint32_t ram_size(const struct guest *guest)
{
	uint64_t end = 0;

	for (unsigned int i = 0; i < guest->region_count; i++)
		if (guest->regions[i].kind == REGION_RAM && guest->regions[i].base.raw == end)
			end += guest->regions[i].size;
	return (uint32_t)MIN(end, (uint64_t)RAM_MAX);
}

/* A copy of the tree that the guest was given, to be freed; NULL where there is none. */
static void *tree_copy(const struct guest *guest, gpa_t address)
{
	struct error error = { "" };
	struct fdt_header header;
	uint32_t size;
	void *copy;

	if (guest_memory_read(guest, address, &header, sizeof(header)) != 0)
		return NULL;
	size = fdt_totalsize(&header);
	if (size < sizeof(header) || size > TREE_MAX)
		return NULL;
	copy = object_alloc(size);
	if (copy == NULL)
		return NULL;
	if (guest_memory_read(guest, address, copy, size) == 0 &&
	    tree_check(copy, size, "handed over", &error) == 0)
		return copy;
	object_free(copy);
	return NULL;
}

static void command_line_make(const void *fdt, char *line, size_t size)
{
	int chosen = fdt != NULL ? fdt_path_offset(fdt, "/chosen") : -1;
	const char *bootargs = chosen >= 0 ? tree_string_get(fdt, chosen, "bootargs") : NULL;
	uint64_t start, end;
	size_t length = 0;

	line[0] = '\0';
	if (chosen >= 0 && tree_u64_get(fdt, chosen, "linux,initrd-start", &start) == 0 &&
	    tree_u64_get(fdt, chosen, "linux,initrd-end", &end) == 0 && end > start)
		length = (size_t)snprintf(line, size, "rd_start=0x%08x rd_size=%u ",
					  (unsigned int)(KSEG0 + start),
					  (unsigned int)(end - start));
	snprintf(line + length, size - length, "%s", bootargs != NULL ? bootargs : "");
}

static void block_fill(struct handover_block *block, const struct guest *guest, const void *fdt,
		       struct arch_vcpu *arch)
{
	char line[512];

	command_line_make(fdt, line, sizeof(line));
	text_add(block, "corbel");
	text_add(block, line);
	arch->gpr[4] = block->word_count;
	arch->gpr[5] = word_address(0);
	block->words[block->word_count++] = 0;
	arch->gpr[6] = word_address(block->word_count);
	number_add(block, "memsize", ram_size(guest));
	number_add(block, "ememsize", ram_size(guest));
	text_add(block, "modetty0");
	text_add(block, "38400,n,8,1,hw");
	seed_add(block, fdt);
	block->words[block->word_count] = 0;
	arch->gpr[7] = ram_size(guest);
	arch->gpr[29] = KSEG0 + STACK_GPA;
}

void yamon_hand_over(struct vcpu *vcpu, gpa_t tree)
{
	struct handover_block *block = object_alloc(sizeof(*block));
	void *fdt = tree_copy(vcpu->guest, tree);

	/* Without memory or RAM there the guest gets none, and says so itself. */
	if (block != NULL) {
		block_fill(block, vcpu->guest, fdt, &vcpu->arch);
		(void)guest_memory_write(vcpu->guest, GPA(BLOCK_GPA), block->words,
					 sizeof(block->words));
		(void)guest_memory_write(vcpu->guest, GPA(BLOCK_GPA + sizeof(block->words)),
					 block->text, block->text_size);
	}
	object_free(block);
	object_free(fdt);
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * What the firmware (YAMON) hands over, made into the tree of the host that core reads. QEMU gives
 * an initrd's place as rd_start= and rd_size= on the command line, as Linux on this board expects.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libfdt.h>

#include <corbel/arch.h>

#include "firmware.h"
#include "mmu.h"

#define TREE_CAPACITY	 KIB(8)
#define COMMAND_LINE_MAX 512
#define ARGUMENTS_MAX	 16u
#define ENVIRONMENT_MAX	 32u

/* The flat view of all RAM begins here; its first 256 MiB are at 0 too. */
#define RAM_FLAT_BASE 0x80000000u
#define RAM_LOW_MAX   0x10000000u

extern const char built_in_tree[];

static uint64_t tree[TREE_CAPACITY / sizeof(uint64_t)];

/* The rest of the command line, behind the program's name. */
static void command_line_join(const struct firmware_handover *handover, char *line)
{
	size_t length = 0;

	line[0] = '\0';
	for (uint32_t i = 1; i < MIN(handover->argument_count, ARGUMENTS_MAX); i++) {
		if (handover->arguments[i] == NULL || length >= COMMAND_LINE_MAX - 1)
			return;
		length += (size_t)snprintf(line + length, COMMAND_LINE_MAX - length, "%s%s",
					   length > 0 ? " " : "", handover->arguments[i]);
	}
}

/* The number behind `key`, hexadecimal with 0x; its low 32 bits, for addresses come extended. */
static uint32_t number_behind(const char *line, const char *key)
{
	const char *found = strstr(line, key);
	const char *digits;

	if (found == NULL)
		return 0;
	digits = found + strlen(key);
	if (strncmp(digits, "0xffffffff", 10) == 0)
		return (uint32_t)strtoul(digits + 10, NULL, 16);
	return (uint32_t)strtoul(digits, NULL, 0);
}

static const char *environment_find(const struct firmware_handover *handover, const char *name)
{
	const char *const *entry = handover->environment;

	for (unsigned int i = 0; i < ENVIRONMENT_MAX && entry[0] != NULL && entry[1] != NULL; i++) {
		if (strcmp(entry[0], name) == 0)
			return entry[1];
		entry += 2;
	}
	return NULL;
}

/* All RAM of the machine in bytes. */
static uint32_t memory_size(const struct firmware_handover *handover)
{
	const char *text = environment_find(handover, "ememsize");
	uint32_t size = text != NULL ? (uint32_t)strtoul(text, NULL, 0) : 0;

	return MAX(size, handover->low_memory);
}

/* RAM that Corbel reaches: the low part, and what a window onto the flat view shows behind it. */
static int memory_set(void *fdt, const struct firmware_handover *handover)
{
	int node = fdt_path_offset(fdt, "/memory@0");
	uint32_t size = MIN(memory_size(handover), mmu_window_size());
	uint32_t low = MIN(handover->low_memory, RAM_LOW_MAX);
	int result;

	if (node < 0)
		return node;
	result = fdt_setprop_u32(fdt, node, "reg", 0);
	if (result == 0)
		result = fdt_appendprop_u32(fdt, node, "reg", low);
	if (size <= low || result != 0)
		return result;
	result = fdt_appendprop_u32(fdt, node, "reg", RAM_FLAT_BASE + low);
	if (result == 0)
		result = fdt_appendprop_u32(fdt, node, "reg", size - low);
	return result;
}

static int chosen_set(void *fdt, const char *line)
{
	int node = fdt_path_offset(fdt, "/chosen");
	uint32_t start = number_behind(line, "rd_start="), size = number_behind(line, "rd_size=");
	uint32_t base;
	int result;

	if (node < 0)
		return node;
	result = fdt_setprop_string(fdt, node, "bootargs", line);
	if (result != 0 || size == 0)
		return result;
	base = (uint32_t)arch_pointer_to_hpa((const void *)(uintptr_t)start).raw;
	result = fdt_setprop_u32(fdt, node, "linux,initrd-start", base);
	if (result == 0)
		result = fdt_setprop_u32(fdt, node, "linux,initrd-end", base + size);
	return result;
}

const void *firmware_tree_make(const struct firmware_handover *handover)
{
	char line[COMMAND_LINE_MAX];
	int result = fdt_open_into(built_in_tree, tree, sizeof(tree));

	command_line_join(handover, line);
	if (result == 0)
		result = memory_set(tree, handover);
	if (result == 0)
		result = chosen_set(tree, line);
	return result == 0 ? tree : NULL;
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * What the firmware (YAMON) hands over, and the tree that is made of it.
 */
#ifndef MIPS_FIRMWARE_H
#define MIPS_FIRMWARE_H

#include <corbel/types.h>

struct firmware_handover {
	uint32_t argument_count;
	const char *const *arguments;	/* [0] is the program's name */
	const char *const *environment; /* name, value, name, value, ..., NULL */
	uint32_t low_memory;		/* bytes of RAM at physical 0 */
};

/*
 * The tree that is built into the image, with memory, bundle and command line as handed over. NULL
 * where it does not fit. Boot.
 */
const void *firmware_tree_make(const struct firmware_handover *handover);

#endif

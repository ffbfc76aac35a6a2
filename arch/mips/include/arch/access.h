// SPDX-License-Identifier: BSD-2-Clause
/*
 * What a load or store of a guest does, as decoded from the instruction, and how far its service
 * has come. An access that is not one naturally aligned piece (SWL, SWR of three bytes) is served
 * in pieces.
 */
#ifndef ARCH_ACCESS_H
#define ARCH_ACCESS_H

#include <stdbool.h>
#include <stdint.h>

enum access_kind {
	ACCESS_PLAIN,	    /* LB to LW, SB to SW */
	ACCESS_LEFT,	    /* LWL, SWL: the register's most significant bytes */
	ACCESS_RIGHT,	    /* LWR, SWR: its least significant ones */
	ACCESS_LINKED,	    /* LL */
	ACCESS_CONDITIONAL, /* SC, which always succeeds on a device */
};

/* As decoded; nothing of it depends on registers. */
struct arch_access {
	uint8_t kind;	       /* enum access_kind */
	uint8_t data_register; /* number of the GPR */
	uint8_t base_register;
	uint8_t size; /* of the register's part, in bytes; LEFT and RIGHT: 4 */
	bool write;
	bool sign_extend;
	int16_t offset;
};

/* A piece of an access: naturally aligned. */
struct arch_access_piece {
	uint32_t va;
	uint8_t size;	/* 1, 2 or 4 */
	uint32_t value; /* to write */
};

#endif

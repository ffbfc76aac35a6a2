// SPDX-License-Identifier: BSD-2-Clause
/*
 * What a load or store of a guest does, as decoded from the instruction.
 */
#ifndef ARCH_ACCESS_H
#define ARCH_ACCESS_H

#include <stdbool.h>
#include <stdint.h>

/* A load or store; of a VCPU: the one that is being served. */
struct arch_access {
	uint8_t data_register;	    /* x or f number of the value */
	uint8_t instruction_length; /* 2 or 4 */
	uint8_t size;		    /* bytes */
	bool write;
	bool sign_extend;
	bool floating; /* data_register is an f register */
};

#endif

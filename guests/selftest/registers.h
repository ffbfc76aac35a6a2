// SPDX-License-Identifier: BSD-2-Clause
/*
 * Floating-point and vector registers for tests; registers.S.
 */
#ifndef SELFTEST_REGISTERS_H
#define SELFTEST_REGISTERS_H

#include <corbel/types.h>

void floating_registers_load(const uint64_t values[32]);
void floating_registers_store(uint64_t values[32]);

/* 32 times `vlenb` bytes. */
void vector_registers_load(const void *values);
void vector_registers_store(void *values);
unsigned long vector_configure(unsigned long length);

#define VECTOR_BYTES_MAX (32 * 512)

#endif

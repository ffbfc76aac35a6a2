// SPDX-License-Identifier: BSD-2-Clause
/*
 * A fuzzer's bytes taken one after the other, as numbers and choices; and the checks that fuzzers
 * make of what comes out. What there is no byte left for is zero, so every input is a whole one.
 */
#ifndef TESTS_FUZZ_INPUT_H
#define TESTS_FUZZ_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* What libFuzzer calls: for each input, and once before the first. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

struct fuzz_input {
	const uint8_t *bytes;
	size_t left;
};

/* Ends the program, which keeps the input, unless the condition holds. */
#define FUZZ_CHECK(condition)                                                                   \
	do {                                                                                    \
		if (!(condition)) {                                                             \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
			abort();                                                                \
		}                                                                               \
	} while (0)

/* Little-endian, 1 to 8 bytes. */
static inline uint64_t input_take(struct fuzz_input *input, unsigned int size)
{
	uint64_t value = 0;

	for (unsigned int i = 0; i < size && input->left > 0; i++, input->left--)
		value |= (uint64_t)*input->bytes++ << (8 * i);
	return value;
}

static inline uint8_t input_byte(struct fuzz_input *input)
{
	return (uint8_t)input_take(input, 1);
}

/* A number below `count`, which is at most 2^16. */
static inline unsigned int input_choose(struct fuzz_input *input, unsigned int count)
{
	return (unsigned int)(input_take(input, count > 256 ? 2 : 1) % count);
}

#endif

// SPDX-License-Identifier: BSD-2-Clause
/*
 * The ChaCha20 block function (RFC 8439), by the book: 32-bit words, ten double rounds.
 */
#include <lib/chacha20.h>

#include <string.h>

#define STATE_WORDS   16
#define DOUBLE_ROUNDS 10

static uint32_t rotate_left(uint32_t value, unsigned int count)
{
	return value << count | value >> (32 - count);
}

/* RFC 8439, 2.1. */
static void quarter_round(uint32_t *x, unsigned int a, unsigned int b, unsigned int c,
			  unsigned int d)
{
	x[a] += x[b];
	x[d] = rotate_left(x[d] ^ x[a], 16);
	x[c] += x[d];
	x[b] = rotate_left(x[b] ^ x[c], 12);
	x[a] += x[b];
	x[d] = rotate_left(x[d] ^ x[a], 8);
	x[c] += x[d];
	x[b] = rotate_left(x[b] ^ x[c], 7);
}

static void double_round(uint32_t *x)
{
	for (unsigned int i = 0; i < 4; i++)
		quarter_round(x, i, 4 + i, 8 + i, 12 + i);
	for (unsigned int i = 0; i < 4; i++)
		quarter_round(x, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4);
}

void chacha20_block(const uint32_t key[CHACHA20_KEY_WORDS], uint32_t counter,
		    const uint32_t nonce[CHACHA20_NONCE_WORDS], uint8_t out[CHACHA20_BLOCK_SIZE])
{
	/* "expand 32-byte k" */
	uint32_t start[STATE_WORDS] = { 0x61707865, 0x3320646e, 0x79622d32, 0x6b206574 };
	uint32_t state[STATE_WORDS];

	memcpy(start + 4, key, CHACHA20_KEY_WORDS * sizeof(*key));
	start[12] = counter;
	memcpy(start + 13, nonce, CHACHA20_NONCE_WORDS * sizeof(*nonce));
	memcpy(state, start, sizeof(state));
	for (unsigned int i = 0; i < DOUBLE_ROUNDS; i++)
		double_round(state);
	for (unsigned int i = 0; i < STATE_WORDS; i++) {
		uint32_t word = state[i] + start[i];

		for (unsigned int byte = 0; byte < 4; byte++)
			out[4 * i + byte] = (uint8_t)(word >> (8 * byte));
	}
}

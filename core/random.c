// SPDX-License-Identifier: BSD-2-Clause
/*
 * Random bytes: ChaCha20 with fast key erasure. Each call mixes the clock into the key, makes one
 * block for the next key and as many as are asked for. Not a hardware generator and none's driver.
 */
#include <string.h>

#include <libfdt.h>

#include <corbel/random.h>
#include <corbel/spinlock.h>
#include <corbel/time.h>
#include <corbel/tree.h>

#define CHACHA_WORDS	     16
#define CHACHA_KEY_WORDS     8
#define CHACHA_DOUBLE_ROUNDS 10

union chacha_block {
	uint32_t words[CHACHA_WORDS];
	uint8_t bytes[4 * CHACHA_WORDS];
};

static struct spinlock random_lock = SPINLOCK_INIT;
static uint32_t random_key[CHACHA_KEY_WORDS];
static bool random_seeded;

static uint32_t rotate_left(uint32_t value, unsigned int count)
{
	return value << count | value >> (32 - count);
}

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

/* RFC 8439, 2.3: constants, key, counter, nonce; the nonce carries the time. */
static void chacha_block_make(union chacha_block *out, uint32_t counter, uint64_t nonce)
{
	uint32_t input[CHACHA_WORDS] = { 0x61707865, 0x3320646e, 0x79622d32, 0x6b206574 };

	memcpy(input + 4, random_key, sizeof(random_key));
	input[12] = counter;
	input[14] = (uint32_t)nonce;
	input[15] = (uint32_t)(nonce >> 32);
	memcpy(out->words, input, sizeof(input));
	for (unsigned int round = 0; round < CHACHA_DOUBLE_ROUNDS; round++) {
		for (unsigned int i = 0; i < 4; i++)
			quarter_round(out->words, i, 4 + i, 8 + i, 12 + i);
		for (unsigned int i = 0; i < 4; i++)
			quarter_round(out->words, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4,
				      12 + (i + 3) % 4);
	}
	for (unsigned int i = 0; i < CHACHA_WORDS; i++)
		out->words[i] += input[i];
}

/* Replaces the key by one that depends on all that went before and on the time. */
static void key_advance(union chacha_block *scratch)
{
	chacha_block_make(scratch, 0, time_now());
	memcpy(random_key, scratch->words, sizeof(random_key));
}

/* Folds bytes of any quality into the key. */
static void key_mix(const uint8_t *bytes, size_t size, union chacha_block *scratch)
{
	uint8_t *key = (uint8_t *)random_key;

	for (size_t i = 0; i < size; i++) {
		key[i % sizeof(random_key)] ^= bytes[i];
		if ((i + 1) % sizeof(random_key) == 0 || i + 1 == size)
			key_advance(scratch);
	}
}

static void key_mix_property(const void *fdt, int node, const char *property,
			     union chacha_block *scratch)
{
	int size = 0;
	const void *bytes = fdt_getprop(fdt, node, property, &size);

	if (bytes != NULL && size > 0)
		key_mix(bytes, MIN((size_t)size, (size_t)256), scratch);
}

static void random_seed(union chacha_block *scratch)
{
	const void *fdt = host_tree();
	int chosen = fdt != NULL ? fdt_path_offset(fdt, "/chosen") : -FDT_ERR_NOTFOUND;

	key_advance(scratch);
	if (chosen >= 0) {
		key_mix_property(fdt, chosen, "rng-seed", scratch);
		key_mix_property(fdt, chosen, "kaslr-seed", scratch);
	}
	random_seeded = true;
}

void random_fill(void *buffer, size_t size)
{
	uint8_t *bytes = buffer;
	union chacha_block block;
	unsigned long flags = spin_lock_irqsave(&random_lock);

	if (!random_seeded)
		random_seed(&block);
	for (uint32_t counter = 1; size > 0; counter++) {
		size_t chunk = MIN(size, sizeof(block.bytes));

		chacha_block_make(&block, counter, time_now());
		memcpy(bytes, block.bytes, chunk);
		bytes += chunk;
		size -= chunk;
	}
	key_advance(&block);
	memset(&block, 0, sizeof(block));
	spin_unlock_irqrestore(&random_lock, flags);
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Random bytes: ChaCha20 with fast key erasure. Each call makes blocks for the caller and one for
 * the next key, with the clock in the nonce. Not a hardware generator and none's driver.
 */
#include <string.h>

#include <libfdt.h>

#include <corbel/random.h>
#include <corbel/spinlock.h>
#include <corbel/time.h>
#include <corbel/tree.h>
#include <lib/chacha20.h>

/* Of a property of the host's tree: more says nothing more. */
#define SEED_SIZE_MAX ((size_t)256)

static struct spinlock random_lock = SPINLOCK_INIT;
static uint32_t random_key[CHACHA20_KEY_WORDS];
static bool random_seeded;

static void block_make(uint32_t counter, uint8_t out[CHACHA20_BLOCK_SIZE])
{
	uint64_t now = time_now();
	const uint32_t nonce[CHACHA20_NONCE_WORDS] = { (uint32_t)now, (uint32_t)(now >> 32) };

	chacha20_block(random_key, counter, nonce, out);
}

/* Replaces the key by one from which the former cannot be told. */
static void key_advance(void)
{
	uint8_t block[CHACHA20_BLOCK_SIZE];

	block_make(0, block);
	memcpy(random_key, block, sizeof(random_key));
	memset(block, 0, sizeof(block));
}

/* Folds bytes of any quality into the key. */
static void key_mix(const uint8_t *bytes, size_t size)
{
	uint8_t *key = (uint8_t *)random_key;

	for (size_t i = 0; i < size; i++) {
		key[i % sizeof(random_key)] ^= bytes[i];
		if ((i + 1) % sizeof(random_key) == 0 || i + 1 == size)
			key_advance();
	}
}

static void key_mix_property(const void *fdt, int node, const char *property)
{
	int size = 0;
	const void *bytes = fdt_getprop(fdt, node, property, &size);

	if (bytes != NULL && size > 0)
		key_mix(bytes, MIN((size_t)size, SEED_SIZE_MAX));
}

static void random_seed(void)
{
	const void *fdt = host_tree();
	int chosen = fdt != NULL ? fdt_path_offset(fdt, "/chosen") : -FDT_ERR_NOTFOUND;

	key_advance();
	if (chosen >= 0) {
		key_mix_property(fdt, chosen, "rng-seed");
		key_mix_property(fdt, chosen, "kaslr-seed");
	}
	random_seeded = true;
}

void random_fill(void *buffer, size_t size)
{
	uint8_t *bytes = buffer;
	uint8_t block[CHACHA20_BLOCK_SIZE];
	unsigned long flags = spin_lock_irqsave(&random_lock);

	if (!random_seeded)
		random_seed();
	/* Block 0 is for the next key. */
	for (uint32_t counter = 1; size > 0; counter++) {
		size_t chunk = MIN(size, sizeof(block));

		block_make(counter, block);
		memcpy(bytes, block, chunk);
		bytes += chunk;
		size -= chunk;
	}
	key_advance();
	memset(block, 0, sizeof(block));
	spin_unlock_irqrestore(&random_lock, flags);
}

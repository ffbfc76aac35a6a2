// SPDX-License-Identifier: BSD-2-Clause
/*
 * Random bytes: the block function against the RFC's own example, and that the generator never
 * repeats itself, even while the clock stands still.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <corbel/random.h>
#include <lib/chacha20.h>

/* RFC 8439, 2.3.2. */
static void test_block_of_the_rfc(void **state)
{
	static const uint8_t expected[CHACHA20_BLOCK_SIZE] = {
		0x10, 0xf1, 0xe7, 0xe4, 0xd1, 0x3b, 0x59, 0x15, 0x50, 0x0f, 0xdd, 0x1f, 0xa3,
		0x20, 0x71, 0xc4, 0xc7, 0xd1, 0xf4, 0xc7, 0x33, 0xc0, 0x68, 0x03, 0x04, 0x22,
		0xaa, 0x9a, 0xc3, 0xd4, 0x6c, 0x4e, 0xd2, 0x82, 0x64, 0x46, 0x07, 0x9f, 0xaa,
		0x09, 0x14, 0xc2, 0xd7, 0x05, 0xd9, 0x8b, 0x02, 0xa2, 0xb5, 0x12, 0x9c, 0xd1,
		0xde, 0x16, 0x4e, 0xb9, 0xcb, 0xd0, 0x83, 0xe8, 0xa2, 0x50, 0x3c, 0x4e,
	};
	const uint32_t nonce[CHACHA20_NONCE_WORDS] = { 0x09000000, 0x4a000000, 0 };
	uint32_t key[CHACHA20_KEY_WORDS];
	uint8_t block[CHACHA20_BLOCK_SIZE];

	(void)state;
	for (uint32_t i = 0; i < CHACHA20_KEY_WORDS; i++)
		key[i] = 0x03020100 + 0x04040404 * i;
	chacha20_block(key, 1, nonce, block);
	assert_memory_equal(block, expected, sizeof(block));
}

/* The fake clock stands still. */
static void test_never_the_same_again(void **state)
{
	uint8_t first[200], second[200];

	(void)state;
	random_fill(first, sizeof(first));
	random_fill(second, sizeof(second));
	assert_memory_not_equal(first, second, 32);
	assert_memory_not_equal(first, first + CHACHA20_BLOCK_SIZE, CHACHA20_BLOCK_SIZE);
	assert_memory_not_equal(first + CHACHA20_BLOCK_SIZE, second, CHACHA20_BLOCK_SIZE);
}

static void test_exactly_as_many_as_asked_for(void **state)
{
	uint8_t bytes[130];

	(void)state;
	for (size_t size = 0; size < sizeof(bytes); size++) {
		memset(bytes, 0x5a, sizeof(bytes));
		random_fill(bytes, size);
		for (size_t i = size; i < sizeof(bytes); i++)
			assert_int_equal(bytes[i], 0x5a);
	}
}

static void test_all_bits_come_up(void **state)
{
	unsigned int ones[8] = { 0 };
	uint8_t bytes[4096];

	(void)state;
	random_fill(bytes, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++)
		for (unsigned int bit = 0; bit < 8; bit++)
			ones[bit] += (bytes[i] >> bit) & 1u;
	for (unsigned int bit = 0; bit < 8; bit++)
		assert_in_range(ones[bit], 1800, 2300);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_block_of_the_rfc),
		cmocka_unit_test(test_never_the_same_again),
		cmocka_unit_test(test_exactly_as_many_as_asked_for),
		cmocka_unit_test(test_all_bits_come_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

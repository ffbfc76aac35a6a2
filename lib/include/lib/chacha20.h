// SPDX-License-Identifier: BSD-2-Clause
/*
 * The ChaCha20 block function (RFC 8439, section 2.3). Not a cipher and not a generator by itself.
 */
#ifndef LIB_CHACHA20_H
#define LIB_CHACHA20_H

#include <stdint.h>

#define CHACHA20_KEY_WORDS   8
#define CHACHA20_NONCE_WORDS 3
#define CHACHA20_BLOCK_SIZE  64

/* Words of key and nonce are as the RFC reads them from bytes: little endian. */
void chacha20_block(const uint32_t key[CHACHA20_KEY_WORDS], uint32_t counter,
		    const uint32_t nonce[CHACHA20_NONCE_WORDS], uint8_t out[CHACHA20_BLOCK_SIZE]);

#endif

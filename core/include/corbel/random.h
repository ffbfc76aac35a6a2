// SPDX-License-Identifier: BSD-2-Clause
/*
 * Random bytes for guests' seeds: a ChaCha20 generator (RFC 8439) that forgets its key after each
 * use. Its seed is what the firmware put into the host's tree (/chosen rng-seed, kaslr-seed) and
 * the clock; where the firmware gives no seed, do not build secrets on it.
 */
#ifndef CORBEL_RANDOM_H
#define CORBEL_RANDOM_H

#include <corbel/types.h>

/* Fills the buffer. The clock is mixed in on each call. Any context; bound the size. */
void random_fill(void *buffer, size_t size);

#endif

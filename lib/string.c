// SPDX-License-Identifier: BSD-2-Clause
/*
 * Memory and string functions under their standard names. Copying and filling go by words, since
 * whole kernels pass through here; words are only ever accessed where they are aligned, because
 * not every processor does otherwise in hardware. Not for device registers.
 *
 * The build must not turn these loops into calls of the functions that they implement
 * (-fno-builtin, -fno-tree-loop-distribute-patterns).
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

typedef uint32_t __attribute__((may_alias)) half_word_t;
typedef uint64_t __attribute__((may_alias)) word_t;

/* How many words one turn of an unrolled loop moves. */
#define UNROLL 8u

/* Whether both addresses reach a multiple of `alignment` at the same time. */
static inline bool is_parallel(const void *a, const void *b, size_t alignment)
{
	return (((uintptr_t)a ^ (uintptr_t)b) & (alignment - 1)) == 0;
}

/* How many bytes lie before the next multiple of `alignment`, at most `size`. */
static inline size_t bytes_before_aligned(const void *address, size_t alignment, size_t size)
{
	size_t count = -(uintptr_t)address & (alignment - 1);

	return count < size ? count : size;
}

static void copy_bytes(uint8_t *destination, const uint8_t *source, size_t count)
{
	while (count-- > 0)
		*destination++ = *source++;
}

static void copy_words(word_t *destination, const word_t *source, size_t count)
{
	for (; count >= UNROLL; count -= UNROLL, destination += UNROLL, source += UNROLL) {
		word_t w0 = source[0], w1 = source[1], w2 = source[2], w3 = source[3];
		word_t w4 = source[4], w5 = source[5], w6 = source[6], w7 = source[7];

		destination[0] = w0;
		destination[1] = w1;
		destination[2] = w2;
		destination[3] = w3;
		destination[4] = w4;
		destination[5] = w5;
		destination[6] = w6;
		destination[7] = w7;
	}
	while (count-- > 0)
		*destination++ = *source++;
}

/* Files in a cpio archive are aligned to four bytes only, so this is how kernels are copied. */
static void copy_half_words(half_word_t *destination, const half_word_t *source, size_t count)
{
	for (; count >= UNROLL; count -= UNROLL, destination += UNROLL, source += UNROLL) {
		half_word_t w0 = source[0], w1 = source[1], w2 = source[2], w3 = source[3];
		half_word_t w4 = source[4], w5 = source[5], w6 = source[6], w7 = source[7];

		destination[0] = w0;
		destination[1] = w1;
		destination[2] = w2;
		destination[3] = w3;
		destination[4] = w4;
		destination[5] = w5;
		destination[6] = w6;
		destination[7] = w7;
	}
	while (count-- > 0)
		*destination++ = *source++;
}

/* Upwards, so it may also be used where the destination lies below an overlapping source. */
static void copy_forward(uint8_t *destination, const uint8_t *source, size_t size)
{
	bool by_words = is_parallel(destination, source, sizeof(word_t));
	size_t unit = by_words ? sizeof(word_t) : sizeof(half_word_t);
	size_t head, body;

	if (!by_words && !is_parallel(destination, source, sizeof(half_word_t))) {
		copy_bytes(destination, source, size);
		return;
	}
	head = bytes_before_aligned(destination, unit, size);
	copy_bytes(destination, source, head);
	destination += head;
	source += head;
	body = (size - head) & ~(unit - 1);
	if (by_words)
		copy_words((word_t *)destination, (const word_t *)source, body / unit);
	else
		copy_half_words((half_word_t *)destination, (const half_word_t *)source,
				body / unit);
	copy_bytes(destination + body, source + body, size - head - body);
}

static void copy_backward(uint8_t *destination, const uint8_t *source, size_t size)
{
	if (is_parallel(destination, source, sizeof(word_t))) {
		while (size > 0 && ((uintptr_t)(destination + size) & (sizeof(word_t) - 1)) != 0) {
			size--;
			destination[size] = source[size];
		}
		while (size >= sizeof(word_t)) {
			size -= sizeof(word_t);
			*(word_t *)(destination + size) = *(const word_t *)(source + size);
		}
	}
	while (size > 0) {
		size--;
		destination[size] = source[size];
	}
}

void *memcpy(void *restrict destination, const void *restrict source, size_t size)
{
	copy_forward(destination, source, size);
	return destination;
}

void *memmove(void *destination, const void *source, size_t size)
{
	/* Below the source, or so far above that they do not overlap: the difference wraps. */
	if ((uintptr_t)destination - (uintptr_t)source >= size)
		copy_forward(destination, source, size);
	else
		copy_backward(destination, source, size);
	return destination;
}

static void fill_words(word_t *words, word_t pattern, size_t count)
{
	for (; count >= UNROLL; count -= UNROLL, words += UNROLL) {
		words[0] = pattern;
		words[1] = pattern;
		words[2] = pattern;
		words[3] = pattern;
		words[4] = pattern;
		words[5] = pattern;
		words[6] = pattern;
		words[7] = pattern;
	}
	while (count-- > 0)
		*words++ = pattern;
}

static void fill_bytes(uint8_t *bytes, uint8_t value, size_t count)
{
	while (count-- > 0)
		*bytes++ = value;
}

void *memset(void *destination, int value, size_t size)
{
	uint8_t *bytes = destination;
	size_t head = bytes_before_aligned(bytes, sizeof(word_t), size);
	size_t body = (size - head) & ~(sizeof(word_t) - 1);
	word_t pattern = (uint8_t)value * UINT64_C(0x0101010101010101);

	fill_bytes(bytes, (uint8_t)value, head);
	fill_words((word_t *)(bytes + head), pattern, body / sizeof(word_t));
	fill_bytes(bytes + head + body, (uint8_t)value, size - head - body);
	return destination;
}

int memcmp(const void *left, const void *right, size_t size)
{
	const uint8_t *a = left, *b = right;

	for (; size > 0; size--, a++, b++) {
		if (*a != *b)
			return *a - *b;
	}
	return 0;
}

void *memchr(const void *memory, int value, size_t size)
{
	const uint8_t *bytes = memory;

	for (; size > 0; size--, bytes++) {
		if (*bytes == (uint8_t)value)
			return (void *)bytes;
	}
	return NULL;
}

size_t strlen(const char *string)
{
	const char *end = string;

	while (*end != '\0')
		end++;
	return (size_t)(end - string);
}

size_t strnlen(const char *string, size_t limit)
{
	size_t length = 0;

	while (length < limit && string[length] != '\0')
		length++;
	return length;
}

int strcmp(const char *left, const char *right)
{
	while (*left != '\0' && *left == *right) {
		left++;
		right++;
	}
	return (uint8_t)*left - (uint8_t)*right;
}

int strncmp(const char *left, const char *right, size_t limit)
{
	for (; limit > 0; limit--, left++, right++) {
		if (*left != *right || *left == '\0')
			return (uint8_t)*left - (uint8_t)*right;
	}
	return 0;
}

char *strchr(const char *string, int character)
{
	for (; *string != (char)character; string++) {
		if (*string == '\0')
			return NULL;
	}
	return (char *)string;
}

char *strrchr(const char *string, int character)
{
	const char *last = NULL;

	do {
		if (*string == (char)character)
			last = string;
	} while (*string++ != '\0');
	return (char *)last;
}

char *strstr(const char *string, const char *part)
{
	size_t length = strlen(part);

	for (;; string++) {
		if (strncmp(string, part, length) == 0)
			return (char *)string;
		if (*string == '\0')
			return NULL;
	}
}

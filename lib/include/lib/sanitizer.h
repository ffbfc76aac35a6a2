// SPDX-License-Identifier: BSD-2-Clause
/*
 * Tells AddressSanitizer what memory may be touched, so that it watches over our own allocators
 * where tests are compiled with it. Nothing at all elsewhere.
 */
#ifndef LIB_SANITIZER_H
#define LIB_SANITIZER_H

#include <stddef.h>

#ifdef __SANITIZE_ADDRESS__
void __asan_poison_memory_region(const volatile void *memory, size_t size);
void __asan_unpoison_memory_region(const volatile void *memory, size_t size);
#endif

/* Touching it is an error from now on. Aligned to 8 bytes, or what shares 8 bytes stays allowed. */
static inline void memory_forbid(const volatile void *memory, size_t size)
{
#ifdef __SANITIZE_ADDRESS__
	__asan_poison_memory_region(memory, size);
#else
	(void)memory;
	(void)size;
#endif
}

static inline void memory_allow(const volatile void *memory, size_t size)
{
#ifdef __SANITIZE_ADDRESS__
	__asan_unpoison_memory_region(memory, size);
#else
	(void)memory;
	(void)size;
#endif
}

#endif

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Types that every part of Corbel shares: addresses, CPU masks, small helpers.
 * Not here: anything with behaviour.
 *
 * A guest physical address (GPA) and a host physical address (HPA) are distinct types, so that the
 * compiler refuses to take one for the other. Host virtual addresses are ordinary pointers.
 */
#ifndef CORBEL_TYPES_H
#define CORBEL_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Guest physical address, in bytes. On paravirtual ports: pseudo-physical. */
typedef struct {
	uint64_t raw;
} gpa_t;

/* Host physical address, in bytes. */
typedef struct {
	uint64_t raw;
} hpa_t;

#define GPA(address) ((gpa_t){ (address) })
#define HPA(address) ((hpa_t){ (address) })

static inline gpa_t gpa_add(gpa_t base, uint64_t bytes)
{
	return GPA(base.raw + bytes);
}

static inline hpa_t hpa_add(hpa_t base, uint64_t bytes)
{
	return HPA(base.raw + bytes);
}

/* Set of CPUs by their Corbel index (struct cpu's `index`), not by hardware id. */
typedef uint64_t cpumask_t;

#define CPU_MAX	    64u
#define CPUMASK_ALL (~(cpumask_t)0)

#define PAGE_SHIFT 12
#define PAGE_SIZE  ((size_t)1 << PAGE_SHIFT)

#define KIB(n) ((uint64_t)(n) << 10)
#define MIB(n) ((uint64_t)(n) << 20)
#define GIB(n) ((uint64_t)(n) << 30)

#define NS_PER_US UINT64_C(1000)
#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_S  UINT64_C(1000000000)

/* A moment that never comes, for deadlines in nanoseconds. */
#define TIME_NEVER UINT64_MAX

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#define container_of(pointer, type, member) ((type *)((char *)(pointer)-offsetof(type, member)))

/* The alignment must be a power of two. */
#define ALIGN_DOWN(value, alignment) ((value) & ~((__typeof__(value))(alignment)-1))
#define ALIGN_UP(value, alignment)   ALIGN_DOWN((value) + ((alignment)-1), alignment)
#define IS_ALIGNED(value, alignment) (((value) & ((__typeof__(value))(alignment)-1)) == 0)

#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

/* Read or write a variable exactly once, as it stands in memory that others change. */
#define READ_ONCE(variable)	    (*(const volatile __typeof__(variable) *)&(variable))
#define WRITE_ONCE(variable, value) (*(volatile __typeof__(variable) *)&(variable) = (value))

#define likely(condition)   __builtin_expect(!!(condition), 1)
#define unlikely(condition) __builtin_expect(!!(condition), 0)

/* For the few functions on the path of every exit, where a call costs as much as the work. */
#define ALWAYS_INLINE inline __attribute__((always_inline))

#define PRINTF_LIKE(text, first) __attribute__((__format__(printf, text, first)))

/*
 * Put a constant descriptor into a linker section of its own, so that one new file adds itself to a
 * table. The table is walked with for_each_registered(). `section` is a C identifier.
 */
#define REGISTER_IN(section, type, name)                                                          \
	static const type *const name##_registered __attribute__((used, __section__(#section))) = \
		&(name)

#define for_each_registered(entry, section, type) \
	for (const type *const *entry = __start_##section; entry < __stop_##section; entry++)

#define DECLARE_REGISTRY(section, type)                                                           \
	extern const type *const __start_##section[] __attribute__((weak, visibility("hidden"))); \
	extern const type *const __stop_##section[] __attribute__((weak, visibility("hidden")))

#endif

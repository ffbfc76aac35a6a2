// SPDX-License-Identifier: BSD-2-Clause
/*
 * The test suite: one TEST() is one line of the report. A test goes on after a failed CHECK().
 */
#ifndef RTOS_TEST_H
#define RTOS_TEST_H

#include <stdbool.h>
#include <stdint.h>

struct test {
	const char *name;
	void (*run)(void);
};

#define TEST(identifier)                                                           \
	static void identifier(void);                                              \
	static const struct test identifier##_test = { #identifier, identifier };  \
	static const struct test *const identifier##_registered                    \
		__attribute__((used, section("rtos_tests"))) = &identifier##_test; \
	static void identifier(void)

void test_failed(const char *file, int line, const char *what, uint32_t got, uint32_t wanted);
/* The test does not apply to this processor. */
void test_skipped(const char *reason);

#define CHECK(condition) ((condition) ? (void)0 : test_failed(__FILE__, __LINE__, #condition, 0, 1))
#define CHECK_EQUAL(got, wanted)                                                             \
	do {                                                                                 \
		uint32_t got_ = (got), wanted_ = (wanted);                                   \
		if (got_ != wanted_)                                                         \
			test_failed(__FILE__, __LINE__, #got " is " #wanted, got_, wanted_); \
	} while (0)

/* What the one that started us passed in a0 to a3, and v0. */
struct boot_arguments {
	uint32_t v0, a0, a1, a2, a3;
	/* After the reset, where the boot ROM began; `pc` is in its first words. */
	uint32_t status, cause, wired, random, ebase, pc;
};
extern struct boot_arguments boot_arguments;
/* In v0 where the boot ROM of ours began. */
#define BOOT_MAGIC 0x52544f53u

/* Whether our boot ROM began: then the board is that of guests/virt-mips.dtsi. */
static inline bool booted_from_rom(void)
{
	return boot_arguments.v0 == BOOT_MAGIC;
}

#endif

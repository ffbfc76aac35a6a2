// SPDX-License-Identifier: BSD-2-Clause
/*
 * SBI: the base extension, what a call keeps, and calls that do not exist. (SBI specification, ch.
 * 3, 4.)
 */
#include <runtime/sbi.h>

#include "selftest.h"

#define INSTRUCTION_ECALL 0x00000073u

#define REGISTER_A0 10
#define REGISTER_A1 11
#define REGISTER_A6 16
#define REGISTER_A7 17

TEST(spec_version, "sbi: the specification's version is 2.0 or later")
{
	struct sbi_result result = sbi_call(SBI_EXTENSION_BASE, SBI_BASE_SPEC_VERSION);

	EXPECT_EQUAL(result.error, SBI_SUCCESS);
	EXPECT(result.value >= 0x02000000);
	EXPECT(result.value < 0x80000000);
}

TEST(base_information, "sbi: implementation and machine ids can be asked for")
{
	static const unsigned long functions[] = { SBI_BASE_IMPLEMENTATION_ID,
						   SBI_BASE_IMPLEMENTATION_VERSION,
						   SBI_BASE_MVENDORID, SBI_BASE_MARCHID,
						   SBI_BASE_MIMPID };

	for (unsigned int i = 0; i < ARRAY_SIZE(functions); i++)
		EXPECT_EQUAL(sbi_call(SBI_EXTENSION_BASE, functions[i]).error, SBI_SUCCESS);
}

TEST(probe, "sbi: each extension that is needed is told by probe_extension")
{
	static const unsigned long present[] = { SBI_EXTENSION_BASE, SBI_EXTENSION_TIME,
						 SBI_EXTENSION_IPI,  SBI_EXTENSION_RFENCE,
						 SBI_EXTENSION_HSM,  SBI_EXTENSION_SRST,
						 SBI_EXTENSION_DBCN };
	struct sbi_result result;

	for (unsigned int i = 0; i < ARRAY_SIZE(present); i++) {
		result = sbi_call(SBI_EXTENSION_BASE, SBI_BASE_PROBE, present[i]);
		EXPECT_EQUAL(result.error, SBI_SUCCESS);
		EXPECT(result.value != 0);
	}
	result = sbi_call(SBI_EXTENSION_BASE, SBI_BASE_PROBE, SBI_EXTENSION_NONE);
	EXPECT_EQUAL(result.error, SBI_SUCCESS);
	EXPECT_EQUAL(result.value, 0);
}

TEST(unknown_extension, "sbi: an unknown extension is not supported")
{
	static const unsigned long absent[] = { SBI_EXTENSION_NONE, 0x0affffff, 0xffffffff,
						(unsigned long)-1, SBI_EXTENSION_TIME | 1ul << 32 };

	for (unsigned int i = 0; i < ARRAY_SIZE(absent); i++)
		EXPECT_EQUAL(sbi_call(absent[i], 0).error, SBI_NOT_SUPPORTED);
}

TEST(unknown_function, "sbi: an unknown function of each extension is not supported")
{
	static const unsigned long extensions[] = { SBI_EXTENSION_BASE, SBI_EXTENSION_TIME,
						    SBI_EXTENSION_IPI,	SBI_EXTENSION_RFENCE,
						    SBI_EXTENSION_HSM,	SBI_EXTENSION_SRST,
						    SBI_EXTENSION_DBCN };

	for (unsigned int i = 0; i < ARRAY_SIZE(extensions); i++) {
		EXPECT_EQUAL(sbi_call(extensions[i], 99).error, SBI_NOT_SUPPORTED);
		EXPECT_EQUAL(sbi_call(extensions[i], (unsigned long)-1).error, SBI_NOT_SUPPORTED);
	}
}

/* Bare firmware still has them; a guest of ours is told not to rely on them. */
TEST(legacy_extensions, "sbi: the legacy extensions are absent")
{
	SKIP_UNLESS(!machine.bare, "the firmware has them");
	for (unsigned long extension = 0; extension <= 8; extension++) {
		EXPECT_EQUAL(sbi_call(SBI_EXTENSION_BASE, SBI_BASE_PROBE, extension).value, 0);
		EXPECT_EQUAL(sbi_call(extension, 0).error, SBI_NOT_SUPPORTED);
	}
}

TEST(registers_kept, "sbi: a call changes no register but a0 and a1")
{
	struct context context;

	context_init(&context, 0);
	for (unsigned int i = 1; i < 32; i++)
		context.frame.x[i] = 0x0101010101010101ul * i;
	context.frame.x[REGISTER_A6] = SBI_BASE_PROBE;
	context.frame.x[REGISTER_A7] = SBI_EXTENSION_BASE;
	context.frame.x[REGISTER_A0] = SBI_EXTENSION_HSM;
	if (!EXPECT_NO_TRAP(context_execute(&context, INSTRUCTION_ECALL)))
		return;
	EXPECT_EQUAL(context.frame.x[REGISTER_A0], SBI_SUCCESS);
	EXPECT(context.frame.x[REGISTER_A1] != 0);
	for (uint64_t i = 1; i < 32; i++) {
		if (i == REGISTER_A0 || i == REGISTER_A1 || i == REGISTER_A6 || i == REGISTER_A7)
			continue;
		if (context.frame.x[i] != 0x0101010101010101ul * i)
			test_fail("x%lu: expected it unchanged, got 0x%lx", i, context.frame.x[i]);
	}
}

TEST(user_call, "sbi: a call from U-mode is the guest's own exception")
{
	struct context context;

	context_init(&context, 0);
	context.frame.status &= ~SSTATUS_SPP;
	context.frame.x[REGISTER_A7] = SBI_EXTENSION_BASE;
	EXPECT_TRAP(context_execute(&context, INSTRUCTION_ECALL), CAUSE_USER_ECALL);
}

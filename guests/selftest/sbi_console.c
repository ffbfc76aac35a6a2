// SPDX-License-Identifier: BSD-2-Clause
/*
 * SBI: the debug console and system reset, as far as a guest survives it. (SBI specification, ch.
 * 10, 12.)
 */
#include <string.h>

#include <runtime/sbi.h>

#include "selftest.h"

static struct sbi_result dbcn(unsigned long function, unsigned long length, uint64_t address,
			      unsigned long high)
{
	return sbi_call(SBI_EXTENSION_DBCN, function, length, address, high);
}

TEST(dbcn_write, "dbcn: text in RAM is written")
{
	static const char text[] = "# dbcn: written from memory\r\n";
	unsigned long done = 0;

	console_flush();
	for (unsigned int i = 0; i < 100 && done < sizeof(text) - 1; i++) {
		struct sbi_result result =
			dbcn(SBI_DBCN_WRITE, sizeof(text) - 1 - done, (uintptr_t)text + done, 0);

		EXPECT_EQUAL(result.error, SBI_SUCCESS);
		EXPECT(result.value <= sizeof(text) - 1 - done);
		done += result.value;
	}
	EXPECT_EQUAL(done, sizeof(text) - 1);
}

TEST(dbcn_nothing, "dbcn: nothing to write, and nothing typed to read, is no error")
{
	struct sbi_result result = dbcn(SBI_DBCN_WRITE, 0, (uintptr_t)scratch[0], 0);

	EXPECT_EQUAL(result.error, SBI_SUCCESS);
	EXPECT_EQUAL(result.value, 0);
	result = dbcn(SBI_DBCN_READ, 16, (uintptr_t)scratch[0], 0);
	EXPECT_EQUAL(result.error, SBI_SUCCESS);
	EXPECT_EQUAL(result.value, 0);
}

TEST(dbcn_byte, "dbcn: single bytes are written")
{
	static const char text[] = "# dbcn: byte by byte\r\n";

	console_flush();
	for (unsigned int i = 0; i < sizeof(text) - 1; i++)
		EXPECT_EQUAL(sbi_call(SBI_EXTENSION_DBCN, SBI_DBCN_WRITE_BYTE, text[i]).error,
			     SBI_SUCCESS);
}

TEST(dbcn_bad_address, "dbcn: memory that is not the guest's RAM is an invalid parameter")
{
	uint64_t ram_end = machine.ram_base + machine.ram_size;

	EXPECT_EQUAL(dbcn(SBI_DBCN_WRITE, 4, machine.uart, 0).error, SBI_INVALID_PARAM);
	EXPECT_EQUAL(dbcn(SBI_DBCN_READ, 4, machine.uart, 0).error, SBI_INVALID_PARAM);
	SKIP_UNLESS(!machine.bare, "the firmware knows its own memory only");
	EXPECT_EQUAL(dbcn(SBI_DBCN_WRITE, 4, NOTHING_ADDRESS, 0).error, SBI_INVALID_PARAM);
	EXPECT_EQUAL(dbcn(SBI_DBCN_READ, 4, NOTHING_ADDRESS, 0).error, SBI_INVALID_PARAM);
	EXPECT_EQUAL(dbcn(SBI_DBCN_WRITE, 4, ram_end, 0).error, SBI_INVALID_PARAM);
	EXPECT_EQUAL(dbcn(SBI_DBCN_WRITE, 4, ram_end - 2, 0).error, SBI_INVALID_PARAM);
	EXPECT_EQUAL(dbcn(SBI_DBCN_READ, 4, ram_end - 2, 0).error, SBI_INVALID_PARAM);
}

TEST(dbcn_high, "dbcn: an address beyond 64 bits, or a length that wraps, is an invalid parameter")
{
	uint64_t address = (uintptr_t)scratch[0];

	SKIP_UNLESS(!machine.bare, "the firmware says something else, or nothing");
	EXPECT_EQUAL(dbcn(SBI_DBCN_WRITE, 4, address, 1).error, SBI_INVALID_PARAM);
	EXPECT_EQUAL(dbcn(SBI_DBCN_READ, 4, address, -1ul).error, SBI_INVALID_PARAM);
	EXPECT_EQUAL(dbcn(SBI_DBCN_WRITE, -1ul, address, 0).error, SBI_INVALID_PARAM);
	EXPECT_EQUAL(dbcn(SBI_DBCN_READ, -address, address, 0).error, SBI_INVALID_PARAM);
}

/* OpenSBI says "not supported" where the specification asks for "invalid parameter". */
static void expect_reset_refused(unsigned long type, unsigned long reason)
{
	long error = sbi_call(SBI_EXTENSION_SRST, 0, type, reason).error;

	if (machine.bare && error == SBI_NOT_SUPPORTED)
		return;
	EXPECT_EQUAL(error, SBI_INVALID_PARAM);
}

TEST(srst_reserved, "srst: reserved kinds and reasons of a reset are invalid parameters")
{
	expect_reset_refused(3, 0);
	expect_reset_refused(0xefffffff, 0);
	expect_reset_refused(SBI_SRST_SHUTDOWN, 2);
	expect_reset_refused(SBI_SRST_COLD_REBOOT, 0xdfffffff);
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * SBI: the base extension, and calls that do not exist.
 */
#include <runtime/sbi.h>

#include "selftest.h"

TEST(spec_version, "sbi: the specification's version is 2.0 or later")
{
	struct sbi_result result = sbi_call(SBI_EXTENSION_BASE, SBI_BASE_SPEC_VERSION);

	EXPECT_EQUAL(result.error, SBI_SUCCESS);
	EXPECT(result.value >= 0x02000000);
	EXPECT(result.value < 0x80000000);
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Rows of bytes, for commands that show memory. Where the bytes come from is theirs to know.
 */
#include <corbel/panic.h>
#include <mterm/hex.h>
#include <mterm/text.h>

void hex_row_print(struct printer *out, const char *prefix, int digits, uint64_t address,
		   const uint8_t *bytes, size_t count)
{
	char hex[HEX_ROW_BYTES * 3 + 2], letters[HEX_ROW_BYTES + 1];
	size_t at = 0;

	ASSERT(count <= HEX_ROW_BYTES);
	for (size_t i = 0; i < HEX_ROW_BYTES; i++) {
		const char *gap = i == HEX_ROW_BYTES / 2 ? "  " : i > 0 ? " " : "";

		at += i < count ? text_format(hex + at, sizeof(hex) - at, "%s%02x", gap, bytes[i]) :
				  text_format(hex + at, sizeof(hex) - at, "%s  ", gap);
		if (i < count)
			letters[i] = bytes[i] >= ' ' && bytes[i] < 0x7f ? (char)bytes[i] : '.';
	}
	letters[count] = '\0';
	print(out, "%s%0*llx  %s  |%s|\n", prefix, digits, (unsigned long long)address, hex,
	      letters);
}

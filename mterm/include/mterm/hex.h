// SPDX-License-Identifier: BSD-2-Clause
/*
 * Bytes as people read them: sixteen a row, in hexadecimal and as letters.
 */
#ifndef MTERM_HEX_H
#define MTERM_HEX_H

#include <corbel/printer.h>
#include <corbel/types.h>

#define HEX_ROW_BYTES 16u

/*
 * "0x000080200000  13 05 00 00 ...  |....|": the address with `prefix` before it and at least
 * `digits` digits; at most HEX_ROW_BYTES bytes. Context: the printer's.
 */
void hex_row_print(struct printer *out, const char *prefix, int digits, uint64_t address,
		   const uint8_t *bytes, size_t count);

#endif

#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Prints the table by which a backtrace names functions, as assembler source, from an ELF file (none: an empty table).
# Usage: symbols.sh [NM ELF]. The layout is that of core/include/corbel/symbols.h: offsets from __image_start, ascending,
# each with the offset of its name in symbol_names.
set -eu

list_symbols() {
	[ $# -eq 0 ] || "$1" --numeric-sort --defined-only "$2"
}

list_symbols "$@" | awk '
	$3 == "__image_start" { base = "0x" $1 }
	$2 ~ /^[tT]$/ && $3 !~ /^(\$|\.L|__image_|__text_)/ && $1 != last {
		last = $1
		address[++count] = "0x" $1
		name[count] = $3
	}
	END {
		print "\t.section .symbols, \"a\"\n\t.balign 8\n\t.globl symbol_table\nsymbol_table:"
		for (i = 1; i <= count; i++) {
			printf "\t.long %s - %s, %d\n", address[i], base, name_offset
			name_offset += length(name[i]) + 1
		}
		print "\t.globl symbol_count\nsymbol_count:\n\t.long " count + 0
		print "\t.globl symbol_names\nsymbol_names:"
		for (i = 1; i <= count; i++)
			printf "\t.asciz \"%s\"\n", name[i]
		print "\t.byte 0"
	}'

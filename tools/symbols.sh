#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Prints the table by which a backtrace names functions, as assembler source, from an ELF file (none: an empty table).
# Usage: symbols.sh [NM ELF]. The layout is that of core/include/corbel/symbols.h: offsets from __image_start, ascending,
# each with the offset of its name in symbol_names.
set -eu

list_functions() {
	[ $# -eq 2 ] || return 0
	"$1" --numeric-sort --defined-only "$2" | awk '$3 == "__image_start" { print }
		$2 ~ /^[tT]$/ && $3 !~ /^(\$|\.L|__image_|__text_)/ { print }'
}

list_functions "$@" | awk '
	BEGIN {
		print "\t.section .symbols, \"a\"\n\t.balign 8\n\t.globl symbol_table\nsymbol_table:"
	}
	$3 == "__image_start" { next }
	$1 == last { next }
	{
		last = $1
		printf "\t.long %s - __image_start, %d\n", "0x" $1, name_offset
		names = names "\t.asciz \"" $3 "\"\n"
		name_offset += length($3) + 1
		count++
	}
	END {
		print "\t.globl symbol_count\nsymbol_count:\n\t.long " count + 0
		printf "\t.globl symbol_names\nsymbol_names:\n%s\t.byte 0\n", names
	}'

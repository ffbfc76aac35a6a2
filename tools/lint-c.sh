#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Runs cppcheck over C sources: lint-c.sh -IFOLDER... -- FILE...
set -eu
includes=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do
	case $1 in -I*) includes+=("$1") ;; esac
	shift
done
shift
mkdir -p build/lint
# comparePointers: the bounds of a linker section are two symbols, and subtracting them is the point.
# constStatement: a register variable bound by asm() does not look used; the compiler warns of real cases.
# ctuPointerArith: takes the address behind the last element, which C allows, for an overflow.
# What it finds across files does not reach its exit status, so any output counts.
output=$(cppcheck --quiet --error-exitcode=1 --inline-suppr --cppcheck-build-dir=build/lint -j"$(nproc)" --std=c11 \
	--platform=unix64 --enable=warning,performance,portability --suppress=comparePointers --suppress=ctuPointerArith \
	--suppress=constStatement --suppress=missingInclude --suppress=unmatchedSuppression --suppress=normalCheckLevelMaxBranches \
	-D__riscv -D__riscv_xlen=64 -D__SIZEOF_POINTER__=8 "${includes[@]}" "$@" 2>&1) ||
	status=$?
printf '%s' "${output:+$output$'\n'}"
[ -z "$output" ] && exit "${status:-0}"
exit 1

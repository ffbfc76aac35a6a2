#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Checks the layout of C sources with clang-format: lint-format.sh FILE... Versions of clang-format differ in details; 14
# is the one that decides, and the findings of another are shown as hints only.
set -eu
tool=clang-format
command -v clang-format-14 >/dev/null && tool=clang-format-14
if "$tool" --version | grep -q 'version 14\.'; then
	exec "$tool" --dry-run -Werror "$@"
fi
differing=$("$tool" --dry-run "$@" 2>&1 | sed -n 's/^\([^:]*\):[0-9]*:.* warning: .*/\1/p' | sort | uniq -c)
[ -z "$differing" ] || printf '%s\n%s\n' "clang-format 14 decides; this one ($("$tool" --version)) would lay out differently:" "$differing"

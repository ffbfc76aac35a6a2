#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Fetches libfdt, the one library that Corbel is linked with, from Debian's source archive into build/libfdt, checked
# against the pinned hash. Needs no network once the archive lies in build/downloads.
set -eu
cd "$(dirname "$0")/.."
. tools/lib/apt-private.sh
. tools/lib/source-archive.sh

source_archive_fetch device-tree-compiler
rm -rf build/libfdt build/libfdt.new
mkdir -p build/libfdt.new
tar -C build/libfdt.new --strip-components=2 --wildcards --touch -xf "$source_archive" '*/libfdt/*.[ch]'
mv build/libfdt.new build/libfdt

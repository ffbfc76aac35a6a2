#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Fetches libfdt, the one library that Corbel is linked with, from Debian's source archive into build/libfdt, checked
# against the pinned hash. Needs no network once the archive lies in build/downloads.
set -eu
cd "$(dirname "$0")/.."
. tools/lib/apt-private.sh

downloads=build/downloads
suite=$(awk '$1 == "suite" { print $2 }' tools/versions)
read -r version sha256 < <(awk '$1 == "src" && $2 == "device-tree-compiler" { print $3, $4 }' tools/versions)
archive=$downloads/device-tree-compiler_$version.orig.tar.xz

archive_is_good() {
	[ -r "$archive" ] && echo "$sha256  $archive" | sha256sum --check --status
}

download_archive() {
	if ! command -v apt-get >/dev/null; then
		echo "libfdt is fetched with apt-get, which is missing here; put ${archive##*/} into $downloads/ instead." >&2
		return 1
	fi
	echo "  FETCH libfdt $version (source of device-tree-compiler, Debian $suite)"
	apt_private_open build/apt/source "$suite" "$(dpkg --print-architecture)" deb-src
	(cd "$downloads" && apt-get "${apt_private_options[@]}" source --download-only --tar-only device-tree-compiler) |
		sed -n 's/^\(Get\|Fetched\|Err\)/          &/p'
}

mkdir -p "$downloads"
archive_is_good || download_archive
if ! archive_is_good; then
	echo "$archive is missing or does not have the SHA-256 that tools/versions names for $version." >&2
	exit 1
fi
rm -rf build/libfdt build/libfdt.new
mkdir -p build/libfdt.new
tar -C build/libfdt.new --strip-components=2 --wildcards --touch -xJf "$archive" '*/libfdt/*.[ch]'
mv build/libfdt.new build/libfdt

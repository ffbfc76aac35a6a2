#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Fetches libfdt, the one library that Corbel is linked with, from Debian's source archive into build/libfdt. Checks the
# pinned hash; does nothing, and needs no network, when the sources are there.
set -eu
cd "$(dirname "$0")/.."
. tools/lib/apt-private.sh

downloads=build/downloads
read -r version sha256 < <(awk '$1 == "src" && $2 == "device-tree-compiler" { print $3, $4 }' tools/versions)
suite=$(awk '$1 == "suite" { print $2 }' tools/versions)
archive=$downloads/device-tree-compiler_$version.orig.tar.xz

archive_is_good() {
	[ -r "$archive" ] && echo "$sha256  $archive" | sha256sum --check --status
}

mkdir -p "$downloads"
if ! archive_is_good; then
	command -v apt-get >/dev/null || {
		echo "libfdt is fetched with apt-get, which is missing here; put $(basename "$archive") into $downloads/ instead." >&2
		exit 1
	}
	echo "  FETCH libfdt $version (source package device-tree-compiler of Debian $suite)"
	apt_private_open build/apt/source "$suite" "$(dpkg --print-architecture)" deb-src /dev/null
	(cd "$downloads" && apt-get "${apt_private_options[@]}" source -q --download-only --tar-only device-tree-compiler)
fi
if ! archive_is_good; then
	echo "$archive does not have the SHA-256 that tools/versions names; the archive now has another version." >&2
	exit 1
fi

rm -rf build/libfdt build/libfdt.new
mkdir -p build/libfdt.new
tar -C build/libfdt.new --strip-components=2 --wildcards -xJf "$archive" '*/libfdt/*.[ch]'
mv build/libfdt.new build/libfdt
find build/libfdt -type f -exec touch {} +

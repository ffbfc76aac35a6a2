#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Fetches the stock guests (Linux, busybox, U-Boot) of an architecture as Debian packages and unpacks what is started into
# a folder: fetch-guests.sh ARCH FOLDER. Which packages and files those are is in tools/versions. Packages stay in
# build/downloads, so that a second call needs no network.
set -eu
cd "$(dirname "$0")/.."
. tools/lib/apt-private.sh
if [ $# -ne 2 ]; then
	echo "usage: fetch-guests.sh ARCH FOLDER" >&2
	exit 2
fi
architecture=$1
guests=$2
downloads=build/downloads
opened=

# open_archive SUITE ARCH: read that index, unless it is the one that was read last.
open_archive() {
	[ "$opened" != "$*" ] || return 0
	if ! command -v apt-get >/dev/null; then
		echo "Guests are fetched with apt-get, which is missing here." >&2
		return 1
	fi
	echo "  FETCH package index of Debian $1 for $2"
	apt_private_open "build/apt/$1-$2" "$1" "$2" deb
	opened=$*
}

# The names of all packages that fit pattern $1, oldest version first.
list_packages() {
	local name
	apt-cache "${apt_private_options[@]}" pkgnames "${1%%\**}" | sort -V | while read -r name; do
		# shellcheck disable=SC2254 # the pattern is meant as one
		case $name in $1) ! apt-cache "${apt_private_options[@]}" show "$name" >/dev/null 2>&1 || echo "$name" ;; esac
	done
}

# Say what stands for package $1 at version $2: itself, or else the newest that fits pattern $3, as "name=version".
choose_package() {
	local name=$1 version=$2 pattern=$3
	if ! apt-cache "${apt_private_options[@]}" madison "$name" | awk '{ print $3 }' | grep -qxF "$version"; then
		name=$(list_packages "$pattern" | tail -n 1)
		[ -n "$name" ] || { echo "Debian has no package $pattern in the index of ${opened/ / for }." >&2; return 1; }
		version=$(apt-cache "${apt_private_options[@]}" madison "$name" | awk 'NR == 1 { print $3 }')
	fi
	echo "$name=$version"
}

# Where it is noted what file stands for package $2 for architecture $1; of a pattern like linux-image-6.*, the words before
# the number count.
receipt_of() {
	echo "$downloads/$1-${2%%-[0-9]*}.receipt"
}

# True if receipt $1 was written for pin $2 and the file that it names is whole.
receipt_is_good() {
	[ -r "$1" ] && [ "$(sed -n 1p "$1")" = "$2" ] && sed -n 2p "$1" | (cd "$downloads" && sha256sum --check --status) 2>/dev/null
}

# Fetch what the pin "$*" (fields of a line of tools/versions) names, and leave a receipt: the pin, then hash and name of
# the file.
fetch_package() {
	local pin="$*" arch=$1 suite=$2 name=$3 version=$4 sha256=$5 pattern=${6:-$3} choice file sum receipt
	receipt=$(receipt_of "$arch" "$pattern")
	receipt_is_good "$receipt" "$pin" && return 0
	# A package for all architectures is in the index of each.
	[ "$arch" != all ] || arch=$(dpkg --print-architecture)
	open_archive "$suite" "$arch"
	choice=$(choose_package "$name" "$version" "$pattern")
	if [ "$choice" != "$name=$version" ]; then
		echo "  NOTE  the archive no longer keeps $name $version; taking ${choice/=/ }, checked by the archive's signed index"
		sha256=
	fi
	echo "  FETCH ${choice/=/ }"
	read -r _ file _ sum < <(apt-get "${apt_private_options[@]}" download --print-uris "$choice" | tail -n 1)
	rm -f "$downloads/$file"
	(cd "$downloads" && apt-get "${apt_private_options[@]}" download "$choice")
	sum=${sum#SHA256:}
	if ! echo "${sha256:-$sum}  $downloads/$file" | sha256sum --check --status; then
		rm -f "$downloads/$file"
		echo "$file does not have the SHA-256 that tools/versions names; it was removed." >&2
		return 1
	fi
	printf '%s\n%s  %s\n' "$pin" "${sha256:-$sum}" "$file" >"$receipt"
}

# Unpack the one file that fits $2 from the package that begins with $1 to $guests/$3; one that ends in .xz is decompressed.
unpack_file() {
	local receipt package
	receipt=$(receipt_of "$architecture" "$1")
	[ -r "$receipt" ] || receipt=$(receipt_of all "$1")
	package=$downloads/$(sed -n '2s/^[0-9a-f]*  //p' "$receipt")
	dpkg-deb --fsys-tarfile "$package" | tar -x --to-stdout --wildcards "$2" |
		case $2 in *.xz) xz -dc ;; *) cat ;; esac >"$guests/$3.new"
	[ -s "$guests/$3.new" ] || { echo "$package has no file $2." >&2; return 1; }
	mv "$guests/$3.new" "$guests/$3"
}

if ! grep -q "^file $architecture " tools/versions; then
	echo "tools/versions names no guests of architecture '$architecture'." >&2
	exit 2
fi
mkdir -p "$downloads" "$guests"
while read -r kind arch fields; do
	# shellcheck disable=SC2086 # fields are words
	if [ "$kind" = deb ] && { [ "$arch" = "$architecture" ] || [ "$arch" = all ]; }; then fetch_package "$arch" $fields; fi
done <tools/versions
while read -r kind arch name member output; do
	if [ "$kind" = file ] && [ "$arch" = "$architecture" ]; then unpack_file "$name" "$member" "$output"; fi
done <tools/versions
chmod +x "$guests/busybox"

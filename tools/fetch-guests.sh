#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Fetches the stock riscv64 guests (Linux, busybox, U-Boot) as Debian packages and unpacks into build/guests what is
# started: vmlinux, busybox, u-boot.bin. Packages stay in build/downloads, so that a second call needs no network.
set -eu
cd "$(dirname "$0")/.."
. tools/lib/apt-private.sh

downloads=build/downloads
guests=build/guests
suite=$(awk '$1 == "suite" { print $2 }' tools/versions)
opened=

open_archive() {
	[ -z "$opened" ] || return 0
	if ! command -v apt-get >/dev/null; then
		echo "Guests are fetched with apt-get, which is missing here." >&2
		return 1
	fi
	echo "  FETCH package index of Debian $suite for riscv64"
	apt_private_open build/apt/guests "$suite" riscv64 deb
	opened=yes
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
		[ -n "$name" ] || { echo "Debian $suite has no package $pattern for riscv64." >&2; return 1; }
		version=$(apt-cache "${apt_private_options[@]}" madison "$name" | awk 'NR == 1 { print $3 }')
	fi
	echo "$name=$version"
}

# True if receipt $1 was written for pin $2 and the file that it names is whole.
receipt_is_good() {
	[ -r "$1" ] && [ "$(sed -n 1p "$1")" = "$2" ] && sed -n 2p "$1" | (cd "$downloads" && sha256sum --check --status) 2>/dev/null
}

# Fetch what the pin "$*" names, and leave a receipt: the pin, then hash and name of the file.
fetch_package() {
	local pin="$*" name=$1 version=$2 sha256=$3 pattern=${4:-$1} choice file sum
	local receipt=$downloads/${pattern%%-6.*}.receipt
	receipt_is_good "$receipt" "$pin" && return 0
	open_archive
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

# Unpack the one file that fits $2 from the package of receipt $1 to $guests/$3.
unpack_file() {
	local package
	package=$downloads/$(sed -n '2s/^[0-9a-f]*  //p' "$downloads/$1.receipt")
	dpkg-deb --fsys-tarfile "$package" | tar -x --to-stdout --wildcards "$2" >"$guests/$3.new"
	[ -s "$guests/$3.new" ] || { echo "$package has no file $2." >&2; return 1; }
	mv "$guests/$3.new" "$guests/$3"
}

mkdir -p "$downloads" "$guests"
while read -r kind name version sha256 pattern; do
	[ "$kind" != deb ] || fetch_package "$name" "$version" "$sha256" ${pattern:+"$pattern"}
done <tools/versions
unpack_file linux-image './boot/vmlinux-*' vmlinux
unpack_file busybox-static './usr/bin/busybox' busybox
unpack_file u-boot-qemu './usr/lib/u-boot/qemu-riscv64_smode/u-boot.bin' u-boot.bin
chmod +x "$guests/busybox"

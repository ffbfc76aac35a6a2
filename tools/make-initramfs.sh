#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Makes the initramfs of the small Linux guests, from busybox, kernel modules and guests/initramfs:
# make-initramfs.sh OUTPUT BUSYBOX [MODULE]... Needs no root, and the same input makes the same archive.
set -eu
export LC_ALL=C
output=$1
busybox=$2
shift 2
sources=$(dirname "$0")/../guests/initramfs

# One entry of a newc archive without contents: path, mode, device major and minor. newc_entry is all that lets a console
# node into the archive without the right to make one.
newc_entry() {
	local size=$((${#1} + 1)) padding
	printf '070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X' 0 "$2" 0 0 1 0 0 0 0 "$3" "$4" "$size" 0
	printf '%s\0' "$1"
	padding=$(((4 - (110 + size) % 4) % 4))
	head -c "$padding" /dev/zero
}

stage=$(mktemp -d "$output.XXXXXX")
trap 'rm -rf "$stage"' EXIT
mkdir -p "$stage"/{bin,etc,lib/modules,proc,root,sys,tmp}
install -m 755 "$busybox" "$stage/bin/busybox"
install -m 755 "$sources/init" "$stage/init"
install -m 644 "$sources/profile" "$stage/etc/profile"
echo 'root:x:0:0:root:/root:/bin/sh' >"$stage/etc/passwd"
echo 'root:x:0:' >"$stage/etc/group"
for module; do install -m 644 "$module" "$stage/lib/modules/"; done
ln -s busybox "$stage/bin/sh"
find "$stage" -exec touch -h -d @0 {} +

{
	newc_entry dev $((040755)) 0 0
	newc_entry dev/console $((020600)) 5 1
	(cd "$stage" && find . -mindepth 1 | sed 's|^\./||' | sort | cpio -o -H newc -R +0:+0 --reproducible --quiet)
} >"$output.new"
mv "$output.new" "$output"

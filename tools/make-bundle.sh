#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Makes a bundle, the one file in which guests reach Corbel: make-bundle.sh OUTPUT NAME=PATH... Each PATH becomes the file
# /NAME of a newc cpio archive, in the given order.
set -eu
if [ $# -lt 2 ]; then
	echo "usage: make-bundle.sh OUTPUT NAME=PATH..." >&2
	exit 2
fi
output=$1
shift

stage=$(mktemp -d "$output.XXXXXX")
trap 'rm -rf "$stage"' EXIT
for pair in "$@"; do
	name=${pair%%=*}
	path=${pair#*=}
	if [ ! -r "$path" ]; then
		echo "make-bundle: $path, which is to be /$name of the bundle, is not there." >&2
		exit 1
	fi
	ln -s "$(realpath "$path")" "$stage/$name"
done
printf '%s\n' "${@%%=*}" | (cd "$stage" && cpio -o -L -H newc -R +0:+0 --reproducible --quiet) >"$output.new"
mv "$output.new" "$output"

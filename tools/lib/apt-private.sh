# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# Private apt directories: reading another suite or architecture of the machine's own Debian mirror without touching the
# machine's sources, package lists or caches. To be sourced; names no mirror, but takes it from the machine's sources.

# One candidate file per Debian source of this machine, in $1, with @TYPE@, @SUITE@ and @ARCH@ in the places to fill in.
# A source keeps the options that its owner gave it (proxies, signing key, validity), in the format it was written in.
apt_private_candidates() {
	local directory=$1 file etc number=0
	etc=$(apt-config shell etc Dir::Etc/d | sed "s/^etc='\(.*\)'$/\1/")
	mkdir -p "$directory"
	rm -f "$directory"/*
	for file in "${etc%/}"/sources.list "${etc%/}"/sources.list.d/*.list; do
		[ -r "$file" ] || continue
		number=$((number + 1))
		awk -v prefix="$directory/$number-" -f tools/lib/sources-list.awk "$file"
	done
	for file in "${etc%/}"/sources.list.d/*.sources; do
		[ -r "$file" ] || continue
		number=$((number + 1))
		awk -v prefix="$directory/$number-" -f tools/lib/sources-deb822.awk "$file"
	done
	# The same once more with the keyring that Debian installs: a source may name a key that signs its own suite only.
	local keyring=/usr/share/keyrings/debian-archive-keyring.gpg
	[ -r "$keyring" ] || return 0
	for file in "$directory"/*; do
		case $file in
		*.list) sed -E "s|signed-by=[^] ]*||; s|\[|[signed-by=$keyring |" "$file" >"${file%.list}-k.list" ;;
		*.sources)
			awk '/^[Ss]igned-[Bb]y:/ { drop = 1; next } /^[ \t]/ && drop { next } { drop = 0; print }' \
				"$file" >"${file%.sources}-k.sources"
			echo "Signed-By: $keyring" >>"${file%.sources}-k.sources"
			;;
		esac
	done
}

# True if the index that was just read is Debian's and of suite $1: a vendor's source may use the same suite names.
apt_private_is_debian() {
	local release
	for release in "$apt_private_root"/lists/*Release; do
		[ -r "$release" ] || continue
		if grep -q '^Origin: Debian' "$release" && grep -q "^Codename: ${1}\$" "$release"; then
			return 0
		fi
	done
	return 1
}

# Open the private directory $1 for suite $2, architecture $3 and type $4 (deb or deb-src), with the dpkg status file $5
# (/dev/null: nothing is installed). Leaves the options for apt-get and apt-cache in the array apt_private_options.
apt_private_open() {
	apt_private_root=$PWD/$1
	local suite=$2 arch=$3 type=$4 status=$5 candidate log target=Packages
	[ "$type" = deb-src ] && target=Sources
	log=$apt_private_root/update.log
	mkdir -p "$apt_private_root"/{lists/partial,cache/archives/partial,sources.d,state}
	if [ "$status" = /dev/null ]; then
		status=$apt_private_root/status
		: >"$status"
	fi
	apt_private_options=(-o "Dir::Etc::SourceList=/dev/null" -o "Dir::Etc::SourceParts=$apt_private_root/sources.d"
		-o "Dir::Etc::Preferences=/dev/null" -o "Dir::Etc::PreferencesParts=/dev/null"
		-o "Dir::State=$apt_private_root/state" -o "Dir::State::Lists=$apt_private_root/lists"
		-o "Dir::State::status=$status" -o "Dir::Cache=$apt_private_root/cache"
		-o "Dir::Cache::Archives=$apt_private_root/cache/archives"
		-o "APT::Architecture=$arch" -o "APT::Architectures=$arch" -o "APT::Default-Release=" -o "APT::Sandbox::User=root"
		-o "Acquire::Retries=3")
	apt_private_candidates "$apt_private_root/candidates"
	for candidate in "$apt_private_root"/candidates/*; do
		[ -r "$candidate" ] || break
		rm -f "$apt_private_root"/sources.d/* "$apt_private_root"/lists/*Release
		sed "s|@TYPE@|$type|; s|@SUITE@|$suite|; s|@ARCH@|$arch|; s|@TARGET@|$target|" "$candidate" \
			>"$apt_private_root/sources.d/debian.${candidate##*.}"
		if apt-get "${apt_private_options[@]}" update -o APT::Update::Error-Mode=any >"$log" 2>&1 &&
			apt_private_is_debian "$suite"; then
			return 0
		fi
	done
	echo "None of this machine's apt sources serves Debian's suite $suite for $arch; the last answer was:" >&2
	if [ -r "$log" ]; then tail -n 5 "$log" >&2; else echo "(no source of Debian's section main is configured)" >&2; fi
	return 1
}

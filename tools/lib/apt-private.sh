# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# Private apt directories under build/: reading any suite and architecture of the machine's own Debian mirror without
# touching the machine's sources, package lists or caches. To be sourced. It names no mirror: the machine's sources do.
export LC_ALL=C

# Sort the machine's apt sources into directory $1: the Debian ones as they are (native.list, native.sources), and one
# template per mirror with @TYPE@, @SUITE@, @ARCH@ and @TARGET@ to be filled in. Each keeps the options that its owner
# gave it (signing key, validity, proxies) and the format it was written in.
apt_private_sort_sources() {
	local directory=$1 etc file number=0
	local keyring=/usr/share/keyrings/debian-archive-keyring.gpg
	etc=$(apt-config shell etc Dir::Etc/d | sed "s/^etc='\(.*\)'$/\1/")
	rm -rf "$directory"
	mkdir -p "$directory"
	for file in "${etc%/}"/sources.list "${etc%/}"/sources.list.d/*.list; do
		[ -r "$file" ] || continue
		number=$((number + 1))
		awk -v prefix="$directory/mirror-$number-" -v native="$directory/native-$number.list" \
			-f tools/lib/sources-list.awk "$file"
	done
	for file in "${etc%/}"/sources.list.d/*.sources; do
		[ -r "$file" ] || continue
		number=$((number + 1))
		awk -v prefix="$directory/mirror-$number-" -v native="$directory/native-$number.sources" \
			-f tools/lib/sources-deb822.awk "$file"
	done
	# Each mirror once more with the keyring that Debian installs: a source may name a key that signs its own suite only.
	[ -r "$keyring" ] || return 0
	for file in "$directory"/mirror-*.list; do
		[ -r "$file" ] || continue
		sed -E "s|signed-by=[^] ]*||; s|\[|[signed-by=$keyring |" "$file" >"${file%.list}-keyring.list"
	done
	for file in "$directory"/mirror-*.sources; do
		[ -r "$file" ] || continue
		awk '/^[Ss]igned-[Bb]y:/ { drop = 1; next } /^[ \t]/ && drop { next } { drop = 0; print }' \
			"$file" >"${file%.sources}-keyring.sources"
		echo "Signed-By: $keyring" >>"${file%.sources}-keyring.sources"
	done
}

# True if the index of suite $1 that was just read is Debian's: a vendor's source may use the same suite names.
apt_private_is_debian() {
	local release
	for release in "$apt_private_root"/lists/*Release; do
		[ -r "$release" ] || continue
		if grep -q '^Origin: Debian' "$release" && grep -q "^Codename: $1\$" "$release"; then
			return 0
		fi
	done
	return 1
}

# Make the private directory $1 and leave in the array apt_private_options what apt-get and apt-cache need to use it.
apt_private_create() {
	apt_private_root=$PWD/$1
	mkdir -p "$apt_private_root"/{lists/partial,cache/archives/partial,sources.d,state}
	: >"$apt_private_root/status"
	rm -f "$apt_private_root"/sources.d/* "$apt_private_root/update.log"
	apt_private_sort_sources "$apt_private_root/sorted"
	apt_private_options=(
		-o "Dir::Etc::SourceList=/dev/null"
		-o "Dir::Etc::SourceParts=$apt_private_root/sources.d"
		-o "Dir::State::Lists=$apt_private_root/lists"
		-o "Dir::Cache=$apt_private_root/cache"
		-o "Dir::Cache::Archives=$apt_private_root/cache/archives"
		-o "APT::Default-Release="
		-o "APT::Sandbox::User=root"
		-o "Acquire::Languages=none"
		-o "Acquire::Retries=2"
	)
}

# Read the indexes of all sources of the open private directory, showing the downloads.
apt_private_update() {
	apt-get "${apt_private_options[@]}" -o APT::Update::Error-Mode=any update 2>&1 |
		tee -a "$apt_private_root/update.log" | sed -n 's/^\(Get\|Fetched\|Err\)/          &/p'
	return "${PIPESTATUS[0]}"
}

# Add suite $1, architecture $2, type $3 (deb or deb-src) to the open private directory, from the first of the machine's
# mirrors that has it.
apt_private_add_suite() {
	local suite=$1 arch=$2 type=$3 target=Packages template
	[ "$type" = deb ] || target=Sources
	for template in "$apt_private_root"/sorted/mirror-*; do
		[ -r "$template" ] || break
		rm -f "$apt_private_root"/sources.d/added.*
		sed "s|@TYPE@|$type|; s|@SUITE@|$suite|; s|@ARCH@|$arch|; s|@TARGET@|$target|" "$template" \
			>"$apt_private_root/sources.d/added.${template##*.}"
		if apt_private_update && apt_private_is_debian "$suite"; then
			return 0
		fi
	done
	rm -f "$apt_private_root"/sources.d/added.*
	if [ -r "$apt_private_root/update.log" ]; then grep '^[EW]:' "$apt_private_root/update.log" | sort -u >&2 || true; fi
	echo "None of this machine's apt sources could be read for Debian's suite $suite ($type, $arch)." >&2
	return 1
}

# Open private directory $1 for suite $2, architecture $3, type $4, in which no package is installed.
apt_private_open() {
	apt_private_create "$1"
	apt_private_options+=(
		-o "Dir::State=$apt_private_root/state"
		-o "Dir::State::status=$apt_private_root/status"
		-o "Dir::Etc::Preferences=/dev/null"
		-o "Dir::Etc::PreferencesParts=/dev/null"
		-o "APT::Architecture=$3"
		-o "APT::Architectures=$3"
	)
	apt_private_add_suite "$2" "$3" "$4"
}

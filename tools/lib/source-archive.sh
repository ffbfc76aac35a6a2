# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# Fetches the upstream archive of a Debian source package that tools/versions pins. To be sourced behind apt-private.sh.

source_archive_is_good() {
	[ -r "$1" ] && echo "$2  $1" | sha256sum --check --status
}

# source_archive_download NAME VERSION SUITE FOLDER
source_archive_download() {
	if ! command -v apt-get >/dev/null; then
		echo "The source of $1 is fetched with apt-get, which is missing here; put $1_$2.orig.tar.* into $4/ instead." >&2
		return 1
	fi
	echo "  FETCH source of $1 $2 (Debian $3)"
	apt_private_open "build/apt/$3-source" "$3" "$(dpkg --print-architecture)" deb-src
	# shellcheck disable=SC2154 # apt_private_open sets it
	(cd "$4" && apt-get "${apt_private_options[@]}" source --download-only --tar-only "$1") |
		sed -n 's/^\(Get\|Fetched\|Err\)/          &/p'
}

# The file in folder $3 that is the upstream archive of $1 at version $2, however it is compressed.
source_archive_find() {
	local file
	for file in "$3/$1_$2".orig.tar.*; do
		case $file in *.asc) ;; *) echo "$file" ;; esac
	done
}

# Leave in source_archive the path of the upstream archive of package $1, downloaded unless it is there, with the hash that
# tools/versions pins.
source_archive_fetch() {
	local name=$1 downloads=build/downloads suite version sha256
	read -r suite version sha256 < <(awk -v name="$name" '$1 == "src" && $3 == name { print $2, $4, $5 }' tools/versions)
	mkdir -p "$downloads"
	source_archive=$(source_archive_find "$name" "$version" "$downloads")
	if ! source_archive_is_good "$source_archive" "$sha256"; then
		source_archive_download "$name" "$version" "$suite" "$downloads"
		source_archive=$(source_archive_find "$name" "$version" "$downloads")
	fi
	if ! source_archive_is_good "$source_archive" "$sha256"; then
		echo "$source_archive is missing or does not have the SHA-256 that tools/versions names for $name $version." >&2
		return 1
	fi
}

#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Installs what this machine lacks for a purpose, with apt-get, as root or through sudo: `setup.sh run|check|lint...`.
# When nothing is missing it says nothing, needs no network and takes no time. The machine's sources, package lists and
# caches stay as they are: indexes are read into build/apt/host.
set -eu
cd "$(dirname "$0")/.."
. tools/lib/apt-private.sh

# The board's, as the Makefile names them.
QEMU=${QEMU:-qemu-system-riscv64}
CROSS_COMPILE=${CROSS_COMPILE:-riscv64-linux-gnu-}
oldest_qemu=9
case ${QEMU##*/} in
qemu-system-mips*) qemu_packages=(qemu-system-mips) firmware_packages=() ;;
*) qemu_packages=(qemu-system-riscv qemu-system-misc) firmware_packages=(opensbi) ;;
esac
missing=()  # what a person would call it
packages=() # what apt calls it

# need NAME PACKAGE TEST...: note that NAME is missing unless TEST succeeds; PACKAGE has it.
need() {
	local name=$1 package=$2
	shift 2
	if ! "$@" >/dev/null 2>&1; then
		missing+=("$name")
		packages+=("$package")
	fi
}

need_command() {
	need "$1" "$2" command -v "$1"
}

qemu_major() {
	"$QEMU" --version 2>/dev/null | sed -n 's/^QEMU emulator version \([0-9]*\).*/\1/p'
}

qemu_is_new_enough() {
	local major
	major=$(qemu_major)
	[ "${major:-0}" -ge "$oldest_qemu" ]
}

describe_qemu() {
	local major
	major=$(qemu_major)
	[ -z "$major" ] || echo " ($(command -v "$QEMU") is version $major)"
}

python_has() {
	/usr/bin/python3 -c "import $1"
}

need_for_build() {
	need_command "${CROSS_COMPILE}gcc" "gcc-$(basename "${CROSS_COMPILE%-}")"
	need_command dtc device-tree-compiler
	need_command cpio cpio
	need_command xz xz-utils
}

# What building U-Boot needs besides (tools/build-uboot.sh).
need_for_uboot() {
	need_command gcc gcc
	need "C library headers" libc6-dev test -r /usr/include/stdio.h
	need_command bison bison
	need_command flex flex
	need_command bzip2 bzip2
}

need_for_check() {
	need_command gcc gcc
	need "C library headers" libc6-dev test -r /usr/include/stdio.h
	need "cmocka" libcmocka-dev test -r /usr/include/cmocka.h
	need "python3" python3 test -x /usr/bin/python3
	need "pytest" python3-pytest python_has pytest
	need "pexpect" python3-pexpect python_has pexpect
}

# libFuzzer is in a package of its own, which clang only recommends.
fuzzer_links() {
	echo 'int LLVMFuzzerTestOneInput(const char *data, unsigned long size) { return data != 0 && size == 0; }' |
		clang -fsanitize=fuzzer,address -x c -o /dev/null -
}

need_for_fuzz() {
	need_for_check
	need_command clang clang
	need "libFuzzer" libclang-rt-dev fuzzer_links
}

need_for_lint() {
	need_command clang-format clang-format
	need_command cppcheck cppcheck
	need_command shellcheck shellcheck
}

find_missing() {
	local purpose
	for purpose in "$@"; do
		case $purpose in
		build) need_for_build ;;
		run)
			need_for_build
			need "QEMU $oldest_qemu or newer$(describe_qemu)" qemu qemu_is_new_enough
			;;
		uboot) need_for_uboot ;;
		check) need_for_check ;;
		fuzz) need_for_fuzz ;;
		lint) need_for_lint ;;
		*) echo "setup.sh: '$purpose' is none of build, run, uboot, check, fuzz, lint." >&2 && exit 2 ;;
		esac
	done
}

as_root() {
	if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# Say what is missing, and stop, where it cannot be installed from here.
check_installable() {
	local name
	if ! command -v apt-get >/dev/null; then
		echo "These tools are missing, and there is no apt-get here to install them:" >&2
	elif [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
		echo "These tools are missing; run make as root once, or install sudo, to have them installed:" >&2
	else
		return 0
	fi
	for name in "${missing[@]}"; do echo "  $name" >&2; done
	exit 1
}

# The private directory for this machine's own packages: its own Debian sources, or all of them where none is Debian's.
open_host_archive() {
	local native found=
	apt_private_create build/apt/host
	for native in "$apt_private_root"/sorted/native-*; do
		[ -s "$native" ] || continue
		cp "$native" "$apt_private_root/sources.d/"
		found=yes
	done
	if [ -z "$found" ]; then
		local etc
		etc=$(apt-config shell etc Dir::Etc/d | sed "s/^etc='\(.*\)'$/\1/")
		apt_private_options+=(-o "Dir::Etc::SourceList=${etc%/}/sources.list" -o "Dir::Etc::SourceParts=${etc%/}/sources.list.d")
	fi
	echo "  SETUP reading this machine's package index"
	apt_private_update || echo "  NOTE  not every package index could be read; going on with the others"
}

# The major version of the QEMU that the open indexes offer with options "$@", and which of the board's packages has it.
offered_qemu() {
	local package
	for package in "${qemu_packages[@]}"; do
		apt-cache "${apt_private_options[@]}" "$@" policy "$package" |
			sed -n "s/^  Candidate: \([0-9]*:\)\{0,1\}\([0-9][0-9]*\)\..*/\2 $package/p"
	done | sort -rn | head -n 1
}

# Replace the placeholder `qemu` in packages by what has a QEMU that is new enough: of the suite, else of its backports.
choose_qemu() {
	local suite offer
	offer=$(offered_qemu)
	if [ "${offer%% *}" -lt "$oldest_qemu" ] 2>/dev/null; then
		suite=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)-backports
		echo "  SETUP this system's QEMU is version ${offer%% *}; looking for a newer one in $suite"
		if apt_private_add_suite "$suite" "$(dpkg --print-architecture)" deb; then
			release_options=(-t "$suite")
			offer=$(offered_qemu "${release_options[@]}")
		fi
	fi
	if [ -z "$offer" ] || [ "${offer%% *}" -lt "$oldest_qemu" ]; then
		echo "Corbel needs QEMU $oldest_qemu or newer, but this system offers ${offer%% *}${offer:+ at most}; install a newer one" \
			"and name it with QEMU=/path/to/${QEMU##*/}." >&2
		exit 1
	fi
	qemu_package=${offer#* }
}

# Install packages "$@": the downloads can be watched, the unpacking goes to a log that is shown if it fails.
install_packages() {
	local log=build/setup.log install
	install=(env DEBIAN_FRONTEND=noninteractive apt-get "${apt_private_options[@]}" -o DPkg::Lock::Timeout=600
		-y --no-install-recommends --no-remove install "$@")
	[ "$1" != -t ] || shift 2
	echo "  SETUP downloading: $*"
	as_root "${install[@]}" --download-only | sed -n 's/^\(Get\|Fetched\|Err\|Need\|After\)/          &/p'
	echo "  SETUP installing (log: $log)"
	if ! as_root "${install[@]}" >"$log" 2>&1; then
		tail -n 20 "$log" >&2
		echo "Installing $* failed; the whole log is $log." >&2
		exit 1
	fi
}

find_missing "$@"
[ ${#missing[@]} -gt 0 ] || exit 0
check_installable

set -o pipefail
printf '  SETUP missing here: %s\n' "$(printf '%s, ' "${missing[@]}" | sed 's/, $//')"
mkdir -p build
open_host_archive
plain=()
release_options=()
qemu_package=
for package in "${packages[@]}"; do
	if [ "$package" = qemu ]; then choose_qemu; else plain+=("$package"); fi
done
[ ${#plain[@]} -eq 0 ] || install_packages "${plain[@]}"
if [ -n "$qemu_package" ]; then
	install_packages ${release_options[@]+"${release_options[@]}"} "$qemu_package" \
		${firmware_packages[@]+"${firmware_packages[@]}"}
fi
[ "$(id -u)" = 0 ] || sudo chown -R "$(id -u):$(id -g)" build/apt

missing=()
find_missing "$@"
if [ ${#missing[@]} -gt 0 ]; then
	echo "Still missing after the installation: ${missing[*]}." >&2
	exit 1
fi

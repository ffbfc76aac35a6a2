#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Builds Malta's U-Boot for the useg map, where a guest's kernel mode has RAM at 0 and the ROM at 0x3FC00000, from the
# upstream archive of Debian's source package: build-uboot.sh little|big OUTPUT. The source is unpacked and its address
# constants are changed below build/u-boot; the compiler is $CROSS_COMPILE.
set -eu
cd "$(dirname "$0")/.."
. tools/lib/apt-private.sh
. tools/lib/source-archive.sh

case $#:${1-} in
2:little) board=maltael compiler=mipsel-linux-gnu- ;;
2:big) board=malta compiler=mips-linux-gnu- ;;
*) echo "usage: build-uboot.sh little|big OUTPUT" >&2 && exit 2 ;;
esac
output=$2
export CROSS_COMPILE=${CROSS_COMPILE:-$compiler}
source=build/u-boot/source
objects=$PWD/build/u-boot/$board
log=build/u-boot/$board.log
unset MAKEFLAGS MFLAGS

# replace FILE NAME FROM TO: change the value of the constant, however often it is defined so.
replace() {
	local file=$source/$1 define
	define="^([[:space:]]*#[[:space:]]*define[[:space:]]+$2[[:space:]]+(_AC\\()?)$3\\b"
	if ! grep -qE "$define" "$file"; then
		echo "U-Boot's $1 does not define $2 as $3; tools/build-uboot.sh does not fit this version." >&2
		return 1
	fi
	sed -Ei "s/$define/\1$4/" "$file"
}

# Physical addresses stay; kernel mode's segments are all in the lower half, and so is what is reached through them.
change_addresses() {
	local name
	for name in KSEG0 CKSEG0; do replace arch/mips/include/asm/addrspace.h $name 0x80000000 0x00000000; done
	for name in KSEG1 CKSEG1; do replace arch/mips/include/asm/addrspace.h $name 0xa0000000 0x20000000; done
	for name in KSEG2 CKSEG2; do replace arch/mips/include/asm/addrspace.h $name 0xc0000000 0x40000000; done
	for name in KSEG3 CKSEG3; do replace arch/mips/include/asm/addrspace.h $name 0xe0000000 0x60000000; done
	replace arch/mips/include/asm/mach-generic/spaces.h CAC_BASE 0x80000000 0x00000000
	replace arch/mips/include/asm/mach-generic/spaces.h IO_BASE 0xa0000000 0x20000000
	replace arch/mips/include/asm/mach-generic/spaces.h UNCAC_BASE 0xa0000000 0x20000000
	replace arch/mips/include/asm/mach-generic/spaces.h MAP_BASE 0xc0000000 0x40000000
	replace include/configs/malta.h CFG_SYS_SDRAM_BASE 0x80000000 0x00000000
	replace include/configs/malta.h CFG_SYS_FLASH_BASE 0xbe000000 0x3e000000
	# U-Boot takes RAM to be as large as it is told. A guest that needs no more is small.
	replace include/configs/malta.h CFG_SYS_SDRAM_SIZE 0x10000000 0x02000000
}

unpack() {
	[ ! -e "$source/.corbel-unpacked" ] || [ "$source/.corbel-unpacked" -ot tools/build-uboot.sh ] || return 0
	echo "  TAR   $source"
	rm -rf build/u-boot
	mkdir -p "$source"
	# Other architectures' device trees are nine tenths of the files.
	tar -C "$source" --strip-components=1 --exclude='*/dts/upstream/src' --exclude='*/arch/arm/dts/*.dts*' -xf "$source_archive"
	change_addresses
	touch "$source/.corbel-unpacked"
}

# The board's configuration, and over it: addresses of the map, no flash, so an environment that is kept nowhere, no disk;
# the clock; and nothing that needs libraries to build.
configuration() {
	cat "$source/configs/${board}_defconfig"
	cat <<-'END'
		CONFIG_TEXT_BASE=0x3FC00000
		CONFIG_MIPS_CACHE_INDEX_BASE=0x0
		CONFIG_SYS_LOAD_ADDR=0x01000000
		CONFIG_ENV_IS_NOWHERE=y
		# CONFIG_ENV_IS_IN_FLASH is not set
		# CONFIG_MTD_NOR_FLASH is not set
		# CONFIG_FLASH_CFI_DRIVER is not set
		# CONFIG_MTD is not set
		# CONFIG_CMD_IMLS is not set
		# CONFIG_CMD_IDE is not set
		# CONFIG_IDE is not set
		CONFIG_CMD_DATE=y
		CONFIG_CMD_ELF=y
		# CONFIG_TOOLS_LIBCRYPTO is not set
		# CONFIG_TOOLS_MKEFICAPSULE is not set
		CONFIG_LOCALVERSION="-useg"
	END
}

run_make() {
	if ! make -C "$source" O="$objects" "$@" >>"$log" 2>&1; then
		tail -n 20 "$log" >&2
		echo "Building U-Boot failed; the whole log is $log." >&2
		return 1
	fi
}

source_archive_fetch u-boot
unpack
# The version that it announces has a date: not that of the build, so that each build is the same.
SOURCE_DATE_EPOCH=$(stat -c %Y "$source/Makefile")
export SOURCE_DATE_EPOCH
mkdir -p "$(dirname "$output")" "$objects"
echo "  MAKE  U-Boot for $board, useg map (log: $log)"
: >"$log"
configuration >"$source/configs/${board}_useg_defconfig"
run_make "${board}_useg_defconfig"
run_make -j"$(nproc)" u-boot.bin

start=$("${CROSS_COMPILE}nm" "$objects/u-boot" | awk '$3 == "_start" { print $1 }')
if [ "$start" != 3fc00000 ]; then
	echo "U-Boot was linked for 0x$start and not for 0x3fc00000; see $log." >&2
	exit 1
fi
cp "$objects/u-boot.bin" "$output"

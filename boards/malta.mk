# SPDX-License-Identifier: BSD-2-Clause
# The MIPS board `malta` of QEMU, little endian: which port it needs and how the emulator is called. QEMU_* may be given on
# make's command line.

ARCH := mips
MIPS_ENDIAN ?= little
HOST_TREE := boards/malta.dts
BOARD_VDEVS := malta
# What tools/setup.sh must install besides: one of the guests is built from source.
BOARD_NEEDS := uboot
# Of which Debian architecture the stock guests are, and which files they are: there are none in big endian.
ifeq ($(MIPS_ENDIAN),little)
BOARD_DEBIAN := mipsel
BOARD_GUEST_FILES := vmlinuz initramfs.cpio u-boot.bin
endif

QEMU ?= qemu-system-mipsel
QEMU_CPU ?= P5600
# Of these processors, only the P5600 comes with what joins several.
QEMU_SMP ?= $(if $(filter P5600,$(QEMU_CPU)),2,1)
QEMU_MEMORY ?= 1G
QEMU_MACHINE ?= malta
QEMU_EXTRA ?=

# `mon:stdio` leaves Ctrl-C to the guests; Ctrl-A X ends the emulator, Ctrl-A C leads to its monitor.
QEMU_FLAGS = -M $(QEMU_MACHINE) -cpu $(QEMU_CPU) -smp $(QEMU_SMP) -m $(QEMU_MEMORY) -display none -vga none -nic none \
	-serial mon:stdio -kernel $(ELF) -initrd $(BUNDLE) $(QEMU_EXTRA)

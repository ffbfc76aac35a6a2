# SPDX-License-Identifier: BSD-2-Clause
# The RISC-V board `virt` of QEMU: which port it needs and how the emulator is called. QEMU_* may be given on make's command line.

ARCH := riscv
# Of which Debian architecture the stock guests are, and which files they are.
BOARD_DEBIAN := riscv64
BOARD_GUEST_FILES := vmlinux initramfs.cpio u-boot.bin
BOARD_MODULES := watchdog.ko sunxi_wdt.ko

QEMU ?= qemu-system-riscv64
QEMU_CPU ?= rv64,h=true
QEMU_SMP ?= 2
QEMU_MEMORY ?= 2G
QEMU_MACHINE ?= virt
QEMU_EXTRA ?=

# `mon:stdio` leaves Ctrl-C to the guests; Ctrl-A X ends the emulator, Ctrl-A C leads to its monitor.
QEMU_FLAGS = -M $(QEMU_MACHINE) -cpu $(QEMU_CPU) -smp $(QEMU_SMP) -m $(QEMU_MEMORY) -display none -serial mon:stdio \
	-kernel $(ELF) -initrd $(BUNDLE) $(QEMU_EXTRA)

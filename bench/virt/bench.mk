# SPDX-License-Identifier: BSD-2-Clause
# What is measured on the RISC-V board: a guest of our own, and a stock kernel's start. Part of the Makefile.

$(eval $(call guest_program,bench,$(addprefix bench/virt/guest/,main.c sbi.c device.c timer.c memory.c latency.S)))
$(eval $(call guest_program,stub,bench/virt/kernel/stub.c))

# Given to the bare kernel on the emulator's command line, to Corbel's guest in its tree.
BENCH_BOOTARGS := console=ttyS0 quiet hostname=bench corbel.run=/bench-ready
BENCH_PROGRAM := bench-ready
BENCH_FILES := $(BENCH)/bench.bundle $(BENCH)/kernel.bundle

$(BENCH)/bench-ready: bench/virt/kernel/ready.c bench/virt/bench.mk | compiler
	@mkdir -p $(@D)
	$(call say,GUEST,$<)
	$(Q)$(CC) $(WARNINGS) $(GUEST_FLAGS) -nostdlib -static -no-pie -Wl,--build-id=none -o $@ $<

$(BENCH)/bench.bundle: $(BENCH)/bench.dtb $(GUESTS)/bench.bin
$(BENCH)/kernel.bundle: $(BENCH)/kernel.dtb $(GUESTS)/stub.bin $(GUESTS)/vmlinux $(BENCH)/initramfs.cpio

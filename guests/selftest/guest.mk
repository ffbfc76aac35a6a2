# SPDX-License-Identifier: BSD-2-Clause
# The self-test guest: its image for the bundle, and `make selftest-bare`, which runs it without Corbel; part of the
# Makefile.

ifeq ($(ARCH),riscv)
SELFTEST_CPU ?= rv64,h=false
SELFTEST_SMP ?= 2

$(eval $(call guest_program,selftest,$(sort $(wildcard guests/selftest/*.c guests/selftest/*.S))))
GUEST_IMAGES += $(GUESTS)/selftest.bin

.PHONY: selftest-bare
selftest-bare: $(GUESTS)/selftest.bin ## run guests/selftest on the bare emulated machine, which proves its tests right
	@$(SETUP) run
	$(Q)guests/selftest/run-bare $(QEMU) -M virt -cpu $(SELFTEST_CPU) -smp $(SELFTEST_SMP) -m 256M -kernel $<
endif

# SPDX-License-Identifier: BSD-2-Clause
# The hostile guest: its image for the bundles of tests; part of the Makefile.

ifeq ($(ARCH),riscv)
$(eval $(call guest_program,hostile,$(sort $(wildcard guests/hostile/*.c)) guests/selftest/registers.S))
GUEST_IMAGES += $(GUESTS)/hostile.bin
endif

# SPDX-License-Identifier: BSD-2-Clause
# U-Boot for the useg map, which is built from source: there is no package of it. Part of the Makefile.

ifeq ($(ARCH),mips)
$(GUESTS)/u-boot-useg.bin: tools/build-uboot.sh tools/lib/source-archive.sh
	$(Q)$(SETUP) build uboot
	$(Q)CROSS_COMPILE=$(CROSS_COMPILE) tools/build-uboot.sh $(MIPS_ENDIAN) $@

GUEST_IMAGES += $(GUESTS)/u-boot-useg.bin
endif

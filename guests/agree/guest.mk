# SPDX-License-Identifier: BSD-2-Clause
# The guest that is run twice, with the hypervisor's short ways and without: its image; part of the Makefile.

ifeq ($(ARCH),mips)
AGREE := build/guests/agree-$(MIPS_ENDIAN)
AGREE_ADDRESS := 0x80010000

$(AGREE)/agree.bin: guests/agree/main.c guests/agree/run.S guests/agree/guest.mk | $(LIBFDT)/libfdt.h compiler
	@mkdir -p $(@D)
	$(call say,GUEST,$@)
	$(Q)$(CC) $(FREESTANDING_INCLUDES) $(WARNINGS) -std=gnu17 -O2 -g $(filter -E%,$(PORT_FLAGS)) -march=mips32r2 -mabi=32 \
		-mno-abicalls -fno-pic -G0 -msoft-float -ffreestanding -fno-stack-protector -fno-common \
		-fno-tree-loop-distribute-patterns -nostdlib -static -no-pie -Wl,--build-id=none -Wl,--no-warn-rwx-segments \
		-Wl,-Ttext=$(AGREE_ADDRESS) -Wl,-e,start -o $(@:.bin=.elf) \
		guests/agree/run.S guests/agree/main.c
	$(Q)$(OBJCOPY) -O binary -R .MIPS.abiflags -R .reginfo -R .gnu.attributes -R .pdr $(@:.bin=.elf) $@

GUEST_IMAGES += $(AGREE)/agree.bin
endif

# SPDX-License-Identifier: BSD-2-Clause
# The RTOS guest: built for each address map, in the board's endianness; `make rtos-bare` runs it without Corbel. Part of the
# Makefile.
#	$(RTOS)/MAP/rtos.elf	to be loaded by a boot loader or an emulator
#	$(RTOS)/MAP/rtos.bin	the same as a raw binary, to be loaded and entered at 1 MiB
#	$(RTOS)/MAP/rtos.rom	a boot ROM with the image in it

ifeq ($(ARCH),mips)
RTOS := build/guests/rtos-$(MIPS_ENDIAN)
RTOS_MAPS := useg kvm classic
RTOS_DEFINE_useg := -DRTOS_MAP_USEG
RTOS_DEFINE_kvm := -DRTOS_MAP_KVM
RTOS_DEFINE_classic := -DRTOS_MAP_CLASSIC
RTOS_ROM_useg := 0x3fc00000
RTOS_ROM_kvm := 0x5fc00000
RTOS_ROM_classic := 0xbfc00000

RTOS_FLAGS := $(filter -E%,$(PORT_FLAGS)) -march=mips32r2 -mabi=32 -mno-abicalls -fno-pic -G0 -msoft-float -mno-gpopt
RTOS_CFLAGS := -std=gnu17 -O2 -g $(RTOS_FLAGS) -ffreestanding -fno-stack-protector -fno-strict-aliasing -fno-common \
	-fno-tree-loop-distribute-patterns -fno-toplevel-reorder
RTOS_INCLUDES = -Iguests/rtos/include -Ilib/include $(FREESTANDING_INCLUDES)
RTOS_LDFLAGS := -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-z,max-page-size=4096 -Wl,--no-warn-rwx-segments
RTOS_SOURCES := $(sort $(wildcard guests/rtos/*.c guests/rtos/kernel/*.[cS] guests/rtos/tests/*.[cS])) lib/printf.c lib/string.c \
	lib/arithmetic.c

# $(call rtos_map,MAP)
define rtos_map
RTOS_OBJECTS_$(1) := $$(RTOS_SOURCES:%=$$(RTOS)/$(1)/%.o)
$$(RTOS)/$(1)/%.c.o: %.c guests/rtos/guest.mk | $$(LIBFDT)/libfdt.h compiler
	@mkdir -p $$(@D)
	$$(call say,GUEST,$$<)
	$$(Q)$$(CC) $$(RTOS_DEFINE_$(1)) $$(RTOS_INCLUDES) $$(WARNINGS) $$(RTOS_CFLAGS) -MMD -MP -c -o $$@ $$<
$$(RTOS)/$(1)/%.S.o: %.S guests/rtos/guest.mk | compiler
	@mkdir -p $$(@D)
	$$(call say,GUEST,$$<)
	$$(Q)$$(CC) $$(RTOS_DEFINE_$(1)) $$(RTOS_INCLUDES) -D__ASSEMBLER__ $$(RTOS_FLAGS) -MMD -MP -c -o $$@ $$<
$$(RTOS)/$(1)/rtos.lds: guests/rtos/rtos.lds.S guests/rtos/include/rtos/map.h guests/rtos/guest.mk | compiler
	@mkdir -p $$(@D)
	$$(Q)$$(CC) -E -P -undef -x assembler-with-cpp $$(RTOS_DEFINE_$(1)) -Iguests/rtos/include -o $$@ $$<
$$(RTOS)/$(1)/rtos.elf: $$(RTOS_OBJECTS_$(1)) $$(RTOS)/$(1)/rtos.lds
	$$(call say,LINK,$$@)
	$$(Q)$$(CC) $$(RTOS_CFLAGS) $$(RTOS_LDFLAGS) -T $$(RTOS)/$(1)/rtos.lds -o $$@ $$(RTOS_OBJECTS_$(1))
$$(RTOS)/$(1)/rtos.bin: $$(RTOS)/$(1)/rtos.elf
	$$(Q)$$(OBJCOPY) -O binary $$< $$@
$$(RTOS)/$(1)/rtos.rom: guests/rtos/rom.S $$(RTOS)/$(1)/rtos.bin
	$$(call say,LINK,$$@)
	$$(Q)$$(CC) $$(RTOS_DEFINE_$(1)) $$(RTOS_INCLUDES) -D__ASSEMBLER__ $$(RTOS_FLAGS) -Wa,-I. \
		-DRTOS_IMAGE='"$$(RTOS)/$(1)/rtos.bin"' $$(RTOS_LDFLAGS) -Wl,-e,$$(RTOS_ROM_$(1)) \
		-Wl,-Ttext=$$(RTOS_ROM_$(1)) -o $$@.elf $$<
	$$(Q)$$(OBJCOPY) -O binary -j .text $$@.elf $$@
-include $$(RTOS_OBJECTS_$(1):.o=.d)
endef
$(foreach map,$(RTOS_MAPS),$(eval $(call rtos_map,$(map))))

GUEST_IMAGES += $(RTOS)/useg/rtos.rom

.PHONY: rtos
rtos: $(foreach map,$(RTOS_MAPS),$(RTOS)/$(map)/rtos.elf $(RTOS)/$(map)/rtos.rom)

RTOS_CPU ?= 24Kf
.PHONY: rtos-bare
rtos-bare: $(RTOS)/classic/rtos.elf ## run guests/rtos on the bare emulated board, which proves its tests right
	@$(SETUP) run
	$(Q)guests/rtos/run-bare $(QEMU) -M malta -nic none -cpu $(RTOS_CPU) -m 64M -kernel $<
endif

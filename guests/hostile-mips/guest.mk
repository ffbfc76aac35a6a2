# SPDX-License-Identifier: BSD-2-Clause
# The hostile guest for MIPS: built for each address map, in the board's endianness, as the RTOS guest is, whose boot ROM and
# console it has. Part of the Makefile.
#	$(HOSTILE)/MAP/hostile.rom	a boot ROM with the image in it

ifeq ($(ARCH),mips)
HOSTILE := build/guests/hostile-$(MIPS_ENDIAN)
HOSTILE_SOURCES := $(sort $(wildcard guests/hostile-mips/*.[cS])) guests/rtos/kernel/console.c lib/printf.c lib/string.c lib/arithmetic.c
HOSTILE_SOURCES := $(filter-out %.lds.S,$(HOSTILE_SOURCES))

# $(call hostile_map,MAP)
define hostile_map
HOSTILE_OBJECTS_$(1) := $$(HOSTILE_SOURCES:%=$$(HOSTILE)/$(1)/%.o)
$$(HOSTILE)/$(1)/%.c.o: %.c guests/hostile-mips/guest.mk guests/rtos/guest.mk | $$(LIBFDT)/libfdt.h compiler
	@mkdir -p $$(@D)
	$$(call say,GUEST,$$<)
	$$(Q)$$(CC) $$(RTOS_DEFINE_$(1)) $$(RTOS_INCLUDES) $$(WARNINGS) $$(RTOS_CFLAGS) -MMD -MP -c -o $$@ $$<
$$(HOSTILE)/$(1)/%.S.o: %.S guests/hostile-mips/guest.mk guests/rtos/guest.mk | compiler
	@mkdir -p $$(@D)
	$$(call say,GUEST,$$<)
	$$(Q)$$(CC) $$(RTOS_DEFINE_$(1)) $$(RTOS_INCLUDES) -D__ASSEMBLER__ $$(RTOS_FLAGS) -MMD -MP -c -o $$@ $$<
$$(HOSTILE)/$(1)/hostile.lds: guests/hostile-mips/hostile.lds.S guests/rtos/include/rtos/map.h | compiler
	@mkdir -p $$(@D)
	$$(Q)$$(CC) -E -P -undef -x assembler-with-cpp $$(RTOS_DEFINE_$(1)) -Iguests/rtos/include -o $$@ $$<
$$(HOSTILE)/$(1)/hostile.elf: $$(HOSTILE_OBJECTS_$(1)) $$(HOSTILE)/$(1)/hostile.lds
	$$(call say,LINK,$$@)
	$$(Q)$$(CC) $$(RTOS_CFLAGS) $$(RTOS_LDFLAGS) -T $$(HOSTILE)/$(1)/hostile.lds -o $$@ $$(HOSTILE_OBJECTS_$(1))
$$(HOSTILE)/$(1)/hostile.rom: guests/rtos/rom.S $$(HOSTILE)/$(1)/hostile.elf
	$$(call say,LINK,$$@)
	$$(Q)$$(OBJCOPY) -O binary $$(HOSTILE)/$(1)/hostile.elf $$(HOSTILE)/$(1)/hostile.bin
	$$(Q)$$(CC) $$(RTOS_DEFINE_$(1)) $$(RTOS_INCLUDES) -D__ASSEMBLER__ $$(RTOS_FLAGS) -Wa,-I. \
		-DRTOS_IMAGE='"$$(HOSTILE)/$(1)/hostile.bin"' $$(RTOS_LDFLAGS) -Wl,-e,$$(RTOS_ROM_$(1)) \
		-Wl,-Ttext=$$(RTOS_ROM_$(1)) -o $$@.elf $$<
	$$(Q)$$(OBJCOPY) -O binary -j .text $$@.elf $$@
-include $$(HOSTILE_OBJECTS_$(1):.o=.d)
endef
$(foreach map,useg kvm classic,$(eval $(call hostile_map,$(map))))

# Only tests run it: it is not in the bundle.
HOSTILE_ROMS := $(foreach map,useg kvm classic,$(HOSTILE)/$(map)/hostile.rom)
check-system: $(HOSTILE_ROMS)
.PHONY: hostile
hostile: $(HOSTILE_ROMS)
endif

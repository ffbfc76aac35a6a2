# SPDX-License-Identifier: BSD-2-Clause
# How our own RISC-V guests are built: a program is a folder's sources over guests/runtime, lib/ and libfdt, linked into a
# raw binary. Part of the Makefile; it must be read before the guests' own fragments.

GUEST_OBJECTS := $(GUESTS)/objects
GUEST_FLAGS := -std=gnu17 -O2 -g -march=rv64imac_zicsr_zifencei -mabi=lp64 -mcmodel=medany -mno-relax -ffreestanding -fno-pie \
	-fno-stack-protector -fno-strict-aliasing -fno-common -fno-tree-loop-distribute-patterns \
	-fno-asynchronous-unwind-tables -fno-toplevel-reorder -ffunction-sections -fdata-sections
GUEST_INCLUDES = -Iguests/runtime/include -Icore/include -Ilib/include -isystem $(LIBFDT) $(FREESTANDING_INCLUDES)
RUNTIME_OBJECTS := $(patsubst %,$(GUEST_OBJECTS)/%.o,$(wildcard guests/runtime/*.c guests/runtime/*.S) \
	lib/printf.c lib/string.c lib/strtoul.c) \
	$(patsubst $(LIBFDT)/%,$(GUEST_OBJECTS)/libfdt/%.o,$(filter %/fdt.c %/fdt_ro.c,$(LIBFDT_SOURCES)))

$(GUEST_OBJECTS)/%.c.o: %.c guests/runtime/guest.mk | $(LIBFDT)/libfdt.h compiler
	@mkdir -p $(@D)
	$(call say,GUEST,$<)
	$(Q)$(CC) $(GUEST_INCLUDES) $(WARNINGS) $(GUEST_FLAGS) -MMD -MP -c -o $@ $<

$(GUEST_OBJECTS)/%.S.o: %.S guests/runtime/guest.mk | compiler
	@mkdir -p $(@D)
	$(call say,GUEST,$<)
	$(Q)$(CC) $(GUEST_INCLUDES) -D__ASSEMBLER__ $(GUEST_FLAGS) -MMD -MP -c -o $@ $<

$(GUEST_OBJECTS)/libfdt/%.c.o: $(LIBFDT)/%.c guests/runtime/guest.mk | compiler
	@mkdir -p $(@D)
	$(call say,GUEST,$<)
	$(Q)$(CC) -I$(LIBFDT) $(FREESTANDING_INCLUDES) $(GUEST_FLAGS) -w -MMD -MP -c -o $@ $<

# $(call guest_program,NAME,SOURCES): rules for $(GUESTS)/NAME.elf and NAME.bin.
define guest_program
$(1)_OBJECTS := $$(patsubst %,$$(GUEST_OBJECTS)/%.o,$(2))
$$(GUESTS)/$(1).elf: $$($(1)_OBJECTS) $$(RUNTIME_OBJECTS) guests/runtime/runtime.lds
	$$(call say,LINK,$$@)
	$$(Q)$$(CC) $$(GUEST_FLAGS) -nostdlib -static -no-pie -Wl,--gc-sections -Wl,--build-id=none -Wl,--no-relax \
		-Wl,-z,max-page-size=4096 -Wl,--no-warn-rwx-segments -T guests/runtime/runtime.lds -o $$@ \
		$$($(1)_OBJECTS) $$(RUNTIME_OBJECTS)
$$(GUESTS)/$(1).bin: $$(GUESTS)/$(1).elf
	$$(Q)$$(OBJCOPY) -O binary $$< $$@
-include $$($(1)_OBJECTS:.o=.d)
endef

-include $(RUNTIME_OBJECTS:.o=.d)

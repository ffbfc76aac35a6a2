# SPDX-License-Identifier: BSD-2-Clause
# What is measured on the Malta board: a guest of our own, in kernel mode and user mode of two maps, and user space of the
# stock kernel. Part of the Makefile.

# The guest stands on the kernel of guests/rtos, whose rules build its objects. The emulator starts that of the classic map
# on the bare board.
BENCH_MAP_segctl := classic
BENCH_MAP_useg := useg

# $(call bench_guest,NAME): $(BENCH)/NAME.elf, for the map that BENCH_MAP_NAME is called in guests/rtos.
define bench_guest
BENCH_OBJECTS_$(1) := $$(patsubst %,$$(RTOS)/$$(BENCH_MAP_$(1))/%.o,$$(wildcard bench/malta/guest/*.[cS]))
$$(BENCH)/$(1).elf: $$(BENCH_OBJECTS_$(1)) $$(filter-out $$(RTOS)/$$(BENCH_MAP_$(1))/guests/rtos/main.c.o \
		$$(RTOS)/$$(BENCH_MAP_$(1))/guests/rtos/tests/%,$$(RTOS_OBJECTS_$$(BENCH_MAP_$(1)))) \
		$$(RTOS)/$$(BENCH_MAP_$(1))/rtos.lds
	@mkdir -p $$(@D)
	$$(call say,LINK,$$@)
	$$(Q)$$(CC) $$(RTOS_CFLAGS) $$(RTOS_LDFLAGS) -s -T $$(RTOS)/$$(BENCH_MAP_$(1))/rtos.lds -o $$@ $$(filter %.o,$$^)
$$(BENCH)/$(1).bundle: $$(BENCH)/$(1).dtb $$(BENCH)/$(1).elf
-include $$(BENCH_OBJECTS_$(1):.o=.d)
endef
$(foreach name,segctl useg,$(eval $(call bench_guest,$(name))))

# Given to the bare kernel on the emulator's command line, to Corbel's guest in its tree. Without an FPU, which user space
# could not use, and with every address the same on both.
BENCH_BOOTARGS := console=ttyS0 quiet nofpu nokaslr norandmaps hostname=bench corbel.run=/bench-linux
BENCH_PROGRAM := bench-linux
BENCH_FILES := $(BENCH)/segctl.bundle $(BENCH)/useg.bundle $(BENCH)/linux.bundle

$(BENCH)/bench-linux: bench/malta/linux/main.c bench/malta/bench.mk | compiler
	@mkdir -p $(@D)
	$(call say,GUEST,$<)
	$(Q)$(CC) $(FREESTANDING_INCLUDES) $(WARNINGS) $(RTOS_CFLAGS) -nostdlib -static -no-pie -Wl,--build-id=none -s -o $@ $<

$(BENCH)/linux.bundle: $(BENCH)/linux.dtb $(GUESTS)/vmlinuz $(BENCH)/initramfs.cpio

# SPDX-License-Identifier: BSD-2-Clause
# Measuring: the guest of bench/guest, and `make bench`; part of the Makefile.

ifeq ($(ARCH),riscv)
BENCH := build/bench

$(eval $(call guest_program,bench,$(addprefix bench/guest/,main.c sbi.c device.c timer.c memory.c latency.S)))
$(eval $(call guest_program,stub,bench/kernel/stub.c))

# Given to the bare kernel on the emulator's command line, to Corbel's guest in its tree.
BENCH_BOOTARGS := console=ttyS0 quiet hostname=bench corbel.run=/bench-ready

$(BENCH)/%.dtb: bench/%.dts guests/virt-riscv.dtsi bench/bench.mk | compiler
	@mkdir -p $(@D)
	$(call say,DTC,$<)
	$(Q)$(CC) -E -nostdinc -undef -x assembler-with-cpp -Iguests -DBOOTARGS='"$(BENCH_BOOTARGS)"' -o $@.pp $<
	$(Q)dtc -I dts -O dtb -i guests -o $@ $@.pp

$(BENCH)/bench-ready: bench/kernel/ready.c bench/bench.mk | compiler
	@mkdir -p $(@D)
	$(call say,GUEST,$<)
	$(Q)$(CC) $(WARNINGS) $(GUEST_FLAGS) -nostdlib -static -no-pie -Wl,--build-id=none -o $@ $<

# Linux unpacks one archive after the other.
$(BENCH)/initramfs.cpio: $(GUESTS)/initramfs.cpio $(BENCH)/bench-ready
	$(call say,CPIO,$@)
	$(Q)cd $(BENCH) && { cat $(CURDIR)/$< && echo bench-ready | cpio -o -H newc -R +0:+0 --quiet; } >$(@F).new
	$(Q)mv $@.new $@

$(BENCH)/%.bundle: $(BENCH)/%.dtb tools/make-bundle.sh bench/bench.mk
	@printf 'guest create /$*.dtb\nguest start $*\nguest console $*\n' >$(BENCH)/$*.cmd
	$(call say,CPIO,$@)
	$(Q)tools/make-bundle.sh $@ boot.cmd=$(BENCH)/$*.cmd $(foreach file,$(filter-out %.sh %.mk,$^),$(notdir $(file))=$(file))
$(BENCH)/bench.bundle: $(BENCH)/bench.dtb $(GUESTS)/bench.bin
$(BENCH)/kernel.bundle: $(BENCH)/kernel.dtb $(GUESTS)/stub.bin $(GUESTS)/vmlinux $(BENCH)/initramfs.cpio

BENCH_FILES := $(BENCH)/bench.bundle $(BENCH)/kernel.bundle
BENCH_RUN = bench/run --qemu $(QEMU) --cpu $(QEMU_CPU) --corbel $(ELF) --build $(BENCH) --guests $(GUESTS) \
	--bootargs '$(BENCH_BOOTARGS)'

.PHONY: bench
bench: $(ELF) $(BENCH_FILES) ## count the instructions that operations cost, bare and on Corbel, beside the reference
	@$(SETUP) run
	$(Q)$(BENCH_RUN)

.PHONY: bench-update
bench-update: $(ELF) $(BENCH_FILES) ## the same, and make what was measured the reference
	@$(SETUP) run
	$(Q)$(BENCH_RUN) --update
endif

# SPDX-License-Identifier: BSD-2-Clause
# Measuring: `make bench`; part of the Makefile. What is measured on a board, and how that is built, is bench/BOARD/bench.mk,
# which adds its files to BENCH_FILES and its options to BENCH_OPTIONS.

BENCH := build/$(BOARD)/bench
BENCH_FILES :=
BENCH_OPTIONS :=
-include bench/$(BOARD)/bench.mk

ifneq ($(BENCH_FILES),)
# Trees that a board's guests are measured with; BENCH_BOOTARGS stands in them as BOOTARGS.
$(BENCH)/%.dtb: bench/$(BOARD)/%.dts $(wildcard guests/*.dtsi) bench/$(BOARD)/bench.mk | compiler
	@mkdir -p $(@D)
	$(call say,DTC,$<)
	$(Q)$(CC) -E -nostdinc -undef -x assembler-with-cpp -Iguests -DBOOTARGS='"$(BENCH_BOOTARGS)"' -o $@.pp $<
	$(Q)dtc -I dts -O dtb -i guests -o $@ $@.pp

# Linux unpacks one archive after the other: BENCH_PROGRAM comes after what all small Linux guests have.
$(BENCH)/initramfs.cpio: $(GUESTS)/initramfs.cpio $(BENCH)/$(BENCH_PROGRAM)
	$(call say,CPIO,$@)
	$(Q)cd $(BENCH) && { cat $(CURDIR)/$< && echo $(BENCH_PROGRAM) | cpio -o -H newc -R +0:+0 --quiet; } >$(@F).new
	$(Q)mv $@.new $@

# What a bundle brings along beside its tree are its other prerequisites.
$(BENCH)/%.bundle: $(BENCH)/%.dtb tools/make-bundle.sh bench/bench.mk
	@printf 'guest create /$*.dtb\nguest start $*\nguest console $*\n' >$(BENCH)/$*.cmd
	$(call say,CPIO,$@)
	$(Q)tools/make-bundle.sh $@ boot.cmd=$(BENCH)/$*.cmd $(foreach file,$(filter-out %.sh %.mk,$^),$(notdir $(file))=$(file))

BENCH_RUN = bench/run --board $(BOARD) --qemu $(QEMU) --cpu $(QEMU_CPU) --corbel $(ELF) --build $(BENCH) --guests $(GUESTS) \
	--bootargs '$(BENCH_BOOTARGS)'

.PHONY: bench
bench: $(ELF) $(BENCH_FILES) ## count the instructions that operations cost, bare and on Corbel, beside the reference
	@$(SETUP) run
	$(Q)$(BENCH_RUN)

.PHONY: bench-update
bench-update: $(ELF) $(BENCH_FILES) ## the same, and make what was measured the reference
	@$(SETUP) run
	$(Q)$(BENCH_RUN) --update
else
.PHONY: bench bench-update
bench bench-update:
	@echo "Nothing is measured on the board $(BOARD); boards that are: $(patsubst bench/%/bench.mk,%,$(wildcard bench/*/bench.mk))." >&2
	@false
endif

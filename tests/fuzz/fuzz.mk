# SPDX-License-Identifier: BSD-2-Clause
# The fuzzers; part of the Makefile. Each is tests/fuzz/NAME_fuzz.c, a program of its own with all of core, lib, vdev,
# backend and mterm over the fake port of the unit tests, compiled by clang with coverage and sanitizers.

FUZZ_BUILD := build/fuzz
FUZZ_CC ?= clang
FUZZ_SANITIZERS := address,undefined
FUZZ_FLAGS := -O2 $(filter-out -O1 -fsanitize=% -fno-tree-%,$(HOST_FLAGS)) -fsanitize=fuzzer-no-link,$(FUZZ_SANITIZERS)
# It knows warnings that the compiler of the hypervisor does not, and need not be followed.
FUZZ_WARNINGS := $(WARNINGS) -Wno-unknown-warning-option
FUZZ_NAMES := $(patsubst tests/fuzz/%_fuzz.c,%,$(sort $(wildcard tests/fuzz/*_fuzz.c)))
FUZZ_PROGRAMS := $(FUZZ_NAMES:%=$(FUZZ_BUILD)/%)
FUZZ_OBJECTS := $(HOST_SOURCES:%=$(FUZZ_BUILD)/%.o) $(LIBFDT_SOURCES:$(LIBFDT)/%=$(FUZZ_BUILD)/libfdt/%.o)
FUZZ_INCLUDES = $(HOST_INCLUDES)
$(FUZZ_BUILD)/lib/%.o: FUZZ_FLAGS += -include tests/unit/libc_rename.h
$(FUZZ_BUILD)/core/version.c.o: FUZZ_FLAGS += -DCORBEL_VERSION='"fuzz"'

$(FUZZ_BUILD)/compiler:
	@tools/setup.sh fuzz
	@mkdir -p $(@D) && touch $@

$(FUZZ_BUILD)/%.c.o: %.c Makefile tests/Makefile.mk tests/fuzz/fuzz.mk | $(LIBFDT)/libfdt.h $(FUZZ_BUILD)/compiler
	@mkdir -p $(@D)
	$(call say,FUZZ,$<)
	$(Q)$(FUZZ_CC) $(FUZZ_INCLUDES) $(FUZZ_WARNINGS) $(FUZZ_FLAGS) -MMD -MP -c -o $@ $<

# Checked, but its branches do not count: it is not what is to be explored, and counting them takes most of the time.
$(FUZZ_BUILD)/libfdt/%.c.o: $(LIBFDT)/%.c Makefile tests/fuzz/fuzz.mk | $(FUZZ_BUILD)/compiler
	@mkdir -p $(@D)
	$(call say,FUZZ,$<)
	$(Q)$(FUZZ_CC) -I$(LIBFDT) $(filter-out -fsanitize=%,$(FUZZ_FLAGS)) -fsanitize=$(FUZZ_SANITIZERS) -w -MMD -MP -c -o $@ $<

$(FUZZ_BUILD)/libcorbel.a: $(FUZZ_OBJECTS)
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar qcs $@ $(FUZZ_OBJECTS)

.SECONDARY: $(FUZZ_NAMES:%=$(FUZZ_BUILD)/tests/fuzz/%_fuzz.c.o)
$(FUZZ_PROGRAMS): $(FUZZ_BUILD)/%: $(FUZZ_BUILD)/tests/fuzz/%_fuzz.c.o $(FUZZ_BUILD)/libcorbel.a
	$(call say,LINK,$@)
	$(Q)$(FUZZ_CC) -fsanitize=fuzzer,$(FUZZ_SANITIZERS) $(FUZZ_LDFLAGS) -o $@ $(filter %.o,$^) \
		-Wl,--whole-archive $(FUZZ_BUILD)/libcorbel.a -Wl,--no-whole-archive -lcmocka

# What some need besides.
$(FUZZ_BUILD)/device: $(FUZZ_BUILD)/tests/fuzz/device_checks.c.o
$(FUZZ_BUILD)/device: FUZZ_LDFLAGS := -Wl,--wrap=guest_request

# The MIPS port's processor, memory and shadow, with that port's types. Where its hooks have the same names as the fake
# port's they go by others.
FUZZ_MIPS := $(patsubst %,$(FUZZ_BUILD)/%.c.o,$(addprefix arch/mips/,amap branch cp0 decode emulate emulate_access gmem inject plain \
	shadow tlb translate vcount) tests/unit/mips/processor tests/fuzz/mips_host)
$(FUZZ_BUILD)/arch/mips/%.c.o $(FUZZ_BUILD)/tests/unit/mips/%.c.o $(FUZZ_BUILD)/tests/fuzz/mips_%.c.o: \
	FUZZ_INCLUDES := -Itests/unit/mips/include -Iarch/mips/include $(PORTABLE_INCLUDES) -Itests/unit -Itests/unit/fake/include \
	$(foreach hook,map unmap limit,-Darch_gmem_$(hook)=mips_gmem_$(hook))
$(FUZZ_BUILD)/mips_cpu: $(FUZZ_MIPS)
$(FUZZ_BUILD)/mips_decode: $(FUZZ_BUILD)/arch/mips/decode.c.o

FUZZ ?=
TIME ?= 60
.PHONY: fuzz
fuzz: $(if $(FUZZ),$(FUZZ_BUILD)/$(FUZZ)) ## run one fuzzer for a while: FUZZ=name TIME=seconds (60); without a name, list them
	$(Q)$(if $(FUZZ),tests/fuzz/run time '$(TIME)' $<,echo 'make fuzz FUZZ=name TIME=seconds; the fuzzers are: $(FUZZ_NAMES)')

.PHONY: fuzz-check
fuzz-check: $(FUZZ_PROGRAMS) ## run each fuzzer shortly, over the kept inputs and a fixed number of new ones
	$(Q)tests/fuzz/run check $(FUZZ_PROGRAMS)

-include $(FUZZ_OBJECTS:.o=.d) $(FUZZ_MIPS:.o=.d) $(wildcard $(FUZZ_BUILD)/tests/fuzz/*.d)

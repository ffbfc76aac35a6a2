# SPDX-License-Identifier: BSD-2-Clause
# How everything is tested; part of the Makefile. Unit tests are tests/unit/*_test.c, each a program of its own, linked
# with all of core, lib, vdev, backend and mterm, compiled for this machine with sanitizers over the fake port in
# tests/unit/fake. System tests are tests/system/test_*.py.

HOST := build/host
HOST_CC ?= gcc
PYTHON ?= /usr/bin/python3
PYTEST_FLAGS ?=

HOST_INCLUDES := $(PORTABLE_INCLUDES) -Itests/unit/fake/include -Itests/unit
HOST_FLAGS := -std=gnu17 -O1 -g -DCORBEL_DEBUG=1 -fno-common -fno-omit-frame-pointer -fno-strict-aliasing -fno-builtin \
	-fno-tree-loop-distribute-patterns -fsanitize=address,undefined -fno-sanitize-recover=all
# lib/ defines functions that the C library and the sanitizers have too: in tests they go by another name.
$(HOST)/lib/%.o: HOST_FLAGS += -include tests/unit/libc_rename.h

HOST_SOURCES := $(call find_files,$(PORTABLE_FOLDERS) tests/unit/fake,.c)
HOST_OBJECTS := $(HOST_SOURCES:%=$(HOST)/%.o) $(LIBFDT_SOURCES:$(LIBFDT)/%=$(HOST)/libfdt/%.o)
UNIT_TESTS := $(patsubst %.c,$(HOST)/%,$(sort $(wildcard tests/unit/*_test.c)))
.SECONDARY: $(UNIT_TESTS:=.c.o)

$(HOST)/%.c.o: %.c Makefile tests/Makefile.mk | $(LIBFDT)/libfdt.h
	@mkdir -p $(@D)
	$(call say,HOST,$<)
	$(Q)$(HOST_CC) $(HOST_INCLUDES) $(WARNINGS) $(HOST_FLAGS) -MMD -MP -c -o $@ $<

$(HOST)/libfdt/%.c.o: $(LIBFDT)/%.c Makefile tests/Makefile.mk
	@mkdir -p $(@D)
	$(call say,HOST,$<)
	$(Q)$(HOST_CC) -I$(LIBFDT) $(HOST_FLAGS) -w -MMD -MP -c -o $@ $<

$(HOST)/core/version.c.o: HOST_INCLUDES += -DCORBEL_VERSION='"unit-test"'

# Rebuilt from nothing, for a source that went away must not live on in it; appended to (q), since two sources of the same
# name in different folders must both be in it.
$(HOST)/libcorbel.a: $(HOST_OBJECTS)
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar qcs $@ $(HOST_OBJECTS)

# Linked whole, so that what registers itself in a section is there.
$(HOST)/tests/unit/%_test: $(HOST)/tests/unit/%_test.c.o $(HOST)/libcorbel.a
	$(call say,LINK,$@)
	$(Q)$(HOST_CC) $(HOST_FLAGS) $(UNIT_LDFLAGS) -o $@ $< -Wl,--whole-archive $(HOST)/libcorbel.a -Wl,--no-whole-archive \
		-lcmocka

# The MIPS port's virtual processor depends on nothing of the host, so it is tested here, whatever the board. These files
# see that port's types and not the fake port's.
MIPS_PROCESSOR := $(patsubst %,$(HOST)/%.c.o,$(addprefix arch/mips/,amap branch cp0 decode emulate emulate_access inject plain \
	tlb translate vcount) tests/unit/mips/processor)
# What is behind it: nothing that acts, or the shadow over a model of the host's TLB.
MIPS_SHADOW := $(HOST)/tests/unit/mips/shadow_told.c.o
$(HOST)/tests/unit/mips_shadow_test: MIPS_SHADOW := $(HOST)/arch/mips/shadow.c.o
.SECONDARY: $(MIPS_PROCESSOR) $(MIPS_SHADOW)
$(HOST)/arch/mips/%.c.o $(HOST)/tests/unit/mips/%.c.o $(HOST)/tests/unit/mips_%.c.o: \
	HOST_INCLUDES := -Itests/unit/mips/include -Iarch/mips/include $(PORTABLE_INCLUDES) -Itests/unit
$(HOST)/tests/unit/mips_shadow_test: $(HOST)/arch/mips/shadow.c.o
$(HOST)/tests/unit/mips_%_test: $(HOST)/tests/unit/mips_%_test.c.o $(MIPS_PROCESSOR) $(MIPS_SHADOW) $(HOST)/libcorbel.a
	$(call say,LINK,$@)
	$(Q)$(HOST_CC) $(HOST_FLAGS) -o $@ $< $(MIPS_PROCESSOR) $(MIPS_SHADOW) -Wl,--whole-archive $(HOST)/libcorbel.a \
		-Wl,--no-whole-archive -lcmocka

# Calls of the allocators from other files lead to the test first, which lets them fail.
$(HOST)/tests/unit/guest_test: UNIT_LDFLAGS := -Wl,--wrap=object_alloc,--wrap=object_alloc_array,--wrap=object_strdup \
	-Wl,--wrap=page_alloc,--wrap=page_alloc_zeroed
$(HOST)/tests/unit/passthrough_test: UNIT_LDFLAGS := -Wl,--wrap=object_alloc

.PHONY: check-unit
check-unit: $(UNIT_TESTS) ## build and run the unit tests only (under ASan and UBSan)
	$(Q)tests/run-unit $(UNIT_TESTS)

include tests/fuzz/fuzz.mk

# Each public header compiles by itself, for the board and for this machine.
PUBLIC_HEADERS := $(filter-out lib/include/libc/%,$(call find_files,$(COMMON_FOLDERS:%=%/include),.h))
PORT_HEADERS := $(call find_files,arch/$(ARCH)/include,.h)
HEADER_CHECKS := $(PUBLIC_HEADERS:%=$(BUILD)/headers/%.checked) $(PORT_HEADERS:%=$(BUILD)/headers/%.checked) \
	$(PUBLIC_HEADERS:%=$(HOST)/headers/%.checked)

$(BUILD)/headers/%.checked: % Makefile | $(LIBFDT)/libfdt.h compiler
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(WARNINGS) $(CFLAGS) -MMD -MP -MT $@ -MF $@.d -fsyntax-only -x c $<
	@touch $@

$(HOST)/headers/%.checked: % Makefile tests/Makefile.mk | $(LIBFDT)/libfdt.h
	@mkdir -p $(@D)
	$(Q)$(HOST_CC) $(HOST_INCLUDES) $(WARNINGS) $(HOST_FLAGS) -MMD -MP -MT $@ -MF $@.d -fsyntax-only -x c $<
	@touch $@

.PHONY: check-headers
check-headers: $(HEADER_CHECKS) ## compile each public header by itself
	@echo "headers: $(words $(HEADER_CHECKS)) checks that a header compiles by itself passed"

.PHONY: check-system
check-system: $(ELF) $(BUNDLE) ## build and run the system tests only (PYTEST_FLAGS='-k NAME' picks some)
	@$(SETUP) run check $(BOARD_NEEDS)
	$(Q)BOARD=$(BOARD) QEMU=$(QEMU) PYTHONDONTWRITEBYTECODE=1 $(PYTHON) -m pytest -p no:cacheprovider $(PYTEST_FLAGS) tests/system

.PHONY: soak
soak: $(ELF) $(BUNDLE) ## load a Linux guest of four VCPUs on two processors for ten minutes, which is too long for `make check`
	@$(SETUP) run check $(BOARD_NEEDS)
	$(Q)BOARD=$(BOARD) QEMU=$(QEMU) PYTHONDONTWRITEBYTECODE=1 $(PYTHON) -m pytest -p no:cacheprovider --soak -m soak tests/system

.PHONY: check
check: ## build with and without assertions, warnings being errors, and run every test
	@$(SETUP) run check fuzz
	@MAKE='$(MAKE)' tests/run-all

-include $(HOST_OBJECTS:.o=.d) $(MIPS_PROCESSOR:.o=.d) $(HOST)/arch/mips/shadow.c.d $(MIPS_SHADOW:.o=.d) $(UNIT_TESTS:=.c.d) $(HEADER_CHECKS:=.d)

# SPDX-License-Identifier: BSD-2-Clause
# Builds, runs and checks Corbel; `make help` lists the targets. A new source file needs no entry here: all are found.

BOARD ?= virt
RELEASE ?=
V ?=

.SUFFIXES:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all

BUILD := build/$(BOARD)$(if $(RELEASE),-release)
ELF := $(BUILD)/corbel.elf
BUNDLE := build/$(BOARD)/bundle.cpio
LIBFDT := build/libfdt

ifeq ($(wildcard boards/$(BOARD).mk),)
$(error there is no board '$(BOARD)'; the boards are: $(patsubst boards/%.mk,%,$(wildcard boards/*.mk)))
endif
include boards/$(BOARD).mk
include arch/$(ARCH)/port.mk

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-5s %s\n' $(1) $(patsubst $(CURDIR)/%,%,$(2));)

# $(call find_files,FOLDERS,SUFFIX): every file of that suffix below the folders.
find_files = $(sort $(foreach entry,$(wildcard $(1:%=%/*)),$(call find_files,$(entry),$(2)) $(filter %$(2),$(entry))))

COMMON_FOLDERS := core lib vdev drivers backend mterm
PORTABLE_FOLDERS := core lib vdev backend mterm
# A folder below vdev/ has what only some boards' guests see: a board's BOARD_VDEVS names those that it wants.
OTHER_VDEVS := $(filter-out vdev/include/ $(BOARD_VDEVS:%=vdev/%/),$(wildcard vdev/*/))
SOURCES := $(filter-out %.lds.S $(OTHER_VDEVS:%=%%),$(call find_files,arch/$(ARCH) $(COMMON_FOLDERS),.c) \
	$(call find_files,arch/$(ARCH) $(COMMON_FOLDERS),.S))
LIBFDT_SOURCES := $(addprefix $(LIBFDT)/,fdt.c fdt_ro.c fdt_wip.c fdt_sw.c fdt_rw.c fdt_strerror.c fdt_empty_tree.c \
	fdt_addresses.c fdt_overlay.c fdt_check.c)
OBJECTS := $(SOURCES:%=$(BUILD)/%.o) $(LIBFDT_SOURCES:$(LIBFDT)/%=$(BUILD)/libfdt/%.o)

CC := $(CROSS_COMPILE)gcc
NM := $(CROSS_COMPILE)nm
OBJCOPY := $(CROSS_COMPILE)objcopy
SETUP := QEMU=$(QEMU) CROSS_COMPILE=$(CROSS_COMPILE) tools/setup.sh

WARNINGS := -Wall -Wextra -Werror -Wmissing-prototypes -Wstrict-prototypes -Wshadow -Wundef -Wvla
PORTABLE_INCLUDES := -Icore/include -Ilib/include -Ivdev/include -Idrivers/include -Ibackend/include -Imterm/include \
	-isystem $(LIBFDT)
# Only the compiler's own headers and the few of lib/include/libc: a C library that is installed must not leak in.
COMPILER_HEADERS = $(eval COMPILER_HEADERS := $$(shell $$(CC) -print-file-name=include))$(COMPILER_HEADERS)
FREESTANDING_INCLUDES = -nostdinc -isystem $(COMPILER_HEADERS) -isystem lib/include/libc
CPPFLAGS = $(PORTABLE_INCLUDES) -Iarch/$(ARCH)/include $(FREESTANDING_INCLUDES) $(if $(RELEASE),,-DCORBEL_DEBUG=1)
CFLAGS := -std=gnu17 -O2 -g $(PORT_FLAGS) -ffreestanding -fno-pie -fno-stack-protector -fno-strict-aliasing -fno-common \
	-fno-optimize-sibling-calls -fno-tree-loop-distribute-patterns -fno-asynchronous-unwind-tables \
	-ffunction-sections -fdata-sections
ASFLAGS := -g -fno-pie $(PORT_FLAGS) -D__ASSEMBLER__
LDFLAGS := $(PORT_FLAGS) $(PORT_LDFLAGS) -nostdlib -static -no-pie -Wl,--gc-sections -Wl,--build-id=none \
	-Wl,-z,max-page-size=4096 -Wl,--fatal-warnings -Wl,-z,noexecstack

.PHONY: all
all: $(ELF) ## build the hypervisor (V=1: show commands, RELEASE=1: without assertions)

# A newcomer who starts here, and not with `make run`, has no compiler yet.
.PHONY: compiler
compiler:
	@command -v $(CC) >/dev/null || $(SETUP) build

# What was configured: a change of the version or of the flags rebuilds what depends on it.
VERSION := $(or $(shell git describe --always --dirty --tags 2>/dev/null),unknown)
$(BUILD)/version: FORCE
	@mkdir -p $(@D)
	@echo '$(VERSION)' | cmp -s - $@ || echo '$(VERSION)' >$@
.PHONY: FORCE
FORCE:

$(LIBFDT)/libfdt.h: tools/versions tools/fetch-libfdt.sh
	$(Q)$(SETUP) build
	$(Q)tools/fetch-libfdt.sh
$(LIBFDT_SOURCES): $(LIBFDT)/libfdt.h ;

$(BUILD)/%.c.o: %.c Makefile arch/$(ARCH)/port.mk | $(LIBFDT)/libfdt.h compiler
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS) $(WARNINGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/%.S.o: %.S Makefile arch/$(ARCH)/port.mk | $(LIBFDT)/libfdt.h compiler
	@mkdir -p $(@D)
	$(call say,AS,$<)
	$(Q)$(CC) $(CPPFLAGS) $(ASFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/libfdt/%.c.o: $(LIBFDT)/%.c Makefile arch/$(ARCH)/port.mk | compiler
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) -I$(LIBFDT) $(FREESTANDING_INCLUDES) $(CFLAGS) -w -MMD -MP -c -o $@ $<

# The version is known to one file alone, so that a commit does not rebuild the rest.
$(BUILD)/core/version.c.o: CPPFLAGS += -DCORBEL_VERSION='"$(VERSION)"'
$(BUILD)/core/version.c.o: $(BUILD)/version

# Where the firmware gives no tree, the board's is linked in.
ifdef HOST_TREE
OBJECTS += $(BUILD)/host-tree.o
$(BUILD)/host-tree.o: $(HOST_TREE) Makefile | compiler
	@mkdir -p $(@D)
	$(call say,DTC,$<)
	$(Q)$(CC) -E -nostdinc -undef -x assembler-with-cpp -MMD -MP -MT $@ -MF $(@:.o=.d) -o $(@:.o=.pp) $<
	$(Q)dtc -I dts -O dtb -o $(@:.o=.dtb) $(@:.o=.pp)
	$(Q)printf '\t.section .host_tree, "a"\n\t.balign 8\n\t.globl built_in_tree\nbuilt_in_tree:\n\t.incbin "%s"\n' \
		$(@:.o=.dtb) >$(@:.o=.S)
	$(Q)$(CC) $(ASFLAGS) -c -o $@ $(@:.o=.S)
endif

$(BUILD)/corbel.lds: arch/$(ARCH)/corbel.lds.S Makefile | compiler
	@mkdir -p $(@D)
	$(call say,LDS,$<)
	$(Q)$(CC) -E -P -x assembler-with-cpp -D__ASSEMBLER__ $(CPPFLAGS) -MMD -MP -MT $@ -MF $@.d -o $@ $<

# Linked twice: the first image tells where the functions are, the second carries that table. The table lies behind the
# code, so that its size moves no function; the comparison makes sure.
LINK = $(CC) $(LDFLAGS) -T $(BUILD)/corbel.lds
$(ELF): $(OBJECTS) $(BUILD)/corbel.lds tools/symbols.sh
	$(call say,LINK,$@)
	$(Q)tools/symbols.sh >$(BUILD)/symbols-0.S
	$(Q)$(CC) $(ASFLAGS) -c -o $(BUILD)/symbols-0.o $(BUILD)/symbols-0.S
	$(Q)$(LINK) -o $(BUILD)/corbel-0.elf $(OBJECTS) $(BUILD)/symbols-0.o
	$(Q)tools/symbols.sh $(NM) $(BUILD)/corbel-0.elf >$(BUILD)/symbols-1.S
	$(Q)$(CC) $(ASFLAGS) -c -o $(BUILD)/symbols-1.o $(BUILD)/symbols-1.S
	$(Q)$(LINK) -Wl,-Map=$(BUILD)/corbel.map -o $@ $(OBJECTS) $(BUILD)/symbols-1.o
	$(Q)tools/symbols.sh $(NM) $@ | cmp -s - $(BUILD)/symbols-1.S || \
		{ echo "$@: the symbol table moved the code; it must be placed behind .text" >&2; rm -f $@; exit 1; }

# What is given to guests: the board's boot script and trees, guests/BOARD/*.dts, and the images that those name: stock ones
# that are fetched, which the board names, and our own. A folder guests/NAME with an image of our own has a guest.mk, which
# adds the image to GUEST_IMAGES ($(GUESTS)/NAME.bin) and says how it is built.
GUESTS := build/$(BOARD)/guests
GUEST_IMAGES :=
include tests/Makefile.mk
-include $(wildcard guests/runtime/guest.mk) $(sort $(filter-out guests/runtime/%,$(wildcard guests/*/guest.mk))) $(wildcard bench/bench.mk)
GUEST_TREES := $(patsubst guests/$(BOARD)/%.dts,$(GUESTS)/%.dtb,$(wildcard guests/$(BOARD)/*.dts))
BUNDLE_FILES := $(wildcard guests/$(BOARD)/boot.cmd) $(GUEST_TREES) $(BOARD_GUEST_FILES:%=$(GUESTS)/%) $(GUEST_IMAGES)

$(GUESTS)/fetched: tools/versions tools/fetch-guests.sh
	$(Q)$(SETUP) build
	$(Q)tools/fetch-guests.sh $(BOARD_DEBIAN) $(GUESTS)
	@touch $@
$(addprefix $(GUESTS)/,vmlinux vmlinuz busybox u-boot.bin): $(GUESTS)/fetched ;

$(GUESTS)/initramfs.cpio: tools/make-initramfs.sh $(GUESTS)/busybox $(wildcard guests/initramfs/*)
	$(call say,CPIO,$@)
	$(Q)tools/make-initramfs.sh $@ $(GUESTS)/busybox

$(GUESTS)/%.dtb: guests/$(BOARD)/%.dts Makefile | compiler
	@mkdir -p $(@D)
	$(call say,DTC,$<)
	$(Q)$(CC) -E -nostdinc -undef -x assembler-with-cpp -Iguests -MMD -MP -MT $@ -MF $@.d -o $@.pp $<
	$(Q)dtc -I dts -O dtb -i guests -o $@ $@.pp

$(BUNDLE): tools/make-bundle.sh $(BUNDLE_FILES)
	@mkdir -p $(@D)
	$(call say,CPIO,$@)
	$(Q)tools/make-bundle.sh $@ $(foreach file,$(BUNDLE_FILES),$(notdir $(file))=$(file))

.PHONY: bundle
bundle: $(BUNDLE) ## build the bundle of guests only

.PHONY: run
run: ## install what is missing, fetch guests, build, and boot Corbel with guests in QEMU (Ctrl-A X leaves)
	@$(SETUP) run $(BOARD_NEEDS)
	@$(MAKE) --no-print-directory -j$$(nproc) $(ELF)
	@$(MAKE) --no-print-directory $(BUNDLE)
	@echo "  QEMU  $(ELF): Ctrl-A X leaves QEMU, Ctrl-] leads from a guest to the corbel> prompt"
	$(Q)exec $(QEMU) $(QEMU_FLAGS)

.PHONY: qemu-gdb
qemu-gdb: ## the same, but wait for a debugger on port 1234 before the first instruction
	@$(SETUP) run $(BOARD_NEEDS)
	@$(MAKE) --no-print-directory -j$$(nproc) $(ELF)
	@$(MAKE) --no-print-directory $(BUNDLE)
	@echo "  QEMU  waits for: gdb-multiarch -ex 'target remote localhost:1234' $(ELF)"
	$(Q)exec $(QEMU) $(QEMU_FLAGS) -s -S

# `make lint` reads what git knows of, so that scratch files do not count.
LISTED = $(shell git ls-files $(1) 2>/dev/null || find . -path ./build -prune -o -type f -print)
FORMATTED = $(filter %.c %.h,$(call LISTED,))
SCRIPTS = $(filter tools/%.sh bench/%.sh guests/%/run-bare tests/run-all tests/run-unit tests/fuzz/run .ci/run,$(call LISTED,tools tests bench guests .ci))

.PHONY: format
format: ## lay out all C sources as .clang-format says
	@$(SETUP) lint
	$(Q)clang-format -i $(FORMATTED)

.PHONY: lint
lint: $(LIBFDT)/libfdt.h ## check the layout of sources (clang-format), C (cppcheck) and shell scripts (shellcheck)
	@$(SETUP) lint
	@echo "  LINT  clang-format"
	$(Q)tools/lint-format.sh $(FORMATTED)
	@echo "  LINT  shellcheck"
	$(Q)shellcheck -x $(SCRIPTS)
	$(Q)shellcheck -s dash guests/initramfs/init guests/initramfs/profile
	@echo "  LINT  cppcheck"
	$(Q)tools/lint-c.sh $(PORTABLE_INCLUDES) -Iarch/$(ARCH)/include -- $(filter %.c,$(SOURCES))
	$(Q)tools/lint-c.sh -Iguests/runtime/include $(PORTABLE_INCLUDES) -- $(call find_files,guests bench,.c)
	@echo "lint: clean"

.PHONY: clean
clean: ## remove what was built (downloads stay; remove build/ to be rid of them too)
	$(Q)find build -mindepth 1 -maxdepth 1 ! -name downloads ! -name apt -exec rm -rf {} + 2>/dev/null || true

.PHONY: help
help: ## show this list
	@echo "Targets of Corbel (BOARD=$(BOARD)):"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

-include $(OBJECTS:.o=.d) $(BUILD)/corbel.lds.d $(GUEST_TREES:=.d)

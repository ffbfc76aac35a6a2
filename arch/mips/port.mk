# SPDX-License-Identifier: BSD-2-Clause
# What the compiler must be told to build for MIPS32r2, in the endianness that the board names: nothing else about a board.

ifeq ($(MIPS_ENDIAN),big)
CROSS_COMPILE ?= mips-linux-gnu-
PORT_FLAGS := -EB
PORT_LDFLAGS := -Wl,-m,elf32btsmip
else
CROSS_COMPILE ?= mipsel-linux-gnu-
PORT_FLAGS := -EL
PORT_LDFLAGS := -Wl,-m,elf32ltsmip
endif

# The FPU always belongs to a guest. No position independence and no small data: `gp` is free and holds the current thread.
# Backtraces find frames by each function's prologue, which must stay one, at the function's beginning (backtrace.c).
PORT_FLAGS += -march=mips32r2 -mabi=32 -mno-abicalls -fno-pic -G0 -msoft-float -mno-gpopt -fomit-frame-pointer \
	-fno-shrink-wrap -fno-reorder-blocks-and-partition

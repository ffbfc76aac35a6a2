# SPDX-License-Identifier: BSD-2-Clause
# What the compiler must be told to build for RV64: nothing about a board.

CROSS_COMPILE ?= riscv64-linux-gnu-

# No floating point in the hypervisor: F, D and V registers always belong to a guest. The linker must not relax, or the
# symbol table that is linked in the second pass would describe another layout.
PORT_FLAGS := -march=rv64imac_zicsr_zifencei -mabi=lp64 -mcmodel=medany -mno-relax -fno-omit-frame-pointer
PORT_LDFLAGS := -Wl,-m,elf64lriscv -Wl,--no-relax

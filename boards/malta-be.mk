# SPDX-License-Identifier: BSD-2-Clause
# The same board in big endian.

MIPS_ENDIAN := big
QEMU ?= qemu-system-mips
include boards/malta.mk

/* SPDX-License-Identifier: BSD-2-Clause */
/* Layout of the guest's image in RAM, in KSEG0 of its map; entered at its first byte. */
#include <rtos/map.h>

OUTPUT_ARCH(mips)
ENTRY(start)
SECTIONS
{
	. = MAP_KSEG0 + MAP_IMAGE_OFFSET;
	.text : {
		*(.text.start)
		. = ALIGN(0x2000);
		*(.vectors)
		*(.text .text.*)
	}
	.rodata : {
		*(.rodata .rodata.*)
		. = ALIGN(16);
	}
	data_start = .;
	.data : {
		*(.data .data.* .sdata .sdata.*)
		. = ALIGN(16);
	}
	.bss : {
		bss_start = .;
		*(.bss .bss.* .sbss .sbss.* COMMON)
		. = ALIGN(16);
		bss_end = .;
	}
	/DISCARD/ : {
		*(.eh_frame .eh_frame.* .comment .reginfo .MIPS.abiflags .gnu.attributes .note.* .pdr .mdebug.*)
	}
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Layout of the guest's image in RAM, in KSEG0 of its map; a raw binary is entered at its first byte. */
#include <rtos/map.h>

OUTPUT_ARCH(mips)
ENTRY(start)
SECTIONS
{
	. = MAP_KSEG0 + MAP_IMAGE_OFFSET;
	.text : {
		*(.text.start)
		. = ALIGN(4096);
		*(.vectors)
		*(.text .text.*)
	}
	.rodata : {
		. = ALIGN(4096);
		*(.rodata.user_code)
		*(.rodata .rodata.*)
		. = ALIGN(4);
		__start_rtos_tests = .;
		KEEP(*(rtos_tests))
		__stop_rtos_tests = .;
	}
	.data : {
		. = ALIGN(16);
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

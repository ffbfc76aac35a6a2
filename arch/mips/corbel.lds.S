// SPDX-License-Identifier: BSD-2-Clause
/*
 * Where the parts of the image lie: in kseg0, which is not translated, above the exception vectors
 * and what the firmware left in low memory.
 */
#include "offsets.h"

/* The compiler defines it, but here it is a word of the linker. */
#undef mips

#define IMAGE_BASE 0x80100000

OUTPUT_ARCH(mips)
ENTRY(image_entry)

PHDRS
{
	text PT_LOAD FLAGS(5);
	rodata PT_LOAD FLAGS(4);
	data PT_LOAD FLAGS(6);
}

#define REGISTRY(name) \
	. = ALIGN(8); \
	__start_##name = .; \
	KEEP(*(name)) \
	__stop_##name = .;

SECTIONS
{
	. = IMAGE_BASE;
	__image_start = .;

	.text : {
		KEEP(*(.text.entry))
		*(.text.exception)
		*(.text .text.*)
	} :text
	. = ALIGN(4096);
	__text_end = .;

	.rodata : {
		*(.rodata .rodata.* .srodata .srodata.*)
		. = ALIGN(8);
		__trap_fixups_start = .;
		KEEP(*(.trap_fixups))
		__trap_fixups_end = .;
		__kscratch_patches_start = .;
		KEEP(*(.kscratch_patches))
		__kscratch_patches_end = .;
		REGISTRY(corbel_drivers)
		REGISTRY(corbel_vdev_types)
		REGISTRY(corbel_serial_backends)
		REGISTRY(corbel_services)
		REGISTRY(corbel_commands)
		. = ALIGN(8);
		KEEP(*(.host_tree))
		KEEP(*(.symbols))
	} :rodata
	. = ALIGN(4096);
	__rodata_end = .;

	.data : {
		*(.data .data.* .sdata .sdata.*)
		. = ALIGN(8);
	} :data
	.bss : {
		__bss_start = .;
		*(.bss .bss.* .sbss .sbss.* COMMON)
		. = ALIGN(1 << STACK_SHIFT);
		__boot_stack = .;
		. = . + (1 << STACK_SHIFT);
		__boot_stack_top = .;
		__bss_end = .;
	} :data
	__image_end = .;

	/DISCARD/ : {
		*(.comment .note.* .eh_frame .eh_frame_hdr .reginfo .MIPS.abiflags .gnu.attributes .mdebug* .pdr)
	}
}

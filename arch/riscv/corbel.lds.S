// SPDX-License-Identifier: BSD-2-Clause
/*
 * Where the parts of the image lie: linked at the top of the address space, loaded at the board's
 * address. Each kind of section starts on a page of its own, so that each gets its own rights.
 */
#include "offsets.h"

#define IMAGE_BASE 0xffffffff80000000
#define LOAD_BASE 0x80200000

OUTPUT_ARCH(riscv)
ENTRY(image_load_entry)
image_load_entry = image_entry - IMAGE_BASE + LOAD_BASE;

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

	.text : AT(ADDR(.text) - IMAGE_BASE + LOAD_BASE) {
		KEEP(*(.text.entry))
		*(.text.trap_vector)
		*(.text .text.*)
	} :text
	. = ALIGN(4096);
	__text_end = .;

	.rodata : AT(ADDR(.rodata) - IMAGE_BASE + LOAD_BASE) {
		*(.rodata .rodata.* .srodata .srodata.*)
		. = ALIGN(8);
		__trap_fixups_start = .;
		KEEP(*(.trap_fixups))
		__trap_fixups_end = .;
		REGISTRY(corbel_drivers)
		REGISTRY(corbel_vdev_types)
		REGISTRY(corbel_serial_backends)
		REGISTRY(corbel_services)
		REGISTRY(corbel_commands)
		REGISTRY(corbel_hypercalls)
		KEEP(*(.symbols))
	} :rodata
	. = ALIGN(4096);
	__rodata_end = .;

	.data : AT(ADDR(.data) - IMAGE_BASE + LOAD_BASE) {
		*(.data .data.* .sdata .sdata.*)
		. = ALIGN(8);
	} :data
	.bss : AT(ADDR(.bss) - IMAGE_BASE + LOAD_BASE) {
		__bss_start = .;
		*(.bss .bss.* .sbss .sbss.* COMMON)
		. = ALIGN(8);
		__bss_end = .;
	} :data
	/* The boot CPU's stack lies in a slot like every other: the lower half is not mapped. */
	. = ALIGN(2 << STACK_SHIFT);
	__boot_stack_guard = .;
	. = . + (1 << STACK_SHIFT);
	__boot_stack = .;
	. = . + (1 << STACK_SHIFT);
	__boot_stack_top = .;
	__image_end = .;

	/DISCARD/ : {
		*(.comment .note.* .eh_frame .eh_frame_hdr .riscv.attributes)
	}
}

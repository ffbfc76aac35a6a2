/* SPDX-License-Identifier: BSD-2-Clause */
/* Guests' trees as fuzzers begin with them: compiled from guests/, linked in as they are. */
	.section .rodata, "a"
.macro TREE name, file
	.balign 8
	.globl tree_\name, tree_\name\()_end
tree_\name:
	.incbin "\file"
tree_\name\()_end:
.endm

	TREE virt, "build/fuzz/trees/virt/linux1.dtb"
	TREE malta, "build/fuzz/trees/malta/linux1.dtb"
	.section .note.GNU-stack, "", @progbits

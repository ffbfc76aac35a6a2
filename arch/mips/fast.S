// SPDX-License-Identifier: BSD-2-Clause
/*
 * Exits that are answered here, with a few registers saved and nothing else: what kernels do most
 * with coprocessor 0, system calls, returns from exceptions. Used where processor_is_fast().
 * Whatever is not plain is declined: then exits.c sees the exit as if this had not been. What the
 * instructions do is emulate.c's, which this must agree with.
 *
 * Registers: k0 the VCPU (the guest's is in ErrorEPC), k1 free (the guest's is in KScratch2), t0 the
 * instruction at first, t1 and t2 free (the guest's are in the VCPU). Nothing of the guest is
 * changed before it is certain that the exit is answered.
 *
 * An instruction in a delay slot is done as if it stood right before where the branch leads: EPC is
 * set to there less 4, and FAST_EPC holds what it was.
 */
#include "offsets.h"
#include "processor.h"

	.set noreorder
	.set noat

#define CP0_OF(number, select) (VCPU_CP0 + 32 * (number) + 4 * (select))
#define GUEST_ENTRYHI CP0_OF(10, 0)
#define GUEST_CONTEXT CP0_OF(4, 0)
#define GUEST_COMPARE CP0_OF(11, 0)
#define GUEST_STATUS  CP0_OF(12, 0)
#define GUEST_CAUSE   CP0_OF(13, 0)
#define GUEST_EPC     CP0_OF(14, 0)
#define GUEST_EBASE   CP0_OF(15, 1)
#define GUEST_CONFIG3 CP0_OF(16, 3)

#define GUEST_CONFIG3_ULRI 0x2000

/* Cause so that the exception's code and the delay slot bit are the offset of a word in the table. */
#define FAST_TABLE_ROTATION 3
#define FAST_TABLE_MASK     0x3e4

	.section .text.exception, "ax", @progbits

/*
 * Copied to the general vector, where 32 instructions fit. KScratch1 is 0 while Corbel runs. The
 * table has 8 words for each code: the first for instructions as such, the second in delay slots.
 */
	.globl vector_code_fast, vector_code_fast_end
vector_code_fast:
	mtc0 $k0, C0_ERROREPC
	mfc0 $k0, C0_KSCRATCH1
	bnez $k0, 1f
	 mtc0 $k1, C0_KSCRATCH2
	j trap_from_host
	 nop
1:	mfc0 $k1, C0_CAUSE
	sw $t0, VCPU_R_OF(8)($k0)
	lw $t0, VCPU_FAST_TABLE($k0)
	rotr $k1, $k1, 32 - FAST_TABLE_ROTATION
	andi $k1, $k1, FAST_TABLE_MASK
	addu $t0, $t0, $k1
	lw $k1, 0($t0)
	sw $t1, VCPU_R_OF(9)($k0)
	sw $t2, VCPU_R_OF(10)($k0)
	jr $k1
	 mfc0 $t0, C0_BADINSTR
vector_code_fast_end:

fast_decline:
	lw $t0, VCPU_FAST_EPC($k0)
	lw $t1, VCPU_R_OF(9)($k0)
	lw $t2, VCPU_R_OF(10)($k0)
	bnez $t0, 1f
	 mfc0 $k1, C0_KSCRATCH2
	j exception_from_guest
	 lw $t0, VCPU_R_OF(8)($k0)
1:	mtc0 $t0, C0_EPC
	sw $zero, VCPU_FAST_EPC($k0)
	ehb
	j exception_from_guest
	 lw $t0, VCPU_R_OF(8)($k0)

/* ---- coprocessor 0 ---- */

/* From kernel mode. */
fast_cp0:
	srl $t1, $t0, 21
	addiu $t1, $t1, -0x200 /* COP0, MFC0 */
	beqz $t1, fast_mfc0
	 srl $t2, $t0, 6
	addiu $t1, $t1, -4 /* MTC0 */
	beqz $t1, fast_mtc0
	 andi $t2, $t2, 0x3e0 /* 32 * rd: of 8 selects each a word */
	addiu $t1, $t1, -7 /* MFMC0 */
	beqz $t1, fast_mfmc0
	 lui $t1, 0x4200 /* ERET */
	ori $t1, $t1, 0x18
	beq $t0, $t1, fast_eret
	 nop
	b fast_decline
	 nop

fast_mfc0:
	andi $t1, $t0, 0x7f8
	bnez $t1, fast_decline
	 andi $t2, $t2, 0x3e0
	ins $t2, $t0, 2, 3
	lui $t1, %hi(mfc0_table)
	addu $t1, $t1, $t2
	lw $t1, %lo(mfc0_table)($t1)
	addu $t2, $t2, $k0
	jr $t1
	 lw $t1, VCPU_CP0($t2)

mfc0_count:
	lw $t2, VCPU_COUNT_IS_HOST($k0)
	lw $t1, VCPU_COUNT_OFFSET($k0)
	beqz $t2, fast_decline
	 mfc0 $t2, C0_COUNT
	b mfc0_plain
	 addu $t1, $t1, $t2

mfc0_cause:
	lw $t2, VCPU_IRQ_LEVEL($k0)
	or $t1, $t1, $t2
	sll $t2, $t1, 1 /* TI */
	bltz $t2, mfc0_plain
	 lw $k1, VCPU_COUNT_IS_HOST($k0)
	beqz $k1, fast_decline
	 mfc0 $k1, C0_COUNT
	/* Count may have come to Compare before Corbel's timer told so: C knows. */
	lw $t2, VCPU_COUNT_OFFSET($k0)
	addu $k1, $k1, $t2
	lw $t2, GUEST_COMPARE($k0)
	subu $k1, $k1, $t2
	srl $k1, $k1, 24
	beqz $k1, fast_decline
	 nop
mfc0_plain:
	/* t1 to the register that t0's rt names. */
	lui $t2, %hi(register_write)
	ext $t0, $t0, 16, 5
	addiu $t2, $t2, %lo(register_write)
	ins $t2, $t0, 3, 5
	jr $t2
	 mfc0 $t0, C0_EPC

/* One instruction further than t0, back into the guest. */
fast_next:
	addiu $t0, $t0, 4
	mtc0 $t0, C0_EPC
	lw $t1, VCPU_FAST_CP0_COUNT($k0)
	sw $zero, VCPU_FAST_EPC($k0)
	addiu $t1, $t1, 1
	sw $t1, VCPU_FAST_CP0_COUNT($k0)
	lw $t0, VCPU_R_OF(8)($k0)
	lw $t1, VCPU_R_OF(9)($k0)
	lw $t2, VCPU_R_OF(10)($k0)
	mfc0 $k1, C0_KSCRATCH2
	ehb
	mfc0 $k0, C0_ERROREPC
	.word INSTRUCTION_ERETNC

fast_mtc0:
	andi $t1, $t0, 0x7f8
	bnez $t1, fast_decline
	 ins $t2, $t0, 2, 3
	lui $t1, %hi(register_read)
	ext $t0, $t0, 16, 5
	addiu $t1, $t1, %lo(register_read)
	ins $t1, $t0, 3, 5
	jr $t1
	 lui $t0, %hi(mtc0_table)

/* t1: the value; t2: the register's place among all. */
mtc0_go:
	addu $t0, $t0, $t2
	lw $t0, %lo(mtc0_table)($t0)
	jr $t0
	 addu $t2, $t2, $k0

mtc0_entrylo:
	ext $t1, $t1, 0, 26
mtc0_all:
	sw $t1, VCPU_CP0($t2)
	b fast_next
	 mfc0 $t0, C0_EPC

mtc0_context:
	/* Only PTEBase is written. */
	lw $t0, GUEST_CONTEXT($k0)
	ins $t1, $t0, 0, 23
	sw $t1, GUEST_CONTEXT($k0)
	b fast_next
	 mfc0 $t0, C0_EPC

mtc0_userlocal:
	lw $t0, GUEST_CONFIG3($k0)
	andi $t0, $t0, GUEST_CONFIG3_ULRI
	beqz $t0, fast_decline
	 mfc0 $t0, C0_EPC
	mtc0 $t1, C0_USERLOCAL
	b fast_next
	 sw $t1, VCPU_CP0($t2)

mtc0_entryhi:
	lw $t0, GUEST_ENTRYHI($k0)
	andi $k1, $t1, 0x1f00 /* EHINV is rare */
	bnez $k1, fast_decline
	 xor $t0, $t0, $t1
	andi $t0, $t0, 0xff
	bnez $t0, 1f
	 andi $t0, $t1, 0xff
	mfc0 $t0, C0_EPC
	b fast_next
	 sw $t1, GUEST_ENTRYHI($k0)

	/* Another ASID: into its kernel space, if it has one here. */
1:	sll $t0, $t0, 2
	addu $t0, $t0, $k0
	lw $k1, VCPU_KERNEL_ASIDS($t0)
	lw $t2, VCPU_SHADOW_GENERATION($k0)
	lw $t0, VCPU_USER_ASIDS($t0)
	xor $k1, $k1, $t2
	sltiu $t2, $k1, 0x100
	beqz $t2, fast_decline
	 lw $t2, VCPU_SHADOW_GENERATION($k0)
	mtc0 $k1, C0_ENTRYHI
	sw $k1, VCPU_ENTRYHI_KERNEL($k0)
	xor $t0, $t0, $t2
	sltiu $t2, $t0, 0x100
	movz $t0, $zero, $t2
	sw $t0, VCPU_ENTRYHI_USER($k0)
	mfc0 $t0, C0_EPC
	b fast_next
	 sw $t1, GUEST_ENTRYHI($k0)

mtc0_status:
	lw $t0, GUEST_STATUS($k0)
	lw $k1, VCPU_STATUS_MASK($k0)
	xor $t1, $t1, $t0
	and $t1, $t1, $k1
	lui $k1, (HOST_STATUS_CU1 | HOST_STATUS_FR | HOST_STATUS_BEV) >> 16
	and $k1, $k1, $t1
	bnez $k1, fast_decline
	 xor $t1, $t1, $t0
	/* Still kernel mode: not ERL, not UM without EXL. */
	andi $k1, $t1, HOST_STATUS_ERL
	bnez $k1, fast_decline
	 andi $k1, $t1, HOST_STATUS_UM | HOST_STATUS_EXL
	xori $k1, $k1, HOST_STATUS_UM
	beqz $k1, fast_decline
	 andi $k1, $t1, HOST_STATUS_IE | HOST_STATUS_EXL
	xori $k1, $k1, HOST_STATUS_IE
	bnez $k1, 1f
	 lw $t0, GUEST_CAUSE($k0)
	/* Interrupts are on: does one pend? */
	lw $k1, VCPU_IRQ_LEVEL($k0)
	or $t0, $t0, $k1
	and $t0, $t0, $t1
	andi $t0, $t0, 0xff00
	bnez $t0, fast_decline
	 nop
1:	sw $t1, GUEST_STATUS($k0)
	b fast_next
	 mfc0 $t0, C0_EPC

/* DI, EI: the register gets Status as it was. */
fast_mfmc0:
	andi $t1, $t0, 0xffdf
	xori $t1, $t1, 0x6000
	bnez $t1, fast_decline
	 andi $t2, $t0, 0x20
	lw $t1, GUEST_STATUS($k0)
	bnez $t2, 1f
	 ori $t2, $t1, HOST_STATUS_IE
	ins $t2, $zero, 0, 1
	b mfc0_plain
	 sw $t2, GUEST_STATUS($k0)
1:	andi $k1, $t2, HOST_STATUS_IE | HOST_STATUS_EXL | HOST_STATUS_ERL
	xori $k1, $k1, HOST_STATUS_IE
	bnez $k1, 2f
	 nop
	sw $t3, VCPU_R_OF(11)($k0)
	lw $t3, GUEST_CAUSE($k0)
	lw $k1, VCPU_IRQ_LEVEL($k0)
	or $k1, $k1, $t3
	lw $t3, VCPU_R_OF(11)($k0)
	and $k1, $k1, $t2
	andi $k1, $k1, 0xff00
	bnez $k1, fast_decline
	 nop
2:	b mfc0_plain
	 sw $t2, GUEST_STATUS($k0)

/* ---- delay slots ---- */

/* In a delay slot: where does the branch lead, before the instruction changes anything? */
fast_cp0_delayed:
	mfc0 $t1, C0_BADINSTRP
	mfc0 $t0, C0_EPC
	lui $k1, %hi(branch_table)
	/* 0 is what FAST_EPC holds outside of delay slots. */
	beqz $t0, fast_decline
	 srl $t2, $t1, 26
	sll $t2, $t2, 2
	addu $k1, $k1, $t2
	lw $k1, %lo(branch_table)($k1)
	/* The branch reads rs first. */
	lui $t2, %hi(branch_rs)
	sw $k1, VCPU_FAST_BRANCH($k0)
	addiu $t2, $t2, %lo(branch_rs)
	ext $k1, $t1, 21, 5
	ins $t2, $k1, 3, 5
	jr $t2
	 sw $t0, VCPU_FAST_EPC($k0)

/* k1: what rs holds, t0: EPC, t1: the branch. */
branch_go:
	lw $t2, VCPU_FAST_BRANCH($k0)
	jr $t2
	 nop

branch_jal:
	addiu $ra, $t0, 8
branch_j:
	addiu $t0, $t0, 4
	ins $t0, $zero, 0, 28
	sll $t1, $t1, 6
	srl $t1, $t1, 4
	or $k1, $t1, $t0
	b branch_done
	 addiu $k1, $k1, -4

branch_special:
	andi $t2, $k1, 3 /* an address error */
	bnez $t2, fast_decline
	 andi $t2, $t1, 0x3f
	xori $t2, $t2, 8 /* JR */
	beqz $t2, branch_done
	 addiu $k1, $k1, -4
	xori $t2, $t2, 1 /* JALR */
	bnez $t2, fast_decline
	 ext $t2, $t1, 11, 5
	addiu $t2, $t2, -31
	bnez $t2, fast_decline
	 nop
	addiu $ra, $t0, 8
	b branch_done
	 nop

branch_regimm:
	ext $t2, $t1, 16, 5
	sltiu $t2, $t2, 4 /* none that links */
	beqz $t2, fast_decline
	 ext $t2, $t1, 16, 1
	slt $k1, $k1, $zero
	b branch_decided
	 xor $k1, $k1, $t2

branch_blez:
	b branch_decided
	 slti $k1, $k1, 1

branch_bgtz:
	b branch_decided
	 slt $k1, $zero, $k1

branch_bne:
branch_beq:
	lui $t2, %hi(branch_rt)
	ext $t0, $t1, 16, 5
	addiu $t2, $t2, %lo(branch_rt)
	ins $t2, $t0, 3, 5
	jr $t2
	 lw $t0, VCPU_FAST_EPC($k0)

/* t2: what rt holds. Taken if equal and BEQ, or different and BNE. */
branch_compare:
	xor $k1, $k1, $t2
	sltiu $k1, $k1, 1
	ext $t2, $t1, 26, 1
	xor $k1, $k1, $t2

/* k1: whether it is taken. A likely branch was. */
branch_decided:
	seh $t1, $t1
	sll $t1, $t1, 2
	addiu $t2, $zero, 4
	movz $t1, $t2, $k1
	addu $k1, $t0, $t1

/* k1: 4 less than where it leads. */
branch_done:
	mtc0 $k1, C0_EPC
	mfc0 $t0, C0_BADINSTR
	b fast_cp0
	 ehb

/* ---- into exceptions and out of them ---- */

fast_eret:
	lw $t1, GUEST_STATUS($k0)
	andi $t2, $t1, HOST_STATUS_EXL | HOST_STATUS_ERL
	xori $t2, $t2, HOST_STATUS_EXL
	bnez $t2, fast_decline
	 xori $t1, $t1, HOST_STATUS_EXL
	andi $t2, $t1, HOST_STATUS_IE
	beqz $t2, 1f
	 lw $t0, GUEST_CAUSE($k0)
	lw $k1, VCPU_IRQ_LEVEL($k0)
	or $t0, $t0, $k1
	and $t0, $t0, $t1
	andi $t0, $t0, 0xff00
	bnez $t0, fast_decline
1:	 lw $t0, GUEST_EPC($k0)
	andi $t2, $t0, 3 /* an address error */
	bnez $t2, fast_decline
	 andi $t2, $t1, HOST_STATUS_UM
	beqz $t2, 2f
	 nop
	lw $k1, VCPU_ENTRYHI_USER($k0)
	beqz $k1, fast_decline
	 lui $t2, %hi(fast_table_user)
	addiu $t2, $t2, %lo(fast_table_user)
	mtc0 $k1, C0_ENTRYHI
	sw $t2, VCPU_FAST_TABLE($k0)
2:	mtc0 $t0, C0_EPC
	sw $t1, GUEST_STATUS($k0)
	sw $zero, VCPU_FAST_EPC($k0)
	lw $t1, VCPU_FAST_CP0_COUNT($k0)
	addiu $t1, $t1, 1
	sw $t1, VCPU_FAST_CP0_COUNT($k0)
fast_leave:
	lw $t0, VCPU_R_OF(8)($k0)
	lw $t1, VCPU_R_OF(9)($k0)
	lw $t2, VCPU_R_OF(10)($k0)
	mfc0 $k1, C0_KSCRATCH2
	ehb
	mfc0 $k0, C0_ERROREPC
	eret

fast_syscall:
	lw $t1, GUEST_STATUS($k0)
	lui $t2, HOST_STATUS_BEV >> 16
	ori $t2, $t2, HOST_STATUS_EXL | HOST_STATUS_ERL
	and $t2, $t2, $t1
	bnez $t2, fast_decline
	 lw $t2, VCPU_ENTRYHI_KERNEL($k0)
	beqz $t2, fast_decline
	 lw $t0, GUEST_CAUSE($k0)
	lui $k1, 0x4fff /* all but BD, CE and ExcCode */
	ori $k1, $k1, 0xff83
	and $t0, $t0, $k1
	ori $t0, $t0, 8 << HOST_CAUSE_CODE_SHIFT
	mfc0 $k1, C0_EPC
	sw $t0, GUEST_CAUSE($k0)
	lw $t0, GUEST_EBASE($k0)
	sw $k1, GUEST_EPC($k0)
	ori $t1, $t1, HOST_STATUS_EXL
	ins $t0, $zero, 0, 12
	addiu $t0, $t0, 0x180
	mtc0 $t0, C0_EPC
	sw $t1, GUEST_STATUS($k0)
	mtc0 $t2, C0_ENTRYHI
	lui $t1, %hi(fast_table_kernel)
	addiu $t1, $t1, %lo(fast_table_kernel)
	sw $t1, VCPU_FAST_TABLE($k0)
	lw $t1, VCPU_FAST_SYSCALL_COUNT($k0)
	addiu $t1, $t1, 1
	b fast_leave
	 sw $t1, VCPU_FAST_SYSCALL_COUNT($k0)

/* ---- the guest's registers ---- */

/* A table of the 32, eight bytes each: from t1 into the register, and back to fast_next. */
.macro REGISTER_WRITE name
	b fast_next
	 move $\name, $t1
.endm

.macro REGISTER_WRITE_SAVED number
	b fast_next
	 sw $t1, VCPU_R_OF(\number)($k0)
.endm

	.balign 256
register_write:
	b fast_next
	 nop
	.irp name, at, v0, v1, a0, a1, a2, a3
	REGISTER_WRITE \name
	.endr
	.irp number, 8, 9, 10
	REGISTER_WRITE_SAVED \number
	.endr
	.irp name, t3, t4, t5, t6, t7, s0, s1, s2, s3, s4, s5, s6, s7, t8, t9
	REGISTER_WRITE \name
	.endr
	b fast_next
	 mtc0 $t1, C0_ERROREPC
	b fast_next
	 mtc0 $t1, C0_KSCRATCH2
	.irp name, gp, sp, fp, ra
	REGISTER_WRITE \name
	.endr

.macro REGISTER_READ name, into, behind
	b \behind
	 move $\into, $\name
.endm

.macro REGISTER_READ_SAVED number, into, behind
	b \behind
	 lw $\into, VCPU_R_OF(\number)($k0)
.endm

/* The same for reading into the register `into` and going on at `behind`. */
.macro REGISTER_READ_TABLE table, into, behind
	.balign 256
\table:
	.irp name, zero, at, v0, v1, a0, a1, a2, a3
	REGISTER_READ \name, \into, \behind
	.endr
	.irp number, 8, 9, 10
	REGISTER_READ_SAVED \number, \into, \behind
	.endr
	.irp name, t3, t4, t5, t6, t7, s0, s1, s2, s3, s4, s5, s6, s7, t8, t9
	REGISTER_READ \name, \into, \behind
	.endr
	b \behind
	 mfc0 $\into, C0_ERROREPC
	b \behind
	 mfc0 $\into, C0_KSCRATCH2
	.irp name, gp, sp, fp, ra
	REGISTER_READ \name, \into, \behind
	.endr
.endm

	REGISTER_READ_TABLE register_read, t1, mtc0_go
	REGISTER_READ_TABLE branch_rs, k1, branch_go
	REGISTER_READ_TABLE branch_rt, t2, branch_compare

/* ---- tables ---- */

	.section .rodata.fast_tables, "a", @progbits
	.balign 4

/* An exception that is answered, as such and in a delay slot. */
.macro EXCEPTION plain, delayed=fast_decline
	.word \plain, \delayed
	.rept 6
	.word fast_decline
	.endr
.endm

.macro EXCEPTION_TABLE name, cp0, cp0_delayed, syscall
	.globl \name
\name:
	.rept 8
	EXCEPTION fast_decline
	.endr
	EXCEPTION \syscall
	.rept 2
	EXCEPTION fast_decline
	.endr
	EXCEPTION \cp0, \cp0_delayed
	.rept 20
	EXCEPTION fast_decline
	.endr
.endm

/*
 * In virtual kernel mode, in virtual user mode, and where C is to see it all. Reserved instructions
 * are for C in each: they may have come out of debug mode (exits.c).
 */
	EXCEPTION_TABLE fast_table_kernel, fast_cp0, fast_cp0_delayed, fast_syscall
	EXCEPTION_TABLE fast_table_user, fast_decline, fast_decline, fast_syscall
	EXCEPTION_TABLE fast_table_none, fast_decline, fast_decline, fast_decline

/* Branches by their opcode. */
branch_table:
	.word branch_special, branch_regimm, branch_j, branch_jal
	.word branch_beq, branch_bne, branch_blez, branch_bgtz
	.rept 12
	.word fast_decline
	.endr
	.word branch_beq, branch_bne, branch_blez, branch_bgtz
	.rept 40
	.word fast_decline
	.endr

/* `count` registers from one on, each a word. */
.macro CP0_REGISTERS count, handler
	.rept \count
	.word \handler
	.endr
.endm

/* MFC0 is a load, but of Random, Count and Cause. */
mfc0_table:
	CP0_REGISTERS 8, mfc0_plain
	.word fast_decline
	CP0_REGISTERS 7 + 7 * 8, mfc0_plain
	.word mfc0_count
	CP0_REGISTERS 7 + 3 * 8, mfc0_plain
	.word mfc0_cause
	CP0_REGISTERS 7 + 18 * 8, mfc0_plain

mtc0_table:
	CP0_REGISTERS 2 * 8, fast_decline
	.word mtc0_entrylo /* EntryLo0 */
	CP0_REGISTERS 7, fast_decline
	.word mtc0_entrylo /* EntryLo1 */
	CP0_REGISTERS 7, fast_decline
	.word mtc0_context, fast_decline, mtc0_userlocal
	CP0_REGISTERS 5 + 5 * 8, fast_decline
	.word mtc0_entryhi
	CP0_REGISTERS 7 + 1 * 8, fast_decline
	.word mtc0_status
	CP0_REGISTERS 7 + 1 * 8, fast_decline
	.word mtc0_all /* EPC */
	CP0_REGISTERS 7 + 17 * 8, fast_decline

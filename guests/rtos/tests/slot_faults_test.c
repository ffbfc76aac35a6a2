// SPDX-License-Identifier: BSD-2-Clause
/*
 * Exceptions and accesses to devices in delay slots: EPC is at the branch and Cause.BD is set; what
 * a handler has mended goes on as if nothing had been; a slot on another page; user mode.
 */
#include <stddef.h>
#include <string.h>

#include <rtos/console.h>
#include <rtos/cp0.h>
#include <rtos/exception.h>
#include <rtos/paging.h>
#include <rtos/test.h>

#include "routine.h"

#define FLAGS (ENTRYLO_CACHED | ENTRYLO_V | ENTRYLO_G)

#define WORD_LW	     0x8ce30000u /* lw v1, 0(a3) */
#define WORD_SW	     0xace60000u /* sw a2, 0(a3) */
#define WORD_LBU     0x90e30000u
#define WORD_SB	     0xa0e60000u
#define WORD_SYSCALL 0x0000000cu

static uint32_t pages[4][PAGE_SIZE / 4] __attribute__((aligned(4 * PAGE_SIZE)));

/* For every branch and every condition. */
#define EACH_BRANCH(branch, condition)                                                           \
	for (const struct branch *branch = branches; branch < &branches[branch_count]; branch++) \
		for (uint32_t condition = UINT32_MAX; condition != 2; condition++)

/* ---- exceptions ---- */

static struct routine routine;
static struct routine_run arguments;

static void call(uint32_t va)
{
	routine_call(va, &arguments);
}

static const struct fault_case {
	uint32_t word;
	uint32_t offset; /* of the address from that of a page */
	uint32_t code;
} fault_cases[] = {
	{ WORD_SYSCALL, 0, CODE_SYSCALL },    { 0x0000000d, 0, CODE_BREAK },
	{ 0x00000034, 0, CODE_TRAP },	     /* teq zero, zero */
	{ 0x00c61820, 0, CODE_OVERFLOW },    /* add v1, a2, a2 */
	{ 0x20c37fff, 0, CODE_OVERFLOW },    /* addi v1, a2, 0x7fff */
	{ 0xdc000000, 0, CODE_RESERVED },    /* a load of 64 bits */
	{ 0x44830000, 0, CODE_COPROCESSOR }, /* mtc1 v1, $f0 */
	{ 0xc4e00000, 0, CODE_COPROCESSOR }, /* lwc1 $f0, 0(a3) */
	{ WORD_LW, 1, CODE_ADDRESS_LOAD },    { 0x84e30000, 3, CODE_ADDRESS_LOAD },  /* lh */
	{ 0xc0e30000, 2, CODE_ADDRESS_LOAD },					     /* ll */
	{ WORD_SW, 2, CODE_ADDRESS_STORE },   { 0xa4e60000, 1, CODE_ADDRESS_STORE }, /* sh */
};

/* What does not depend on the branch: once for all of them. */
static struct fault fault_in_slot(const struct branch *branch, const struct fault_case *each,
				  uint32_t address, uint32_t condition)
{
	static uint32_t place[ROUTINE_WORDS] __attribute__((aligned(64)));

	routine_make(&routine, (uint32_t)(uintptr_t)place, branch, each->word, false);
	memcpy(place, routine.words, sizeof(place));
	code_synchronize(place, sizeof(place));
	arguments = (struct routine_run){ .condition = condition,
					  .operand = 0x7fffffff,
					  .address = address,
					  .value = SLOT_UNTOUCHED };
	return fault_catch(call, routine.va);
}

static bool check_fault(const struct branch *branch, const struct fault_case *each,
			const struct fault *fault, uint32_t condition)
{
	/* Behind NOP it stands alone. */
	bool is_delayed = branch != branches;
	uint32_t epc = routine_branch_va(&routine) + (is_delayed ? 0 : 4);

	if (!slot_is_executed(branch, condition)) {
		CHECK(!fault->taken);
		routine_check(&routine, branch, &arguments);
		return true;
	}
	if (fault->taken && fault->code == each->code && fault->epc == epc &&
	    (fault->cause & CAUSE_BD) == (is_delayed ? CAUSE_BD : 0) &&
	    fault->gpr[REG_VALUE] == SLOT_UNTOUCHED)
		return true;
	console_print("  0x%08x behind %s: taken %d, code %u, epc 0x%08x, cause 0x%08x\n",
		      (unsigned int)each->word, branch->name, fault->taken,
		      (unsigned int)fault->code, (unsigned int)fault->epc,
		      (unsigned int)fault->cause);
	CHECK(!"an exception in a delay slot");
	return false;
}

TEST(slot_exceptions)
{
	for (unsigned int i = 0; i < sizeof(fault_cases) / sizeof(fault_cases[0]); i++) {
		const struct fault_case *each = &fault_cases[i];
		uint32_t address = (uint32_t)(uintptr_t)pages + each->offset;

		EACH_BRANCH(branch, condition)
		{
			struct fault fault = fault_in_slot(branch, each, address, condition);

			if (!check_fault(branch, each, &fault, condition))
				break;
			if (fault.taken && each->offset != 0)
				CHECK_EQUAL(fault.badvaddr, address);
		}
	}
}

/* The TLB's exceptions: a page that is not there, one that is not valid, one that is not dirty. */
TEST(slot_exceptions_of_the_tlb)
{
	static const struct fault_case cases[] = {
		{ WORD_LW, 0x0004, CODE_TLB_LOAD },
		{ WORD_SW, 0x0004, CODE_TLB_STORE },
		{ WORD_SW, 0x1008, CODE_MODIFIED },
	};
	const uint32_t va = MAP_KERNEL + 0x50000;
	unsigned int index = tlb_wired();

	tlb_write(index, (struct tlb_entry){ va, 0, 0, page_entrylo(pages[0], FLAGS) });
	for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		EACH_BRANCH(branch, condition)
		{
			struct fault fault =
				fault_in_slot(branch, &cases[i], va + cases[i].offset, condition);

			if (!check_fault(branch, &cases[i], &fault, condition))
				break;
			if (fault.taken)
				CHECK_EQUAL(fault.badvaddr, va + cases[i].offset);
		}
	}
	tlb_invalidate_all();
}

/* ---- accesses that a handler or a hypervisor completes ---- */

/* Each time the page is missing from the TLB, and the refill vector returns to the branch. */
TEST(slot_misses_are_refilled)
{
	const uint32_t va = MAP_KERNEL + 0x4000;

	page_table_set(va, page_entrylo(pages[1], FLAGS | ENTRYLO_D));
	EACH_BRANCH(branch, condition)
	{
		uint32_t flags = irq_save();
		bool executed = slot_is_executed(branch, condition);

		pages[1][1] = 0x13579bdf;
		tlb_invalidate_all();
		arguments = (struct routine_run){ condition, 0, va + 4, SLOT_UNTOUCHED, 0, 0 };
		routine_run(&routine, branch, WORD_LW, &arguments);
		routine_check(&routine, branch, &arguments);
		CHECK_EQUAL(arguments.value, executed ? 0x13579bdf : SLOT_UNTOUCHED);
		tlb_invalidate_all();
		arguments = (struct routine_run){ condition, 0x2468ace0, va + 4, 0, 0, 0 };
		routine_run(&routine, branch, WORD_SW, &arguments);
		routine_check(&routine, branch, &arguments);
		CHECK_EQUAL(*(volatile uint32_t *)&pages[1][1], executed ? 0x2468ace0 : 0x13579bdf);
		irq_restore(flags);
	}
	page_table_set(va, 0);
}

/* The serial line's register that only keeps a byte. */
#define SCRATCH (MAP_KSEG1 + MAP_UART_PHYSICAL + 7)

TEST(slot_accesses_of_devices)
{
	volatile uint8_t *scratch = (volatile uint8_t *)(uintptr_t)SCRATCH;
	static const uint32_t loads[] = { WORD_LBU, 0x80e30000 /* lb */ };

	EACH_BRANCH(branch, condition)
	{
		bool executed = slot_is_executed(branch, condition);

		for (unsigned int i = 0; i < 2; i++) {
			*scratch = 0xa5;
			arguments =
				(struct routine_run){ condition, 0, SCRATCH, SLOT_UNTOUCHED, 0, 0 };
			routine_run(&routine, branch, loads[i], &arguments);
			routine_check(&routine, branch, &arguments);
			CHECK_EQUAL(arguments.value, !executed ? SLOT_UNTOUCHED :
						     i == 0    ? 0xa5 :
								 0xffffffa5);
		}
		arguments = (struct routine_run){ condition, 0x3c, SCRATCH, 0, 0, 0 };
		routine_run(&routine, branch, WORD_SB, &arguments);
		routine_check(&routine, branch, &arguments);
		CHECK_EQUAL(*scratch, executed ? 0x3c : 0xa5);
	}
}

/* Where nothing answers, a load is a bus error, at the branch. Real boards may not say anything. */
TEST(slot_bus_errors)
{
	static const struct fault_case each = { WORD_LW, 0, CODE_BUS_DATA };

	if (!booted_from_rom()) {
		test_skipped("the board is a real one");
		return;
	}
	EACH_BRANCH(branch, condition)
	{
		struct fault fault =
			fault_in_slot(branch, &each, MAP_KSEG1 + 0x1a000000, condition);

		if (!check_fault(branch, &each, &fault, condition))
			break;
	}
}

/* ---- a slot on another page ---- */

/* The branch is the last word of one page, its slot the first of the next, of another pair. */
#define CROSSING    (MAP_KERNEL + 0x8000)
#define CROSSING_VA (CROSSING - 4 * (ROUTINE_BRANCH + 1))

static void crossing_make(const struct branch *branch, uint32_t slot)
{
	const unsigned int before = ROUTINE_BRANCH + 1;

	routine_make(&routine, CROSSING_VA, branch, slot, false);
	/* Not next to each other, so that nobody takes the one for the other's end. */
	memcpy(&pages[3][PAGE_SIZE / 4 - before], routine.words, 4 * before);
	memcpy(pages[1], &routine.words[before], sizeof(routine.words) - 4 * before);
	code_synchronize(pages, sizeof(pages));
}

TEST(slot_on_another_page)
{
	static const uint32_t slots[] = { WORD_MFC0((uint32_t)REG_VALUE, (uint32_t)INDEX(15, 0)),
					  0x34c30000 /* ori v1, a2, 0 */, WORD_LBU };

	page_table_set(CROSSING - PAGE_SIZE, page_entrylo(pages[3], FLAGS));
	page_table_set(CROSSING, page_entrylo(pages[1], FLAGS));
	*(volatile uint8_t *)(uintptr_t)SCRATCH = 0x77;
	EACH_BRANCH(branch, condition)
	{
		for (unsigned int i = 0; i < 3; i++) {
			const uint32_t wanted[] = { cp0_read(CP0_PRID), 0xc0ffee, 0x77 };

			crossing_make(branch, slots[i]);
			/* The slot is fetched by a miss of its own. */
			tlb_invalidate_all();
			arguments = (struct routine_run){ condition,	  0xc0ffee, SCRATCH,
							  SLOT_UNTOUCHED, 0,	    0 };
			routine_call(CROSSING_VA, &arguments);
			routine_check(&routine, branch, &arguments);
			CHECK_EQUAL(arguments.value, slot_is_executed(branch, condition) ?
							     wanted[i] :
							     SLOT_UNTOUCHED);
		}
	}
	page_table_set(CROSSING - PAGE_SIZE, 0);
	page_table_set(CROSSING, 0);
}

/* Nothing is there: the fetch's exception has the branch in EPC and the slot in BadVAddr. */
TEST(slot_that_is_not_there)
{
	page_table_set(CROSSING - PAGE_SIZE, page_entrylo(pages[3], FLAGS));
	EACH_BRANCH(branch, condition)
	{
		struct fault fault;

		crossing_make(branch, WORD_NOP);
		tlb_invalidate_all();
		arguments = (struct routine_run){ condition, 0, 0, 0, 0, 0 };
		fault = fault_catch(call, CROSSING_VA);
		/* A branch that nullifies its slot goes on behind it, which is not there either. */
		CHECK(fault.taken);
		if (!slot_is_executed(branch, condition) || branch == branches)
			continue;
		CHECK_EQUAL(fault.code, CODE_TLB_LOAD);
		CHECK_EQUAL(fault.badvaddr, CROSSING);
		CHECK_EQUAL(fault.epc, CROSSING - 4);
		CHECK_EQUAL(fault.cause & CAUSE_BD, CAUSE_BD);
	}
	page_table_set(CROSSING - PAGE_SIZE, 0);
	tlb_invalidate_all();
}

/* ---- user mode ---- */

#define USER_CODE (MAP_USER + 0x2000)
#define USER_DATA (MAP_USER + 0x5000)

static struct user user_routine_run(const struct branch *branch, uint32_t slot, uint32_t condition)
{
	struct user user = { .frame = { .epc = USER_CODE } };

	routine_make(&routine, USER_CODE, branch, slot, true);
	memcpy(pages[2], routine.words, sizeof(routine.words));
	code_synchronize(pages[2], sizeof(routine.words));
	user.frame.gpr[REG_CONDITION] = condition;
	user.frame.gpr[REG_OPERAND] = 0x600dcafe;
	user.frame.gpr[REG_ADDRESS] = USER_DATA + 8;
	user.frame.gpr[REG_VALUE] = SLOT_UNTOUCHED;
	user_run(&user);
	return user;
}

static void user_begin(void)
{
	page_table_set(USER_CODE, page_entrylo(pages[2], ENTRYLO_CACHED | ENTRYLO_V));
	page_table_set(USER_DATA, page_entrylo(pages[0], ENTRYLO_CACHED | ENTRYLO_V | ENTRYLO_D));
	asid_set(4);
}

static void user_end(void)
{
	asid_set(0);
	page_table_set(USER_CODE, 0);
	page_table_set(USER_DATA, 0);
	tlb_invalidate_all();
}

/* It has gone all the way, as the branch leads. */
static void check_user_way(const struct user *user, const struct branch *branch, uint32_t condition)
{
	struct routine_run run = { .condition = condition,
				   .way = user->frame.gpr[2],
				   .link = user->frame.gpr[5] };

	CHECK_EQUAL(user_code(user), CODE_SYSCALL);
	routine_check(&routine, branch, &run);
}

TEST(slot_accesses_in_user_mode)
{
	user_begin();
	EACH_BRANCH(branch, condition)
	{
		bool executed = slot_is_executed(branch, condition);
		struct user user;

		pages[0][2] = 0x0f1e2d3c;
		tlb_invalidate_all();
		user = user_routine_run(branch, WORD_LW, condition);
		check_user_way(&user, branch, condition);
		CHECK_EQUAL(user.frame.gpr[REG_VALUE], executed ? 0x0f1e2d3c : SLOT_UNTOUCHED);
		tlb_invalidate_all();
		user = user_routine_run(branch, WORD_SW, condition);
		check_user_way(&user, branch, condition);
		CHECK_EQUAL(*(volatile uint32_t *)&pages[0][2], executed ? 0x600dcafe : 0x0f1e2d3c);
	}
	user_end();
}

/* RDHWR where it is enabled, with a trap or without; SYNCI. */
TEST(slot_rdhwr_in_user_mode)
{
	user_begin();
	cp0_write(CP0_HWRENA, 0xf);
	EACH_BRANCH(branch, condition)
	{
		struct user user = user_routine_run(branch, 0x7c03083b, condition);
		uint32_t step;

		__asm__ volatile("rdhwr %0, $1" : "=r"(step));
		check_user_way(&user, branch, condition);
		CHECK_EQUAL(user.frame.gpr[REG_VALUE],
			    slot_is_executed(branch, condition) ? step : SLOT_UNTOUCHED);
		user = user_routine_run(branch, 0x04ff0000, condition);
		check_user_way(&user, branch, condition);
	}
	cp0_write(CP0_HWRENA, 0);
	user_end();
}

/* What user mode may not do, in a slot; with CU0 it may. */
TEST(slot_privileged_in_user_mode)
{
	static const uint32_t words[] = { WORD_MFC0((uint32_t)REG_VALUE, (uint32_t)INDEX(15, 0)),
					  WORD_MTC0((uint32_t)REG_OPERAND, (uint32_t)INDEX(12, 0)),
					  0x41636000,
					  0x42000008,
					  0x42000002,
					  0xbcf50000,
					  0x42000018,
					  0x42000020,
					  0x41461800 };

	user_begin();
	for (unsigned int i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		EACH_BRANCH(branch, condition)
		{
			struct user user = user_routine_run(branch, words[i], condition);

			if (!slot_is_executed(branch, condition)) {
				check_user_way(&user, branch, condition);
				continue;
			}
			CHECK_EQUAL(user_code(&user), CODE_COPROCESSOR);
			CHECK_EQUAL(user.frame.cause & CAUSE_CE, 0);
			CHECK_EQUAL(user.frame.cause >> 31, branch != branches);
			CHECK_EQUAL(user.frame.epc,
				    routine_branch_va(&routine) + (branch != branches ? 0 : 4));
		}
	}
	user_end();
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Every privileged instruction and every register of coprocessor 0 in the delay slot of every
 * branch and jump, taken and not: there it does what it does elsewhere, or nothing where the branch
 * nullifies it. WAIT and ERET are left out: in a delay slot what they do is not defined.
 */
#include <stddef.h>
#include <string.h>

#include <rtos/clock.h>
#include <rtos/console.h>
#include <rtos/cp0.h>
#include <rtos/paging.h>
#include <rtos/test.h>

#include "routine.h"

/* ---- what instructions leave behind ---- */

/* Registers whose values only instructions change. Of Cause the timer's bits are left out. */
#define STATE_REGISTERS(EACH)                                                                  \
	EACH(INDEX), EACH(ENTRYLO0), EACH(ENTRYLO1), EACH(CONTEXT), EACH(USERLOCAL),           \
		EACH(PAGEMASK), EACH(WIRED), EACH(HWRENA), EACH(ENTRYHI), EACH(COMPARE),       \
		EACH(STATUS), EACH(INTCTL), EACH(SRSCTL), EACH(CAUSE), EACH(EPC), EACH(EBASE), \
		EACH(CONFIG), EACH(TAGLO), EACH(ERROREPC)

#define STATE_INDEX(name) STATE_##name
enum {
	STATE_REGISTERS(STATE_INDEX),
	STATE_COUNT,
};

struct state {
	uint32_t registers[STATE_COUNT];
	struct tlb_entry entry; /* the TLB's last */
	int found; /* where PAGE_WRITTEN is in the TLB; any place from Wired on is one */
	int kept;  /* the same for PAGE_KEPT */
	uint32_t way, value, condition;
};

/* In the TLB before, under the ASID that we run in; and what EntryHi has. */
#define PAGE_KEPT    (MAP_UNUSED + 0x03000000)
#define PAGE_WRITTEN (MAP_UNUSED + 0x03100000)
#define WIRED	     2u

static uint8_t line[64] __attribute__((aligned(64)));

#define STATE_READ(name) state->registers[STATE_##name] = cp0_read(CP0_##name)

static void state_get(struct state *state)
{
	STATE_REGISTERS(STATE_READ);
	state->registers[STATE_CAUSE] &= ~(CAUSE_TI | CAUSE_IP7);
	cp0_write(CP0_STATUS, 0);
	state->entry = tlb_read(tlb_size() - 1);
	state->found = tlb_probe(PAGE_WRITTEN);
	state->kept = tlb_probe(PAGE_KEPT);
	if (state->found > (int)WIRED)
		state->found = (int)WIRED;
}

/* The same each time. `status`: IE or not; all interrupts are masked. */
static void state_set(uint32_t status)
{
	int found = tlb_probe(PAGE_WRITTEN);

	if (found >= 0)
		tlb_invalidate((unsigned int)found);
	tlb_write(tlb_size() - 1, (struct tlb_entry){ PAGE_KEPT, 0, 0x1016, 0x2016 });
	cp0_write(CP0_WIRED, WIRED);
	/* Also makes Index that of the last entry, without the bit that says "not found". */
	tlb_probe(PAGE_KEPT);
	cp0_write(CP0_ENTRYHI, PAGE_WRITTEN);
	cp0_write(CP0_ENTRYLO0, 0x1556);
	cp0_write(CP0_ENTRYLO1, 0x2aae);
	cp0_write(CP0_PAGEMASK, 0);
	cp0_write(CP0_CONTEXT, MAP_TABLE);
	cp0_write(CP0_HWRENA, 0);
	cp0_write(CP0_COMPARE, cp0_read(CP0_COUNT) - 1);
	cp0_write(CP0_COMPARE, 0x7654);
	cp0_write(CP0_CAUSE, CAUSE_IV);
	cp0_write(CP0_EPC, 0x11111110);
	cp0_write(CP0_ERROREPC, 0x22222220);
	cp0_write(CP0_STATUS, status);
}

/* ---- what is put into slots ---- */

/* What is not the same twice. */
enum varying {
	VARIES_NOTHING,
	VARIES_VALUE,
	VARIES_PLACE, /* which entry of the TLB is written */
};

struct slot {
	uint32_t word;
	uint32_t operand; /* of MTC0 */
	uint32_t status;
	enum varying varies;
};

/* By the numbers that they have in the instruction. */
enum {
	INDEX_COUNT = INDEX(9, 0),
	INDEX_RANDOM = INDEX(1, 0),
};

/* What kernels read. */
static const uint8_t read_registers[] = {
	INDEX(0, 0),  INDEX(1, 0),  INDEX(2, 0),  INDEX(3, 0),	INDEX(4, 0),  INDEX(4, 2),
	INDEX(5, 0),  INDEX(5, 1),  INDEX(6, 0),  INDEX(7, 0),	INDEX(8, 0),  INDEX(9, 0),
	INDEX(10, 0), INDEX(11, 0), INDEX(12, 0), INDEX(12, 1), INDEX(12, 2), INDEX(12, 3),
	INDEX(13, 0), INDEX(14, 0), INDEX(15, 0), INDEX(15, 1), INDEX(16, 0), INDEX(16, 1),
	INDEX(16, 2), INDEX(16, 3), INDEX(16, 4), INDEX(16, 5), INDEX(16, 6), INDEX(16, 7),
	INDEX(17, 0), INDEX(18, 0), INDEX(19, 0), INDEX(23, 0), INDEX(25, 0), INDEX(26, 0),
	INDEX(27, 0), INDEX(28, 0), INDEX(28, 1), INDEX(29, 0), INDEX(30, 0), INDEX(31, 0),
};

/* What they write, and a value that changes it and does no harm. */
static const struct {
	uint8_t index;
	uint32_t value;
} written_registers[] = {
	{ INDEX(0, 0), 5 },
	{ INDEX(1, 0), 0xffffffff },
	{ INDEX(2, 0), 0x00abcd5e },
	{ INDEX(3, 0), 0x00fedc1e },
	{ INDEX(4, 0), 0x5a800000 },
	{ INDEX(4, 2), 0x600df00d },
	{ INDEX(5, 0), 0x00006000 },
	{ INDEX(6, 0), 7 },
	{ INDEX(7, 0), 0x0000000f },
	{ INDEX(8, 0), 0xffffffff },
	{ INDEX(10, 0), MAP_UNUSED + 0x2000 + 0x5a },
	{ INDEX(11, 0), 0x01234567 },
	{ INDEX(12, 0), STATUS_CU0 | 0x5500 },
	{ INDEX(12, 0), STATUS_EXL | STATUS_UM },
	{ INDEX(12, 0), STATUS_ERL | STATUS_IE },
	{ INDEX(12, 1), 0x00000040 },
	{ INDEX(12, 2), 0 },
	{ INDEX(13, 0), CAUSE_IV | CAUSE_IP0 },
	{ INDEX(13, 0), CAUSE_IP1 },
	{ INDEX(14, 0), 0x12345678 },
	{ INDEX(15, 0), 0xffffffff },
	{ INDEX(15, 1), MAP_KSEG0 | 0x00345000 },
	{ INDEX(17, 0), 0 },
	{ INDEX(28, 0), 0 },
	{ INDEX(29, 0), 0 },
	{ INDEX(30, 0), 0x87654320 },
};

/* The rest; CACHE and SYNCI at the address in a3. */
static const struct slot others[] = {
	{ 0x41636000, 0, STATUS_IE, VARIES_NOTHING }, /* di v1 */
	{ 0x41636000, 0, 0, VARIES_NOTHING },
	{ 0x41636020, 0, STATUS_IE, VARIES_NOTHING }, /* ei v1 */
	{ 0x41636020, 0, 0, VARIES_NOTHING },
	{ 0x41606000, 0, STATUS_IE, VARIES_NOTHING }, /* di */
	{ 0x41606020, 0, 0, VARIES_NOTHING },	      /* ei */
	{ 0x42000001, 0, 0, VARIES_NOTHING },	      /* tlbr */
	{ 0x42000002, 0, 0, VARIES_NOTHING },	      /* tlbwi */
	{ 0x42000006, 0, 0, VARIES_PLACE },	      /* tlbwr */
	{ 0x42000008, 0, 0, VARIES_NOTHING },	      /* tlbp */
	{ 0x41461800, 0x1234, 0, VARIES_NOTHING },    /* rdpgpr v1, a2 */
	{ 0x41c61800, 0x1234, 0, VARIES_NOTHING },    /* wrpgpr v1, a2 */
	{ 0x7c03003b, 0, 0, VARIES_NOTHING },	      /* rdhwr v1, $0 */
	{ 0x7c03083b, 0, 0, VARIES_NOTHING },
	{ 0x7c03103b, 0, 0, VARIES_VALUE },
	{ 0x7c03183b, 0, 0, VARIES_NOTHING },
	{ 0x04ff0000, 0, 0, VARIES_NOTHING }, /* synci 0(a3) */
	{ 0xbce00000, 0, 0, VARIES_NOTHING }, /* cache: index invalidate, I */
	{ 0xbce10000, 0, 0, VARIES_NOTHING }, /* index write back and invalidate, D */
	{ 0xbce40000, 0, 0, VARIES_VALUE },   /* index load tag, I and D */
	{ 0xbce50000, 0, 0, VARIES_VALUE },
	{ 0xbcf00000, 0, 0, VARIES_NOTHING }, /* hit invalidate, I */
	{ 0xbcf40000, 0, 0, VARIES_NOTHING }, /* fill, I */
	{ 0xbcf50000, 0, 0, VARIES_NOTHING }, /* hit write back and invalidate, D */
	{ 0xbcf90000, 0, 0, VARIES_NOTHING }, /* hit write back, D */
	{ 0xcce00000, 0, 0, VARIES_NOTHING }, /* pref 0(a3) */
	{ 0x40047800, 0, 0, VARIES_NOTHING }, /* mfc0 a0: what the branch has looked at */
	{ 0x409f7000, 0, 0, VARIES_VALUE },   /* mtc0 ra, EPC: sees the link */
};

/* ---- runs ---- */

static uint32_t run(const struct branch *branch, const struct slot *slot, uint32_t condition,
		    struct state *state)
{
	struct routine_run arguments = { .condition = condition,
					 .operand = slot->operand,
					 .address = (uint32_t)(uintptr_t)line,
					 .value = SLOT_UNTOUCHED };
	struct routine routine;

	state_set(slot->status);
	routine_run(&routine, branch, slot->word, &arguments);
	state_get(state);
	state->way = arguments.way;
	state->value = slot->varies == VARIES_VALUE ? 0 : arguments.value;
	if (slot->varies == VARIES_VALUE)
		state->registers[STATE_EPC] = state->registers[STATE_TAGLO] = 0;
	if (slot->varies == VARIES_PLACE) {
		memset(&state->entry, 0, sizeof(state->entry));
		state->kept = 0;
	}
	routine_check(&routine, branch, &arguments);
	return arguments.value;
}

static bool states_are_equal(const struct state *one, const struct state *other)
{
	return memcmp(one->registers, other->registers, sizeof(one->registers)) == 0 &&
	       memcmp(&one->entry, &other->entry, sizeof(one->entry)) == 0 &&
	       one->found == other->found && one->kept == other->kept && one->value == other->value;
}

/* Says at most once for each branch what differs. */
static bool check_state(const struct branch *branch, const struct slot *slot,
			const struct state *state, const struct state *wanted)
{
	if (states_are_equal(state, wanted))
		return true;
	console_print("  0x%08x behind %s, condition %d: v1 0x%08x, wanted 0x%08x\n",
		      (unsigned int)slot->word, branch->name, (int)state->condition,
		      (unsigned int)state->value, (unsigned int)wanted->value);
	for (unsigned int i = 0; i < STATE_COUNT; i++)
		if (state->registers[i] != wanted->registers[i])
			console_print("  register %u of the list: 0x%08x, wanted 0x%08x\n", i,
				      (unsigned int)state->registers[i],
				      (unsigned int)wanted->registers[i]);
	CHECK(!"the same in a delay slot and outside");
	return false;
}

/* In the slots of branches from the second on: the first is none, and says what is right. */
static void check_slot(const struct slot *slot)
{
	static const struct slot nothing = { WORD_NOP, 0, 0, VARIES_NOTHING };
	struct state executed, nullified, state;
	struct slot empty = nothing;

	empty.status = slot->status;
	empty.varies = slot->varies;
	run(&branches[0], slot, 0, &executed);
	run(&branches[0], &empty, 0, &nullified);
	for (unsigned int i = 1; i < branch_count; i++) {
		for (uint32_t condition = UINT32_MAX; condition != 2; condition++) {
			const struct state *wanted =
				slot_is_executed(&branches[i], condition) ? &executed : &nullified;

			run(&branches[i], slot, condition, &state);
			state.condition = condition;
			if (!check_state(&branches[i], slot, &state, wanted))
				break;
		}
	}
}

/* What all of these tests need before and afterwards. */
static struct {
	uint32_t flags, status, ebase, intctl, cause, config, hwrena, local;
} kept;

static void begin(void)
{
	kept.flags = irq_save();
	kept.status = cp0_read(CP0_STATUS);
	kept.ebase = cp0_read(CP0_EBASE);
	kept.intctl = cp0_read(CP0_INTCTL);
	kept.cause = cp0_read(CP0_CAUSE);
	kept.hwrena = cp0_read(CP0_HWRENA);
}

static void restore(void)
{
	cp0_write(CP0_STATUS, 0);
	cp0_write(CP0_EBASE, kept.ebase);
	cp0_write(CP0_INTCTL, kept.intctl);
	cp0_write(CP0_HWRENA, kept.hwrena);
	cp0_write(CP0_USERLOCAL, 0);
	cp0_write(CP0_CAUSE, CAUSE_IV);
	cp0_write(CP0_PAGEMASK, 0);
	cp0_write(CP0_ENTRYHI, 0);
	paging_init();
	clock_match_set(COUNTS_PER_TICK);
	cp0_write(CP0_STATUS, kept.status);
}

static void end(void)
{
	restore();
	irq_restore(kept.flags);
}

/* ---- tests ---- */

TEST(slots_mfc0)
{
	begin();
	for (unsigned int i = 0; i < sizeof(read_registers); i++) {
		struct slot slot = { WORD_MFC0((uint32_t)REG_VALUE, (uint32_t)read_registers[i]), 0,
				     STATUS_IE, false };

		if (read_registers[i] == INDEX_COUNT || read_registers[i] == INDEX_RANDOM)
			slot.varies = VARIES_VALUE;
		check_slot(&slot);
	}
	end();
}

TEST(slots_mtc0)
{
	begin();
	for (unsigned int i = 0; i < sizeof(written_registers) / sizeof(written_registers[0]);
	     i++) {
		struct slot slot = { WORD_MTC0((uint32_t)REG_OPERAND,
					       (uint32_t)written_registers[i].index),
				     written_registers[i].value, STATUS_IE, false };

		check_slot(&slot);
		/* EBase, IntCtl and UserLocal are as the last one left them. */
		restore();
		cp0_write(CP0_STATUS, 0);
	}
	end();
}

TEST(slots_of_other_instructions)
{
	begin();
	for (unsigned int i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		check_slot(&others[i]);
	end();
}

static bool has_invalidation(void)
{
	return (cp0_read(CP0_CONFIG3) & CONFIG_MORE) != 0 &&
	       (cp0_read(CP0_CONFIG4) & CONFIG4_IE) >= 0x40000000;
}

TEST(slots_tlbinv)
{
	static const struct slot slots[] = {
		{ 0x42000003, 0, 0, VARIES_NOTHING },
		{ 0x42000004, 0, 0, VARIES_NOTHING },
	};

	if (!has_invalidation()) {
		test_skipped("no TLBINV");
		return;
	}
	begin();
	check_slot(&slots[0]);
	check_slot(&slots[1]);
	end();
}

/* Count cannot be compared: it is what was written, or it was not written. */
TEST(slots_mtc0_count)
{
	struct slot slot = { WORD_MTC0((uint32_t)REG_OPERAND, (uint32_t)INDEX_COUNT), 0, 0,
			     VARIES_VALUE };
	struct state state;

	begin();
	for (unsigned int i = 0; i < branch_count; i++) {
		for (uint32_t condition = UINT32_MAX; condition != 2; condition++) {
			slot.operand = cp0_read(CP0_COUNT) + 0x40000000;
			run(&branches[i], &slot, condition, &state);
			CHECK_EQUAL(cp0_read(CP0_COUNT) - slot.operand < 0x20000000,
				    slot_is_executed(&branches[i], condition));
		}
	}
	end();
}

/* What varies is right in a slot, too. */
TEST(slots_count_and_random)
{
	struct slot count = { WORD_MFC0((uint32_t)REG_VALUE, (uint32_t)INDEX_COUNT), 0, 0,
			      VARIES_VALUE };
	struct slot random = { WORD_MFC0((uint32_t)REG_VALUE, (uint32_t)INDEX_RANDOM), 0, 0,
			       VARIES_VALUE };
	struct state state;

	begin();
	for (unsigned int i = 0; i < branch_count; i++) {
		uint32_t before = cp0_read(CP0_COUNT), value;

		if (!slot_is_executed(&branches[i], 0))
			continue;
		value = run(&branches[i], &count, 0, &state);
		CHECK(value - before <= cp0_read(CP0_COUNT) - before);
		value = run(&branches[i], &random, 0, &state);
		CHECK(value >= WIRED && value < tlb_size());
	}
	end();
}

/* ---- registers that nobody uses ---- */

/* Of a virtual processor: those that it has not are nobody else's, and read 0 whatever is written.
 */
TEST(registers_that_are_not_there)
{
	/* By number, a bit for each select that there is. */
	static const uint8_t existing[32] = {
		[0] = 1,      [1] = 1,	 [2] = 1,	   [3] = 1,	 [4] = 1 | 4,
		[5] = 1,      [6] = 1,	 [7] = 1,	   [8] = 1,	 [9] = 1,
		[10] = 1,     [11] = 1,	 [12] = 1 | 2,	   [13] = 1,	 [14] = 1,
		[15] = 1 | 2, [16] = 63, [28] = 1 | 2 | 4, [29] = 1 | 4, [30] = 1,
	};
	struct routine_run arguments;
	struct routine routine;

	if (!booted_from_rom()) {
		test_skipped("the processor is a real one");
		return;
	}
	begin();
	for (uint32_t index = 0; index < 256; index++) {
		if ((existing[index / 8] >> (index % 8) & 1) != 0)
			continue;
		arguments = (struct routine_run){ .operand = UINT32_MAX };
		routine_run(&routine, &branches[0], WORD_MTC0((uint32_t)REG_OPERAND, index),
			    &arguments);
		routine_run(&routine, &branches[0], WORD_MFC0((uint32_t)REG_VALUE, index),
			    &arguments);
		CHECK_EQUAL(arguments.value, 0);
	}
	end();
}

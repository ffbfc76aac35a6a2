// SPDX-License-Identifier: BSD-2-Clause
/*
 * Privileged instructions in the delay slots of all branches and jumps, taken and not.
 */
#include <stddef.h>
#include <string.h>

#include <rtos/cp0.h>
#include <rtos/paging.h>
#include <rtos/test.h>

/* As in delay_slots.S. */
enum slot {
	SLOT_MFC0,
	SLOT_MTC0,
	SLOT_MFC0_CONDITION, /* overwrites what the branch has looked at */
	SLOT_DI,
	SLOT_TLBP,
	SLOT_TLBR,
	SLOT_CACHE,
	SLOT_RDHWR,
	SLOT_MTC0_LINK, /* reads the return address */
	SLOT_COUNT,
};

static const struct branch {
	const char *name;
	bool taken[3]; /* for -1, 0, 1 */
	bool likely, links;
} branches[] = {
	{ "beq", { false, true, false }, false, false },
	{ "bne", { true, false, true }, false, false },
	{ "blez", { true, true, false }, false, false },
	{ "bgtz", { false, false, true }, false, false },
	{ "bltz", { true, false, false }, false, false },
	{ "bgez", { false, true, true }, false, false },
	{ "bltzal", { true, false, false }, false, true },
	{ "bgezal", { false, true, true }, false, true },
	{ "beql", { false, true, false }, true, false },
	{ "bnel", { true, false, true }, true, false },
	{ "blezl", { true, true, false }, true, false },
	{ "bgtzl", { false, false, true }, true, false },
	{ "bltzl", { true, false, false }, true, false },
	{ "bgezl", { false, true, true }, true, false },
	{ "bltzall", { true, false, false }, true, true },
	{ "bgezall", { false, true, true }, true, true },
	{ "j", { true, true, true }, false, false },
	{ "jal", { true, true, true }, false, true },
	{ "jr", { true, true, true }, false, false },
	{ "jalr", { true, true, true }, false, true },
};
#define BRANCH_COUNT (sizeof(branches) / sizeof(branches[0]))

typedef uint64_t routine_t(uint32_t condition, uint32_t unused, uint32_t value, void *address);

extern const uint32_t delay_slot_routines[SLOT_COUNT][BRANCH_COUNT];

struct outcome {
	uint32_t way, value;
	uint32_t epc, status, index; /* of coprocessor 0, afterwards */
};

static uint8_t line[64] __attribute__((aligned(64)));

#define EPC_BEFORE 0x11111110u
#define EPC_VALUE  0x22222220u

/* Interrupts, which use EPC too, are masked but not off, so that DI has something to do. */
static struct outcome run(uint32_t routine, uint32_t condition)
{
	routine_t *function = (routine_t *)(uintptr_t)routine;
	uint32_t flags = irq_save(), asid = asid_get(), status = cp0_read(CP0_STATUS);
	uint32_t words[2];
	uint64_t both;
	struct outcome outcome;

	cp0_write(CP0_EPC, EPC_BEFORE);
	/* Index is that of a wired entry, found; the next probe will find nothing. */
	tlb_probe(MAP_TABLE + (MAP_USER >> 13) * 16);
	cp0_write(CP0_ENTRYHI, MAP_UNUSED + 0x0ffe0000);
	cp0_write(CP0_STATUS, (status & ~STATUS_IM) | STATUS_IE);
	both = function(condition, 0, EPC_VALUE, line);
	/* v0 and v1 together are one value, in this order in memory. */
	memcpy(words, &both, sizeof(both));
	outcome = (struct outcome){ words[0], words[1], cp0_read(CP0_EPC), cp0_read(CP0_STATUS),
				    cp0_read(CP0_INDEX) };
	cp0_write(CP0_STATUS, status);
	cp0_write(CP0_PAGEMASK, 0);
	cp0_write(CP0_ENTRYHI, asid);
	irq_restore(flags);
	return outcome;
}

/* What the instruction of the slot left behind, executed or not. */
static void check_slot(enum slot slot, const struct branch *branch, const struct outcome *outcome,
		       bool executed)
{
	switch (slot) {
	case SLOT_MFC0:
		CHECK_EQUAL(outcome->value, executed ? cp0_read(CP0_PRID) : 0);
		break;
	case SLOT_MTC0:
		CHECK_EQUAL(outcome->epc, executed ? EPC_VALUE : EPC_BEFORE);
		break;
	case SLOT_DI:
		CHECK_EQUAL(outcome->value & STATUS_IE, executed ? STATUS_IE : 0);
		CHECK_EQUAL(outcome->status & STATUS_IE, executed ? 0 : STATUS_IE);
		break;
	case SLOT_TLBP:
		CHECK_EQUAL(outcome->index & INDEX_P, executed ? INDEX_P : 0);
		break;
	case SLOT_RDHWR:
		CHECK_EQUAL(outcome->value != 0, executed);
		break;
	case SLOT_MTC0_LINK:
		if (executed && branch->links)
			CHECK(outcome->epc != EPC_BEFORE && (outcome->epc & 3) == 0);
		break;
	default:
		break;
	}
}

static void check(enum slot slot)
{
	for (uint32_t i = 0; i < BRANCH_COUNT; i++) {
		for (uint32_t condition = 0; condition < 3; condition++) {
			const struct branch *branch = &branches[i];
			bool taken = branch->taken[condition];
			struct outcome outcome = run(delay_slot_routines[slot][i], condition - 1);

			CHECK_EQUAL(outcome.way, taken ? 2 : 1);
			check_slot(slot, branch, &outcome, taken || !branch->likely);
		}
	}
}

TEST(delay_slot_mfc0)
{
	check(SLOT_MFC0);
}

TEST(delay_slot_mtc0)
{
	check(SLOT_MTC0);
}

TEST(delay_slot_changes_condition)
{
	check(SLOT_MFC0_CONDITION);
}

TEST(delay_slot_di)
{
	check(SLOT_DI);
}

TEST(delay_slot_tlb)
{
	check(SLOT_TLBP);
	check(SLOT_TLBR);
}

TEST(delay_slot_cache)
{
	check(SLOT_CACHE);
}

TEST(delay_slot_rdhwr)
{
	check(SLOT_RDHWR);
}

TEST(delay_slot_sees_link)
{
	check(SLOT_MTC0_LINK);
}

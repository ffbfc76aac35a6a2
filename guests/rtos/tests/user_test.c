// SPDX-License-Identifier: BSD-2-Clause
/*
 * User mode: what it may not do, what it may reach, that it is preempted, that address spaces are
 * apart.
 */
#include <stddef.h>
#include <string.h>

#include <rtos/clock.h>
#include <rtos/console.h>
#include <rtos/cp0.h>
#include <rtos/exception.h>
#include <rtos/paging.h>
#include <rtos/test.h>
#include <rtos/thread.h>

#define FLAGS (ENTRYLO_CACHED | ENTRYLO_V)

#define CODE_VA MAP_USER
#define DATA_VA (MAP_USER + 0x10000)

extern const uint8_t user_page[];
extern const char user_nothing[], user_load[], user_store[], user_count[], user_jump[],
	user_registers[], user_mfc0[], user_mtc0[], user_di[], user_ei[], user_eret[], user_wait[],
	user_tlbwi[], user_tlbp[], user_cache[], user_mfc0_in_slot[], user_rdhwr_number[],
	user_rdhwr_step[], user_rdhwr_count[], user_rdhwr_resolution[], user_rdhwr_local[],
	user_rdhwr_in_slot[], user_break[], user_reserved[], user_synci[], user_modify[];

static uint8_t data[4][PAGE_SIZE] __attribute__((aligned(2 * PAGE_SIZE)));

/* The page table is the same for all ASIDs; a test that wants otherwise writes entries itself. */
static void map_user(void)
{
	page_table_set(CODE_VA, page_entrylo(user_page, FLAGS));
	page_table_set(DATA_VA, page_entrylo(data[0], FLAGS | ENTRYLO_D));
	asid_set(1);
}

static void unmap_user(void)
{
	asid_set(0);
	page_table_set(CODE_VA, 0);
	page_table_set(DATA_VA, 0);
	tlb_invalidate_all();
}

static uint32_t code_address(const char *routine)
{
	return CODE_VA + (uint32_t)((const uint8_t *)routine - user_page);
}

static struct user run(const char *routine, uint32_t a0, uint32_t a1)
{
	struct user user = { .frame = { .epc = code_address(routine) } };

	user.frame.gpr[4] = a0;
	user.frame.gpr[5] = a1;
	user_run(&user);
	return user;
}

/* ---- what it may not do ---- */

TEST(user_mode_is_entered)
{
	struct user user;

	map_user();
	user = run(user_nothing, 0, 0);
	CHECK_EQUAL(user_code(&user), CODE_SYSCALL);
	CHECK_EQUAL(user.frame.epc, code_address(user_nothing));
	CHECK_EQUAL(user.frame.status & (STATUS_UM | STATUS_EXL), STATUS_UM | STATUS_EXL);
	user = run(user_break, 0, 0);
	CHECK_EQUAL(user_code(&user), CODE_BREAK);
	user = run(user_reserved, 0, 0);
	CHECK_EQUAL(user_code(&user), CODE_RESERVED);
	unmap_user();
}

TEST(user_mode_has_no_coprocessor_0)
{
	static const char *const routines[] = {
		user_mfc0, user_mtc0,  user_di,	  user_ei,    user_eret,
		user_wait, user_tlbwi, user_tlbp, user_cache, user_mfc0_in_slot,
	};

	map_user();
	for (unsigned int i = 0; i < sizeof(routines) / sizeof(routines[0]); i++) {
		struct user user = run(routines[i], DATA_VA, 0);

		CHECK_EQUAL(user_code(&user), CODE_COPROCESSOR);
		CHECK_EQUAL(user.frame.cause & CAUSE_CE, 0);
		CHECK_EQUAL(user.frame.epc, code_address(routines[i]));
		CHECK_EQUAL(user.frame.cause >> 31, routines[i] == user_mfc0_in_slot);
	}
	unmap_user();
}

/* Unless the kernel lets it. */
TEST(user_mode_with_coprocessor_0)
{
	struct user user = { .frame = { .epc = code_address(user_mfc0), .status = STATUS_CU0 } };

	map_user();
	user_run(&user);
	CHECK_EQUAL(user_code(&user), CODE_SYSCALL);
	CHECK_EQUAL(user.frame.gpr[2], cp0_read(CP0_PRID));
	unmap_user();
}

TEST(user_mode_rdhwr)
{
	static const struct {
		const char *routine;
		uint32_t enable;
	} registers[] = {
		{ user_rdhwr_number, 1 },	  { user_rdhwr_step, 2 },
		{ user_rdhwr_count, 4 },	  { user_rdhwr_resolution, 8 },
		{ user_rdhwr_local, 0x20000000 },
	};
	bool has_local = (cp0_read(CP0_CONFIG3) & CONFIG3_ULRI) != 0;
	struct user user;

	map_user();
	cp0_write(CP0_USERLOCAL, 0x13572468);
	for (unsigned int i = 0; i < sizeof(registers) / sizeof(registers[0]); i++) {
		bool exists = registers[i].routine != user_rdhwr_local || has_local;

		cp0_write(CP0_HWRENA, 0);
		user = run(registers[i].routine, 0, 0);
		CHECK_EQUAL(user_code(&user), CODE_RESERVED);
		cp0_write(CP0_HWRENA, 0x2000000f & ~registers[i].enable);
		user = run(registers[i].routine, 0, 0);
		CHECK_EQUAL(user_code(&user), CODE_RESERVED);
		cp0_write(CP0_HWRENA, registers[i].enable);
		user = run(registers[i].routine, 0, 0);
		CHECK_EQUAL(user_code(&user), exists ? CODE_SYSCALL : CODE_RESERVED);
		if (registers[i].routine == user_rdhwr_local && has_local)
			CHECK_EQUAL(user.frame.gpr[2], 0x13572468);
	}
	cp0_write(CP0_HWRENA, 2);
	user = run(user_rdhwr_in_slot, 0, 0);
	CHECK_EQUAL(user_code(&user), CODE_SYSCALL);
	CHECK_EQUAL(user.frame.gpr[31], code_address(user_rdhwr_in_slot) + 12);
	cp0_write(CP0_HWRENA, 0);
	cp0_write(CP0_USERLOCAL, 0);
	unmap_user();
}

/* ---- what it may reach ---- */

TEST(user_mode_reads_and_writes)
{
	struct user user;

	map_user();
	*(volatile uint32_t *)(void *)data[0] = 0x01020304;
	user = run(user_load, DATA_VA, 0);
	CHECK_EQUAL(user_code(&user), CODE_SYSCALL);
	CHECK_EQUAL(user.frame.gpr[2], 0x01020304);
	user = run(user_store, DATA_VA + 4, 0x0a0b0c0d);
	CHECK_EQUAL(user_code(&user), CODE_SYSCALL);
	CHECK_EQUAL(*(volatile uint32_t *)(void *)&data[0][4], 0x0a0b0c0d);
	/* Its code is not for writing. */
	user = run(user_store, CODE_VA, 0);
	CHECK_EQUAL(user_code(&user), CODE_MODIFIED);
	CHECK_EQUAL(user.frame.badvaddr, CODE_VA);
	user = run(user_load, DATA_VA + 1, 0);
	CHECK_EQUAL(user_code(&user), CODE_ADDRESS_LOAD);
	user = run(user_synci, DATA_VA, 0);
	CHECK_EQUAL(user_code(&user), CODE_SYSCALL);
	unmap_user();
}

/* Neither by address error, as where segments are the kernel's, nor by a miss where they are not.
 */
static bool is_refused(const struct user *user, uint32_t address)
{
	uint32_t code = user_code(user);

	if (code == CODE_ADDRESS_LOAD || code == CODE_ADDRESS_STORE)
		return user->frame.badvaddr == address;
	/* The miss may have been the refill's own. */
	return address < 0x80000000 && (code == CODE_TLB_LOAD || code == CODE_TLB_STORE);
}

TEST(user_mode_cannot_reach_the_kernel)
{
	static uint32_t secret = 0x5ec5e700;
	const uint32_t addresses[] = {
		(uint32_t)(uintptr_t)&secret,
		(uint32_t)(uintptr_t)page_uncached(&secret),
		MAP_KSEG0,
		MAP_KSEG1 + MAP_UART_PHYSICAL - 0x3f8,
		MAP_KSEG2,
		0x80000000,
		0x9ffffffc,
		0xa0000000,
		0xc0000000,
		0xfffffffc,
		0xfffff000,
	};

	map_user();
	for (unsigned int i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		struct user user;

		/* The kernel has just been there itself. */
		*(volatile uint32_t *)&secret = 0x5ec5e700;
		user = run(user_load, addresses[i], 0);
		CHECK(is_refused(&user, addresses[i]));
		CHECK(user.frame.gpr[2] != 0x5ec5e700);
		user = run(user_store, addresses[i], 0xbad);
		CHECK(is_refused(&user, addresses[i]));
		user = run(user_jump, addresses[i], 0);
		CHECK(is_refused(&user, addresses[i]));
	}
	CHECK_EQUAL(*(volatile uint32_t *)&secret, 0x5ec5e700);
	unmap_user();
}

/* A kernel's page that is not global is another address space's. */
TEST(user_mode_cannot_reach_other_spaces)
{
	struct user user;

	map_user();
	tlb_write(tlb_wired(), (struct tlb_entry){ (MAP_USER + 0x20000) | 9, 0,
						   page_entrylo(data[1], FLAGS), 0 });
	user = run(user_load, MAP_USER + 0x20000, 0);
	CHECK_EQUAL(user_code(&user), CODE_TLB_LOAD);
	asid_set(9);
	*(volatile uint32_t *)(void *)data[1] = 0x99999999;
	user = run(user_load, MAP_USER + 0x20000, 0);
	CHECK_EQUAL(user_code(&user), CODE_SYSCALL);
	CHECK_EQUAL(user.frame.gpr[2], 0x99999999);
	unmap_user();
}

TEST(user_mode_keeps_registers)
{
	struct user user;
	uint32_t start = clock_ticks();

	map_user();
	user = run(user_registers, 3000000, 0);
	CHECK_EQUAL(user_code(&user), CODE_SYSCALL);
	CHECK_EQUAL(user.frame.gpr[2], 0);
	(void)start;
	unmap_user();
}

/* Code that user mode writes and executes. */
TEST(user_mode_modifies_code)
{
	map_user();
	for (uint32_t value = 1; value < 50; value++) {
		struct user user = run(user_modify, DATA_VA + 0x40, value);

		CHECK_EQUAL(user_code(&user), CODE_SYSCALL);
		CHECK_EQUAL(user.frame.gpr[2], value);
	}
	unmap_user();
}

/* ---- several at once ---- */

#define SPACES 3u
#define COUNTS 500000u

static struct space {
	struct thread thread;
	uint8_t stack[MAP_STACK_SIZE] __attribute__((aligned(16)));
	struct user user;
	uint32_t asid;
	uint32_t losses;
} spaces[SPACES];

static uint32_t space_switches(void)
{
	uint32_t switches = 0;

	for (unsigned int i = 0; i < SPACES; i++)
		switches += spaces[i].thread.switches;
	return switches;
}

/* All count at one address, each in a page of its own, until they have taken turns. */
static void space_run(void *argument)
{
	struct space *space = argument;
	unsigned int round = 0;

	asid_set(space->asid);
	do {
		space->user = (struct user){ .frame = { .epc = code_address(user_count) } };
		space->user.frame.gpr[4] = MAP_USER + 0x30000;
		space->user.frame.gpr[5] = COUNTS;
		user_run(&space->user);
		space->losses += space->user.frame.gpr[2];
	} while (++round < 200 && space_switches() <= 2 * SPACES);
}

TEST(user_threads_in_their_own_spaces)
{
	page_table_set(CODE_VA, page_entrylo(user_page, FLAGS));
	for (unsigned int i = 0; i < SPACES; i++) {
		spaces[i].asid = 0x10 + i;
		spaces[i].losses = 0;
		/* Wired by hand: the page table has no spaces. */
		cp0_write(CP0_WIRED, 3 + i);
		tlb_write(2 + i, (struct tlb_entry){ (MAP_USER + 0x30000) | spaces[i].asid, 0,
						     page_entrylo(data[i], FLAGS | ENTRYLO_D), 0 });
		thread_start(&spaces[i].thread, "user", PRIORITY_LOW, space_run, &spaces[i],
			     spaces[i].stack, sizeof(spaces[i].stack));
	}
	for (unsigned int i = 0; i < SPACES; i++) {
		thread_join(&spaces[i].thread);
		CHECK_EQUAL(user_code(&spaces[i].user), CODE_SYSCALL);
		CHECK_EQUAL(spaces[i].losses, 0);
		CHECK_EQUAL(*(volatile uint32_t *)(void *)data[i], COUNTS);
	}
	/* They took turns. */
	CHECK(space_switches() > SPACES);
	for (unsigned int i = 0; i < SPACES; i++)
		tlb_invalidate(2 + i);
	cp0_write(CP0_WIRED, 2);
	unmap_user();
}

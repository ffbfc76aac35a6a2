// SPDX-License-Identifier: BSD-2-Clause
/*
 * Memory: what lies nowhere is an access fault of the guest's own, whichever instruction asks for
 * it and whether or not paging is on; page faults are the guest's; RAM is whole, and empty at the
 * start.
 */
#include "paging.h"
#include "selftest.h"

extern char image_start[], image_end[];

static uint64_t ram_end(void)
{
	return machine.ram_base + machine.ram_size;
}

/* Nothing is there on any machine of ours; the last ones lie beyond what any G-stage translates. */
static const uint64_t nothing_addresses[] = {
	NOTHING_ADDRESS,      0x0000000000000000ul, 0x0000010000000000ul, 0x0000800000000000ul,
	0x0080000000000000ul, 0x8000000080200000ul, 0xfffffffffffff000ul,
};

TEST(nothing_load, "memory: a load from nothing is a load access fault at that address")
{
	for (unsigned int i = 0; i < ARRAY_SIZE(nothing_addresses); i++)
		for (unsigned int bytes = 1; bytes <= 8; bytes *= 2)
			EXPECT_TRAP_VALUE(trap_load(nothing_addresses[i], bytes, NULL),
					  CAUSE_LOAD_ACCESS, nothing_addresses[i]);
}

TEST(nothing_store, "memory: a store to nothing is a store access fault at that address")
{
	for (unsigned int i = 0; i < ARRAY_SIZE(nothing_addresses); i++)
		for (unsigned int bytes = 1; bytes <= 8; bytes *= 2)
			EXPECT_TRAP_VALUE(trap_store(nothing_addresses[i], bytes, 1),
					  CAUSE_STORE_ACCESS, nothing_addresses[i]);
}

TEST(nothing_fetch, "memory: a jump to nothing is a fetch access fault at that address")
{
	for (unsigned int i = 0; i < ARRAY_SIZE(nothing_addresses); i++) {
		struct trap trap = trap_jump(nothing_addresses[i]);

		EXPECT_TRAP_VALUE(trap, CAUSE_FETCH_ACCESS, nothing_addresses[i]);
		EXPECT_EQUAL(trap.pc, nothing_addresses[i]);
	}
}

/* Instructions that access the address in a1 (or sp, which is set to the same). */
struct access_instruction {
	uint32_t code;
	uint32_t cause;
	const char *extension;
};

static const struct access_instruction access_instructions[] = {
	{ 0x00c5a52f, CAUSE_STORE_ACCESS, "a" },      /* amoadd.w a0, a2, (a1) */
	{ 0x08c5a52f, CAUSE_STORE_ACCESS, "a" },      /* amoswap.w */
	{ 0x00c5b52f, CAUSE_STORE_ACCESS, "a" },      /* amoadd.d */
	{ 0xe0c5b52f, CAUSE_STORE_ACCESS, "a" },      /* amomaxu.d */
	{ 0x1005a52f, CAUSE_LOAD_ACCESS, "a" },	      /* lr.w a0, (a1) */
	{ 0x1005b52f, CAUSE_LOAD_ACCESS, "a" },	      /* lr.d */
	{ 0x4188, CAUSE_LOAD_ACCESS, "c" },	      /* c.lw a0, 0(a1) */
	{ 0x6188, CAUSE_LOAD_ACCESS, "c" },	      /* c.ld a0, 0(a1) */
	{ 0x4502, CAUSE_LOAD_ACCESS, "c" },	      /* c.lwsp a0, 0(sp) */
	{ 0x6502, CAUSE_LOAD_ACCESS, "c" },	      /* c.ldsp a0, 0(sp) */
	{ 0xc188, CAUSE_STORE_ACCESS, "c" },	      /* c.sw a0, 0(a1) */
	{ 0xe188, CAUSE_STORE_ACCESS, "c" },	      /* c.sd a0, 0(a1) */
	{ 0xc02a, CAUSE_STORE_ACCESS, "c" },	      /* c.swsp a0, 0(sp) */
	{ 0xe02a, CAUSE_STORE_ACCESS, "c" },	      /* c.sdsp a0, 0(sp) */
	{ 0x0005a507, CAUSE_LOAD_ACCESS, "d" },	      /* flw fa0, 0(a1) */
	{ 0x0005b507, CAUSE_LOAD_ACCESS, "d" },	      /* fld fa0, 0(a1) */
	{ 0x2188, CAUSE_LOAD_ACCESS, "d" },	      /* c.fld fa0, 0(a1) */
	{ 0x00a5a027, CAUSE_STORE_ACCESS, "d" },      /* fsw fa0, 0(a1) */
	{ 0x00a5b027, CAUSE_STORE_ACCESS, "d" },      /* fsd fa0, 0(a1) */
	{ 0xa188, CAUSE_STORE_ACCESS, "d" },	      /* c.fsd fa0, 0(a1) */
	{ 0x0045a00f, CAUSE_STORE_ACCESS, "zicboz" }, /* cbo.zero (a1) */
};

static void expect_access_fault(const struct access_instruction *access, uint64_t address)
{
	struct context context;
	struct trap trap;

	context_init(&context, 0);
	context.frame.status |= SSTATUS_FS_INITIAL;
	context.frame.x[2] = address;
	context.frame.x[10] = PTE_V;
	context.frame.x[11] = address;
	trap = context_execute(&context, access->code);
	if (!trap.taken || trap.cause != access->cause || trap.value != address)
		test_fail("%08x to 0x%lx: expected %s, got %s with stval 0x%lx", access->code,
			  address, trap_cause_name(access->cause),
			  trap.taken ? trap_cause_name(trap.cause) : "no exception", trap.value);
	if (context.frame.x[10] != PTE_V)
		test_fail("%08x to 0x%lx: expected a0 unchanged, got 0x%lx", access->code, address,
			  context.frame.x[10]);
}

TEST(nothing_other,
     "memory: atomics, compressed and floating-point accesses to nothing fault the same")
{
	for (unsigned int i = 0; i < ARRAY_SIZE(access_instructions); i++) {
		const struct access_instruction *access = &access_instructions[i];

		if (machine_has_extension(access->extension))
			expect_access_fault(access, NOTHING_ADDRESS);
	}
}

TEST(nothing_paged, "memory: with paging on, stval of an access to nothing is the virtual address")
{
	paging_prepare();
	window_set(3, pte_make(NOTHING_ADDRESS, PTE_RWX));
	paging_on();
	EXPECT_TRAP_VALUE(trap_load(WINDOW(3) + 8, 8, NULL), CAUSE_LOAD_ACCESS, WINDOW(3) + 8);
	EXPECT_TRAP_VALUE(trap_store(WINDOW(3) + 5, 1, 0), CAUSE_STORE_ACCESS, WINDOW(3) + 5);
	EXPECT_TRAP_VALUE(trap_jump(WINDOW(3) + 4), CAUSE_FETCH_ACCESS, WINDOW(3) + 4);
	for (unsigned int i = 0; i < ARRAY_SIZE(access_instructions); i++)
		if (machine_has_extension(access_instructions[i].extension))
			expect_access_fault(&access_instructions[i], WINDOW(3));
	paging_off();
}

/* QEMU itself makes page faults of these; with the H extension they come by way of the hypervisor.
 */
TEST(nothing_walk, "memory: a page table that lies nowhere gives the access fault of each access")
{
	SKIP_UNLESS(!machine.bare, "QEMU makes it a page fault");
	paging_prepare();
	window_set_root(pte_make(NOTHING_ADDRESS, PTE_V));
	paging_on();
	EXPECT_TRAP_VALUE(trap_load(WINDOW(0), 8, NULL), CAUSE_LOAD_ACCESS, WINDOW(0));
	EXPECT_TRAP_VALUE(trap_store(WINDOW(0), 8, 0), CAUSE_STORE_ACCESS, WINDOW(0));
	EXPECT_TRAP_VALUE(trap_jump(WINDOW(0)), CAUSE_FETCH_ACCESS, WINDOW(0));
	paging_off();
}

TEST(device_walk, "memory: a page table in a device's registers gives access faults")
{
	SKIP_UNLESS(!machine.bare, "QEMU reads the device");
	paging_prepare();
	window_set_root(pte_make(machine.uart, PTE_V));
	paging_on();
	EXPECT_TRAP_VALUE(trap_load(WINDOW(0), 8, NULL), CAUSE_LOAD_ACCESS, WINDOW(0));
	EXPECT_TRAP_VALUE(trap_store(WINDOW(0), 8, 0), CAUSE_STORE_ACCESS, WINDOW(0));
	EXPECT_TRAP_VALUE(trap_jump(WINDOW(0)), CAUSE_FETCH_ACCESS, WINDOW(0));
	paging_off();
}

TEST(device_fetch, "memory: a device's registers cannot be run")
{
	SKIP_UNLESS(!machine.bare, "QEMU runs them");
	EXPECT_TRAP_VALUE(trap_jump(machine.uart), CAUSE_FETCH_ACCESS, machine.uart);
	EXPECT_TRAP_VALUE(trap_jump(machine.plic), CAUSE_FETCH_ACCESS, machine.plic);
}

TEST(device_atomic, "memory: an atomic access to a device's register is an access fault")
{
	struct context context;

	SKIP_UNLESS(!machine.bare, "QEMU carries it out");
	context_init(&context, 0);
	context.frame.x[11] = machine.plic;
	EXPECT_TRAP_VALUE(context_execute(&context, 0x00c5a52f), CAUSE_STORE_ACCESS, machine.plic);
	context_init(&context, 0);
	context.frame.x[11] = machine.plic;
	EXPECT_TRAP_VALUE(context_execute(&context, 0x1005a52f), CAUSE_LOAD_ACCESS, machine.plic);
}

TEST(page_faults, "memory: an unmapped page gives the guest's own page faults")
{
	paging_prepare();
	paging_on();
	EXPECT_TRAP_VALUE(trap_load(WINDOW(9) + 16, 4, NULL), CAUSE_LOAD_PAGE_FAULT,
			  WINDOW(9) + 16);
	EXPECT_TRAP_VALUE(trap_store(WINDOW(9) + 16, 4, 0), CAUSE_STORE_PAGE_FAULT, WINDOW(9) + 16);
	EXPECT_TRAP_VALUE(trap_jump(WINDOW(9) + 16), CAUSE_FETCH_PAGE_FAULT, WINDOW(9) + 16);
	/* Not a canonical address of Sv39. */
	EXPECT_TRAP(trap_load(1ul << 50, 4, NULL), CAUSE_LOAD_PAGE_FAULT);
	paging_off();
}

TEST(page_permissions, "memory: permissions of pages are kept")
{
	uint64_t page = (uintptr_t)scratch[0];

	paging_prepare();
	window_set(0, pte_make(page, PTE_V | PTE_R | PTE_A | PTE_D));
	window_set(1, pte_make(page, PTE_V | PTE_X | PTE_A | PTE_D));
	window_set(2, pte_make(page, PTE_V | PTE_R | PTE_W | PTE_U | PTE_A | PTE_D));
	paging_on();
	EXPECT_NO_TRAP(trap_load(WINDOW(0), 8, NULL));
	EXPECT_TRAP(trap_store(WINDOW(0), 8, 0), CAUSE_STORE_PAGE_FAULT);
	EXPECT_TRAP(trap_jump(WINDOW(0)), CAUSE_FETCH_PAGE_FAULT);
	EXPECT_TRAP(trap_load(WINDOW(1), 8, NULL), CAUSE_LOAD_PAGE_FAULT);
	csr_set(CSR_SSTATUS, SSTATUS_MXR);
	EXPECT_NO_TRAP(trap_load(WINDOW(1), 8, NULL));
	csr_clear(CSR_SSTATUS, SSTATUS_MXR);
	EXPECT_TRAP(trap_load(WINDOW(2), 8, NULL), CAUSE_LOAD_PAGE_FAULT);
	csr_set(CSR_SSTATUS, SSTATUS_SUM);
	EXPECT_NO_TRAP(trap_load(WINDOW(2), 8, NULL));
	EXPECT_NO_TRAP(trap_store(WINDOW(2), 8, 0));
	csr_clear(CSR_SSTATUS, SSTATUS_SUM);
	paging_off();
}

TEST(accessed_dirty, "memory: A and D are set by hardware with Svadu alone, else they fault")
{
	bool hardware = machine_has_extension("svadu") && !machine_has_extension("svade");
	struct trap load, store;

	paging_prepare();
	window_set(0, pte_make((uintptr_t)scratch[0], PTE_V | PTE_R | PTE_W));
	paging_on();
	load = trap_load(WINDOW(0), 8, NULL);
	store = trap_store(WINDOW(0), 8, 0);
	paging_off();
	if (hardware) {
		EXPECT_NO_TRAP(load);
		EXPECT_NO_TRAP(store);
		EXPECT_EQUAL(window_get(0) & (PTE_A | PTE_D), PTE_A | PTE_D);
	} else if (machine_has_extension("svade")) {
		EXPECT_TRAP(load, CAUSE_LOAD_PAGE_FAULT);
		EXPECT_TRAP(store, CAUSE_STORE_PAGE_FAULT);
		EXPECT_EQUAL(window_get(0) & (PTE_A | PTE_D), 0);
	}
}

TEST(ram_last_bytes, "memory: RAM can be used up to its last byte and not beyond")
{
	uint64_t value;

	EXPECT_NO_TRAP(trap_store(ram_end() - 8, 8, 0x1122334455667788ul));
	EXPECT_NO_TRAP(trap_load(ram_end() - 8, 8, &value));
	EXPECT_EQUAL(value, 0x1122334455667788ul);
	EXPECT_NO_TRAP(trap_load(ram_end() - 1, 1, &value));
	EXPECT_EQUAL(value, 0x11);
	EXPECT_TRAP_VALUE(trap_load(ram_end(), 8, NULL), CAUSE_LOAD_ACCESS, ram_end());
	EXPECT_TRAP_VALUE(trap_store(ram_end(), 1, 0), CAUSE_STORE_ACCESS, ram_end());
	EXPECT_TRAP_VALUE(trap_jump(ram_end()), CAUSE_FETCH_ACCESS, ram_end());
	trap_store(ram_end() - 8, 8, 0);
}

/* A misaligned access across the end: an access or a misalignment fault, told within the access. */
static void expect_split_fault(struct trap trap, uint64_t access, uint64_t misaligned,
			       uint64_t address)
{
	if (!trap.taken || (trap.cause != access && trap.cause != misaligned)) {
		test_fail("0x%lx: expected %s, got %s", address, trap_cause_name(access),
			  trap.taken ? trap_cause_name(trap.cause) : "no exception");
		return;
	}
	if (trap.value < address || trap.value >= address + 8)
		test_fail("expected stval inside the access at 0x%lx, got 0x%lx", address,
			  trap.value);
}

TEST(ram_end_split, "memory: an access that begins in RAM and ends in nothing faults")
{
	uint64_t address = ram_end() - 4;
	uint64_t value;

	expect_split_fault(trap_load(address, 8, NULL), CAUSE_LOAD_ACCESS, CAUSE_LOAD_MISALIGNED,
			   address);
	expect_split_fault(trap_store(address, 8, -1ul), CAUSE_STORE_ACCESS, CAUSE_STORE_MISALIGNED,
			   address);
	EXPECT_NO_TRAP(trap_load(address, 4, &value));
}

TEST(ram_end_fetch, "memory: an instruction that begins in RAM and ends in nothing faults there")
{
	/* The lower half of an instruction of 4 bytes. */
	EXPECT_NO_TRAP(trap_store(ram_end() - 2, 2, 0x0513));
	__asm__ volatile("fence.i" : : : "memory");
	EXPECT_TRAP_VALUE(trap_jump(ram_end() - 2), CAUSE_FETCH_ACCESS, ram_end());
	trap_store(ram_end() - 2, 2, 0);
}

TEST(split_paged, "memory: an access across two pages, the second of them nothing, faults")
{
	uint64_t address = WINDOW(1) - 4;

	paging_prepare();
	window_set(0, pte_make((uintptr_t)scratch[0], PTE_RW));
	window_set(1, pte_make(NOTHING_ADDRESS, PTE_RW));
	paging_on();
	expect_split_fault(trap_load(address, 8, NULL), CAUSE_LOAD_ACCESS, CAUSE_LOAD_MISALIGNED,
			   address);
	expect_split_fault(trap_store(address, 8, -1ul), CAUSE_STORE_ACCESS, CAUSE_STORE_MISALIGNED,
			   address);
	paging_off();
}

TEST(split_device, "memory: an access across two pages, the second of them a device, faults")
{
	uint64_t address = WINDOW(1) - 4;

	SKIP_UNLESS(!machine.bare, "QEMU splits it");
	paging_prepare();
	window_set(0, pte_make((uintptr_t)scratch[0], PTE_RW));
	window_set(1, pte_make(machine.plic, PTE_RW));
	paging_on();
	expect_split_fault(trap_load(address, 8, NULL), CAUSE_LOAD_ACCESS, CAUSE_LOAD_MISALIGNED,
			   address);
	expect_split_fault(trap_store(address, 8, -1ul), CAUSE_STORE_ACCESS, CAUSE_STORE_MISALIGNED,
			   address);
	paging_off();
}

TEST(misaligned_ram, "memory: misaligned accesses to RAM work, also across pages")
{
	uint64_t base = (uintptr_t)scratch[1] - 16;
	uint64_t value;

	SKIP_UNLESS(machine_has_extension("zicclsm"), "not promised");
	for (unsigned int offset = 0; offset < 16; offset++) {
		EXPECT_NO_TRAP(trap_store(base + offset, 8, 0x1122334455667788ul + offset));
		EXPECT_NO_TRAP(trap_load(base + offset, 8, &value));
		EXPECT_EQUAL(value, 0x1122334455667788ul + offset);
	}
}

TEST(ram_zero, "memory: RAM that nothing was loaded to is zero at the start")
{
	uint64_t tree = (uintptr_t)machine.tree;

	SKIP_UNLESS(!machine.bare, "the emulator's affair");
	/* The last page was written by the tests above, and cleared. */
	for (uint64_t at = machine.ram_base; at < ram_end(); at += 64) {
		if (at >= (uintptr_t)image_start && at < (uintptr_t)image_end)
			continue;
		if (at >= ALIGN_DOWN(tree, 4096) && at < tree + 65536)
			continue;
		if (*(volatile uint64_t *)at != 0)
			test_fail("at 0x%lx: expected 0, got 0x%lx", at, *(volatile uint64_t *)at);
	}
}

/* As many translations as a small TLB does not hold, read and changed in turn. */
TEST(many_pages, "memory: five hundred mappings each lead to their page")
{
	paging_prepare();
	for (unsigned int page = 0; page < SCRATCH_PAGES; page++)
		*(volatile uint64_t *)scratch[page] = page;
	for (unsigned int page = 0; page < 500; page++)
		window_set(page, pte_make((uintptr_t)scratch[page * 7 % SCRATCH_PAGES], PTE_RW));
	paging_on();
	for (unsigned int page = 0; page < 500; page++) {
		uint64_t value = *(volatile uint64_t *)WINDOW(page);

		if (value != page * 7 % SCRATCH_PAGES)
			test_fail("page %u: expected %u, got %lu", page, page * 7 % SCRATCH_PAGES,
				  value);
	}
	paging_off();
}

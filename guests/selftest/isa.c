// SPDX-License-Identifier: BSD-2-Clause
/*
 * The ISA that the tree promises: both of its forms agree, nothing is promised that a guest does
 * not have, and of every extension that we know an instruction of, that instruction works.
 */
#include <string.h>

#include <libfdt.h>

#include "paging.h"
#include "registers.h"
#include "selftest.h"

/* An instruction of an extension; a1 holds the address of a page of zeros, a0 and a2 small numbers.
 */
struct extension_test {
	const char *extension;
	uint32_t instruction;
};

static const struct extension_test extension_tests[] = {
	{ "m", 0x02c585b3 },	       /* mul a1, a1, a2 */
	{ "a", 0x00c5a52f },	       /* amoadd.w a0, a2, (a1) */
	{ "zaamo", 0x00c5b52f },       /* amoadd.d a0, a2, (a1) */
	{ "zalrsc", 0x1005b52f },      /* lr.d a0, (a1) */
	{ "f", 0x00007053 },	       /* fadd.s f0, f0, f0 */
	{ "d", 0x02007053 },	       /* fadd.d f0, f0, f0 */
	{ "c", 0x0505 },	       /* c.addi a0, 1 */
	{ "zca", 0x0505 },	       /* c.addi a0, 1 */
	{ "zcd", 0x2188 },	       /* c.fld fa0, 0(a1) */
	{ "zcb", 0x9d61 },	       /* c.zext.b a0 */
	{ "v", 0x0c007057 },	       /* vsetvli x0, x0, e16, m1 */
	{ "zicsr", 0x14002573 },       /* csrr a0, sscratch */
	{ "zifencei", 0x0000100f },    /* fence.i */
	{ "zicntr", 0xc0002573 },      /* rdcycle a0 */
	{ "zihpm", 0xc0302573 },       /* csrr a0, hpmcounter3 */
	{ "zihintpause", 0x0100000f }, /* pause */
	{ "zihintntl", 0x00200033 },   /* ntl.p1 */
	{ "zicond", 0x0ec5d533 },      /* czero.eqz a0, a1, a2 */
	{ "zimop", 0x81c04573 },       /* mop.r.0 a0, x0 */
	{ "zcmop", 0x6081 },	       /* c.mop.1 */
	{ "zawrs", 0x01d00073 },       /* wrs.sto */
	{ "zfa", 0xf0188053 },	       /* fli.s f0, 1.0 (of its table) */
	{ "zfh", 0x04007053 },	       /* fadd.h f0, f0, f0 */
	{ "zfhmin", 0xe4000553 },      /* fmv.x.h a0, f0 */
	{ "zba", 0x20c5a533 },	       /* sh1add a0, a1, a2 */
	{ "zbb", 0x60059513 },	       /* clz a0, a1 */
	{ "zbc", 0x0ac59533 },	       /* clmul a0, a1, a2 */
	{ "zbs", 0x28c59533 },	       /* bset a0, a1, a2 */
	{ "zbkb", 0x08c5c533 },	       /* pack a0, a1, a2 */
	{ "zbkx", 0x28c5a533 },	       /* xperm4 a0, a1, a2 */
	{ "zknh", 0x10059513 },	       /* sha256sum0 a0, a1 */
	{ "zkne", 0x32c58533 },	       /* aes64es a0, a1, a2 */
	{ "zknd", 0x3ac58533 },	       /* aes64ds a0, a1, a2 */
	{ "zacas", 0x28c5a52f },       /* amocas.w a0, a2, (a1) */
	{ "zabha", 0x00c5852f },       /* amoadd.b a0, a2, (a1) */
	{ "zkr", 0x01501573 },	       /* csrrw a0, seed, x0 */
	{ "zicbom", 0x0015a00f },      /* cbo.clean (a1) */
	{ "zicboz", 0x0045a00f },      /* cbo.zero (a1) */
	{ "zicbop", 0x0015e013 },      /* prefetch.r (a1) */
	{ "sstc", 0x14d02573 },	       /* csrr a0, stimecmp */
	{ "svinval", 0x16b00073 },     /* sinval.vma x0, a1 */
	{ "svinval", 0x18000073 },     /* sfence.w.inval */
	{ "svinval", 0x18100073 },     /* sfence.inval.ir */
	{ "sscofpmf", 0xda002573 },    /* csrr a0, scountovf */
	{ "ssstateen", 0x10c02573 },   /* csrr a0, sstateen0 */
	{ "smstateen", 0x10c02573 },   /* csrr a0, sstateen0 */
	{ "ssaia", 0x15002573 },       /* csrr a0, siselect */
};

static struct trap extension_execute(const struct extension_test *test, bool user)
{
	struct context context;

	context_init(&context, 0);
	context.frame.status |= SSTATUS_FS_INITIAL;
	if (machine_has_extension("v"))
		context.frame.status |= SSTATUS_VS_INITIAL;
	if (user)
		context.frame.status &= ~SSTATUS_SPP;
	context.frame.x[10] = 1;
	context.frame.x[11] = (uintptr_t)scratch[2];
	context.frame.x[12] = 2;
	return context_execute(&context, test->instruction);
}

TEST(isa_works, "isa: an instruction of each promised extension works")
{
	for (unsigned int i = 0; i < ARRAY_SIZE(extension_tests); i++) {
		const struct extension_test *test = &extension_tests[i];
		struct trap trap;

		if (!machine_has_extension(test->extension))
			continue;
		trap = extension_execute(test, false);
		if (trap.taken)
			test_fail("%s, %08x: expected it to work, got %s", test->extension,
				  test->instruction, trap_cause_name(trap.cause));
	}
}

TEST(isa_cache_zero, "isa: cbo.zero zeroes one block of the size that the tree tells")
{
	int cpus = fdt_path_offset(machine.tree, "/cpus");
	int cpu = fdt_first_subnode(machine.tree, cpus);
	const struct extension_test zero = { "zicboz", 0x0045a00f };
	const fdt32_t *size;
	uint32_t bytes;

	SKIP_UNLESS(machine_has_extension("zicboz"), "no Zicboz");
	size = fdt_getprop(machine.tree, cpu, "riscv,cboz-block-size", NULL);
	REQUIRE(size != NULL);
	bytes = fdt32_ld(size);
	REQUIRE(bytes >= 8 && bytes <= 4096);
	memset(scratch[2], 0xff, sizeof(scratch[2]));
	EXPECT_NO_TRAP(extension_execute(&zero, false));
	for (uint32_t at = 0; at < sizeof(scratch[2]); at++)
		if (scratch[2][at] != (at < bytes ? 0 : 0xff))
			test_fail("byte %u: expected 0x%x, got 0x%x", at, at < bytes ? 0 : 0xff,
				  scratch[2][at]);
}

TEST(isa_user_switches, "isa: senvcfg lets U-mode use cache operations, or not")
{
	const struct extension_test zero = { "zicboz", 0x0045a00f };
	unsigned long old = csr_read(CSR_SENVCFG);

	SKIP_UNLESS(machine_has_extension("zicboz"), "no Zicboz");
	csr_write(CSR_SENVCFG, 0);
	EXPECT_TRAP(extension_execute(&zero, true), CAUSE_ILLEGAL_INSTRUCTION);
	csr_write(CSR_SENVCFG, 1ul << 7);
	EXPECT_EQUAL(csr_read(CSR_SENVCFG), 1ul << 7);
	EXPECT_NO_TRAP(extension_execute(&zero, true));
	csr_write(CSR_SENVCFG, old);
}

TEST(isa_page_types,
     "isa: Svpbmt and Svnapot work where they are promised, else such entries fault")
{
	uint64_t non_cached = pte_make((uintptr_t)scratch[0], PTE_RW) | 1ul << 61;
	uint64_t napot = pte_make((uintptr_t)scratch[0] | 0x8000, PTE_RW) | 1ul << 63;
	struct trap types, sizes;

	paging_prepare();
	window_set(0, non_cached);
	for (unsigned int page = 16; page < 32; page++)
		window_set(page, napot);
	paging_on();
	types = trap_load(WINDOW(0), 8, NULL);
	sizes = trap_load(WINDOW(16) + 64, 8, NULL);
	paging_off();
	if (machine_has_extension("svpbmt"))
		EXPECT_NO_TRAP(types);
	else
		EXPECT_TRAP(types, CAUSE_LOAD_PAGE_FAULT);
	if (machine_has_extension("svnapot"))
		EXPECT_NO_TRAP(sizes);
	else
		EXPECT_TRAP(sizes, CAUSE_LOAD_PAGE_FAULT);
}

static int first_cpu(void)
{
	return fdt_first_subnode(machine.tree, fdt_path_offset(machine.tree, "/cpus"));
}

TEST(isa_paging, "isa: satp takes the paging mode that mmu-type tells")
{
	const char *type = fdt_getprop(machine.tree, first_cpu(), "mmu-type", NULL);
	uint64_t mode = SATP_MODE_SV39;

	REQUIRE(type != NULL);
	if (strcmp(type, "riscv,sv57") == 0)
		mode = SATP_MODE_SV57;
	else if (strcmp(type, "riscv,sv48") == 0)
		mode = SATP_MODE_SV48;
	else
		EXPECT(strcmp(type, "riscv,sv39") == 0);
	EXPECT_EQUAL(paging_try(mode), mode);
}

/* Whether the string has the extension: single letters behind rv64, longer names between
 * underscores. */
static bool isa_string_has(const char *name)
{
	const char *at = machine.isa + 4;
	size_t length = strlen(name);

	for (; *at != '\0' && *at != '_'; at++)
		if (length == 1 && *at == name[0])
			return true;
	while (*at == '_') {
		const char *end = strchr(at + 1, '_');
		size_t size = end != NULL ? (size_t)(end - at - 1) : strlen(at + 1);

		if (size == length && memcmp(at + 1, name, length) == 0)
			return true;
		at += size + 1;
	}
	return false;
}

TEST(isa_forms_agree, "isa: riscv,isa has every name of riscv,isa-extensions")
{
	int count = fdt_stringlist_count(machine.tree, first_cpu(), "riscv,isa-extensions");
	const char *base = fdt_getprop(machine.tree, first_cpu(), "riscv,isa-base", NULL);

	EXPECT(base != NULL && strcmp(base, "rv64i") == 0);
	EXPECT(strncmp(machine.isa, "rv64", 4) == 0);
	EXPECT(count > 0);
	for (int i = 0; i < count; i++) {
		const char *name = fdt_stringlist_get(machine.tree, first_cpu(),
						      "riscv,isa-extensions", i, NULL);

		if (name == NULL || !isa_string_has(name))
			test_fail("expected %s in riscv,isa", name != NULL ? name : "a name");
	}
}

TEST(isa_no_hypervisor, "isa: neither the H extension nor anything that needs it is promised")
{
	static const char *const names[] = { "h",	 "shcounterenw", "shgatpa",   "shtvala",
					     "shvsatpa", "shvstvala",	 "shvstvecd", "sha" };
	unsigned int count = machine.bare ? 1 : ARRAY_SIZE(names);

	for (unsigned int i = 0; i < count; i++) {
		if (machine_has_extension(names[i]))
			test_fail("expected no %s in riscv,isa-extensions", names[i]);
		if (isa_string_has(names[i]))
			test_fail("expected no %s in riscv,isa", names[i]);
	}
}

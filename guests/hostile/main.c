// SPDX-License-Identifier: BSD-2-Clause
/*
 * A guest that does at random what it should not, on all its harts at once, without end. It checks
 * only that its own registers and its time stay right; that nobody else notices is for others to
 * check. Every so often it prints how far it is: `hostile: N attacks, M wrong`.
 */
#include "../selftest/registers.h"
#include "hostile.h"

#define REPORT_INTERVAL 1000
#define CSR_VCSR	0x00f

static uint64_t random_states[HART_MAX];
static uint64_t attacks_done, wrong_count;
static uint64_t fcsr_kept[HART_MAX], vcsr_kept[HART_MAX];
static uint64_t floating_kept[HART_MAX][32];
static uint8_t vector_kept[HART_MAX][VECTOR_BYTES_MAX] __attribute__((aligned(16)));
static uint8_t vector_found[HART_MAX][VECTOR_BYTES_MAX] __attribute__((aligned(16)));

uint64_t random_below(uint64_t limit)
{
	uint64_t *state = &random_states[hart_self()->index];

	/* Xorshift, 64 bits. */
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return (*state >> 8) % limit;
}

uint64_t random_odd(void)
{
	uint64_t bit = 1ul << random_below(64);

	switch (random_below(9)) {
	case 0:
		return 0;
	case 1:
		return -1ul;
	case 2:
		return bit;
	case 3:
		return -bit;
	case 4:
		return machine.ram_base + random_below(machine.ram_size);
	case 5:
		return (uint64_t)(int32_t)random_below(1ul << 32);
	case 6:
		return 4096 * random_below(1000);
	case 7:
		return random_below(8);
	default:
		return random_below(-1ul);
	}
}

uint64_t random_device_address(void)
{
	const uint64_t edges[] = { 0,
				   machine.syscon,
				   machine.rtc,
				   machine.rtc + 0x1000,
				   machine.plic,
				   machine.plic + 0x1000,
				   machine.plic + 0x2000,
				   machine.plic + 0x200000,
				   machine.plic + 0x600000,
				   machine.uart,
				   machine.uart + 0x100,
				   machine.ram_base,
				   machine.ram_base + machine.ram_size,
				   1ul << 40,
				   1ul << 55,
				   -16ul };

	switch (random_below(4)) {
	case 0:
		return edges[random_below(ARRAY_SIZE(edges))] + random_below(32) - 16;
	case 1:
		return machine.plic + random_below(0x600000);
	case 2:
		return machine.plic + 0x200000 + 0x1000 * random_below(6) + random_below(16);
	default:
		return machine.rtc + random_below(0x24);
	}
}

/* Up to 64 bytes from there are meant: the longest access is that of a cache block. */
static bool reaches(uint64_t address, uint64_t base, uint64_t size)
{
	return address < base + size && (address > -65ul || address + 64 > base);
}

bool address_is_own(uint64_t address)
{
	return reaches(address, machine.ram_base, machine.ram_size) ||
	       reaches(address, machine.syscon, machine.syscon_size) ||
	       reaches(address, machine.uart, 0x100);
}

void wrong(const char *what, uint64_t found, uint64_t expected)
{
	__atomic_fetch_add(&wrong_count, 1, __ATOMIC_RELAXED);
	console_print("hostile: hart %u: %s: 0x%lx instead of 0x%lx\n", hart_self()->index, what,
		      (unsigned long)found, (unsigned long)expected);
}

/* ---- the hart's own registers ---- */

static void floating_set(unsigned int index, uint64_t seed)
{
	for (uint64_t i = 0; i < 32; i++)
		floating_kept[index][i] = seed * (i + 1);
	csr_set(CSR_SSTATUS, SSTATUS_FS);
	floating_registers_load(floating_kept[index]);
	csr_write(CSR_FCSR, fcsr_kept[index]);
}

static void floating_check(unsigned int index)
{
	uint64_t found[32];

	if (csr_read(CSR_FCSR) != fcsr_kept[index])
		wrong("fcsr", csr_read(CSR_FCSR), fcsr_kept[index]);
	floating_registers_store(found);
	for (unsigned int i = 0; i < 32; i++)
		if (found[i] != floating_kept[index][i])
			wrong("a floating-point register", found[i], floating_kept[index][i]);
	/* Changed by itself: no register of the unit changes with it. */
	fcsr_kept[index] = random_below(0x80);
	csr_write(CSR_FCSR, fcsr_kept[index]);
}

static void vector_set(unsigned int index, uint64_t seed)
{
	csr_set(CSR_SSTATUS, SSTATUS_VS);
	for (uint64_t i = 0; i < VECTOR_BYTES_MAX; i++)
		vector_kept[index][i] = (uint8_t)(seed * 7 + i * 13);
	csr_write(CSR_VSTART, 0);
	vector_registers_load(vector_kept[index]);
	vector_configure(5);
	csr_write(CSR_VCSR, vcsr_kept[index]);
	/* Last, for each vector instruction clears it. */
	csr_write(CSR_VSTART, 3);
}

static void vector_check(unsigned int index)
{
	unsigned long size = 32 * csr_read(CSR_VLENB);

	if (csr_read(CSR_VSTART) != 3)
		wrong("vstart", csr_read(CSR_VSTART), 3);
	if (csr_read(CSR_VCSR) != vcsr_kept[index])
		wrong("vcsr", csr_read(CSR_VCSR), vcsr_kept[index]);
	if (csr_read(CSR_VL) != 5)
		wrong("vl", csr_read(CSR_VL), 5);
	csr_write(CSR_VSTART, 0);
	vector_registers_store(vector_found[index]);
	for (unsigned long i = 0; i < size; i++)
		if (vector_found[index][i] != vector_kept[index][i])
			wrong("a byte of the vector registers", vector_found[index][i],
			      vector_kept[index][i]);
	vcsr_kept[index] = random_below(8);
	csr_write(CSR_VCSR, vcsr_kept[index]);
	csr_write(CSR_VSTART, 3);
}

/* ---- attacking ---- */

static void report(void)
{
	uint64_t done = __atomic_add_fetch(&attacks_done, 1, __ATOMIC_RELAXED);

	if (done % REPORT_INTERVAL == 0)
		console_print("hostile: %lu attacks, %lu wrong\n", (unsigned long)done,
			      (unsigned long)__atomic_load_n(&wrong_count, __ATOMIC_RELAXED));
}

void hart_attack(void *argument)
{
	struct hart *hart = hart_self();
	uint64_t seed = time_now() * HART_MAX + hart->index;
	bool floating = machine_has_extension("d"), vector = machine_has_extension("v");

	(void)argument;
	random_states[hart->index] = seed | 1;
	hart->context = NULL;
	if (floating)
		floating_set(hart->index, seed);
	if (vector)
		vector_set(hart->index, seed);
	for (;;) {
		attack();
		if (floating)
			floating_check(hart->index);
		if (vector)
			vector_check(hart->index);
		report();
	}
}

void guest_main(void)
{
	console_print("hostile: %u harts\n", hart_count);
	for (unsigned int index = 1; index < hart_count; index++)
		hart_run(index, hart_attack, NULL);
	hart_attack(NULL);
}

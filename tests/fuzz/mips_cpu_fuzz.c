// SPDX-License-Identifier: BSD-2-Clause
/*
 * The MIPS port's virtual processor, its TLB, guests' memory, and the shadow in the host's TLB:
 * two guests execute privileged instructions and touch addresses on a host of two CPUs.
 *
 *	input	map, model, features and host; the guests' memory; then what they do
 */
#include <errno.h>
#include <string.h>

#include <corbel/guest.h>
#include <corbel/object.h>
#include <fake.h>

#include "../../arch/mips/gmem.h"
#include "../../arch/mips/plain.h"
#include "../../arch/mips/shadow.h"
#include "../unit/mips/processor.h"
#include "input.h"
#include "mips_host.h"

#define GUESTS	      2u
#define PIECES	      4u
#define OPERATION_MAX 600u

static struct guest guests[GUESTS];
static struct vcpu vcpus[GUESTS];
static struct vcpu *running;

/* ---- guests ---- */

/* The only thing that arch_gmem_map() has to find out. */
static int map_wanted(const struct arch_guest *arch, uint64_t gpa, uint64_t hpa, uint64_t size)
{
	if (gpa + size > GIB(4) || hpa + size > GIB(4))
		return -ERANGE;
	for (uint32_t i = 0; i < arch->piece_count; i++)
		if (gpa < arch->pieces[i].gpa + arch->pieces[i].size &&
		    arch->pieces[i].gpa < gpa + size)
			return -EEXIST;
	return 0;
}

static void pieces_check(const struct guest *guest)
{
	const struct arch_guest *arch = &guest->arch;

	for (uint32_t i = 1; i < arch->piece_count; i++)
		FUZZ_CHECK(arch->pieces[i - 1].gpa + arch->pieces[i - 1].size <=
			   arch->pieces[i].gpa);
}

/* Pages; small and large, next to each other and far away, also beyond what there can be. */
static uint64_t pages_take(struct fuzz_input *input, uint64_t most)
{
	uint64_t pages = input_take(input, 3);

	return (pages & 0xffff) << (pages >> 16 & 7) & (most - 1);
}

static void piece_map(struct guest *guest, unsigned int number, struct fuzz_input *input)
{
	uint64_t gpa = pages_take(input, 0x200000) << 12, size = (pages_take(input, 0x8000) + 1)
								 << 12;
	uint64_t hpa = HOST_MEMORY_SIZE * number + (pages_take(input, 0x40000) << 12);
	unsigned int flags = GMEM_READ, choice = input_byte(input);
	int wanted;

	size = MIN(size, HOST_MEMORY_SIZE * (number + 1) - hpa);
	flags |= (choice & 3) != 0 ? GMEM_WRITE : 0;
	flags |= (choice & 12) == 0 ? GMEM_DEVICE : 0;
	wanted = map_wanted(&guest->arch, gpa, hpa, size);
	FUZZ_CHECK(arch_gmem_map(guest, GPA(gpa), HPA(hpa), size, flags) == wanted);
	pieces_check(guest);
	/* Taken away again: what is left must not have moved. */
	if ((choice & 0xf0) == 0 && wanted == 0) {
		arch_gmem_unmap(guest, GPA(gpa), size);
		FUZZ_CHECK(gmem_find(guest, GPA(gpa)) == NULL);
		pieces_check(guest);
	}
}

static void guest_make(unsigned int number, struct fuzz_input *input)
{
	struct guest *guest = &guests[number];
	uint8_t choice = input_byte(input);
	unsigned int count = 1 + input_choose(input, PIECES);

	memset(guest, 0, sizeof(*guest));
	memset(&vcpus[number], 0, sizeof(vcpus[number]));
	vcpus[number].guest = guest;
	guest->arch.map = address_map_get(choice % 3);
	guest->arch.model = processor_model_get(choice >> 2 & 1);
	guest->arch.features = choice >> 3 & 7;
	guest->arch.count_hz = (uint32_t)input_take(input, 4);
	guest->arch.count_start = input_take(input, 2);
	for (unsigned int i = 0; i < count; i++)
		piece_map(guest, number, input);
	guest_processor_reset(&vcpus[number].arch, &guest->arch, input_choose(input, 32));
	vcpus[number].arch.status_mask = cp0_status_writable(&vcpus[number].arch);
	shadow_forget(&vcpus[number]);
}

/* ---- what the run loop does ---- */

static void changes_apply(void)
{
	if ((running->arch.changes & (GUEST_CHANGE_MODE | GUEST_CHANGE_ASID)) != 0)
		shadow_space_enter(running);
	running->arch.changes = 0;
}

static void vcpu_switch(struct fuzz_input *input)
{
	uint8_t choice = input_byte(input);

	running = &vcpus[choice & 1];
	host_switch(choice >> 1 & 1, running);
	shadow_load(running);
}

/* ---- what must always hold ---- */

static void state_check(const struct arch_vcpu *vcpu)
{
	const uint32_t *cp0 = vcpu->cp0;

	FUZZ_CHECK(vcpu->gpr[0] == 0 && vcpu->delay_slot <= 1);
	FUZZ_CHECK((cp0[CP0_STATUS] & ~0x3c40ff17u) == 0);
	FUZZ_CHECK((cp0[CP0_CAUSE] & 0x07007c83u) == 0);
	FUZZ_CHECK(((cp0[CP0_EBASE] ^ vcpu->map->ebase_fixed) &
		    ~(vcpu->map->ebase_writable | EBASE_LOW)) == 0);
	FUZZ_CHECK(cp0[CP0_PRID] == vcpu->model->prid);
	FUZZ_CHECK((cp0[CP0_INDEX] & ~INDEX_P) < vcpu->tlb_size);
	FUZZ_CHECK(cp0[CP0_WIRED] < vcpu->tlb_size && vcpu->random < vcpu->tlb_size);
	FUZZ_CHECK(vcpu->tlb_size == vcpu->model->tlb_size);
}

/* Each usable entry is found, and by the lowest index of those that match. */
static void tlb_check(const struct arch_vcpu *vcpu, uint32_t va)
{
	int found = -1;

	for (unsigned int i = 0; i < vcpu->tlb_size && found < 0; i++) {
		const struct guest_tlb_entry *entry = &vcpu->tlb[i];

		FUZZ_CHECK((entry->mask & ~0x1fffe000u) == 0);
		FUZZ_CHECK((entry->vpn2 & (entry->mask | 0x1fff)) == 0);
		if (entry->usable && ((entry->vpn2 ^ va) & ~(entry->mask | 0x1fff)) == 0 &&
		    (entry->global || entry->asid == guest_asid(vcpu)))
			found = (int)i;
	}
	FUZZ_CHECK(guest_tlb_find(vcpu, va, guest_asid(vcpu)) == found);
}

/* What changes where addresses lead must be told to the run loop. */
struct before {
	enum guest_mode mode;
	uint32_t asid, units;
};

static struct before before_take(const struct arch_vcpu *vcpu)
{
	return (struct before){ guest_mode(vcpu), guest_asid(vcpu),
				guest_status(vcpu) & (STATUS_CU0 | STATUS_CU1 | STATUS_FR) };
}

static void changes_check(const struct arch_vcpu *vcpu, const struct before *before)
{
	struct before now = before_take(vcpu);

	FUZZ_CHECK(now.mode == before->mode || (vcpu->changes & GUEST_CHANGE_MODE) != 0);
	FUZZ_CHECK(now.asid == before->asid || (vcpu->changes & GUEST_CHANGE_ASID) != 0);
	FUZZ_CHECK(now.units == before->units || (vcpu->changes & GUEST_CHANGE_USER) != 0);
}

/* ---- instructions ---- */

static uint32_t instruction_take(struct fuzz_input *input)
{
	static const uint32_t words[] = { ENCODE_TLBR,	ENCODE_TLBWI, ENCODE_TLBINV, ENCODE_TLBINVF,
					  ENCODE_TLBWR, ENCODE_TLBP,  ENCODE_ERET,   ENCODE_ERETNC,
					  ENCODE_WAIT,	ENCODE_DI(2), ENCODE_EI(3) };
	/* What changes most. */
	static const uint8_t registers[] = { 0, 2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 14, 15, 30 };
	uint8_t choice = input_byte(input), which = input_byte(input);

	switch (choice % 8) {
	case 0:
		return ENCODE_MFC0(choice >> 3, which >> 3, which & 7);
	case 1:
	case 2:
		return ENCODE_MTC0(choice >> 3, registers[which % ARRAY_SIZE(registers)], 0);
	case 3:
		return ENCODE_MTC0(choice >> 3, which >> 3, which & 7);
	case 4:
	case 5:
		return words[which % ARRAY_SIZE(words)];
	case 6:
		return (choice & 8) != 0 ?
			       ENCODE_CACHE(which & 31, choice >> 4, input_byte(input)) :
			       ENCODE_RDHWR(which & 31, choice >> 4);
	default:
		return (uint32_t)input_take(input, 4);
	}
}

static uint32_t branch_take(struct fuzz_input *input)
{
	return running->arch.delay_slot != 0 ? (uint32_t)input_take(input, 4) : 0;
}

static void access_finish(struct fuzz_input *input)
{
	struct arch_vcpu *vcpu = &running->arch;

	for (unsigned int pieces = 0; pieces < 4; pieces++) {
		FUZZ_CHECK(vcpu->piece.size == 1 || vcpu->piece.size == 2 || vcpu->piece.size == 4);
		FUZZ_CHECK(vcpu->piece.va % vcpu->piece.size == 0);
		if (input_byte(input) == 1) {
			guest_access_fault(vcpu);
			return;
		}
		if (guest_access_done(vcpu, (uint32_t)input_take(input, 1) * 0x01010101u))
			return;
	}
	FUZZ_CHECK(!"an access has at most four pieces");
}

static void instruction_execute(struct fuzz_input *input, bool access)
{
	struct arch_vcpu *vcpu = &running->arch;
	uint32_t instruction = access ? (uint32_t)input_take(input, 4) : instruction_take(input);
	struct before before = before_take(vcpu);
	enum emulate_result result;

	if (access)
		result = emulate_access(vcpu, instruction, branch_take(input));
	else
		result = emulate_instruction(vcpu, instruction, branch_take(input));
	if (result == EMULATE_ACCESS)
		access_finish(input);
	if (result == EMULATE_CACHE)
		FUZZ_CHECK(vcpu->cache.action <= GUEST_CACHE_SYNCHRONIZE);
	if (result == EMULATE_EXCEPTION)
		FUZZ_CHECK(guest_in_kernel(vcpu) && vcpu->delay_slot == 0);
	if (guest_interrupt_deliverable(vcpu)) {
		guest_interrupt(vcpu);
		FUZZ_CHECK(!guest_interrupt_deliverable(vcpu));
	}
	changes_check(vcpu, &before);
	state_check(vcpu);
	changes_apply();
}

/* What is followed and not trapped: pc and modes stay, whatever the word. */
static void plain_instruction_execute(struct fuzz_input *input)
{
	struct arch_vcpu *vcpu = &running->arch;
	struct before before = before_take(vcpu);
	uint32_t pc = vcpu->pc;

	(void)plain_execute(vcpu, (uint32_t)input_take(input, 4));
	FUZZ_CHECK(vcpu->pc == pc && vcpu->changes == 0);
	changes_check(vcpu, &before);
	state_check(vcpu);
}

/* ---- addresses ---- */

/* Near where there is something, or any. */
static uint32_t address_take(struct fuzz_input *input)
{
	const struct arch_guest *arch = &running->guest->arch;
	uint8_t choice = input_byte(input);
	uint32_t offset = (uint32_t)input_take(input, 3);

	if ((choice & 3) == 0)
		return (uint32_t)choice << 24 | offset;
	if ((choice & 3) == 1)
		return running->arch.tlb[(choice >> 2) % running->arch.tlb_size].vpn2 +
		       offset % 0x4000;
	if (arch->piece_count == 0)
		return offset;
	return (arch->map->ebase_fixed & 0xe0000000) + (choice & 0xe0u) * 0x01000000u +
	       (uint32_t)arch->pieces[(choice >> 2 & 7) % arch->piece_count].gpa + offset % 0x8000;
}

/* What the guest's own tables say of the address, entry by entry where several match. */
static bool guest_permits(uint32_t va, bool store, uint64_t hpa)
{
	const struct arch_vcpu *arch = &running->arch;
	struct guest_translation translation;
	const struct gmem_piece *piece;

	if (guest_translate(arch, va, store ? GUEST_ACCESS_STORE : GUEST_ACCESS_LOAD,
			    &translation)) {
		piece = gmem_find(running->guest, translation.gpa);
		if (piece != NULL && gmem_hpa(piece, translation.gpa).raw == hpa)
			return true;
	}
	for (unsigned int i = 0; i < arch->tlb_size; i++) {
		const struct guest_tlb_entry *entry = &arch->tlb[i];
		uint32_t size = guest_tlb_page_size(entry), lo = entry->entrylo[(va & size) != 0];
		gpa_t gpa = GPA(((uint64_t)(lo & ENTRYLO_PFN) << 6 & ~((uint64_t)size - 1)) +
				(va & (size - 1)));

		if (!entry->usable || ((entry->vpn2 ^ va) & ~(entry->mask | 0x1fff)) != 0)
			continue;
		piece = gmem_find(running->guest, gpa);
		if (piece != NULL && gmem_hpa(piece, gpa).raw == hpa && (lo & ENTRYLO_V) != 0 &&
		    (!store || (lo & ENTRYLO_D) != 0))
			return true;
	}
	return false;
}

/* As exits.c does. False: nothing to translate to, or the guest takes an exception. */
static bool miss_serve(uint32_t va, bool store)
{
	enum guest_access access = store ? GUEST_ACCESS_STORE : GUEST_ACCESS_LOAD;
	struct guest_translation translation;
	const struct gmem_piece *piece;

	if (!guest_translate(&running->arch, va, access, &translation)) {
		guest_translation_fault(&running->arch, va, access, &translation);
		return false;
	}
	FUZZ_CHECK(translation.gpa.raw >> 32 == 0);
	FUZZ_CHECK(guest_in_kernel(&running->arch) || translation.mapped);
	piece = gmem_find(running->guest, translation.gpa);
	if (piece == NULL || (store && (piece->flags & GMEM_WRITE) == 0))
		return false;
	shadow_fill(running, va, &translation, piece);
	return true;
}

/* The access succeeds where the guest may make it, and leads there and nowhere else. */
static void touch(uint32_t va, bool store)
{
	if ((va >> 31) != 0 && !running->arch.map->needs_segmentation)
		return;
	for (unsigned int i = 0; i < 2; i++) {
		const struct host_entry *entry = host_lookup(va);
		uint64_t hpa;

		if (entry != NULL && host_entry_address(entry, va, store, &hpa)) {
			FUZZ_CHECK(guest_permits(va, store, hpa));
			return;
		}
		if (!miss_serve(va, store))
			return;
		changes_apply();
	}
	FUZZ_CHECK(!"the guest gets further");
}

/* ---- all of it ---- */

static void operate(struct fuzz_input *input)
{
	struct arch_vcpu *vcpu = &running->arch;
	uint8_t choice = input_byte(input);

	switch (choice % 16) {
	case 0:
		vcpu_switch(input);
		break;
	case 1:
		vcpu->gpr[1 + choice / 16] = (uint32_t)input_take(input, 4);
		break;
	case 2:
		vcpu->gpr[1 + choice / 16] = address_take(input);
		break;
	case 3:
		/* As a kernel has it that makes an entry for a page that it has. */
		vcpu->gpr[1 + choice / 16] =
			(uint32_t)(address_take(input) >> 6 & ENTRYLO_PFN) | 0x1e;
		break;
	case 4:
		processor_clock_ns += input_take(input, 4);
		vcount_update(vcpu);
		FUZZ_CHECK(vcount_deadline(vcpu) >= processor_clock_ns);
		break;
	case 5:
		guest_irq_level_set(vcpu, choice / 16, input_byte(input) & 1);
		break;
	case 6:
		vcpu->delay_slot = choice / 16 & 1;
		vcpu->pc = address_take(input);
		break;
	case 7:
		tlb_check(vcpu, address_take(input));
		break;
	case 8:
		if (choice / 16 % 2 == 0)
			instruction_execute(input, true);
		else
			plain_instruction_execute(input);
		break;
	case 9:
	case 10:
	case 11:
		touch(address_take(input), (choice & 16) != 0);
		break;
	default:
		instruction_execute(input, false);
		break;
	}
	changes_apply();
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	FUZZ_CHECK(fake_memory_setup(NULL) == 0);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint32_t largest[] = { 0x1000, 0x4000, 0x1000000, 0x10000000 };
	struct fuzz_input input = { data, size };
	uint8_t choice = input_byte(&input);

	processor_clock_ns = 0;
	host_begin((choice & 1) != 0 ? HOST_TLB_MAX : 16, largest[choice >> 1 & 3]);
	for (unsigned int i = 0; i < GUESTS; i++)
		guest_make(i, &input);
	vcpu_switch(&input);
	changes_apply();
	for (unsigned int i = 0; i < OPERATION_MAX && input.left > 0; i++)
		operate(&input);
	for (unsigned int i = 0; i < GUESTS; i++)
		object_free(guests[i].arch.pieces);
	return 0;
}

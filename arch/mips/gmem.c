// SPDX-License-Identifier: BSD-2-Clause
/*
 * Guests' physical memory: which guest pages are which host pages, as a sorted list of pieces.
 * There is no second stage: shadow.c looks here when it makes entries for the host's TLB.
 */
#include <errno.h>
#include <string.h>

#include <corbel/arch.h>
#include <corbel/object.h>
#include <corbel/panic.h>

#include "gmem.h"

/* A guest physical address has 32 bits, a page number of EntryLo 20. */
#define GMEM_LIMIT GIB(4)

/* The first piece that ends behind the address. */
static uint32_t piece_index(const struct arch_guest *arch, uint64_t address)
{
	uint32_t low = 0, high = arch->piece_count;

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (arch->pieces[middle].gpa + arch->pieces[middle].size <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct gmem_piece *gmem_find(const struct guest *guest, gpa_t address)
{
	const struct arch_guest *arch = &guest->arch;
	uint32_t index = piece_index(arch, address.raw);

	if (index == arch->piece_count || arch->pieces[index].gpa > address.raw)
		return NULL;
	return &arch->pieces[index];
}

static int pieces_make_room(struct arch_guest *arch)
{
	uint32_t capacity = MAX(2 * arch->piece_capacity, 8u);
	struct gmem_piece *pieces;

	if (arch->piece_count < arch->piece_capacity)
		return 0;
	pieces = object_alloc_array(capacity, sizeof(*pieces));
	if (pieces == NULL)
		return -ENOMEM;
	if (arch->piece_count > 0)
		memcpy(pieces, arch->pieces, arch->piece_count * sizeof(*pieces));
	object_free(arch->pieces);
	arch->pieces = pieces;
	arch->piece_capacity = capacity;
	return 0;
}

uint64_t arch_gmem_limit(const struct guest *guest)
{
	(void)guest;
	return GMEM_LIMIT;
}

int arch_gmem_map(struct guest *guest, gpa_t gpa, hpa_t hpa, uint64_t size, unsigned int flags)
{
	struct arch_guest *arch = &guest->arch;
	uint32_t index;

	ASSERT(IS_ALIGNED(gpa.raw | hpa.raw | size, PAGE_SIZE));
	if (size > GMEM_LIMIT || gpa.raw > GMEM_LIMIT - size || size > GMEM_LIMIT ||
	    hpa.raw > GMEM_LIMIT - size)
		return -ERANGE;
	index = piece_index(arch, gpa.raw);
	if (index < arch->piece_count && arch->pieces[index].gpa < gpa.raw + size)
		return -EEXIST;
	if (pieces_make_room(arch) != 0)
		return -ENOMEM;
	memmove(&arch->pieces[index + 1], &arch->pieces[index],
		(arch->piece_count - index) * sizeof(*arch->pieces));
	arch->pieces[index] =
		(struct gmem_piece){ .gpa = gpa.raw, .hpa = hpa.raw, .size = size, .flags = flags };
	arch->piece_count++;
	return 0;
}

/* Mapped and unmapped are the same pieces; what VCPUs remember of them they drop when they start.
 */
void arch_gmem_unmap(struct guest *guest, gpa_t gpa, uint64_t size)
{
	struct arch_guest *arch = &guest->arch;
	uint32_t first = piece_index(arch, gpa.raw), behind = first;

	while (behind < arch->piece_count && arch->pieces[behind].gpa < gpa.raw + size) {
		ASSERT(arch->pieces[behind].gpa >= gpa.raw);
		ASSERT(arch->pieces[behind].gpa + arch->pieces[behind].size <= gpa.raw + size);
		behind++;
	}
	memmove(&arch->pieces[first], &arch->pieces[behind],
		(arch->piece_count - behind) * sizeof(*arch->pieces));
	arch->piece_count -= behind - first;
}

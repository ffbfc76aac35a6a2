// SPDX-License-Identifier: BSD-2-Clause
/*
 * Guests' physical memory as the rest of the port uses it.
 */
#ifndef MIPS_GMEM_H
#define MIPS_GMEM_H

#include <corbel/guest.h>

/* Guest physical memory with host memory behind it. */
struct gmem_piece {
	uint64_t gpa;
	uint64_t hpa;
	uint64_t size;
	uint32_t flags; /* enum gmem_flags */
};

/* The piece that holds the address; NULL: nothing is mapped there. Any context. */
const struct gmem_piece *gmem_find(const struct guest *guest, gpa_t address);

/* Where an address of the piece is on the host. */
static inline hpa_t gmem_hpa(const struct gmem_piece *piece, gpa_t address)
{
	return HPA(piece->hpa + (address.raw - piece->gpa));
}

#endif

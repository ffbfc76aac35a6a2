// SPDX-License-Identifier: BSD-2-Clause
/*
 * A printer that keeps what is printed, so that what is collected while others wait, a guest that
 * is held or a lock, is shown once they wait no more.
 */
#ifndef MTERM_COLLECTOR_H
#define MTERM_COLLECTOR_H

#include <corbel/printer.h>
#include <corbel/types.h>

/* What goes beyond is dropped, which the text then says. */
#define COLLECTOR_SIZE_MAX ((size_t)262144)

struct collector_chunk;

/* Owned by its user, made by collector_init(). Only `printer` is for others. */
struct collector {
	struct printer printer; /* any context */
	struct collector_chunk *first, *last;
	size_t size; /* of all chunks, bytes */
	bool cut;    /* something did not fit or there was no memory: nothing more is taken */
};

void collector_init(struct collector *collector);
/* Prints what was kept. Context: the printer's. */
void collector_print(const struct collector *collector, struct printer *out);
/* Frees it; the collector is empty then. Any context. */
void collector_clear(struct collector *collector);

#endif

// SPDX-License-Identifier: BSD-2-Clause
/*
 * What more than one command of `guest` shows.
 */
#ifndef MTERM_GUEST_PARTS_H
#define MTERM_GUEST_PARTS_H

#include <corbel/guest.h>
#include <corbel/printer.h>

/* The parts of its physical address space, as a table. Context: thread. */
void guest_regions_print(const struct guest *guest, struct printer *out);
/* When it crashed last and of what, when it will be restarted; nothing where neither is. Any. */
void guest_crashes_print(const struct guest_crashes *crashes, struct printer *out);

#endif

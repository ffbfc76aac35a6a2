// SPDX-License-Identifier: BSD-2-Clause
/*
 * Finding what a command's arguments name, with a sentence for the person where it is not there.
 */
#ifndef MTERM_LOOKUP_H
#define MTERM_LOOKUP_H

#include <corbel/guest.h>
#include <corbel/printer.h>

/* A reference to the guest, or NULL with the error printed. Context: thread. */
struct guest *guest_lookup(struct printer *out, const char *name);

/* The number that the argument called `what` gives; -EINVAL, -ERANGE with the error printed. */
int number_lookup(struct printer *out, const char *what, const char *text, uint64_t *number);

/*
 * Calls `visit` for each guest, or for the named one where `name` is not NULL. -ENOENT with the
 * error printed. Context: thread.
 */
int guests_visit(struct printer *out, const char *name,
		 void (*visit)(struct guest *guest, void *argument), void *argument);

#endif

// SPDX-License-Identifier: BSD-2-Clause
/*
 * What must hold of a guest that was made, whatever its tree said; and that nothing is left of one
 * that is gone.
 */
#ifndef TESTS_FUZZ_GUEST_CHECKS_H
#define TESTS_FUZZ_GUEST_CHECKS_H

#include <corbel/guest.h>

/* Regions and mappings agree, are sorted and disjoint, and RAM is the guest's alone. */
void check_guest_memory(const struct guest *guest);
/* The tree that a started guest was handed, at VCPU 0's argument: well-formed, nothing of Corbel's.
 */
void check_guest_handover(const struct guest *guest);
/* A sentence for a person: there is one, and no control characters in it. */
void check_sentence(const char *text);

/* Takes the accounts; compares with the last time. Context: thread, no guest exists. */
void check_accounts_open(void);
void check_accounts_balance(void);

#endif

// SPDX-License-Identifier: BSD-2-Clause
/*
 * What the parts of the hostile guest share.
 */
#ifndef HOSTILE_H
#define HOSTILE_H

#include <runtime/console.h>
#include <runtime/csr.h>
#include <runtime/device.h>
#include <runtime/hart.h>
#include <runtime/machine.h>
#include <runtime/sbi.h>
#include <runtime/time.h>
#include <runtime/trap.h>

/* A number below `limit`, of this hart's own sequence. */
uint64_t random_below(uint64_t limit);
/* A number as careless programs take for an address, a length or a mask. */
uint64_t random_odd(void);
/* An address near or in a device, at the edge of something, or where there is nothing. */
uint64_t random_device_address(void);
/* Whether an access there would change the guest's own program, or power it off. */
bool address_is_own(uint64_t address);

/* Tells that something that belongs to this hart is not as it left it, or came too early. */
void wrong(const char *what, uint64_t found, uint64_t expected);

/* attacks.c: one of them, by chance. */
void attack(void);

/* What harts do that are started or resumed. */
void hart_attack(void *argument);

#endif

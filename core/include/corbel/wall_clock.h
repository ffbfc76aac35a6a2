// SPDX-License-Identifier: BSD-2-Clause
/*
 * The time of day, as far as the host knows it. Where host clocks' drivers and guests' virtual
 * clocks meet. Not for deadlines: time.h.
 */
#ifndef CORBEL_WALL_CLOCK_H
#define CORBEL_WALL_CLOCK_H

#include <corbel/types.h>

/*
 * Nanoseconds since 1970-01-01 00:00 UTC; where no driver has set it, since Corbel booted. Any
 * context.
 */
uint64_t wall_clock_now(void);
/* What it is now, as a driver reads it from its hardware. Boot. */
void wall_clock_set(uint64_t now_ns);

#endif

// SPDX-License-Identifier: BSD-2-Clause
/*
 * The time of day: the host's clock is read once, at boot, and the monotonic time goes on from
 * there.
 */
#include <corbel/time.h>
#include <corbel/wall_clock.h>

static uint64_t offset_ns;

uint64_t wall_clock_now(void)
{
	return READ_ONCE(offset_ns) + time_now();
}

void wall_clock_set(uint64_t now_ns)
{
	WRITE_ONCE(offset_ns, now_ns - time_now());
}

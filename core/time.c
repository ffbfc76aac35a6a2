// SPDX-License-Identifier: BSD-2-Clause
/*
 * The clock, as core knows it. Timers are in timer.c.
 */
#include <corbel/arch.h>
#include <corbel/time.h>

uint64_t time_now(void)
{
	return arch_time_now();
}

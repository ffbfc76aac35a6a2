// SPDX-License-Identifier: BSD-2-Clause
/*
 * Completions: something that happens once.
 */
#include <corbel/time.h>
#include <corbel/wait.h>

#include "sched_internal.h"
#include "wait_internal.h"

void completion_init(struct completion *completion)
{
	wait_queue_init(&completion->queue);
	completion->done = false;
}

void completion_signal(struct completion *completion)
{
	bool enabled = sched_irq_save();
	cpumask_t kick;

	/* Inside the lock: who waits goes on, and may free it all, only after we have let go. */
	spin_lock(&completion->queue.lock);
	WRITE_ONCE(completion->done, true);
	kick = wait_queue_wake_locked(&completion->queue);
	spin_unlock(&completion->queue.lock);
	sched_kick_and_restore(kick, enabled);
}

void completion_wait(struct completion *completion)
{
	wait_event(&completion->queue, READ_ONCE(completion->done));
}

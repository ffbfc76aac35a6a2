// SPDX-License-Identifier: BSD-2-Clause
/*
 * What becomes of a guest that crashed: it stays as it is, is restarted after a while, or is
 * destroyed, as its tree says (corbel,on-crash). Not what a crash is; vcpu_crash() is for that.
 *
 * A restart waits for a timer, never in a thread. Each crash doubles the wait until the guest has
 * run for long enough, or somebody has taken it in hand.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <corbel/log.h>
#include <corbel/panic.h>
#include <corbel/time.h>

#include "guest_private.h"

#define DELAY_FIRST_NS	 NS_PER_S
#define DELAY_LONGEST_NS (60 * NS_PER_S)
/* A guest that has run for so long after a restart is well again. */
#define WELL_NS		 (60 * NS_PER_S)

static const char *const policy_names[] = {
	[GUEST_ON_CRASH_HALT] = "halt",
	[GUEST_ON_CRASH_RESTART] = "restart",
	[GUEST_ON_CRASH_DESTROY] = "destroy",
};

const char *guest_crash_policy_name(enum guest_crash_policy policy)
{
	return (unsigned int)policy < ARRAY_SIZE(policy_names) ? policy_names[policy] : "?";
}

int guest_crash_policy_find(const char *name, enum guest_crash_policy *out)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(policy_names); i++) {
		if (strcmp(policy_names[i], name) == 0) {
			*out = i;
			return 0;
		}
	}
	return -EINVAL;
}

void guest_crashes_get(struct guest *guest, struct guest_crashes *out)
{
	unsigned long flags = spin_lock_irqsave(&guest->vcpu_lock);

	*out = guest->crashes;
	spin_unlock_irqrestore(&guest->vcpu_lock, flags);
}

/* ---- restarts: guest->lock is held, but in the timer's function ---- */

static void restart_timer_fire(struct timer *timer)
{
	struct guest *guest = container_of(timer, struct guest, restart_timer);

	__atomic_store_n(&guest->restart_due, 1, __ATOMIC_RELEASE);
	guest_manager_wake();
}

void guest_crashes_init(struct guest *guest)
{
	guest->crashes.restart_ns = TIME_NEVER;
	timer_init(&guest->restart_timer, restart_timer_fire);
}

static void restart_time_set(struct guest *guest, uint64_t restart_ns)
{
	unsigned long flags = spin_lock_irqsave(&guest->vcpu_lock);

	guest->crashes.restart_ns = restart_ns;
	spin_unlock_irqrestore(&guest->vcpu_lock, flags);
}

bool guest_restart_is_due(const struct guest *guest)
{
	return __atomic_load_n(&guest->restart_due, __ATOMIC_ACQUIRE) != 0;
}

void guest_restart_cancel(struct guest *guest)
{
	ASSERT(mutex_is_held(&guest->lock));
	timer_cancel(&guest->restart_timer);
	__atomic_store_n(&guest->restart_due, 0, __ATOMIC_RELEASE);
	restart_time_set(guest, TIME_NEVER);
	guest->restart_delay_ns = 0;
}

/* How many seconds it takes. */
static unsigned int restart_plan(struct guest *guest)
{
	uint64_t delay_ns = guest->restart_delay_ns;

	delay_ns = delay_ns == 0 ? DELAY_FIRST_NS : MIN(2 * delay_ns, DELAY_LONGEST_NS);
	guest->restart_delay_ns = delay_ns;
	restart_time_set(guest, time_now() + delay_ns);
	timer_set(&guest->restart_timer, guest->crashes.restart_ns);
	return (unsigned int)(delay_ns / NS_PER_S);
}

void guest_restart_serve(struct guest *guest)
{
	struct error error = { "" };

	ASSERT(mutex_is_held(&guest->lock));
	if (!__atomic_exchange_n(&guest->restart_due, 0, __ATOMIC_ACQUIRE))
		return;
	ASSERT(guest->state == GUEST_CRASHED);
	restart_time_set(guest, TIME_NEVER);
	if (guest_boot(guest, &error) == 0) {
		guest->restarted_ns = time_now();
		log_info("guest %s: restarted after crash %llu", guest->name,
			 (unsigned long long)guest->crashes.count);
	} else {
		log_error("guest %s: it cannot be restarted: %s; tried again in %u s", guest->name,
			  error.text, restart_plan(guest));
	}
}

/* ---- a crash ---- */

void guest_crash(struct guest *guest, const char *format, ...)
{
	unsigned long flags = spin_lock_irqsave(&guest->vcpu_lock);
	va_list arguments;

	va_start(arguments, format);
	if (guest->crash_reason[0] == '\0')
		(void)vsnprintf(guest->crash_reason, sizeof(guest->crash_reason), format,
				arguments);
	va_end(arguments);
	spin_unlock_irqrestore(&guest->vcpu_lock, flags);
	guest_request(guest, GUEST_REQUEST_CRASH);
}

/*
 * The reason comes from the first VCPU that has one, or from whoever stopped the guest; else the
 * guest has switched itself off for it.
 */
static void crash_note(struct guest *guest)
{
	struct guest_crashes *crashes = &guest->crashes;
	const struct vcpu *crashed = NULL;
	unsigned long flags;

	for (unsigned int i = guest->vcpu_count; i > 0; i--)
		if (guest->vcpus[i - 1]->crash_text[0] != '\0')
			crashed = guest->vcpus[i - 1];
	flags = spin_lock_irqsave(&guest->vcpu_lock);
	crashes->count++;
	crashes->last_ns = time_now();
	if (crashed != NULL)
		(void)snprintf(crashes->text, sizeof(crashes->text), "VCPU %u: %s", crashed->index,
			       crashed->crash_text);
	else if (guest->crash_reason[0] != '\0')
		(void)snprintf(crashes->text, sizeof(crashes->text), "%s", guest->crash_reason);
	else
		(void)snprintf(crashes->text, sizeof(crashes->text), "it says that it failed");
	spin_unlock_irqrestore(&guest->vcpu_lock, flags);
}

void guest_crash_serve(struct guest *guest)
{
	const char *text = guest->crashes.text;

	ASSERT(mutex_is_held(&guest->lock));
	guest_halt(guest, GUEST_CRASHED);
	crash_note(guest);
	switch (guest->on_crash) {
	case GUEST_ON_CRASH_HALT:
		log_error("guest %s: crashed: %s", guest->name, text);
		break;
	case GUEST_ON_CRASH_RESTART:
		if (guest->crashes.last_ns - guest->restarted_ns >= WELL_NS)
			guest->restart_delay_ns = 0;
		log_error("guest %s: crashed, restarts in %u s: %s", guest->name,
			  restart_plan(guest), text);
		break;
	case GUEST_ON_CRASH_DESTROY:
		log_error("guest %s: crashed, is destroyed: %s", guest->name, text);
		guest->destroyed = true;
		break;
	}
}

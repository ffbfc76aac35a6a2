// SPDX-License-Identifier: BSD-2-Clause
/*
 * The list of guests, and the thread that does what guests ask for: power off, reboot, crash; and
 * the restarts that follow crashes. It does nothing else on its own; people's orders go to guest.c
 * directly.
 */
#include <errno.h>
#include <string.h>

#include <corbel/guest.h>
#include <corbel/thread.h>

#include "guest_private.h"

static struct list guests = LIST_INIT(guests); /* in the order of creation */
static struct mutex guests_lock = MUTEX_INIT(guests_lock);
static unsigned int guest_id_last; /* `guests_lock` */

static struct wait_queue manager_queue = { .lock = SPINLOCK_INIT,
					   .waiters = LIST_INIT(manager_queue.waiters) };
static uint32_t manager_pending; /* atomic: a request was made and not yet looked at */

/* ---- the list ---- */

/* `guests_lock` is held. */
static struct guest *list_find(const char *name)
{
	list_for_each(&guests, entry) {
		struct guest *guest = list_entry(entry, struct guest, node);

		if (strcmp(guest->name, name) == 0)
			return guest;
	}
	return NULL;
}

int guest_list_add(struct guest *guest, struct error *error)
{
	int result = 0;

	mutex_lock(&guests_lock);
	if (list_find(guest->name) != NULL) {
		result = error_set(error, -EEXIST, "%s: there is a guest named %s already",
				   guest->tree_file, guest->name);
	} else {
		guest->id = ++guest_id_last;
		guest_reference(guest);
		list_add_last(&guests, &guest->node);
	}
	mutex_unlock(&guests_lock);
	return result;
}

void guest_list_remove(struct guest *guest)
{
	mutex_lock(&guests_lock);
	list_remove(&guest->node);
	mutex_unlock(&guests_lock);
	guest_release(guest);
}

struct guest *guest_find(const char *name)
{
	struct guest *guest;

	mutex_lock(&guests_lock);
	guest = list_find(name);
	if (guest != NULL)
		guest_reference(guest);
	mutex_unlock(&guests_lock);
	return guest;
}

/* The first guest that was created after the one with that id, referenced, or NULL. */
static struct guest *guest_next(unsigned int id)
{
	struct guest *next = NULL;

	mutex_lock(&guests_lock);
	list_for_each(&guests, entry) {
		struct guest *guest = list_entry(entry, struct guest, node);

		if (guest->id > id) {
			guest_reference(guest);
			next = guest;
			break;
		}
	}
	mutex_unlock(&guests_lock);
	return next;
}

/* The list may change meanwhile, for the lock is not held while a guest is visited. */
void guest_for_each(void (*visit)(struct guest *guest, void *argument), void *argument)
{
	struct guest *guest;
	unsigned int id = 0;

	while ((guest = guest_next(id)) != NULL) {
		id = guest->id;
		visit(guest, argument);
		guest_release(guest);
	}
}

/* ---- the manager ---- */

void guest_manager_wake(void)
{
	__atomic_store_n(&manager_pending, 1, __ATOMIC_RELEASE);
	wait_queue_wake_all(&manager_queue);
}

static void manager_visit(struct guest *guest, void *argument)
{
	(void)argument;
	guest_requests_serve(guest);
}

void guest_manager_run(void)
{
	for (;;) {
		wait_event(&manager_queue,
			   __atomic_exchange_n(&manager_pending, 0, __ATOMIC_ACQUIRE));
		guest_for_each(manager_visit, NULL);
	}
}

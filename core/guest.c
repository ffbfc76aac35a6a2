// SPDX-License-Identifier: BSD-2-Clause
/*
 * Guests: making and freeing them, their life from start to stop. Reading their trees, memory,
 * loading and VCPUs have files of their own; the list of guests is in guest_manager.c.
 *
 * Who changes a guest's state holds guest->lock. `run_allowed` is what VCPUs obey: once it is false
 * and they are kicked, each parks, and only then is anything of the guest touched.
 */
#include <errno.h>
#include <string.h>

#include <corbel/arch.h>
#include <corbel/bundle.h>
#include <corbel/guest.h>
#include <corbel/log.h>
#include <corbel/object.h>
#include <corbel/panic.h>
#include <corbel/time.h>

#include "guest_private.h"

const char *guest_state_name(enum guest_state state)
{
	static const char *const names[] = {
		[GUEST_STOPPED] = "stopped",
		[GUEST_RUNNING] = "running",
		[GUEST_PAUSED] = "paused",
		[GUEST_CRASHED] = "crashed",
	};

	return (unsigned int)state < ARRAY_SIZE(names) ? names[state] : "?";
}

/* ---- making ---- */

static int vcpus_create(struct guest *guest, const struct guest_plan *plan, struct error *error)
{
	unsigned long flags;
	struct vcpu *vcpu;
	int result;

	guest->priority = plan->priority;
	for (unsigned int i = 0; i < plan->vcpu_count; i++) {
		result = vcpu_create(guest, i, plan->priority, plan->affinity[i], &vcpu, error);
		if (result != 0)
			return result;
		flags = spin_lock_irqsave(&guest->vcpu_lock);
		guest->vcpus[i] = vcpu;
		guest->vcpu_count++;
		spin_unlock_irqrestore(&guest->vcpu_lock, flags);
	}
	return 0;
}

static void vcpus_destroy(struct guest *guest)
{
	for (unsigned int i = guest->vcpu_count; i > 0; i--)
		vcpu_destroy(guest->vcpus[i - 1]);
	guest->vcpu_count = 0;
}

/* The part of a guest that is only a name and a tree. */
static void shell_free(struct guest *guest)
{
	object_free(guest->tree_file);
	object_free(guest->tree);
	object_free(guest);
}

/*
 * Looking something up in a tree takes as long as it is large, and that is done for each device;
 * the largest guest that there can be needs half of this.
 */
#define TREE_SIZE_MAX KIB(128)

/* Our own copy, for what the bundle holds need not be aligned. */
static int tree_copy(struct guest *guest, const struct bundle_file *file, struct error *error)
{
	if (file->size > TREE_SIZE_MAX)
		return error_set(error, -E2BIG, "%s: a guest's tree of %llu bytes is too large",
				 guest->tree_file, (unsigned long long)file->size);
	if (file->size == 0)
		return error_set(error, -EINVAL, "%s: the file is empty", guest->tree_file);
	guest->tree = object_alloc(file->size);
	if (guest->tree == NULL)
		return error_set(error, -ENOMEM, "%s: no memory for the tree", guest->tree_file);
	memcpy(guest->tree, file->data, file->size);
	guest->tree_size = file->size;
	return tree_check(guest->tree, guest->tree_size, guest->tree_file, error);
}

static int shell_create(const char *path, struct guest **out, struct error *error)
{
	struct bundle_file file;
	struct guest *guest;
	int result = bundle_find(path, &file);

	if (result != 0)
		return error_set(error, result, "there is no file %.80s in the bundle", path);
	guest = object_alloc(sizeof(*guest));
	if (guest == NULL)
		return error_set(error, -ENOMEM, "no memory for a guest");
	mutex_init(&guest->lock);
	spin_init(&guest->vcpu_lock);
	wait_queue_init(&guest->parked);
	list_init(&guest->vdevs);
	guest_crashes_init(guest);
	guest->references = 1;
	guest->tree_file = object_strdup(path);
	if (guest->tree_file == NULL)
		result = error_set(error, -ENOMEM, "no memory for a guest");
	else
		result = tree_copy(guest, &file, error);
	if (result != 0) {
		shell_free(guest);
		return result;
	}
	*out = guest;
	return 0;
}

/* Undoes guest_fill(), however far it came. */
static void guest_drain(struct guest *guest)
{
	/* Devices first: until they are gone their timers and back ends may interrupt VCPUs. */
	guest_vdevs_destroy(guest);
	vcpus_destroy(guest);
	arch_guest_destroy(guest);
	/* Only now does no translation lead to the pages any more. */
	guest_regions_destroy(guest);
}

static int limit_check(struct guest *guest, const struct guest_plan *plan, struct error *error)
{
	const struct guest_range *last = &plan->ranges[plan->range_count - 1];
	uint64_t limit = arch_gmem_limit(guest);

	if (last->base + last->size <= limit)
		return 0;
	return guest_node_error(guest, last->node, error, -ERANGE,
				"reg entry %u (0x%llx, 0x%llx bytes) lies beyond 0x%llx, up to "
				"which this processor can map",
				last->index, (unsigned long long)last->base,
				(unsigned long long)last->size, (unsigned long long)limit);
}

/* VCPUs come before devices, for those are wired to them; RAM last, for it takes longest. */
static int guest_fill(struct guest *guest, const struct guest_plan *plan, struct error *error)
{
	int result = limit_check(guest, plan, error);

	guest->on_crash = plan->on_crash;
	if (result == 0)
		result = vcpus_create(guest, plan, error);
	if (result == 0)
		result = guest_vdevs_create(guest, error);
	if (result == 0)
		result = guest_regions_create(guest, plan, error);
	if (result == 0)
		result = guest_load_check(guest, error);
	if (result == 0)
		result = guest_list_add(guest, error);
	return result;
}

static int name_check(struct guest *guest, struct error *error)
{
	struct guest *other = guest_find(guest->name);

	if (other == NULL)
		return 0;
	guest_release(other);
	return error_set(error, -EEXIST, "%s: there is a guest named %s already", guest->tree_file,
			 guest->name);
}

static int guest_build(struct guest *guest, struct guest_plan *plan, struct error *error)
{
	int result = guest_tree_read(guest, plan, error);

	if (result == 0)
		result = name_check(guest, error);
	if (result != 0)
		return result;
	result = arch_guest_init(guest, error);
	if (result != 0)
		return error_set(error, result, "%s: the guest cannot be made: %s",
				 guest->tree_file, error_name(result));
	result = guest_fill(guest, plan, error);
	if (result != 0)
		guest_drain(guest);
	return result;
}

int guest_create(const char *tree_path, struct guest **out, struct error *error)
{
	struct guest *guest = NULL;
	struct guest_plan *plan;
	int result = shell_create(tree_path, &guest, error);

	if (result != 0)
		return result;
	plan = object_alloc(sizeof(*plan));
	if (plan == NULL)
		result = error_set(error, -ENOMEM, "%s: no memory to read the tree", tree_path);
	else
		result = guest_build(guest, plan, error);
	object_free(plan);
	if (result != 0) {
		shell_free(guest);
		return result;
	}
	log_debug("guest %s: created", guest->name);
	if (out != NULL)
		*out = guest;
	else
		guest_release(guest);
	return 0;
}

void guest_reference(struct guest *guest)
{
	unsigned int before = __atomic_fetch_add(&guest->references, 1, __ATOMIC_RELAXED);

	ASSERT(before > 0);
}

void guest_release(struct guest *guest)
{
	unsigned int before = __atomic_fetch_sub(&guest->references, 1, __ATOMIC_ACQ_REL);

	ASSERT(before > 0);
	if (before > 1)
		return;
	guest_drain(guest);
	shell_free(guest);
}

/* ---- running and standing still ---- */

static bool guest_is_parked(struct guest *guest)
{
	unsigned long flags = spin_lock_irqsave(&guest->vcpu_lock);
	bool parked = true;

	for (unsigned int i = 0; i < guest->vcpu_count; i++)
		parked = parked && guest->vcpus[i]->parked;
	spin_unlock_irqrestore(&guest->vcpu_lock, flags);
	return parked;
}

static void vcpus_kick(struct guest *guest)
{
	for (unsigned int i = 0; i < guest->vcpu_count; i++)
		vcpu_kick(guest->vcpus[i]);
}

static void vcpus_priority_set(struct guest *guest, unsigned int priority)
{
	for (unsigned int i = 0; i < guest->vcpu_count; i++)
		(void)thread_priority_set(guest->vcpus[i]->thread, priority);
}

/*
 * Returns once every VCPU stands still. One that has to run to get there does so with the priority
 * of people's orders, or guests of a higher priority could keep them waiting for ever.
 */
static void guest_hold(struct guest *guest)
{
	unsigned long flags = spin_lock_irqsave(&guest->vcpu_lock);

	guest->run_allowed = false;
	spin_unlock_irqrestore(&guest->vcpu_lock, flags);
	vcpus_priority_set(guest, THREAD_PRIORITY_SERVICE);
	vcpus_kick(guest);
	wait_event(&guest->parked, guest_is_parked(guest));
	vcpus_priority_set(guest, guest->priority);
}

/* A guest that has asked for something goes on only when that is done. */
static void guest_let_go(struct guest *guest)
{
	unsigned long flags = spin_lock_irqsave(&guest->vcpu_lock);

	guest->run_allowed = guest->requests == 0;
	spin_unlock_irqrestore(&guest->vcpu_lock, flags);
	vcpus_kick(guest);
}

void guest_halt(struct guest *guest, enum guest_state state)
{
	unsigned long flags;

	guest_hold(guest);
	flags = spin_lock_irqsave(&guest->vcpu_lock);
	for (unsigned int i = 0; i < guest->vcpu_count; i++)
		vcpu_power_cut(guest->vcpus[i]);
	guest->requests = 0;
	spin_unlock_irqrestore(&guest->vcpu_lock, flags);
	guest_load_drop(guest);
	guest->state = state;
}

/* What devices have asked for since the guest was halted was of its last life. */
static void requests_forget(struct guest *guest)
{
	unsigned long flags = spin_lock_irqsave(&guest->vcpu_lock);

	guest->requests = 0;
	guest->crash_reason[0] = '\0';
	spin_unlock_irqrestore(&guest->vcpu_lock, flags);
}

int guest_boot(struct guest *guest, struct error *error)
{
	struct vcpu_start start;
	int result = guest_load_prepare(guest, &start, error);

	if (result != 0)
		return result;
	guest_vdevs_reset(guest);
	for (unsigned int i = 0; i < guest->vcpu_count; i++)
		guest->vcpus[i]->crash_text[0] = '\0';
	requests_forget(guest);
	result = vcpu_power_on(guest, 0, &start);
	ASSERT(result == 0);
	guest->start_count++;
	guest->state = GUEST_RUNNING;
	guest_let_go(guest);
	return 0;
}

/* ---- life, as people and the manager order it ---- */

/* Takes the guest's lock, unless the guest is gone. */
static int guest_take(struct guest *guest, struct error *error)
{
	mutex_lock(&guest->lock);
	if (!guest->destroyed)
		return 0;
	mutex_unlock(&guest->lock);
	return error_set(error, -ENOENT, "guest %s was destroyed", guest->name);
}

static int state_error(const struct guest *guest, const char *action, struct error *error)
{
	return error_set(error, -EBUSY, "guest %s is %s, so it cannot be %s", guest->name,
			 guest_state_name(guest->state), action);
}

int guest_start(struct guest *guest, struct error *error)
{
	int result = guest_take(guest, error);

	if (result != 0)
		return result;
	if (guest->state == GUEST_STOPPED || guest->state == GUEST_CRASHED) {
		guest_restart_cancel(guest);
		result = guest_boot(guest, error);
	} else {
		result = state_error(guest, "started", error);
	}
	mutex_unlock(&guest->lock);
	return result;
}

int guest_pause(struct guest *guest, struct error *error)
{
	int result = guest_take(guest, error);

	if (result != 0)
		return result;
	if (guest->state == GUEST_RUNNING) {
		guest_hold(guest);
		guest_vdevs_pause(guest, true);
		guest->state = GUEST_PAUSED;
	} else {
		result = state_error(guest, "paused", error);
	}
	mutex_unlock(&guest->lock);
	return result;
}

int guest_resume(struct guest *guest, struct error *error)
{
	int result = guest_take(guest, error);

	if (result != 0)
		return result;
	if (guest->state == GUEST_PAUSED) {
		guest->state = GUEST_RUNNING;
		guest_vdevs_pause(guest, false);
		guest_let_go(guest);
	} else {
		result = state_error(guest, "resumed", error);
	}
	mutex_unlock(&guest->lock);
	return result;
}

int guest_reset(struct guest *guest, struct error *error)
{
	int result = guest_take(guest, error);

	if (result != 0)
		return result;
	if (guest->state == GUEST_STOPPED) {
		result = state_error(guest, "reset", error);
	} else {
		guest_restart_cancel(guest);
		guest_halt(guest, GUEST_STOPPED);
		result = guest_boot(guest, error);
	}
	mutex_unlock(&guest->lock);
	return result;
}

int guest_stop(struct guest *guest, struct error *error)
{
	int result = guest_take(guest, error);

	if (result != 0)
		return result;
	guest_restart_cancel(guest);
	guest_halt(guest, GUEST_STOPPED);
	mutex_unlock(&guest->lock);
	return 0;
}

int guest_destroy(struct guest *guest, struct error *error)
{
	int result = guest_take(guest, error);

	if (result != 0)
		return result;
	guest_restart_cancel(guest);
	guest_halt(guest, GUEST_STOPPED);
	guest->destroyed = true;
	mutex_unlock(&guest->lock);
	log_debug("guest %s: destroyed", guest->name);
	guest_list_remove(guest);
	return 0;
}

/*
 * Who has parked is about to give up its CPU, and only then its registers are where they can be
 * read.
 */
static void vcpus_leave_cpus(struct guest *guest)
{
	for (unsigned int i = 0; i < guest->vcpu_count; i++)
		while (thread_is_running(guest->vcpus[i]->thread))
			arch_cpu_relax();
}

int guest_inspect(struct guest *guest, void (*visit)(struct guest *guest, void *argument),
		  void *argument, struct error *error)
{
	int result = guest_take(guest, error);
	bool held = guest->state == GUEST_RUNNING;

	if (result != 0)
		return result;
	if (held)
		guest_hold(guest);
	vcpus_leave_cpus(guest);
	visit(guest, argument);
	if (held)
		guest_let_go(guest);
	mutex_unlock(&guest->lock);
	return 0;
}

/* ---- what a guest asks for ---- */

void guest_request(struct guest *guest, enum guest_request request)
{
	unsigned long flags = spin_lock_irqsave(&guest->vcpu_lock);

	guest->run_allowed = false;
	guest->requests |= request;
	spin_unlock_irqrestore(&guest->vcpu_lock, flags);
	vcpus_kick(guest);
	guest_manager_wake();
}

/*
 * How long after a reboot, at least, a guest comes up: what is done for one that reboots all the
 * time takes the time of others.
 */
#define REBOOT_NS (100 * NS_PER_MS)

static void reboot_serve(struct guest *guest)
{
	struct error error = { "" };

	guest_halt(guest, GUEST_STOPPED);
	guest->load_from_ns = time_now() + REBOOT_NS;
	if (guest_boot(guest, &error) == 0)
		log_info("guest %s: rebooted", guest->name);
	else
		log_error("guest %s: stopped, it cannot be rebooted: %s", guest->name, error.text);
}

static void requests_serve(struct guest *guest, uint32_t requests)
{
	if (guest->state != GUEST_RUNNING && guest->state != GUEST_PAUSED) {
		guest_halt(guest, guest->state);
	} else if ((requests & GUEST_REQUEST_CRASH) != 0) {
		guest_crash_serve(guest);
	} else if ((requests & GUEST_REQUEST_POWEROFF) != 0) {
		guest_halt(guest, GUEST_STOPPED);
		log_info("guest %s: powered off", guest->name);
	} else if ((requests & GUEST_REQUEST_REBOOT) != 0) {
		reboot_serve(guest);
	}
}

void guest_requests_serve(struct guest *guest)
{
	uint32_t requests;
	bool destroyed;

	if (READ_ONCE(guest->requests) == 0 && !guest_restart_is_due(guest))
		return;
	if (guest_take(guest, NULL) != 0)
		return;
	/* They may have been served or dropped while the lock was waited for. */
	requests = READ_ONCE(guest->requests);
	if (requests != 0)
		requests_serve(guest, requests);
	guest_restart_serve(guest);
	destroyed = guest->destroyed;
	mutex_unlock(&guest->lock);
	if (destroyed)
		guest_list_remove(guest);
}

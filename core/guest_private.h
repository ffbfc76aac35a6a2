// SPDX-License-Identifier: BSD-2-Clause
/*
 * What the files that make up guests share: guest*.c, vcpu.c, vdev.c. Nobody else includes it.
 */
#ifndef CORE_GUEST_PRIVATE_H
#define CORE_GUEST_PRIVATE_H

#include <corbel/guest.h>
#include <corbel/tree.h>

#define GUEST_PATH_SIZE 80

/*
 * Sets the error's sentence, beginning with the tree's file and the node, and has the value of
 * `code`.
 */
#define guest_node_error(guest, node, error, code, format, ...)                           \
	({                                                                                \
		char path_[GUEST_PATH_SIZE];                                              \
		tree_path_get((guest)->tree, node, path_, sizeof(path_));                 \
		error_set(error, code, "%s: node %s: " format, (guest)->tree_file, path_, \
			  ##__VA_ARGS__);                                                 \
	})

/* ---- guest_tree.c: what a guest's tree asks for ---- */

/* An entry of some node's `reg`: memory or a device. */
struct guest_range {
	uint64_t base;
	uint64_t size;
	int node;
	unsigned int index;    /* into `reg` */
	enum region_kind kind; /* RAM, ROM, DEVICE */
};

struct guest_plan {
	unsigned int priority;
	enum guest_crash_policy on_crash;
	unsigned int vcpu_count;
	cpumask_t affinity[GUEST_VCPU_MAX];
	uint64_t ram_bytes, rom_bytes;
	unsigned int range_count;
	struct guest_range ranges[GUEST_REGION_MAX]; /* sorted by base, disjoint */
};

/* Fills the guest's name and the plan from guest->tree, which has been checked. */
int guest_tree_read(struct guest *guest, struct guest_plan *plan, struct error *error);
/* The memory range that the tree names first. -ENOENT. */
int guest_tree_memory_get(const struct guest *guest, uint64_t *base, uint64_t *size);

/* Walks the nodes that stand for devices: below the root and simple buses, enabled, with `reg`. */
struct guest_device_walk {
	const void *fdt;
	int node;
	int depth;
	int bus_depth; /* of the innermost bus that is open */
};

void guest_device_walk_begin(struct guest_device_walk *walk, const void *fdt);
/* The next such node, or a negative value after the last. */
int guest_device_walk_next(struct guest_device_walk *walk);

/* ---- guest_memory.c ---- */

/* Allocates memory and lists all regions; devices exist already. Free what it made with the next.
 */
int guest_regions_create(struct guest *guest, const struct guest_plan *plan, struct error *error);
void guest_regions_destroy(struct guest *guest);
/* For what puts files there: as their namesakes without `load`, but ROM is written too. */
bool guest_memory_load_is_possible(const struct guest *guest, gpa_t address, uint64_t size);
int guest_memory_load(struct guest *guest, gpa_t address, const void *buffer, size_t size);
int guest_memory_load_zeros(struct guest *guest, gpa_t address, uint64_t size);

/* ---- guest_handover.c ---- */

/*
 * Makes the tree that the guest is given, with linux,initrd-* still zero where `initrd`. The caller
 * frees `*out` with object_free().
 */
int guest_handover_build(struct guest *guest, bool initrd, void **out, struct error *error);
/* Fills in where the initrd lies. */
int guest_handover_initrd_set(struct guest *guest, void *fdt, uint64_t start, uint64_t end,
			      struct error *error);

/* ---- guest_load.c ---- */

/* Whether everything that the guest is to be loaded with is there and fits. */
int guest_load_check(struct guest *guest, struct error *error);
/*
 * Notes what is to be put where in the guest's RAM, and says where VCPU 0 starts. Context: thread,
 * no VCPU has power.
 */
int guest_load_prepare(struct guest *guest, struct vcpu_start *start, struct error *error);
/* Does it, if anything was prepared. Context: VCPU 0's thread before it starts the VCPU. */
void guest_load_do(struct guest *guest);
/* Forgets it. Context: thread, every VCPU is parked. */
void guest_load_drop(struct guest *guest);

/* ---- vdev.c ---- */

int guest_vdevs_create(struct guest *guest, struct error *error);
void guest_vdevs_destroy(struct guest *guest);
void guest_vdevs_reset(struct guest *guest);
struct vdev *guest_vdev_find(const struct guest *guest, int node);

/* ---- passthrough.c ---- */

/* The type of nodes with corbel,passthrough: devices of the host. */
extern const struct vdev_type passthrough_type;
/* The host's registers behind entry `index` of such a device's `reg`. */
hpa_t passthrough_host_get(const struct vdev *vdev, unsigned int index);

/* ---- guest_manager.c ---- */

/* Puts a complete guest on the list, which then holds a reference. -EEXIST: its name is taken. */
int guest_list_add(struct guest *guest, struct error *error);
void guest_list_remove(struct guest *guest);
/* Makes the manager's thread look at all guests' requests and restarts. Any context. */
void guest_manager_wake(void);

/* ---- guest.c, for the manager ---- */

/* Does what the guest asked for, and restarts it when that is due. Context: thread. */
void guest_requests_serve(struct guest *guest);

/* ---- guest.c, for guest_crash.c: guest->lock is held ---- */

/* Holds the guest, cuts its power and forgets what it asked for. */
void guest_halt(struct guest *guest, enum guest_state state);
/* Gives a halted guest power. */
int guest_boot(struct guest *guest, struct error *error);

/* ---- guest_crash.c: guest->lock is held, but in the first three ---- */

/* -EINVAL: there is none of that name. */
int guest_crash_policy_find(const char *name, enum guest_crash_policy *out);
void guest_crashes_init(struct guest *guest);
bool guest_restart_is_due(const struct guest *guest);
/* Forgets a restart that is to come, and how long the last one took. */
void guest_restart_cancel(struct guest *guest);
/* Restarts the guest if that is due. */
void guest_restart_serve(struct guest *guest);
/* Halts the guest and does what its tree says; it may be `destroyed` then, but is still listed. */
void guest_crash_serve(struct guest *guest);

/* ---- vcpu.c ---- */

/* Cuts the power. Context: every VCPU of the guest is parked; guest->vcpu_lock held. */
void vcpu_power_cut(struct vcpu *vcpu);

#endif

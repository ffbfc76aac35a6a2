// SPDX-License-Identifier: BSD-2-Clause
/*
 * Guests: their life, their memory map, their memory. How a guest's tree is read is guest_tree.h's
 * affair, how its VCPUs run vcpu.h's.
 */
#ifndef CORBEL_GUEST_H
#define CORBEL_GUEST_H

#include <arch/types.h>
#include <corbel/error.h>
#include <corbel/printer.h>
#include <corbel/spinlock.h>
#include <corbel/time.h>
#include <corbel/types.h>
#include <corbel/vcpu.h>
#include <corbel/vdev.h>
#include <corbel/wait.h>
#include <lib/list.h>

#define GUEST_NAME_SIZE	 32
#define GUEST_VCPU_MAX	 32u
#define GUEST_REGION_MAX 256u

enum guest_state {
	GUEST_STOPPED, /* made, or stopped: memory is held, no VCPU runs */
	GUEST_RUNNING,
	GUEST_PAUSED,
	GUEST_CRASHED, /* stopped because it could not go on */
};

/* What becomes of a guest that crashed: corbel,on-crash of its tree. */
enum guest_crash_policy {
	GUEST_ON_CRASH_HALT, /* it stays as it is, for people to look at */
	GUEST_ON_CRASH_RESTART,
	GUEST_ON_CRASH_DESTROY,
};

#define GUEST_CRASH_TEXT_SIZE (VCPU_CRASH_TEXT_SIZE + 16)

struct guest_crashes {
	uint64_t count;
	uint64_t last_ns;		  /* when the last one was */
	uint64_t restart_ns;		  /* when the guest will be restarted; TIME_NEVER: not */
	char text[GUEST_CRASH_TEXT_SIZE]; /* what the last one was */
};

enum region_kind {
	REGION_RAM,
	REGION_ROM,	    /* reads from memory, writes are ignored */
	REGION_DEVICE,	    /* a virtual device answers */
	REGION_PASSTHROUGH, /* host device registers, mapped */
};

/* A part of a guest's physical address space. */
struct region {
	gpa_t base;
	uint64_t size;
	enum region_kind kind;
	hpa_t host;		  /* RAM, ROM, PASSTHROUGH */
	unsigned int page_order;  /* RAM, ROM: of the block to free */
	struct vdev *vdev;	  /* DEVICE, PASSTHROUGH */
	unsigned int vdev_region; /* the same: index into the device's `reg` */
};

struct load_plan;
struct serial_line;

struct guest {
	struct arch_guest arch;
	char name[GUEST_NAME_SIZE];
	unsigned int id;	   /* never used twice */
	struct mutex lock;	   /* life-cycle operations, one at a time */
	enum guest_state state;	   /* `lock` to change it; a snapshot otherwise */
	bool destroyed;		   /* off the list, waits for its last reference; `lock` */
	struct spinlock vcpu_lock; /* VCPUs' power states and parking */
	struct wait_queue parked;  /* woken when a VCPU parks */
	bool run_allowed;	   /* `vcpu_lock`: VCPUs may enter the guest */
	uint32_t requests;	   /* atomic, enum guest_request bits, for the manager's thread */
	struct vcpu *vcpus[GUEST_VCPU_MAX];
	unsigned int vcpu_count;
	unsigned int priority;	/* of its VCPUs' threads; constant */
	struct region *regions; /* sorted by base, disjoint; constant once created */
	unsigned int region_count;
	struct load_plan *load; /* what VCPU 0 is to load first; who holds the guest, then VCPU 0 */
	uint64_t load_from_ns;	/* not before then; the same */
	struct list vdevs;
	struct serial_line *debug_line; /* the first one attached, or NULL; set before VCPUs run */
	void *tree;			/* the source tree, our copy */
	size_t tree_size;
	char *tree_file; /* its name in the bundle */
	uint64_t ram_bytes;
	uint64_t start_count;		  /* how often it was started or reset */
	enum guest_crash_policy on_crash; /* constant */
	struct guest_crashes crashes;	  /* `lock` and `vcpu_lock` to change it */
	struct timer restart_timer;	  /* `lock` to set or cancel it */
	uint64_t restart_delay_ns;	  /* of the last restart; `lock` */
	uint64_t restarted_ns;		  /* when that was; `lock` */
	uint32_t restart_due;		  /* atomic: for the manager's thread */
	unsigned int references;	  /* atomic */
	struct list_node node;		  /* in the list of guests */
};

/* ---- life ---- Context of all: thread; they sleep. `error` may be NULL. */

/*
 * Makes a guest from a tree in the bundle: memory, devices, VCPUs; nothing runs yet. On any error
 * nothing remains and the sentence names file, node and property. `out` may be NULL; otherwise the
 * caller owns a reference.
 */
int guest_create(const char *tree_path, struct guest **out, struct error *error);

/* Starts VCPU 0, which first loads the guest's files. -EBUSY unless STOPPED or CRASHED. */
int guest_start(struct guest *guest, struct error *error);
/* Every VCPU stands still when this returns. -EBUSY unless RUNNING. */
int guest_pause(struct guest *guest, struct error *error);
int guest_resume(struct guest *guest, struct error *error);
/* As if the board's reset button was pressed: devices reset, files loaded afresh. */
int guest_reset(struct guest *guest, struct error *error);
/* As if the power was cut. Stopping a stopped guest is no error. */
int guest_stop(struct guest *guest, struct error *error);
/* Stops it, takes it off the list, and frees everything once the last reference is gone. */
int guest_destroy(struct guest *guest, struct error *error);

/*
 * Calls `visit` while every VCPU stands still and has its registers in memory, whatever the guest's
 * state; one that ran goes on afterwards. Be quick: the guest and whoever orders it wait. -ENOENT.
 */
int guest_inspect(struct guest *guest, void (*visit)(struct guest *guest, void *argument),
		  void *argument, struct error *error);

/* A reference to the guest of that name, or NULL. Context: thread. */
struct guest *guest_find(const char *name);
void guest_reference(struct guest *guest);
void guest_release(struct guest *guest);
/* Calls for each guest, in the order of creation, with a reference held. Context: thread. */
void guest_for_each(void (*visit)(struct guest *guest, void *argument), void *argument);
const char *guest_state_name(enum guest_state state);
const char *guest_crash_policy_name(enum guest_crash_policy policy);
/* What is known of the guest's crashes. Any context. */
void guest_crashes_get(struct guest *guest, struct guest_crashes *out);

/* What a guest asks for itself (or causes): done by the manager's thread, soon. */
enum guest_request {
	GUEST_REQUEST_POWEROFF = 1u << 0,
	GUEST_REQUEST_REBOOT = 1u << 1,
	GUEST_REQUEST_CRASH = 1u << 2, /* it cannot go on, or says so */
};

/* From now on no VCPU of the guest enters it until the request is done. Any context. */
void guest_request(struct guest *guest, enum guest_request request);

/* Serves what guests ask for, for ever: the body of the manager's thread. */
__attribute__((noreturn)) void guest_manager_run(void);

/* ---- memory ---- */

/* The region that holds the address, or NULL. Any context while the guest is referenced. */
const struct region *guest_region_find(const struct guest *guest, gpa_t address);

/*
 * Copies from or to the guest's RAM (also ROM for reads), across regions. All or nothing:
 * -EFAULT where any byte is not RAM. Any context; time grows with size, so bound it.
 */
int guest_memory_read(const struct guest *guest, gpa_t address, void *buffer, size_t size);
int guest_memory_write(struct guest *guest, gpa_t address, const void *buffer, size_t size);
/* Whether [address, address + size) is all RAM. */
bool guest_memory_is_ram(const struct guest *guest, gpa_t address, uint64_t size);
/*
 * Host pointer to guest RAM that is contiguous on the host from `address` on; `*available` says for
 * how many bytes. NULL where there is no RAM.
 */
void *guest_memory_pointer(const struct guest *guest, gpa_t address, uint64_t *available);

/* The VCPU, or NULL for an index that the guest does not have. */
static inline struct vcpu *guest_vcpu(const struct guest *guest, uint64_t index)
{
	return index < guest->vcpu_count ? guest->vcpus[index] : NULL;
}

#endif

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Virtual devices: what a guest sees on its buses. A device knows itself, its guest's memory and
 * its interrupt lines; it never asks which VCPU is running. Each is one file in vdev/ that
 * registers itself.
 *
 * Locking: a device protects its state with a spinlock of its own. It calls vdev_irq_set() and the
 * serial line with that lock released or in an order that the lock page of docs/architecture.md
 * names: device -> interrupt controller -> VCPU.
 */
#ifndef CORBEL_VDEV_H
#define CORBEL_VDEV_H

#include <corbel/error.h>
#include <corbel/types.h>
#include <lib/list.h>

struct guest;
struct vdev;
struct vdev_irq_watcher;
struct vdev_type;

struct vdev_ops {
	/*
	 * A register read: `offset` is from the start of region `region` (the index into `reg`),
	 * `size` is 1, 2, 4 or 8 bytes, offset + size lies inside the region; nothing says that it
	 * is aligned. 0: `*value` holds the zero-extended result. -ENXIO: there is nothing here,
	 * the guest gets its access fault. No other value. Context: VCPU's thread, interrupts off
	 * unless the type may sleep; short and bounded.
	 */
	int (*read)(struct vdev *vdev, unsigned int region, uint64_t offset, unsigned int size,
		    uint64_t *value);
	/* The same for a write; bits of `value` above the size are zero. */
	int (*write)(struct vdev *vdev, unsigned int region, uint64_t offset, unsigned int size,
		     uint64_t value);
	/* Back to power-on state. Context: thread, no VCPU of the guest runs. NULL: nothing to do.
	 */
	void (*reset)(struct vdev *vdev);
	/*
	 * People hold the guest from now on, or let it go on; a reset ends it too. For what must
	 * not hold it against the guest. Context: thread, no VCPU of the guest runs. May be NULL.
	 */
	void (*pause)(struct vdev *vdev, bool paused);
	/*
	 * Frees everything, the structure included; what may call it, such as a timer or a back
	 * end, is stopped first. Context: thread, no VCPU of the guest runs, but all exist still.
	 */
	void (*destroy)(struct vdev *vdev);
	/*
	 * For interrupt controllers: the level of input `number` changes. Any context. NULL for
	 * other devices.
	 */
	void (*irq_set)(struct vdev *vdev, uint32_t number, bool level);
	/*
	 * For interrupt controllers that can tell: from now on calls the watcher each time that the
	 * guest has completed the interrupt of input `number`; NULL: no longer. -EINVAL: no such
	 * input, -EBUSY: it has a watcher. Context: thread, no VCPU of the guest runs. May be NULL.
	 */
	int (*irq_watch)(struct vdev *vdev, uint32_t number, struct vdev_irq_watcher *watcher);
};

struct vdev_irq_watcher {
	/*
	 * It may change the input: only if that is high when this returns does the controller
	 * interrupt again. VCPU's thread, interrupts off, no lock of the controller held; must not
	 * sleep.
	 */
	void (*completed)(struct vdev_irq_watcher *watcher);
};

/* A virtual device's base; the device's own structure embeds it and owns its memory. */
struct vdev {
	const struct vdev_ops *ops;
	const struct vdev_type *type;
	struct guest *guest;
	struct list_node node;	/* in the guest's list */
	const char *name;	/* node name in the guest's tree, which outlives the device */
	int tree_node;		/* offset of that node in the guest's source tree */
	unsigned int irq_depth; /* controllers behind it on its interrupts' way to a VCPU */
	uint64_t read_count;	/* accesses, for `device list`; updated without a lock */
	uint64_t write_count;
};

/* What a device is made from. */
struct vdev_config {
	struct guest *guest;
	const void *fdt; /* the guest's source tree, checked; stays for the guest's life */
	int node;
	const char *file;	 /* name of the tree's file, for messages */
	unsigned int *irq_depth; /* core's: raised to that of each connection; may be NULL */
};

struct vdev_type {
	const char *name;
	const char *const *compatible; /* NULL-terminated; any match will do */
	bool interrupt_controller;     /* made before the devices that are wired to it */
	bool may_sleep;		       /* its accesses are served in thread context only */
	/*
	 * Makes a device. On success `*out` has ops set; type, guest, name and regions are filled
	 * in by the caller afterwards. Context: thread. Negative errno and a sentence naming node
	 * and property.
	 */
	int (*create)(const struct vdev_config *config, struct vdev **out, struct error *error);
};

#define VDEV_REGISTER(type) REGISTER_IN(corbel_vdev_types, struct vdev_type, type)
DECLARE_REGISTRY(corbel_vdev_types, struct vdev_type);

/* The type that the node's `compatible` names first; NULL: none. */
const struct vdev_type *vdev_type_find(const void *fdt, int node);

/*
 * For create(): the sentence "FILE: node PATH: TEXT" about what the node should say. The value is
 * -EINVAL.
 */
int vdev_node_error(const struct vdev_config *config, struct error *error, const char *text);

/* An interrupt output of a device. */
struct vdev_irq {
	struct vdev *controller; /* NULL: not connected, setting it does nothing */
	uint32_t number;	 /* of the controller's input */
};

/*
 * Resolves entry `index` of the node's `interrupts` (through `interrupt-parent`, also inherited) or
 * `interrupts-extended` to a controller of the guest: a virtual one, or, where the parent is a
 * child of a cpu node, that VCPU's own inputs. -ENOENT: the node has no such entry (a device may
 * then do without); -EINVAL and a sentence otherwise. Context: thread, in create().
 */
int vdev_irq_connect(const struct vdev_config *config, unsigned int index, struct vdev_irq *out,
		     struct error *error);

/*
 * The device of the guest that the phandle in the node's property names. It must have been made
 * already: interrupt controllers are, others if their node comes first. -ENOENT: there is no such
 * property; -EINVAL and a sentence otherwise. Context: thread, in create().
 */
int vdev_find(const struct vdev_config *config, const char *property, struct vdev **out,
	      struct error *error);

/* Any context. */
static inline void vdev_irq_set(const struct vdev_irq *irq, bool level)
{
	if (irq->controller != NULL)
		irq->controller->ops->irq_set(irq->controller, irq->number, level);
}

#endif

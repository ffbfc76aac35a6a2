// SPDX-License-Identifier: BSD-2-Clause
/*
 * The pair of 8259A interrupt controllers, for the device that acknowledges on the processor's
 * behalf. Its ports are no affair of this header.
 */
#ifndef VDEV_I8259_H
#define VDEV_I8259_H

#include <corbel/vdev.h>

/* Whether the device is such a pair, and so may be given to the next. */
bool i8259_is(const struct vdev *vdev);

/*
 * An interrupt acknowledge cycle: the vector of the interrupt that is served from now on. Without a
 * request that is the vector of input 7, as 8259As have it. Any context.
 */
uint8_t i8259_acknowledge(struct vdev *vdev);

#endif

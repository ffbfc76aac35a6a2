// SPDX-License-Identifier: BSD-2-Clause
/*
 * A virtual watchdog, that of Allwinner's D1, which stock kernels have a driver for. A guest that
 * has started it and does not reload it in time has crashed, and what becomes of it then is not
 * decided here but by its tree (corbel,on-crash).
 *
 * Lock order: the device's lock -> the interrupt controller's, the timer queue's. A pending timer
 * is never cancelled under the lock, since its function takes the lock too: it finds out by itself
 * that it is no longer wanted.
 */
#include <errno.h>

#include <corbel/guest.h>
#include <corbel/object.h>
#include <corbel/spinlock.h>
#include <corbel/time.h>
#include <corbel/vdev.h>

/* Registers, 32 bits each. D1-H User Manual V1.0, 3.7, "Timer", the WDOG registers. */
enum {
	WDOG_IRQ_ENABLE = 0x00,
	WDOG_IRQ_STATUS = 0x04, /* writing a 1 clears it */
	WDOG_SOFT_RESET = 0x08,
	WDOG_CONTROL = 0x10,
	WDOG_CONFIG = 0x14,
	WDOG_MODE = 0x18,
};

#define CONTROL_RESTART	     1u
#define CONTROL_KEY(value)   ((value) >> 1 & 0xfffu)
#define CONTROL_KEY_EXPECTED 0xa57u
#define CONFIG_MASK	     0x103u /* the clock, which makes no difference here, and what to do */
#define CONFIG_ACTION	     0x003u
#define CONFIG_SYSTEM	     1u
#define CONFIG_INTERRUPT     2u
#define MODE_ENABLE	     0x001u
#define MODE_MASK	     0x0f1u
#define MODE_INTERVAL(mode)  ((mode) >> 4 & 0xfu)
/* In the upper half of what is written to the registers that must not be hit by accident. */
#define WRITE_KEY	     0x16aau

/* By MODE_INTERVAL; what the manual reserves is as long as the longest. */
static const uint16_t intervals_ms[] = { 500,  1000, 2000,  3000,  4000,  5000,
					 6000, 8000, 10000, 12000, 14000, 16000 };

struct watchdog {
	struct vdev vdev;
	struct vdev_irq irq;
	struct timer timer;
	struct spinlock lock; /* everything below */
	uint32_t config;
	uint32_t mode;
	bool irq_enabled;
	bool irq_pending;
	bool irq_level;
	bool paused;
	uint64_t deadline_ns; /* TIME_NEVER: does not count */
	uint64_t left_ns;     /* while paused: what is left then */
};

static struct watchdog *watchdog_of(struct vdev *vdev)
{
	return container_of(vdev, struct watchdog, vdev);
}

static void irq_update(struct watchdog *watchdog)
{
	bool level = watchdog->irq_enabled && watchdog->irq_pending;

	if (level == watchdog->irq_level)
		return;
	watchdog->irq_level = level;
	vdev_irq_set(&watchdog->irq, level);
}

static unsigned int interval_ms(const struct watchdog *watchdog)
{
	unsigned int interval = MODE_INTERVAL(watchdog->mode);

	return intervals_ms[MIN(interval, ARRAY_SIZE(intervals_ms) - 1)];
}

/* Counts from `left_ns` down; while the guest is held, once it goes on. */
static void count_from(struct watchdog *watchdog, uint64_t left_ns)
{
	watchdog->left_ns = left_ns;
	watchdog->deadline_ns = TIME_NEVER;
	if (watchdog->paused || left_ns == TIME_NEVER)
		return;
	watchdog->deadline_ns = time_now() + left_ns;
	timer_set(&watchdog->timer, watchdog->deadline_ns);
}

static void reload(struct watchdog *watchdog)
{
	bool enabled = (watchdog->mode & MODE_ENABLE) != 0;

	count_from(watchdog, enabled ? interval_ms(watchdog) * NS_PER_MS : TIME_NEVER);
}

/* True: the guest has crashed. */
static bool time_is_up(struct watchdog *watchdog)
{
	uint32_t action = watchdog->config & CONFIG_ACTION;

	if (action == CONFIG_SYSTEM) {
		count_from(watchdog, TIME_NEVER);
		return true;
	}
	watchdog->irq_pending = watchdog->irq_pending || action == CONFIG_INTERRUPT;
	irq_update(watchdog);
	reload(watchdog);
	return false;
}

static void watchdog_timer(struct timer *timer)
{
	struct watchdog *watchdog = container_of(timer, struct watchdog, timer);
	unsigned long flags = spin_lock_irqsave(&watchdog->lock);
	unsigned int interval = interval_ms(watchdog);
	bool crashed = false;

	if (watchdog->deadline_ns <= time_now())
		crashed = time_is_up(watchdog);
	spin_unlock_irqrestore(&watchdog->lock, flags);
	if (crashed)
		guest_crash(watchdog->vdev.guest, "its watchdog was not reloaded for %u.%u s",
			    interval / 1000, interval % 1000 / 100);
}

/* ---- registers ---- */

static uint32_t register_read(const struct watchdog *watchdog, uint64_t offset)
{
	switch (offset) {
	case WDOG_IRQ_ENABLE:
		return watchdog->irq_enabled;
	case WDOG_IRQ_STATUS:
		return watchdog->irq_pending;
	case WDOG_CONFIG:
		return watchdog->config;
	case WDOG_MODE:
		return watchdog->mode;
	default:
		return 0;
	}
}

static void mode_set(struct watchdog *watchdog, uint32_t mode)
{
	bool was_enabled = (watchdog->mode & MODE_ENABLE) != 0;

	watchdog->mode = mode & MODE_MASK;
	/* Another interval holds from the next reload on. */
	if (((mode & MODE_ENABLE) != 0) != was_enabled)
		reload(watchdog);
}

static void keyed_write(struct watchdog *watchdog, uint64_t offset, uint32_t value)
{
	if (value >> 16 != WRITE_KEY)
		return;
	if (offset == WDOG_CONFIG)
		watchdog->config = value & CONFIG_MASK;
	else if (offset == WDOG_MODE)
		mode_set(watchdog, value);
	else if ((value & 1) != 0)
		guest_request(watchdog->vdev.guest, GUEST_REQUEST_REBOOT);
}

static void register_write(struct watchdog *watchdog, uint64_t offset, uint32_t value)
{
	switch (offset) {
	case WDOG_IRQ_ENABLE:
		watchdog->irq_enabled = (value & 1) != 0;
		break;
	case WDOG_IRQ_STATUS:
		watchdog->irq_pending = watchdog->irq_pending && (value & 1) == 0;
		break;
	case WDOG_CONTROL:
		if (CONTROL_KEY(value) == CONTROL_KEY_EXPECTED && (value & CONTROL_RESTART) != 0)
			reload(watchdog);
		break;
	case WDOG_SOFT_RESET:
	case WDOG_CONFIG:
	case WDOG_MODE:
		keyed_write(watchdog, offset, value);
		break;
	default:
		break;
	}
}

/* Only aligned words can be accessed; what does not exist reads as zero. */
static bool access_is_valid(uint64_t offset, unsigned int size)
{
	return size == 4 && offset % 4 == 0;
}

static int watchdog_read(struct vdev *vdev, unsigned int region, uint64_t offset, unsigned int size,
			 uint64_t *value)
{
	struct watchdog *watchdog = watchdog_of(vdev);

	(void)region;
	if (!access_is_valid(offset, size))
		return -ENXIO;
	spin_lock(&watchdog->lock);
	*value = register_read(watchdog, offset);
	spin_unlock(&watchdog->lock);
	return 0;
}

static int watchdog_write(struct vdev *vdev, unsigned int region, uint64_t offset,
			  unsigned int size, uint64_t value)
{
	struct watchdog *watchdog = watchdog_of(vdev);

	(void)region;
	if (!access_is_valid(offset, size))
		return -ENXIO;
	spin_lock(&watchdog->lock);
	register_write(watchdog, offset, (uint32_t)value);
	irq_update(watchdog);
	spin_unlock(&watchdog->lock);
	return 0;
}

/* ---- life ---- */

static void watchdog_pause(struct vdev *vdev, bool paused)
{
	struct watchdog *watchdog = watchdog_of(vdev);
	unsigned long flags = spin_lock_irqsave(&watchdog->lock);
	uint64_t now = time_now(), left_ns = watchdog->left_ns;

	if (!watchdog->paused && watchdog->deadline_ns != TIME_NEVER)
		left_ns = watchdog->deadline_ns - MIN(now, watchdog->deadline_ns);
	watchdog->paused = paused;
	count_from(watchdog, left_ns);
	spin_unlock_irqrestore(&watchdog->lock, flags);
}

/* Off, and so that its timer does nothing any more. */
static void quiet(struct watchdog *watchdog)
{
	unsigned long flags = spin_lock_irqsave(&watchdog->lock);

	watchdog->config = CONFIG_SYSTEM;
	watchdog->mode = 0;
	watchdog->irq_enabled = false;
	watchdog->irq_pending = false;
	watchdog->paused = false;
	count_from(watchdog, TIME_NEVER);
	irq_update(watchdog);
	spin_unlock_irqrestore(&watchdog->lock, flags);
	timer_cancel(&watchdog->timer);
}

static void watchdog_reset(struct vdev *vdev)
{
	quiet(watchdog_of(vdev));
}

static void watchdog_destroy(struct vdev *vdev)
{
	quiet(watchdog_of(vdev));
	object_free(watchdog_of(vdev));
}

static const struct vdev_ops watchdog_ops = {
	.read = watchdog_read,
	.write = watchdog_write,
	.reset = watchdog_reset,
	.pause = watchdog_pause,
	.destroy = watchdog_destroy,
};

static int watchdog_create(const struct vdev_config *config, struct vdev **out, struct error *error)
{
	struct watchdog *watchdog = object_alloc(sizeof(*watchdog));
	int result;

	if (watchdog == NULL)
		return error_set(error, -ENOMEM, "%s: no memory for a watchdog", config->file);
	watchdog->vdev.ops = &watchdog_ops;
	watchdog->config = CONFIG_SYSTEM;
	watchdog->deadline_ns = watchdog->left_ns = TIME_NEVER;
	timer_init(&watchdog->timer, watchdog_timer);
	result = vdev_irq_connect(config, 0, &watchdog->irq, error);
	if (result < 0 && result != -ENOENT) {
		object_free(watchdog);
		return result;
	}
	*out = &watchdog->vdev;
	return 0;
}

static const struct vdev_type watchdog_type = {
	.name = "sunxi-watchdog",
	.compatible = (const char *const[]){ "allwinner,sun20i-d1-wdt", NULL },
	.create = watchdog_create,
};
VDEV_REGISTER(watchdog_type);

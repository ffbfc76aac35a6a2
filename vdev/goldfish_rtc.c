// SPDX-License-Identifier: BSD-2-Clause
/*
 * A virtual Goldfish real-time clock: the host's time of day, which a guest may set for itself
 * alone, and an alarm. Not the driver of the host's clock: that is drivers/rtc/goldfish.c.
 *
 * Lock order: the device's lock -> the interrupt controller's, the timer queue's. A pending timer
 * is never cancelled under the lock, since its function takes the lock too: it finds out by itself
 * that it is no longer wanted.
 */
#include <errno.h>

#include <corbel/object.h>
#include <corbel/spinlock.h>
#include <corbel/time.h>
#include <corbel/vdev.h>
#include <corbel/wall_clock.h>

/* Registers, 32 bits each. */
enum {
	RTC_TIME_LOW = 0x00, /* reading it latches the high word */
	RTC_TIME_HIGH = 0x04,
	RTC_ALARM_LOW = 0x08, /* writing it sets the alarm; the high word comes first */
	RTC_ALARM_HIGH = 0x0c,
	RTC_IRQ_ENABLED = 0x10,
	RTC_CLEAR_ALARM = 0x14,
	RTC_ALARM_STATUS = 0x18,
	RTC_CLEAR_INTERRUPT = 0x1c,
};

struct goldfish {
	struct vdev vdev;
	struct vdev_irq irq;
	struct timer timer;
	struct spinlock lock; /* everything below */
	uint64_t offset_ns;   /* what the guest's time is ahead of the host's */
	uint32_t time_high;   /* latched */
	uint64_t alarm_ns;
	bool alarm_armed;
	bool irq_enabled;
	bool irq_pending;
	bool irq_level;
};

static struct goldfish *goldfish_of(struct vdev *vdev)
{
	return container_of(vdev, struct goldfish, vdev);
}

static uint64_t guest_now(const struct goldfish *rtc)
{
	return wall_clock_now() + rtc->offset_ns;
}

static void irq_update(struct goldfish *rtc)
{
	bool level = rtc->irq_enabled && rtc->irq_pending;

	if (level == rtc->irq_level)
		return;
	rtc->irq_level = level;
	vdev_irq_set(&rtc->irq, level);
}

/* The alarm goes off, or the timer is set for when it will. */
static void alarm_update(struct goldfish *rtc)
{
	uint64_t now = guest_now(rtc);
	uint64_t deadline;

	if (!rtc->alarm_armed)
		return;
	if (rtc->alarm_ns <= now) {
		rtc->alarm_armed = false;
		rtc->irq_pending = true;
	} else if (!__builtin_add_overflow(time_now(), rtc->alarm_ns - now, &deadline)) {
		timer_set(&rtc->timer, deadline);
	}
}

static void alarm_timer(struct timer *timer)
{
	struct goldfish *rtc = container_of(timer, struct goldfish, timer);
	unsigned long flags = spin_lock_irqsave(&rtc->lock);

	alarm_update(rtc);
	irq_update(rtc);
	spin_unlock_irqrestore(&rtc->lock, flags);
}

static uint32_t register_read(struct goldfish *rtc, uint64_t offset)
{
	uint64_t now;

	switch (offset) {
	case RTC_TIME_LOW:
		now = guest_now(rtc);
		rtc->time_high = (uint32_t)(now >> 32);
		return (uint32_t)now;
	case RTC_TIME_HIGH:
		return rtc->time_high;
	case RTC_ALARM_LOW:
		return (uint32_t)rtc->alarm_ns;
	case RTC_ALARM_HIGH:
		return (uint32_t)(rtc->alarm_ns >> 32);
	case RTC_IRQ_ENABLED:
		return rtc->irq_enabled;
	case RTC_ALARM_STATUS:
		return rtc->alarm_armed;
	default:
		return 0;
	}
}

static uint64_t low_word_set(uint64_t value, uint32_t low)
{
	return (value & ~(uint64_t)UINT32_MAX) | low;
}

static uint64_t high_word_set(uint64_t value, uint32_t high)
{
	return (value & UINT32_MAX) | (uint64_t)high << 32;
}

static void guest_time_set(struct goldfish *rtc, uint64_t now)
{
	rtc->offset_ns = now - wall_clock_now();
	alarm_update(rtc);
}

static void register_write(struct goldfish *rtc, uint64_t offset, uint32_t value)
{
	switch (offset) {
	case RTC_TIME_LOW:
		guest_time_set(rtc, low_word_set(guest_now(rtc), value));
		break;
	case RTC_TIME_HIGH:
		guest_time_set(rtc, high_word_set(guest_now(rtc), value));
		break;
	case RTC_ALARM_LOW:
		rtc->alarm_ns = low_word_set(rtc->alarm_ns, value);
		rtc->alarm_armed = true;
		alarm_update(rtc);
		break;
	case RTC_ALARM_HIGH:
		rtc->alarm_ns = high_word_set(rtc->alarm_ns, value);
		break;
	case RTC_IRQ_ENABLED:
		rtc->irq_enabled = (value & 1) != 0;
		break;
	case RTC_CLEAR_ALARM:
		rtc->alarm_armed = false;
		break;
	case RTC_CLEAR_INTERRUPT:
		rtc->irq_pending = false;
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

static int goldfish_read(struct vdev *vdev, unsigned int region, uint64_t offset, unsigned int size,
			 uint64_t *value)
{
	struct goldfish *rtc = goldfish_of(vdev);

	(void)region;
	if (!access_is_valid(offset, size))
		return -ENXIO;
	spin_lock(&rtc->lock);
	*value = register_read(rtc, offset);
	spin_unlock(&rtc->lock);
	return 0;
}

static int goldfish_write(struct vdev *vdev, unsigned int region, uint64_t offset,
			  unsigned int size, uint64_t value)
{
	struct goldfish *rtc = goldfish_of(vdev);

	(void)region;
	if (!access_is_valid(offset, size))
		return -ENXIO;
	spin_lock(&rtc->lock);
	register_write(rtc, offset, (uint32_t)value);
	irq_update(rtc);
	spin_unlock(&rtc->lock);
	return 0;
}

/* Back to power-on state with the timer gone; but the time goes on, as behind a battery. */
static void goldfish_reset(struct vdev *vdev)
{
	struct goldfish *rtc = goldfish_of(vdev);
	unsigned long flags = spin_lock_irqsave(&rtc->lock);

	rtc->time_high = 0;
	rtc->alarm_ns = 0;
	rtc->alarm_armed = false; /* before the timer is cancelled: its function may set it again */
	rtc->irq_enabled = false;
	rtc->irq_pending = false;
	irq_update(rtc);
	spin_unlock_irqrestore(&rtc->lock, flags);
	timer_cancel(&rtc->timer);
}

static void goldfish_destroy(struct vdev *vdev)
{
	struct goldfish *rtc = goldfish_of(vdev);
	unsigned long flags = spin_lock_irqsave(&rtc->lock);

	rtc->alarm_armed = false;
	spin_unlock_irqrestore(&rtc->lock, flags);
	timer_cancel(&rtc->timer);
	object_free(rtc);
}

static const struct vdev_ops goldfish_ops = {
	.read = goldfish_read,
	.write = goldfish_write,
	.reset = goldfish_reset,
	.destroy = goldfish_destroy,
};

static int goldfish_create(const struct vdev_config *config, struct vdev **out, struct error *error)
{
	struct goldfish *rtc = object_alloc(sizeof(*rtc));
	int result;

	if (rtc == NULL)
		return error_set(error, -ENOMEM, "%s: no memory for a real-time clock",
				 config->file);
	rtc->vdev.ops = &goldfish_ops;
	timer_init(&rtc->timer, alarm_timer);
	result = vdev_irq_connect(config, 0, &rtc->irq, error);
	if (result < 0 && result != -ENOENT) {
		object_free(rtc);
		return result;
	}
	*out = &rtc->vdev;
	return 0;
}

static const struct vdev_type goldfish_type = {
	.name = "goldfish-rtc",
	.compatible = (const char *const[]){ "google,goldfish-rtc", NULL },
	.create = goldfish_create,
};
VDEV_REGISTER(goldfish_type);

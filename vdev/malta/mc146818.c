// SPDX-License-Identifier: BSD-2-Clause
/*
 * A virtual MC146818 real-time clock with its battery-backed memory, as in a PC's south bridge: the
 * host's time of day, which a guest may set for itself alone; alarm, periodic and update-ended
 * interrupts.
 *
 *	region 0  ports 70, 71: index and data; 72, 73 (may be missing): the upper bank of memory
 *
 * Nothing ticks here. Time, flags and the update-in-progress bit follow from the clock when they
 * are read, and a timer waits only for a flag that would interrupt. Guests measure the processor's
 * speed by polling that bit for a second, so reading it divides nothing.
 *
 * The year has two digits; 70 to 99 are of the last century. Fields are kept as numbers, so that a
 * guest which changes their format between setting and reading loses nothing.
 *
 * Lock order: the device's lock -> the interrupt controller's, the timer queue's. A pending timer
 * is never cancelled under the lock, since its function takes the lock too.
 */
#include <errno.h>
#include <string.h>

#include <corbel/object.h>
#include <corbel/panic.h>
#include <corbel/spinlock.h>
#include <corbel/time.h>
#include <corbel/vdev.h>
#include <corbel/wall_clock.h>
#include <lib/calendar.h>
#include <vdev/isa.h>

/* MC146818 data sheet, "Address Map". */
enum {
	RTC_SECONDS = 0x00,
	RTC_SECONDS_ALARM = 0x01,
	RTC_MINUTES = 0x02,
	RTC_MINUTES_ALARM = 0x03,
	RTC_HOURS = 0x04,
	RTC_HOURS_ALARM = 0x05,
	RTC_DAY_OF_WEEK = 0x06,
	RTC_DAY = 0x07,
	RTC_MONTH = 0x08,
	RTC_YEAR = 0x09,
	RTC_A = 0x0a,
	RTC_B = 0x0b,
	RTC_C = 0x0c,
	RTC_D = 0x0d,
	RTC_MEMORY = 0x0e,
	RTC_BANK_SIZE = 0x80,
};

#define A_RATE	      0x0fu
#define A_DIVIDER     0x70u
#define A_UPDATING    0x80u
#define A_MASK	      0x7fu
#define A_DEFAULT     0x26u /* 32768 Hz, 1024 Hz */
#define DIVIDER_RESET 0x60u /* both bits: it stands still */

#define B_24_HOURS 0x02u
#define B_BINARY   0x04u
#define B_UPDATED  0x10u
#define B_ALARM	   0x20u
#define B_PERIODIC 0x40u
#define B_SET	   0x80u
#define B_ENABLES  0x70u /* as the flags of C */
#define B_OUTPUT   0x08u
#define B_DEFAULT  B_24_HOURS

#define C_INTERRUPT 0x80u
#define D_VALID	    0x80u

#define HOUR_PM	   0x80u
#define ALARM_ANY  0xc0u /* and above: the field does not matter */
#define INDEX_MASK 0x7fu

/* From the rise of "update in progress" to the next second: data sheet, "Update Cycle". */
#define UPDATE_NS	   (2228 * NS_PER_US)
/* From the divider's release to the first update. */
#define DIVIDER_RELEASE_NS (NS_PER_S / 2)

#define DIVIDER_HZ	32768u
#define SECONDS_PER_DAY 86400u
#define NEVER		UINT64_MAX

struct rtc {
	struct vdev vdev;
	struct vdev_irq irq;
	struct timer timer;
	struct spinlock lock;	/* everything below */
	uint64_t offset_ns;	/* what the guest's time is ahead of the host's */
	uint64_t second;	/* the last that was looked at, since 1970 */
	uint64_t second_ns;	/* when it began, in the guest's time */
	struct calendar fields; /* of that second; or, while the clock is stopped, what is set */
	bool fields_valid;
	uint64_t flagged_ns; /* until when `flags` are right */
	uint8_t flags;
	uint8_t index[2];
	uint8_t alarm[3]; /* seconds, minutes, hours as written */
	uint8_t a, b;
	uint8_t memory[2 * RTC_BANK_SIZE];
	bool armed;
	bool irq_level;
};

static struct rtc *rtc_of(struct vdev *vdev)
{
	return container_of(vdev, struct rtc, vdev);
}

/* ---- the calendar ---- */

static void fields_set(struct calendar *fields, uint64_t second)
{
	calendar_from_seconds(second, fields);
	fields->year %= 100;
}

static uint32_t clamp(uint32_t value, uint32_t least, uint32_t most)
{
	return MIN(MAX(value, least), most);
}

/* Whatever a guest wrote, as a time. A day that its month does not have is one of the next. */
static uint64_t fields_get(const struct calendar *fields)
{
	const struct calendar time = {
		.second = clamp(fields->second, 0, 59),
		.minute = clamp(fields->minute, 0, 59),
		.hour = clamp(fields->hour, 0, 23),
		.day = clamp(fields->day, 1, 31),
		.month = clamp(fields->month, 1, 12),
		.year = clamp(fields->year, 0, 99) + (fields->year < 70 ? 2000 : 1900),
	};

	return calendar_to_seconds(&time);
}

/* ---- the guest's time ---- */

static uint64_t guest_now(const struct rtc *rtc)
{
	return wall_clock_now() + rtc->offset_ns;
}

static bool divider_runs(const struct rtc *rtc)
{
	return (rtc->a & DIVIDER_RESET) != DIVIDER_RESET;
}

/* Whether seconds go by; otherwise `fields` stand. */
static bool clock_runs(const struct rtc *rtc)
{
	return (rtc->b & B_SET) == 0 && divider_runs(rtc);
}

/* Makes `second` the one that `now` is in. Mostly it is the same or the next. */
static void second_update(struct rtc *rtc, uint64_t now)
{
	uint64_t ahead = now - rtc->second_ns;

	if (likely(ahead < NS_PER_S))
		return;
	if (ahead < 2 * NS_PER_S) {
		rtc->second++;
		rtc->second_ns += NS_PER_S;
	} else {
		rtc->second = now / NS_PER_S;
		rtc->second_ns = rtc->second * NS_PER_S;
	}
	if (clock_runs(rtc))
		rtc->fields_valid = false;
}

static void fields_update(struct rtc *rtc)
{
	if (rtc->fields_valid)
		return;
	fields_set(&rtc->fields, rtc->second);
	rtc->fields_valid = true;
}

/* From now on it is `second` and `phase_ns`. What a stopped clock shows stays. */
static void time_set(struct rtc *rtc, uint64_t second, uint64_t phase_ns)
{
	rtc->offset_ns = second * NS_PER_S + phase_ns - wall_clock_now();
	rtc->second = second;
	rtc->second_ns = second * NS_PER_S;
	if (clock_runs(rtc))
		rtc->fields_valid = false;
	rtc->flagged_ns = rtc->second_ns + phase_ns;
}

/* ---- flags ---- */

/* The number of the last edge of the periodic interrupt; rates 1 and 2 are 8 and 9 again. */
static unsigned int period_shift(const struct rtc *rtc)
{
	unsigned int rate = rtc->a & A_RATE;

	return rate < 3 ? rate + 6 : rate - 1;
}

/* When in its second the next period begins after `phase_ns`. */
static uint64_t period_after(const struct rtc *rtc, uint64_t phase_ns)
{
	unsigned int shift = period_shift(rtc);
	uint64_t ticks = (phase_ns * DIVIDER_HZ / NS_PER_S >> shift) + 1;

	return ((ticks << shift) * NS_PER_S + DIVIDER_HZ - 1) / DIVIDER_HZ;
}

static bool periods_run(const struct rtc *rtc)
{
	return (rtc->a & A_RATE) != 0 && divider_runs(rtc);
}

static uint32_t number_decode(const struct rtc *rtc, uint8_t value)
{
	return (rtc->b & B_BINARY) != 0 ? value : (value >> 4) * 10u + (value & 15u);
}

static uint8_t number_encode(const struct rtc *rtc, uint32_t number)
{
	return (uint8_t)((rtc->b & B_BINARY) != 0 ? number : number / 10 << 4 | number % 10);
}

static uint32_t hour_decode(const struct rtc *rtc, uint8_t value)
{
	uint32_t hour;

	if ((rtc->b & B_24_HOURS) != 0)
		return number_decode(rtc, value);
	hour = number_decode(rtc, value & (uint8_t)~HOUR_PM) % 12;
	return (value & HOUR_PM) != 0 ? hour + 12 : hour;
}

static uint8_t hour_encode(const struct rtc *rtc, uint32_t hour)
{
	uint8_t value;

	if ((rtc->b & B_24_HOURS) != 0)
		return number_encode(rtc, hour);
	value = number_encode(rtc, hour % 12 == 0 ? 12 : hour % 12);
	return hour >= 12 ? value | HOUR_PM : value;
}

/* A field of the alarm: the only value that fits, or any. */
struct pattern {
	bool any;
	uint32_t value;
	uint32_t limit;
};

/* The first value from `from` on that fits, or the limit. */
static uint32_t pattern_from(const struct pattern *pattern, uint32_t from)
{
	if (pattern->any)
		return MIN(from, pattern->limit);
	return pattern->value >= from ? MIN(pattern->value, pattern->limit) : pattern->limit;
}

static void alarm_patterns(const struct rtc *rtc, struct pattern patterns[3])
{
	for (unsigned int i = 0; i < 3; i++)
		patterns[i] = (struct pattern){ .any = rtc->alarm[i] >= ALARM_ANY,
						.value = number_decode(rtc, rtc->alarm[i]),
						.limit = i < 2 ? 60 : 24 };
	patterns[2].value = hour_decode(rtc, rtc->alarm[2]);
}

/* The first second of the day from `from` on at which the alarm goes off; SECONDS_PER_DAY: none. */
static uint32_t alarm_in_day(const struct pattern patterns[3], uint32_t from)
{
	uint32_t hour = from / 3600, minute = from / 60 % 60;
	uint32_t second = pattern_from(&patterns[0], from % 60);

	if (second == 60)
		minute++;
	if (pattern_from(&patterns[1], minute) != minute || second == 60)
		second = pattern_from(&patterns[0], 0);
	minute = pattern_from(&patterns[1], minute);
	if (minute == 60)
		hour++;
	if (pattern_from(&patterns[2], hour) != hour || minute == 60) {
		second = pattern_from(&patterns[0], 0);
		minute = pattern_from(&patterns[1], 0);
	}
	hour = pattern_from(&patterns[2], hour);
	if (hour == 24 || minute == 60 || second == 60)
		return SECONDS_PER_DAY;
	return hour * 3600 + minute * 60 + second;
}

/* The second after `second` at which the alarm goes off. */
static uint64_t alarm_after(const struct rtc *rtc, uint64_t second)
{
	struct pattern patterns[3];
	uint64_t day = (second + 1) / SECONDS_PER_DAY;
	uint32_t at;

	alarm_patterns(rtc, patterns);
	at = alarm_in_day(patterns, (uint32_t)((second + 1) % SECONDS_PER_DAY));
	if (at == SECONDS_PER_DAY) {
		day++;
		at = alarm_in_day(patterns, 0);
	}
	return at == SECONDS_PER_DAY ? NEVER : day * SECONDS_PER_DAY + at;
}

/* Sets the flags of what has happened since they were last looked at. */
static void flags_update(struct rtc *rtc, uint64_t now)
{
	uint64_t before, phase;

	second_update(rtc, rtc->flagged_ns);
	before = rtc->second;
	phase = rtc->flagged_ns - rtc->second_ns;
	if (periods_run(rtc) && now - rtc->second_ns >= period_after(rtc, phase))
		rtc->flags |= B_PERIODIC;
	second_update(rtc, now);
	if (clock_runs(rtc) && rtc->second != before) {
		rtc->flags |= B_UPDATED;
		if (alarm_after(rtc, before) <= rtc->second)
			rtc->flags |= B_ALARM;
	}
	rtc->flagged_ns = now;
}

/* When the next flag comes that interrupts. The flags are right. */
static uint64_t flag_next(const struct rtc *rtc)
{
	uint64_t next = NEVER, alarm;

	if (clock_runs(rtc) && (rtc->b & B_UPDATED) != 0)
		next = rtc->second_ns + NS_PER_S;
	if (clock_runs(rtc) && (rtc->b & B_ALARM) != 0) {
		alarm = alarm_after(rtc, rtc->second);
		if (alarm != NEVER)
			next = MIN(next, alarm * NS_PER_S);
	}
	if (periods_run(rtc) && (rtc->b & B_PERIODIC) != 0)
		next = MIN(next,
			   rtc->second_ns + period_after(rtc, rtc->flagged_ns - rtc->second_ns));
	return next;
}

/* Sets the output, and the timer for when it will rise. The flags are right. */
static void irq_update(struct rtc *rtc)
{
	bool level = (rtc->flags & rtc->b & B_ENABLES) != 0;
	uint64_t next = rtc->armed && !level ? flag_next(rtc) : NEVER;
	uint64_t deadline;

	if (next != NEVER && !__builtin_add_overflow(time_now(), next - rtc->flagged_ns, &deadline))
		timer_set(&rtc->timer, deadline);
	if (level == rtc->irq_level)
		return;
	rtc->irq_level = level;
	vdev_irq_set(&rtc->irq, level);
}

static void flag_timer(struct timer *timer)
{
	struct rtc *rtc = container_of(timer, struct rtc, timer);
	unsigned long flags = spin_lock_irqsave(&rtc->lock);

	flags_update(rtc, guest_now(rtc));
	irq_update(rtc);
	spin_unlock_irqrestore(&rtc->lock, flags);
}

/* ---- registers ---- */

static uint8_t a_read(struct rtc *rtc)
{
	uint64_t now = guest_now(rtc);

	second_update(rtc, now);
	if (clock_runs(rtc) && now - rtc->second_ns >= NS_PER_S - UPDATE_NS)
		return rtc->a | A_UPDATING;
	return rtc->a;
}

static uint8_t c_read(struct rtc *rtc)
{
	uint8_t value;

	flags_update(rtc, guest_now(rtc));
	value = rtc->flags;
	if ((rtc->flags & rtc->b & B_ENABLES) != 0)
		value |= C_INTERRUPT;
	rtc->flags = 0;
	irq_update(rtc);
	return value;
}

static uint32_t *field_at(struct rtc *rtc, unsigned int number)
{
	struct calendar *fields = &rtc->fields;

	switch (number) {
	case RTC_SECONDS:
		return &fields->second;
	case RTC_MINUTES:
		return &fields->minute;
	case RTC_HOURS:
		return &fields->hour;
	case RTC_DAY_OF_WEEK:
		return &fields->weekday;
	case RTC_DAY:
		return &fields->day;
	case RTC_MONTH:
		return &fields->month;
	default:
		ASSERT(number == RTC_YEAR);
		return &fields->year;
	}
}

static uint8_t field_read(struct rtc *rtc, unsigned int number)
{
	if (clock_runs(rtc))
		second_update(rtc, guest_now(rtc));
	fields_update(rtc);
	if (number == RTC_HOURS)
		return hour_encode(rtc, rtc->fields.hour);
	return number_encode(rtc, *field_at(rtc, number));
}

/* While the clock runs it is set at once; otherwise when it goes on. */
static void field_write(struct rtc *rtc, unsigned int number, uint8_t value)
{
	bool runs = clock_runs(rtc);
	uint64_t now = guest_now(rtc);

	if (runs)
		flags_update(rtc, now);
	fields_update(rtc);
	*field_at(rtc, number) =
		number == RTC_HOURS ? hour_decode(rtc, value) : number_decode(rtc, value);
	if (!runs)
		return;
	time_set(rtc, fields_get(&rtc->fields), now - rtc->second_ns);
	irq_update(rtc);
}

/*
 * Writes A and B together, for either may stop the clock or let it go on. It goes on with what is
 * set then. The divider's phase stays, unless it was reset: then half a second is over.
 */
static void control_write(struct rtc *rtc, uint8_t a, uint8_t b)
{
	bool ran = clock_runs(rtc), divided = divider_runs(rtc);
	uint64_t now = guest_now(rtc);

	flags_update(rtc, now);
	fields_update(rtc);
	rtc->a = a;
	rtc->b = (b & B_SET) != 0 ? b & (uint8_t)~B_UPDATED : b;
	if (divider_runs(rtc) && !divided)
		time_set(rtc, rtc->second, DIVIDER_RELEASE_NS);
	if (clock_runs(rtc) && !ran)
		time_set(rtc, fields_get(&rtc->fields), rtc->flagged_ns - rtc->second_ns);
	irq_update(rtc);
}

static uint8_t register_read(struct rtc *rtc, unsigned int number)
{
	switch (number) {
	case RTC_SECONDS_ALARM:
	case RTC_MINUTES_ALARM:
	case RTC_HOURS_ALARM:
		return rtc->alarm[number / 2];
	case RTC_A:
		return a_read(rtc);
	case RTC_B:
		return rtc->b;
	case RTC_C:
		return c_read(rtc);
	case RTC_D:
		return D_VALID;
	default:
		return field_read(rtc, number);
	}
}

static void register_write(struct rtc *rtc, unsigned int number, uint8_t value)
{
	switch (number) {
	case RTC_SECONDS_ALARM:
	case RTC_MINUTES_ALARM:
	case RTC_HOURS_ALARM:
		flags_update(rtc, guest_now(rtc));
		rtc->alarm[number / 2] = value;
		irq_update(rtc);
		break;
	case RTC_A:
		control_write(rtc, value & A_MASK, rtc->b);
		break;
	case RTC_B:
		control_write(rtc, rtc->a, value);
		break;
	case RTC_C:
	case RTC_D:
		break; /* read-only */
	default:
		field_write(rtc, number, value);
		break;
	}
}

/* ---- ports ---- */

static unsigned int register_number(const struct rtc *rtc, uint64_t offset)
{
	return offset < 2 ? rtc->index[0] : RTC_BANK_SIZE + rtc->index[1];
}

static uint8_t port_read(void *device, uint64_t offset)
{
	struct rtc *rtc = device;
	unsigned int number;

	if (offset > 3 || offset % 2 == 0)
		return 0xff;
	number = register_number(rtc, offset);
	return number < RTC_MEMORY ? register_read(rtc, number) : rtc->memory[number];
}

static void port_write(void *device, uint64_t offset, uint8_t value)
{
	struct rtc *rtc = device;
	unsigned int number;

	if (offset > 3)
		return;
	number = register_number(rtc, offset);
	if (offset % 2 == 0)
		rtc->index[offset / 2] = value & INDEX_MASK;
	else if (number < RTC_MEMORY)
		register_write(rtc, number, value);
	else
		rtc->memory[number] = value;
}

static int rtc_read(struct vdev *vdev, unsigned int region, uint64_t offset, unsigned int size,
		    uint64_t *value)
{
	struct rtc *rtc = rtc_of(vdev);

	(void)region;
	spin_lock(&rtc->lock);
	*value = isa_read(rtc, port_read, offset, size);
	spin_unlock(&rtc->lock);
	return 0;
}

static int rtc_write(struct vdev *vdev, unsigned int region, uint64_t offset, unsigned int size,
		     uint64_t value)
{
	struct rtc *rtc = rtc_of(vdev);

	(void)region;
	spin_lock(&rtc->lock);
	isa_write(rtc, port_write, offset, size, value);
	spin_unlock(&rtc->lock);
	return 0;
}

/* ---- life ---- */

/* Time, alarm and memory go on behind their battery; only interrupts are reset: "RESET". */
static void rtc_reset(struct vdev *vdev)
{
	struct rtc *rtc = rtc_of(vdev);
	unsigned long flags = spin_lock_irqsave(&rtc->lock);

	rtc->b &= (uint8_t) ~(B_ENABLES | B_OUTPUT);
	rtc->flags = 0;
	memset(rtc->index, 0, sizeof(rtc->index));
	irq_update(rtc); /* the timer is not set again: no flag interrupts now */
	spin_unlock_irqrestore(&rtc->lock, flags);
	timer_cancel(&rtc->timer);
}

static void rtc_destroy(struct vdev *vdev)
{
	struct rtc *rtc = rtc_of(vdev);
	unsigned long flags = spin_lock_irqsave(&rtc->lock);

	rtc->armed = false;
	spin_unlock_irqrestore(&rtc->lock, flags);
	timer_cancel(&rtc->timer);
	object_free(rtc);
}

static const struct vdev_ops rtc_ops = {
	.read = rtc_read,
	.write = rtc_write,
	.reset = rtc_reset,
	.destroy = rtc_destroy,
};

static int rtc_create(const struct vdev_config *config, struct vdev **out, struct error *error)
{
	struct rtc *rtc = object_alloc(sizeof(*rtc));
	int result;

	if (rtc == NULL)
		return error_set(error, -ENOMEM, "%s: no memory for a real-time clock",
				 config->file);
	rtc->vdev.ops = &rtc_ops;
	timer_init(&rtc->timer, flag_timer);
	rtc->armed = true;
	rtc->a = A_DEFAULT;
	rtc->b = B_DEFAULT;
	rtc->flagged_ns = guest_now(rtc);
	result = vdev_irq_connect(config, 0, &rtc->irq, error);
	if (result < 0 && result != -ENOENT) {
		object_free(rtc);
		return result;
	}
	*out = &rtc->vdev;
	return 0;
}

static const struct vdev_type rtc_type = {
	.name = "mc146818",
	.compatible = (const char *const[]){ "motorola,mc146818", NULL },
	.create = rtc_create,
};
VDEV_REGISTER(rtc_type);

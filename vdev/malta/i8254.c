// SPDX-License-Identifier: BSD-2-Clause
/*
 * A virtual 8254 interval timer as a PC's south bridge has it: counter 0 interrupts, counter 1 once
 * asked for refreshes, counter 2 has its gate and its output in a port of the bridge and would
 * sound the speaker.
 *
 *	region 0  ports 40 to 43: counters 0 to 2, control word
 *	region 1  port 61 (may be missing): gate and output of counter 2
 *
 * Nothing counts here. What a counter holds follows from when it was started and what time it is
 * now; only counter 0's next rising edge is waited for. A count takes effect when it is written,
 * not one clock later nor at the end of a period. Edges closer than EDGE_INTERVAL_MIN_NS become
 * one, and nobody makes up for those that went by while no CPU was free.
 *
 * Lock order: the device's lock -> the interrupt controller's, the timer queue's. A pending timer
 * is never cancelled under the lock, since its function takes the lock too.
 */
#include <errno.h>

#include <corbel/guest.h>
#include <corbel/object.h>
#include <corbel/spinlock.h>
#include <corbel/time.h>
#include <corbel/vdev.h>
#include <vdev/isa.h>

#define CLOCK_HZ UINT64_C(1193182)

#define COUNTER_COUNT 3u
#define CONTROL_PORT  3u
#define INTERRUPTING  0u /* counter */
#define SPEAKER	      2u /* counter */

/* A guest that stands still is looked at now and then only. */
#define EDGE_INTERVAL_MIN_NS	  (100 * NS_PER_US)
#define EDGE_INTERVAL_STANDING_NS (100 * NS_PER_MS)
#define NO_EDGE			  UINT64_MAX

/* Control word: 8254 data sheet, "Control Word Format". */
#define CONTROL_BCD	      0x01u
#define CONTROL_MODE(v)	      ((v) >> 1 & 7)
#define CONTROL_ACCESS(v)     ((v) >> 4 & 3)
#define CONTROL_SELECT(v)     ((v) >> 6)
#define SELECT_READ_BACK      3u
#define READ_BACK_KEEP_STATUS 0x10u
#define READ_BACK_KEEP_COUNT  0x20u

#define STATUS_OUTPUT	  0x80u
#define STATUS_NULL_COUNT 0x40u

#define ACCESS_LATCH 0u
#define ACCESS_LOW   1u
#define ACCESS_HIGH  2u
#define ACCESS_BOTH  3u

enum mode {
	MODE_INTERRUPT = 0,    /* output rises at the end */
	MODE_ONE_SHOT = 1,     /* the same, started by the gate */
	MODE_RATE = 2,	       /* low for one clock of each period */
	MODE_SQUARE = 3,       /* low for half of each period */
	MODE_STROBE = 4,       /* low for one clock at the end */
	MODE_GATED_STROBE = 5, /* the same, started by the gate */
};

/* Port 61. */
#define SPEAKER_GATE	0x01u
#define SPEAKER_DATA	0x02u
#define SPEAKER_MASK	0x0fu /* with two bits for NMIs, which there are none of */
#define SPEAKER_REFRESH 0x10u /* changes all the time */
#define SPEAKER_OUTPUT	0x20u
#define REFRESH_CLOCKS	18u /* 15 us */

#define BINARY_MODULUS 0x10000u
#define BCD_MODULUS    10000u

struct counter {
	enum mode mode;
	uint8_t access;
	bool bcd;
	bool gate;
	bool started; /* the output is no longer what the control word made it */
	bool counting;
	uint64_t start;	  /* counting: the clock at which it began */
	uint64_t elapsed; /* not counting: clocks that it had counted */
	uint32_t count;	  /* what it counts down from, 1 to the modulus */
	uint32_t written; /* the next one; differs until the gate starts it */
	uint8_t low_written;
	bool high_is_next_write, high_is_next_read;
	uint8_t latched[2]; /* bytes still to be read, the first one first */
	unsigned int latched_count;
	uint8_t status;
	bool status_latched;
};

struct i8254 {
	struct vdev vdev;
	struct vdev_irq irq;
	struct timer timer;
	struct spinlock lock; /* everything below */
	struct counter counters[COUNTER_COUNT];
	uint64_t edge; /* the clock of counter 0's next rising edge that will interrupt */
	uint8_t speaker;
	bool irq_level;
};

static struct i8254 *i8254_of(struct vdev *vdev)
{
	return container_of(vdev, struct i8254, vdev);
}

/* ---- clocks ---- */

static uint64_t clock_at(uint64_t ns)
{
	return ns / NS_PER_S * CLOCK_HZ + ns % NS_PER_S * CLOCK_HZ / NS_PER_S;
}

static uint64_t clock_now(void)
{
	return clock_at(time_now());
}

/* The first nanosecond of a clock. */
static uint64_t clock_to_ns(uint64_t clock)
{
	return clock / CLOCK_HZ * NS_PER_S +
	       (clock % CLOCK_HZ * NS_PER_S + CLOCK_HZ - 1) / CLOCK_HZ;
}

/* ---- a counter and the time ---- */

static bool is_periodic(const struct counter *counter)
{
	return counter->mode == MODE_RATE || counter->mode == MODE_SQUARE;
}

static bool is_gate_started(const struct counter *counter)
{
	return counter->mode == MODE_ONE_SHOT || counter->mode == MODE_GATED_STROBE;
}

static uint64_t elapsed_at(const struct counter *counter, uint64_t clock)
{
	if (!counter->counting)
		return counter->elapsed;
	return clock > counter->start ? clock - counter->start : 0;
}

static bool output_at(const struct counter *counter, uint64_t clock)
{
	uint64_t elapsed = elapsed_at(counter, clock);

	if (!counter->started)
		return counter->mode != MODE_INTERRUPT;
	switch (counter->mode) {
	case MODE_INTERRUPT:
	case MODE_ONE_SHOT:
		return elapsed >= counter->count;
	case MODE_RATE:
		return !counter->counting || elapsed % counter->count != counter->count - 1;
	case MODE_SQUARE:
		return !counter->counting || elapsed % counter->count < (counter->count + 1) / 2;
	case MODE_STROBE:
	case MODE_GATED_STROBE:
		break;
	}
	return elapsed != counter->count;
}

static uint32_t modulus(const struct counter *counter)
{
	return counter->bcd ? BCD_MODULUS : BINARY_MODULUS;
}

/* A square wave is counted in steps of two, twice each period; an odd count begins one lower. */
static uint32_t square_value(const struct counter *counter, uint32_t phase)
{
	uint32_t half = (counter->count + 1) / 2;

	if (phase >= half)
		phase -= half;
	return (counter->count & ~1u) - 2 * phase;
}

static uint32_t value_at(const struct counter *counter, uint64_t clock)
{
	uint64_t elapsed = elapsed_at(counter, clock);
	uint32_t size = modulus(counter);

	if (counter->mode == MODE_SQUARE)
		return square_value(counter, (uint32_t)(elapsed % counter->count)) % size;
	if (counter->mode == MODE_RATE)
		return (counter->count - (uint32_t)(elapsed % counter->count)) % size;
	return (counter->count % size + size - (uint32_t)(elapsed % size)) % size;
}

static uint16_t register_at(const struct counter *counter, uint64_t clock)
{
	uint32_t value = value_at(counter, clock);

	if (!counter->bcd)
		return (uint16_t)value;
	return (uint16_t)(value / 1000 << 12 | value / 100 % 10 << 8 | value / 10 % 10 << 4 |
			  value % 10);
}

/* The first rising edge of the output after the clock; NO_EDGE: none without a further write. */
static uint64_t edge_after(const struct counter *counter, uint64_t clock)
{
	uint64_t elapsed = elapsed_at(counter, clock), at;

	if (!counter->started || !counter->counting)
		return NO_EDGE;
	if (is_periodic(counter))
		return counter->count < 2 ?
			       NO_EDGE :
			       counter->start + (elapsed / counter->count + 1) * counter->count;
	at = counter->count;
	if (counter->mode == MODE_STROBE || counter->mode == MODE_GATED_STROBE)
		at++;
	return elapsed < at ? counter->start + at : NO_EDGE;
}

/* ---- starting and stopping ---- */

static void counter_start(struct counter *counter, uint64_t clock)
{
	counter->count = counter->written;
	counter->started = true;
	counter->counting = true;
	counter->start = clock;
}

static void counter_stop(struct counter *counter, uint64_t clock)
{
	counter->elapsed = elapsed_at(counter, clock);
	counter->counting = false;
}

static uint32_t count_decode(const struct counter *counter, uint16_t value)
{
	uint32_t count = value;

	if (counter->bcd)
		count = (value >> 12) * 1000u + (value >> 8 & 15) * 100u + (value >> 4 & 15) * 10u +
			(value & 15u);
	return count == 0 ? modulus(counter) : MIN(count, modulus(counter));
}

/* A count is complete. What a gate starts waits for it, and goes on with the last count until then.
 */
static void count_load(struct counter *counter, uint16_t value, uint64_t clock)
{
	counter->written = count_decode(counter, value);
	if (is_gate_started(counter))
		return;
	counter_start(counter, clock);
	if (!counter->gate)
		counter_stop(counter, clock);
}

static void gate_set(struct counter *counter, bool gate, uint64_t clock)
{
	bool rises = gate && !counter->gate;
	bool falls = !gate && counter->gate;

	counter->gate = gate;
	if (is_gate_started(counter)) {
		if (rises && counter->written != 0)
			counter_start(counter, clock);
		return;
	}
	if (falls && counter->counting) {
		counter_stop(counter, clock);
	} else if (rises && counter->started) {
		counter->counting = true;
		counter->start = is_periodic(counter) ? clock : clock - counter->elapsed;
	}
}

/* ---- ports of a counter ---- */

static void mode_set(struct counter *counter, uint8_t control)
{
	unsigned int mode = CONTROL_MODE(control);

	/* Of the modes' third bit only 4 and 5 know: 6 is 2, and 7 is 3. */
	counter->mode = (enum mode)(mode > MODE_GATED_STROBE ? mode - 4 : mode);
	counter->access = CONTROL_ACCESS(control);
	counter->bcd = (control & CONTROL_BCD) != 0;
	counter->count = MIN(counter->count, modulus(counter));
	counter->written = 0;
	counter->started = false;
	counter->counting = false;
	counter->elapsed = 0;
	counter->high_is_next_write = counter->access == ACCESS_HIGH;
	counter->high_is_next_read = counter->high_is_next_write;
	counter->latched_count = 0;
	counter->status_latched = false;
}

/* The first of two bytes stops mode 0, so that it does not end in between. */
static void counter_write(struct counter *counter, uint8_t value, uint64_t clock)
{
	uint16_t count = value;

	if (counter->access == ACCESS_BOTH && !counter->high_is_next_write) {
		counter->low_written = value;
		counter->high_is_next_write = true;
		if (counter->mode == MODE_INTERRUPT) {
			counter->counting = false;
			counter->started = false;
			counter->elapsed = 0;
		}
		return;
	}
	if (counter->access == ACCESS_BOTH) {
		count = (uint16_t)(value << 8 | counter->low_written);
		counter->high_is_next_write = false;
	} else if (counter->access == ACCESS_HIGH) {
		count = (uint16_t)(value << 8);
	}
	count_load(counter, count, clock);
}

/* Keeps the count as it is now until it has been read; one that was kept already stays. */
static void count_latch(struct counter *counter, uint64_t clock)
{
	uint16_t value = register_at(counter, clock);

	if (counter->latched_count != 0)
		return;
	if (counter->access != ACCESS_HIGH)
		counter->latched[counter->latched_count++] = (uint8_t)value;
	if (counter->access != ACCESS_LOW)
		counter->latched[counter->latched_count++] = (uint8_t)(value >> 8);
}

static void status_latch(struct counter *counter, uint64_t clock)
{
	if (counter->status_latched)
		return;
	counter->status_latched = true;
	counter->status =
		(uint8_t)(counter->access << 4 | (unsigned int)counter->mode << 1 | counter->bcd);
	if (output_at(counter, clock))
		counter->status |= STATUS_OUTPUT;
	if (!counter->started || counter->written != counter->count)
		counter->status |= STATUS_NULL_COUNT;
}

static uint8_t counter_read(struct counter *counter, uint64_t clock)
{
	uint16_t value;
	bool high = counter->high_is_next_read;

	if (counter->status_latched) {
		counter->status_latched = false;
		return counter->status;
	}
	if (counter->latched_count != 0) {
		uint8_t first = counter->latched[0];

		counter->latched[0] = counter->latched[1];
		counter->latched_count--;
		return first;
	}
	value = register_at(counter, clock);
	if (counter->access == ACCESS_BOTH)
		counter->high_is_next_read = !high;
	return (uint8_t)(high ? value >> 8 : value);
}

/* ---- the interrupt ---- */

static void line_set(struct i8254 *timer, bool level)
{
	if (level == timer->irq_level)
		return;
	timer->irq_level = level;
	vdev_irq_set(&timer->irq, level);
}

static void edge_wait(struct i8254 *timer)
{
	uint64_t now = time_now();
	uint64_t interval = READ_ONCE(timer->vdev.guest->run_allowed) ? EDGE_INTERVAL_MIN_NS :
									EDGE_INTERVAL_STANDING_NS;

	if (timer->edge != NO_EDGE)
		timer_set(&timer->timer, MAX(clock_to_ns(timer->edge), now + interval));
}

/* Counter 0 was written. */
static void edge_update(struct i8254 *timer, uint64_t clock)
{
	const struct counter *counter = &timer->counters[INTERRUPTING];

	timer->edge = edge_after(counter, clock);
	line_set(timer, output_at(counter, clock));
	if (timer->edge != NO_EDGE)
		timer_set(&timer->timer, clock_to_ns(timer->edge));
}

/* Edges are what interrupts; that the output is low for a while before is not shown. */
static void edge_timer(struct timer *base)
{
	struct i8254 *timer = container_of(base, struct i8254, timer);
	unsigned long flags = spin_lock_irqsave(&timer->lock);
	uint64_t clock = clock_now();

	if (clock >= timer->edge) {
		line_set(timer, false);
		line_set(timer, true);
		timer->edge = edge_after(&timer->counters[INTERRUPTING], clock);
	}
	edge_wait(timer);
	spin_unlock_irqrestore(&timer->lock, flags);
}

/* ---- ports ---- */

static void read_back(struct i8254 *timer, uint8_t command, uint64_t clock)
{
	for (unsigned int i = 0; i < COUNTER_COUNT; i++) {
		if ((command >> (i + 1) & 1) == 0)
			continue;
		if ((command & READ_BACK_KEEP_COUNT) == 0)
			count_latch(&timer->counters[i], clock);
		if ((command & READ_BACK_KEEP_STATUS) == 0)
			status_latch(&timer->counters[i], clock);
	}
}

static void control_write(struct i8254 *timer, uint8_t value, uint64_t clock)
{
	unsigned int select = CONTROL_SELECT(value);

	if (select == SELECT_READ_BACK) {
		read_back(timer, value, clock);
	} else if (CONTROL_ACCESS(value) == ACCESS_LATCH) {
		count_latch(&timer->counters[select], clock);
	} else {
		mode_set(&timer->counters[select], value);
		if (select == INTERRUPTING)
			edge_update(timer, clock);
	}
}

static uint8_t counter_port_read(void *device, uint64_t offset)
{
	struct i8254 *timer = device;

	return offset < COUNTER_COUNT ? counter_read(&timer->counters[offset], clock_now()) : 0xff;
}

static void counter_port_write(void *device, uint64_t offset, uint8_t value)
{
	struct i8254 *timer = device;
	uint64_t clock = clock_now();

	if (offset == CONTROL_PORT)
		control_write(timer, value, clock);
	if (offset >= COUNTER_COUNT)
		return;
	counter_write(&timer->counters[offset], value, clock);
	if (offset == INTERRUPTING)
		edge_update(timer, clock);
}

static uint8_t speaker_port_read(void *device, uint64_t offset)
{
	const struct i8254 *timer = device;
	uint64_t clock = clock_now();
	uint8_t value = timer->speaker;

	if (offset != 0)
		return 0xff;
	if ((clock / REFRESH_CLOCKS & 1) != 0)
		value |= SPEAKER_REFRESH;
	if (output_at(&timer->counters[SPEAKER], clock))
		value |= SPEAKER_OUTPUT;
	return value;
}

static void speaker_port_write(void *device, uint64_t offset, uint8_t value)
{
	struct i8254 *timer = device;

	if (offset != 0)
		return;
	timer->speaker = value & SPEAKER_MASK;
	gate_set(&timer->counters[SPEAKER], (value & SPEAKER_GATE) != 0, clock_now());
}

static int i8254_read(struct vdev *vdev, unsigned int region, uint64_t offset, unsigned int size,
		      uint64_t *value)
{
	struct i8254 *timer = i8254_of(vdev);

	spin_lock(&timer->lock);
	*value = isa_read(timer, region == 0 ? counter_port_read : speaker_port_read, offset, size);
	spin_unlock(&timer->lock);
	return 0;
}

static int i8254_write(struct vdev *vdev, unsigned int region, uint64_t offset, unsigned int size,
		       uint64_t value)
{
	struct i8254 *timer = i8254_of(vdev);

	spin_lock(&timer->lock);
	isa_write(timer, region == 0 ? counter_port_write : speaker_port_write, offset, size,
		  value);
	spin_unlock(&timer->lock);
	return 0;
}

/* ---- life ---- */

/* Hardware starts in no particular state; here counters wait for a count, outputs low. */
static void registers_reset(struct i8254 *timer)
{
	for (unsigned int i = 0; i < COUNTER_COUNT; i++)
		timer->counters[i] = (struct counter){ .mode = MODE_INTERRUPT,
						       .access = ACCESS_BOTH,
						       .gate = i != SPEAKER,
						       .count = BINARY_MODULUS };
	timer->edge = NO_EDGE;
	timer->speaker = 0;
}

static void i8254_reset(struct vdev *vdev)
{
	struct i8254 *timer = i8254_of(vdev);
	unsigned long flags = spin_lock_irqsave(&timer->lock);

	registers_reset(timer); /* before the timer is cancelled: its function may set it again */
	line_set(timer, false);
	spin_unlock_irqrestore(&timer->lock, flags);
	timer_cancel(&timer->timer);
}

static void i8254_destroy(struct vdev *vdev)
{
	struct i8254 *timer = i8254_of(vdev);
	unsigned long flags = spin_lock_irqsave(&timer->lock);

	timer->edge = NO_EDGE;
	spin_unlock_irqrestore(&timer->lock, flags);
	timer_cancel(&timer->timer);
	object_free(timer);
}

static const struct vdev_ops i8254_ops = {
	.read = i8254_read,
	.write = i8254_write,
	.reset = i8254_reset,
	.destroy = i8254_destroy,
};

static int i8254_create(const struct vdev_config *config, struct vdev **out, struct error *error)
{
	struct i8254 *timer = object_alloc(sizeof(*timer));
	int result;

	if (timer == NULL)
		return error_set(error, -ENOMEM, "%s: no memory for an interval timer",
				 config->file);
	timer->vdev.ops = &i8254_ops;
	timer->vdev.guest = config->guest;
	timer_init(&timer->timer, edge_timer);
	registers_reset(timer);
	result = vdev_irq_connect(config, 0, &timer->irq, error);
	if (result < 0 && result != -ENOENT) {
		object_free(timer);
		return result;
	}
	*out = &timer->vdev;
	return 0;
}

static const struct vdev_type i8254_type = {
	.name = "i8254",
	.compatible = (const char *const[]){ "intel,i8254", NULL },
	.create = i8254_create,
};
VDEV_REGISTER(i8254_type);

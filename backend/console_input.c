// SPDX-License-Identifier: BSD-2-Clause
/*
 * What is typed on the host's serial port, and where it goes: to the console in front, but for the
 * one key that leads to Corbel's own. A guest that does not read fills its buffer, then loses keys.
 */
#include <errno.h>

#include <corbel/panic.h>
#include <corbel/thread.h>
#include <corbel/time.h>
#include "console_private.h"

/* What is read from the port at a time, and how often in one interrupt. */
#define READ_CHUNK    64u
#define READ_LIMIT    4u
#define DELIVER_CHUNK 16u
#define POLL_INTERVAL (10 * NS_PER_MS)

size_t console_typed_add(struct console_typed *typed, const uint8_t *bytes, size_t count)
{
	count = MIN(count, CONSOLE_TYPED_SIZE - typed->count);
	for (size_t i = 0; i < count; i++)
		typed->bytes[(typed->first + typed->count + i) % CONSOLE_TYPED_SIZE] = bytes[i];
	typed->count += count;
	return count;
}

static size_t typed_peek(const struct console_typed *typed, uint8_t *bytes, size_t capacity)
{
	size_t count = MIN(typed->count, capacity);

	for (size_t i = 0; i < count; i++)
		bytes[i] = typed->bytes[(typed->first + i) % CONSOLE_TYPED_SIZE];
	return count;
}

static void typed_drop(struct console_typed *typed, size_t count)
{
	ASSERT(count <= typed->count);
	typed->first = (typed->first + count) % CONSOLE_TYPED_SIZE;
	typed->count -= count;
}

/*
 * One at a time delivers to a console, or bytes would change places. Whoever comes meanwhile, most
 * of all the device that has room again, leaves word.
 */
static void deliver_locked(struct console *console, unsigned long *flags)
{
	uint8_t bytes[DELIVER_CHUNK];

	if (console->delivering) {
		console->deliver_again = true;
		return;
	}
	console->delivering = true;
	while (console->typed.count > 0) {
		size_t count = typed_peek(&console->typed, bytes, sizeof(bytes));
		size_t taken;

		console->deliver_again = false;
		spin_unlock_irqrestore(&console_shared.lock, *flags);
		taken = console->line->device->input(console->line, bytes, count);
		*flags = spin_lock_irqsave(&console_shared.lock);
		ASSERT(taken <= count);
		typed_drop(&console->typed, taken);
		if (taken < count && !console->deliver_again)
			break;
	}
	console->delivering = false;
}

void console_deliver(struct console *console)
{
	unsigned long flags = spin_lock_irqsave(&console_shared.lock);

	ASSERT(console->users > 0);
	deliver_locked(console, &flags);
	console->users--;
	spin_unlock_irqrestore(&console_shared.lock, flags);
}

/* What one batch of typed bytes leads to, to be done with the lock released. */
struct input_result {
	struct console *deliver;
	struct console *ready;
	bool own_typed;
};

/* Lock held. */
static void route_byte(uint8_t byte, struct input_result *result)
{
	struct console *front = console_shared.front;

	if (byte == CONSOLE_ESCAPE && front != &console_shared.own) {
		struct console *ready = console_switch_own();

		if (ready != NULL)
			result->ready = ready;
		result->own_typed = true;
		return;
	}
	(void)console_typed_add(&front->typed, &byte, 1);
	if (front == &console_shared.own) {
		result->own_typed = true;
	} else if (result->deliver == NULL) {
		front->users++;
		result->deliver = front;
	}
	/* Nothing that is typed brings another guest to the front. */
	ASSERT(front == &console_shared.own || result->deliver == front);
}

static void input_finish(const struct input_result *result)
{
	console_ready(result->ready);
	if (result->deliver != NULL)
		console_deliver(result->deliver);
	if (result->own_typed)
		wait_queue_wake_all(&console_shared.own_input);
}

void console_typed_forward(void)
{
	struct input_result result = { NULL, NULL, false };
	unsigned long flags = spin_lock_irqsave(&console_shared.lock);
	struct console_typed *typed = &console_shared.own.typed;

	for (size_t rest = typed->count; rest > 0; rest--) {
		uint8_t byte = typed->bytes[typed->first];

		typed_drop(typed, 1);
		route_byte(byte, &result);
	}
	spin_unlock_irqrestore(&console_shared.lock, flags);
	input_finish(&result);
}

/* Whether there may be more. */
static bool input_take(struct host_serial *host)
{
	struct input_result result = { NULL, NULL, false };
	unsigned long flags = spin_lock_irqsave(&console_shared.lock);
	uint8_t bytes[READ_CHUNK];
	size_t count = host->ops->read(host, bytes, sizeof(bytes));

	for (size_t i = 0; i < count; i++)
		route_byte(bytes[i], &result);
	spin_unlock_irqrestore(&console_shared.lock, flags);
	input_finish(&result);
	return count == sizeof(bytes);
}

void console_host_event(struct host_serial *host)
{
	struct console *ready;
	unsigned long flags;
	bool own_room;

	for (unsigned int i = 0; i < READ_LIMIT && input_take(host); i++)
		;
	flags = spin_lock_irqsave(&console_shared.lock);
	console_pump();
	ready = console_ready_take(console_shared.front);
	own_room = console_is_own() && console_has_room(&console_shared.own);
	spin_unlock_irqrestore(&console_shared.lock, flags);
	console_ready(ready);
	if (own_room)
		wait_queue_wake_all(&console_shared.own_output);
}

static void poll_loop(void *argument)
{
	struct host_serial *host = argument;

	for (;;) {
		console_host_event(host);
		thread_sleep_until(time_now() + POLL_INTERVAL);
	}
}

int console_poll_start(void)
{
	struct thread *thread;
	int result = thread_create(
		&(struct thread_parameters){
			.name = "console-poll",
			.entry = poll_loop,
			.argument = console_shared.host,
			.priority = THREAD_PRIORITY_SERVICE,
		},
		&thread);

	if (result == 0)
		thread_start(thread);
	return result;
}

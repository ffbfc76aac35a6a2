// SPDX-License-Identifier: BSD-2-Clause
/*
 * Corbel's own console: where the management terminal prints and reads, and where log messages go.
 * A message that comes while a line is being edited wipes that line off the screen and has the
 * terminal draw it anew.
 */
#include <errno.h>
#include <string.h>

#include <corbel/log.h>
#include <corbel/panic.h>
#include <corbel/time.h>
#include "console_private.h"

#define WIPE_LINE "\r\033[K"

/* Copies text with each newline as CR LF; returns how much of the text fitted. */
static size_t newlines_expand(const char *text, size_t length, uint8_t *out, size_t capacity,
			      size_t *out_length)
{
	size_t used = 0;
	size_t i;

	for (i = 0; i < length && used + 2 <= capacity; i++) {
		if (text[i] == '\n')
			out[used++] = '\r';
		out[used++] = (uint8_t)text[i];
	}
	*out_length = used;
	return i;
}

/* While the machine ends: from a new line, whatever was being shown. */
static void panic_write(const char *text, size_t length)
{
	static bool begun;
	uint8_t chunk[64];

	if (!begun)
		console_write_unlocked((const uint8_t *)"\r\n", 2);
	begun = true;
	while (length > 0) {
		size_t size;
		size_t done = newlines_expand(text, length, chunk, sizeof(chunk), &size);

		console_write_unlocked(chunk, size);
		text += done;
		length -= done;
	}
}

/* Lock held. Takes everything, whatever the port does: the oldest that is not yet shown gives. */
static void own_append(const char *text, size_t length)
{
	uint8_t chunk[64];

	while (length > 0) {
		size_t size;
		size_t done = newlines_expand(text, length, chunk, sizeof(chunk), &size);

		console_append(&console_shared.own, chunk, size);
		console_shared.own_line_open = text[done - 1] != '\n';
		text += done;
		length -= done;
	}
}

void console_own_disturb(void)
{
	console_shared.own_disturbed = true;
}

/* The log's sink. */
static void message_show(const char *text, size_t length)
{
	unsigned long flags;
	bool disturbed;

	if (panic_in_progress()) {
		panic_write(text, length);
		return;
	}
	flags = spin_lock_irqsave(&console_shared.lock);
	disturbed = console_shared.own_line_open || console_shared.own_reading;
	if (disturbed) {
		const char *before = console_shared.own_reading ? WIPE_LINE : "\n";

		own_append(before, strlen(before));
		console_own_disturb();
	}
	own_append(text, length);
	if (console_is_own())
		console_pump();
	spin_unlock_irqrestore(&console_shared.lock, flags);
	if (disturbed)
		wait_queue_wake_all(&console_shared.own_input);
}

/* How much of the chunk the console took. */
static size_t chunk_output(const uint8_t *chunk, size_t size)
{
	unsigned long flags = spin_lock_irqsave(&console_shared.lock);
	size_t taken = console_output(&console_shared.own, chunk, size);

	if (taken > 0)
		console_shared.own_line_open = chunk[taken - 1] != '\n';
	spin_unlock_irqrestore(&console_shared.lock, flags);
	return taken;
}

static void chunk_write(const uint8_t *chunk, size_t size)
{
	size_t done = chunk_output(chunk, size);

	while (done < size) {
		wait_event(&console_shared.own_output, console_has_room(&console_shared.own));
		done += chunk_output(chunk + done, size - done);
	}
}

static void own_write(struct printer *printer, const char *text, size_t length)
{
	uint8_t chunk[64];

	(void)printer;
	if (panic_in_progress()) {
		panic_write(text, length);
		return;
	}
	while (length > 0) {
		size_t size;
		size_t done = newlines_expand(text, length, chunk, sizeof(chunk), &size);

		chunk_write(chunk, size);
		text += done;
		length -= done;
	}
}

struct printer *console_printer(void)
{
	static struct printer printer = { .write = own_write };

	return &printer;
}

/* Whether console_read_byte() has something to return. */
static bool read_ready(void)
{
	return READ_ONCE(console_shared.own.typed.count) > 0 ||
	       (READ_ONCE(console_shared.own_disturbed) && console_is_own());
}

static int read_result(void)
{
	struct console_typed *typed = &console_shared.own.typed;
	int result = -ETIMEDOUT;

	if (console_shared.own_disturbed && console_is_own()) {
		console_shared.own_disturbed = false;
		result = -EAGAIN;
	} else if (typed->count > 0) {
		result = typed->bytes[typed->first];
		typed->first = (typed->first + 1) % CONSOLE_TYPED_SIZE;
		typed->count--;
	}
	return result;
}

static void reading_set(bool reading)
{
	unsigned long flags = spin_lock_irqsave(&console_shared.lock);

	console_shared.own_reading = reading;
	spin_unlock_irqrestore(&console_shared.lock, flags);
}

int console_read_byte(uint64_t deadline_ns)
{
	unsigned long flags;
	int result;

	reading_set(true);
	(void)wait_event_until(&console_shared.own_input, read_ready(), deadline_ns);
	flags = spin_lock_irqsave(&console_shared.lock);
	console_shared.own_reading = false;
	result = read_result();
	spin_unlock_irqrestore(&console_shared.lock, flags);
	return result;
}

void console_own_init(void)
{
	log_sink_set(message_show);
}

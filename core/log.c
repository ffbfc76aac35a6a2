// SPDX-License-Identifier: BSD-2-Clause
/*
 * The log: a ring of text that keeps the newest messages, and the sink that shows them as they
 * come. It works from the first C code on and in any context, a panic included, so its lock is one
 * of its own: whoever holds it already (a fault inside the log) passes, and a panic waits for it
 * only so long.
 */
#include <corbel/arch.h>
#include <corbel/cpu.h>
#include <corbel/log.h>
#include <corbel/panic.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define RING_SIZE	((size_t)65536)
#define LINE_SIZE	256 /* of the message, terminated */
#define PREFIX_SIZE	40
#define PANIC_SPIN_MAX	1000000u
#define PRINT_PART_SIZE 256

static char ring[RING_SIZE];
static uint64_t ring_written; /* bytes, since boot; the holder of the lock writes */
static struct cpu *holder;    /* of the lock; atomic */

static void early_sink(const char *text, size_t length);
static void (*current_sink)(const char *text, size_t length) = early_sink;

struct log_guard {
	unsigned long irq_flags;
	bool taken;
};

static struct log_guard log_lock(void)
{
	struct log_guard guard = { .irq_flags = arch_irq_save(), .taken = false };
	struct cpu *self = cpu_self();

	for (unsigned int spins = 0;; spins++) {
		struct cpu *expected = NULL;

		guard.taken = __atomic_compare_exchange_n(&holder, &expected, self, false,
							  __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
		if (guard.taken || expected == self)
			break;
		if (panic_in_progress() && spins > PANIC_SPIN_MAX)
			break;
		arch_cpu_relax();
	}
	return guard;
}

static void log_unlock(struct log_guard guard)
{
	if (guard.taken)
		__atomic_store_n(&holder, NULL, __ATOMIC_RELEASE);
	arch_irq_restore(guard.irq_flags);
}

/* The board's console as it is before drivers run: a line must end in CR LF there. */
static void early_sink(const char *text, size_t length)
{
	while (length > 0) {
		const char *newline = memchr(text, '\n', length);
		size_t part = newline == NULL ? length : (size_t)(newline - text);

		arch_early_console_write(text, part);
		if (newline == NULL)
			return;
		arch_early_console_write("\r\n", 2);
		text += part + 1;
		length -= part + 1;
	}
}

static void ring_write(const char *text, size_t length)
{
	while (length > 0) {
		size_t offset = ring_written % RING_SIZE;
		size_t part = MIN(length, RING_SIZE - offset);

		memcpy(ring + offset, text, part);
		ring_written += part;
		text += part;
		length -= part;
	}
}

static const char *level_prefix(enum log_level level)
{
	switch (level) {
	case LOG_ERROR:
		return "error: ";
	case LOG_WARNING:
		return "warning: ";
	default:
		return "";
	}
}

/* The whole line with its newline; returns its length. */
static size_t line_format(char line[PREFIX_SIZE + LINE_SIZE], enum log_level level,
			  const char *format, va_list arguments)
{
	uint64_t now_us = arch_time_now() / NS_PER_US;
	int prefix, length;

	prefix = snprintf(line, PREFIX_SIZE, "[%5llu.%06llu] %s",
			  (unsigned long long)(now_us / 1000000),
			  (unsigned long long)(now_us % 1000000), level_prefix(level));
	length = vsnprintf(line + prefix, LINE_SIZE, format, arguments);
	length = prefix + MIN(MAX(length, 0), LINE_SIZE - 1);
	line[length] = '\n';
	return (size_t)length + 1;
}

void log_message(enum log_level level, const char *format, ...)
{
	char line[PREFIX_SIZE + LINE_SIZE];
	struct log_guard guard;
	va_list arguments;
	size_t length;

	va_start(arguments, format);
	length = line_format(line, level, format, arguments);
	va_end(arguments);
	guard = log_lock();
	ring_write(line, length);
	if (level != LOG_DEBUG)
		current_sink(line, length);
	log_unlock(guard);
}

void log_sink_set(void (*sink)(const char *text, size_t length))
{
	struct log_guard guard = log_lock();

	current_sink = sink == NULL ? early_sink : sink;
	log_unlock(guard);
}

/*
 * Copies what is kept from `*position` on and moves that along; what has been overwritten in the
 * meantime is skipped. The value is 0 at the end.
 */
static size_t ring_read(uint64_t *position, char *buffer, size_t size)
{
	struct log_guard guard = log_lock();
	uint64_t oldest = ring_written > RING_SIZE ? ring_written - RING_SIZE : 0;
	size_t count;

	*position = MAX(*position, oldest);
	count = (size_t)MIN((uint64_t)size, ring_written - *position);
	for (size_t i = 0; i < count; i++)
		buffer[i] = ring[(*position + i) % RING_SIZE];
	*position += count;
	log_unlock(guard);
	return count;
}

void log_print(struct printer *printer)
{
	char part[PRINT_PART_SIZE];
	uint64_t position = 0, end;
	bool line_begun = READ_ONCE(ring_written) <= RING_SIZE;
	size_t count;

	/* Ends at what is there now: printing may itself be logged. */
	end = READ_ONCE(ring_written);
	while (position < end && (count = ring_read(&position, part, sizeof(part))) > 0) {
		const char *text = part, *newline;

		if (!line_begun) {
			newline = memchr(part, '\n', count);
			if (newline == NULL)
				continue;
			line_begun = true;
			text = newline + 1;
		}
		printer->write(printer, text, (size_t)(part + count - text));
	}
}

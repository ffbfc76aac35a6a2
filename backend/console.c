// SPDX-License-Identifier: BSD-2-Clause
/*
 * Consoles and their output: which one is in front, what is kept of each, how it reaches the host's
 * serial port. What is typed is console_input.c's affair, Corbel's own console console_own.c's.
 */
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include <corbel/guest.h>
#include <corbel/log.h>
#include <corbel/object.h>
#include <corbel/panic.h>
#include <corbel/service.h>
#include <corbel/thread.h>
#include <corbel/time.h>
#include "console_private.h"

/* What the console in front may leave waiting for the host's port before its writer must wait. */
#define BACKLOG_MAX 1024u
/* What is handed to the host's port in one go with interrupts off. */
#define PUMP_LIMIT  256u
/* A port that takes nothing for so many attempts never will. */
#define PATIENCE    10000000u
/* How far back from the first byte not yet shown its line is looked for. */
#define LINE_MAX    256u

#define HISTORY_MASK (CONSOLE_HISTORY_SIZE - 1)

static uint8_t own_history[CONSOLE_HISTORY_SIZE];

/* Usable from the first instruction: until console_init() the port is the firmware's. */
struct console_shared console_shared = {
	.lock = SPINLOCK_INIT,
	.guests_lock = MUTEX_INIT(console_shared.guests_lock),
	.guests = LIST_INIT(console_shared.guests),
	.own = { .history = own_history },
	.front = &console_shared.own,
	.host = &firmware_console,
	.own_input = { .lock = SPINLOCK_INIT,
		       .waiters = LIST_INIT(console_shared.own_input.waiters) },
	.own_output = { .lock = SPINLOCK_INIT,
			.waiters = LIST_INIT(console_shared.own_output.waiters) },
};

static uint64_t console_waiting(const struct console *console)
{
	return console->written - console->shown;
}

void console_append(struct console *console, const uint8_t *bytes, size_t count)
{
	ASSERT(spin_is_held(&console_shared.lock));
	for (size_t i = 0; i < count; i++)
		console->history[(console->written + i) & HISTORY_MASK] = bytes[i];
	console->written += count;
	if (console_waiting(console) > CONSOLE_HISTORY_SIZE)
		console->shown = console->written - CONSOLE_HISTORY_SIZE;
}

static void room_notify(bool on)
{
	if (console_shared.host->ops->notify_room != NULL)
		console_shared.host->ops->notify_room(console_shared.host, on);
}

static size_t host_write(const void *bytes, size_t count)
{
	return console_shared.host->ops->write(console_shared.host, bytes, count);
}

/* False where the port takes no more for now. */
static bool pump_notice(void)
{
	struct console_shared *shared = &console_shared;

	while (shared->notice_sent < shared->notice_length) {
		size_t count = host_write(shared->notice + shared->notice_sent,
					  shared->notice_length - shared->notice_sent);

		if (count == 0)
			return false;
		shared->notice_sent += count;
	}
	return true;
}

void console_pump(void)
{
	struct console *front = console_shared.front;
	size_t sent = 0;

	ASSERT(spin_is_held(&console_shared.lock));
	if (!pump_notice()) {
		room_notify(true);
		return;
	}
	while (console_waiting(front) > 0 && sent < PUMP_LIMIT) {
		size_t start = front->shown & HISTORY_MASK;
		size_t count = MIN(console_waiting(front), CONSOLE_HISTORY_SIZE - start);

		count = host_write(front->history + start, MIN(count, PUMP_LIMIT - sent));
		if (count == 0)
			break;
		front->shown += count;
		sent += count;
	}
	room_notify(console_waiting(front) > 0);
}

/* The console in front, whose output goes to the port at once where nothing is before it. */
static size_t output_front(struct console *console, const uint8_t *bytes, size_t count)
{
	size_t taken = 0;

	if (console_waiting(console) == 0 &&
	    console_shared.notice_sent == console_shared.notice_length) {
		taken = host_write(bytes, count);
		console_append(console, bytes, taken);
		console->shown = console->written;
		if (taken == count)
			return taken;
	}
	if (console_waiting(console) < BACKLOG_MAX) {
		size_t rest = MIN(count - taken, BACKLOG_MAX - console_waiting(console));

		console_append(console, bytes + taken, rest);
		taken += rest;
	}
	console_pump();
	return taken;
}

size_t console_output(struct console *console, const uint8_t *bytes, size_t count)
{
	if (console == console_shared.front)
		return output_front(console, bytes, count);
	console_append(console, bytes, count);
	return count;
}

bool console_has_room(const struct console *console)
{
	return console != console_shared.front || console_waiting(console) <= BACKLOG_MAX / 2;
}

struct console *console_ready_take(struct console *console)
{
	if (!console->output_refused || !console_has_room(console))
		return NULL;
	console->output_refused = false;
	console->users++;
	return console;
}

void console_ready(struct console *console)
{
	unsigned long flags;

	if (console == NULL)
		return;
	console->line->device->output_ready(console->line);
	flags = spin_lock_irqsave(&console_shared.lock);
	console->users--;
	spin_unlock_irqrestore(&console_shared.lock, flags);
}

/*
 * Goes back to the beginning of the line that the first byte not yet shown belongs to, so that a
 * prompt which was shown long ago is seen again.
 */
static void show_line_again(struct console *console)
{
	uint64_t oldest = console->written - MIN(console->written, CONSOLE_HISTORY_SIZE);

	for (unsigned int i = 0; i < LINE_MAX && console->shown > oldest; i++) {
		if (console->history[(console->shown - 1) & HISTORY_MASK] == '\n')
			return;
		console->shown--;
	}
}

/* A printer into the notice; what does not fit is cut. */
static void notice_write(struct printer *printer, const char *text, size_t length)
{
	size_t room = CONSOLE_NOTICE_SIZE - console_shared.notice_length;

	(void)printer;
	length = MIN(length, room);
	memcpy(console_shared.notice + console_shared.notice_length, text, length);
	console_shared.notice_length += length;
}

PRINTF_LIKE(1, 0) static void notice_set(const char *format, va_list arguments)
{
	struct printer printer = { .write = notice_write };

	console_shared.notice_length = 0;
	console_shared.notice_sent = 0;
	print_list(&printer, format, arguments);
}

struct console *console_switch(struct console *next, const char *format, ...)
{
	struct console *previous = console_shared.front;
	va_list arguments;

	ASSERT(spin_is_held(&console_shared.lock));
	if (next == previous)
		return NULL;
	va_start(arguments, format);
	notice_set(format, arguments);
	va_end(arguments);
	console_shared.front = next;
	show_line_again(next);
	if (next == &console_shared.own)
		console_own_disturb();
	console_pump();
	return console_ready_take(previous);
}

struct console *console_switch_own(void)
{
	return console_switch(&console_shared.own, "\033[0m\r\n[corbel: back at the terminal]\r\n");
}

void console_write_unlocked(const uint8_t *text, size_t length)
{
	unsigned int patience = PATIENCE;

	while (length > 0 && patience > 0) {
		size_t count = host_write(text, length);

		text += count;
		length -= count;
		if (count == 0)
			patience--;
	}
}

/* ---- a guest's line ---- */

static size_t line_output(struct serial_line *line, const uint8_t *bytes, size_t count)
{
	struct console *console = line->peer_data;
	unsigned long flags = spin_lock_irqsave(&console_shared.lock);
	size_t taken = console_output(console, bytes, count);

	if (taken < count)
		console->output_refused = true;
	spin_unlock_irqrestore(&console_shared.lock, flags);
	return taken;
}

static void line_room(struct serial_line *line)
{
	struct console *console = line->peer_data;
	unsigned long flags = spin_lock_irqsave(&console_shared.lock);

	console->users++;
	spin_unlock_irqrestore(&console_shared.lock, flags);
	console_deliver(console);
}

static const struct serial_peer_ops console_peer_ops = {
	.output = line_output,
	.room = line_room,
};

static int line_attach(struct serial_line *line, struct error *error)
{
	struct console *console = object_alloc(sizeof(*console));

	if (console != NULL)
		console->history = object_alloc(CONSOLE_HISTORY_SIZE);
	if (console == NULL || console->history == NULL) {
		object_free(console);
		return error_set(error, -ENOMEM, "%s: no memory for a console", line->name);
	}
	console->line = line;
	line->peer_data = console;
	line->peer = &console_peer_ops;
	mutex_lock(&console_shared.guests_lock);
	list_add_last(&console_shared.guests, &console->node);
	mutex_unlock(&console_shared.guests_lock);
	return 0;
}

/* Nobody may find the console any more when this returns. */
static void line_withdraw(struct console *console)
{
	unsigned long flags;

	mutex_lock(&console_shared.guests_lock);
	list_remove(&console->node);
	mutex_unlock(&console_shared.guests_lock);

	flags = spin_lock_irqsave(&console_shared.lock);
	console->output_refused = false;
	if (console_shared.front == console)
		(void)console_switch(&console_shared.own, "\r\n[corbel: %s is gone]\r\n",
				     console->line->name);
	spin_unlock_irqrestore(&console_shared.lock, flags);
	wait_queue_wake_all(&console_shared.own_input);
	while (__atomic_load_n(&console->users, __ATOMIC_ACQUIRE) > 0)
		thread_sleep_until(time_now() + NS_PER_MS);
}

static void line_detach(struct serial_line *line)
{
	struct console *console = line->peer_data;

	line_withdraw(console);
	line->peer = NULL;
	line->peer_data = NULL;
	object_free(console->history);
	object_free(console);
}

static const struct serial_backend console_backend = {
	.name = "console",
	.attach = line_attach,
	.detach = line_detach,
};
SERIAL_BACKEND_REGISTER(console_backend);

/* ---- which one is in front ---- */

/* guests_lock held. */
static struct console *console_find(const char *guest_name, const char *line_name)
{
	ASSERT(mutex_is_held(&console_shared.guests_lock));
	list_for_each(&console_shared.guests, node) {
		struct console *console = list_entry(node, struct console, node);

		if (strcmp(console->line->guest->name, guest_name) == 0 &&
		    (line_name == NULL || strcmp(console->line->name, line_name) == 0))
			return console;
	}
	return NULL;
}

static int not_found(const char *guest_name, const char *line_name, struct error *error)
{
	if (line_name != NULL)
		return error_set(error, -ENOENT, "no guest \"%s\" with a console \"%s\"",
				 guest_name, line_name);
	return error_set(error, -ENOENT, "no guest \"%s\" with a console", guest_name);
}

int console_attach(const char *guest_name, const char *line_name, struct error *error)
{
	struct console *ready = NULL;
	struct console *console;
	unsigned long flags;

	mutex_lock(&console_shared.guests_lock);
	console = console_find(guest_name, line_name);
	if (console != NULL) {
		flags = spin_lock_irqsave(&console_shared.lock);
		ready = console_switch(console,
				       "\r\n[corbel: console of %s; Ctrl-] leads back]\r\n",
				       console->line->guest->name);
		spin_unlock_irqrestore(&console_shared.lock, flags);
	}
	mutex_unlock(&console_shared.guests_lock);
	console_ready(ready);
	wait_queue_wake_all(&console_shared.own_output);
	console_typed_forward();
	return console == NULL ? not_found(guest_name, line_name, error) : 0;
}

void console_detach(void)
{
	unsigned long flags = spin_lock_irqsave(&console_shared.lock);
	struct console *ready = console_switch_own();

	spin_unlock_irqrestore(&console_shared.lock, flags);
	console_ready(ready);
	wait_queue_wake_all(&console_shared.own_input);
}

bool console_is_own(void)
{
	return READ_ONCE(console_shared.front) == &console_shared.own;
}

int console_type(const char *guest_name, const uint8_t *bytes, size_t count, struct error *error)
{
	struct console *console;
	unsigned long flags;
	bool fits = false;

	mutex_lock(&console_shared.guests_lock);
	console = console_find(guest_name, NULL);
	if (console != NULL) {
		flags = spin_lock_irqsave(&console_shared.lock);
		fits = count <= CONSOLE_TYPED_SIZE - console->typed.count;
		if (fits) {
			(void)console_typed_add(&console->typed, bytes, count);
			console->users++;
		}
		spin_unlock_irqrestore(&console_shared.lock, flags);
	}
	mutex_unlock(&console_shared.guests_lock);
	if (console == NULL)
		return not_found(guest_name, NULL, error);
	if (!fits)
		return error_set(error, -EAGAIN,
				 "the guest \"%s\" reads nothing: its input is full", guest_name);
	console_deliver(console);
	return 0;
}

/* ---- start ---- */

int console_init(void)
{
	struct host_serial *host = host_serial_get();
	unsigned long flags;

	if (host == NULL) {
		host = &firmware_console;
		log_info("console: no serial port has a driver, the firmware's console is used");
	}
	console_own_init();
	flags = spin_lock_irqsave(&console_shared.lock);
	console_shared.host = host;
	host->event = console_host_event;
	spin_unlock_irqrestore(&console_shared.lock, flags);
	return host->polled ? console_poll_start() : 0;
}

static const struct service console_service = {
	.name = "console",
	.stage = SERVICE_CONSOLE,
	.start = console_init,
};
SERVICE_REGISTER(console_service);

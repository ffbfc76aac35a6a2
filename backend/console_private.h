// SPDX-License-Identifier: BSD-2-Clause
/*
 * What the parts of the console back end share: console.c (consoles and their output),
 * console_input.c (what is typed), console_own.c (Corbel's own console), firmware_console.c.
 *
 * Locks: console_shared.guests_lock (mutex) -> console_shared.lock (spinlock) -> wait queues. A
 * device may hold its own lock when it calls output(), so a device is only ever called with
 * console_shared.lock released.
 */
#ifndef BACKEND_CONSOLE_PRIVATE_H
#define BACKEND_CONSOLE_PRIVATE_H

#include <backend/console.h>
#include <corbel/host_serial.h>
#include <corbel/serial.h>
#include <corbel/spinlock.h>
#include <corbel/wait.h>
#include <lib/list.h>

/* A pasted page of text. An emulated port delivers that before a guest has run for a moment. */
#define CONSOLE_TYPED_SIZE  8192u
#define CONSOLE_NOTICE_SIZE 160u

/* Typed bytes that wait for whoever reads them. */
struct console_typed {
	uint8_t bytes[CONSOLE_TYPED_SIZE];
	size_t first;
	size_t count;
};

/*
 * A console. What it prints lives in `history` alone: the host's port is fed from there, as far as
 * `shown`, while the console is in front. `written` and `shown` count bytes since the beginning and
 * are never further apart than the history is long. All under console_shared.lock.
 */
struct console {
	struct list_node node;	  /* guests_lock */
	struct serial_line *line; /* constant; NULL: Corbel's own */
	uint8_t *history;	  /* CONSOLE_HISTORY_SIZE bytes */
	uint64_t written;
	uint64_t shown;
	bool output_refused; /* its device waits for output_ready() */
	unsigned int users;  /* who uses it with the lock released */
	struct console_typed typed;
	bool delivering;    /* somebody hands `typed` to the device */
	bool deliver_again; /* and must look at it once more */
};

struct console_shared {
	struct spinlock lock;
	struct mutex guests_lock;
	struct list guests;
	struct console own;
	struct console *front;
	struct host_serial *host;
	char notice[CONSOLE_NOTICE_SIZE]; /* goes out before anything else */
	size_t notice_length;
	size_t notice_sent;
	/* Of Corbel's own console: */
	struct wait_queue own_input;
	struct wait_queue own_output;
	bool own_reading;   /* a thread waits for a key */
	bool own_disturbed; /* a message was written over the line being edited */
	bool own_line_open; /* the last byte printed was not a newline */
};

extern struct console_shared console_shared;

/* ---- console.c ---- */

/* Appends to the history; what is shown moves along if it would be overrun. Lock held. */
void console_append(struct console *console, const uint8_t *bytes, size_t count);
/*
 * Takes output for the console and shows it if that is in front; returns how many bytes it took.
 * In the background it takes all. Lock held.
 */
size_t console_output(struct console *console, const uint8_t *bytes, size_t count);
/* Feeds the host's port with what waits. Lock held. */
void console_pump(void);
/*
 * Brings a console to the front. Returns the console that was in front if its device must now be
 * told that it can write, for console_ready(). Lock held.
 */
struct console *console_switch(struct console *next, const char *format, ...) PRINTF_LIKE(2, 3);
/* The same, with Corbel's own. */
struct console *console_switch_own(void);
/* Whether its writer, having been refused, may try again. Without the lock: a snapshot. */
bool console_has_room(const struct console *console);
/* If the console's device waits for room and there is some: the console, for console_ready();
 * otherwise NULL. Lock held. */
struct console *console_ready_take(struct console *console);
/* Tells the device. NULL: nothing to do. Lock released. */
void console_ready(struct console *console);
/* Straight to the host's port, without any lock: while the machine ends. */
void console_write_unlocked(const uint8_t *text, size_t length);

/* ---- console_input.c ---- */

/* What the host's driver calls when bytes came or can go. */
void console_host_event(struct host_serial *host);
/* Puts bytes into a buffer; returns how many fitted. Lock held. */
size_t console_typed_add(struct console_typed *typed, const uint8_t *bytes, size_t count);
/* Hands typed bytes to the console's device. The caller has made itself a user. Lock released. */
void console_deliver(struct console *console);
/*
 * What was typed ahead on Corbel's own console is for whoever is in front now: whoever types a
 * command that leads to a guest goes on with what the guest shall get. Lock released.
 */
void console_typed_forward(void);
/* A thread that asks a port without interrupts. -ENOMEM. */
int console_poll_start(void);

/* ---- console_own.c ---- */

void console_own_init(void);
/* The line on the screen is no longer what the terminal believes. Lock held. */
void console_own_disturb(void);

/* ---- firmware_console.c ---- */

/* The firmware's console as a port, for hosts that have no other. */
extern struct host_serial firmware_console;

#endif

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Tests of the console back end: who is in front, what is kept, who gets what is typed, what
 * happens where the host's port or a guest's is slow. The host's port here is a pair of buffers.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <backend/console.h>
#include <corbel/guest.h>
#include <corbel/host_serial.h>
#include <corbel/log.h>
#include <corbel/serial.h>
#include <corbel/thread.h>
#include <corbel/time.h>
#include <fake.h>
#include <fake_board.h>
#include <fake_machine.h>

/* ---- the host's port ---- */

static struct {
	struct host_serial serial;
	char output[1 << 20];
	size_t length;
	size_t room;
	const uint8_t *input;
	size_t input_count;
	bool wants_room;
} port;

static size_t port_write(struct host_serial *serial, const uint8_t *bytes, size_t count)
{
	assert_ptr_equal(serial, &port.serial);
	assert_false(arch_irq_enabled());
	assert_true(count > 0);
	/* As a 16550 does it. */
	count = MIN(MIN(count, port.room), 16);
	assert_true(port.length + count < sizeof(port.output));
	memcpy(port.output + port.length, bytes, count);
	port.length += count;
	port.output[port.length] = '\0';
	port.room -= count;
	return count;
}

static size_t port_read(struct host_serial *serial, uint8_t *bytes, size_t capacity)
{
	size_t count = MIN(capacity, port.input_count);

	assert_ptr_equal(serial, &port.serial);
	memcpy(bytes, port.input, count);
	port.input += count;
	port.input_count -= count;
	return count;
}

static void port_notify_room(struct host_serial *serial, bool on)
{
	assert_ptr_equal(serial, &port.serial);
	port.wants_room = on;
}

static const struct host_serial_ops port_ops = {
	.write = port_write,
	.read = port_read,
	.notify_room = port_notify_room,
};

static void port_event(void)
{
	unsigned long flags = arch_irq_save();

	port.serial.event(&port.serial);
	arch_irq_restore(flags);
}

/* Interrupts as long as there is something to send. */
static void port_drain(void)
{
	port.room = SIZE_MAX;
	for (unsigned int i = 0; port.wants_room; i++) {
		assert_true(i < 10000);
		port_event();
	}
}

static void port_forget(void)
{
	port.length = 0;
	port.output[0] = '\0';
}

static void type_keys(const char *keys)
{
	port.input = (const uint8_t *)keys;
	port.input_count = strlen(keys);
	port_event();
	assert_int_equal(port.input_count, 0);
}

static bool port_shows(const char *text)
{
	return strstr(port.output, text) != NULL;
}

/* ---- guests' lines ---- */

struct tested_line {
	struct guest guest;
	struct serial_line line;
	char input[16384];
	size_t length;
	size_t room;
	bool reads_meanwhile; /* the guest makes room just when it refuses */
	unsigned int ready_calls;
};

static struct tested_line lines[3];

static size_t line_input(struct serial_line *line, const uint8_t *bytes, size_t count)
{
	struct tested_line *tested = container_of(line, struct tested_line, line);

	count = MIN(count, tested->room);
	assert_true(tested->length + count < sizeof(tested->input));
	memcpy(tested->input + tested->length, bytes, count);
	tested->length += count;
	tested->input[tested->length] = '\0';
	tested->room -= count;
	if (tested->reads_meanwhile && tested->room == 0) {
		tested->room = SIZE_MAX;
		line->peer->room(line);
	}
	return count;
}

static void line_output_ready(struct serial_line *line)
{
	container_of(line, struct tested_line, line)->ready_calls++;
}

static const struct serial_device_ops line_ops = {
	.input = line_input,
	.output_ready = line_output_ready,
};

/* "alpha" with two lines, "beta" with one. */
static void lines_attach(void)
{
	static const char *const names[][2] = {
		{ "alpha", "serial@1000" },
		{ "alpha", "serial@2000" },
		{ "beta", "serial@1000" },
	};

	memset(lines, 0, sizeof(lines));
	for (unsigned int i = 0; i < ARRAY_SIZE(lines); i++) {
		strcpy(lines[i].guest.name, names[i][0]);
		lines[i].line.guest = &lines[i].guest;
		lines[i].line.name = names[i][1];
		lines[i].line.device = &line_ops;
		lines[i].room = SIZE_MAX;
		assert_int_equal(serial_line_attach(&lines[i].line, NULL, NULL), 0);
	}
}

static void lines_detach(void)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(lines); i++)
		serial_line_detach(&lines[i].line);
}

static size_t line_write(unsigned int index, const char *text, size_t length)
{
	struct serial_line *line = &lines[index].line;

	return line->peer->output(line, (const uint8_t *)text, length);
}

static void line_print(unsigned int index, const char *text)
{
	assert_int_equal(line_write(index, text, strlen(text)), strlen(text));
}

/* ---- each test in a thread ---- */

static void run_body(void *body)
{
	port.room = SIZE_MAX;
	lines_attach();
	port_drain();
	while (console_read_byte(0) != -ETIMEDOUT)
		;
	port_forget();
	((void (*)(void))body)();
	port_drain();
	lines_detach();
	assert_true(console_is_own());
}

static void machine_test(void **state)
{
	fake_machine_run(run_body, *state);
}

static void console_start(void *argument)
{
	(void)argument;
	port.serial.name = "tested";
	port.serial.ops = &port_ops;
	assert_int_equal(host_serial_register(&port.serial), 0);
	assert_int_equal(console_init(), 0);
}

static int setup(void **state)
{
	assert_int_equal(fake_machine_setup(state), 0);
	fake_machine_run(console_start, NULL);
	return 0;
}

/* ---- Corbel's own console ---- */

static void own_text_goes_out(void)
{
	print(console_printer(), "one\ntwo %d\n", 2);
	assert_string_equal(port.output, "one\r\ntwo 2\r\n");
}

static void own_keys_come_in(void)
{
	type_keys("ab");
	assert_int_equal(console_read_byte(TIME_NEVER), 'a');
	assert_int_equal(console_read_byte(TIME_NEVER), 'b');
	assert_int_equal(console_read_byte(time_now() + NS_PER_MS), -ETIMEDOUT);
}

static void key_typer(void *argument)
{
	thread_sleep_until(time_now() + 5 * NS_PER_MS);
	type_keys(argument);
}

static struct thread *thread_run(void (*entry)(void *argument), void *argument)
{
	struct thread *thread;

	assert_int_equal(thread_create(&(struct thread_parameters){ .name = "helper",
								    .entry = entry,
								    .argument = argument,
								    .priority = 1 },
				       &thread),
			 0);
	thread_start(thread);
	return thread;
}

static void reading_waits_for_a_key(void)
{
	struct thread *typer = thread_run(key_typer, "x");

	assert_int_equal(console_read_byte(TIME_NEVER), 'x');
	thread_join(typer);
}

static void port_feeder(void *argument)
{
	const size_t *total = argument;

	for (unsigned int i = 0; port.length < *total; i++) {
		assert_true(i < 10000);
		port.room = 16;
		if (port.wants_room)
			port_event();
		thread_sleep_until(time_now() + NS_PER_MS);
	}
}

static void writing_waits_for_a_slow_port(void)
{
	static char text[8192];
	size_t total = sizeof(text);
	struct thread *feeder;

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)('a' + i % 26);
	port.room = 0;
	feeder = thread_run(port_feeder, &total);
	console_printer()->write(console_printer(), text, sizeof(text));
	assert_true(port.length >= sizeof(text) - 1024 - 64);
	thread_join(feeder);
	assert_int_equal(port.length, total);
	assert_memory_equal(port.output, text, total);
}

static void line_read_through(void *argument)
{
	*(int *)argument = console_read_byte(TIME_NEVER);
}

static void message_while_a_line_is_edited(void)
{
	int byte = 0;
	struct thread *reader;

	print(console_printer(), "corbel> gue");
	reader = thread_run(line_read_through, &byte);
	thread_sleep_until(time_now() + 5 * NS_PER_MS);
	log_info("news");
	thread_join(reader);
	assert_int_equal(byte, -EAGAIN);
	assert_true(port_shows("corbel> gue\r\033[K"));
	assert_true(port_shows("news\r\n"));
	assert_int_equal(console_read_byte(0), -ETIMEDOUT);
}

static void message_in_the_middle_of_output(void)
{
	print(console_printer(), "half a line");
	log_info("news");
	assert_true(port_shows("half a line\r\n"));
	assert_true(port_shows("news\r\n"));
	assert_int_equal(console_read_byte(0), -EAGAIN);
}

/* ---- front and background ---- */

static void background_output_is_kept_and_shown(void)
{
	line_print(0, "hidden\r\n");
	assert_int_equal(port.length, 0);
	assert_int_equal(console_attach("alpha", NULL, NULL), 0);
	assert_false(console_is_own());
	assert_true(port_shows("alpha"));
	assert_true(port_shows("hidden\r\n"));
	line_print(0, "direct");
	assert_true(port_shows("hidden\r\ndirect"));
	line_print(2, "other");
	print(console_printer(), "own\n");
	assert_false(port_shows("other"));
	assert_false(port_shows("own\r\n"));
	console_detach();
	assert_true(console_is_own());
	assert_true(port_shows("own\r\n"));
	assert_false(port_shows("other"));
}

static void what_was_shown_is_not_shown_again_but_its_line(void)
{
	assert_int_equal(console_attach("beta", NULL, NULL), 0);
	line_print(2, "login: root\r\n# ");
	console_detach();
	port_forget();
	line_print(2, "late\r\n");
	assert_int_equal(console_attach("beta", NULL, NULL), 0);
	assert_true(port_shows("\r\n# late\r\n"));
	assert_false(port_shows("login"));
}

static void last_64_kib_are_kept(void)
{
	char block[1024];

	for (unsigned int i = 0; i < 100; i++) {
		memset(block, 'a' + (int)(i % 26), sizeof(block));
		assert_int_equal(line_write(0, block, sizeof(block)), sizeof(block));
	}
	assert_int_equal(console_attach("alpha", NULL, NULL), 0);
	port_drain();
	assert_in_range(port.length, 65536, 65536 + 160);
	for (unsigned int i = 36; i < 100; i++) {
		memset(block, 'a' + (int)(i % 26), sizeof(block));
		assert_memory_equal(port.output + port.length - (100 - i) * sizeof(block), block,
				    sizeof(block));
	}
}

static void a_line_by_its_name(void)
{
	struct error error = { "" };

	assert_int_equal(console_attach("alpha", "serial@2000", NULL), 0);
	line_print(1, "second");
	line_print(0, "first");
	assert_true(port_shows("second"));
	assert_false(port_shows("first"));
	assert_int_equal(console_attach("alpha", "serial@3000", &error), -ENOENT);
	assert_non_null(strstr(error.text, "serial@3000"));
	error.text[0] = '\0';
	assert_int_equal(console_attach("gamma", NULL, &error), -ENOENT);
	assert_non_null(strstr(error.text, "gamma"));
}

static void from_guest_to_guest(void)
{
	assert_int_equal(console_attach("alpha", NULL, NULL), 0);
	line_print(2, "from beta");
	assert_int_equal(console_attach("beta", NULL, NULL), 0);
	line_print(0, "from alpha");
	assert_true(port_shows("from beta"));
	assert_false(port_shows("from alpha"));
}

static void message_with_a_guest_in_front(void)
{
	assert_int_equal(console_attach("alpha", NULL, NULL), 0);
	log_info("news");
	assert_false(port_shows("news"));
	console_detach();
	assert_true(port_shows("news\r\n"));
}

static void guest_that_goes_away_in_front(void)
{
	assert_int_equal(console_attach("beta", NULL, NULL), 0);
	serial_line_detach(&lines[2].line);
	assert_true(console_is_own());
	assert_int_equal(console_attach("beta", NULL, NULL), -ENOENT);
	assert_int_equal(serial_line_attach(&lines[2].line, "console", NULL), 0);
}

/* ---- keys ---- */

static void keys_go_to_the_front(void)
{
	assert_int_equal(console_attach("beta", NULL, NULL), 0);
	type_keys("ls\r");
	assert_string_equal(lines[2].input, "ls\r");
	assert_int_equal(lines[0].length, 0);
	assert_int_equal(console_read_byte(0), -ETIMEDOUT);
}

static void escape_leads_back(void)
{
	assert_int_equal(console_attach("beta", NULL, NULL), 0);
	type_keys("a\x1d"
		  "bc");
	assert_string_equal(lines[2].input, "a");
	assert_true(console_is_own());
	assert_int_equal(console_read_byte(0), -EAGAIN); /* the prompt must be drawn */
	assert_int_equal(console_read_byte(0), 'b');
	assert_int_equal(console_read_byte(0), 'c');
	assert_int_equal(console_read_byte(0), -ETIMEDOUT);
}

/* All at once: a command, then what the guest shall get, the way back, the next command. */
static void keys_typed_ahead_follow(void)
{
	type_keys("c\rls\r\x1dz");
	assert_int_equal(console_read_byte(0), 'c');
	assert_int_equal(console_read_byte(0), '\r');
	assert_int_equal(console_attach("beta", NULL, NULL), 0);
	assert_string_equal(lines[2].input, "ls\r");
	assert_true(console_is_own());
	assert_int_equal(console_read_byte(0), -EAGAIN);
	assert_int_equal(console_read_byte(0), 'z');
	assert_int_equal(console_read_byte(0), -ETIMEDOUT);
}

static void reader_is_woken_by_the_escape(void)
{
	int byte = 0;
	struct thread *reader;

	assert_int_equal(console_attach("beta", NULL, NULL), 0);
	reader = thread_run(line_read_through, &byte);
	thread_sleep_until(time_now() + 5 * NS_PER_MS);
	type_keys("not for the reader");
	thread_sleep_until(time_now() + 5 * NS_PER_MS);
	assert_int_equal(byte, 0);
	type_keys("\x1d");
	thread_join(reader);
	assert_int_equal(byte, -EAGAIN);
}

static void full_guest_gets_the_rest_later(void)
{
	struct serial_line *line = &lines[2].line;

	lines[2].room = 3;
	assert_int_equal(console_attach("beta", NULL, NULL), 0);
	type_keys("abcdefgh");
	type_keys("ij");
	assert_string_equal(lines[2].input, "abc");
	lines[2].room = 4;
	line->peer->room(line);
	assert_string_equal(lines[2].input, "abcdefg");
	lines[2].room = SIZE_MAX;
	line->peer->room(line);
	assert_string_equal(lines[2].input, "abcdefghij");
}

static void guest_that_reads_while_it_refuses(void)
{
	lines[2].room = 3;
	lines[2].reads_meanwhile = true;
	assert_int_equal(console_attach("beta", NULL, NULL), 0);
	type_keys("abcdefgh");
	assert_string_equal(lines[2].input, "abcdefgh");
}

static void guest_that_never_reads_loses_keys(void)
{
	char keys[65];

	memset(keys, 'k', 64);
	keys[64] = '\0';
	lines[2].room = 0;
	assert_int_equal(console_attach("beta", NULL, NULL), 0);
	for (unsigned int i = 0; i < 400; i++)
		type_keys(keys);
	lines[2].room = SIZE_MAX;
	lines[2].line.peer->room(&lines[2].line);
	assert_in_range(lines[2].length, 4096, sizeof(lines[2].input) - 1);
}

static void typing_by_command(void)
{
	static uint8_t many[5000];
	struct error error = { "" };

	assert_int_equal(console_type("beta", (const uint8_t *)"hi", 2, NULL), 0);
	assert_string_equal(lines[2].input, "hi");
	assert_int_equal(console_type("gamma", many, 1, &error), -ENOENT);
	lines[2].room = 0;
	assert_int_equal(console_type("beta", many, sizeof(many), NULL), 0);
	error.text[0] = '\0';
	assert_int_equal(console_type("beta", many, sizeof(many), &error), -EAGAIN);
	assert_non_null(strstr(error.text, "beta"));
}

/* ---- a slow port ---- */

static void front_guest_is_held_back(void)
{
	static char text[4096];
	size_t taken;

	memset(text, 'z', sizeof(text));
	assert_int_equal(console_attach("beta", NULL, NULL), 0);
	port_drain();
	port_forget();
	port.room = 0;
	taken = line_write(2, text, sizeof(text));
	assert_in_range(taken, 1, sizeof(text) - 1);
	assert_true(port.wants_room);
	port.room = 16;
	port_event();
	assert_int_equal(lines[2].ready_calls, 0);
	port_drain();
	assert_int_equal(lines[2].ready_calls, 1);
	assert_int_equal(port.length, taken);
}

static void held_back_guest_may_go_on_in_the_background(void)
{
	static char text[4096];

	port.room = 0;
	assert_int_equal(console_attach("beta", NULL, NULL), 0);
	assert_true(line_write(2, text, sizeof(text)) < sizeof(text));
	type_keys("\x1d");
	assert_int_equal(lines[2].ready_calls, 1);
	assert_int_equal(line_write(2, text, sizeof(text)), sizeof(text));
}

static void everything_arrives_in_order(void)
{
	uint32_t seed = 4711;
	unsigned int sent = 0;

	assert_int_equal(console_attach("beta", NULL, NULL), 0);
	port_drain();
	port_forget();
	while (sent < 20000) {
		char text[16];
		size_t count = 1 + fake_random(&seed) % sizeof(text);

		for (size_t i = 0; i < count; i++)
			text[i] = (char)('!' + (sent + i) % 90);
		port.room = fake_random(&seed) % 24;
		if (fake_random(&seed) % 4 == 0)
			port_event();
		sent += (unsigned int)line_write(2, text, count);
	}
	port_drain();
	assert_int_equal(port.length, sent);
	for (unsigned int i = 0; i < sent; i++)
		assert_int_equal(port.output[i], '!' + i % 90);
}

#define IN_MACHINE(body)                                                                   \
	{                                                                                  \
		.name = #body, .test_func = machine_test, .initial_state = (void *)(body), \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_MACHINE(own_text_goes_out),
		IN_MACHINE(own_keys_come_in),
		IN_MACHINE(reading_waits_for_a_key),
		IN_MACHINE(writing_waits_for_a_slow_port),
		IN_MACHINE(message_while_a_line_is_edited),
		IN_MACHINE(message_in_the_middle_of_output),
		IN_MACHINE(background_output_is_kept_and_shown),
		IN_MACHINE(what_was_shown_is_not_shown_again_but_its_line),
		IN_MACHINE(last_64_kib_are_kept),
		IN_MACHINE(a_line_by_its_name),
		IN_MACHINE(from_guest_to_guest),
		IN_MACHINE(message_with_a_guest_in_front),
		IN_MACHINE(guest_that_goes_away_in_front),
		IN_MACHINE(keys_go_to_the_front),
		IN_MACHINE(escape_leads_back),
		IN_MACHINE(keys_typed_ahead_follow),
		IN_MACHINE(reader_is_woken_by_the_escape),
		IN_MACHINE(full_guest_gets_the_rest_later),
		IN_MACHINE(guest_that_reads_while_it_refuses),
		IN_MACHINE(guest_that_never_reads_loses_keys),
		IN_MACHINE(typing_by_command),
		IN_MACHINE(front_guest_is_held_back),
		IN_MACHINE(held_back_guest_may_go_on_in_the_background),
		IN_MACHINE(everything_arrives_in_order),
	};

	return cmocka_run_group_tests_name("console", tests, setup, NULL);
}

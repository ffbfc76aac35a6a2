// SPDX-License-Identifier: BSD-2-Clause
/*
 * Tests of the console back end on a host that has no serial port with a driver: the firmware's
 * console takes its place. And of what a panic prints there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <backend/console.h>
#include <corbel/log.h>
#include <corbel/panic.h>
#include <fake.h>
#include <fake_machine.h>

static void console_start(void *argument)
{
	(void)argument;
	assert_int_equal(console_init(), 0);
}

static int setup(void **state)
{
	assert_int_equal(fake_machine_setup(state), 0);
	fake_console_reset();
	print(console_printer(), "before\n");
	assert_string_equal(fake_console_text(), "before\r\n");
	fake_machine_run(console_start, NULL);
	return 0;
}

static void print_some(void *argument)
{
	(void)argument;
	print(console_printer(), "some\ntext\n");
}

static void test_output(void **state)
{
	(void)state;
	assert_non_null(strstr(fake_console_text(), "firmware's console is used"));
	fake_console_reset();
	fake_machine_run(print_some, NULL);
	assert_string_equal(fake_console_text(), "some\r\ntext\r\n");
}

static void test_messages(void **state)
{
	(void)state;
	fake_console_reset();
	log_info("a message");
	assert_non_null(strstr(fake_console_text(), "a message\r\n"));
	log_debug("not shown");
	assert_null(strstr(fake_console_text(), "not shown"));
}

static void do_panic(void *argument)
{
	print(console_printer(), "in the middle of a line");
	panic("the %s", (const char *)argument);
}

static void test_panic_begins_a_line(void **state)
{
	const char *text = fake_run_until_stop(do_panic, "reason");

	(void)state;
	assert_non_null(text);
	assert_non_null(strstr(text, "in the middle of a line\r\n"));
	assert_non_null(strstr(text, "panic: the reason\r\n"));
	assert_null(strstr(text, "line["));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_output),
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_panic_begins_a_line),
	};

	return cmocka_run_group_tests_name("firmware_console", tests, setup, NULL);
}

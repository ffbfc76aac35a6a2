// SPDX-License-Identifier: BSD-2-Clause
/*
 * The log, printers, errors, symbols, and the end: what a panic says.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <corbel/arch.h>
#include <corbel/error.h>
#include <corbel/log.h>
#include <corbel/panic.h>
#include <corbel/printer.h>
#include <corbel/symbols.h>
#include <fake.h>

#define RING_SIZE 65536u

/* ---- printers ---- */

static char printed[2 * RING_SIZE];
static size_t printed_length;

static void print_to_buffer(struct printer *printer, const char *text, size_t length)
{
	(void)printer;
	assert_true(length < sizeof(printed) - printed_length);
	memcpy(printed + printed_length, text, length);
	printed_length += length;
	printed[printed_length] = '\0';
}

static struct printer printer = { .write = print_to_buffer };

static void printed_reset(void)
{
	printed_length = 0;
	printed[0] = '\0';
}

static void test_print(void **state)
{
	char longest[600];

	(void)state;
	printed_reset();
	print(&printer, "%s %d\n", "one", 2);
	print(&printer, "%s", "");
	assert_string_equal(printed, "one 2\n");
	printed_reset();
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	print(&printer, "%s", longest);
	assert_int_equal(printed_length, 511);
}

/* ---- errors ---- */

static void test_error(void **state)
{
	struct error error = { "" };

	(void)state;
	assert_int_equal(error_set(NULL, -EINVAL, "nobody asks"), -EINVAL);
	assert_int_equal(error_set(&error, -ENOENT, "%s: no file \"%s\"", "a.dtb", "b"), -ENOENT);
	assert_string_equal(error.text, "a.dtb: no file \"b\"");
	/* The first sentence wins. */
	assert_int_equal(error_set(&error, -EINVAL, "another"), -EINVAL);
	assert_string_equal(error.text, "a.dtb: no file \"b\"");
	error.text[0] = '\0';
	error_set(&error, -EINVAL, "%300s", "cut");
	assert_int_equal(strlen(error.text), ERROR_TEXT_SIZE - 1);
	error.text[0] = '\0';
	/* What is wrong must not give the reader's terminal orders. */
	error_set(&error, -EINVAL, "no \"%s\"", "a\x1b[2J\n\x9b\x7f~ b");
	assert_string_equal(error.text, "no \"a?[2J???~ b\"");
	assert_string_equal(error_name(-EINVAL), "invalid argument");
	assert_string_equal(error_name(-ENOMEM), "out of memory");
	assert_string_equal(error_name(EINVAL), "error");
	assert_string_equal(error_name(-12345), "error");
	assert_string_equal(error_name(0), "error");
}

/* ---- the log ---- */

static char shown[4096];

static void sink(const char *text, size_t length)
{
	assert_false(arch_irq_enabled());
	strncat(shown, text, length);
}

static void test_early_console(void **state)
{
	const char *text;

	(void)state;
	fake_console_reset();
	log_info("number %d", 1);
	log_warning("two");
	log_error("three");
	log_debug("four");
	text = fake_console_text();
	assert_non_null(strstr(text, "] number 1\r\n["));
	assert_non_null(strstr(text, "] warning: two\r\n["));
	assert_non_null(strstr(text, "] error: three\r\n"));
	assert_null(strstr(text, "four"));
	assert_int_equal(text[0], '[');
	assert_int_equal(text[6], '.');
	assert_int_equal(text[13], ']');
}

static void test_sink(void **state)
{
	char longest[600];

	(void)state;
	log_sink_set(sink);
	fake_console_reset();
	shown[0] = '\0';
	log_info("to the sink");
	assert_string_equal(fake_console_text(), "");
	assert_string_equal(shown + 13, "] to the sink\n");
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	shown[0] = '\0';
	log_info("%s", longest);
	assert_int_equal(strlen(shown), 15 + 255 + 1);
	assert_true(arch_irq_enabled());
}

/* A sink that faults and so logs, which it must not, at least does not lock up. */
static void sink_that_logs(const char *text, size_t length)
{
	static bool inside;

	(void)text;
	(void)length;
	if (inside)
		return;
	inside = true;
	log_error("from within");
	inside = false;
}

static void test_nested(void **state)
{
	(void)state;
	log_sink_set(sink_that_logs);
	log_info("outside");
	log_sink_set(sink);
	printed_reset();
	log_print(&printer);
	assert_non_null(strstr(printed, "outside\n"));
	assert_non_null(strstr(printed, "from within\n"));
}

static void test_ring(void **state)
{
	unsigned int first, number;
	const char *line;

	(void)state;
	for (unsigned int i = 0; i < 5000; i++)
		log_debug("message %u", i);
	printed_reset();
	log_print(&printer);
	assert_in_range(printed_length, RING_SIZE - 100, RING_SIZE);
	/* Whole lines, each once, up to the last. */
	line = printed;
	assert_int_equal(sscanf(line, "[%*[^]]] message %u", &first), 1);
	for (number = first; number < 5000; number++) {
		char expected[32];

		assert_int_equal(line[0], '[');
		snprintf(expected, sizeof(expected), "] message %u\n", number);
		assert_memory_equal(line + 13, expected, strlen(expected));
		line = strchr(line, '\n') + 1;
	}
	assert_int_equal(*line, '\0');
	assert_in_range(first, 2000, 4999);
}

/* Two CPUs in here at once would garble each other's lines. */
static void exclusive_sink(const char *text, size_t length)
{
	static unsigned int inside;

	(void)text;
	(void)length;
	assert_int_equal(__atomic_fetch_add(&inside, 1, __ATOMIC_SEQ_CST), 0);
	sched_yield();
	assert_int_equal(__atomic_fetch_sub(&inside, 1, __ATOMIC_SEQ_CST), 1);
}

static void *log_many(void *argument)
{
	struct cpu cpu = { .index = 1 };

	fake_processor()->cpu = &cpu;
	for (unsigned int i = 0; i < 500; i++)
		log_info("%s %u %s", (const char *)argument, i, (const char *)argument);
	return NULL;
}

/* CPUs that log at once: lines stay whole and none is lost. */
static void test_concurrent(void **state)
{
	static const char *const names[] = { "alpha", "beta" };
	pthread_t threads[ARRAY_SIZE(names)];
	unsigned int counts[ARRAY_SIZE(names)] = { 0 };

	(void)state;
	log_sink_set(exclusive_sink);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, log_many, (void *)names[i]), 0);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		pthread_join(threads[i], NULL);
	log_sink_set(sink);
	printed_reset();
	log_print(&printer);
	for (char *line = strtok(printed, "\n"); line != NULL; line = strtok(NULL, "\n")) {
		for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
			char expected[64];

			snprintf(expected, sizeof(expected), "] %s %u %s", names[i], counts[i],
				 names[i]);
			counts[i] += strcmp(line + 13, expected) == 0;
		}
	}
	assert_int_equal(counts[0], 500);
	assert_int_equal(counts[1], 500);
}

/* ---- symbols: the table is in tests/unit/fake/host.c ---- */

static void expect_symbol(uintptr_t address, const char *name, uintptr_t expected_offset)
{
	uintptr_t offset = 0;
	const char *found = symbol_find(address, &offset);

	if (name == NULL) {
		assert_null(found);
		return;
	}
	assert_non_null(found);
	assert_string_equal(found, name);
	assert_int_equal(offset, expected_offset);
}

static void test_symbols(void **state)
{
	extern const char __image_start[], __text_end[];
	uintptr_t start = (uintptr_t)__image_start;

	(void)state;
	expect_symbol(0, NULL, 0);
	expect_symbol(start - 1, NULL, 0);
	expect_symbol(start, NULL, 0);
	expect_symbol(start + 0xff, NULL, 0);
	expect_symbol(start + 0x100, "first", 0);
	expect_symbol(start + 0x17f, "first", 0x7f);
	expect_symbol(start + 0x180, "second", 0);
	expect_symbol(start + 0x7ff, "second", 0x67f);
	expect_symbol(start + 0x800, "third", 0);
	expect_symbol((uintptr_t)__text_end - 1, "third", 0x7ff);
	expect_symbol((uintptr_t)__text_end, NULL, 0);
	expect_symbol(UINTPTR_MAX, NULL, 0);
}

/* ---- the end ---- */

static void do_panic(void *argument)
{
	log_sink_set(NULL);
	panic("no %s left", (const char *)argument);
}

static void fail_assertion(void *argument)
{
	ASSERT(argument != NULL);
}

static void sink_that_panics(const char *text, size_t length)
{
	(void)text;
	(void)length;
	panic("the console is gone");
}

static void panic_in_sink(void *argument)
{
	(void)argument;
	log_sink_set(sink_that_panics);
	log_info("first");
}

static void not_a_panic(void *argument)
{
	(void)argument;
	assert_false(panic_in_progress());
}

static void test_panic(void **state)
{
	const char *text;

	(void)state;
	log_sink_set(NULL);
	text = fake_run_until_stop(do_panic, (void *)"bread");
	assert_non_null(text);
	assert_non_null(strstr(text, "panic: no bread left\r\n"));
	assert_non_null(strstr(text, "on CPU 0, thread \"test\"\r\n"));
	assert_non_null(strstr(text, "#0  0x"));
	assert_panics(fail_assertion, NULL, "assertion \"argument != NULL\" failed at tests/unit/");
	assert_panics(panic_in_sink, NULL, "another fault while reporting");
	assert_null(fake_run_until_stop(not_a_panic, NULL));
	assert_false(panic_in_progress());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_print),	      cmocka_unit_test(test_error),
		cmocka_unit_test(test_early_console), cmocka_unit_test(test_sink),
		cmocka_unit_test(test_nested),	      cmocka_unit_test(test_ring),
		cmocka_unit_test(test_concurrent),    cmocka_unit_test(test_symbols),
		cmocka_unit_test(test_panic),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

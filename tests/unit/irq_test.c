// SPDX-License-Identifier: BSD-2-Clause
/*
 * Host interrupts: registration and its errors, dispatch, lines that nobody wants, the table.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <corbel/cpu.h>
#include <corbel/irq.h>
#include <corbel/thread.h>
#include <fake.h>
#include <fake_machine.h>

#define LINE_COUNT 32u

/* ---- a controller ---- */

static bool enabled[IRQ_MAX];
static bool line_masked[IRQ_MAX];
static unsigned int disable_count;
static unsigned int pending = UINT32_MAX; /* the line that the next interrupt is for */
static unsigned int cpu_init_count;
static void (*enable_hook)(void);

static void fake_enable(unsigned int irq, struct cpu *target)
{
	assert_false(arch_irq_enabled());
	assert_true(irq < LINE_COUNT);
	assert_ptr_equal(target, cpu_get(0));
	assert_false(enabled[irq]);
	enabled[irq] = true;
	if (enable_hook != NULL)
		enable_hook();
}

static void fake_disable(unsigned int irq)
{
	assert_false(arch_irq_enabled());
	enabled[irq] = false;
	disable_count++;
}

static void fake_mask(unsigned int irq, bool masked)
{
	assert_false(arch_irq_enabled());
	assert_true(enabled[irq]);
	line_masked[irq] = masked;
}

static void fake_handle(void)
{
	assert_false(arch_irq_enabled());
	assert_true(cpu_self()->in_interrupt);
	if (pending != UINT32_MAX)
		irq_dispatch(pending);
}

static void fake_cpu_init(void)
{
	cpu_init_count++;
}

static const struct irq_chip chip = {
	.name = "fake",
	.irq_count = LINE_COUNT,
	.enable = fake_enable,
	.disable = fake_disable,
	.mask = fake_mask,
	.handle = fake_handle,
	.cpu_init = fake_cpu_init,
};

/* An interrupt of the line arrives. */
static void raise_line(unsigned int irq)
{
	unsigned long flags = arch_irq_save();

	pending = irq;
	irq_external();
	pending = UINT32_MAX;
	assert_false(cpu_self()->in_interrupt);
	arch_irq_restore(flags);
}

static void count(void *argument)
{
	++*(unsigned int *)argument;
}

/* ---- what a person sees ---- */

static char text[4096];

static void text_write(struct printer *printer, const char *from, size_t length)
{
	size_t used = strlen(text);

	(void)printer;
	assert_true(used + length < sizeof(text));
	memcpy(text + used, from, length);
	text[used + length] = '\0';
}

static struct printer text_printer = { .write = text_write };

/* ---- tests: the first has no controller yet ---- */

static void test_no_controller(void **state)
{
	unsigned int hits = 0;

	(void)state;
	assert_int_equal(irq_register(1, "line", count, &hits), -ENODEV);
	arch_irq_disable();
	irq_cpu_init();
	irq_external();
	assert_int_equal(irq_chip_register(&chip), 0);
	assert_int_equal(irq_chip_register(&chip), -EBUSY);
	irq_cpu_init();
	assert_int_equal(cpu_init_count, 1);
}

static void test_register_and_dispatch(void **state)
{
	unsigned int first = 0, second = 0;
	uint64_t before = cpu_self()->interrupt_count;

	(void)state;
	assert_int_equal(irq_register(3, "first", count, &first), 0);
	assert_int_equal(irq_register(4, "second", count, &second), 0);
	assert_true(enabled[3] && enabled[4]);
	raise_line(3);
	raise_line(4);
	raise_line(3);
	assert_int_equal(first, 2);
	assert_int_equal(second, 1);
	assert_int_equal(cpu_self()->interrupt_count, before + 3);
	irq_unregister(3);
	irq_unregister(4);
	assert_false(enabled[3] || enabled[4]);
}

static void test_errors(void **state)
{
	unsigned int hits = 0;

	(void)state;
	assert_int_equal(irq_register(LINE_COUNT, "none", count, &hits), -EINVAL);
	assert_int_equal(irq_register(UINT32_MAX, "none", count, &hits), -EINVAL);
	assert_int_equal(irq_register(LINE_COUNT - 1, "last", count, &hits), 0);
	assert_int_equal(irq_register(LINE_COUNT - 1, "again", count, &hits), -EBUSY);
	raise_line(LINE_COUNT - 1);
	assert_int_equal(hits, 1);
	irq_unregister(LINE_COUNT - 1);
	/* Free for the next. */
	assert_int_equal(irq_register(LINE_COUNT - 1, "next", count, &hits), 0);
	irq_unregister(LINE_COUNT - 1);
}

static void test_line_without_handler(void **state)
{
	unsigned int before = disable_count;

	(void)state;
	enabled[7] = true;
	fake_console_reset();
	raise_line(7);
	assert_false(enabled[7]);
	assert_int_equal(disable_count, before + 1);
	assert_non_null(strstr(fake_console_text(), "interrupt 7 has no handler"));
	/* What the controller should never claim. */
	before = disable_count;
	raise_line(LINE_COUNT + 5);
	raise_line(UINT32_MAX - 1);
	assert_int_equal(disable_count, before);
	assert_non_null(strstr(fake_console_text(), "fake claims interrupt 37, which does not"));
	assert_null(strstr(fake_console_text(), "4294967294"));
}

/*
 * An interrupt of a line that is nobody's, and before it can be disabled it is somebody's: CPU 0
 * holds the lock, CPU 1 waits to register, then CPU 2 to disable.
 */
static unsigned int late_stage;

static void late_wait(unsigned int stage)
{
	while (READ_ONCE(late_stage) < stage)
		arch_cpu_relax();
}

static void late_hold(void)
{
	enable_hook = NULL;
	late_stage = 1;
	late_wait(3);
}

static void late_register(void *argument)
{
	unsigned long flags;

	late_wait(1);
	flags = arch_irq_save();
	late_stage = 2;
	assert_int_equal(irq_register(22, "late", count, argument), 0);
	arch_irq_restore(flags);
}

static void late_dispatch(void *argument)
{
	unsigned long flags;

	(void)argument;
	late_wait(2);
	flags = arch_irq_save();
	late_stage = 3;
	raise_line(22);
	arch_irq_restore(flags);
}

static struct thread *late_thread(void (*entry)(void *argument), unsigned int cpu, void *argument)
{
	const struct thread_parameters parameters = { .name = "late",
						      .entry = entry,
						      .argument = argument,
						      .priority = THREAD_PRIORITY_SERVICE,
						      .affinity = (cpumask_t)1 << cpu };
	struct thread *thread;

	assert_int_equal(thread_create(&parameters, &thread), 0);
	thread_start(thread);
	return thread;
}

static void late_handler(void *argument)
{
	struct thread *registrar = late_thread(late_register, 1, argument);
	struct thread *dispatcher = late_thread(late_dispatch, 2, NULL);
	unsigned int others = 0;

	enable_hook = late_hold;
	assert_int_equal(irq_register(21, "other", count, &others), 0);
	thread_join(registrar);
	thread_join(dispatcher);
	irq_unregister(21);
	assert_int_equal(others, 0);
}

static void test_handler_that_comes_late(void **state)
{
	unsigned int hits = 0;

	(void)state;
	fake_console_reset();
	fake_machine_run_as(late_handler, &hits, THREAD_PRIORITY_SERVICE, 1);
	assert_true(enabled[22]);
	assert_null(strstr(fake_console_text(), "no handler"));
	raise_line(22);
	assert_int_equal(hits, 1);
	irq_unregister(22);
}

static void test_table(void **state)
{
	unsigned int hits = 0;

	(void)state;
	assert_int_equal(irq_register(10, "serial", count, &hits), 0);
	assert_int_equal(irq_register(2, "disk", count, &hits), 0);
	raise_line(10);
	raise_line(10);
	text[0] = '\0';
	irq_print(&text_printer);
	assert_string_equal(text, " IRQ      COUNT  NAME\n"
				  "   2          0  disk\n"
				  "  10          2  serial\n");
	irq_unregister(10);
	irq_unregister(2);
}

static void unregister_free(void *argument)
{
	(void)argument;
	irq_unregister(20);
}

static void test_mistakes(void **state)
{
	(void)state;
	assert_panics(unregister_free, NULL, "handler != NULL");
}

static int machine_setup(void **state)
{
	(void)state;
	fake_machine_start(3);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_controller),
		cmocka_unit_test(test_register_and_dispatch),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_line_without_handler),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_handler_that_comes_late),
	};

	return cmocka_run_group_tests(tests, machine_setup, NULL);
}

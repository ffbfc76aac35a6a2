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
#include <fake.h>
#include <fake_machine.h>

#define LINE_COUNT 32u

/* ---- a controller ---- */

static bool enabled[IRQ_MAX];
static bool line_masked[IRQ_MAX];
static unsigned int disable_count;
static unsigned int pending = UINT32_MAX; /* the line that the next interrupt is for */
static unsigned int cpu_init_count;

static void fake_enable(unsigned int irq, struct cpu *target)
{
	assert_false(arch_irq_enabled());
	assert_true(irq < LINE_COUNT);
	assert_ptr_equal(target, cpu_get(0));
	assert_false(enabled[irq]);
	enabled[irq] = true;
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_controller), cmocka_unit_test(test_register_and_dispatch),
		cmocka_unit_test(test_errors),	      cmocka_unit_test(test_line_without_handler),
		cmocka_unit_test(test_table),	      cmocka_unit_test(test_mistakes),
	};

	return cmocka_run_group_tests(tests, fake_machine_setup, NULL);
}

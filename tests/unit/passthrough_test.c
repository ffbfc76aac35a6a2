// SPDX-License-Identifier: BSD-2-Clause
/*
 * Devices of the host's in guests: which are refused, with what sentence and nothing left behind;
 * their registers; the way of their interrupts to the guest and back; what becomes of them at the
 * guest's ends. Races between CPUs are passthrough_parallel_test.c.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <libfdt.h>

#include <corbel/arch.h>
#include <corbel/guest.h>
#include <corbel/irq.h>
#include <corbel/object.h>
#include <corbel/page.h>
#include <corbel/thread.h>
#include <corbel/time.h>
#include <fake_bundle.h>
#include <fake_guest.h>
#include <fake_host_devices.h>
#include <fake_machine.h>
#include <fake_vdev.h>
#include "account.h"
#include "bodies.h"

#define TREE  "/guest.dtb"
#define NODE  "/guest.dtb: node " FAKE_GUEST_ADDER ": "
#define LINE  FAKE_ADDER_LINE
#define INPUT FAKE_GUEST_INPUT

static void *fdt;
static struct error error;

/* ---- failing allocations: the linker leads core's calls here ---- */

static unsigned int allocation_count;
static unsigned int allocation_failing; /* the number of the one that fails; 0: none */

void *__real_object_alloc(size_t size);
void *__wrap_object_alloc(size_t size);
void *__wrap_object_alloc(size_t size)
{
	return ++allocation_count == allocation_failing ? NULL : __real_object_alloc(size);
}

/* ---- accounts ---- */

/* Beside memory and devices: no line is anybody's. */
static void assert_all_returned(const struct account *before)
{
	assert_nothing_leaked(before);
	for (unsigned int line = 0; line < FAKE_HOST_LINES; line++)
		assert_false(fake_line_get(line).enabled);
}

/* ---- a guest ---- */

static void bundle_make(void)
{
	const struct fake_image kernel = { .magic = FAKE_IMAGE_MAGIC,
					   .alignment = PAGE_SIZE,
					   .memory_size = PAGE_SIZE };

	fake_bundle_begin();
	fake_bundle_add("guest.dtb", fdt, fdt_totalsize(fdt));
	fake_bundle_add("kernel", &kernel, sizeof(kernel));
	fake_bundle_mount();
}

static void tree_make(void)
{
	fdt = fake_tree_begin();
	fake_tree_adder_add(fdt);
	memset(&error, 0, sizeof(error));
}

static int setup(void **state)
{
	(void)state;
	tree_make();
	fake_vcpu_program = NULL;
	allocation_failing = 0;
	return 0;
}

/* No line stays high for the next test. */
static int teardown(void **state)
{
	(void)state;
	for (unsigned int line = 0; line < FAKE_HOST_LINES; line++)
		fake_line_set(line, false);
	return 0;
}

static struct guest *create(void)
{
	struct guest *guest = NULL;

	bundle_make();
	if (guest_create(TREE, &guest, &error) != 0)
		fail_msg("%s", error.text);
	return guest;
}

static void start(struct guest *guest)
{
	if (guest_start(guest, &error) != 0)
		fail_msg("%s", error.text);
	fake_guest_enable(guest, FAKE_GUEST_INPUT);
	fake_guest_enable(guest, FAKE_GUEST_INPUT_2);
}

static struct guest *create_and_start(void)
{
	struct guest *guest = create();

	start(guest);
	return guest;
}

static void destroy(struct guest *guest)
{
	assert_int_equal(guest_destroy(guest, &error), 0);
	guest_release(guest);
}

/* ---- what is refused ---- */

static void set_u32(const char *property, uint32_t value)
{
	assert_int_equal(
		fdt_setprop_u32(fdt, fake_tree_node(fdt, FAKE_GUEST_ADDER), property, value), 0);
}

/* Another device of the host's, with one entry of registers and no interrupts. */
static void host_device_set(const char *path)
{
	const uint64_t pair[] = { FAKE_GUEST_BASE, 0x1000 };
	int node = fake_tree_node(fdt, FAKE_GUEST_ADDER);

	assert_int_equal(fdt_delprop(fdt, node, "interrupts"), 0);
	assert_int_equal(fdt_setprop_string(fdt, node, "corbel,passthrough", path), 0);
	fake_tree_reg_set(fdt, FAKE_GUEST_ADDER, pair, 1);
}

static void no_path(void)
{
	set_u32("corbel,passthrough", 1);
}

static void no_such_node(void)
{
	host_device_set("/soc/subtractor@10001000");
}

static void disabled(void)
{
	host_device_set("/soc/disabled@10004000");
}

static void bound_by_a_driver(void)
{
	host_device_set("/soc/serial@10003000");
}

static void interrupt_controller(void)
{
	host_device_set("/soc/plic@c000000");
}

static void host_memory(void)
{
	host_device_set("/memory@80000000");
}

static void memory_of_the_firmware(void)
{
	host_device_set("/reserved/firmware@80000000");
}

static void root(void)
{
	host_device_set("/");
}

static void bus_translates(void)
{
	host_device_set("/bridge/behind@1000");
}

static void other_size(void)
{
	const uint64_t pairs[] = { FAKE_GUEST_BASE, 0x1000, FAKE_GUEST_BASE_2, 0x1000 };

	fake_tree_reg_set(fdt, FAKE_GUEST_ADDER, pairs, 2);
}

static void one_entry_more(void)
{
	const uint64_t pairs[] = {
		FAKE_GUEST_BASE, 0x1000, FAKE_GUEST_BASE_2, 0x2000, FAKE_GUEST_BASE_2 + 0x10000,
		0x1000
	};

	fake_tree_reg_set(fdt, FAKE_GUEST_ADDER, pairs, 3);
}

static void no_whole_page(void)
{
	const uint64_t pair[] = { FAKE_GUEST_BASE, 0x200 };

	host_device_set("/soc/crumb@10005200");
	fake_tree_reg_set(fdt, FAKE_GUEST_ADDER, pair, 1);
}

static void no_whole_page_in_the_guest(void)
{
	const uint64_t pairs[] = { FAKE_GUEST_BASE + 0x200, 0x1000, FAKE_GUEST_BASE_2 + 0x1000,
				   0x2000 };

	fake_tree_reg_set(fdt, FAKE_GUEST_ADDER, pairs, 2);
}

static void beyond_what_can_be_mapped(void)
{
	const uint64_t pairs[] = { FAKE_GUEST_BASE, 0x1000, fake_gmem_limit, 0x2000 };

	fake_tree_reg_set(fdt, FAKE_GUEST_ADDER, pairs, 2);
}

static void interrupts_set(const uint32_t *inputs, unsigned int count)
{
	int node = fake_tree_node(fdt, FAKE_GUEST_ADDER);

	assert_int_equal(fdt_setprop(fdt, node, "interrupts", NULL, 0), 0);
	for (unsigned int i = 0; i < count; i++)
		assert_int_equal(fdt_appendprop_u32(fdt, node, "interrupts", inputs[i]), 0);
}

static void more_interrupts(void)
{
	const uint32_t inputs[] = { 7, 8, 9 };

	interrupts_set(inputs, 3);
}

static void more_interrupts_than_are_forwarded(void)
{
	const uint32_t inputs[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };

	host_device_set("/soc/comb@10020000");
	interrupts_set(inputs, 9);
}

static void same_input_twice(void)
{
	const uint32_t inputs[] = { 7, 7 };

	interrupts_set(inputs, 2);
}

static void no_such_input(void)
{
	const uint32_t inputs[] = { 7, FAKE_GUEST_INPUTS };

	interrupts_set(inputs, 2);
}

static void unwatchable_controller(void)
{
	set_u32("interrupt-parent", 1);
}

static void no_controller(void)
{
	set_u32("interrupt-parent", 99);
}

static void interrupt_of_another_controller(void)
{
	const uint32_t input = 7;

	host_device_set("/soc/leaf@10007000");
	interrupts_set(&input, 1);
}

struct refused {
	const char *name;
	void (*spoil)(void);
	int code;
	const char *sentence;
};

#define REFUSED(function, errno_value, text)           \
	{                                              \
#function, function, errno_value, text \
	}

static const struct refused refusals[] = {
	REFUSED(no_path, -EINVAL,
		NODE "corbel,passthrough is not the path of a node in the host's tree"),
	REFUSED(no_such_node, -ENOENT,
		NODE "corbel,passthrough: the host has no device /soc/subtractor@10001000"),
	REFUSED(disabled, -ENOENT,
		NODE "corbel,passthrough: the host has no device /soc/disabled@10004000"),
	REFUSED(bound_by_a_driver, -EBUSY,
		NODE "corbel,passthrough: /soc/serial@10003000 is in use by Corbel itself"),
	REFUSED(interrupt_controller, -EBUSY,
		NODE "corbel,passthrough: /soc/plic@c000000 is in use by Corbel itself"),
	REFUSED(host_memory, -EBUSY,
		NODE "corbel,passthrough: /memory@80000000 is in use by Corbel itself"),
	REFUSED(memory_of_the_firmware, -EINVAL,
		NODE "reg entry 0 of the host's is memory, not registers"),
	REFUSED(root, -EINVAL, NODE "reg entry 0 is not as large as the host's"),
	REFUSED(bus_translates, -ENOTSUP,
		NODE "corbel,passthrough: /bridge/behind@1000 is on a bus without an empty ranges, "
		     "whose addresses are not the processor's"),
	REFUSED(other_size, -EINVAL, NODE "reg entry 1 is not as large as the host's"),
	REFUSED(one_entry_more, -EINVAL, NODE "reg entry 2 is not as large as the host's"),
	REFUSED(no_whole_page, -EINVAL,
		NODE "reg entry 0 of the host's is not whole pages, so other registers would come "
		     "with it"),
	REFUSED(no_whole_page_in_the_guest, -EINVAL,
		NODE "reg entry 0 must be whole pages to be passed through"),
	REFUSED(beyond_what_can_be_mapped, -ERANGE, NULL),
	REFUSED(more_interrupts, -EINVAL, NODE "the host's device has no interrupt 2"),
	REFUSED(more_interrupts_than_are_forwarded, -ENOSPC,
		NODE "more than 8 interrupts cannot be forwarded"),
	REFUSED(same_input_twice, -EBUSY,
		NODE "interrupt 1: another one is forwarded to input 7 already"),
	REFUSED(no_such_input, -EINVAL, NODE "interrupt 1: its controller has no input 16"),
	REFUSED(unwatchable_controller, -ENOTSUP,
		NODE "interrupt 0 leads to a controller that interrupts cannot be forwarded to"),
	REFUSED(no_controller, -EINVAL,
		NODE "interrupt-parent is missing here and above, or names "
		     "no node"),
	REFUSED(interrupt_of_another_controller, -ENOTSUP,
		NODE "the host's interrupt 0 does not lead straight to the controller that Corbel "
		     "drives"),
};

static void assert_refused(const struct refused *refused)
{
	struct guest *guest = NULL;
	struct account before;

	refused->spoil();
	bundle_make();
	account_take(&before);
	assert_int_equal(guest_create(TREE, &guest, &error), refused->code);
	if (refused->sentence != NULL)
		assert_string_equal(error.text, refused->sentence);
	assert_true(error.text[0] != '\0');
	assert_null(guest);
	assert_all_returned(&before);
}

/* Afterwards the device can be had. */
static void refusal(void *argument)
{
	assert_refused(argument);
	tree_make();
	destroy(create());
}

static void nothing_happens(void *argument)
{
	(void)argument;
	fail();
}

static void a_line_that_is_taken(void *argument)
{
	const uint32_t input = 7;
	struct account before;

	(void)argument;
	account_take(&before);
	assert_int_equal(irq_register(5, "test", nothing_happens, NULL), 0);
	host_device_set("/soc/lock@10006000");
	interrupts_set(&input, 1);
	bundle_make();
	assert_int_equal(guest_create(TREE, NULL, &error), -EBUSY);
	assert_string_equal(error.text, NODE "the host's interrupt 5 cannot be taken: busy");
	irq_unregister(5);
	assert_all_returned(&before);
	destroy(create());
}

static void one_guest_at_a_time(void *argument)
{
	struct guest *guest = create();

	(void)argument;
	assert_int_equal(fdt_setprop_string(fdt, 0, "corbel,name", "second"), 0);
	bundle_make();
	assert_int_equal(guest_create(TREE, NULL, &error), -EBUSY);
	assert_string_equal(error.text,
			    NODE "corbel,passthrough: the device is another guest's already");
	destroy(guest);
	guest = create();
	assert_string_equal(guest->name, "second");
	destroy(guest);
}

/* ---- registers ---- */

static void assert_mapped(const struct guest *guest, uint64_t base, uint64_t host, uint64_t size)
{
	const struct region *region = guest_region_find(guest, GPA(base + size - 1));
	uint8_t byte;

	assert_non_null(region);
	assert_int_equal(region->kind, REGION_PASSTHROUGH);
	assert_int_equal(region->base.raw, base);
	assert_int_equal(region->size, size);
	assert_int_equal(region->host.raw, host);
	assert_int_equal(fake_gmem_translate(guest, GPA(base + 0x10)), host + 0x10);
	assert_int_equal(fake_gmem_translate(guest, GPA(base + size - 1)), host + size - 1);
	assert_int_equal(fake_gmem_flags(guest, GPA(base)), GMEM_READ | GMEM_WRITE | GMEM_DEVICE);
	assert_false(guest_memory_is_ram(guest, GPA(base), 1));
	assert_int_equal(guest_memory_read(guest, GPA(base), &byte, 1), -EFAULT);
}

static void registers_are_mapped(void *argument)
{
	struct guest *guest = create();

	(void)argument;
	assert_mapped(guest, FAKE_GUEST_BASE, FAKE_ADDER_BASE, 0x1000);
	assert_mapped(guest, FAKE_GUEST_BASE_2, FAKE_ADDER_BASE_2, 0x2000);
	/* A virtual device's are not. */
	assert_int_equal(fake_gmem_translate(guest, GPA(0x2000)), 0);
	destroy(guest);
}

static void fewer_registers_and_interrupts_will_do(void *argument)
{
	const uint64_t pair[] = { FAKE_GUEST_BASE, 0x1000 };
	struct guest *guest;

	(void)argument;
	fake_tree_reg_set(fdt, FAKE_GUEST_ADDER, pair, 1);
	assert_int_equal(fdt_delprop(fdt, fake_tree_node(fdt, FAKE_GUEST_ADDER), "interrupts"), 0);
	assert_int_equal(fdt_delprop(fdt, fake_tree_node(fdt, FAKE_GUEST_ADDER), "compatible"), 0);
	guest = create();
	assert_mapped(guest, FAKE_GUEST_BASE, FAKE_ADDER_BASE, 0x1000);
	assert_false(fake_line_get(FAKE_ADDER_LINE).enabled);
	destroy(guest);
}

/* ---- interrupts ---- */

static void assert_line(unsigned int line, bool masked, unsigned int count)
{
	const struct fake_line now = fake_line_get(line);

	assert_true(now.enabled);
	assert_int_equal(now.masked, masked);
	assert_int_equal(now.count, count);
	assert_false(now.claimed);
}

/* One interrupt on its way to the guest; those before were `count`. */
static void interrupt_arrives(const struct guest *guest, unsigned int count)
{
	fake_line_set(LINE, true);
	assert_line(LINE, false, count);
	fake_lines_take();
	assert_line(LINE, true, count + 1);
	assert_true(fake_guest_pending(guest, INPUT));
}

static void an_interrupt_goes_there_and_back(void *argument)
{
	struct guest *guest = create_and_start();
	unsigned int count = fake_line_get(LINE).count;

	(void)argument;
	for (unsigned int i = 0; i < 3; i++) {
		interrupt_arrives(guest, count++);
		assert_int_equal(fake_guest_claim(guest), INPUT);
		/* The guest's driver has served the device. */
		fake_line_set(LINE, false);
		assert_line(LINE, true, count);
		fake_guest_complete(guest, INPUT);
		assert_line(LINE, false, count);
		/* And nothing more comes of it. */
		assert_false(fake_guest_pending(guest, INPUT));
		assert_int_equal(fake_guest_claim(guest), 0);
	}
	destroy(guest);
}

static void what_is_still_high_interrupts_again(void *argument)
{
	struct guest *guest = create_and_start();
	unsigned int count = fake_line_get(LINE).count;

	(void)argument;
	interrupt_arrives(guest, count++);
	fake_lines_take();
	assert_line(LINE, true, count);
	assert_int_equal(fake_guest_claim(guest), INPUT);
	fake_guest_complete(guest, INPUT);
	assert_false(fake_guest_pending(guest, INPUT));
	fake_lines_take();
	assert_line(LINE, true, ++count);
	assert_true(fake_guest_pending(guest, INPUT));
	assert_int_equal(fake_guest_claim(guest), INPUT);
	fake_line_set(LINE, false);
	fake_guest_complete(guest, INPUT);
	fake_lines_take();
	assert_line(LINE, false, count);
	assert_false(fake_guest_pending(guest, INPUT));
	destroy(guest);
}

/* Completions of what was never claimed, and of what is not enabled, are none. */
static void the_guest_cannot_let_go_too_early(void *argument)
{
	struct guest *guest = create_and_start();
	unsigned int count = fake_line_get(LINE).count;

	(void)argument;
	interrupt_arrives(guest, count++);
	fake_guest_complete(guest, INPUT);
	fake_guest_complete(guest, FAKE_GUEST_INPUTS + 100);
	assert_line(LINE, true, count);
	assert_int_equal(fake_guest_claim(guest), INPUT);
	fake_guest_complete(guest, FAKE_GUEST_INPUT_2);
	assert_line(LINE, true, count);
	fake_guest_complete(guest, INPUT);
	assert_line(LINE, false, count);
	fake_guest_complete(guest, INPUT);
	assert_line(LINE, false, count);
	destroy(guest);
}

static void lines_do_not_mix(void *argument)
{
	struct guest *guest = create_and_start();
	unsigned int count = fake_line_get(LINE).count;
	unsigned int count_2 = fake_line_get(FAKE_ADDER_LINE_2).count;

	(void)argument;
	fake_line_set(FAKE_ADDER_LINE_2, true);
	fake_lines_take();
	assert_line(LINE, false, count);
	assert_line(FAKE_ADDER_LINE_2, true, count_2 + 1);
	assert_false(fake_guest_pending(guest, INPUT));
	assert_int_equal(fake_guest_claim(guest), FAKE_GUEST_INPUT_2);
	interrupt_arrives(guest, count);
	fake_line_set(FAKE_ADDER_LINE_2, false);
	fake_guest_complete(guest, FAKE_GUEST_INPUT_2);
	assert_line(LINE, true, count + 1);
	assert_line(FAKE_ADDER_LINE_2, false, count_2 + 1);
	destroy(guest);
}

/* A device that interrupts while its guest has not started costs one interrupt. */
static void interrupts_before_the_start(void *argument)
{
	struct guest *guest = create();
	unsigned int count = fake_line_get(LINE).count;

	(void)argument;
	fake_line_set(LINE, true);
	for (unsigned int i = 0; i < 3; i++)
		fake_lines_take();
	assert_line(LINE, true, count + 1);
	start(guest);
	assert_line(LINE, false, count + 1);
	fake_lines_take();
	assert_line(LINE, true, count + 2);
	assert_int_equal(fake_guest_claim(guest), INPUT);
	destroy(guest);
}

/* ---- the guest's ends ---- */

static void reset_forgets_what_was_pending(void *argument)
{
	struct guest *guest = create_and_start();
	unsigned int count = fake_line_get(LINE).count;

	(void)argument;
	interrupt_arrives(guest, count++);
	fake_line_set(LINE, false);
	assert_int_equal(guest_reset(guest, &error), 0);
	assert_false(fake_guest_pending(guest, INPUT));
	assert_line(LINE, false, count);
	fake_lines_take();
	assert_line(LINE, false, count);
	destroy(guest);
}

static void reset_forgets_what_was_claimed(void *argument)
{
	struct guest *guest = create_and_start();
	unsigned int count = fake_line_get(LINE).count;

	(void)argument;
	interrupt_arrives(guest, count++);
	assert_int_equal(fake_guest_claim(guest), INPUT);
	assert_int_equal(guest_reset(guest, &error), 0);
	fake_guest_enable(guest, INPUT);
	assert_int_equal(fake_guest_claim(guest), 0);
	interrupt_arrives(guest, count++);
	assert_int_equal(fake_guest_claim(guest), INPUT);
	fake_line_set(LINE, false);
	fake_guest_complete(guest, INPUT);
	assert_line(LINE, false, count);
	destroy(guest);
}

static void a_stopped_guest_costs_one_interrupt(void *argument)
{
	struct guest *guest = create_and_start();
	unsigned int count = fake_line_get(LINE).count;

	(void)argument;
	assert_int_equal(guest_stop(guest, &error), 0);
	interrupt_arrives(guest, count++);
	for (unsigned int i = 0; i < 3; i++)
		fake_lines_take();
	assert_line(LINE, true, count);
	destroy(guest);
}

/* Whatever was under way, the next guest has the device as if it were new. */
static void another_guest_has_it_next(void *argument)
{
	struct account before;

	(void)argument;
	bundle_make();
	account_take(&before);
	for (unsigned int stage = 0; stage < 4; stage++) {
		struct guest *guest = create_and_start();
		unsigned int count = fake_line_get(LINE).count;

		if (stage > 0)
			interrupt_arrives(guest, count);
		if (stage > 1)
			assert_int_equal(fake_guest_claim(guest), INPUT);
		if (stage > 2)
			fake_guest_complete(guest, INPUT);
		destroy(guest);
		assert_all_returned(&before);
		fake_lines_take();
		fake_line_set(LINE, false);
	}
}

static void any_allocation_may_fail(void *argument)
{
	struct account before;
	unsigned int failures = 0;
	int result;

	(void)argument;
	bundle_make();
	account_take(&before);
	do {
		struct guest *guest = NULL;

		error.text[0] = '\0';
		allocation_count = 0;
		allocation_failing = ++failures;
		result = guest_create(TREE, &guest, &error);
		assert_true(result == 0 || result == -ENOMEM);
		assert_true(result == 0 || error.text[0] != '\0');
		allocation_failing = 0;
		if (guest != NULL)
			destroy(guest);
		assert_all_returned(&before);
	} while (allocation_count >= failures);
	assert_in_range(failures, 10, 1000);
	assert_int_equal(result, 0);
}

/* ---- */

static const struct body bodies[] = {
	BODY(a_line_that_is_taken),
	BODY(one_guest_at_a_time),
	BODY(registers_are_mapped),
	BODY(fewer_registers_and_interrupts_will_do),
	BODY(an_interrupt_goes_there_and_back),
	BODY(what_is_still_high_interrupts_again),
	BODY(the_guest_cannot_let_go_too_early),
	BODY(lines_do_not_mix),
	BODY(interrupts_before_the_start),
	BODY(reset_forgets_what_was_pending),
	BODY(reset_forgets_what_was_claimed),
	BODY(a_stopped_guest_costs_one_interrupt),
	BODY(another_guest_has_it_next),
	BODY(any_allocation_may_fail),
};

static int group_setup(void **state)
{
	(void)state;
	fake_machine_start(2);
	fake_host_devices_init();
	return 0;
}

int main(void)
{
	static struct body refusal_bodies[ARRAY_SIZE(refusals)];
	static struct CMUnitTest tests[ARRAY_SIZE(refusals) + ARRAY_SIZE(bodies)];
	size_t count = 0;

	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		refusal_bodies[i] =
			(struct body){ refusals[i].name, refusal, (void *)&refusals[i] };
		tests[count++] = body_test(&refusal_bodies[i], setup, teardown);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++)
		tests[count++] = body_test(&bodies[i], setup, teardown);
	return cmocka_run_group_tests(tests, group_setup, NULL);
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Interrupts of a passed-through device where host, guest and whoever ends the guest are on CPUs
 * that really run at the same time: none is lost, and the device outlives its guests. A lost one
 * shows as a run that does not end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <libfdt.h>

#include <corbel/arch.h>
#include <corbel/guest.h>
#include <corbel/thread.h>
#include <corbel/time.h>
#include <fake_bundle.h>
#include <fake_guest.h>
#include <fake_host_devices.h>
#include <fake_machine.h>

#define CPU_COUNT 4
#define EVENTS	  5000u
#define LIVES	  200u

static struct guest *guest;

/* ---- the device, whose line is high as long as there is an event to be served ---- */

static uint32_t events, served; /* atomic */
static bool host_stop;		/* atomic */

/* What interrupts CPU 0. Where `events` is not at its end a new one comes, just now and then. */
static void host(void *argument)
{
	uint32_t end = *(const uint32_t *)argument;

	while (!READ_ONCE(host_stop)) {
		uint32_t now = __atomic_load_n(&events, __ATOMIC_SEQ_CST);

		if (now < end && __atomic_load_n(&served, __ATOMIC_SEQ_CST) == now) {
			__atomic_store_n(&events, now + 1, __ATOMIC_SEQ_CST);
			fake_line_set(FAKE_ADDER_LINE, true);
		}
		fake_lines_take();
		thread_yield();
	}
}

/* The guest's driver. */
static void driver(struct vcpu *vcpu, struct vcpu_exit *exit)
{
	uint32_t input;

	fake_guest_enable(vcpu->guest, FAKE_GUEST_INPUT);
	input = fake_guest_claim(vcpu->guest);
	if (input != 0) {
		uint32_t now = __atomic_load_n(&events, __ATOMIC_SEQ_CST);

		assert_int_equal(input, FAKE_GUEST_INPUT);
		fake_line_set(FAKE_ADDER_LINE, false);
		/* From here on the next event may come, also before the completion. */
		__atomic_store_n(&served, now, __ATOMIC_SEQ_CST);
		fake_guest_complete(vcpu->guest, input);
	} else {
		exit->kind = VCPU_EXIT_WAIT;
	}
}

static struct thread *host_start(uint32_t *end)
{
	const struct thread_parameters parameters = { .name = "host",
						      .entry = host,
						      .argument = end,
						      .priority = THREAD_PRIORITY_GUEST,
						      .affinity = 1 };
	struct thread *thread;

	events = 0;
	served = 0;
	host_stop = false;
	fake_line_set(FAKE_ADDER_LINE, false);
	assert_int_equal(thread_create(&parameters, &thread), 0);
	thread_start(thread);
	return thread;
}

static void host_end(struct thread *thread)
{
	WRITE_ONCE(host_stop, true);
	thread_join(thread);
}

static void served_wait(uint32_t count)
{
	while (__atomic_load_n(&served, __ATOMIC_SEQ_CST) < count)
		thread_sleep_until(time_now() + 100 * NS_PER_US);
}

/* ---- the guest ---- */

static void guest_begin(void)
{
	struct error error = { "" };

	if (guest_create("/guest.dtb", &guest, &error) != 0 || guest_start(guest, &error) != 0)
		fail_msg("%s", error.text);
}

static void guest_end(void)
{
	assert_int_equal(guest_destroy(guest, NULL), 0);
	guest_release(guest);
}

static void no_interrupt_is_lost(void *argument)
{
	uint32_t end = EVENTS;
	struct thread *thread = host_start(&end);

	(void)argument;
	guest_begin();
	served_wait(EVENTS);
	guest_end();
	host_end(thread);
	assert_int_equal(events, EVENTS);
	assert_false(fake_line_get(FAKE_ADDER_LINE).enabled);
}

/* Each guest is served some interrupts, then reset, stopped or destroyed in the midst of others. */
static void the_device_outlives_its_guests(void *argument)
{
	uint32_t end = UINT32_MAX;
	struct thread *thread = host_start(&end);

	(void)argument;
	for (unsigned int i = 0; i < LIVES; i++) {
		guest_begin();
		served_wait(served + 2);
		if (i % 3 == 1)
			assert_int_equal(guest_reset(guest, NULL), 0);
		if (i % 3 == 2) {
			assert_int_equal(guest_stop(guest, NULL), 0);
			assert_int_equal(guest_start(guest, NULL), 0);
		}
		served_wait(served + 1 + i % 2);
		guest_end();
	}
	host_end(thread);
	assert_false(fake_line_get(FAKE_ADDER_LINE).enabled);
}

static void no_interrupt_is_lost_test(void **state)
{
	(void)state;
	fake_machine_run(no_interrupt_is_lost, NULL);
}

static void the_device_outlives_its_guests_test(void **state)
{
	(void)state;
	fake_machine_run(the_device_outlives_its_guests, NULL);
}

static int group_setup(void **state)
{
	void *fdt = fake_tree_begin();

	(void)state;
	fake_tree_adder_add(fdt);
	assert_int_equal(fdt_setprop_u64(fdt, fake_tree_node(fdt, "/chosen"),
					 "corbel,kernel-address", FAKE_TREE_RAM),
			 0);
	fake_bundle_begin();
	fake_bundle_add("guest.dtb", fdt, fdt_totalsize(fdt));
	fake_bundle_add("kernel", "raw", 4);
	fake_bundle_mount();
	fake_machine_start_parallel(CPU_COUNT);
	fake_host_devices_init();
	fake_vcpu_program = driver;
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_interrupt_is_lost_test),
		cmocka_unit_test(the_device_outlives_its_guests_test),
	};

	return cmocka_run_group_tests(tests, group_setup, NULL);
}

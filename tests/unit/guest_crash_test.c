// SPDX-License-Identifier: BSD-2-Clause
/*
 * What becomes of guests that crash, as corbel,on-crash says: by the clock, in the log, at the
 * hands of people who come in between, and without a byte lost. What may be wrong with the property
 * is guest_tree_test.c.
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

#include <corbel/guest.h>
#include <corbel/object.h>
#include <corbel/page.h>
#include <corbel/thread.h>
#include <corbel/time.h>
#include <fake.h>
#include <fake_bundle.h>
#include <fake_guest.h>
#include <fake_machine.h>
#include <fake_vdev.h>
#include <fake_vdev.h>
#include "account.h"
#include "bodies.h"

#define TREE	 "/guest.dtb"
/* What starting and noticing may take of the fake clock. */
#define SLACK_NS (20 * NS_PER_MS)

static void *fdt;
static struct error error;

/* ---- a guest that crashes when it is told to ---- */

#define STARTS_MAX 32u

static uint64_t start_times[STARTS_MAX];
static unsigned int starts;
static unsigned int crashes_to_come; /* each right after a start */
static uint64_t crash_after_ns;	     /* or so long after it */

static bool crash_is_due(const struct vcpu *vcpu)
{
	if (strcmp(vcpu->guest->name, "guest") != 0)
		return false;
	if (fake_vcpu(vcpu)->reset_count != starts) {
		starts = fake_vcpu(vcpu)->reset_count;
		assert_true(starts < STARTS_MAX);
		start_times[starts] = time_now();
	}
	return crashes_to_come > 0 && time_now() >= start_times[starts] + crash_after_ns;
}

static void crash_program(struct vcpu *vcpu, struct vcpu_exit *exit)
{
	if (crash_is_due(vcpu)) {
		crashes_to_come--;
		vcpu_crash(vcpu, "it fell over a stone");
		exit->kind = VCPU_EXIT_CRASH;
	} else {
		(void)fake_vcpu_interrupts_take(vcpu);
		exit->kind = VCPU_EXIT_WAIT;
	}
}

/* Lets VCPU 0 look at what it is told. */
static void poke(struct guest *guest)
{
	assert_int_equal(arch_vcpu_irq_set(guest->vcpus[0], 1, true), 0);
}

static void sleep_for(uint64_t duration_ns)
{
	thread_sleep_until(time_now() + duration_ns);
}

static void sleep_until(uint64_t time_ns)
{
	if (time_now() < time_ns)
		thread_sleep_until(time_ns);
}

/* ---- making guests ---- */

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

static int setup(void **state)
{
	(void)state;
	fdt = fake_tree_begin();
	memset(&error, 0, sizeof(error));
	crashes_to_come = 0;
	fake_vcpu_program = crash_program;
	fake_console_reset();
	return 0;
}

static void policy_set(const char *policy)
{
	assert_int_equal(fdt_setprop_string(fdt, 0, "corbel,on-crash", policy), 0);
	bundle_make();
}

static struct guest *create(void)
{
	struct guest *guest = NULL;

	if (guest_create(TREE, &guest, &error) != 0)
		fail_msg("%s", error.text);
	return guest;
}

/* A guest that crashes so often, each time right after its start. */
static struct guest *create_and_crash(const char *policy, unsigned int crashes)
{
	struct guest *guest;

	policy_set(policy);
	guest = create();
	starts = 0;
	crash_after_ns = 0;
	crashes_to_come = crashes;
	if (guest_start(guest, &error) != 0)
		fail_msg("%s", error.text);
	sleep_for(SLACK_NS);
	return guest;
}

static void destroy(struct guest *guest)
{
	assert_int_equal(guest_destroy(guest, &error), 0);
	guest_release(guest);
}

static void assert_crashes(struct guest *guest, uint64_t count, bool restarts)
{
	struct guest_crashes crashes;

	guest_crashes_get(guest, &crashes);
	assert_int_equal(crashes.count, count);
	assert_int_equal(crashes.restart_ns != TIME_NEVER, restarts);
	if (count > 0)
		assert_string_equal(crashes.text, "VCPU 0: it fell over a stone");
}

static void assert_logged(const char *line)
{
	if (strstr(fake_console_text(), line) == NULL)
		fail_msg("no \"%s\" in: %s", line, fake_console_text());
}

static unsigned int lines_logged(void)
{
	unsigned int count = 0;

	for (const char *at = fake_console_text(); (at = strchr(at, '\n')) != NULL; at++)
		count++;
	return count;
}

/* ---- halt ---- */

static void halt_is_what_happens_unless_told(void *argument)
{
	struct guest *guest;

	(void)argument;
	bundle_make();
	guest = create();
	assert_int_equal(guest->on_crash, GUEST_ON_CRASH_HALT);
	assert_crashes(guest, 0, false);
	destroy(guest);
}

static void halted_it_stays(void *argument)
{
	struct guest *guest = create_and_crash("halt", 1);

	(void)argument;
	sleep_for(200 * NS_PER_S);
	assert_int_equal(guest->state, GUEST_CRASHED);
	assert_string_equal(guest->vcpus[0]->crash_text, "it fell over a stone");
	assert_crashes(guest, 1, false);
	assert_int_equal(starts, 1);
	assert_logged("guest guest: crashed: VCPU 0: it fell over a stone\r\n");
	assert_int_equal(lines_logged(), 1);
	destroy(guest);
}

static void both_fall(struct vcpu *vcpu, struct vcpu_exit *exit)
{
	const struct vcpu_start start = { .entry = GPA(FAKE_TREE_RAM) };

	if (vcpu->index == 0 && !vcpu_is_on(vcpu->guest->vcpus[1])) {
		assert_int_equal(vcpu_power_on(vcpu->guest, 1, &start), 0);
		fake_work(NS_PER_MS);
		return;
	}
	vcpu_crash(vcpu, "VCPU %u fell", vcpu->index);
	exit->kind = VCPU_EXIT_CRASH;
}

static void assert_text(struct guest *guest, const char *text)
{
	struct guest_crashes crashes;

	guest_crashes_get(guest, &crashes);
	assert_string_equal(crashes.text, text);
}

static void devices_may_say_why(void *argument)
{
	struct guest *guest = create_and_crash("halt", 0);

	(void)argument;
	guest_crash(guest, "its %s was not fed", "dog");
	guest_crash(guest, "nor the cat");
	sleep_for(SLACK_NS);
	assert_int_equal(guest->state, GUEST_CRASHED);
	assert_logged("guest guest: crashed: its dog was not fed\r\n");
	assert_text(guest, "its dog was not fed");
	/* The reason is that crash's alone. */
	assert_int_equal(guest_start(guest, &error), 0);
	guest_request(guest, GUEST_REQUEST_CRASH);
	sleep_for(SLACK_NS);
	assert_text(guest, "it says that it failed");
	assert_int_equal(guest_start(guest, &error), 0);
	guest_crash(guest, "%0200d", 1);
	sleep_for(SLACK_NS);
	assert_int_equal(guest->crashes.count, 3);
	assert_int_equal(strlen(guest->crashes.text), GUEST_CRASH_REASON_SIZE - 1);
	destroy(guest);
}

static void crash_at_reset(struct fake_device *device)
{
	guest_crash(device->vdev.guest, "a timer of the last life");
}

/* A device may find out too late that its guest is gone, or while it is being reset. */
static void what_devices_ask_for_ends_with_their_reset(void *argument)
{
	struct guest *guest = create_and_crash("halt", 0);

	(void)argument;
	assert_int_equal(guest_stop(guest, &error), 0);
	guest_crash(guest, "too late");
	sleep_for(SLACK_NS);
	assert_int_equal(guest->state, GUEST_STOPPED);
	fake_device_hook = crash_at_reset;
	assert_int_equal(guest_start(guest, &error), 0);
	assert_int_equal(guest_reset(guest, &error), 0);
	fake_device_hook = NULL;
	sleep_for(SLACK_NS);
	assert_int_equal(guest->state, GUEST_RUNNING);
	assert_crashes(guest, 0, false);
	assert_string_equal(guest->crash_reason, "");
	destroy(guest);
}

static void two_vcpus_that_fall_are_one_crash(void *argument)
{
	struct guest_crashes crashes;
	struct guest *guest;

	(void)argument;
	fake_vcpu_program = both_fall;
	guest = create_and_crash("halt", 0);
	assert_int_equal(guest->state, GUEST_CRASHED);
	guest_crashes_get(guest, &crashes);
	assert_int_equal(crashes.count, 1);
	destroy(guest);
}

/* ---- restart ---- */

static void restarted_after_a_second(void *argument)
{
	struct guest *guest = create_and_crash("restart", 1);
	uint64_t crashed_ns = start_times[1];

	(void)argument;
	assert_int_equal(guest->state, GUEST_CRASHED);
	assert_crashes(guest, 1, true);
	assert_logged("guest guest: crashed, restarts in 1 s: VCPU 0: it fell over a stone\r\n");
	sleep_until(crashed_ns + NS_PER_S - SLACK_NS);
	assert_int_equal(guest->state, GUEST_CRASHED);
	assert_string_equal(guest->vcpus[0]->crash_text, "it fell over a stone");
	sleep_until(crashed_ns + NS_PER_S + SLACK_NS);
	assert_int_equal(guest->state, GUEST_RUNNING);
	assert_int_equal(guest->start_count, 2);
	assert_int_equal(starts, 2);
	/* That it crashed is still known. */
	assert_crashes(guest, 1, false);
	assert_logged("guest guest: restarted after crash 1\r\n");
	assert_int_equal(lines_logged(), 2);
	sleep_for(300 * NS_PER_S);
	assert_int_equal(guest->state, GUEST_RUNNING);
	assert_int_equal(starts, 2);
	destroy(guest);
}

static void assert_delay(unsigned int start, uint64_t expected_s)
{
	uint64_t delay_ns = start_times[start] - start_times[start - 1];

	assert_in_range(delay_ns, expected_s * NS_PER_S, expected_s * NS_PER_S + SLACK_NS);
}

static void each_crash_doubles_the_wait(void *argument)
{
	static const unsigned int seconds[] = { 1, 2, 4, 8, 16, 32, 60, 60, 60 };
	struct guest *guest = create_and_crash("restart", ARRAY_SIZE(seconds));

	(void)argument;
	sleep_for(400 * NS_PER_S);
	assert_int_equal(starts, 1 + ARRAY_SIZE(seconds));
	for (unsigned int i = 0; i < ARRAY_SIZE(seconds); i++)
		assert_delay(i + 2, seconds[i]);
	assert_int_equal(guest->state, GUEST_RUNNING);
	assert_crashes(guest, ARRAY_SIZE(seconds), false);
	/* However it goes on, it is two lines a minute. */
	assert_int_equal(lines_logged(), 2 * ARRAY_SIZE(seconds));
	destroy(guest);
}

/* Crashes the guest once more, that long after its last start. */
static void crash_later(struct guest *guest, uint64_t after_ns)
{
	sleep_until(start_times[starts] + after_ns);
	crash_after_ns = after_ns;
	crashes_to_come = 1;
	poke(guest);
	sleep_for(SLACK_NS);
	assert_int_equal(guest->state, GUEST_CRASHED);
}

static void a_minute_without_a_crash_is_health(void *argument)
{
	struct guest *guest = create_and_crash("restart", 3);

	(void)argument;
	sleep_for(10 * NS_PER_S);
	assert_int_equal(starts, 4);
	crash_later(guest, 59 * NS_PER_S);
	sleep_for(10 * NS_PER_S);
	assert_delay(5, 59 + 8);
	crash_later(guest, 61 * NS_PER_S);
	sleep_for(10 * NS_PER_S);
	assert_delay(6, 61 + 1);
	crash_later(guest, 20 * NS_PER_S);
	sleep_for(10 * NS_PER_S);
	assert_delay(7, 20 + 2);
	assert_crashes(guest, 6, false);
	destroy(guest);
}

static void a_restart_that_fails_is_tried_again(void *argument)
{
	struct guest *guest = create_and_crash("restart", 1);

	(void)argument;
	fake_bundle_begin();
	fake_bundle_mount();
	sleep_for(NS_PER_S + SLACK_NS);
	assert_int_equal(guest->state, GUEST_CRASHED);
	assert_crashes(guest, 1, true);
	assert_logged("guest guest: it cannot be restarted: " TREE
		      ": node /chosen: corbel,kernel names /kernel, which is not in the bundle; "
		      "tried again in 2 s\r\n");
	bundle_make();
	sleep_for(2 * NS_PER_S);
	assert_int_equal(guest->state, GUEST_RUNNING);
	assert_delay(2, 3);
	destroy(guest);
}

static void guests_do_not_wait_for_another(void *argument)
{
	struct guest *guest = create_and_crash("restart", STARTS_MAX), *other;

	(void)argument;
	assert_int_equal(fdt_setprop_string(fdt, 0, "corbel,name", "other"), 0);
	crashes_to_come = 6;
	sleep_for(5 * NS_PER_S);
	bundle_make();
	other = create();
	assert_int_equal(guest_start(other, &error), 0);
	sleep_for(SLACK_NS);
	assert_int_equal(guest->state, GUEST_CRASHED);
	assert_crashes(guest, 3, true);
	guest_request(other, GUEST_REQUEST_POWEROFF);
	sleep_for(SLACK_NS);
	assert_int_equal(other->state, GUEST_STOPPED);
	destroy(other);
	assert_int_equal(guest->state, GUEST_CRASHED);
	destroy(guest);
}

/* ---- destroy ---- */

static void destroyed_nothing_remains(void *argument)
{
	struct account before;
	struct guest *guest;

	(void)argument;
	policy_set("destroy");
	account_take(&before);
	guest = create_and_crash("destroy", 1);
	assert_null(guest_find("guest"));
	assert_int_equal(guest_start(guest, &error), -ENOENT);
	assert_int_equal(guest_destroy(guest, &error), -ENOENT);
	assert_logged("guest guest: crashed, is destroyed: VCPU 0: it fell over a stone\r\n");
	guest_release(guest);
	assert_nothing_leaked(&before);
	/* And without anybody who holds it. */
	crashes_to_come = 1;
	starts = 0;
	guest = create();
	assert_int_equal(guest_start(guest, NULL), 0);
	guest_release(guest);
	sleep_for(SLACK_NS);
	assert_null(guest_find("guest"));
	assert_nothing_leaked(&before);
}

/* ---- people who come in between ---- */

static void stopped_it_stays_so(void *argument)
{
	struct guest *guest = create_and_crash("restart", 1);

	(void)argument;
	assert_int_equal(guest_pause(guest, &error), -EBUSY);
	assert_int_equal(guest_resume(guest, NULL), -EBUSY);
	assert_crashes(guest, 1, true);
	assert_int_equal(guest_stop(guest, &error), 0);
	assert_crashes(guest, 1, false);
	sleep_for(200 * NS_PER_S);
	assert_int_equal(guest->state, GUEST_STOPPED);
	assert_int_equal(starts, 1);
	destroy(guest);
}

/* It is not started twice, and whoever starts it begins anew with the waits. */
static void started_by_a_person(void *argument)
{
	int (*const operations[])(struct guest * guest, struct error * out) = { guest_start,
										guest_reset };

	(void)argument;
	for (unsigned int i = 0; i < ARRAY_SIZE(operations); i++) {
		struct guest *guest;

		guest = create_and_crash("restart", 3);
		sleep_for(4 * NS_PER_S);
		assert_int_equal(starts, 3);
		assert_int_equal(guest->state, GUEST_CRASHED);
		assert_int_equal(operations[i](guest, &error), 0);
		assert_crashes(guest, 3, false);
		sleep_for(30 * NS_PER_S);
		assert_int_equal(guest->state, GUEST_RUNNING);
		assert_int_equal(starts, 4);
		crash_later(guest, 30 * NS_PER_S + SLACK_NS);
		sleep_for(10 * NS_PER_S);
		assert_int_equal(starts, 5);
		assert_in_range(start_times[5] - start_times[4], 31 * NS_PER_S,
				31 * NS_PER_S + 4 * SLACK_NS);
		destroy(guest);
	}
}

static void destroyed_by_a_person(void *argument)
{
	struct account before;

	(void)argument;
	policy_set("restart");
	account_take(&before);
	destroy(create_and_crash("restart", 1));
	assert_nothing_leaked(&before);
	sleep_for(10 * NS_PER_S);
	assert_int_equal(starts, 1);
	assert_nothing_leaked(&before);
}

/* At every moment around that at which the restart is due, on both CPUs. */
static void race(int (*operation)(struct guest *guest, struct error *out), enum guest_state state)
{
	struct account before;
	unsigned int came_late = 0;

	policy_set("restart");
	account_take(&before);
	for (int64_t offset = -5; offset < 15; offset++) {
		struct guest_crashes crashes;
		struct guest *guest;
		int result;

		guest = create_and_crash("restart", 1);
		guest_crashes_get(guest, &crashes);
		thread_sleep_until(crashes.restart_ns +
				   (uint64_t)(offset * (int64_t)FAKE_TICK_NS / 2));
		result = operation(guest, NULL);
		assert_true(result == 0 || (operation == guest_start && result == -EBUSY));
		came_late += strstr(fake_console_text(), "restarted after") != NULL;
		fake_console_reset();
		sleep_for(5 * NS_PER_S);
		assert_int_equal(guest->state, state);
		assert_crashes(guest, 1, false);
		if (!guest->destroyed)
			assert_int_equal(guest_destroy(guest, &error), 0);
		guest_release(guest);
		assert_nothing_leaked(&before);
	}
	/* Some came before it, some after. */
	assert_in_range(came_late, 3, 17);
}

static void races_with_people(void *argument)
{
	(void)argument;
	race(guest_stop, GUEST_STOPPED);
	race(guest_start, GUEST_RUNNING);
	race(guest_reset, GUEST_RUNNING);
	race(guest_destroy, GUEST_STOPPED);
}

/* ---- */

static const struct body bodies[] = {
	BODY(halt_is_what_happens_unless_told),
	BODY(halted_it_stays),
	BODY(devices_may_say_why),
	BODY(what_devices_ask_for_ends_with_their_reset),
	BODY(two_vcpus_that_fall_are_one_crash),
	BODY(restarted_after_a_second),
	BODY(each_crash_doubles_the_wait),
	BODY(a_minute_without_a_crash_is_health),
	BODY(a_restart_that_fails_is_tried_again),
	BODY(guests_do_not_wait_for_another),
	BODY(destroyed_nothing_remains),
	BODY(stopped_it_stays_so),
	BODY(started_by_a_person),
	BODY(destroyed_by_a_person),
	BODY(races_with_people),
};

int main(void)
{
	static struct CMUnitTest tests[ARRAY_SIZE(bodies)];

	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++)
		tests[i] = body_test(&bodies[i], setup, NULL);
	return cmocka_run_group_tests(tests, bodies_setup_manager, NULL);
}

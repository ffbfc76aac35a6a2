// SPDX-License-Identifier: BSD-2-Clause
/*
 * VCPUs on CPUs that really run at the same time: no wake-up and no request is lost, however they
 * fall. A lost one shows as a run that does not end.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <libfdt.h>

#include <corbel/arch.h>
#include <corbel/guest.h>
#include <corbel/thread.h>
#include <corbel/time.h>
#include <fake_bundle.h>
#include <fake_guest.h>
#include <fake_machine.h>
#include "bodies.h"

#define CPU_COUNT 4
#define BALL	  1
#define THROWS	  10000u
#define PAUSES	  1000u
#define REBOOTS	  300u

static struct guest *guest;
static struct error error;

static void guest_begin(void (*program)(struct vcpu *vcpu, struct vcpu_exit *exit))
{
	void *fdt = fake_tree_begin();

	assert_int_equal(fdt_setprop_u64(fdt, fake_tree_node(fdt, "/chosen"),
					 "corbel,kernel-address", FAKE_TREE_RAM),
			 0);
	fake_bundle_begin();
	fake_bundle_add("guest.dtb", fdt, fdt_totalsize(fdt));
	fake_bundle_add("kernel", "raw", 4);
	fake_bundle_mount();
	fake_vcpu_program = program;
	if (guest_create("/guest.dtb", &guest, &error) != 0 || guest_start(guest, &error) != 0)
		fail_msg("%s", error.text);
}

static void guest_end(void)
{
	assert_int_equal(guest_destroy(guest, NULL), 0);
	guest_release(guest);
}

static const struct vcpu_start second_start = { .entry = GPA(FAKE_TREE_RAM) };

/* ---- interrupts between VCPUs that wait ---- */

static unsigned int throws; /* atomic */

/* Each throws the ball to the other and waits for it. The second one has it first. */
static void ping_pong(struct vcpu *vcpu, struct vcpu_exit *exit)
{
	bool caught = fake_vcpu_interrupts_take(vcpu) != 0;
	bool begins = vcpu->index == 1 && fake_vcpu(vcpu)->run_count == 1;

	exit->kind = VCPU_EXIT_WAIT;
	if (!caught && !begins)
		return;
	if (__atomic_add_fetch(&throws, 1, __ATOMIC_SEQ_CST) < THROWS)
		(void)arch_vcpu_irq_set(guest->vcpus[1 - vcpu->index], BALL, true);
}

static void interrupts_between_vcpus(void *argument)
{
	(void)argument;
	throws = 0;
	guest_begin(ping_pong);
	/* A reset, which the VCPU's thread applies, would lower the input again. */
	while (READ_ONCE(fake_vcpu(guest->vcpus[0])->run_count) == 0)
		thread_sleep_until(time_now() + NS_PER_MS);
	assert_int_equal(vcpu_power_on(guest, 1, &second_start), 0);
	while (__atomic_load_n(&throws, __ATOMIC_SEQ_CST) < THROWS)
		thread_sleep_until(time_now() + NS_PER_MS);
	guest_end();
}

/* ---- requests to VCPUs that compute and wait by turns ---- */

static void restless(struct vcpu *vcpu, struct vcpu_exit *exit)
{
	unsigned int runs = fake_vcpu(vcpu)->run_count;

	if (vcpu->index == 0 && !vcpu_is_on(guest->vcpus[1]))
		(void)vcpu_power_on(guest, 1, &second_start);
	if (vcpu->index == 1 && runs % 7 == 0) {
		exit->kind = VCPU_EXIT_OFF;
	} else if (runs % 3 == 0) {
		(void)arch_vcpu_irq_set(guest->vcpus[1 - vcpu->index], BALL, true);
		(void)fake_vcpu_interrupts_take(vcpu);
		exit->kind = vcpu->index == 1 ? VCPU_EXIT_WAIT : VCPU_EXIT_NONE;
	} else {
		fake_work(10 * NS_PER_US);
	}
}

static void pauses(void *argument)
{
	(void)argument;
	guest_begin(restless);
	for (unsigned int i = 0; i < PAUSES; i++) {
		unsigned int runs;

		assert_int_equal(guest_pause(guest, &error), 0);
		runs = fake_vcpu(guest->vcpus[0])->run_count;
		thread_yield();
		assert_int_equal(fake_vcpu(guest->vcpus[0])->run_count, runs);
		assert_int_equal(guest_resume(guest, &error), 0);
	}
	guest_end();
}

static void resets(void *argument)
{
	(void)argument;
	guest_begin(restless);
	for (unsigned int i = 0; i < PAUSES; i++)
		assert_int_equal(guest_reset(guest, &error), 0);
	guest_end();
}

/* ---- requests from inside, against orders from outside ---- */

static void rebooting(struct vcpu *vcpu, struct vcpu_exit *exit)
{
	(void)exit;
	if (fake_vcpu(vcpu)->run_count % 5 == 0)
		guest_request(guest, GUEST_REQUEST_REBOOT);
}

static void reboots_against_pauses(void *argument)
{
	(void)argument;
	guest_begin(rebooting);
	while (READ_ONCE(guest->start_count) < REBOOTS) {
		if (guest_pause(guest, NULL) == 0)
			(void)guest_resume(guest, NULL);
		thread_yield();
	}
	guest_end();
}

/* ---- */

static const struct body bodies[] = {
	BODY(interrupts_between_vcpus),
	BODY(pauses),
	BODY(resets),
	BODY(reboots_against_pauses),
};

static int group_setup(void **state)
{
	(void)state;
	fake_machine_start_parallel(CPU_COUNT);
	fake_machine_run(body_manager_start, NULL);
	return 0;
}

int main(void)
{
	static struct CMUnitTest tests[ARRAY_SIZE(bodies)];

	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++)
		tests[i] = body_test(&bodies[i], NULL, NULL);
	return cmocka_run_group_tests(tests, group_setup, NULL);
}

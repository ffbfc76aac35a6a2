// SPDX-License-Identifier: BSD-2-Clause
/*
 * VCPUs: accesses to devices, waiting, power, kicks. On two CPUs that run in turn.
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
#include <fake.h>
#include <fake_bundle.h>
#include <fake_guest.h>
#include <fake_machine.h>
#include <fake_vdev.h>
#include "bodies.h"

#define DEVICE_ADDRESS	UINT64_C(0x2000)
#define SLEEPER_ADDRESS UINT64_C(0x3000)
#define ROM_ADDRESS	UINT64_C(0x10000)
#define SOME_IRQ	9

static struct guest *guest;
static struct error error;

/* ---- a guest with two VCPUs that run a program of the test's ---- */

static void guest_begin(void (*program)(struct vcpu *vcpu, struct vcpu_exit *exit))
{
	void *fdt = fake_tree_begin();

	fake_tree_node_add(fdt, "/soc", "sleeper@3000", "test,sleeper", SLEEPER_ADDRESS, 0x1000);
	fake_tree_node_add(fdt, "/", "rom@10000", "mtd-rom", ROM_ADDRESS, PAGE_SIZE);
	assert_int_equal(fdt_setprop_u64(fdt, fake_tree_node(fdt, "/chosen"),
					 "corbel,kernel-address", FAKE_TREE_RAM),
			 0);
	fake_bundle_begin();
	fake_bundle_add("guest.dtb", fdt, fdt_totalsize(fdt));
	fake_bundle_add("kernel", "raw", 4);
	fake_bundle_mount();
	fake_console_reset();
	fake_vcpu_program = program;
	if (guest_create("/guest.dtb", &guest, &error) != 0 || guest_start(guest, &error) != 0)
		fail_msg("%s", error.text);
}

static void guest_end(void)
{
	assert_int_equal(guest_destroy(guest, NULL), 0);
	guest_release(guest);
}

static void settle(void)
{
	thread_sleep_until(time_now() + 50 * NS_PER_MS);
}

static struct fake_vcpu *boot_vcpu(void)
{
	return fake_vcpu(guest->vcpus[0]);
}

/* ---- accesses ---- */

/* What the program does, one after the other; then it waits. */
static struct vcpu_exit script[16];
static unsigned int script_length, script_done;

static void script_program(struct vcpu *vcpu, struct vcpu_exit *exit)
{
	if (script_done < script_length)
		*exit = script[script_done++];
	else if (fake_vcpu_interrupts_take(vcpu) == 0)
		exit->kind = VCPU_EXIT_WAIT;
}

static void script_begin(void)
{
	script_length = 0;
	script_done = 0;
}

static void script_access(uint64_t address, uint8_t size, bool write, uint64_t value)
{
	script[script_length++] = (struct vcpu_exit){ .kind = VCPU_EXIT_MMIO,
						      .write = write,
						      .size = size,
						      .address = GPA(address),
						      .value = value };
}

/* Runs what was added to the script since the last time. */
static void script_run(void)
{
	assert_int_equal(arch_vcpu_irq_set(guest->vcpus[0], SOME_IRQ, true), 0);
	settle();
	assert_int_equal(script_done, script_length);
}

static void accesses_reach_the_device(void *argument)
{
	struct fake_device *device;

	(void)argument;
	script_begin();
	guest_begin(script_program);
	device = fake_device(guest, "/soc/device@2000");
	script_access(DEVICE_ADDRESS + 0x10, 4, true, UINT64_C(0xaabbccdd11223344));
	script_run();
	assert_int_equal(device->value, 0x11223344);
	assert_int_equal(device->offset, 0x10);
	assert_int_equal(device->size, 4);
	assert_int_equal(device->region, 0);
	assert_false(device->irq_enabled);
	device->value = UINT64_C(0x8877665544332211);
	script_access(DEVICE_ADDRESS + 0x7f8, 8, false, 0);
	script_run();
	assert_int_equal(boot_vcpu()->completed.value, UINT64_C(0x8877665544332211));
	script_access(DEVICE_ADDRESS + 3, 1, false, UINT64_MAX);
	script_run();
	assert_int_equal(boot_vcpu()->completed.value, 0x11);
	assert_int_equal(boot_vcpu()->complete_count, 3);
	assert_int_equal(boot_vcpu()->fault_count, 0);
	assert_int_equal(device->vdev.read_count, 2);
	assert_int_equal(device->vdev.write_count, 1);
	guest_end();
}

static void accesses_to_nothing_are_faults(void *argument)
{
	static const struct {
		uint64_t address;
		uint8_t size;
	} nowhere[] = {
		{ 0x0, 4 },				   /* below everything */
		{ UINT64_MAX - 7, 8 },			   /* above everything */
		{ DEVICE_ADDRESS + FAKE_DEVICE_HOLE, 4 },  /* the device says so */
		{ SLEEPER_ADDRESS + FAKE_DEVICE_HOLE, 4 }, /* so does one that may sleep */
		{ SLEEPER_ADDRESS + 0xffe, 4 },		   /* across the end */
		{ SLEEPER_ADDRESS + 0x1000, 1 },	   /* behind the end */
		{ FAKE_TREE_RAM, 4 },			   /* RAM, which the port cannot map */
	};

	(void)argument;
	script_begin();
	guest_begin(script_program);
	for (unsigned int i = 0; i < ARRAY_SIZE(nowhere); i++) {
		script_access(nowhere[i].address, nowhere[i].size, i % 2 != 0, 0);
		script_run();
		assert_int_equal(boot_vcpu()->fault_count, i + 1);
	}
	assert_int_equal(boot_vcpu()->complete_count, 0);
	assert_int_equal(fake_device(guest, "/soc/sleeper@3000")->access_count, 1);
	guest_end();
}

static void devices_that_may_sleep_have_interrupts_on(void *argument)
{
	(void)argument;
	script_begin();
	guest_begin(script_program);
	script_access(SLEEPER_ADDRESS + 4, 2, true, 0x12345);
	script_run();
	assert_true(fake_device(guest, "/soc/sleeper@3000")->irq_enabled);
	assert_int_equal(fake_device(guest, "/soc/sleeper@3000")->value, 0x2345);
	assert_int_equal(boot_vcpu()->complete_count, 1);
	guest_end();
}

static int fast(uint64_t address, unsigned int size, bool write, uint64_t *value)
{
	unsigned long flags = arch_irq_save();
	int result = vcpu_mmio_fast(guest->vcpus[0], GPA(address), size, write, value);

	arch_irq_restore(flags);
	return result;
}

static void fast_accesses(void *argument)
{
	struct fake_device *device;
	uint64_t value = 5;

	(void)argument;
	guest_begin(NULL);
	device = fake_device(guest, "/soc/device@2000");
	device->value = UINT64_C(0x1122334455667788);
	assert_int_equal(fast(DEVICE_ADDRESS + 6, 2, false, &value), 0);
	assert_int_equal(value, 0x7788);
	assert_int_equal(device->offset, 6);
	value = UINT64_C(0x99aabbccddeeff00);
	assert_int_equal(fast(DEVICE_ADDRESS, 4, true, &value), 0);
	assert_int_equal(device->value, 0xddeeff00);
	assert_int_equal(fast(SLEEPER_ADDRESS, 4, false, &value), -EAGAIN);
	assert_int_equal(fake_device(guest, "/soc/sleeper@3000")->access_count, 0);
	assert_int_equal(fast(DEVICE_ADDRESS + FAKE_DEVICE_HOLE, 4, false, &value), -EFAULT);
	assert_int_equal(fast(SLEEPER_ADDRESS + 0xfff, 2, false, &value), -EFAULT);
	assert_int_equal(fast(0x99999999, 1, true, &value), -EFAULT);
	guest_end();
}

/* Where the processor does not let the guest reach its memory by itself. */
static void fast_accesses_to_memory(void *argument)
{
	static const unsigned int sizes[] = { 1, 2, 4, 8 };
	const uint64_t pattern = UINT64_C(0x8877665544332211);
	uint64_t value;

	(void)argument;
	guest_begin(NULL);
	for (unsigned int i = 0; i < ARRAY_SIZE(sizes); i++) {
		uint64_t address = FAKE_TREE_RAM + 64 * i, copy = 0;

		value = pattern;
		assert_int_equal(fast(address, sizes[i], true, &value), 0);
		assert_int_equal(guest_memory_read(guest, GPA(address), &copy, 8), 0);
		assert_int_equal(copy, pattern & UINT64_MAX >> (64 - 8 * sizes[i]));
		value = UINT64_MAX;
		assert_int_equal(fast(address, sizes[i], false, &value), 0);
		assert_int_equal(value, copy);
	}
	assert_int_equal(fast(FAKE_TREE_RAM + 2, 4, false, &value), -EFAULT);
	assert_int_equal(fast(FAKE_TREE_RAM + FAKE_TREE_RAM_SIZE, 8, false, &value), -EFAULT);
	guest_end();
}

/* It reads as it was loaded, whatever is written. */
static void fast_accesses_to_rom(void *argument)
{
	uint64_t value = 0;

	(void)argument;
	guest_begin(NULL);
	value = 0x11223344;
	assert_int_equal(fast(ROM_ADDRESS, 4, true, &value), 0);
	assert_int_equal(fast(ROM_ADDRESS, 4, false, &value), 0);
	assert_int_equal(value, 0);
	assert_int_equal(fast(ROM_ADDRESS + PAGE_SIZE, 4, true, &value), -EFAULT);
	guest_end();
}

/* ---- waiting ---- */

static void waiting_frees_the_cpu(void *argument)
{
	struct thread *thread;
	uint64_t used;

	(void)argument;
	guest_begin(NULL);
	settle();
	thread = guest->vcpus[0]->thread;
	assert_string_equal(vcpu_state_name(guest->vcpus[0]), "waiting");
	assert_int_equal(thread->state, THREAD_BLOCKED);
	used = thread_run_time(thread);
	settle();
	assert_int_equal(thread_run_time(thread), used);
	assert_int_equal(boot_vcpu()->run_count, 1);
	assert_int_equal(boot_vcpu()->wait_begin_count, 1);
	assert_int_equal(boot_vcpu()->wait_end_count, 0);
	guest_end();
}

static void interrupts_end_a_wait(void *argument)
{
	(void)argument;
	script_begin();
	guest_begin(script_program);
	settle();
	script_access(DEVICE_ADDRESS, 4, false, 0);
	script_run();
	assert_int_equal(boot_vcpu()->complete_count, 1);
	assert_string_equal(vcpu_state_name(guest->vcpus[0]), "waiting");
	assert_int_equal(boot_vcpu()->wait_begin_count, boot_vcpu()->wait_end_count + 1);
	guest_end();
}

/* A kick that is about nothing the guest sees does not end its wait. */
static void kicks_do_not_end_a_wait(void *argument)
{
	(void)argument;
	guest_begin(NULL);
	settle();
	vcpu_kick(guest->vcpus[0]);
	settle();
	assert_int_equal(boot_vcpu()->run_count, 1);
	assert_int_equal(boot_vcpu()->wait_end_count, 0);
	guest_end();
}

static void a_waiting_guest_can_be_paused(void *argument)
{
	(void)argument;
	guest_begin(NULL);
	settle();
	assert_int_equal(guest_pause(guest, &error), 0);
	assert_int_equal(boot_vcpu()->wait_end_count, 1);
	assert_string_equal(vcpu_state_name(guest->vcpus[0]), "paused");
	assert_int_equal(arch_vcpu_irq_set(guest->vcpus[0], SOME_IRQ, true), 0);
	settle();
	assert_int_equal(boot_vcpu()->run_count, 1);
	assert_int_equal(guest_resume(guest, &error), 0);
	settle();
	assert_true(boot_vcpu()->run_count > 1);
	guest_end();
}

/* ---- power ---- */

static bool others_may_go;

/* VCPU 0 computes; the others turn themselves off when they are let. */
static void off_program(struct vcpu *vcpu, struct vcpu_exit *exit)
{
	arch_irq_enable();
	while (!vcpu_must_leave(vcpu) && (vcpu->index == 0 || !others_may_go))
		fake_work(NS_PER_MS);
	arch_irq_disable();
	if (vcpu->index != 0 && others_may_go)
		exit->kind = VCPU_EXIT_OFF;
}

static void power(void *argument)
{
	const struct vcpu_start start = { .entry = GPA(0x80001000), .argument = 77 };
	const struct vcpu_start again = { .entry = GPA(0x80002000), .argument = 78 };
	struct fake_vcpu *second;

	(void)argument;
	others_may_go = false;
	guest_begin(off_program);
	second = fake_vcpu(guest->vcpus[1]);
	assert_false(vcpu_is_on(guest->vcpus[1]));
	assert_int_equal(vcpu_power_on(guest, 2, &start), -EINVAL);
	assert_int_equal(vcpu_power_on(guest, 0, &start), -EALREADY);
	assert_int_equal(vcpu_power_on(guest, 1, &start), 0);
	assert_true(vcpu_is_on(guest->vcpus[1]));
	assert_int_equal(vcpu_power_on(guest, 1, &again), -EALREADY);
	settle();
	assert_int_equal(second->start.argument, 77);
	assert_string_equal(vcpu_state_name(guest->vcpus[1]), "running");
	others_may_go = true;
	settle();
	assert_string_equal(vcpu_state_name(guest->vcpus[1]), "off");
	assert_int_equal(vcpu_power_on(guest, 1, &again), 0);
	settle();
	assert_int_equal(second->reset_count, 2);
	assert_int_equal(second->start.entry.raw, 0x80002000);
	assert_int_equal(guest->state, GUEST_RUNNING);
	assert_int_equal(boot_vcpu()->reset_count, 1);
	guest_end();
}

static void power_on_while_paused_waits(void *argument)
{
	const struct vcpu_start start = { .entry = GPA(0x80001000) };

	(void)argument;
	guest_begin(NULL);
	assert_int_equal(guest_pause(guest, &error), 0);
	assert_int_equal(vcpu_power_on(guest, 1, &start), 0);
	settle();
	assert_int_equal(fake_vcpu(guest->vcpus[1])->reset_count, 0);
	assert_int_equal(guest_resume(guest, &error), 0);
	settle();
	assert_int_equal(fake_vcpu(guest->vcpus[1])->reset_count, 1);
	guest_end();
}

static void reset_turns_the_others_off(void *argument)
{
	const struct vcpu_start start = { .entry = GPA(0x80001000) };

	(void)argument;
	guest_begin(NULL);
	assert_int_equal(vcpu_power_on(guest, 1, &start), 0);
	settle();
	assert_int_equal(guest_reset(guest, &error), 0);
	settle();
	assert_false(vcpu_is_on(guest->vcpus[1]));
	assert_int_equal(fake_vcpu(guest->vcpus[1])->reset_count, 1);
	assert_int_equal(boot_vcpu()->reset_count, 2);
	assert_int_equal(vcpu_power_on(guest, 1, &start), 0);
	settle();
	assert_int_equal(fake_vcpu(guest->vcpus[1])->reset_count, 2);
	guest_end();
}

static void all_off(struct vcpu *vcpu, struct vcpu_exit *exit)
{
	(void)vcpu;
	exit->kind = VCPU_EXIT_OFF;
}

static void the_last_one_off_ends_the_guest(void *argument)
{
	(void)argument;
	guest_begin(all_off);
	settle();
	assert_int_equal(guest->state, GUEST_STOPPED);
	assert_non_null(strstr(fake_console_text(), "guest guest: powered off"));
	guest_end();
}

/* ---- kicks ---- */

static uint64_t kicked_ns, left_ns;

/* Notices a kick when the CPU is interrupted, as a guest does. */
static void busy_program(struct vcpu *vcpu, struct vcpu_exit *exit)
{
	(void)exit;
	arch_irq_enable();
	while (!vcpu_must_leave(vcpu))
		fake_work(NS_PER_MS);
	arch_irq_disable();
	left_ns = time_now();
}

static void a_kick_interrupts_another_cpu(void *argument)
{
	struct vcpu *vcpu;

	(void)argument;
	guest_begin(busy_program);
	settle();
	vcpu = guest->vcpus[0];
	for (unsigned int i = 0; i < 10; i++) {
		uint64_t ipis = vcpu->thread->cpu->ipi_count;

		left_ns = 0;
		kicked_ns = time_now();
		vcpu_kick(vcpu);
		settle();
		assert_true(left_ns != 0);
		assert_true(left_ns - kicked_ns <= 2 * NS_PER_MS);
		assert_true(vcpu->thread->cpu->ipi_count > ipis);
	}
	guest_end();
}

/* ---- */

static const struct body bodies[] = {
	BODY(accesses_reach_the_device),
	BODY(accesses_to_nothing_are_faults),
	BODY(devices_that_may_sleep_have_interrupts_on),
	BODY(fast_accesses),
	BODY(fast_accesses_to_memory),
	BODY(fast_accesses_to_rom),
	BODY(waiting_frees_the_cpu),
	BODY(interrupts_end_a_wait),
	BODY(kicks_do_not_end_a_wait),
	BODY(a_waiting_guest_can_be_paused),
	BODY(power),
	BODY(power_on_while_paused_waits),
	BODY(reset_turns_the_others_off),
	BODY(the_last_one_off_ends_the_guest),
	BODY(a_kick_interrupts_another_cpu),
};

static void machine_test(void **state)
{
	const struct body *body = *state;

	/* On the first CPU alone, so that the VCPUs run on the other. */
	fake_machine_run_as(body->function, NULL, THREAD_PRIORITY_SERVICE, 1);
}

int main(void)
{
	static struct CMUnitTest tests[ARRAY_SIZE(bodies)];

	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++)
		tests[i] = (struct CMUnitTest){ bodies[i].name, machine_test, NULL, NULL,
						(void *)&bodies[i] };
	return cmocka_run_group_tests(tests, bodies_setup_manager, NULL);
}

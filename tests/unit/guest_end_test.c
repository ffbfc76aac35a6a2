// SPDX-License-Identifier: BSD-2-Clause
/*
 * What guests and their devices could do to others at their beginnings and ends: while one is
 * loaded, held, reset, taken apart. What else happens in a guest's life is guest_test.c.
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
#include <corbel/object.h>
#include <corbel/thread.h>
#include <corbel/time.h>
#include <fake_bundle.h>
#include <fake_guest.h>
#include <fake_machine.h>
#include <fake_vdev.h>

/* ---- a device that never stops to interrupt all VCPUs ---- */

#define ALARM_PERIOD_NS (FAKE_TICK_NS / 2)

struct alarm_clock {
	struct vdev vdev;
	struct timer timer;
	bool off;
};

static unsigned int alarm_count;

static void alarm_ring(struct timer *timer)
{
	struct alarm_clock *alarm = container_of(timer, struct alarm_clock, timer);

	alarm_count++;
	for (unsigned int i = 0; i < GUEST_VCPU_MAX; i++) {
		struct vcpu *vcpu = guest_vcpu(alarm->vdev.guest, i);

		if (vcpu != NULL)
			assert_int_equal(arch_vcpu_irq_set(vcpu, 1, true), 0);
	}
	if (!alarm->off)
		timer_set(timer, time_now() + ALARM_PERIOD_NS);
}

static int alarm_access(struct vdev *vdev, unsigned int region, uint64_t offset, unsigned int size,
			uint64_t *value)
{
	(void)vdev;
	(void)region;
	(void)offset;
	(void)size;
	*value = 0;
	return 0;
}

static void alarm_destroy(struct vdev *vdev)
{
	struct alarm_clock *alarm = container_of(vdev, struct alarm_clock, vdev);

	alarm->off = true;
	timer_cancel(&alarm->timer);
	object_free(alarm);
}

static const struct vdev_ops alarm_ops = { .read = alarm_access, .destroy = alarm_destroy };

static int alarm_create(const struct vdev_config *config, struct vdev **out, struct error *error)
{
	struct alarm_clock *alarm = object_alloc(sizeof(*alarm));

	(void)error;
	assert_non_null(alarm);
	alarm->vdev.ops = &alarm_ops;
	alarm->vdev.guest = config->guest;
	timer_init(&alarm->timer, alarm_ring);
	timer_set(&alarm->timer, time_now() + ALARM_PERIOD_NS);
	*out = &alarm->vdev;
	return 0;
}

static const char *const alarm_names[] = { "test,alarm", NULL };
static const struct vdev_type alarm_type = { .name = "test-alarm",
					     .compatible = alarm_names,
					     .create = alarm_create };
VDEV_REGISTER(alarm_type);

/* ---- a controller that remembers what it sees when it is reset, and a device that raises ---- */

struct witness {
	struct vdev vdev;
	struct vdev_irq irq;
	bool level;
};

static bool level_at_reset;

static struct witness *witness_of(struct vdev *vdev)
{
	return container_of(vdev, struct witness, vdev);
}

static void witness_destroy(struct vdev *vdev)
{
	object_free(witness_of(vdev));
}

static void controller_irq_set(struct vdev *vdev, uint32_t number, bool level)
{
	(void)number;
	witness_of(vdev)->level = level;
}

static void controller_reset(struct vdev *vdev)
{
	level_at_reset = witness_of(vdev)->level;
}

static void raiser_reset(struct vdev *vdev)
{
	vdev_irq_set(&witness_of(vdev)->irq, false);
}

static const struct vdev_ops controller_ops = { .read = alarm_access,
						.reset = controller_reset,
						.destroy = witness_destroy,
						.irq_set = controller_irq_set };
static const struct vdev_ops raiser_ops = { .read = alarm_access,
					    .reset = raiser_reset,
					    .destroy = witness_destroy };

static int witness_create(const struct vdev_ops *ops, struct vdev **out)
{
	struct witness *witness = object_alloc(sizeof(*witness));

	assert_non_null(witness);
	witness->vdev.ops = ops;
	*out = &witness->vdev;
	return 0;
}

static int controller_create(const struct vdev_config *config, struct vdev **out,
			     struct error *error)
{
	(void)config;
	(void)error;
	return witness_create(&controller_ops, out);
}

static int raiser_create(const struct vdev_config *config, struct vdev **out, struct error *error)
{
	int result = witness_create(&raiser_ops, out);

	assert_int_equal(vdev_irq_connect(config, 0, &witness_of(*out)->irq, error), 0);
	return result;
}

static const char *const controller_names[] = { "test,witness", NULL };
static const struct vdev_type controller_type = { .name = "test-witness",
						  .compatible = controller_names,
						  .interrupt_controller = true,
						  .create = controller_create };
VDEV_REGISTER(controller_type);

static const char *const raiser_names[] = { "test,raiser", NULL };
static const struct vdev_type raiser_type = { .name = "test-raiser",
					      .compatible = raiser_names,
					      .create = raiser_create };
VDEV_REGISTER(raiser_type);

/* ---- tests ---- */

static struct guest *guest_make(void *fdt)
{
	const struct fake_image kernel = { .magic = FAKE_IMAGE_MAGIC,
					   .alignment = PAGE_SIZE,
					   .memory_size = PAGE_SIZE };
	struct guest *guest = NULL;
	struct error error = { "" };

	fake_bundle_begin();
	fake_bundle_add("guest.dtb", fdt, fdt_totalsize(fdt));
	fake_bundle_add("kernel", &kernel, sizeof(kernel));
	fake_bundle_mount();
	if (guest_create("/guest.dtb", &guest, &error) != 0)
		fail_msg("%s", error.text);
	return guest;
}

static void guest_end(struct guest *guest)
{
	assert_int_equal(guest_destroy(guest, NULL), 0);
	guest_release(guest);
}

static void interrupts_while_taken_apart(void *argument)
{
	void *fdt = fake_tree_begin();
	struct guest *guest;

	(void)argument;
	fake_tree_node_add(fdt, "/soc", "alarm@3000", "test,alarm", 0x3000, 0x1000);
	alarm_count = 0;
	for (unsigned int i = 0; i < 5; i++) {
		guest = guest_make(fdt);
		assert_int_equal(guest_start(guest, NULL), 0);
		thread_sleep_until(time_now() + 10 * ALARM_PERIOD_NS);
		guest_end(guest);
	}
	assert_true(alarm_count >= 5);
}

static void controllers_are_reset_behind_devices(void *argument)
{
	void *fdt = fake_tree_begin();
	struct guest *guest;

	(void)argument;
	assert_int_equal(fdt_setprop_string(fdt, fake_tree_node(fdt, "/soc/controller@1000"),
					    "compatible", "test,witness"),
			 0);
	assert_int_equal(fdt_setprop_string(fdt, fake_tree_node(fdt, "/soc/device@2000"),
					    "compatible", "test,raiser"),
			 0);
	guest = guest_make(fdt);
	list_for_each(&guest->vdevs, node) {
		struct vdev *vdev = list_entry(node, struct vdev, node);

		if (vdev->ops == &raiser_ops)
			vdev_irq_set(&witness_of(vdev)->irq, true);
	}
	level_at_reset = true;
	assert_int_equal(guest_start(guest, NULL), 0);
	assert_false(level_at_reset);
	guest_end(guest);
}

static bool entered;

static void entry_check(struct vcpu *vcpu, struct vcpu_exit *exit)
{
	uint64_t word = 0;

	assert_int_equal(guest_memory_read(vcpu->guest, GPA(FAKE_TREE_RAM), &word, sizeof(word)),
			 0);
	assert_true(word == FAKE_IMAGE_MAGIC);
	entered = true;
	exit->kind = VCPU_EXIT_WAIT;
}

/* Else a guest that reboots all the time would take the time of services, which is others'. */
static void files_are_loaded_by_the_guest_itself(void *argument)
{
	struct guest *guest = guest_make(fake_tree_begin());
	uint64_t word = 1;

	(void)argument;
	fake_vcpu_program = entry_check;
	entered = false;
	assert_int_equal(guest_start(guest, NULL), 0);
	assert_int_equal(guest_memory_read(guest, GPA(FAKE_TREE_RAM), &word, sizeof(word)), 0);
	assert_true(word == 0);
	thread_sleep_until(time_now() + 50 * NS_PER_MS);
	assert_true(entered);
	/* What was not loaded yet when the guest is stopped is forgotten. */
	assert_int_equal(guest_reset(guest, NULL), 0);
	assert_int_equal(guest_stop(guest, NULL), 0);
	assert_null(guest->load);
	fake_vcpu_program = NULL;
	guest_end(guest);
}

static void reboot_at_once(struct vcpu *vcpu, struct vcpu_exit *exit)
{
	(void)exit;
	guest_request(vcpu->guest, GUEST_REQUEST_REBOOT);
}

static void guests_that_reboot_all_the_time(void *argument)
{
	struct guest *guest = guest_make(fake_tree_begin());

	(void)argument;
	fake_vcpu_program = reboot_at_once;
	assert_int_equal(guest_start(guest, NULL), 0);
	thread_sleep_until(time_now() + NS_PER_S);
	fake_vcpu_program = NULL;
	assert_in_range(guest->start_count, 5, 15);
	assert_int_equal(guest_stop(guest, NULL), 0);
	guest_end(guest);
}

static bool hog_stop;

static void hog(void *argument)
{
	(void)argument;
	while (!hog_stop)
		fake_work(NS_PER_MS);
}

static void compute(struct vcpu *vcpu, struct vcpu_exit *exit)
{
	(void)vcpu;
	(void)exit;
	fake_work(NS_PER_MS);
}

/* Threads of a higher priority on each CPU, as another guest's VCPUs may be. */
static void guests_that_never_run_can_be_stopped(void *argument)
{
	struct thread_parameters parameters = { .name = "hog",
						.entry = hog,
						.priority = THREAD_PRIORITY_SERVICE - 1 };
	struct guest *guest = guest_make(fake_tree_begin());
	struct thread *hogs[4];
	uint64_t begun;

	(void)argument;
	fake_vcpu_program = compute;
	assert_int_equal(guest_start(guest, NULL), 0);
	thread_sleep_until(time_now() + 50 * NS_PER_MS);
	hog_stop = false;
	for (unsigned int i = 0; i < ARRAY_SIZE(hogs); i++) {
		assert_int_equal(thread_create(&parameters, &hogs[i]), 0);
		thread_start(hogs[i]);
	}
	thread_sleep_until(time_now() + 50 * NS_PER_MS);
	begun = time_now();
	assert_int_equal(guest_pause(guest, NULL), 0);
	assert_true(time_now() < begun + 100 * NS_PER_MS);
	for (unsigned int i = 0; i < guest->vcpu_count; i++)
		assert_int_equal(guest->vcpus[i]->thread->priority, THREAD_PRIORITY_GUEST);
	begun = time_now();
	guest_end(guest);
	assert_true(time_now() < begun + 100 * NS_PER_MS);
	hog_stop = true;
	for (unsigned int i = 0; i < ARRAY_SIZE(hogs); i++)
		thread_join(hogs[i]);
	fake_vcpu_program = NULL;
}

static bool loaded;

static void switch_note(struct vcpu *vcpu, bool load)
{
	if (vcpu->index == 0)
		loaded = load;
}

static void look(struct guest *guest, void *argument)
{
	unsigned int *looks = argument, before = fake_vcpu(guest->vcpus[0])->run_count;

	(*looks)++;
	assert_false(loaded);
	thread_sleep_until(time_now() + 10 * NS_PER_MS);
	assert_int_equal(fake_vcpu(guest->vcpus[0])->run_count, before);
}

/* Over and over, for the moment between standing still and leaving the CPU is short. */
static void guests_stand_still_while_looked_at(void *argument)
{
	struct guest *guest = guest_make(fake_tree_begin());
	unsigned int looks = 0, before;

	(void)argument;
	fake_vcpu_program = compute;
	fake_vcpu_switch_hook = switch_note;
	assert_int_equal(guest_inspect(guest, look, &looks, NULL), 0);
	assert_int_equal(guest->state, GUEST_STOPPED);
	assert_int_equal(guest_start(guest, NULL), 0);
	for (unsigned int i = 0; i < 20; i++) {
		before = fake_vcpu(guest->vcpus[0])->run_count;
		assert_int_equal(guest_inspect(guest, look, &looks, NULL), 0);
		assert_int_equal(guest->state, GUEST_RUNNING);
		thread_sleep_until(time_now() + 5 * NS_PER_MS);
		assert_true(fake_vcpu(guest->vcpus[0])->run_count > before);
	}
	assert_int_equal(guest_pause(guest, NULL), 0);
	assert_int_equal(guest_inspect(guest, look, &looks, NULL), 0);
	assert_int_equal(guest->state, GUEST_PAUSED);
	assert_int_equal(looks, 22);
	assert_int_equal(guest_destroy(guest, NULL), 0);
	assert_int_equal(guest_inspect(guest, look, &looks, NULL), -ENOENT);
	assert_int_equal(looks, 22);
	guest_release(guest);
	fake_vcpu_program = NULL;
	fake_vcpu_switch_hook = NULL;
}

static void guests_stand_still_while_looked_at_test(void **state)
{
	(void)state;
	fake_machine_run(guests_stand_still_while_looked_at, NULL);
}

static void files_are_loaded_by_the_guest_itself_test(void **state)
{
	(void)state;
	fake_machine_run(files_are_loaded_by_the_guest_itself, NULL);
}

static void guests_that_reboot_all_the_time_test(void **state)
{
	(void)state;
	fake_machine_run(guests_that_reboot_all_the_time, NULL);
}

static void guests_that_never_run_can_be_stopped_test(void **state)
{
	(void)state;
	fake_machine_run(guests_that_never_run_can_be_stopped, NULL);
}

static void interrupts_while_taken_apart_test(void **state)
{
	(void)state;
	fake_machine_run(interrupts_while_taken_apart, NULL);
}

static void controllers_are_reset_behind_devices_test(void **state)
{
	(void)state;
	fake_machine_run(controllers_are_reset_behind_devices, NULL);
}

static void manager_start(void *argument)
{
	(void)argument;
	assert_int_equal(fake_guest_manager_start(), 0);
}

static int group_setup(void **state)
{
	(void)state;
	fake_machine_start(2);
	fake_machine_run(manager_start, NULL);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_loaded_by_the_guest_itself_test),
		cmocka_unit_test(guests_that_reboot_all_the_time_test),
		cmocka_unit_test(guests_that_never_run_can_be_stopped_test),
		cmocka_unit_test(guests_stand_still_while_looked_at_test),
		cmocka_unit_test(interrupts_while_taken_apart_test),
		cmocka_unit_test(controllers_are_reset_behind_devices_test),
	};

	return cmocka_run_group_tests(tests, group_setup, NULL);
}

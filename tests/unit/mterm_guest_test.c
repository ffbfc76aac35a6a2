// SPDX-License-Identifier: BSD-2-Clause
/*
 * Commands about guests, typed on a fake machine that has some: what they print and that they do
 * what they say.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <libfdt.h>

#include <corbel/guest.h>
#include <corbel/object.h>
#include <corbel/thread.h>
#include <corbel/time.h>
#include <fake_bundle.h>
#include <fake_guest.h>
#include <fake_machine.h>
#include <mterm/mterm.h>
#include <mterm/terminal.h>

/* ---- the devices that the fake tree has ---- */

static void device_destroy(struct vdev *vdev)
{
	object_free(vdev);
}

static void device_irq_set(struct vdev *vdev, uint32_t number, bool level)
{
	(void)vdev;
	(void)number;
	(void)level;
}

static const struct vdev_ops device_ops = { .destroy = device_destroy, .irq_set = device_irq_set };

static int device_create(const struct vdev_config *config, struct vdev **out, struct error *error)
{
	struct vdev *vdev = object_alloc(sizeof(*vdev));

	(void)config;
	if (vdev == NULL)
		return error_set(error, -ENOMEM, "no memory");
	vdev->ops = &device_ops;
	*out = vdev;
	return 0;
}

static const char *const controller_names[] = { "test,controller", NULL };
static const struct vdev_type controller_type = { .name = "controller",
						  .compatible = controller_names,
						  .interrupt_controller = true,
						  .create = device_create };
VDEV_REGISTER(controller_type);

static const char *const device_names[] = { "test,device", NULL };
static const struct vdev_type device_type = { .name = "device",
					      .compatible = device_names,
					      .create = device_create };
VDEV_REGISTER(device_type);

/* ---- a printer that keeps what is printed, and keys ---- */

static struct {
	struct printer printer;
	char text[65536];
	size_t length;
} paper;

static struct terminal terminal;
static unsigned int pages_before_q;

static void paper_write(struct printer *printer, const char *text, size_t length)
{
	(void)printer;
	if (length > sizeof(paper.text) - 1 - paper.length)
		abort();
	memcpy(paper.text + paper.length, text, length);
	paper.length += length;
	paper.text[paper.length] = '\0';
}

static void paper_clear(void)
{
	paper.length = 0;
	paper.text[0] = '\0';
}

/* Nobody types until so many deadlines have passed; then a q comes. */
static int key_read(uint64_t deadline_ns)
{
	if (pages_before_q == 0)
		return 'q';
	pages_before_q--;
	thread_sleep_until(deadline_ns);
	return -ETIMEDOUT;
}

/* ---- running commands in a thread of the machine ---- */

struct typed_line {
	const char *line;
	int result;
};

static void line_run(void *argument)
{
	struct typed_line *typed = argument;

	typed->result = mterm_run_line(&terminal, &paper.printer, typed->line);
}

static int run(const char *line)
{
	struct typed_line typed = { line, 1 };

	paper_clear();
	fake_machine_run(line_run, &typed);
	assert_in_range(-typed.result, 0, 200);
	return typed.result;
}

static void expect(const char *line, int result, const char *output)
{
	int actual = run(line);

	assert_string_equal(paper.text, output);
	assert_int_equal(actual, result);
}

static void expect_part(const char *line, int result, const char *part)
{
	assert_int_equal(run(line), result);
	if (strstr(paper.text, part) == NULL)
		fail_msg("no \"%s\" in: %s", part, paper.text);
}

/* ---- the guests ---- */

static void manager_start(void *argument)
{
	*(int *)argument = fake_guest_manager_start();
}

static void vcpus_wait(struct vcpu *vcpu, struct vcpu_exit *exit)
{
	vcpu->exit_counts[1]++;
	exit->kind = VCPU_EXIT_WAIT;
}

static int group_setup(void **state)
{
	struct {
		struct fake_image image;
		char text[32];
	} kernel = { { FAKE_IMAGE_MAGIC, 4096, 0, 8192, 0 }, "this is the kernel" };
	void *tree = fake_tree_begin();
	int result = -1;

	(void)state;
	fake_machine_start(2);
	fake_bundle_begin();
	fake_bundle_add("linux1.dtb", tree, fdt_totalsize(tree));
	fake_bundle_add("linux2.dtb", tree, fdt_totalsize(tree));
	if (fdt_setprop_string(tree, 0, "corbel,on-crash", "restart") != 0)
		return -1;
	fake_bundle_add("linux3.dtb", tree, fdt_totalsize(tree));
	fake_bundle_add("bad.dtb", "not a tree", 10);
	fake_bundle_add("kernel", &kernel, sizeof(kernel));
	fake_bundle_mount();
	fake_machine_run(manager_start, &result);
	return result;
}

static int setup(void **state)
{
	(void)state;
	paper.printer.write = paper_write;
	fake_vcpu_program = vcpus_wait;
	terminal_init(&terminal, &paper.printer, key_read);
	return 0;
}

static int setup_running(void **state)
{
	setup(state);
	expect("guest create /linux1.dtb", 0, "guest linux1: created\n");
	expect("guest start linux1", 0, "guest linux1: running\n");
	return 0;
}

static int teardown_running(void **state)
{
	(void)state;
	expect("guest destroy linux1", 0, "guest linux1: destroyed\n");
	return 0;
}

/* ---- life ---- */

static void a_guest_lives(void **state)
{
	static char before[4096];

	(void)state;
	assert_int_equal(run("host mem"), 0);
	strcpy(before, paper.text);
	expect("guest create /linux1.dtb", 0, "guest linux1: created\n");
	expect("guest list", 0,
	       "NAME    STATE    VCPUS  MEMORY  TREE\n"
	       "linux1  stopped      2   4 MiB  /linux1.dtb\n");
	expect("guest start linux1", 0, "guest linux1: running\n");
	expect("guest pause linux1", 0, "guest linux1: paused\n");
	expect("guest resume linux1", 0, "guest linux1: running\n");
	expect("guest reset linux1", 0, "guest linux1: running\n");
	expect("guest create linux2.dtb", 0, "guest linux2: created\n");
	expect("guest list", 0,
	       "NAME    STATE    VCPUS  MEMORY  TREE\n"
	       "linux1  running      2   4 MiB  /linux1.dtb\n"
	       "linux2  stopped      2   4 MiB  linux2.dtb\n");
	expect("guest stop linux1", 0, "guest linux1: stopped\n");
	expect("guest stop linux1", 0, "guest linux1: stopped\n");
	expect("guest destroy linux1", 0, "guest linux1: destroyed\n");
	expect("guest destroy linux2", 0, "guest linux2: destroyed\n");
	expect("guest list", 0, "NAME  STATE  VCPUS  MEMORY  TREE\n");
	expect("host mem", 0, before);
}

static void what_a_guest_cannot_do_is_said(void **state)
{
	(void)state;
	expect("guest start linux1", -EBUSY,
	       "error: guest linux1 is running, so it cannot be started\n");
	expect("guest resume linux1", -EBUSY,
	       "error: guest linux1 is running, so it cannot be resumed\n");
	expect_part("guest create /linux1.dtb", -EEXIST, "linux1");
	expect_part("guest create /bad.dtb", -EINVAL, "error: /bad.dtb: ");
	expect("guest start linux2", -ENOENT,
	       "error: no guest \"linux2\"; did you mean \"linux1\"?\n");
	expect_part("guest console linux1", -ENOENT, "error: ");
}

/* ---- looking at it ---- */

static void guest_info_shows_the_memory_map(void **state)
{
	unsigned long long host;
	char *row;

	(void)state;
	assert_int_equal(run("guest info linux1"), 0);
	assert_memory_equal(paper.text,
			    "GUEST     linux1\n"
			    "state     running\n"
			    "tree      /linux1.dtb\n"
			    "memory    4 MiB\n"
			    "VCPUs     2\n"
			    "starts    1\n"
			    "on crash  halt\n"
			    "crashes   0\n"
			    "\n"
			    "BASE            END              SIZE  KIND    WHAT\n"
			    "0x000000001000  0x000000001fff  4 KiB  device  controller@1000\n"
			    "0x000000002000  0x000000002fff  4 KiB  device  device@2000\n"
			    "0x000080000000  0x0000803fffff  4 MiB  RAM     on host memory at 0x",
			    strlen(paper.text) - strlen("80400000\n"));
	row = strrchr(paper.text, 'x');
	host = strtoull(row + 1, NULL, 16);
	assert_in_range(host, 0x80000000, 0xffffffff);
}

static void vcpus_and_threads_are_listed(void **state)
{
	(void)state;
	expect_part("vcpu list", 0, "GUEST   VCPU  STATE");
	expect_part("vcpu list linux1", 0, "\nlinux1     0  waiting");
	expect_part("vcpu list linux1", 0, "\nlinux1     1  off");
	expect_part("thread list", 0, "ID  NAME");
	expect_part("thread list", 0, "linux1");
}

static void registers_of_a_running_guest_can_be_seen(void **state)
{
	(void)state;
	expect("vcpu regs linux1 0", 0,
	       "guest linux1 VCPU 0: paused\n"
	       "registers of VCPU 0\n");
	expect_part("guest list", 0, "running");
	assert_int_equal(run("guest pause linux1"), 0);
	assert_int_equal(run("vcpu regs linux1 1"), 0);
	expect_part("guest list", 0, "paused");
	expect("vcpu regs linux1 2", -EINVAL,
	       "error: guest linux1 has no VCPU 2; it has 2, counted from 0\n");
}

static void devices_are_listed(void **state)
{
	(void)state;
	expect("device list", 0,
	       "GUEST   DEVICE           TYPE        BASE     SIZE  READS  WRITES\n"
	       "linux1  controller@1000  controller  0x1000  4 KiB      0       0\n"
	       "linux1  device@2000      device      0x2000  4 KiB      0       0\n");
	assert_int_equal(run("device list linux1"), 0);
}

static void memory_can_be_seen(void **state)
{
	(void)state;
	expect("mem show linux1 0x80000028 24", 0,
	       "0x000080000028  74 68 69 73 20 69 73 20  74 68 65 20 6b 65 72 6e  |this is the "
	       "kern|\n"
	       "0x000080000038  65 6c 00 00 00 00 00 00                           |el......|\n");
	expect("mem show linux1 0x80000000 0", 0, "");
	assert_int_equal(run("mem show linux1 0x80000000 4K"), 0);
	expect_part("mem show linux1 0x803ffff8 16", -EFAULT,
		    "error: guest linux1 has no memory at 0x803ffff8; `guest info linux1` shows "
		    "where\n");
	expect_part("mem show linux1 0x1000 1", -EFAULT, "error: ");
	expect_part("mem show linux1 0xfffffffffffffff8 4096", -EFAULT, "error: ");
}

/* ---- the dump ---- */

#define KERNEL_TEXT (FAKE_VIRTUAL_BASE + 0x80000028)

static const char dump_end[] =
	"BASE            END              SIZE  KIND    WHAT\n"
	"0x000000001000  0x000000001fff  4 KiB  device  controller@1000\n"
	"0x000000002000  0x000000002fff  4 KiB  device  device@2000\n"
	"0x000080000000  0x0000803fffff  4 MiB  RAM     on host memory at 0x";

static void pointers_set(uint64_t pc, uint64_t sp)
{
	struct guest *guest = guest_find("linux1");

	fake_vcpu(guest->vcpus[0])->pc = pc;
	fake_vcpu(guest->vcpus[0])->sp = sp;
	guest_release(guest);
}

/* What is dumped of VCPU 0, whose state and crash are named, and then of VCPU 1. */
static void expect_dump(const char *beginning, const char *windows)
{
	char text[4096];

	snprintf(text, sizeof(text),
		 "%sleft by VCPU 0\n"
		 "registers of VCPU 0\n"
		 "%s"
		 "\nVCPU 1: off\n"
		 "left by VCPU 1\n"
		 "registers of VCPU 1\n"
		 "code at 0x0: no translation\n"
		 "stack at 0x0: no translation\n"
		 "\n%s",
		 beginning, windows, dump_end);
	assert_int_equal(run("guest dump linux1"), 0);
	paper.text[MIN(strlen(text), paper.length)] = '\0';
	assert_string_equal(paper.text, text);
}

static void a_dump_shows_what_the_vcpus_point_to(void **state)
{
	(void)state;
	pointers_set(KERNEL_TEXT + 10, KERNEL_TEXT - 8);
	expect_dump("guest linux1: running\n\nVCPU 0: paused\n",
		    "code at 0xffff000080000032, guest physical 0x80000032:\n"
		    "  ffff000080000020  00 00 00 00 00 00 00 00  74 68 69 73 20 69 73 20  "
		    "|........this is |\n"
		    "  ffff000080000030  74 68 65 20 6b 65 72 6e  65 6c 00 00 00 00 00 00  "
		    "|the kernel......|\n"
		    "  ffff000080000040  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  "
		    "|................|\n"
		    "  ffff000080000050  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  "
		    "|................|\n"
		    "stack at 0xffff000080000020, guest physical 0x80000020:\n"
		    "  ffff000080000020  00 00 00 00 00 00 00 00  74 68 69 73 20 69 73 20  "
		    "|........this is |\n"
		    "  ffff000080000030  74 68 65 20 6b 65 72 6e  65 6c 00 00 00 00 00 00  "
		    "|the kernel......|\n"
		    "  ffff000080000040  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  "
		    "|................|\n"
		    "  ffff000080000050  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  "
		    "|................|\n"
		    "  ffff000080000060  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  "
		    "|................|\n"
		    "  ffff000080000070  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  "
		    "|................|\n"
		    "  ffff000080000080  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  "
		    "|................|\n"
		    "  ffff000080000090  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  "
		    "|................|\n");
	expect_part("guest list", 0, "running");
}

/* The first byte of a page, the last of memory; a device; the very end of the address space. */
static void a_dump_reads_within_pages_of_memory_only(void **state)
{
	(void)state;
	assert_int_equal(run("guest pause linux1"), 0);
	pointers_set(FAKE_VIRTUAL_BASE + 0x80001000, FAKE_VIRTUAL_BASE + 0x803fffff);
	assert_int_equal(run("guest dump linux1"), 0);
	assert_null(strstr(paper.text, "ffff000080000ff0"));
	assert_non_null(strstr(paper.text, "\n  ffff000080001020  "));
	assert_null(strstr(paper.text, "\n  ffff000080001030  "));
	assert_non_null(strstr(paper.text, "\n  ffff0000803ffff0  "));
	assert_null(strstr(paper.text, "ffff000080400000"));
	pointers_set(FAKE_VIRTUAL_BASE + 0x2010, UINT64_MAX);
	expect_dump("guest linux1: paused\n\nVCPU 0: paused\n",
		    "code at 0xffff000000002010, guest physical 0x2010:\n"
		    "  no memory there\n"
		    "stack at 0xffffffffffffffff, guest physical 0xffffffffffff:\n"
		    "  no memory there\n");
	expect_part("guest list", 0, "paused");
}

static void candidate_print(const char *candidate, void *argument)
{
	(void)argument;
	paper_write(NULL, candidate, strlen(candidate));
	paper_write(NULL, " ", 1);
}

static void line_complete(void *argument)
{
	const char *line = argument;

	command_complete(line, strlen(line), candidate_print, NULL);
}

static void names_of_guests_are_completed(void **state)
{
	static char lines[][32] = { "guest start ", "guest console lin", "vcpu regs l",
				    "device list linux1" };
	static char others[][32] = { "guest start x", "guest console linux1 ", "guest list " };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		paper_clear();
		fake_machine_run(line_complete, lines[i]);
		assert_string_equal(paper.text, "linux1 ");
	}
	paper_clear();
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		fake_machine_run(line_complete, others[i]);
	assert_string_equal(paper.text, "");
}

/* ---- a crash ---- */

static void vcpus_crash(struct vcpu *vcpu, struct vcpu_exit *exit)
{
	vcpu_crash(vcpu, "it ran into a wall");
	exit->kind = VCPU_EXIT_CRASH;
}

static void a_crash_is_explained(void **state)
{
	(void)state;
	fake_vcpu_program = vcpus_crash;
	assert_int_equal(run("guest reset linux1"), 0);
	expect_part("guest info linux1", 0, "state     crashed\n");
	assert_non_null(strstr(paper.text, "\ncrashes   1\n"));
	assert_non_null(strstr(paper.text, "\nVCPU 0 crashed: it ran into a wall\n"));
	assert_non_null(strstr(paper.text, " s ago: VCPU 0: it ran into a wall\n"));
	assert_null(strstr(paper.text, "restarts in"));
	expect_part("vcpu regs linux1 0", 0, "crashed: it ran into a wall\n");
	expect_part("guest dump linux1", 0, "guest linux1: crashed\nlast crash ");
	assert_non_null(strstr(paper.text, "\nVCPU 0: crashed\ncrashed: it ran into a wall\n"
					   "left by VCPU 0\n"));
	fake_vcpu_program = vcpus_wait;
	expect("guest start linux1", 0, "guest linux1: running\n");
	assert_int_equal(run("guest info linux1"), 0);
	assert_null(strstr(paper.text, "crashed"));
	assert_non_null(strstr(paper.text, " s ago: VCPU 0: it ran into a wall\n"));
}

static void waits(void *argument)
{
	thread_sleep_until(time_now() + *(uint64_t *)argument);
}

static void a_restart_is_announced(void **state)
{
	uint64_t wait_ns = 400 * NS_PER_MS;

	(void)state;
	expect("guest create /linux3.dtb", 0, "guest linux3: created\n");
	fake_vcpu_program = vcpus_crash;
	expect("guest start linux3", 0, "guest linux3: running\n");
	fake_machine_run(waits, &wait_ns);
	expect_part("guest info linux3", 0, "\non crash  restart\ncrashes   1\n");
	assert_non_null(strstr(paper.text, "\nlast crash 0.40"));
	assert_non_null(strstr(paper.text, "\nrestarts in 0.59"));
	fake_vcpu_program = vcpus_wait;
	wait_ns = NS_PER_S;
	fake_machine_run(waits, &wait_ns);
	expect_part("guest info linux3", 0, "starts    2\non crash  restart\ncrashes   1\n");
	assert_null(strstr(paper.text, "restarts in"));
	expect("guest destroy linux3", 0, "guest linux3: destroyed\n");
}

/* ---- top ---- */

/* Thirty hundredths of a processor, and a thousand exits a second, for a second. */
static void busy_body(void *argument)
{
	struct guest *guest = guest_find("linux1");

	(void)argument;
	for (unsigned int i = 0; i < 10; i++) {
		guest->vcpus[0]->exit_counts[0] += 100;
		fake_work(30 * NS_PER_MS);
		thread_sleep_until(time_now() + 70 * NS_PER_MS);
	}
	guest_release(guest);
}

/* Types the line while another thread makes exits for about a second. */
static void top_body(void *argument)
{
	struct thread_parameters parameters = { .name = "busy", .entry = busy_body };
	struct thread *thread = NULL;

	parameters.priority = THREAD_PRIORITY_SERVICE;
	if (thread_create(&parameters, &thread) != 0)
		abort();
	thread_start(thread);
	line_run(argument);
	thread_join(thread);
}

static void top_shows_shares_and_rates(void **state)
{
	struct typed_line typed = { "top -n 2", 1 };
	const char *busiest, *second;

	(void)state;
	paper_clear();
	fake_machine_run(top_body, &typed);
	assert_int_equal(typed.result, 0);
	assert_memory_equal(paper.text, "idle: CPU 0 ", 12);
	busiest = strstr(paper.text, "  THREAD       TIME\n");
	assert_non_null(busiest);
	busiest = strchr(busiest, '\n') + 1;
	assert_in_range(strtoul(busiest, NULL, 10), 29, 31);
	assert_true(strstr(busiest, "  busy  ") < strchr(busiest, '\n'));
	assert_null(strstr(paper.text, "  idle"));
	assert_non_null(strstr(paper.text, "\nGUEST   VCPU  EXITS/S  BY CAUSE\n"
					   "linux1     0     1000  access 1000\n"
					   "linux1     1        0\n"));
	second = strstr(paper.text, "\n\nidle: ");
	assert_non_null(second);
	assert_non_null(strstr(second, "\nlinux1     1        0\n"));
}

static void top_refreshes_the_screen_until_q(void **state)
{
	unsigned int pages = 0;

	(void)state;
	pages_before_q = 3;
	assert_int_equal(run("top 2"), 0);
	for (const char *at = paper.text; (at = strstr(at, "\x1b[Hup ")) != NULL; at++)
		pages++;
	assert_int_equal(pages, 3);
	assert_non_null(strstr(paper.text, "; every 2.000 s; q ends\x1b[K\n"));
	assert_string_equal(paper.text + paper.length - 3, "\x1b[J");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_running, teardown_running)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_guest_lives, setup),
		TEST(what_a_guest_cannot_do_is_said),
		TEST(guest_info_shows_the_memory_map),
		TEST(vcpus_and_threads_are_listed),
		TEST(registers_of_a_running_guest_can_be_seen),
		TEST(devices_are_listed),
		TEST(memory_can_be_seen),
		TEST(a_dump_shows_what_the_vcpus_point_to),
		TEST(a_dump_reads_within_pages_of_memory_only),
		TEST(names_of_guests_are_completed),
		TEST(a_crash_is_explained),
		TEST(a_restart_is_announced),
		TEST(top_shows_shares_and_rates),
		TEST(top_refreshes_the_screen_until_q),
	};

	return cmocka_run_group_tests(tests, group_setup, NULL);
}

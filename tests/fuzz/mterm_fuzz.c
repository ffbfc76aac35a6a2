// SPDX-License-Identifier: BSD-2-Clause
/*
 * The management terminal: whatever is typed, keys and lines, in whatever order, while there are
 * guests that crash and a bundle whose files have names to make trouble with. What is printed holds
 * no control characters but the terminal's own, and when all guests are destroyed nothing is left.
 *
 *	input	below 0x80 a byte that is typed; from there on a word, a key, or what a guest does
 */
#include <errno.h>
#include <string.h>

#include <libfdt.h>

#include <corbel/guest.h>
#include <corbel/thread.h>
#include <corbel/time.h>
#include <fake.h>
#include <fake_bundle.h>
#include <fake_guest.h>
#include <fake_host_devices.h>
#include <fake_machine.h>
#include <mterm/mterm.h>
#include <mterm/terminal.h>

#include "guest_checks.h"
#include "input.h"

static struct fuzz_input input;
static const char *word; /* what is left of one that is being typed */
static unsigned int keys_after_end;
static struct terminal terminal;

/* ---- what is printed ---- */

static enum {
	PLAIN,
	ESCAPE,
	SEQUENCE,
} screen_state;

/* Of escape sequences the terminal uses those that begin with ESC [ and no others. */
static void screen_put(char character)
{
	switch (screen_state) {
	case PLAIN:
		if (character == '\x1b')
			screen_state = ESCAPE;
		else
			FUZZ_CHECK((character >= ' ' && character <= '~') || character == '\n' ||
				   character == '\r');
		break;
	case ESCAPE:
		FUZZ_CHECK(character == '[');
		screen_state = SEQUENCE;
		break;
	case SEQUENCE:
		FUZZ_CHECK(character >= ' ' && character <= '~');
		if (character >= '@')
			screen_state = PLAIN;
		break;
	}
}

static void screen_write(struct printer *printer, const char *text, size_t length)
{
	(void)printer;
	while (length-- > 0)
		screen_put(*text++);
}

static struct printer screen = { .write = screen_write };

/* ---- what is typed ---- */

static const char *const words[] = {
	"guest ",
	"vcpu ",
	"thread ",
	"host ",
	"mem ",
	"device ",
	"help ",
	"top ",
	"log ",
	"echo ",
	"list",
	"create ",
	"start ",
	"pause ",
	"resume ",
	"reset ",
	"stop ",
	"destroy ",
	"info ",
	"console ",
	"dump ",
	"regs ",
	"show ",
	"cpus",
	"irq",
	"dev",
	"poweroff",
	"reboot",
	"/one.dtb ",
	"/two.dtb ",
	"/bad.dtb ",
	"/odd.dtb ",
	"one ",
	"two ",
	"0 ",
	"0x80000000 ",
	"4096 ",
	"-1 ",
	"99999999999999999999 ",
	"\"a b\" ",
	"\"",
	"#",
	"\r",
	"\r",
	"\r",
	"\n",
	"\t",
	"\t\t",
	"\x1b[A",
	"\x1b[B",
	"\x1b[C",
	"\x1b[D",
	"\x1b[H",
	"\x1b[F",
	"\x1b[3~",
	"\x1b[1;5C",
	"\x1b"
	"b",
	"\x1b"
	"d",
	"\x01",
	"\x05",
	"\x0b",
	"\x15",
	"\x17",
	"\x19",
	"\x0c",
	"\x03",
	"\x10",
	"\x0e",
	"q",
	"guest create /one.dtb\r",
	"guest start one\r",
	"guest list\r",
	"vcpu regs one 0\r",
	"guest create /two.dtb\r",
	"mem show one 0x80000000 64\r",
	"guest destroy one\r",
	"guest dump one\r",
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
};

enum {
	GUEST_CRASHES = 0xfd,
	TIME_PASSES = 0xfe,
	NOTHING_TYPED = 0xff,
};

static void crash_cause(struct guest *guest, void *argument)
{
	(void)argument;
	guest_request(guest, GUEST_REQUEST_CRASH);
}

/* Behind the end of the input whatever is still open is left. */
static int key_after_end(void)
{
	static const char keys[] = { 'q', '\x03', '\x1d' };

	return keys[keys_after_end++ % sizeof(keys)];
}

static void editor_check(const struct line_editor *editor)
{
	FUZZ_CHECK(editor->length < LINE_SIZE && editor->cursor <= editor->length);
	FUZZ_CHECK(strlen(editor->text) == editor->length && editor->view <= editor->length);
	FUZZ_CHECK(strnlen(editor->killed, LINE_SIZE) < LINE_SIZE);
	for (size_t i = 0; i < editor->length; i++)
		FUZZ_CHECK(editor->text[i] >= ' ' && editor->text[i] <= '~');
}

static int key_read(uint64_t deadline_ns)
{
	uint8_t byte;

	editor_check(&terminal.editor);
	if (word != NULL && *word != '\0')
		return (uint8_t)*word++;
	if (input.left == 0)
		return key_after_end();
	byte = input_byte(&input);
	if (byte < 0x80)
		return byte;
	if (byte < 0x80 + ARRAY_SIZE(words)) {
		word = words[byte - 0x80];
		return (uint8_t)*word++;
	}
	if (byte == GUEST_CRASHES)
		guest_for_each(crash_cause, NULL);
	if (byte == NOTHING_TYPED)
		return -EAGAIN;
	thread_sleep_until(MIN(deadline_ns, time_now() + 20 * NS_PER_MS));
	return -ETIMEDOUT;
}

/* ---- guests ---- */

static void vcpu_run(struct vcpu *vcpu, struct vcpu_exit *exit)
{
	vcpu->exit_counts[1]++;
	fake_vcpu_interrupts_take(vcpu);
	exit->kind = VCPU_EXIT_WAIT;
}

static void guest_end(struct guest *guest, void *argument)
{
	(void)argument;
	(void)guest_destroy(guest, NULL);
}

static void run(void *argument)
{
	(void)argument;
	check_accounts_open();
	terminal_init(&terminal, &screen, key_read);
	while (input.left > 0)
		terminal_serve_line(&terminal);
	guest_for_each(guest_end, NULL);
	check_accounts_balance();
}

static void bundle_make(void)
{
	const struct fake_image kernel = { FAKE_IMAGE_MAGIC, 4096, 0, 8192, 0 };
	const uint64_t ram[] = { FAKE_TREE_RAM, MIB(1) };
	void *tree = fake_tree_begin();

	fake_tree_reg_set(tree, "/memory@80000000", ram, 1);
	fake_bundle_begin();
	fake_bundle_add("one.dtb", tree, fdt_totalsize(tree));
	FUZZ_CHECK(fdt_setprop_string(tree, 0, "corbel,on-crash", "destroy") == 0);
	FUZZ_CHECK(fdt_setprop_string(tree, 0, "model", "\x1b]0;model\x07") == 0);
	fake_bundle_add("two.dtb", tree, fdt_totalsize(tree));
	(void)fake_tree_node_add(tree, "/soc", "node\x07", "\x1b]0;device\x07", 0x9000, 0x1000);
	fake_bundle_add("odd.dtb", tree, fdt_totalsize(tree));
	fake_bundle_add("bad.dtb", "no tree", 7);
	fake_bundle_add("kernel", &kernel, sizeof(kernel));
	fake_bundle_add("\x1b]0;title\x07", "x", 1);
	fake_bundle_add("a b", "x", 1);
	fake_bundle_mount();
}

static void manager_start(void *argument)
{
	(void)argument;
	FUZZ_CHECK(fake_guest_manager_start() == 0);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	fake_machine_start(2);
	fake_host_devices_init();
	fake_machine_run(manager_start, NULL);
	bundle_make();
	fake_vcpu_program = vcpu_run;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	input = (struct fuzz_input){ data, size };
	word = NULL;
	screen_state = PLAIN;
	keys_after_end = 0;
	fake_console_reset();
	fake_machine_run(run, NULL);
	return 0;
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * The management terminal's thread: it runs the bundle's /boot.cmd, then serves the prompt on
 * Corbel's own console for ever.
 */
#include <errno.h>
#include <string.h>

#include <backend/console.h>
#include <corbel/bundle.h>
#include <corbel/object.h>
#include <corbel/service.h>
#include <corbel/thread.h>
#include <corbel/time.h>
#include <mterm/mterm.h>
#include <mterm/terminal.h>

#define BOOT_SCRIPT "/boot.cmd"
#define PROMPT	    "corbel> "
/* How long to wait before a console that failed is asked again. */
#define RETRY_NS    (100 * NS_PER_MS)

void terminal_init(struct terminal *terminal, struct printer *out,
		   int (*read_byte)(uint64_t deadline_ns))
{
	terminal->out = out;
	terminal->read_byte = read_byte;
	line_editor_init(&terminal->editor, out, PROMPT, command_complete);
}

/* Until the line is entered or thrown away. */
static enum line_event line_read(struct terminal *terminal)
{
	enum line_event event = LINE_OPEN;

	line_editor_begin(&terminal->editor);
	while (event == LINE_OPEN) {
		int byte = terminal->read_byte(TIME_NEVER);

		if (byte >= 0)
			event = line_editor_feed(&terminal->editor, (uint8_t)byte);
		else if (byte == -EAGAIN)
			line_editor_redraw(&terminal->editor);
		else
			thread_sleep_until(time_now() + RETRY_NS);
	}
	return event;
}

void terminal_serve_line(struct terminal *terminal)
{
	if (line_read(terminal) == LINE_ENTERED)
		mterm_run_line(terminal, terminal->out, line_editor_text(&terminal->editor));
}

/* Copies a line of the script, cut to what is too long to be run; the value is its length there. */
static size_t script_line_take(const char *script, size_t size, char *line, size_t line_size)
{
	const char *end = memchr(script, '\n', size);
	size_t length = end == NULL ? size : (size_t)(end - script);
	size_t kept = MIN(length, line_size - 1);

	memcpy(line, script, kept);
	line[kept] = '\0';
	return length;
}

unsigned int terminal_run_script(struct terminal *terminal, const char *name, const char *script,
				 size_t size)
{
	char line[LINE_SIZE + 1]; /* one more than may be run, so that too long a line is refused */
	unsigned int number = 0, failed = 0;
	size_t at = 0;

	while (at < size) {
		at += script_line_take(script + at, size - at, line, sizeof(line)) + 1;
		number++;
		if (mterm_run_line(terminal, terminal->out, line) < 0) {
			print(terminal->out, "%s: line %u failed\n", name, number);
			failed++;
		}
	}
	return failed;
}

static void terminal_main(void *argument)
{
	struct terminal *terminal = argument;
	struct bundle_file script;

	if (bundle_find(BOOT_SCRIPT, &script) == 0)
		terminal_run_script(terminal, BOOT_SCRIPT, script.data, script.size);
	for (;;)
		terminal_serve_line(terminal);
}

int mterm_init(void)
{
	struct terminal *terminal = object_alloc(sizeof(*terminal));
	struct thread_parameters parameters = { .name = "terminal",
						.entry = terminal_main,
						.argument = terminal,
						.priority = THREAD_PRIORITY_SERVICE };
	struct thread *thread;
	int result;

	if (terminal == NULL)
		return -ENOMEM;
	terminal_init(terminal, console_printer(), console_read_byte);
	result = thread_create(&parameters, &thread);
	if (result < 0) {
		object_free(terminal);
		return result;
	}
	thread_start(thread);
	return 0;
}

static const struct service terminal_service = {
	.name = "terminal",
	.stage = SERVICE_TERMINAL,
	.start = mterm_init,
};
SERVICE_REGISTER(terminal_service);

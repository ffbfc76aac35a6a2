// SPDX-License-Identifier: BSD-2-Clause
/*
 * The management terminal as a person or a script meets it: lines in, text out. Commands that need
 * guests are in mterm_guest_test.c.
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

#include <corbel/bundle.h>
#include <corbel/object.h>
#include <corbel/page.h>
#include <corbel/version.h>
#include <fake.h>
#include <mterm/command.h>
#include <mterm/mterm.h>
#include <mterm/terminal.h>

/* ---- a printer that keeps what is printed, and keys that are typed from a string ---- */

static struct {
	struct printer printer;
	char text[65536];
	size_t length;
} paper;

static struct terminal terminal;
static const char *keys = "";

static void paper_write(struct printer *printer, const char *text, size_t length)
{
	(void)printer;
	assert_in_range(length, 0, sizeof(paper.text) - 1 - paper.length);
	memcpy(paper.text + paper.length, text, length);
	paper.length += length;
	paper.text[paper.length] = '\0';
}

static int key_read(uint64_t deadline_ns)
{
	assert_int_equal(deadline_ns, TIME_NEVER);
	assert_true(*keys != '\0');
	if (*keys == '!') { /* stands for a message that was printed meanwhile */
		keys++;
		return -EAGAIN;
	}
	return (uint8_t)*keys++;
}

static void paper_clear(void)
{
	paper.length = 0;
	paper.text[0] = '\0';
}

static int setup(void **state)
{
	(void)state;
	paper.printer.write = paper_write;
	paper_clear();
	terminal_init(&terminal, &paper.printer, key_read);
	return 0;
}

static int run(const char *line)
{
	paper_clear();
	return mterm_run_line(&terminal, &paper.printer, line);
}

static void expect(const char *line, int result, const char *output)
{
	assert_int_equal(run(line), result);
	assert_string_equal(paper.text, output);
}

static void expect_part(const char *line, int result, const char *part)
{
	assert_int_equal(run(line), result);
	if (strstr(paper.text, part) == NULL)
		fail_msg("no \"%s\" in: %s", part, paper.text);
}

/* ---- a bundle ---- */

static char archive[4096];
static size_t archive_size;

static void archive_add(const char *name, const char *content)
{
	archive_size +=
		(size_t)sprintf(archive + archive_size,
				"070701%08x%08x%08x%08x%08x%08x%08zx%08x%08x%08x%08x%08zx%08x", 1,
				0100644, 0, 0, 1, 0, strlen(content), 0, 0, 0, 0, strlen(name) + 1,
				0);
	archive_size += (size_t)sprintf(archive + archive_size, "%s", name) + 1;
	archive_size = ALIGN_UP(archive_size, 4);
	archive_size += (size_t)sprintf(archive + archive_size, "%s", content);
	archive_size = ALIGN_UP(archive_size, 4);
}

static int group_setup(void **state)
{
	struct error error = { "" };

	archive_add("linux1.dtb", "no tree at all");
	archive_add("linux2.dtb", "nor this");
	archive_add("vmlinux", "kernel");
	archive_add("TRAILER!!!", "");
	if (bundle_init(archive, archive_size, &error) != 0) {
		fprintf(stderr, "%s\n", error.text);
		return -1;
	}
	return fake_memory_setup(state);
}

/* ---- lines ---- */

static void empty_lines_and_comments_do_nothing(void **state)
{
	(void)state;
	expect("", 0, "");
	expect("   ", 0, "");
	expect("# guest destroy linux1", 0, "");
}

static void echo_prints_its_arguments(void **state)
{
	(void)state;
	expect("echo", 0, "\n");
	expect("echo one   two \"three  four\" # five", 0, "one two three  four\n");
	expect("echo 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16", 0,
	       "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n");
}

static void lines_that_cannot_be_split(void **state)
{
	char line[LINE_SIZE + 1];

	(void)state;
	expect("echo \"one", -EINVAL, "error: a quotation mark is not closed\n");
	expect("echo 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18", -E2BIG,
	       "error: more than 18 words in a line\n");
	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	expect(line, -E2BIG, "error: a line of more than 255 characters is not run\n");
}

static void unknown_nouns(void **state)
{
	(void)state;
	expect("gest list", -ENOENT,
	       "error: no command \"gest\"; did you mean \"guest\"? `help` lists all\n");
	expect("tpo", -ENOENT,
	       "error: no command \"tpo\"; did you mean \"top\"? `help` lists all\n");
	expect("banana", -ENOENT, "error: no command \"banana\"; `help` lists all\n");
}

static void unknown_verbs(void **state)
{
	(void)state;
	expect("guest strat linux1", -ENOENT,
	       "error: no command \"guest strat\"; did you mean \"guest start\"? `help guest` "
	       "lists its verbs\n");
	expect("host banana", -ENOENT,
	       "error: no command \"host banana\"; `help host` lists its verbs\n");
	expect("vcpu", -ENOENT, "error: \"vcpu\" needs a verb: list, regs\n");
}

static void wrong_numbers_of_arguments(void **state)
{
	(void)state;
	expect("guest start", -EINVAL, "error: too few arguments; usage: guest start NAME\n");
	expect("guest start a b", -EINVAL, "error: too many arguments; usage: guest start NAME\n");
	expect("log all", -EINVAL, "error: too many arguments; usage: log\n");
	expect("mem show linux1", -EINVAL,
	       "error: too few arguments; usage: mem show GUEST ADDRESS [LENGTH]\n");
}

/* ---- help ---- */

static void help_lists_all_commands_in_order(void **state)
{
	const struct command *command, *previous = NULL;
	const char *at;

	(void)state;
	assert_int_equal(run("help"), 0);
	at = paper.text;
	for (command = command_next(NULL); command != NULL; command = command_next(command)) {
		char name[64];

		snprintf(name, sizeof(name), "\n%s%s%s", command->noun,
			 command->verb == NULL ? "" : " ",
			 command->verb == NULL ? "" : command->verb);
		at = strstr(at, name);
		assert_non_null(at);
		assert_non_null(strstr(at, command->summary));
		previous = command;
	}
	assert_string_equal(previous->noun, "vcpu");
}

static void help_of_a_noun_and_of_a_verb(void **state)
{
	(void)state;
	expect("help vcpu", 0,
	       "COMMAND\n"
	       "vcpu list [GUEST]      show VCPUs, where they run, their time and exits\n"
	       "vcpu regs GUEST INDEX  show a VCPU's registers\n");
	expect("help vcpu regs", 0,
	       "usage: vcpu regs GUEST INDEX\n"
	       "show a VCPU's registers\n"
	       "A running guest is held while they are read.\n");
	expect_part("help top", 0, "usage: top [-n COUNT] [-d SECONDS]\n");
	expect("help gest", -ENOENT,
	       "error: no command \"gest\"; did you mean \"guest\"? `help` lists all\n");
	expect_part("help guest strat", -ENOENT, "did you mean \"guest start\"?");
}

static void descriptions_fit_the_screen(void **state)
{
	(void)state;
	assert_int_equal(run("help"), 0);
	for (char *line = strtok(paper.text, "\n"); line != NULL; line = strtok(NULL, "\n"))
		assert_in_range(strlen(line), 1, 100);
}

/* ---- completion ---- */

static void candidate_print(const char *candidate, void *argument)
{
	(void)argument;
	paper_write(NULL, candidate, strlen(candidate));
	paper_write(NULL, " ", 1);
}

static void expect_completions(const char *text, const char *candidates)
{
	const char *blank = strrchr(text, ' ');
	size_t prefix = strlen(blank == NULL ? text : blank + 1);

	paper_clear();
	assert_int_equal(command_complete(text, strlen(text), candidate_print, NULL), prefix);
	assert_string_equal(paper.text, candidates);
}

static void nouns_and_verbs_are_completed(void **state)
{
	(void)state;
	expect_completions("", "device echo guest help host log mem thread top vcpu ");
	expect_completions("h", "help host ");
	expect_completions("x", "");
	expect_completions("guest ",
			   "console create destroy dump info list pause reset resume start "
			   "stop ");
	expect_completions("guest st", "start stop ");
	expect_completions("help ", "device echo guest help host log mem thread top vcpu ");
	expect_completions("help guest re", "reset resume ");
	expect_completions("help guest reset ", "");
	expect_completions("banana ", "");
	expect_completions("top ", "");
}

static void files_are_completed(void **state)
{
	(void)state;
	expect_completions("guest create ", "/linux1.dtb /linux2.dtb /vmlinux ");
	expect_completions("guest create /l", "/linux1.dtb /linux2.dtb ");
	expect_completions("guest create vm", "vmlinux ");
	expect_completions("guest create /vmlinux ", "");
}

static void completion_bears_any_line(void **state)
{
	char text[LINE_SIZE * 2];

	(void)state;
	memset(text, 'x', sizeof(text));
	paper_clear();
	assert_in_range(command_complete(text, sizeof(text), candidate_print, NULL), 0,
			LINE_SIZE - 1);
	expect_completions("guest \"open ", "");
	expect_completions("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 ", "");
	assert_string_equal(paper.text, "");
}

/* ---- the prompt and scripts ---- */

static void a_line_is_served(void **state)
{
	(void)state;
	keys = "ec\thello\r";
	terminal_serve_line(&terminal);
	assert_string_equal(paper.text, "corbel> echo hello\nhello\n");
	paper_clear();
	keys = "echo\x03";
	terminal_serve_line(&terminal);
	assert_string_equal(paper.text, "corbel> echo^C\n");
}

static void the_line_is_drawn_again_after_a_message(void **state)
{
	(void)state;
	keys = "echo a!b\r";
	terminal_serve_line(&terminal);
	assert_string_equal(paper.text, "corbel> echo a\rcorbel> echo a\x1b[Kb\nab\n");
}

static void a_script_goes_on_after_a_failure(void **state)
{
	static const char script[] = "# starts guests\n"
				     "echo one\n"
				     "\n"
				     "banana\r\n"
				     "echo two";

	(void)state;
	assert_int_equal(terminal_run_script(&terminal, "/boot.cmd", script, strlen(script)), 1);
	assert_string_equal(paper.text, "one\n"
					"error: no command \"banana\"; `help` lists all\n"
					"/boot.cmd: line 4 failed\n"
					"two\n");
}

static void a_script_may_hold_anything(void **state)
{
	char script[2000];

	(void)state;
	memset(script, 'x', sizeof(script));
	script[500] = '\n';
	script[600] = '\0';
	script[700] = '\n';
	assert_int_equal(terminal_run_script(&terminal, "s", script, sizeof(script)), 3);
	assert_int_equal(terminal_run_script(&terminal, "s", script, 0), 0);
}

/* ---- commands about the host ---- */

static void host_info_shows_the_version(void **state)
{
	(void)state;
	expect_part("host info", 0, corbel_version);
	expect_part("host info", 0, "a fake processor\n");
}

static void host_mem_is_exact(void **state)
{
	struct page_statistics pages;
	char row[64];

	(void)state;
	object_trim();
	page_statistics_get(&pages);
	snprintf(row, sizeof(row), "%llu\n", (unsigned long long)pages.free_bytes);
	expect_part("host mem", 0, row);
	assert_non_null(strstr(paper.text, "\nfree "));
	expect_part("host mem -v", 0, "\nfree ");
	expect("host mem -x", -EINVAL, "error: \"-x\" means nothing here; -v would\n");
}

static void host_cpus_shows_each(void **state)
{
	(void)state;
	expect_part("host cpus", 0, "CPU  HARDWARE ID  STATE");
}

static void firmware_that_refuses_to_end_is_an_error(void **state)
{
	(void)state;
	expect("host poweroff", -EIO, "error: the firmware does not turn the host off\n");
	expect("host reboot", -EIO, "error: the firmware does not reboot the host\n");
}

/* ---- commands that find no guest, or bad arguments ---- */

static void guests_that_are_not_there(void **state)
{
	static const char *const lines[] = {
		"guest start linux1", "guest pause linux1",   "guest resume linux1",
		"guest reset linux1", "guest stop linux1",    "guest destroy linux1",
		"guest info linux1",  "vcpu regs linux1 0",   "vcpu list linux1",
		"device list linux1", "mem show linux1 4096",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		expect(lines[i], -ENOENT,
		       "error: no guest \"linux1\"; `guest list` shows them all\n");
	assert_int_equal(run("guest console linux1"), -ENOENT);
	assert_memory_equal(paper.text, "error: ", 7);
}

static void lists_without_guests_are_titles(void **state)
{
	(void)state;
	expect("guest list", 0, "NAME  STATE  VCPUS  MEMORY  TREE\n");
	expect("vcpu list", 0, "GUEST  VCPU  STATE  THREAD  PRIO  CPU  AFFINITY  TIME  EXITS\n");
	expect("device list", 0, "GUEST  DEVICE  TYPE  BASE  SIZE  READS  WRITES\n");
}

static void a_guest_from_a_bad_tree_is_an_error(void **state)
{
	(void)state;
	assert_true(run("guest create /linux1.dtb") < 0);
	assert_memory_equal(paper.text, "error: ", 7);
	assert_non_null(strstr(paper.text, "linux1.dtb"));
	assert_int_equal(run("guest create /missing.dtb"), -ENOENT);
	assert_non_null(strstr(paper.text, "missing.dtb"));
}

static void bad_numbers_are_named(void **state)
{
	(void)state;
	expect("vcpu regs linux1 one", -EINVAL,
	       "error: INDEX \"one\" is no number; 4096, 0x1000 and 4K would be\n");
	expect("mem show linux1 0x10000000000000000", -ERANGE,
	       "error: ADDRESS \"0x10000000000000000\" is over 64 bits\n");
	expect("mem show linux1 0 4097", -EINVAL, "error: LENGTH is at most 4096 bytes\n");
	expect("top -n 0", -EINVAL, "error: COUNT must be from 1 to 1000000\n");
	expect("top -n", -EINVAL, "error: COUNT is missing behind -n\n");
	expect("top 3601", -EINVAL, "error: SECONDS must be from 1 to 3600\n");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, setup)
	const struct CMUnitTest tests[] = {
		TEST(empty_lines_and_comments_do_nothing),
		TEST(echo_prints_its_arguments),
		TEST(lines_that_cannot_be_split),
		TEST(unknown_nouns),
		TEST(unknown_verbs),
		TEST(wrong_numbers_of_arguments),
		TEST(help_lists_all_commands_in_order),
		TEST(help_of_a_noun_and_of_a_verb),
		TEST(descriptions_fit_the_screen),
		TEST(nouns_and_verbs_are_completed),
		TEST(files_are_completed),
		TEST(completion_bears_any_line),
		TEST(a_line_is_served),
		TEST(the_line_is_drawn_again_after_a_message),
		TEST(a_script_goes_on_after_a_failure),
		TEST(a_script_may_hold_anything),
		TEST(host_info_shows_the_version),
		TEST(host_mem_is_exact),
		TEST(host_cpus_shows_each),
		TEST(firmware_that_refuses_to_end_is_an_error),
		TEST(guests_that_are_not_there),
		TEST(lists_without_guests_are_titles),
		TEST(a_guest_from_a_bad_tree_is_an_error),
		TEST(bad_numbers_are_named),
	};

	return cmocka_run_group_tests(tests, group_setup, NULL);
}

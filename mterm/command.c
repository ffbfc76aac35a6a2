// SPDX-License-Identifier: BSD-2-Clause
/*
 * Finding the command that a line names and running it, with an answer that helps where there is
 * none. The commands themselves are in the files named after their nouns.
 */
#include <errno.h>
#include <string.h>

#include <corbel/panic.h>
#include <mterm/command.h>
#include <mterm/line_editor.h>
#include <mterm/mterm.h>
#include <mterm/text.h>
#include <mterm/words.h>

/* ---- the table of commands ---- */

/* A noun that is a command by itself comes before those of its verbs. */
static int command_compare(const struct command *left, const struct command *right)
{
	int order = strcmp(left->noun, right->noun);

	if (order != 0)
		return order;
	return strcmp(left->verb == NULL ? "" : left->verb, right->verb == NULL ? "" : right->verb);
}

/* The linker puts them into no order that a person knows; there are few enough to look each time.
 */
const struct command *command_next(const struct command *previous)
{
	const struct command *next = NULL;

	for_each_registered(entry, corbel_commands, struct command) {
		if (previous != NULL && command_compare(*entry, previous) <= 0)
			continue;
		if (next == NULL || command_compare(*entry, next) < 0)
			next = *entry;
	}
	return next;
}

bool command_noun_exists(const char *noun)
{
	for_each_registered(entry, corbel_commands, struct command) {
		if (strcmp((*entry)->noun, noun) == 0)
			return true;
	}
	return false;
}

const struct command *command_find(unsigned int count, char **words, unsigned int *used)
{
	const struct command *alone = NULL;

	if (count == 0)
		return NULL;
	for_each_registered(entry, corbel_commands, struct command) {
		const struct command *command = *entry;

		if (strcmp(command->noun, words[0]) != 0)
			continue;
		if (command->verb == NULL) {
			alone = command;
		} else if (count > 1 && strcmp(command->verb, words[1]) == 0) {
			*used = 2;
			return command;
		}
	}
	*used = 1;
	return alone;
}

/* ---- what is said when something is wrong ---- */

int command_error(struct printer *out, int code, const struct error *error)
{
	print(out, "error: %s\n", error->text[0] != '\0' ? error->text : error_name(code));
	return code;
}

int command_error_format(struct printer *out, int code, const char *format, ...)
{
	va_list arguments;

	print(out, "error: ");
	va_start(arguments, format);
	print_list(out, format, arguments);
	va_end(arguments);
	print(out, "\n");
	return code;
}

void command_usage_print(struct printer *out, const struct command *command)
{
	print(out, "%s%s%s%s%s\n", command->noun, command->verb == NULL ? "" : " ",
	      command->verb == NULL ? "" : command->verb, command->arguments[0] == '\0' ? "" : " ",
	      command->arguments);
}

void command_names_print(struct printer *out, const char *noun)
{
	const struct command *command, *previous = NULL;
	const char *name, *separator = "";

	for (command = command_next(NULL); command != NULL; command = command_next(command)) {
		name = noun == NULL ? command->noun : command->verb;
		if (noun == NULL && previous != NULL && strcmp(previous->noun, name) == 0)
			continue;
		if (noun != NULL && (name == NULL || strcmp(command->noun, noun) != 0))
			continue;
		print(out, "%s%s", separator, name);
		separator = ", ";
		previous = command;
	}
}

/* The noun, or the noun's verb, that resembles the word most. NULL: none does. */
static const char *name_guess(const char *noun, const char *word)
{
	unsigned int best_distance = UINT32_MAX;
	const char *best = NULL;

	for (const struct command *command = command_next(NULL); command != NULL;
	     command = command_next(command)) {
		const char *name = noun == NULL ? command->noun : command->verb;
		unsigned int distance;

		if (name == NULL || (noun != NULL && strcmp(command->noun, noun) != 0))
			continue;
		distance = word_distance(word, name);
		if (word_resembles(word, name) && distance < best_distance) {
			best = name;
			best_distance = distance;
		}
	}
	return best;
}

static void noun_unknown_print(struct printer *out, const char *word)
{
	const char *guess = name_guess(NULL, word);

	print(out, "error: no command \"%s\"; ", word);
	if (guess != NULL)
		print(out, "did you mean \"%s\"? ", guess);
	print(out, "`help` lists all\n");
}

void command_unknown_print(struct printer *out, unsigned int count, char **words)
{
	const char *noun = words[0], *guess;

	if (!command_noun_exists(noun)) {
		noun_unknown_print(out, noun);
		return;
	}
	if (count < 2) {
		print(out, "error: \"%s\" needs a verb: ", noun);
		command_names_print(out, noun);
		print(out, "\n");
		return;
	}
	guess = name_guess(noun, words[1]);
	print(out, "error: no command \"%s %s\"; ", noun, words[1]);
	if (guess != NULL)
		print(out, "did you mean \"%s %s\"? ", noun, guess);
	print(out, "`help %s` lists its verbs\n", noun);
}

/* ---- running a line ---- */

static int command_run(struct terminal *terminal, struct printer *out,
		       const struct command *command, int argc, char **argv)
{
	ASSERT(command->argument_max <= COMMAND_ARGUMENT_MAX);
	if ((unsigned int)argc < command->argument_min ||
	    (unsigned int)argc > command->argument_max) {
		print(out, "error: too %s arguments; usage: ",
		      (unsigned int)argc < command->argument_min ? "few" : "many");
		command_usage_print(out, command);
		return -EINVAL;
	}
	return command->run(terminal, out, argc, argv);
}

int mterm_run_line(struct terminal *terminal, struct printer *out, const char *line)
{
	char text[LINE_SIZE], *words[COMMAND_ARGUMENT_MAX + 2];
	const struct command *command;
	size_t length = strnlen(line, LINE_SIZE);
	unsigned int used;
	int count;

	if (length == LINE_SIZE)
		return command_error_format(
			out, -E2BIG, "a line of more than %u characters is not run", LINE_SIZE - 1);
	memcpy(text, line, length + 1);
	count = words_split(text, words, ARRAY_SIZE(words));
	if (count == -E2BIG)
		return command_error_format(out, count, "more than %u words in a line",
					    (unsigned int)ARRAY_SIZE(words));
	if (count < 0)
		return command_error_format(out, count, "a quotation mark is not closed");
	if (count == 0)
		return 0;
	command = command_find((unsigned int)count, words, &used);
	if (command == NULL) {
		command_unknown_print(out, (unsigned int)count, words);
		return -ENOENT;
	}
	return command_run(terminal, out, command, count - (int)used, words + used);
}

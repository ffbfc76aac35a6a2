// SPDX-License-Identifier: BSD-2-Clause
/*
 * What may stand where a line ends: nouns, verbs, guests' names, files of the bundle. How the line
 * is changed by it is the line editor's affair.
 */
#include <string.h>

#include <corbel/bundle.h>
#include <corbel/guest.h>
#include <lib/printable.h>
#include <mterm/command.h>
#include <mterm/line_editor.h>
#include <mterm/terminal.h>
#include <mterm/words.h>

/* The beginning of a word, and who wants to know what words begin so. */
struct request {
	const char *prefix;
	completion_visit_t *visit;
	void *argument;
};

static void candidate_offer(const struct request *request, const char *candidate)
{
	if (strncmp(candidate, request->prefix, strlen(request->prefix)) == 0)
		request->visit(candidate, request->argument);
}

static void nouns_offer(const struct request *request)
{
	const struct command *command, *previous = NULL;

	for (command = command_next(NULL); command != NULL; command = command_next(command)) {
		if (previous == NULL || strcmp(previous->noun, command->noun) != 0)
			candidate_offer(request, command->noun);
		previous = command;
	}
}

static void verbs_offer(const struct request *request, const char *noun)
{
	const struct command *command;

	for (command = command_next(NULL); command != NULL; command = command_next(command)) {
		if (command->verb != NULL && strcmp(command->noun, noun) == 0)
			candidate_offer(request, command->verb);
	}
}

static void guest_offer(struct guest *guest, void *argument)
{
	candidate_offer(argument, guest->name);
}

static void files_offer(const struct request *request)
{
	struct bundle_file file;
	char path[LINE_SIZE];

	for (unsigned int index = 0; bundle_file_get(index, &file) == 0; index++) {
		size_t length = strnlen(file.name, LINE_SIZE - 2);

		/* What cannot be typed as a word cannot be meant. */
		if (!text_is_word(file.name, length))
			continue;
		path[0] = '/';
		memcpy(path + 1, file.name, length);
		path[length + 1] = '\0';
		candidate_offer(request, request->prefix[0] == '/' || request->prefix[0] == '\0' ?
						 path :
						 path + 1);
	}
}

/* `words` are the whole words before the one that is being completed; at least one. */
static void argument_offer(struct request *request, unsigned int count, char **words)
{
	unsigned int used;
	const struct command *command = command_find(count, words, &used);

	if (command == NULL || command->verb == NULL) {
		if (count == 1)
			verbs_offer(request, words[0]);
	}
	if (command == NULL)
		return;
	if (command->completion == COMPLETE_COMMAND && count == used)
		nouns_offer(request);
	else if (command->completion == COMPLETE_COMMAND && count == used + 1)
		verbs_offer(request, words[used]);
	else if (command->completion == COMPLETE_GUEST && count == used)
		guest_for_each(guest_offer, request);
	else if (command->completion == COMPLETE_BUNDLE_FILE && count == used)
		files_offer(request);
}

size_t command_complete(const char *text, size_t length, completion_visit_t *visit, void *argument)
{
	char line[LINE_SIZE], *words[COMMAND_ARGUMENT_MAX + 2], prefix[LINE_SIZE];
	struct request request = { prefix, visit, argument };
	size_t begin;
	int count;

	length = MIN(length, LINE_SIZE - 1);
	for (begin = length; begin > 0 && text[begin - 1] != ' '; begin--)
		;
	memcpy(line, text, begin);
	line[begin] = '\0';
	memcpy(prefix, text + begin, length - begin);
	prefix[length - begin] = '\0';
	count = words_split(line, words, ARRAY_SIZE(words));
	if (count == 0)
		nouns_offer(&request);
	else if (count > 0)
		argument_offer(&request, (unsigned int)count, words);
	return length - begin;
}

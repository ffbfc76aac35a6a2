// SPDX-License-Identifier: BSD-2-Clause
/*
 * Finding guests and numbers that arguments name.
 */
#include <errno.h>
#include <string.h>

#include <mterm/command.h>
#include <mterm/lookup.h>
#include <mterm/words.h>

/* The name that comes nearest to the typed one. */
struct guess {
	const char *typed;
	unsigned int distance;
	char name[GUEST_NAME_SIZE];
};

static void guess_consider(struct guest *guest, void *argument)
{
	struct guess *guess = argument;
	unsigned int distance = word_distance(guess->typed, guest->name);

	if (!word_resembles(guess->typed, guest->name) || distance >= guess->distance)
		return;
	guess->distance = distance;
	memcpy(guess->name, guest->name, sizeof(guess->name));
}

struct guest *guest_lookup(struct printer *out, const char *name)
{
	struct guess guess = { .typed = name, .distance = UINT32_MAX };
	struct guest *guest = guest_find(name);

	if (guest != NULL)
		return guest;
	guest_for_each(guess_consider, &guess);
	if (guess.name[0] != '\0')
		command_error_format(out, -ENOENT, "no guest \"%s\"; did you mean \"%s\"?", name,
				     guess.name);
	else
		command_error_format(out, -ENOENT, "no guest \"%s\"; `guest list` shows them all",
				     name);
	return NULL;
}

int number_lookup(struct printer *out, const char *what, const char *text, uint64_t *number)
{
	int result = number_parse(text, number);

	if (result == -ERANGE)
		command_error_format(out, result, "%s \"%s\" is over 64 bits", what, text);
	else if (result < 0)
		command_error_format(out, result,
				     "%s \"%s\" is no number; 4096, 0x1000 and 4K would be", what,
				     text);
	return result;
}

int guests_visit(struct printer *out, const char *name,
		 void (*visit)(struct guest *guest, void *argument), void *argument)
{
	struct guest *guest;

	if (name == NULL) {
		guest_for_each(visit, argument);
		return 0;
	}
	guest = guest_lookup(out, name);
	if (guest == NULL)
		return -ENOENT;
	visit(guest, argument);
	guest_release(guest);
	return 0;
}

// SPDX-License-Identifier: BSD-2-Clause
/*
 * Commands of the management terminal. Each noun is one file in mterm/ that registers its verbs.
 */
#ifndef MTERM_COMMAND_H
#define MTERM_COMMAND_H

#include <corbel/error.h>
#include <corbel/printer.h>
#include <corbel/types.h>

#define COMMAND_ARGUMENT_MAX 16

struct terminal;

/* What a word of the line may be, for completion. */
enum completion_kind {
	COMPLETE_NOTHING,
	COMPLETE_GUEST,	      /* name of a guest */
	COMPLETE_BUNDLE_FILE, /* path in the bundle */
	COMPLETE_COMMAND,     /* a noun, and after it a verb */
};

struct command {
	const char *noun;		 /* "guest" */
	const char *verb;		 /* "start"; NULL: the noun alone is the command ("top") */
	const char *arguments;		 /* "NAME [VCPU]"; "" for none */
	const char *summary;		 /* one line for `help` */
	const char *help;		 /* more of it for `help NOUN VERB`; may be NULL */
	enum completion_kind completion; /* of the first argument */
	unsigned int argument_min, argument_max; /* checked before run() is called */
	/*
	 * argv[0] is the first argument after noun and verb. Output goes to the printer. The value
	 * is 0 or a negative errno value; an error has printed its sentence. Context: the
	 * terminal's thread, or the boot script's; may sleep.
	 */
	int (*run)(struct terminal *terminal, struct printer *out, int argc, char **argv);
};

/*
 * The command that comes after `previous` in the order of nouns and, of the same noun, of verbs;
 * the first for NULL. NULL behind the last. Any context.
 */
const struct command *command_next(const struct command *previous);
/* Whether any command has that noun. */
bool command_noun_exists(const char *noun);
/*
 * The command that the words begin with; `*used` is how many of them are its noun and verb. NULL:
 * none. Any context.
 */
const struct command *command_find(unsigned int count, char **words, unsigned int *used);
/* Says what is wrong with words that no command begins with. */
void command_unknown_print(struct printer *out, unsigned int count, char **words);
/* "guest start NAME", and a newline. */
void command_usage_print(struct printer *out, const struct command *command);
/* The nouns, or the verbs of a noun, in one line: "create, destroy, info". */
void command_names_print(struct printer *out, const char *noun);

/*
 * Prints "error: " and the sentence, or where it is empty the name of the code, and returns the
 * code. Any context that the printer allows.
 */
int command_error(struct printer *out, int code, const struct error *error);
/* The same with a sentence given here. */
int command_error_format(struct printer *out, int code, const char *format, ...) PRINTF_LIKE(3, 4);

#define COMMAND_REGISTER(name) REGISTER_IN(corbel_commands, struct command, name)
DECLARE_REGISTRY(corbel_commands, struct command);

#endif

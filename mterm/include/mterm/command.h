// SPDX-License-Identifier: BSD-2-Clause
/*
 * Commands of the management terminal. Each noun is one file in mterm/ that registers its verbs.
 */
#ifndef MTERM_COMMAND_H
#define MTERM_COMMAND_H

#include <corbel/printer.h>
#include <corbel/types.h>

#define COMMAND_ARGUMENT_MAX 16

struct terminal;

/* What a word of the line may be, for completion. */
enum completion_kind {
	COMPLETE_NOTHING,
	COMPLETE_GUEST,	      /* name of a guest */
	COMPLETE_BUNDLE_FILE, /* path in the bundle */
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

#define COMMAND_REGISTER(name) REGISTER_IN(corbel_commands, struct command, name)
DECLARE_REGISTRY(corbel_commands, struct command);

#endif

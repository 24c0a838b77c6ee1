/* SPDX-License-Identifier: Apache-2.0 */
/* The commands as a table: what main runs, help prints and completion offers. From cli/commands.def. */
#ifndef DURE_CLI_COMMAND_H
#define DURE_CLI_COMMAND_H

#include "base/slice.h"
#include "cli/messages.h"

struct cli;

enum command_id {
	COMMAND_GLOBAL,
#define COMMAND(id, name, operands, words, least, most, en, ko) COMMAND_##id,
#define OPTION(id, option, name, argument, en, ko)
#define EXAMPLE(id, line, en, ko)
#include "cli/commands.def"
#undef COMMAND
#undef OPTION
#undef EXAMPLE
	COMMAND_COUNT
};

/* OPTION_GET_rcn ...: the place of an option's value in struct cli. */
enum option_id {
#define COMMAND(id, name, operands, words, least, most, en, ko)
#define OPTION(id, option, name, argument, en, ko) OPTION_##id##_##option,
#define EXAMPLE(id, line, en, ko)
#include "cli/commands.def"
#undef COMMAND
#undef OPTION
#undef EXAMPLE
	OPTION_COUNT
};

struct command {
	enum command_id id;
	const char *name, *operands, *words;
	int least, most; /* operands */
	const char *help[LANGUAGE_COUNT];
};

struct command_option {
	enum command_id command;
	enum option_id id;
	const char *name, *argument; /* argument "": a switch */
	const char *help[LANGUAGE_COUNT];
};

struct command_example {
	enum command_id command;
	const char *line;
	const char *help[LANGUAGE_COUNT];
};

/* NULL when there is none. "update" is another name of set. */
const struct command *command_find(struct slice name);
/* By its id; NULL for COMMAND_GLOBAL. */
const struct command *command_at(enum command_id id);
/* Walk the rows of one command (or COMMAND_GLOBAL): *at starts at 0; NULL at the end. */
const struct command_option *command_option_next(enum command_id id, size_t *at);
const struct command_example *command_example_next(enum command_id id, size_t *at);
/* The option of that name for this command, also a global one; NULL: none. */
const struct command_option *command_option_find(enum command_id id, struct slice name);

#endif

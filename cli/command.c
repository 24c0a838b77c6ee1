/* SPDX-License-Identifier: Apache-2.0 */
/* cli/commands.def as three tables. */
#include "cli/command.h"

static const struct command commands[] = {
#define COMMAND(id, name, operands, words, least, most, en, ko)                                              \
	{COMMAND_##id, name, operands, words, least, most, {en, ko}},
#define OPTION(id, option, name, argument, en, ko)
#define EXAMPLE(id, line, en, ko)
#include "cli/commands.def"
#undef COMMAND
#undef OPTION
#undef EXAMPLE
};

static const struct command_option options[] = {
#define COMMAND(id, name, operands, words, least, most, en, ko)
#define OPTION(id, option, name, argument, en, ko)                                                           \
	{COMMAND_##id, OPTION_##id##_##option, name, argument, {en, ko}},
#define EXAMPLE(id, line, en, ko)
#include "cli/commands.def"
#undef COMMAND
#undef OPTION
#undef EXAMPLE
};

static const struct command_example examples[] = {
#define COMMAND(id, name, operands, words, least, most, en, ko)
#define OPTION(id, option, name, argument, en, ko)
#define EXAMPLE(id, line, en, ko) {COMMAND_##id, line, {en, ko}},
#include "cli/commands.def"
#undef COMMAND
#undef OPTION
#undef EXAMPLE
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

const struct command *command_find(struct slice name)
{
	if (slice_is_text(name, "update"))
		name = SLICE("set");
	for (size_t i = 0; i < COUNT(commands); i++)
		if (slice_is_text(name, commands[i].name))
			return &commands[i];
	return NULL;
}

const struct command *command_at(enum command_id id)
{
	return id == COMMAND_GLOBAL || id >= COMMAND_COUNT ? NULL : &commands[id - 1];
}

const struct command_option *command_option_next(enum command_id id, size_t *at)
{
	while (*at < COUNT(options)) {
		const struct command_option *option = &options[(*at)++];
		if (option->command == id)
			return option;
	}
	return NULL;
}

const struct command_example *command_example_next(enum command_id id, size_t *at)
{
	while (*at < COUNT(examples)) {
		const struct command_example *example = &examples[(*at)++];
		if (example->command == id)
			return example;
	}
	return NULL;
}

const struct command_option *command_option_find(enum command_id id, struct slice name)
{
	for (size_t i = 0; i < COUNT(options); i++)
		if ((options[i].command == id || options[i].command == COMMAND_GLOBAL) &&
		    slice_is_text(name, options[i].name))
			return &options[i];
	return NULL;
}

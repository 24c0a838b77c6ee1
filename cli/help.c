/* SPDX-License-Identifier: Apache-2.0 */
/* help, from the table of commands: for the terminal, and as the manual page dure(1). */
#include "cli/cli.h"
#include "cli/output.h"

static struct slice option_word(struct arena *arena, const struct command_option *option)
{
	return *option->argument ? arena_printf(arena, "--%s %s", option->name, option->argument)
	                         : arena_printf(arena, "--%s", option->name);
}

static void print_options(struct cli *cli, enum command_id id)
{
	struct output_table table;
	size_t at = 0;
	output_init(&table, &cli->arena, 2);
	for (const struct command_option *option; (option = command_option_next(id, &at));) {
		struct slice cells[] = {option_word(&cli->arena, option),
		                        slice_of(option->help[cli->language])};
		output_row(&table, cells);
	}
	output_print(&table, "  ", stdout);
}

static void print_all(struct cli *cli)
{
	struct output_table table;
	printf("%s", T(cli, HELP_HEAD));
	output_init(&table, &cli->arena, 2);
	for (int id = COMMAND_GLOBAL + 1; id < COMMAND_COUNT; id++) {
		const struct command *command = command_at((enum command_id)id);
		struct slice cells[] = {arena_printf(&cli->arena, "%s %s", command->name, command->operands),
		                        slice_of(command->help[cli->language])};
		output_row(&table, cells);
	}
	output_print(&table, "  ", stdout);
	printf("%s", T(cli, HELP_OPTIONS));
	print_options(cli, COMMAND_GLOBAL);
	printf("%s", T(cli, HELP_FOOT));
}

static void print_command(struct cli *cli, const struct command *command)
{
	size_t at = 0;
	printf(T(cli, HELP_COMMAND), command->name, command->operands, command->help[cli->language]);
	if (command_option_next(command->id, &at)) {
		printf("%s", T(cli, HELP_OPTIONS));
		print_options(cli, command->id);
	}
	at = 0;
	printf("%s", T(cli, HELP_EXAMPLES));
	for (const struct command_example *example; (example = command_example_next(command->id, &at));)
		printf("  # %s\n  %s\n", example->help[cli->language], example->line);
}

/* ---- the manual page ---- */

/* One character in mdoc, where a backslash would be a command and a hyphen is a minus. */
static void mdoc_char(char c)
{
	if (c == '\\')
		fputs("\\e", stdout);
	else if (c == '-')
		fputs("\\-", stdout);
	else
		putchar(c);
}

/* Text in mdoc, in lines of at most 78 places; a leading dot would be a command. */
static void mdoc_text(const char *text, bool wrap)
{
	size_t at = 0;
	for (struct slice rest = slice_of(text), word; slice_cut(&rest, ' ', &word);) {
		size_t width = output_width(word);
		bool fits = !wrap || at + 1 + width <= 78;
		if (at)
			putchar(fits ? ' ' : '\n');
		at = at && fits ? at + 1 : 0;
		if (!at && word.len && (word.ptr[0] == '.' || word.ptr[0] == '\''))
			fputs("\\&", stdout);
		for (size_t i = 0; i < word.len; i++)
			mdoc_char(word.ptr[i]);
		at += width;
	}
	putchar('\n');
}

/* A word as a macro's argument: quoted, so that none of it is taken for a macro. */
static void mdoc_option(const struct command_option *option)
{
	printf(".It Fl \\-%s", option->name);
	if (*option->argument)
		printf(" Ar \"%s\"", option->argument);
	putchar('\n');
}

static void mdoc_options(struct cli *cli, enum command_id id)
{
	size_t at = 0;
	if (!command_option_next(id, &at))
		return;
	puts(".Bl -tag -width Ds");
	at = 0;
	for (const struct command_option *option; (option = command_option_next(id, &at));) {
		mdoc_option(option);
		mdoc_text(option->help[cli->language], true);
	}
	puts(".El");
}

static void mdoc_command(struct cli *cli, const struct command *command)
{
	size_t at = 0;
	printf(".Ss %s\n", command->name);
	printf(".Nm dure Cm %s", command->name);
	if (*command->operands)
		printf(" Ar \"%s\"", command->operands);
	puts("\n.Pp");
	printf(T(cli, MDOC_COMMAND), command->name, command->help[cli->language]);
	mdoc_options(cli, command->id);
	for (const struct command_example *example; (example = command_example_next(command->id, &at));) {
		puts(".Pp");
		mdoc_text(example->help[cli->language], true);
		puts(".Bd -literal -offset indent -compact");
		mdoc_text(example->line, false);
		puts(".Ed");
	}
}

static void print_mdoc(struct cli *cli)
{
	puts(".\\\" SPDX-License-Identifier: Apache-2.0");
	puts(".\\\" Made by `dure help --mdoc` from cli/commands.def.");
	puts(".Dd $Mdocdate$\n.Dt DURE 1\n.Os Dure\n.Sh NAME\n.Nm dure\n.Nd the oneM2M command line");
	puts(".Sh SYNOPSIS\n.Nm\n.Op Ar options\n.Ar command\n.Op Ar operands");
	puts(".Sh DESCRIPTION");
	printf("%s", T(cli, MDOC_DESCRIPTION));
	mdoc_options(cli, COMMAND_GLOBAL);
	puts(".Sh COMMANDS");
	for (int id = COMMAND_GLOBAL + 1; id < COMMAND_COUNT; id++)
		mdoc_command(cli, command_at((enum command_id)id));
	printf("%s", T(cli, MDOC_FOOT));
}

int help_run(struct cli *cli)
{
	const struct command *command = cli->command;
	if (cli->option[OPTION_HELP_mdoc]) {
		print_mdoc(cli);
		return CLI_GOOD;
	}
	if (command && command->id == COMMAND_HELP && cli->operand_count) {
		command = command_find(slice_of(cli->operands[0]));
		if (!command) {
			fprintf(stderr, "dure: ");
			fprintf(stderr, T(cli, NO_SUCH_COMMAND), cli->operands[0]);
			fputc('\n', stderr);
			return CLI_USAGE;
		}
	} else if (command && command->id == COMMAND_HELP && !cli->option[OPTION_GLOBAL_help]) {
		command = NULL;
	}
	if (command)
		print_command(cli, command);
	else
		print_all(cli);
	return CLI_GOOD;
}

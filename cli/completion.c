/* SPDX-License-Identifier: Apache-2.0 */
/* Completion for bash and zsh, from the table of commands. The shell functions ask dure itself for the names
 * of types and attributes (`dure completion types`, `dure completion attributes TYPE`), so that they are
 * always those of the tables. */
#include "cli/cli.h"
#include "cli/representation.h"
#include "model/prim.h"

/* Options of a command and the global ones, with a blank between. */
static void print_options(enum command_id id)
{
	size_t at = 0;
	for (const struct command_option *option; (option = command_option_next(id, &at));)
		printf("--%s ", option->name);
}

static void print_commands(void)
{
	for (int id = COMMAND_GLOBAL + 1; id < COMMAND_COUNT; id++)
		printf("%s ", command_at((enum command_id)id)->name);
}

static void print_words(void)
{
	for (int id = COMMAND_GLOBAL + 1; id < COMMAND_COUNT; id++) {
		const struct command *command = command_at((enum command_id)id);
		printf("\t%s) words='%s'; options='", command->name, command->words);
		print_options(command->id);
		puts("' ;;");
	}
}

static const char bash_tail[] =
        "\tesac\n"
        "\tcase $before in\n"
        "\t--output) COMPREPLY=($(compgen -W 'table json' -- \"$word\")); return ;;\n"
        "\t--lang) COMPREPLY=($(compgen -W 'en ko' -- \"$word\")); return ;;\n"
        "\t--kind) COMPREPLY=($(compgen -W 'token password psk certificate mqtt issuer' -- \"$word\")); "
        "return ;;\n"
        "\t--ca|--cert|--key|--certificate|--file|--token-file|--password-file)\n"
        "\t\tCOMPREPLY=($(compgen -f -- \"$word\")); return ;;\n"
        "\t--data-dir|--names) COMPREPLY=($(compgen -d -- \"$word\")); return ;;\n"
        "\tesac\n"
        "\tif [[ $word == --* ]]; then\n"
        "\t\tCOMPREPLY=($(compgen -W \"$options $global\" -- \"$word\")); return\n"
        "\tfi\n"
        "\tif [[ -z $command ]]; then\n"
        "\t\tCOMPREPLY=($(compgen -W \"$commands\" -- \"$word\")); return\n"
        "\tfi\n"
        "\tset -- $words\n"
        "\twhile ((place-- > 0)) && (($# > 1)); do shift; done\n"
        "\tcase ${1-} in\n"
        "\ttype|what) COMPREPLY=($(compgen -W \"$(dure completion types 2>/dev/null)\" -- \"$word\")) ;;\n"
        "\tattr) compopt -o nospace\n"
        "\t\tCOMPREPLY=($(compgen -S = -W \"$(dure completion attributes \"${type:-cnt}\" 2>/dev/null)\" -- "
        "\"$word\")) ;;\n"
        "\tfilter) compopt -o nospace\n"
        "\t\tCOMPREPLY=($(compgen -S = -W \"$(dure completion filters 2>/dev/null)\" -- \"$word\")) ;;\n"
        "\taction) COMPREPLY=($(compgen -W 'add list revoke acl' -- \"$word\")) ;;\n"
        "\tfile) COMPREPLY=($(compgen -f -- \"$word\")) ;;\n"
        "\tshell) COMPREPLY=($(compgen -W 'bash zsh' -- \"$word\")) ;;\n"
        "\tcommand) COMPREPLY=($(compgen -W \"$commands\" -- \"$word\")) ;;\n"
        "\tesac\n"
        "}\n"
        "complete -F _dure dure\n";

static void print_bash(void)
{
	puts("# Completion of dure for bash, made by `dure completion bash`.");
	puts("_dure() {");
	puts("\tlocal word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}");
	puts("\tlocal command= type= place=0 i words= options=");
	printf("\tlocal commands='");
	print_commands();
	printf("'\n\tlocal global='");
	print_options(COMMAND_GLOBAL);
	puts("'");
	/* The command is the first word that is no option; type the second operand behind it. */
	puts("\tfor ((i = 1; i < COMP_CWORD; i++)); do");
	puts("\t\tcase ${COMP_WORDS[i]} in");
	printf("\t\t");
	size_t at = 0;
	bool first = true;
	for (const struct command_option *option; (option = command_option_next(COMMAND_GLOBAL, &at));) {
		if (*option->argument)
			printf("%s--%s", first ? "" : "|", option->name);
		first = first && !*option->argument;
	}
	puts(") ((i++)) ;;");
	puts("\t\t-*) ;;");
	puts("\t\t*) if [[ -z $command ]]; then command=${COMP_WORDS[i]}; else");
	puts("\t\t\t((place++)); [[ $place == 2 ]] && type=${COMP_WORDS[i]}; fi ;;");
	puts("\t\tesac");
	puts("\tdone");
	puts("\tcase $command in");
	print_words();
	fputs(bash_tail, stdout);
}

/* Single quotes end a word of the shell. */
static void print_quoted(const char *text)
{
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\''", stdout);
		else if (*text == '[' || *text == ']' || *text == ':')
			printf("\\%c", *text);
		else
			putchar(*text);
	}
}

static void zsh_options(struct cli *cli, enum command_id id)
{
	size_t at = 0;
	for (const struct command_option *option; (option = command_option_next(id, &at));) {
		printf("\t\t'--%s[", option->name);
		print_quoted(option->help[cli->language]);
		printf("]");
		if (*option->argument) {
			printf(":");
			print_quoted(option->argument);
			printf(":%s", strcmp(option->name, "data-dir") == 0 ? "_directories" : "");
		}
		puts("' \\");
	}
}

static const char *zsh_action(const char *word)
{
	static const struct {
		const char *word, *action;
	} rows[] = {
	        {"type", "_dure_types"},
	        {"what", "_dure_types"},
	        {"attr", "_dure_attributes"},
	        {"filter", "_dure_filters"},
	        {"file", "_files"},
	        {"shell", "(bash zsh)"},
	        {"command", "_dure_commands"},
	        {"action", "(add list revoke acl)"},
	        {"path", ""},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].word, word) == 0)
			return rows[i].action;
	return "";
}

static void zsh_command(struct cli *cli, const struct command *command)
{
	struct slice rest = slice_of(command->words), word;
	printf("\t%s) _arguments \\\n", command->name);
	zsh_options(cli, command->id);
	puts("\t\t$global \\");
	for (int place = 1; slice_cut(&rest, ' ', &word); place++) {
		const char *text = arena_text(&cli->arena, word);
		bool repeats = !rest.len && command->most > place;
		printf("\t\t'%s%s:%s' \\\n", repeats ? "*:" : ":", text, zsh_action(text));
	}
	puts("\t\t;;");
}

static void print_zsh(struct cli *cli)
{
	puts("#compdef dure\n# Completion of dure for zsh, made by `dure completion zsh`.");
	puts("_dure_types() { compadd -- ${(f)\"$(dure completion types 2>/dev/null)\"} }");
	puts("_dure_attributes() { compadd -S = -- ${(f)\"$(dure completion attributes ${words[3]:-cnt} "
	     "2>/dev/null)\"} }");
	puts("_dure_filters() { compadd -S = -- ${(f)\"$(dure completion filters 2>/dev/null)\"} }");
	puts("_dure_commands() {\n\tlocal -a commands\n\tcommands=(");
	for (int id = COMMAND_GLOBAL + 1; id < COMMAND_COUNT; id++) {
		const struct command *command = command_at((enum command_id)id);
		printf("\t\t'%s:", command->name);
		print_quoted(command->help[cli->language]);
		puts("'");
	}
	puts("\t)\n\t_describe command commands\n}");
	puts("_dure() {\n\tlocal -a global\n\tlocal state line\n\tglobal=( \\");
	zsh_options(cli, COMMAND_GLOBAL);
	puts("\t)\n\t_arguments -C $global ':command:_dure_commands' '*::operand:->operands'");
	puts("\t[[ $state == operands ]] || return\n\tcase $words[1] in");
	for (int id = COMMAND_GLOBAL + 1; id < COMMAND_COUNT; id++)
		zsh_command(cli, command_at((enum command_id)id));
	puts("\tesac\n}\n_dure \"$@\"");
}

/* ---- words the shell asks for ---- */

static int print_types(void)
{
	size_t at = 0;
	for (const struct type *type; (type = type_next(&at));)
		if (type->number < TYPE_ANNOUNCED)
			puts(type->definition ? type->root : type->sn);
	return CLI_GOOD;
}

static int print_attributes(const char *name)
{
	const struct type *type = representation_type(slice_of(name));
	for (size_t i = 0; type && i < type->attr_count; i++)
		if (type->attrs[i].create != MAY_NO || type->attrs[i].update != MAY_NO)
			puts(type->attrs[i].sn);
	return type ? CLI_GOOD : CLI_REFUSED;
}

static int print_filters(void)
{
	size_t at = 0;
	for (const struct filter_row *row; (row = filter_row_next(&at));)
		puts(row->sn);
	return CLI_GOOD;
}

int completion_run(struct cli *cli)
{
	const char *what = cli->operands[0];
	if (strcmp(what, "bash") == 0)
		print_bash();
	else if (strcmp(what, "zsh") == 0)
		print_zsh(cli);
	else if (strcmp(what, "types") == 0)
		return print_types();
	else if (strcmp(what, "attributes") == 0)
		return print_attributes(cli->operand_count > 1 ? cli->operands[1] : "cnt");
	else if (strcmp(what, "filters") == 0)
		return print_filters();
	else
		return cli_usage(cli);
	return CLI_GOOD;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the command line. Options are long ones only and may stand anywhere; so a path may begin with '-'
 * (the CSEBase's short name) without being taken for one. */
#include "cli/cli.h"
#include "cli/secret.h"

#include "model/rsc.h"

#include <stdlib.h>

static int say_usage(struct cli *cli, const char *text)
{
	fprintf(stderr, "dure: %s\n", text);
	return cli_usage(cli);
}

int cli_usage(struct cli *cli)
{
	if (cli->command)
		fprintf(stderr, T(cli, USAGE_COMMAND), cli->command->name, cli->command->operands,
		        cli->command->name);
	else
		fprintf(stderr, "%s", T(cli, USAGE));
	return CLI_USAGE;
}

/* An option whose argument is a list ("ID,...") may be given again: it grows. */
static void take_value(struct cli *cli, const struct command_option *option, const char *value)
{
	const char **place = &cli->option[option->id];
	size_t len = strlen(option->argument);

	if (*place && len > 4 && strcmp(option->argument + len - 4, ",...") == 0)
		value = arena_text(&cli->arena, arena_printf(&cli->arena, "%s,%s", *place, value));
	*place = value;
}

/* Takes one option at argv[*at], and its argument behind '=' or in the next word. */
static int read_option(struct cli *cli, int argc, char **argv, int *at)
{
	struct slice rest = slice_of(argv[*at] + 2), name;
	const char *equals = strchr(argv[*at], '=');
	if (!slice_cut(&rest, '=', &name))
		name = rest;
	enum command_id id = cli->command ? cli->command->id : COMMAND_GLOBAL;
	const struct command_option *option = command_option_find(id, name);
	if (!option) {
		struct slice text = arena_printf(&cli->arena, T(cli, NO_SUCH_OPTION), argv[*at]);
		return say_usage(cli, arena_text(&cli->arena, text));
	}
	if (!*option->argument && equals) {
		struct slice text = arena_printf(&cli->arena, T(cli, OPTION_TAKES_NOTHING), option->name);
		return say_usage(cli, arena_text(&cli->arena, text));
	}
	if (!*option->argument) {
		cli->option[option->id] = "";
	} else if (equals) {
		take_value(cli, option, equals + 1);
	} else if (*at + 1 < argc) {
		take_value(cli, option, argv[++*at]);
	} else {
		struct slice text =
		        arena_printf(&cli->arena, T(cli, OPTION_WANTS), option->name, option->argument);
		return say_usage(cli, arena_text(&cli->arena, text));
	}
	return CLI_GOOD;
}

static int read_word(struct cli *cli, const char *word)
{
	if (cli->command) {
		cli->operands[cli->operand_count++] = word;
		return CLI_GOOD;
	}
	cli->command = command_find(slice_of(word));
	if (cli->command)
		return CLI_GOOD;
	struct slice text = arena_printf(&cli->arena, T(cli, NO_SUCH_COMMAND), word);
	return say_usage(cli, arena_text(&cli->arena, text));
}

static int read_words(struct cli *cli, int argc, char **argv)
{
	bool only_words = false;
	int r = CLI_GOOD;
	for (int i = 1; i < argc && r == CLI_GOOD; i++) {
		if (only_words)
			r = read_word(cli, argv[i]);
		else if (strcmp(argv[i], "--") == 0)
			only_words = true;
		else if (strcmp(argv[i], "-h") == 0)
			cli->option[OPTION_GLOBAL_help] = "";
		else if (strncmp(argv[i], "--", 2) == 0)
			r = read_option(cli, argc, argv, &i);
		else
			r = read_word(cli, argv[i]);
	}
	return r;
}

/* --lang decides how a wrong command line is answered, so it is looked for ahead of all. */
static const char *early_language(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (strncmp(argv[i], "--lang=", 7) == 0)
			return argv[i] + 7;
		if (strcmp(argv[i], "--lang") == 0 && i + 1 < argc)
			return argv[i + 1];
	}
	return NULL;
}

static const char *given_or(struct cli *cli, enum option_id id, const char *variable, const char *otherwise)
{
	const char *text = cli->option[id];
	if (!text && variable)
		text = getenv(variable);
	return text && *text ? text : otherwise;
}

int cli_read(struct cli *cli, int argc, char **argv)
{
	*cli = (struct cli){0};
	arena_init(&cli->arena);
	cli->language = messages_language(early_language(argc, argv));
	cli->operands = arena_array(&cli->arena, (size_t)argc + 1, const char *);
	int r = read_words(cli, argc, argv);
	if (r)
		return r;
	cli->at = given_or(cli, OPTION_GLOBAL_at, "DURE_AT", "http://127.0.0.1:8080");
	cli->as = given_or(cli, OPTION_GLOBAL_as, "DURE_AS", "CAdmin");
	cli->data_dir = given_or(cli, OPTION_GLOBAL_data_dir, NULL, "./dure-data");
	const char *output = given_or(cli, OPTION_GLOBAL_output, NULL, "table");
	cli->json = strcmp(output, "json") == 0;
	if (!cli->json && strcmp(output, "table") != 0)
		return say_usage(cli, T(cli, BAD_OUTPUT));
	uint64_t seconds;
	if (!cli_number(cli, OPTION_GLOBAL_timeout, 1, 86400, 30, &seconds))
		return CLI_USAGE;
	cli->timeout_us = (int64_t)seconds * 1000000;
	if (!cli->command || cli->option[OPTION_GLOBAL_help])
		return CLI_GOOD;
	if (cli->operand_count < cli->command->least || cli->operand_count > cli->command->most)
		return cli_usage(cli);
	return secret_proof(cli);
}

void cli_finish(struct cli *cli)
{
	m2m_destroy(cli->client);
	arena_finish(&cli->arena);
}

bool cli_number(struct cli *cli, enum option_id id, uint64_t least, uint64_t most, uint64_t otherwise,
                uint64_t *ret)
{
	const char *text = cli->option[id];
	*ret = otherwise;
	if (!text)
		return true;
	uint64_t number;
	if (slice_u64(slice_of(text), &number) && number >= least && number <= most) {
		*ret = number;
		return true;
	}
	fprintf(stderr, T(cli, NOT_IN_RANGE), text, (unsigned long long)least, (unsigned long long)most);
	return false;
}

static void trace_line(void *user, const char *line)
{
	(void)user;
	fprintf(stderr, "%s\n", line);
}

struct m2m_config cli_config(const struct cli *cli, unsigned connections)
{
	return (struct m2m_config){
	        .url = cli->at,
	        .originator = cli->as,
	        .timeout_us = cli->timeout_us,
	        .connections = connections,
	        .token = cli->token,
	        .user = cli->option[OPTION_GLOBAL_user],
	        .password = cli->password,
	        .ca = cli->option[OPTION_GLOBAL_ca],
	        .cert = cli->option[OPTION_GLOBAL_cert],
	        .key = cli->option[OPTION_GLOBAL_key],
	        .trace = cli->option[OPTION_GLOBAL_verbose] ? trace_line : NULL,
	};
}

int cli_client(struct cli *cli)
{
	if (cli->client)
		return CLI_GOOD;
	struct m2m_config config = cli_config(cli, CLI_CONNECTIONS);
	int r = m2m_create(&config, &cli->client);
	if (!r)
		return CLI_GOOD;
	fprintf(stderr, T(cli, FAULT), strerror(-r));
	return CLI_REFUSED;
}

int cli_refused(struct cli *cli, const struct m2m_answer *answer, const char *what)
{
	if (!answer->http) {
		fprintf(stderr, T(cli, NOBODY), cli->at, answer->error ? answer->error : "?");
		return CLI_NOBODY;
	}
	struct slice reason = m2m_reason(answer, &cli->arena);
	fprintf(stderr, T(cli, REFUSED), what, answer->rsc, rsc_name(answer->rsc), SLICE_ARG(reason));
	return CLI_REFUSED;
}

int cli_call(struct cli *cli, const struct m2m_request *request, struct m2m_answer *ret)
{
	int r = cli_client(cli);
	if (r)
		return r;
	if (m2m_call(cli->client, &cli->arena, request, ret) != 0 || !rsc_is_good(ret->rsc))
		return cli_refused(cli, ret, request->to);
	if (ret->garbage) {
		fprintf(stderr, T(cli, GARBAGE), cli->at, ret->garbage);
		return CLI_REFUSED;
	}
	return CLI_GOOD;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Command lines, right and wrong. */
#include "cli/cli.h"

#include "base/unit.h"

#include <stdlib.h>
#include <unistd.h>

/* Reads the words behind "dure"; what is said on stderr is thrown away. */
static int read_line(struct cli *cli, const char *const *words)
{
	char *argv[16] = {strdup("dure")};
	int argc = 1;
	for (; words[argc - 1]; argc++)
		argv[argc] = strdup(words[argc - 1]);
	fflush(stderr);
	int old = dup(STDERR_FILENO);
	assert_non_null(freopen("/dev/null", "w", stderr));
	int r = cli_read(cli, argc, argv);
	/* cli points into argv: copies that live as long as the test. */
	for (int i = 0; i < cli->operand_count; i++)
		cli->operands[i] = arena_text(&cli->arena, slice_of(cli->operands[i]));
	for (int i = 0; i < OPTION_COUNT; i++)
		if (cli->option[i])
			cli->option[i] = arena_text(&cli->arena, slice_of(cli->option[i]));
	cli->at = cli->at ? arena_text(&cli->arena, slice_of(cli->at)) : NULL;
	cli->as = cli->as ? arena_text(&cli->arena, slice_of(cli->as)) : NULL;
	fflush(stderr);
	dup2(old, STDERR_FILENO);
	close(old);
	for (int i = 0; i < argc; i++)
		free(argv[i]);
	return r;
}

#define LINE(...) ((const char *const[]){__VA_ARGS__, NULL})

UNIT(options_stand_anywhere)
{
	struct cli cli;
	assert_int_equal(
	        read_line(&cli, LINE("--at", "http://h:1", "get", "--rcn=4", "-/home", "--as", "Cx")),
	        CLI_GOOD);
	assert_int_equal(cli.command->id, COMMAND_GET);
	assert_string_equal(cli.at, "http://h:1");
	assert_string_equal(cli.as, "Cx");
	assert_string_equal(cli.option[OPTION_GET_rcn], "4");
	assert_int_equal(cli.operand_count, 1);
	assert_string_equal(cli.operands[0], "-/home");
	assert_null(cli.option[OPTION_GET_attr]);
	assert_false(cli.json);
	cli_finish(&cli);
	assert_int_equal(read_line(&cli, LINE("create", "a", "cin", "--json", "-", "--output", "json")),
	                 CLI_GOOD);
	assert_string_equal(cli.option[OPTION_CREATE_json], "-");
	assert_true(cli.json);
	cli_finish(&cli);
	assert_int_equal(read_line(&cli, LINE("get", "--", "--odd")), CLI_GOOD);
	assert_string_equal(cli.operands[0], "--odd");
	cli_finish(&cli);
}

UNIT(the_environment_stands_behind)
{
	struct cli cli;
	setenv("DURE_AT", "http://e:2", 1);
	setenv("DURE_AS", "Cenv", 1);
	assert_int_equal(read_line(&cli, LINE("get", "a", "--as", "Cline")), CLI_GOOD);
	assert_string_equal(cli.at, "http://e:2");
	assert_string_equal(cli.as, "Cline");
	cli_finish(&cli);
	unsetenv("DURE_AT");
	unsetenv("DURE_AS");
}

UNIT(wrong_lines_are_usage)
{
	static const char *const lines[][6] = {
	        {"frobnicate"},
	        {"get"},
	        {"get", "a", "b"},
	        {"get", "a", "--seed", "1"},
	        {"get", "a", "--rcn"},
	        {"get", "a", "--verbose=yes"},
	        {"get", "a", "--output", "xml"},
	        {"get", "a", "--timeout", "0"},
	        {"get", "a", "--timeout", "ten"},
	        {"get", "a",
	         "--"
	         "=x"},
	        {"--bogus"},
	        {""},
	};
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct cli cli;
		if (read_line(&cli, lines[i]) != CLI_USAGE)
			fail_msg("\"%s ...\" is taken", lines[i][0]);
		cli_finish(&cli);
	}
}

UNIT(help_needs_no_operands)
{
	struct cli cli;
	assert_int_equal(read_line(&cli, LINE("create", "--help")), CLI_GOOD);
	assert_non_null(cli.option[OPTION_GLOBAL_help]);
	cli_finish(&cli);
	assert_int_equal(read_line(&cli, LINE("-h")), CLI_GOOD);
	assert_null(cli.command);
	cli_finish(&cli);
}

UNIT(numbers_have_ranges)
{
	struct cli cli;
	uint64_t number;
	assert_int_equal(read_line(&cli, LINE("replay", "f", "--limit", "5")), CLI_GOOD);
	assert_true(cli_number(&cli, OPTION_REPLAY_limit, 1, 5, 0, &number));
	assert_int_equal(number, 5);
	assert_false(cli_number(&cli, OPTION_REPLAY_limit, 6, 9, 0, &number));
	assert_true(cli_number(&cli, OPTION_REPLAY_connections, 1, 5, 3, &number));
	assert_int_equal(number, 3);
	cli_finish(&cli);
}

UNIT(lists_grow)
{
	struct cli cli;

	assert_int_equal(
	        read_line(&cli, LINE("credential", "add", "--originator", "C1", "--originator=C2,C3")),
	        CLI_GOOD);
	assert_string_equal(cli.option[OPTION_CREDENTIAL_originator], "C1,C2,C3");
	cli_finish(&cli);
	/* Others are given anew. */
	assert_int_equal(read_line(&cli, LINE("--at", "a", "get", "x", "--at", "b")), CLI_GOOD);
	assert_string_equal(cli.at, "b");
	cli_finish(&cli);
}

UNIT(proofs_come_from_the_environment_or_a_file)
{
	struct cli cli;

	assert_int_equal(setenv("DURE_TOKEN", "secret", 1), 0);
	assert_int_equal(read_line(&cli, LINE("get", "x")), CLI_GOOD);
	assert_string_equal(cli.token, "secret");
	cli_finish(&cli);
	assert_int_equal(setenv("DURE_PASSWORD", "word", 1), 0);
	assert_int_equal(read_line(&cli, LINE("get", "x", "--user", "kim")), CLI_GOOD);
	assert_null(cli.token);
	assert_string_equal(cli.password, "word");
	cli_finish(&cli);
	assert_int_equal(read_line(&cli, LINE("get", "x", "--token-file", "/nowhere/token")), CLI_REFUSED);
	cli_finish(&cli);
	unsetenv("DURE_TOKEN");
	unsetenv("DURE_PASSWORD");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        unit(lists_grow),
	        unit(proofs_come_from_the_environment_or_a_file),
	        unit(options_stand_anywhere),
	        unit(the_environment_stands_behind),
	        unit(wrong_lines_are_usage),
	        unit(help_needs_no_operands),
	        unit(numbers_have_ranges),
	};
	return unit_main(tests);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#define SECRET_MAX 256 /* bytes of a password or a token */

void secret_wipe(struct slice secret)
{
	if (secret.len)
		explicit_bzero((void *)(uintptr_t)secret.ptr, secret.len);
}

static int cannot(struct cli *cli, const char *path, int error)
{
	fprintf(stderr, T(cli, SECRET_CANNOT_READ), path, strerror(error));
	return CLI_REFUSED;
}

/* Reads to the end or to the first line's end. -errno, or bytes. */
static ssize_t read_up_to(int fd, char *bytes, size_t cap, bool line)
{
	size_t len = 0;

	while (len < cap) {
		ssize_t n = read(fd, bytes + len, line ? 1 : cap - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0 || (line && bytes[len] == '\n'))
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

int secret_read(struct cli *cli, const char *path, size_t most, struct slice *ret)
{
	bool standard = strcmp(path, "-") == 0;
	int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	char *bytes = arena_take(&cli->arena, most + 2);
	ssize_t len;

	if (fd < 0)
		return cannot(cli, path, errno);
	len = read_up_to(fd, bytes, most + 2, false);
	if (!standard)
		close(fd);
	if (len < 0)
		return cannot(cli, path, (int)-len);
	if (len > 0 && bytes[len - 1] == '\n')
		len--;
	if (len > 0 && bytes[len - 1] == '\r')
		len--;
	if (len == 0 || (size_t)len > most) {
		fprintf(stderr, T(cli, SECRET_SIZE), path, most);
		return CLI_REFUSED;
	}
	bytes[len] = '\0';
	*ret = slice_make(bytes, (size_t)len);
	return CLI_GOOD;
}

/* One line from the terminal, not shown. */
static int ask_once(struct cli *cli, int tty, const char *prompt, struct slice *ret)
{
	char *bytes = arena_take(&cli->arena, SECRET_MAX + 1);
	struct termios before, quiet;
	ssize_t len;

	if (tcgetattr(tty, &before) != 0)
		return cannot(cli, "/dev/tty", errno);
	quiet = before;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(tty, TCSAFLUSH, &quiet);
	dprintf(tty, "%s", prompt);
	len = read_up_to(tty, bytes, SECRET_MAX, true);
	tcsetattr(tty, TCSAFLUSH, &before);
	dprintf(tty, "\n");
	if (len < 0)
		return cannot(cli, "/dev/tty", (int)-len);
	bytes[len] = '\0';
	*ret = slice_make(bytes, (size_t)len);
	return CLI_GOOD;
}

int secret_ask(struct cli *cli, const char *user, bool twice, struct slice *ret)
{
	int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY), r;
	struct slice prompt = arena_printf(&cli->arena, T(cli, SECRET_PROMPT), user), again;

	if (tty < 0) {
		fprintf(stderr, "%s", T(cli, SECRET_NO_TERMINAL));
		return CLI_REFUSED;
	}
	r = ask_once(cli, tty, arena_text(&cli->arena, prompt), ret);
	if (r == CLI_GOOD && twice) {
		r = ask_once(cli, tty, T(cli, SECRET_AGAIN), &again);
		if (r == CLI_GOOD && !slice_is(*ret, again)) {
			fprintf(stderr, "%s", T(cli, SECRET_DIFFER));
			r = CLI_REFUSED;
		}
		if (r == CLI_GOOD)
			secret_wipe(again);
	}
	close(tty);
	return r;
}

int secret_password(struct cli *cli, const char *user, bool twice, struct slice *ret)
{
	const char *file = cli->option[OPTION_GLOBAL_password_file];
	const char *given = getenv("DURE_PASSWORD");

	if (file)
		return secret_read(cli, file, SECRET_MAX, ret);
	if (given && *given && !twice) {
		*ret = slice_of(given);
		return CLI_GOOD;
	}
	return secret_ask(cli, user, twice, ret);
}

int secret_proof(struct cli *cli)
{
	const char *file = cli->option[OPTION_GLOBAL_token_file], *given = getenv("DURE_TOKEN");
	const char *user = cli->option[OPTION_GLOBAL_user];
	struct slice secret;
	int r = CLI_GOOD;

	if (file)
		r = secret_read(cli, file, SECRET_MAX, &secret);
	else if (given && *given && !user)
		secret = slice_of(given);
	else
		secret = SLICE("");
	if (r == CLI_GOOD && secret.len)
		cli->token = secret.ptr;
	if (r == CLI_GOOD && user && !cli->token) {
		r = secret_password(cli, user, false, &secret);
		if (r == CLI_GOOD)
			cli->password = secret.ptr;
	}
	return r;
}

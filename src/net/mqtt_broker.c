/* SPDX-License-Identifier: Apache-2.0 */
/* The port is taken from the system and given back before the broker takes it: somebody may come between, so
 * a broker that does not come up is tried again with another. */
#include "net/mqtt_broker.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define BROKER_TRIES    5
#define BROKER_STEP_US  5000
#define BROKER_PATIENCE 2000 /* steps: ten seconds */

static const char *broker_program(void)
{
	static const char *const places[] = {"/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto",
	                                     "/usr/bin/mosquitto"};

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
		if (access(places[i], X_OK) == 0)
			return places[i];
	return NULL;
}

bool mqtt_broker_is_there(void)
{
	return broker_program() != NULL;
}

static int broker_socket(struct sockaddr_in *address, int port)
{
	*address = (struct sockaddr_in){.sin_family = AF_INET,
	                                .sin_port = htons((uint16_t)port),
	                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static int broker_free_port(void)
{
	struct sockaddr_in address;
	socklen_t len = sizeof(address);
	int fd = broker_socket(&address, 0), port = -EADDRNOTAVAIL;

	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&address, len) == 0 &&
	    getsockname(fd, (struct sockaddr *)&address, &len) == 0)
		port = ntohs(address.sin_port);
	close(fd);
	return port;
}

static bool broker_answers(int port)
{
	struct sockaddr_in address;
	int fd = broker_socket(&address, port);
	bool good = fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0;

	if (fd >= 0)
		close(fd);
	return good;
}

/* The lines of `more`, with the directory for each "@". */
static void broker_write_more(FILE *file, const char *more, const char *dir)
{
	for (; more && *more; more++)
		if (*more == '@')
			fputs(dir, file);
		else
			fputc(*more, file);
	fputc('\n', file);
}

static int broker_configure(const struct mqtt_broker *broker, const char *more)
{
	char path[96];
	FILE *file;

	snprintf(path, sizeof(path), "%s/mosquitto.conf", broker->dir);
	file = fopen(path, "we");
	if (!file)
		return -errno;
	if (!more || !strstr(more, "allow_anonymous"))
		fputs("allow_anonymous true\n", file);
	if (geteuid() == 0)
		fputs("user root\n", file);
	fprintf(file,
	        "listener %d 127.0.0.1\nlog_dest file %s/log\npersistence_location %s/\n"
	        "max_queued_messages 0\nmax_inflight_messages 0\nset_tcp_nodelay true\n",
	        broker->port, broker->dir, broker->dir);
	broker_write_more(file, more, broker->dir);
	return fclose(file) == 0 ? 0 : -errno;
}

static void broker_child(const char *program, const char *dir)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	char path[96];

	snprintf(path, sizeof(path), "%s/mosquitto.conf", dir);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	execl(program, program, "-c", path, (char *)NULL);
	_exit(127);
}

int mqtt_broker_again(struct mqtt_broker *broker)
{
	const char *program = broker_program();

	if (!program)
		return -ENOENT;
	broker->pid = fork();
	if (broker->pid < 0) {
		broker->pid = 0;
		return -errno;
	}
	if (broker->pid == 0)
		broker_child(program, broker->dir);
	for (int i = 0; i < BROKER_PATIENCE; i++) {
		if (broker_answers(broker->port))
			return 0;
		if (waitpid(broker->pid, NULL, WNOHANG) == broker->pid) {
			broker->pid = 0;
			return -EADDRINUSE;
		}
		usleep(BROKER_STEP_US);
	}
	mqtt_broker_kill(broker);
	return -ETIMEDOUT;
}

int mqtt_broker_start(struct mqtt_broker *broker, const char *more)
{
	const char *tmp = getenv("TMPDIR");
	int r = -ENOENT;

	*broker = (struct mqtt_broker){0};
	if (!broker_program())
		return r;
	snprintf(broker->dir, sizeof(broker->dir), "%s/dure-broker.XXXXXX",
	         tmp && strlen(tmp) < 32 ? tmp : "/tmp");
	if (!mkdtemp(broker->dir))
		return -errno;
	broker->has_made = true;
	for (int i = 0; i < BROKER_TRIES; i++) {
		broker->port = broker_free_port();
		if (broker->port < 0)
			return broker->port;
		snprintf(broker->url, sizeof(broker->url), "mqtt://127.0.0.1:%d", broker->port);
		r = broker_configure(broker, more);
		if (r == 0)
			r = mqtt_broker_again(broker);
		if (r != -EADDRINUSE)
			break;
	}
	return r;
}

static void broker_end(struct mqtt_broker *broker, int sig)
{
	if (broker->pid <= 0)
		return;
	kill(broker->pid, sig);
	waitpid(broker->pid, NULL, 0);
	broker->pid = 0;
}

void mqtt_broker_kill(struct mqtt_broker *broker)
{
	broker_end(broker, SIGKILL);
}

void mqtt_broker_stop(struct mqtt_broker *broker)
{
	DIR *folder;
	struct dirent *entry;

	broker_end(broker, SIGTERM);
	if (!broker->has_made)
		return;
	folder = opendir(broker->dir);
	while (folder && (entry = readdir(folder)))
		unlinkat(dirfd(folder), entry->d_name, 0);
	if (folder)
		closedir(folder);
	rmdir(broker->dir);
	broker->has_made = false;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The thread shares no memory with us: it has a copy of the name and the writing end of a pipe, and what it
 * writes (less than PIPE_BUF, so whole) is all that comes back. Who cancels closes the reading end. */
#include "net/mqtt_resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"

_Static_assert(sizeof(struct mqtt_addresses) <= PIPE_BUF, "written whole");

struct mqtt_resolve {
	struct loop *loop;
	struct watch watch; /* the reading end */
	void (*done)(void *user, const struct mqtt_addresses *addresses);
	void *user;
};

/* What the thread owns. */
struct question {
	int fd;
	char host[];
};

bool mqtt_resolve_is_address(const char *host)
{
	const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM};
	struct addrinfo *found;

	if (getaddrinfo(host, NULL, &hints, &found) != 0)
		return false;
	freeaddrinfo(found);
	return true;
}

static void *resolve_ask(void *arg)
{
	const struct addrinfo hints = {.ai_flags = AI_ADDRCONFIG, .ai_socktype = SOCK_STREAM};
	struct mqtt_addresses addresses = {0};
	struct question *question = arg;
	struct addrinfo *found = NULL;

	if (getaddrinfo(question->host, NULL, &hints, &found) == 0) {
		for (struct addrinfo *at = found; at && addresses.count < MQTT_ADDRESS_MOST; at = at->ai_next)
			if (getnameinfo(at->ai_addr, at->ai_addrlen, addresses.text[addresses.count],
			                MQTT_ADDRESS, NULL, 0, NI_NUMERICHOST) == 0)
				addresses.count++;
		freeaddrinfo(found);
	}
	/* When nobody reads any more, nobody wants to know. */
	if (write(question->fd, &addresses, sizeof(addresses)) < 0)
		addresses.count = 0;
	close(question->fd);
	free(question);
	return NULL;
}

static void resolve_ready(struct watch *watch, uint32_t events)
{
	struct mqtt_resolve *resolve = container_of(watch, struct mqtt_resolve, watch);
	void (*done)(void *user, const struct mqtt_addresses *addresses) = resolve->done;
	struct mqtt_addresses addresses;
	void *user = resolve->user;

	if (read(watch->fd, &addresses, sizeof(addresses)) != (ssize_t)sizeof(addresses))
		addresses.count = 0;
	mqtt_resolve_cancel(resolve);
	done(user, &addresses);
}

static int resolve_thread(struct question *question)
{
	sigset_t all, before;
	pthread_attr_t attr;
	pthread_t thread;
	int r;

	/* Signals are the main thread's. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	r = pthread_create(&thread, &attr, resolve_ask, question);
	pthread_attr_destroy(&attr);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -r;
}

int mqtt_resolve_start(struct loop *loop, const char *host,
                       void (*done)(void *user, const struct mqtt_addresses *addresses), void *user,
                       struct mqtt_resolve **ret)
{
	struct question *question;
	struct mqtt_resolve *resolve;
	int ends[2], r;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return -errno;
	resolve = mem_zero(1, sizeof(*resolve));
	*resolve = (struct mqtt_resolve){
	        .loop = loop, .watch = {.fd = ends[0], .ready = resolve_ready}, .done = done, .user = user};
	question = mem_zero(1, sizeof(*question) + strlen(host) + 1);
	question->fd = ends[1];
	memcpy(question->host, host, strlen(host) + 1);
	r = loop_add(loop, &resolve->watch, EPOLLIN);
	if (r == 0)
		r = resolve_thread(question);
	if (r != 0) {
		close(ends[1]);
		free(question);
		mqtt_resolve_cancel(resolve);
		return r;
	}
	*ret = resolve;
	return 0;
}

void mqtt_resolve_cancel(struct mqtt_resolve *resolve)
{
	if (!resolve)
		return;
	loop_remove(resolve->loop, &resolve->watch);
	close(resolve->watch.fd);
	free(resolve);
}

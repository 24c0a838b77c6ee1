/* SPDX-License-Identifier: Apache-2.0 */
/* Listening and accepting. Running out of descriptors must not make the loop spin, nor leave callers hanging
 * without a word: one descriptor is kept in reserve, given up to take the caller and to hang up on him. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/url.h"
#include "net/http_listen.h"

#define ACCEPT_MOST     128    /* connections taken per turn */
#define ACCEPT_PAUSE_US 100000 /* when there are no descriptors left at all */
#define LISTEN_BACKLOG  4096

static int listen_one(const struct addrinfo *address)
{
	int on = 1, off = 0, error;
	int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	/* Accepted connections inherit it. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (address->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	if (bind(fd, address->ai_addr, address->ai_addrlen) == 0 && listen(fd, LISTEN_BACKLOG) == 0)
		return fd;
	error = -errno;
	close(fd);
	return error;
}

/* The first address that can be listened on; IPv4 before IPv6 for a name, but all addresses for no name. */
static int listen_any(const char *host, const char *port)
{
	struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
	const int families[2] = {host[0] ? AF_INET : AF_INET6, host[0] ? AF_INET6 : AF_INET};
	int result = -EADDRNOTAVAIL;

	for (int i = 0; i < 2; i++) {
		struct addrinfo *list = NULL;

		hints.ai_family = families[i];
		if (getaddrinfo(host[0] ? host : NULL, port, &hints, &list) != 0)
			continue;
		for (struct addrinfo *a = list; a; a = a->ai_next) {
			result = listen_one(a);
			if (result >= 0)
				break;
		}
		freeaddrinfo(list);
		if (result >= 0 || result == -EADDRINUSE || result == -EACCES)
			break;
	}
	return result;
}

static int listen_port(int fd)
{
	struct sockaddr_storage address = {0};
	socklen_t len = sizeof(address);

	if (getsockname(fd, (struct sockaddr *)&address, &len) != 0)
		return 0;
	if (address.ss_family == AF_INET6)
		return ntohs(((struct sockaddr_in6 *)&address)->sin6_port);
	return ntohs(((struct sockaddr_in *)&address)->sin_port);
}

static void listen_name(const struct sockaddr_storage *address, char name[HTTP_PEER])
{
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)address;

	name[0] = 0;
	if (address->ss_family == AF_INET)
		inet_ntop(AF_INET, &((const struct sockaddr_in *)address)->sin_addr, name, HTTP_PEER);
	else if (address->ss_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr))
		inet_ntop(AF_INET, &v6->sin6_addr.s6_addr[12], name, HTTP_PEER);
	else if (address->ss_family == AF_INET6)
		inet_ntop(AF_INET6, &v6->sin6_addr, name, HTTP_PEER);
}

static void listen_accept_again(struct timer *timer)
{
	struct http_server *server = container_of(timer, struct http_server, accept_again);

	if (server->listen.fd >= 0)
		loop_change(server->loop, &server->listen, EPOLLIN);
}

/* No descriptor is left. False: not even a caller to hang up on. */
static bool listen_hang_up(struct http_server *server)
{
	bool took = false;

	log_warn("net", "out of file descriptors: a connection was refused");
	if (server->reserve >= 0) {
		int fd;

		close(server->reserve);
		fd = accept4(server->listen.fd, NULL, NULL, SOCK_CLOEXEC);
		took = fd >= 0;
		if (took)
			close(fd);
		server->reserve = open("/dev/null", O_RDONLY | O_CLOEXEC);
	}
	if (took) {
		server->stats.refused++;
		return true;
	}
	loop_change(server->loop, &server->listen, 0);
	timer_set(loop_wall_timers(server->loop), &server->accept_again,
	          loop_wall(server->loop) + ACCEPT_PAUSE_US);
	return false;
}

static void listen_take(struct http_server *server, int fd, const struct sockaddr_storage *address)
{
	char name[HTTP_PEER];

	if (server->stats.open >= server->limits.connections) {
		server->stats.refused++;
		close(fd);
		return;
	}
	listen_name(address, name);
	if (http_conn_create(server, fd, name))
		server->stats.accepted++;
	else
		server->stats.refused++;
}

static void listen_ready(struct watch *watch, uint32_t events)
{
	struct http_server *server = container_of(watch, struct http_server, listen);

	for (int i = 0; i < ACCEPT_MOST; i++) {
		struct sockaddr_storage address = {0};
		socklen_t len = sizeof(address);
		int fd = accept4(watch->fd, (struct sockaddr *)&address, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0) {
			listen_take(server, fd, &address);
		} else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
			if (!listen_hang_up(server))
				return;
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			return;
		}
		/* Anything else (ECONNABORTED ...) is the caller's trouble: next one. */
	}
}

int http_listen_open(struct http_server *server, const char *where)
{
	struct url_listen at;
	int fd, result;

	if (!url_read_listen(slice_of(where), &at))
		return -EINVAL;
	fd = listen_any(at.host, at.port);
	if (fd < 0)
		return fd;
	server->listen.fd = fd;
	server->listen.ready = listen_ready;
	server->accept_again.run = listen_accept_again;
	server->port = listen_port(fd);
	server->reserve = open("/dev/null", O_RDONLY | O_CLOEXEC);
	result = loop_add(server->loop, &server->listen, EPOLLIN);
	if (result != 0)
		http_listen_close(server);
	return result;
}

void http_listen_close(struct http_server *server)
{
	if (server->listen.fd < 0)
		return;
	loop_remove(server->loop, &server->listen);
	close(server->listen.fd);
	server->listen.fd = -1;
	if (server->reserve >= 0)
		close(server->reserve);
	server->reserve = -1;
	timer_clear(loop_wall_timers(server->loop), &server->accept_again);
}

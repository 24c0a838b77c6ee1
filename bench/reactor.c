/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/reactor.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define EVENTS_AT_ONCE 256

int reactor_init(struct reactor *reactor)
{
	reactor->fd = epoll_create1(EPOLL_CLOEXEC);
	return reactor->fd < 0 ? -errno : 0;
}

void reactor_finish(struct reactor *reactor)
{
	if (reactor->fd >= 0)
		close(reactor->fd);
	reactor->fd = -1;
}

int reactor_watch(struct reactor *reactor, int fd, struct reactor_item *item)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = item};

	return epoll_ctl(reactor->fd, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

int reactor_turn(struct reactor *reactor, int64_t wait_us)
{
	struct epoll_event events[EVENTS_AT_ONCE];
	struct timespec wait = {.tv_sec = wait_us / 1000000, .tv_nsec = wait_us % 1000000 * 1000};
	int count = epoll_pwait2(reactor->fd, events, EVENTS_AT_ONCE, &wait, NULL);

	if (count < 0)
		return errno == EINTR ? 0 : -errno;
	for (int i = 0; i < count; i++) {
		struct reactor_item *item = events[i].data.ptr;

		item->ready(item, events[i].events);
	}
	return 0;
}

static struct sockaddr_in loopback(uint16_t port)
{
	return (struct sockaddr_in){
	        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static int give_up(int fd)
{
	int error = errno;

	if (fd >= 0)
		close(fd);
	return -error;
}

int reactor_connect(uint16_t port)
{
	struct sockaddr_in address = loopback(port);
	int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) < 0 ||
	    fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
		return give_up(fd);
	return fd;
}

int reactor_listen(uint16_t port)
{
	struct sockaddr_in address = loopback(port);
	int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 4096) < 0)
		return give_up(fd);
	return fd;
}

uint16_t reactor_port(int fd)
{
	struct sockaddr_in address = {0};
	socklen_t size = sizeof(address);

	getsockname(fd, (struct sockaddr *)&address, &size);
	return ntohs(address.sin_port);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets of datagrams. A turn takes a bounded number of them, so that a flood at one door does not keep the
 * others waiting; the kernel drops what is too much. */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/url.h"
#include "net/coap_private.h"

#define DOOR_ROUNDS      4    /* so often in a turn, */
#define DOOR_TURN_US     2000 /* but no longer than this: a handshake costs much */
#define DOOR_KERNEL_ROOM (1 << 20)

union door_control {
	char room[CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(struct in_pktinfo))];
	size_t align;
};

/* Nearly all are of this kind, and inet_ntop took a tenth of a request's time. */
static void door_text_v4(const unsigned char bytes[4], char *ret)
{
	for (int i = 0; i < 4; i++) {
		unsigned n = bytes[i];

		if (n >= 100)
			*ret++ = (char)('0' + n / 100);
		if (n >= 10)
			*ret++ = (char)('0' + n / 10 % 10);
		*ret++ = (char)('0' + n % 10);
		*ret++ = '.';
	}
	ret[-1] = 0;
}

void coap_door_text(const struct coap_addr *addr, char ret[INET6_ADDRSTRLEN])
{
	const struct in6_addr *v6 = &addr->at.v6.sin6_addr;

	if (addr->at.any.sa_family == AF_INET)
		door_text_v4((const unsigned char *)&addr->at.v4.sin_addr, ret);
	else if (IN6_IS_ADDR_V4MAPPED(v6))
		door_text_v4(v6->s6_addr + 12, ret);
	else
		inet_ntop(AF_INET6, v6, ret, INET6_ADDRSTRLEN);
}

/* Where a datagram came to; of IPv4 both kinds tell on a socket for both families. False: to a whole group.
 * We serve none: what all are asked, many would answer, to whoever stands there as the sender. */
static bool door_local(const struct msghdr *header, struct coap_addr *addr)
{
	bool is_ours = true;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c;
	     c = CMSG_NXTHDR((struct msghdr *)(uintptr_t)header, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			struct in_pktinfo info;

			memcpy(&info, CMSG_DATA(c), sizeof(info));
			addr->local_family = AF_INET;
			addr->local.v4 = info.ipi_spec_dst;
			return info.ipi_spec_dst.s_addr == info.ipi_addr.s_addr;
		}
		if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
			struct in6_pktinfo info;

			memcpy(&info, CMSG_DATA(c), sizeof(info));
			addr->local_family = AF_INET6;
			addr->local.v6 = info.ipi6_addr;
			is_ours = !IN6_IS_ADDR_MULTICAST(&info.ipi6_addr);
		}
	}
	return is_ours;
}

/* Tells the kernel to send from there. */
static void door_from(struct msghdr *header, union door_control *control, const struct coap_addr *addr)
{
	struct cmsghdr *c;

	memset(control, 0, sizeof(*control));
	header->msg_control = control->room;
	header->msg_controllen = addr->local_family == AF_INET ? CMSG_SPACE(sizeof(struct in_pktinfo))
	                                                       : CMSG_SPACE(sizeof(struct in6_pktinfo));
	c = CMSG_FIRSTHDR(header);
	if (addr->local_family == AF_INET) {
		struct in_pktinfo info = {.ipi_spec_dst = addr->local.v4};

		c->cmsg_level = IPPROTO_IP;
		c->cmsg_type = IP_PKTINFO;
		c->cmsg_len = CMSG_LEN(sizeof(info));
		memcpy(CMSG_DATA(c), &info, sizeof(info));
	} else {
		struct in6_pktinfo info = {.ipi6_addr = addr->local.v6};

		c->cmsg_level = IPPROTO_IPV6;
		c->cmsg_type = IPV6_PKTINFO;
		c->cmsg_len = CMSG_LEN(sizeof(info));
		memcpy(CMSG_DATA(c), &info, sizeof(info));
	}
}

void coap_door_raw(struct coap_door *door, const struct coap_addr *addr, struct slice datagram)
{
	struct iovec bytes = {(void *)(uintptr_t)datagram.ptr, datagram.len};
	struct msghdr header = {.msg_iov = &bytes, .msg_iovlen = 1};
	union door_control control;

	if (!door->link) {
		header.msg_name = (void *)(uintptr_t)&addr->at;
		header.msg_namelen = addr->len;
		if (addr->local_family)
			door_from(&header, &control, addr);
	}
	if (sendmsg(door->watch.fd, &header, MSG_DONTWAIT) < 0 && door->link && errno == ECONNREFUSED)
		coap_link_error(door->link, errno);
}

void coap_door_send(const struct coap_path *path, struct slice datagram)
{
	if (path->door->link)
		coap_link_send(path->door->link, datagram);
	else if (path->peer)
		coap_peer_send(path->peer, datagram);
	else
		coap_door_raw(path->door, &path->addr, datagram);
}

void coap_door_empty(const struct coap_path *path, uint8_t kind, uint16_t id)
{
	struct coap_head head = {.kind = kind, .id = id};
	char room[8];
	struct buf buf = {.ptr = room, .cap = sizeof(room)};

	coap_codec_write(&buf, &head, NULL, 0, SLICE(""));
	coap_door_send(path, buf_slice(&buf));
}

/* Requests to those who serve, answers to those who wait for them. False: it is for nobody here. */
static bool door_deliver(struct coap_door *door, const struct coap_path *path, const struct coap_head *head,
                         const struct coap_message *message, struct slice datagram)
{
	bool asks = head->kind == COAP_CON || head->kind == COAP_NON;

	if (head->kind == COAP_ACK || head->kind == COAP_RST)
		coap_resend_acked(path, head->id, head->kind == COAP_RST);
	if (!door->link && asks && coap_is_request(head->code)) {
		coap_serve_request(path, head, message, datagram);
		return true;
	}
	return door->link && head->kind != COAP_RST && coap_is_response(head->code) &&
	       coap_call_answer(path, head, message);
}

void coap_door_take(struct coap_door *door, const struct coap_path *path, struct slice datagram)
{
	struct coap_message message;
	struct coap_head head;
	int r = coap_codec_read(datagram, &head, &message);

	if (r != 0)
		door->coap->stats.malformed++;
	if (r == -EINVAL || (r == 0 && door_deliver(door, path, &head, &message, datagram)))
		return;
	/* Pings, what nobody asked for, what cannot be read. RFC 7252 4.2, 4.3 */
	if (head.kind == COAP_CON)
		coap_door_empty(path, COAP_RST, head.id);
}

static void door_datagram(struct coap_door *door, const struct coap_addr *addr, struct slice datagram)
{
	if (door->link) {
		coap_link_datagram(door->link, datagram);
	} else if (door->dtls) {
		coap_peer_datagram(door, addr, datagram);
	} else {
		struct coap_path path = {.door = door, .addr = *addr};

		coap_door_take(door, &path, datagram);
	}
}

/* One round; returns how many came. */
static int door_round(struct coap_door *door)
{
	struct coap *coap = door->coap;
	struct mmsghdr headers[COAP_DATAGRAMS];
	struct iovec bytes[COAP_DATAGRAMS];
	union door_control control[COAP_DATAGRAMS];
	struct coap_addr addr[COAP_DATAGRAMS];
	/* A call may end the link, and with it the door, while its datagrams are read. */
	int count, most = door->link ? 1 : COAP_DATAGRAMS;

	for (int i = 0; i < most; i++) {
		bytes[i] = (struct iovec){coap->room + (size_t)i * COAP_DATAGRAM, COAP_DATAGRAM};
		headers[i].msg_hdr = (struct msghdr){.msg_name = &addr[i].at,
		                                     .msg_namelen = sizeof(addr[i].at),
		                                     .msg_iov = &bytes[i],
		                                     .msg_iovlen = 1};
		if (door->wildcard) {
			headers[i].msg_hdr.msg_control = control[i].room;
			headers[i].msg_hdr.msg_controllen = sizeof(control[i].room);
		}
	}
	count = recvmmsg(door->watch.fd, headers, (unsigned)most, MSG_DONTWAIT, NULL);
	if (count < 0 && door->link && errno != EAGAIN && errno != EINTR)
		coap_link_error(door->link, errno);
	for (int i = 0; i < count; i++) {
		addr[i].len = headers[i].msg_hdr.msg_namelen;
		addr[i].local_family = 0;
		if (door->wildcard && !door_local(&headers[i].msg_hdr, &addr[i]))
			continue;
		door_datagram(door, &addr[i], slice_make(bytes[i].iov_base, headers[i].msg_len));
	}
	return count;
}

static void door_ready(struct watch *watch, uint32_t events)
{
	struct coap_door *door = container_of(watch, struct coap_door, watch);
	int64_t until = door->dtls ? clock_wall_steady() + DOOR_TURN_US : INT64_MAX;

	(void)events;
	if (door->link) {
		door_round(door);
		return;
	}
	for (int i = 0; i < DOOR_ROUNDS; i++)
		if (door_round(door) < COAP_DATAGRAMS || (door->dtls && clock_wall_steady() > until))
			return;
}

static struct coap_door *door_new(struct coap *coap, int fd)
{
	struct coap_door *door = mem_zero(1, sizeof(*door));

	door->coap = coap;
	door->watch.fd = fd;
	door->watch.ready = door_ready;
	return door;
}

static bool door_is_wildcard(const struct sockaddr *addr)
{
	if (addr->sa_family == AF_INET)
		return ((const struct sockaddr_in *)(const void *)addr)->sin_addr.s_addr == INADDR_ANY;
	return IN6_IS_ADDR_UNSPECIFIED(&((const struct sockaddr_in6 *)(const void *)addr)->sin6_addr);
}

static int door_bind(const struct addrinfo *info)
{
	int on = 1, off = 0, room = DOOR_KERNEL_ROOM, error;
	int fd = socket(info->ai_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	if (info->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	if (door_is_wildcard(info->ai_addr)) {
		if (info->ai_family == AF_INET6)
			setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on));
		setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on));
	}
	if (bind(fd, info->ai_addr, info->ai_addrlen) == 0)
		return fd;
	error = -errno;
	close(fd);
	return error;
}

/* The first address that can be bound; for no name all addresses, by one socket for both families where there
 * is IPv6. */
static int door_bind_any(const char *host, const char *port, bool *ret_wildcard)
{
	struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_DGRAM};
	const int families[2] = {host[0] ? AF_UNSPEC : AF_INET6, AF_INET};
	int fd = -EADDRNOTAVAIL;

	for (int i = 0; i < 2 && (fd == -EADDRNOTAVAIL || fd == -EAFNOSUPPORT); i++) {
		struct addrinfo *list = NULL;

		hints.ai_family = families[i];
		if (getaddrinfo(host[0] ? host : NULL, port, &hints, &list) != 0)
			continue;
		for (const struct addrinfo *info = list; info && fd < 0; info = info->ai_next) {
			fd = door_bind(info);
			*ret_wildcard = door_is_wildcard(info->ai_addr);
		}
		freeaddrinfo(list);
	}
	return fd;
}

int coap_door_open(struct coap *coap, const char *listen, struct coap_dtls *dtls, struct why *why,
                   struct coap_door **ret)
{
	struct url_listen at;
	struct coap_door *door;
	bool wildcard = false;
	int fd, r;

	if (!url_read_listen(slice_of(listen), &at))
		return refuse(why, 4000, "%s: expected an address and a port, as in 127.0.0.1:5683", listen);
	fd = door_bind_any(at.host, at.port, &wildcard);
	if (fd < 0)
		return refuse(why, 4000, "%s: %s", listen, strerror(-fd));
	door = door_new(coap, fd);
	door->wildcard = wildcard;
	r = loop_add(coap->loop, &door->watch, EPOLLIN);
	if (r < 0) {
		close(fd);
		free(door);
		return r;
	}
	door->dtls = dtls;
	if (dtls)
		door->peers = coap_peer_begin(door, coap->config.sessions);
	*ret = door;
	return 0;
}

int coap_door_connect(struct coap *coap, struct coap_link *link, const struct coap_addr *addr,
                      struct coap_door **ret)
{
	int fd = socket(addr->at.any.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), r;
	struct coap_door *door;

	if (fd < 0)
		return -errno;
	door = door_new(coap, fd);
	door->link = link;
	r = connect(fd, &addr->at.any, addr->len) == 0 ? loop_add(coap->loop, &door->watch, EPOLLIN) : -errno;
	if (r < 0) {
		close(fd);
		free(door);
		return r;
	}
	*ret = door;
	return 0;
}

void coap_door_close(struct coap_door *door)
{
	if (!door)
		return;
	coap_peer_end(door->peers);
	loop_remove(door->coap->loop, &door->watch);
	close(door->watch.fd);
	coap_dtls_destroy(door->dtls);
	free(door);
}

int coap_door_port(const struct coap_door *door)
{
	struct coap_addr addr = {.len = sizeof(addr.at)};

	if (!door || getsockname(door->watch.fd, &addr.at.any, &addr.len) != 0)
		return 0;
	return ntohs(addr.at.any.sa_family == AF_INET ? addr.at.v4.sin_port : addr.at.v6.sin6_port);
}

void coap_door_tick(struct coap_door *door, int64_t now_us)
{
	if (door && door->peers)
		coap_peer_tick(door->peers, now_us);
}
